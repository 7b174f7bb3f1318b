//! Findings and discovery results of Macie in, rows out.

use expect_test::{Expect, expect};

use super::*;
use crate::formats::shown::shown;
use crate::recognise::{Recognised, recognise};

#[track_caller]
fn check_shown(records: &str, expected: &Expect) {
    expected.assert_eq(&shown(&FORMAT, records));
}

const RESULT: &str = r#"{"schemaVersion":"1.0","id":"r1","accountId":"123456789012","region":"eu-west-1","createdAt":"2026-11-20T10:00:00.000Z","updatedAt":"2026-11-20T10:00:01.000Z","category":"CLASSIFICATION","resourcesAffected":{"s3Bucket":{"arn":"arn:aws:s3:::b","name":"b","tags":[]},"s3Object":{"path":"b/k.csv","size":12,"publicAccess":false}},"classificationDetails":{"jobId":"j","result":{"status":{"code":"SKIPPED","reason":"UNSUPPORTED_FILE_EXTENSION"}}}}"#;

const POLICY_FINDING: &str = r#"{"id":"f1","accountId":"123456789012","region":"eu-west-1","type":"Policy:IAMUser/S3BucketPublic","category":"POLICY","severity":{"score":3,"description":"High"},"updatedAt":"2026-11-20T10:00:00Z","count":2,"resourcesAffected":{"s3Bucket":{"arn":"arn:aws:s3:::b"},"s3Object":null},"policyDetails":{"action":{"actionType":"AWS_API_CALL"},"actor":{"ipAddressDetails":{"ipAddressV4":"192.0.2.1"}}},"archived":false,"new":1}"#;

#[test]
fn results_findings_and_what_is_none() {
    check_shown(
        &format!(
            "{RESULT}\n{{\"findings\":[{POLICY_FINDING}]}}\n{{\"detail-type\":\"Macie Finding\",\"detail\":{POLICY_FINDING}}}\n{{\"id\":\"x\"}}\n"
        ),
        &expect![[r#"
            4 not_an_event: none of `resourcesaffected`, `classificationdetails`, `policydetails`
            {"_time":"2026-11-20T10:00:01Z","schemaversion":"1.0","id":"r1","accountid":"123456789012","region":"eu-west-1","category":"CLASSIFICATION","createdat":"2026-11-20T10:00:00.000Z","updatedat":"2026-11-20T10:00:01.000Z","classificationdetails":{"jobid":"j","result":"{\"status\":{\"code\":\"SKIPPED\",\"reason\":\"UNSUPPORTED_FILE_EXTENSION\"}}"},"resourcesaffected":{"s3bucket":{"arn":"arn:aws:s3:::b","name":"b","tags":"[]"},"s3object":{"path":"b/k.csv","size":12,"publicaccess":false}},"_account":"123456789012","_region":"eu-west-1","_resource":"arn:aws:s3:::b b/k.csv","_id":"at-50e0103b55dba5a3","_origin":"s3://logs/key#1","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
            {"_time":"2026-11-20T10:00:00Z","id":"f1","accountid":"123456789012","region":"eu-west-1","type":"Policy:IAMUser/S3BucketPublic","category":"POLICY","severity":{"description":"High","score":3},"count":2,"updatedat":"2026-11-20T10:00:00Z","resourcesaffected":{"s3bucket":{"arn":"arn:aws:s3:::b"}},"policydetails":{"action":"{\"actionType\":\"AWS_API_CALL\"}","actor":{"ipaddressdetails":{"ipaddressv4":"192.0.2.1"}}},"archived":false,"_account":"123456789012","_region":"eu-west-1","_addr":"192.0.2.1","_resource":"arn:aws:s3:::b","_id":"at-d54a76d6b2462b90","_origin":"s3://logs/key#2","_extra":"{\"new\":1}","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
            {"_time":"2026-11-20T10:00:00Z","id":"f1","accountid":"123456789012","region":"eu-west-1","type":"Policy:IAMUser/S3BucketPublic","category":"POLICY","severity":{"description":"High","score":3},"count":2,"updatedat":"2026-11-20T10:00:00Z","resourcesaffected":{"s3bucket":{"arn":"arn:aws:s3:::b"}},"policydetails":{"action":"{\"actionType\":\"AWS_API_CALL\"}","actor":{"ipaddressdetails":{"ipaddressv4":"192.0.2.1"}}},"archived":false,"_account":"123456789012","_region":"eu-west-1","_addr":"192.0.2.1","_resource":"arn:aws:s3:::b","_id":"at-fee5325a566c9de6","_origin":"s3://logs/key#3|eventbridge","_extra":"{\"new\":1}","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
        "#]],
    );
}

#[test]
fn an_event_says_where_and_when_if_its_detail_does_not() {
    check_shown(
        r#"{"detail-type":"Macie Finding","id":"e","account":"210987654321","region":"eu-west-2","time":"2020-11-20T10:00:00Z","detail":{"policyDetails":{}}}"#,
        &expect![[r#"
            {"_time":"2020-11-20T10:00:00Z","policydetails":{},"_account":"210987654321","_region":"eu-west-2","_id":"at-3925e7c388c47f2e","_origin":"s3://logs/key#1|eventbridge","_ingested":"2023-11-14T22:13:20Z","day":"2020-11-20"}
        "#]],
    );
}

#[test]
fn keys_and_first_records_tell() {
    let findings = format!(r#"{{"findings":[{POLICY_FINDING}]}}"#);
    for (key, head) in [
        ("a/AWSLogs/123456789012/Macie/eu-west-1/j1/123456789012/0f.jsonl.gz", ""),
        ("x", RESULT),
        ("x", &findings),
        ("x", r#"{"detail-type":"Macie Finding","detail":{}}"#),
    ] {
        match recognise(key, head.as_bytes()) {
            Recognised::Records { format, .. } => assert_eq!(format.name(), NAME, "{key} {head}"),
            other => panic!("{key} {head}: {other:?}"),
        }
    }
    let recognised = recognise("123456789012/macie-test-object", b"");
    assert!(matches!(recognised, Recognised::Nothing(_)));
}
