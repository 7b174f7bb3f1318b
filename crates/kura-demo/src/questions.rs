//! Five questions that the story answers, each as the command to ask it with.
//!
//! The answers come from the story's script. The rest of the organisation keeps out of their way
//! by design; a test asks the generated records the same questions.

use crate::clock;
use crate::organisation::CUSTOMER_BUCKET;
use crate::story::{BACK_DOOR, DATABASE, Fact, Story, THIEF_ADDR};
use crate::workload::LEAKED_USER;

/// A question with its answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    pub title_en: String,
    pub title_ja: String,
    pub command: Command,
    /// The rows that the command prints, in order, as text. Of a search: when, what, who and from
    /// where (`eventTime`, `eventName`, `userIdentity.arn`, `sourceIPAddress`), oldest first.
    pub answer: Vec<Vec<String>>,
}

/// What to ask with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// For `kura sql`. Has no double quotes, so that it fits between two.
    Sql(String),
    /// For `kura search`; the times are RFC 3339, `until` is not part of the span.
    Search { query: String, since: String, until: String },
}

/// All five.
pub fn questions(story: &Story, leaked_key: &str, window: (i64, i64)) -> Vec<Question> {
    vec![
        Question {
            title_en: "Who deleted the orders database, when, and from where?".to_owned(),
            title_ja: "注文データベースを削除したのは誰か。いつ、どこから?".to_owned(),
            command: Command::Sql(database_sql()),
            answer: database_answer(story),
        },
        Question {
            title_en: "Which long-lived key was suddenly used from a new address block, and what came of it?".to_owned(),
            title_ja: "これまでにないアドレス帯から使われた長期アクセスキーはどれか。どれだけ使われ、どれだけ失敗したか?".to_owned(),
            command: Command::Sql(KEY_SQL.to_owned()),
            answer: key_answer(story, leaked_key),
        },
        Question {
            title_en: "Who signed in without MFA, opened a port to the world, or stopped a trail?".to_owned(),
            title_ja: "MFA なしのサインイン、全世界へのポート開放、証跡の停止をしたのは誰か?".to_owned(),
            command: Command::Sql(DEFENCES_SQL.to_owned()),
            answer: defences_answer(story),
        },
        Question {
            title_en: "How much customer data was copied out, and through which chain of roles?".to_owned(),
            title_ja: "顧客データはどれだけ持ち出されたか。どのロールを経由したか?".to_owned(),
            command: Command::Sql(copied_sql()),
            answer: copied_answer(story),
        },
        Question {
            title_en: format!("Where does the user {BACK_DOOR} appear at all?"),
            title_ja: format!("ユーザー {BACK_DOOR} はどこに現れるか?"),
            command: Command::Search {
                query: BACK_DOOR.to_owned(),
                since: clock::iso(window.0),
                until: clock::iso(window.1),
            },
            answer: story.facts.iter().filter(|fact| fact.names_back_door).map(found).collect(),
        },
    ]
}

fn database_sql() -> String {
    format!(
        "SELECT eventtime, useridentity.arn, sourceipaddress, \
         json_extract_scalar(requestparameters, '$.skipFinalSnapshot') AS without_snapshot \
         FROM cloudtrail \
         WHERE eventname = 'DeleteDBInstance' AND errorcode IS NULL \
         AND json_extract_scalar(requestparameters, '$.dBInstanceIdentifier') = '{DATABASE}' \
         ORDER BY eventtime"
    )
}

fn database_answer(story: &Story) -> Vec<Vec<String>> {
    named(story, "DeleteDBInstance")
        .map(|fact| {
            vec![clock::iso(fact.time), fact.arn.clone(), fact.addr.clone(), "true".to_owned()]
        })
        .collect()
}

const KEY_SQL: &str = "WITH blocks AS (\
     SELECT useridentity.accesskeyid AS key, useridentity.username AS name, \
     split_part(sourceipaddress, '.', 1) || '.' || split_part(sourceipaddress, '.', 2) || '.' || split_part(sourceipaddress, '.', 3) AS block, \
     min(eventtime) AS first_seen, max(eventtime) AS last_seen, count(*) AS calls, count(errorcode) AS failed \
     FROM cloudtrail \
     WHERE useridentity.accesskeyid LIKE 'AKIA%' AND sourceipaddress NOT LIKE '%.amazonaws.com' \
     GROUP BY 1, 2, 3), \
     known AS (SELECT key AS known_key, min(first_seen) AS since FROM blocks GROUP BY 1) \
     SELECT key, name, block, first_seen, last_seen, calls, failed \
     FROM blocks JOIN known ON known_key = key \
     WHERE first_seen > since ORDER BY first_seen";

