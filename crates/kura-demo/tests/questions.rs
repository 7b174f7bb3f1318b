//! The answers, found once more in plain Rust by reading the records, not the script.

mod reading;

use std::collections::BTreeMap;

use kura_demo::{Command, Question};
use reading::{demo, text, unique_records};
use serde_json::Value;

type Rows = Vec<Vec<String>>;

#[test]
fn the_records_give_the_answers() {
    for (seed, days, events) in [(1, 7, 6_000), (7, 1, 2_000), (42, 2, 4_000), (5, 3, 4_000)] {
        let demo = demo(seed, days, events);
        let mut records = unique_records(&demo);
        records.sort_by_key(|record| text(record, "/eventTime").to_owned());
        let questions = demo.questions();
        let [database, key, defences, copied, search] = &questions[..] else {
            panic!("{} questions", questions.len());
        };
        assert_eq!(database.answer, deleted(&records));
        assert_eq!(key.answer, new_blocks(&records));
        assert_eq!(defences.answer, lowered_defences(&records));
        assert_eq!(copied.answer, copied_out(&records));
        assert_eq!(search.answer, found(&records, search));
        for question in &questions {
            assert!((1..=10).contains(&question.answer.len()), "{question:#?}");
        }
    }
}

#[test]
fn commands_fit_between_double_quotes() {
    for question in demo(1, 7, 2_000).questions() {
        let (Command::Sql(command) | Command::Search { query: command, .. }) = &question.command;
        assert!(!command.contains(['"', '`', '\n', '\\']), "{command}");
        assert!(!question.title_en.is_empty() && !question.title_ja.is_ascii());
    }
}

fn worked(record: &Value) -> bool {
    record.get("errorCode").is_none()
}

fn is(record: &Value, name: &str) -> bool {
    record["eventName"] == name
}

fn columns(record: &Value, pointers: &[&str]) -> Vec<String> {
    pointers.iter().map(|pointer| text(record, pointer).to_owned()).collect()
}

fn deleted(records: &[Value]) -> Rows {
    records
        .iter()
        .filter(|record| worked(record) && is(record, "DeleteDBInstance"))
        .filter(|record| text(record, "/requestParameters/dBInstanceIdentifier") == "orders-prod")
        .map(|record| {
            let mut row = columns(record, &["/eventTime", "/userIdentity/arn", "/sourceIPAddress"]);
            row.push(record["requestParameters"]["skipFinalSnapshot"].to_string());
            row
        })
        .collect()
}

/// First use, last use, calls and failures of a key in a block.
#[derive(Clone)]
struct Use {
    name: String,
    first: String,
    last: String,
    calls: u64,
    failed: u64,
}

fn new_blocks(records: &[Value]) -> Rows {
    let mut uses: BTreeMap<(String, String), Use> = BTreeMap::new();
    for record in records {
        let (key, addr) =
            (text(record, "/userIdentity/accessKeyId"), text(record, "/sourceIPAddress"));
        let Some((block, _)) = addr.rsplit_once('.').filter(|_| !addr.ends_with(".amazonaws.com"))
        else {
            continue;
        };
        if !key.starts_with("AKIA") {
            continue;
        }
        let time = text(record, "/eventTime").to_owned();
        let entry = uses.entry((key.to_owned(), block.to_owned())).or_insert_with(|| Use {
            name: text(record, "/userIdentity/userName").to_owned(),
            first: time.clone(),
            last: String::new(),
            calls: 0,
            failed: 0,
        });
        entry.last = time;
        entry.calls += 1;
        entry.failed += u64::from(!worked(record));
    }
    uses.iter()
        .filter(|((key, _), found)| {
            uses.iter().any(|((other, _), before)| other == key && before.first < found.first)
        })
        .map(|((key, block), found)| {
            let found = found.clone();
            vec![
                key.clone(),
                found.name,
                block.clone(),
                found.first,
                found.last,
                found.calls.to_string(),
                found.failed.to_string(),
            ]
        })
        .collect()
}

fn lowered_defences(records: &[Value]) -> Rows {
    records
        .iter()
        .filter(|record| worked(record))
        .filter(|record| {
            let permission = &record["requestParameters"]["ipPermissions"]["items"][0];
            let port = permission["fromPort"].as_u64();
            is(record, "StopLogging")
                || is(record, "ConsoleLogin")
                    && text(record, "/additionalEventData/MFAUsed") == "No"
                    && !text(record, "/userIdentity/arn").contains("/AWSReservedSSO_")
                || is(record, "AuthorizeSecurityGroupIngress")
                    && permission.to_string().contains("0.0.0.0/0")
                    && (port == Some(22) || port == Some(3389))
        })
        .map(|record| {
            columns(record, &["/eventTime", "/eventName", "/userIdentity/arn", "/sourceIPAddress"])
        })
        .collect()
}

fn copied_out(records: &[Value]) -> Rows {
    let copies: Vec<&Value> = records
        .iter()
        .filter(|record| worked(record) && is(record, "GetObject"))
        .filter(|record| text(record, "/requestParameters/bucketName") == "hoshizora-customer-data")
        .filter(|record| text(record, "/sourceIPAddress").starts_with("192.0.2."))
        .collect();
    let hop_to = |key: &str| {
        let hops: Vec<&Value> = records
            .iter()
            .filter(|record| worked(record) && is(record, "AssumeRole"))
            .filter(|record| text(record, "/responseElements/credentials/accessKeyId") == key)
            .filter(|record| record.pointer("/userIdentity/accessKeyId").is_some())
            .collect();
        assert_eq!(hops.len(), 1, "one way to {key}");
        hops[0]
    };
    let second = hop_to(text(copies[0], "/userIdentity/accessKeyId"));
    let first = hop_to(text(second, "/userIdentity/accessKeyId"));
    let bytes: f64 = copies
        .iter()
        .filter_map(|record| record["additionalEventData"]["bytesTransferredOut"].as_f64())
        .sum();
    vec![vec![
        text(first, "/userIdentity/arn").to_owned(),
        text(first, "/requestParameters/roleArn").to_owned(),
        text(second, "/requestParameters/roleArn").to_owned(),
        copies.len().to_string(),
        format!("{bytes:.0}"),
        text(copies[0], "/eventTime").to_owned(),
        text(copies[copies.len() - 1], "/eventTime").to_owned(),
    ]]
}

fn found(records: &[Value], question: &Question) -> Rows {
    let Command::Search { query, since, until } = &question.command else { panic!("no search") };
    records
        .iter()
        .filter(|record| record.to_string().contains(query.as_str()))
        .filter(|record| (since.as_str()..until.as_str()).contains(&text(record, "/eventTime")))
        .map(|record| {
            columns(record, &["/eventTime", "/eventName", "/userIdentity/arn", "/sourceIPAddress"])
        })
        .collect()
}
