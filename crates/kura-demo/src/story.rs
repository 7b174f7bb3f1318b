//! The hidden story, as a script: a leaked key, a chain of roles, a copied bucket, a deleted
//! database, and the one who finds out.
//!
//! Four acts; the steps are read from top to bottom. With three days or more the first two acts
//! have a day each and the others share the last; with fewer days the acts move together, which
//! their times of day (UTC) allow. The story stays the same however many other events there are.

use std::collections::{BTreeMap, HashMap};

use crate::caller::{self, Caller, Role};
use crate::clock::{DAY, SLOT};
use crate::event::{Event, Kind, fails, read, write};
use crate::events;
use crate::ids::mix;
use crate::organisation::{Account, Organisation, PEOPLE, Region};
use crate::record::{Call, Outcome, Recipe, Record};
use crate::text;
use crate::workload::{CI_SERVER, LEAKED_USER};

/// Where the thief calls from; nobody else ever does. The browser is on another machine.
pub const THIEF_ADDR: &str = "192.0.2.44";
const THIEF_BROWSER_ADDR: &str = "192.0.2.61";
/// The user that was meant as a back door.
pub const BACK_DOOR: &str = "svc-metrics-agent";
/// The database that goes.
pub const DATABASE: &str = "orders-prod";
/// How many objects are copied, in how many seconds.
const COPIED_OBJECTS: u32 = 412;
const COPYING_SECONDS: i64 = 38 * 60;

const ORCHESTRATOR: &str = "DeployOrchestrator";
const EXPORTER: &str = "AnalyticsExport";
const SALT_OF_THE_STORY: u64 = 0x5707;

/// Whose hand makes a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Hand {
    /// The CI server, as every night.
    CiServer,
    /// The thief with the CI server's key.
    Thief,
    /// The thief in the deployment role of the prod account.
    Orchestrator,
    /// From there in the export role of the data account.
    Exporter,
    /// The thief in the console of the prod account.
    Browser,
    /// The responder, in one account after the other.
    Responder(Account),
}

/// Which part of the story a step belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Act {
    Theft,
    Copying,
    Damage,
    Response,
}

/// One line of the script.
#[derive(Debug, Clone, Copy)]
struct Step {
    act: Act,
    /// Time of day, UTC.
    at: &'static str,
    hand: Hand,
    event: Event,
    outcome: Outcome,
    region: Region,
    /// Who gets the credentials that the call hands out.
    gives: Option<Hand>,
    /// How often, spread over how many seconds.
    times: (u32, i64),
}

/// What is known about one call of the story; the answers are computed from these.
#[derive(Debug, Clone)]
pub struct Fact {
    pub name: &'static str,
    pub time: i64,
    pub arn: String,
    pub addr: String,
    pub key: String,
    /// The key that the call handed out, if it did.
    pub new_key: Option<String>,
    pub failed: bool,
    /// What went over the wire, of data events.
    pub bytes: u64,
    #[cfg(test)]
    pub event_id: String,
    /// Whether the record names the back door.
    pub names_back_door: bool,
}

/// The story with all its records.
#[derive(Debug)]
pub struct Story {
    pub facts: Vec<Fact>,
    /// When the leaked key stops working.
    pub key_dead_at: i64,
    /// By the five minutes they happen in.
    records: BTreeMap<i64, Vec<Record>>,
}

impl Story {
    /// Plays the script within a window of days.
    pub fn new(organisation: &Organisation, window: (i64, i64)) -> Story {
        let mut story =
            Story { facts: Vec::new(), key_dead_at: window.1, records: BTreeMap::new() };
        let mut hands = HashMap::new();
        let script = [theft(), copying(), damage(), response()].concat();
        for step in &script {
            story.play(organisation, window, step, &mut hands);
        }
        story
    }

    /// The records of the slot that starts at a time.
    pub fn slot(&self, slot: i64) -> &[Record] {
        self.records.get(&slot).map_or(&[], Vec::as_slice)
    }

    /// How many records the story has.
    pub fn record_count(&self) -> u64 {
        self.records.values().map(|records| records.len() as u64).sum()
    }