fn key_answer(story: &Story, leaked_key: &str) -> Vec<Vec<String>> {
    let used: Vec<&Fact> = story
        .facts
        .iter()
        .filter(|fact| fact.key == leaked_key && fact.addr == THIEF_ADDR)
        .collect();
    let block = THIEF_ADDR.rsplit_once('.').map_or(THIEF_ADDR, |(block, _)| block);
    vec![vec![
        leaked_key.to_owned(),
        LEAKED_USER.to_owned(),
        block.to_owned(),
        time_of(used.iter().map(|fact| fact.time).min()),
        time_of(used.iter().map(|fact| fact.time).max()),
        used.len().to_string(),
        used.iter().filter(|fact| fact.failed).count().to_string(),
    ]]
}

// People who come through Identity Center have shown their second factor there.
const DEFENCES_SQL: &str = "SELECT eventtime, eventname, useridentity.arn, sourceipaddress \
     FROM cloudtrail \
     WHERE errorcode IS NULL AND (eventname = 'StopLogging' \
     OR (eventname = 'ConsoleLogin' AND json_extract_scalar(additionaleventdata, '$.MFAUsed') = 'No' \
     AND useridentity.arn NOT LIKE '%/AWSReservedSSO_%') \
     OR (eventname = 'AuthorizeSecurityGroupIngress' AND requestparameters LIKE '%0.0.0.0/0%' \
     AND json_extract_scalar(requestparameters, '$.ipPermissions.items[0].fromPort') IN ('22', '3389'))) \
     ORDER BY eventtime";

fn defences_answer(story: &Story) -> Vec<Vec<String>> {
    let names = ["ConsoleLogin", "AuthorizeSecurityGroupIngress", "StopLogging"];
    story
        .facts
        .iter()
        .filter(|fact| names.contains(&fact.name))
        .map(|fact| {
            vec![clock::iso(fact.time), fact.name.to_owned(), fact.arn.clone(), fact.addr.clone()]
        })
        .collect()
}

fn copied_sql() -> String {
    format!(
        "WITH hops AS (\
         SELECT useridentity.accesskeyid AS from_key, useridentity.arn AS who, \
         json_extract_scalar(responseelements, '$.credentials.accessKeyId') AS to_key, \
         json_extract_scalar(requestparameters, '$.roleArn') AS role \
         FROM cloudtrail \
         WHERE eventname = 'AssumeRole' AND errorcode IS NULL AND useridentity.accesskeyid IS NOT NULL), \
         copied AS (\
         SELECT useridentity.accesskeyid AS key, count(*) AS objects, \
         CAST(sum(CAST(json_extract_scalar(additionaleventdata, '$.bytesTransferredOut') AS DOUBLE)) AS BIGINT) AS bytes, \
         min(eventtime) AS first_seen, max(eventtime) AS last_seen \
         FROM cloudtrail \
         WHERE eventname = 'GetObject' AND errorcode IS NULL AND sourceipaddress LIKE '{}.%' \
         AND json_extract_scalar(requestparameters, '$.bucketName') = '{CUSTOMER_BUCKET}' \
         GROUP BY 1) \
         SELECT hop1.who, hop1.role AS first_role, hop2.role AS second_role, objects, bytes, first_seen, last_seen \
         FROM copied JOIN hops AS hop2 ON hop2.to_key = copied.key \
         JOIN hops AS hop1 ON hop1.to_key = hop2.from_key \
         ORDER BY bytes DESC",
        THIEF_ADDR.rsplit_once('.').map_or(THIEF_ADDR, |(block, _)| block)
    )
}

fn copied_answer(story: &Story) -> Vec<Vec<String>> {
    let copies: Vec<&Fact> = named(story, "GetObject").collect();
    let hop_to = |key: &str| story.facts.iter().find(|fact| fact.new_key.as_deref() == Some(key));
    let Some(second) = copies.first().and_then(|fact| hop_to(&fact.key)) else { return Vec::new() };
    let Some(first) = hop_to(&second.key) else { return Vec::new() };
    vec![vec![
        first.arn.clone(),
        // The session that a hop led to is the caller of the next one.
        role_of(&second.arn),
        role_of(&copies[0].arn),
        copies.len().to_string(),
        copies.iter().map(|fact| fact.bytes).sum::<u64>().to_string(),
        time_of(copies.iter().map(|fact| fact.time).min()),
        time_of(copies.iter().map(|fact| fact.time).max()),
    ]]
}

/// Calls of the story that worked, by name.
fn named<'a>(story: &'a Story, name: &'a str) -> impl Iterator<Item = &'a Fact> {
    story.facts.iter().filter(move |fact| fact.name == name && !fact.failed)
}

fn found(fact: &Fact) -> Vec<String> {
    vec![clock::iso(fact.time), fact.name.to_owned(), fact.arn.clone(), fact.addr.clone()]
}

fn time_of(time: Option<i64>) -> String {
    time.map(clock::iso).unwrap_or_default()
}

/// The role of a session's ARN.
fn role_of(session: &str) -> String {
    let (role, _) = session.rsplit_once('/').unwrap_or((session, ""));
    role.replace(":sts:", ":iam:").replace("assumed-role/", "role/")
}
