//! Events of three days in two accounts: 90 a day, in files of their own.

use serde_json::{Value, json};

pub const DAYS: [&str; 3] = ["2026-11-18", "2026-11-19", "2026-11-20"];
pub const EVENTS_PER_DAY: usize = 90;

/// One batch per day; `_id` is `<day>-<number>`.
pub fn three_days() -> Vec<Vec<Value>> {
    DAYS.iter().map(|day| (0..EVENTS_PER_DAY).map(|at| event(day, at)).collect()).collect()
}

fn event(day: &str, at: usize) -> Value {
    let (hour, minute) = (at / 4, at % 4 * 15);
    let account = ["111111111111", "222222222222"][at % 2];
    let (source, name, request) = call(at);
    let mut event = json!({
        "eventVersion": "1.11",
        "userIdentity": identity(day, at, account),
        "eventTime": format!("{day}T{hour:02}:{minute:02}:00Z"),
        "eventSource": source,
        "eventName": name,
        "awsRegion": (["ap-northeast-1", "us-east-1"][at / 3 % 2]),
        "sourceIPAddress": format!("203.0.113.{}", at % 7),
        "userAgent": (["aws-cli/2.17", "console.amazonaws.com"][at % 2]),
        "requestParameters": request,
        "responseElements": null,
        "requestID": format!("request-{at}"),
        "eventID": format!("{day}-{at:03}"),
        "readOnly": name.starts_with("Describe") || name.starts_with("Get"),
        "eventType": "AwsApiCall",
        "recipientAccountId": account,
        "eventCategory": "Management",
    });
    if at % 10 == 3 {
        event["errorCode"] = "AccessDenied".into();
        event["errorMessage"] = format!("User is not authorized to perform: {name}").into();
    }
    if name == "GetObject" {
        event["resources"] = json!([
            {"ARN": "arn:aws:s3:::logs/secret.txt", "type": "AWS::S3::Object"},
            {"ARN": "arn:aws:s3:::logs", "type": "AWS::S3::Bucket", "accountId": account},
        ]);
    }
    event
}

fn call(at: usize) -> (&'static str, &'static str, Value) {
    match at % 6 {
        0 => (
            "s3.amazonaws.com",
            "GetObject",
            json!({"bucketName": "logs", "key": "secret.txt", "size": 12, "tags": ["a", "b c"]}),
        ),
        1 => ("ec2.amazonaws.com", "DescribeInstances", json!({"maxResults": 5, "filterSet": {}})),
        2 => (
            "rds.amazonaws.com",
            "DeleteDBInstance",
            json!({"dBInstanceIdentifier": format!("prod-{at}"), "skipFinalSnapshot": true}),
        ),
        3 => ("iam.amazonaws.com", "CreateUser", json!({"userName": "mallory 100%_sure"})),
        4 => (
            "sts.amazonaws.com",
            "AssumeRole",
            json!({"roleArn": "arn:aws:iam::111111111111:role/Admin"}),
        ),
        _ => ("signin.amazonaws.com", "ConsoleLogin", Value::Null),
    }
}

/// A key of one day only, so that its file can be told from the others.
pub fn key_of(day: &str) -> String {
    format!("AKIA{}", day.replace('-', ""))
}

fn identity(day: &str, at: usize, account: &str) -> Value {
    match at % 5 {
        0 => {
            json!({"type": "Root", "arn": format!("arn:aws:iam::{account}:root"), "accountId": account})
        }
        1 => json!({
            "type": "IAMUser", "userName": "alice", "accessKeyId": key_of(day),
            "arn": format!("arn:aws:iam::{account}:user/alice"), "accountId": account,
        }),
        2 => json!({
            "type": "AssumedRole", "principalId": "AROA:session", "accessKeyId": "ASIA1",
            "arn": format!("arn:aws:sts::{account}:assumed-role/Admin/session"),
            "sessionContext": {"attributes": {"mfaAuthenticated": "false"}},
        }),
        3 => json!({"type": "AWSService", "invokedBy": "ec2.amazonaws.com"}),
        _ => json!({"type": "AWSAccount", "principalId": "AIDAX", "accountId": "333333333333"}),
    }
}