    fn play(
        &mut self,
        organisation: &Organisation,
        window: (i64, i64),
        step: &Step,
        hands: &mut HashMap<Hand, Caller>,
    ) {
        let recipe = Recipe::new(step.event);
        let start = step.act.midnight(window) + seconds(step.at);
        let giving = step.gives.map(|hand| hand.caller(organisation, start));
        let caller =
            hands.entry(step.hand).or_insert_with(|| step.hand.caller(organisation, start));
        let (count, spread) = step.times;
        for number in 0..i64::from(count) {
            let salt = mix(organisation.seed ^ SALT_OF_THE_STORY, self.facts.len() as u64);
            let (near, far) = recipe.records(&Call {
                organisation,
                caller,
                region: step.region,
                time: start + number * spread / i64::from(count),
                salt,
                outcome: step.outcome,
                new_key: giving.as_ref().map(|caller| caller.key.as_str()),
                other_account: giving.as_ref().map_or(caller.account, |caller| caller.account),
            });
            if step.event.name == "UpdateAccessKey" {
                self.key_dead_at = near.time;
            }
            self.facts.push(Fact::new(step, caller, giving.as_ref(), salt, &near));
            for record in [Some(near), far].into_iter().flatten() {
                self.records.entry(record.time / SLOT * SLOT).or_default().push(record);
            }
        }
        if let (Some(hand), Some(caller)) = (step.gives, giving) {
            hands.insert(hand, caller);
        }
    }
}

impl Fact {
    fn new(
        step: &Step,
        caller: &Caller,
        giving: Option<&Caller>,
        salt: u64,
        record: &Record,
    ) -> Fact {
        Fact {
            name: step.event.name,
            time: record.time,
            arn: caller.arn.clone(),
            addr: caller.addr.clone(),
            key: caller.key.clone(),
            new_key: giving.map(|caller| caller.key.clone()),
            failed: step.outcome != Outcome::Done,
            bytes: match step.event.kind {
                Kind::Data => text::bytes_on_the_wire(salt) as u64,
                _ => 0,
            },
            #[cfg(test)]
            event_id: crate::record::event_id(salt, false),
            names_back_door: record.json.contains(BACK_DOOR),
        }
    }
}

impl Act {
    /// The first second of the act's day.
    fn midnight(self, window: (i64, i64)) -> i64 {
        let days = (window.1 - window.0) / DAY;
        let days_before_last = match self {
            Act::Theft => 2,
            Act::Copying => 1,
            Act::Damage | Act::Response => 0,
        };
        window.1 - DAY - days_before_last.min(days - 1) * DAY
    }
}

const OLD_CLI: &str = "aws-cli/1.29.62 md/Botocore#1.31.62 ua/2.0 os/linux#5.15.0-1051 md/arch#x86_64 lang/python#3.8.10 md/pyimpl#CPython cfg/retry-mode#legacy botocore/1.31.62";
const THIEF_SCRIPT: &str = "Boto3/1.35.99 md/Botocore#1.35.99 ua/2.0 os/linux#6.11.2-amd64 md/arch#x86_64 lang/python#3.12.6 md/pyimpl#CPython cfg/retry-mode#legacy Botocore/1.35.99";
const THIEF_CLI: &str = "aws-cli/2.22.35 md/awscrt#0.22.0 ua/2.0 os/linux#6.11.2-amd64 md/arch#x86_64 lang/python#3.12.6 md/pyimpl#CPython cfg/retry-mode#standard md/prompt#off md/command#s3.sync";
const THIEF_BROWSER: &str =
    "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0";
const RESPONDER_CLI: &str = "aws-cli/2.31.8 md/awscrt#0.27.6 ua/2.1 os/macos#25.1.0 md/arch#arm64 lang/python#3.13.7 md/pyimpl#CPython m/b,E,Z cfg/retry-mode#standard md/installer#exe md/prompt#off";

impl Hand {
    /// The caller; where it has a session, the session starts now.
    fn caller(self, organisation: &Organisation, now: i64) -> Caller {
        let user = || Caller::iam_user(organisation, Account::Dev, LEAKED_USER);
        let session = |account, role| {
            Caller::role_session(organisation, account, Role::plain(role), "release-pipeline", now)
        };
        let (caller, addr, agent) = match self {
            Hand::CiServer => (user(), CI_SERVER, OLD_CLI),
            Hand::Thief => (user(), THIEF_ADDR, THIEF_SCRIPT),
            Hand::Orchestrator => (session(Account::Prod, ORCHESTRATOR), THIEF_ADDR, THIEF_SCRIPT),
            Hand::Exporter => (session(Account::Data, EXPORTER), THIEF_ADDR, THIEF_CLI),
            Hand::Browser => {
                (session(Account::Prod, ORCHESTRATOR), THIEF_BROWSER_ADDR, THIEF_BROWSER)
            }
            Hand::Responder(account) => return responder(organisation, account, now),
        };
        let console = self == Hand::Browser;
        Caller { addr: addr.to_owned(), agent: agent.to_owned(), console, ..caller }
    }
}

/// Who is on duty, in the session that the permission set for such nights gives.
fn responder(organisation: &Organisation, account: Account, now: i64) -> Caller {
    let person = PEOPLE.iter().find(|person| person.login == "lena.vogt").unwrap_or(&PEOPLE[0]);
    let signed_in = now - 240;
    Caller {
        agent: RESPONDER_CLI.to_owned(),
        ..caller::person_session(organisation, account, person, "IncidentResponse", signed_in)
    }
}

/// Seconds since midnight of `02:14:09`.
fn seconds(at: &str) -> i64 {
    at.split(':').fold(0, |total, part| total * 60 + part.parse::<i64>().unwrap_or(0))
}

const fn step(act: Act, at: &'static str, hand: Hand, event: Event) -> Step {
    Step {
        act,
        at,
        hand,
        event,
        outcome: Outcome::Done,
        region: Region::Tokyo,
        gives: None,
        times: (1, 0),
    }
}

impl Step {
    const fn denied(mut self) -> Step {
        self.outcome = Outcome::Denied;
        self
    }
    const fn failed(mut self) -> Step {
        self.outcome = Outcome::Failed(0);
        self
    }
    const fn gives(mut self, hand: Hand) -> Step {
        self.gives = Some(hand);
        self
    }
    const fn times(mut self, count: u32, seconds: i64) -> Step {
        self.times = (count, seconds);
        self
    }
    const fn region(mut self, region: Region) -> Step {
        self.region = region;
        self
    }
}

/// A row of the everyday tables.
fn row(key: &'static str) -> Event {
    let row = events::find(key);
    debug_assert!(row.is_some(), "no row for {key}");
    row.unwrap_or(read("sts", "GetCallerIdentity"))
}

// --- the script ---

/// The nightly job runs as always; an hour and a half later somebody else tries the same key.
fn theft() -> Vec<Step> {
    let act = Act::Theft;
    let thief = |at, event| step(act, at, Hand::Thief, event);
    let inside = |at, event| step(act, at, Hand::Orchestrator, event);
    vec![
        step(act, "00:40:05", Hand::CiServer, row("sts:GetCallerIdentity")),
        step(act, "00:40:07", Hand::CiServer, row("ecr:GetAuthorizationToken")),
        thief("02:14:09", row("sts:GetCallerIdentity")),
        thief("02:14:41", read("iam", "GetUser").request("null")),
        thief(
            "02:14:43",
            read("iam", "ListAttachedUserPolicies").request(r#"{"userName":"ci-deploy"}"#),
        ),
        thief("02:15:20", row("iam:ListUsers")).denied().times(3, 9),
        thief("02:15:31", row("iam:ListRoles")).denied().times(2, 6),
        thief("02:15:38", read("iam", "GetAccountAuthorizationDetails")).denied().times(2, 4),
        thief("02:15:45", row("s3:ListBuckets")).denied().times(3, 8),
        thief("02:15:58", row("ec2:DescribeInstances")).denied().times(3, 5),
        thief("02:16:05", row("ec2:DescribeInstances"))
            .region(Region::Frankfurt)
            .denied()
            .times(2, 4),
        thief("02:16:11", row("ec2:DescribeInstances"))
            .region(Region::Virginia)
            .denied()
            .times(2, 4),
        thief("02:16:20", row("secretsmanager:ListSecrets")).denied().times(3, 7),
        thief("02:16:31", row("ssm:DescribeParameters")).denied().times(2, 5),
        thief("02:16:40", row("lambda:ListFunctions20150331")).denied().times(3, 6),
        thief("02:16:52", row("rds:DescribeDBInstances")).denied().times(3, 8),
        thief("02:17:04", row("dynamodb:ListTables")).denied().times(2, 3),
        thief("02:17:12", read("kms", "ListKeys")).denied().times(2, 4),
        thief("02:17:20", row("organizations:DescribeOrganization")).denied().times(2, 5),
        thief("02:17:31", row("cloudtrail:DescribeTrails")).denied().times(2, 5),
        thief("02:26:13", ASSUME_ADMINISTRATOR).denied(),
        thief("02:31:50", ASSUME_ORCHESTRATOR).gives(Hand::Orchestrator),
        inside("02:32:20", row("sts:GetCallerIdentity")),
        inside("02:33:02", row("iam:ListRoles")),
        inside("02:33:40", row("s3:ListBuckets")),
        inside("02:34:15", row("rds:DescribeDBInstances")),
        inside("02:35:01", row("secretsmanager:ListSecrets")).denied(),
    ]
}

/// Over the deployment role into the data account, and out with the customers' data.
fn copying() -> Vec<Step> {
    let act = Act::Copying;
    let copy = |at, event| step(act, at, Hand::Exporter, event);
    vec![
        step(act, "11:02:13", Hand::Thief, ASSUME_ORCHESTRATOR).gives(Hand::Orchestrator),
        step(act, "11:03:02", Hand::Orchestrator, ASSUME_DATA_ADMINISTRATOR).denied(),
        step(act, "11:03:47", Hand::Orchestrator, ASSUME_EXPORTER).gives(Hand::Exporter),
        copy("11:04:10", row("sts:GetCallerIdentity")),
        copy("11:04:38", row("s3:ListBuckets")),
        copy("11:05:02", row("s3:ListObjects")).times(3, 40),
        copy("11:06:00", row("s3:GetObject")).times(COPIED_OBJECTS, COPYING_SECONDS),
    ]
}

/// In the console: a door opened, a trail stopped, a user made, the database deleted.
fn damage() -> Vec<Step> {
    let act = Act::Damage;
    let click = |at, event| step(act, at, Hand::Browser, event);
    vec![
        step(act, "17:48:31", Hand::Thief, ASSUME_ORCHESTRATOR).gives(Hand::Orchestrator),
        step(act, "17:52:10", Hand::Orchestrator, GET_SIGNIN_TOKEN),
        click("17:52:24", write("signin", "ConsoleLogin")
            .kind(Kind::SignIn)
            .response(r#"{"ConsoleLogin":"Success"}"#)
            .extra(r#"{"LoginTo":"https://console.aws.amazon.com/","MobileVersion":"No","MFAUsed":"No"}"#)),
        click("17:58:40", row("ec2:DescribeSecurityGroups")),
        click("18:01:12", OPEN_SSH),
        click("18:01:55", OPEN_RDP),
        click("18:06:33", row("cloudtrail:DescribeTrails")),
        click("18:06:41", row("cloudtrail:GetTrailStatus")),
        click("18:07:20", write("cloudtrail", "StopLogging").request(PROD_TRAIL)),
        click("18:12:05", CREATE_BACK_DOOR),
        click("18:12:31", write("iam", "CreateAccessKey").request(r#"{"userName":"svc-metrics-agent"}"#)).denied(),
        click("18:12:58", write("iam", "AttachUserPolicy").request(
            r#"{"userName":"svc-metrics-agent","policyArn":"arn:aws:iam::aws:policy/AdministratorAccess"}"#,
        )).denied(),
        click("18:29:00", row("rds:DescribeDBInstances")),
        click("18:31:47", UNPROTECT_DATABASE),
        click("18:33:02", DELETE_DATABASE),
    ]
}

/// The one on duty finds the database gone, shuts the thief out and repairs.
fn response() -> Vec<Step> {
    let act = Act::Response;
    let on_duty = |account, at, event| step(act, at, Hand::Responder(account), event);
    use Account::{Data, Dev, Prod};
    vec![
        on_duty(Prod, "19:05:10", DATABASE_IS_GONE).failed(),
        on_duty(Prod, "19:06:02", row("cloudtrail:LookupEvents")).times(4, 90),
        on_duty(Prod, "19:08:15", row("cloudtrail:GetTrailStatus")),
        on_duty(
            Dev,
            "19:16:20",
            read("iam", "ListAccessKeys").request(r#"{"userName":"ci-deploy"}"#),
        ),
        on_duty(
            Dev,
            "19:18:22",
            write("iam", "UpdateAccessKey").request(
                r#"{"userName":"ci-deploy","accessKeyId":"<leakedkey>","status":"Inactive"}"#,
            ),
        ),
        on_duty(
            Prod,
            "19:24:05",
            revoke_sessions(
                r#"{"roleName":"DeployOrchestrator","policyName":"AWSRevokeOlderSessions","policyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Deny\",\"Action\":\"*\",\"Resource\":\"*\",\"Condition\":{\"DateLessThan\":{\"aws:TokenIssueTime\":\"<time>\"}}}]}"}"#,
            ),
        ),
        on_duty(
            Data,
            "19:26:31",
            revoke_sessions(
                r#"{"roleName":"AnalyticsExport","policyName":"AWSRevokeOlderSessions","policyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Deny\",\"Action\":\"*\",\"Resource\":\"*\",\"Condition\":{\"DateLessThan\":{\"aws:TokenIssueTime\":\"<time>\"}}}]}"}"#,
            ),
        ),
        on_duty(Prod, "19:31:07", write("cloudtrail", "StartLogging").request(PROD_TRAIL)),
        on_duty(Prod, "19:34:12", CLOSE_SSH),
        on_duty(Prod, "19:34:40", CLOSE_RDP),
        on_duty(
            Prod,
            "19:37:02",
            read("iam", "ListAccessKeys").request(r#"{"userName":"svc-metrics-agent"}"#),
        ),
        on_duty(
            Prod,
            "19:37:25",
            write("iam", "DeleteUser").request(r#"{"userName":"svc-metrics-agent"}"#),
        ),
        on_duty(
            Dev,
            "19:41:16",
            write("iam", "DeleteAccessKey")
                .request(r#"{"userName":"ci-deploy","accessKeyId":"<leakedkey>"}"#),
        ),
        on_duty(Prod, "19:55:44", RESTORE_DATABASE),
    ]
}

// --- what only the story calls ---

const PROD_TRAIL: &str =
    r#"{"name":"arn:aws:cloudtrail:<region>:<account>:trail/hoshizora-prod-trail"}"#;

/// `AssumeRole` into another account.
const fn assume(request: &'static str, response: &'static str, resources: &'static str) -> Event {
    read("sts", "AssumeRole")
        .kind(Kind::CrossAccount)
        .request(request)
        .response(response)
        .resources(resources)
}

const ASSUME_ORCHESTRATOR: Event = assume(
    r#"{"roleArn":"arn:aws:iam::333344445555:role/DeployOrchestrator","roleSessionName":"release-pipeline","durationSeconds":3600}"#,
    r#"{"credentials":{"accessKeyId":"<newkey>","sessionToken":"<token>","expiration":"<expiry>"},"assumedRoleUser":{"assumedRoleId":"<orchestratorid>:release-pipeline","arn":"arn:aws:sts::333344445555:assumed-role/DeployOrchestrator/release-pipeline"}}"#,
    r#"[{"accountId":"333344445555","type":"AWS::IAM::Role","ARN":"arn:aws:iam::333344445555:role/DeployOrchestrator"}]"#,
);
const ASSUME_EXPORTER: Event = assume(
    r#"{"roleArn":"arn:aws:iam::666677778888:role/AnalyticsExport","roleSessionName":"release-pipeline"}"#,
    r#"{"credentials":{"accessKeyId":"<newkey>","sessionToken":"<token>","expiration":"<expiry>"},"assumedRoleUser":{"assumedRoleId":"<exporterid>:release-pipeline","arn":"arn:aws:sts::666677778888:assumed-role/AnalyticsExport/release-pipeline"}}"#,
    r#"[{"accountId":"666677778888","type":"AWS::IAM::Role","ARN":"arn:aws:iam::666677778888:role/AnalyticsExport"}]"#,
);
const ASSUME_ADMINISTRATOR: Event = assume(
    r#"{"roleArn":"arn:aws:iam::333344445555:role/OrganizationAccountAccessRole","roleSessionName":"release-pipeline"}"#,
    "null",
    "",
);
const ASSUME_DATA_ADMINISTRATOR: Event = assume(
    r#"{"roleArn":"arn:aws:iam::666677778888:role/OrganizationAccountAccessRole","roleSessionName":"release-pipeline"}"#,
    "null",
    "",
);

const GET_SIGNIN_TOKEN: Event = read("signin", "GetSigninToken")
    .kind(Kind::SignIn)
    .response(r#"{"GetSigninToken":"Success"}"#)
    .extra(r#"{"MobileVersion":"No","MFAUsed":"No"}"#);

const OPEN_SSH: Event = write("ec2", "AuthorizeSecurityGroupIngress")
    .request(r#"{"groupId":"<sg>","ipPermissions":{"items":[{"ipProtocol":"tcp","fromPort":22,"toPort":22,"groups":{},"ipRanges":{"items":[{"cidrIp":"0.0.0.0/0"}]},"ipv6Ranges":{},"prefixListIds":{}}]}}"#)
    .response(r#"{"requestId":"<requestid>","_return":true,"securityGroupRuleSet":{"items":[{"groupOwnerId":"<account>","groupId":"<sg>","securityGroupRuleId":"sgr-<hex>","isEgress":false,"ipProtocol":"tcp","fromPort":22,"toPort":22,"cidrIpv4":"0.0.0.0/0"}]}}"#);
const OPEN_RDP: Event = write("ec2", "AuthorizeSecurityGroupIngress")
    .request(r#"{"groupId":"<sg>","ipPermissions":{"items":[{"ipProtocol":"tcp","fromPort":3389,"toPort":3389,"groups":{},"ipRanges":{"items":[{"cidrIp":"0.0.0.0/0"}]},"ipv6Ranges":{},"prefixListIds":{}}]}}"#)
    .response(r#"{"requestId":"<requestid>","_return":true,"securityGroupRuleSet":{"items":[{"groupOwnerId":"<account>","groupId":"<sg>","securityGroupRuleId":"sgr-<hex>","isEgress":false,"ipProtocol":"tcp","fromPort":3389,"toPort":3389,"cidrIpv4":"0.0.0.0/0"}]}}"#);
const CLOSE_SSH: Event = write("ec2", "RevokeSecurityGroupIngress")
    .request(r#"{"groupId":"<sg>","ipPermissions":{"items":[{"ipProtocol":"tcp","fromPort":22,"toPort":22,"groups":{},"ipRanges":{"items":[{"cidrIp":"0.0.0.0/0"}]},"ipv6Ranges":{},"prefixListIds":{}}]}}"#)
    .response(r#"{"requestId":"<requestid>","_return":true}"#);
const CLOSE_RDP: Event = write("ec2", "RevokeSecurityGroupIngress")
    .request(r#"{"groupId":"<sg>","ipPermissions":{"items":[{"ipProtocol":"tcp","fromPort":3389,"toPort":3389,"groups":{},"ipRanges":{"items":[{"cidrIp":"0.0.0.0/0"}]},"ipv6Ranges":{},"prefixListIds":{}}]}}"#)
    .response(r#"{"requestId":"<requestid>","_return":true}"#);

const CREATE_BACK_DOOR: Event = write("iam", "CreateUser")
    .request(r#"{"userName":"svc-metrics-agent","path":"/"}"#)
    .response(r#"{"user":{"path":"/","userName":"svc-metrics-agent","userId":"<newuserid>","arn":"arn:aws:iam::<account>:user/svc-metrics-agent","createDate":"<expiry>"}}"#);

const UNPROTECT_DATABASE: Event = write("rds", "ModifyDBInstance")
    .request(r#"{"dBInstanceIdentifier":"orders-prod","deletionProtection":false,"applyImmediately":true,"allowMajorVersionUpgrade":false}"#)
    .response(r#"{"dBInstanceIdentifier":"orders-prod","dBInstanceClass":"db.r7g.2xlarge","engine":"postgres","dBInstanceStatus":"available","masterUsername":"shop","deletionProtection":false,"multiAZ":true}"#);
const DELETE_DATABASE: Event = write("rds", "DeleteDBInstance")
    .request(r#"{"dBInstanceIdentifier":"orders-prod","skipFinalSnapshot":true,"deleteAutomatedBackups":false}"#)
    .response(r#"{"dBInstanceIdentifier":"orders-prod","dBInstanceClass":"db.r7g.2xlarge","engine":"postgres","engineVersion":"16.4","dBInstanceStatus":"deleting","masterUsername":"shop","dBName":"orders","endpoint":{"address":"orders-prod.c4x0example.<region>.rds.amazonaws.com","port":5432},"allocatedStorage":2000,"multiAZ":true,"storageEncrypted":true,"deletionProtection":false,"dBInstanceArn":"arn:aws:rds:<region>:<account>:db:orders-prod"}"#);
const DATABASE_IS_GONE: Event = read("rds", "DescribeDBInstances")
    .request(r#"{"dBInstanceIdentifier":"orders-prod"}"#)
    .failures(&[fails(0, "DBInstanceNotFound", "DBInstance orders-prod not found.")]);
const RESTORE_DATABASE: Event = write("rds", "RestoreDBInstanceToPointInTime")
    .request(r#"{"sourceDbiResourceId":"db-HOSHIZORAORDERS","targetDBInstanceIdentifier":"orders-prod-restored","useLatestRestorableTime":true,"deletionProtection":true}"#)
    .response(r#"{"dBInstanceIdentifier":"orders-prod-restored","dBInstanceClass":"db.r7g.2xlarge","engine":"postgres","dBInstanceStatus":"creating","masterUsername":"shop","deletionProtection":true}"#);

const fn revoke_sessions(request: &'static str) -> Event {
    write("iam", "PutRolePolicy").request(request)
}
