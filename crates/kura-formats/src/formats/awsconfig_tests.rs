//! Configuration items in, rows out.

use expect_test::{Expect, expect};

use super::*;
use crate::formats::KeyFacts;
use crate::formats::shown::shown;
use crate::recognise::{Recognised, recognise};

#[track_caller]
fn check_shown(records: &str, expected: &Expect) {
    expected.assert_eq(&shown(&FORMAT, records));
}

const ITEM: &str = r#"{"relatedEvents":["e1"],"relationships":[{"resourceId":"vpc-1","resourceName":null,"resourceType":"AWS::EC2::VPC","name":"Is contained in Vpc"}],"configuration":{"instanceId":"i-1"},"supplementaryConfiguration":{"BucketPolicy":{"policyText":null},"Acl":"{}"},"tags":{"Name":"web"},"configurationItemVersion":"1.3","configurationItemCaptureTime":"2026-09-07T10:00:00.000Z","configurationStateId":1757239200000,"awsAccountId":"123456789012","configurationItemStatus":"OK","resourceType":"AWS::EC2::Instance","resourceId":"i-1","ARN":"arn:i-1","awsRegion":"eu-west-1"}"#;

#[test]
fn items_of_snapshots_old_ones_and_none() {
    let old = r#"{"configurationItemVersion":"1.0","resourceId":"vol-1","arn":"arn:vol-1","accountId":"12345678910","configurationItemCaptureTime":"2014-03-07T23:47:08.918Z","configurationStateID":"3e66","configurationStateId":"3e66","configurationItemStatus":"ResourceDeleted","tags":[]}"#;
    check_shown(
        &format!(
            "{{\"fileVersion\": \"1.0\", \"configSnapshotId\": \"s\", \"configurationItems\": [\n{ITEM},\n{old},{{\"resourceId\":\"x\"}}, 1]}}"
        ),
        &expect![[r#"
            3 not_an_event: none of `configurationitemcapturetime`, `configurationitemstatus`
            4 not_an_object: an element of the array is not an object
            {"_time":"2026-09-07T10:00:00Z","relatedevents":["e1"],"relationships":[{"resourceid":"vpc-1","resourcetype":"AWS::EC2::VPC","name":"Is contained in Vpc"}],"configuration":"{\"instanceId\":\"i-1\"}","supplementaryconfiguration":{"BucketPolicy":"{\"policyText\":null}","Acl":"{}"},"tags":{"Name":"web"},"configurationitemversion":"1.3","configurationitemcapturetime":"2026-09-07T10:00:00.000Z","configurationstateid":1757239200000,"awsaccountid":"123456789012","configurationitemstatus":"OK","resourcetype":"AWS::EC2::Instance","resourceid":"i-1","arn":"arn:i-1","awsregion":"eu-west-1","_account":"123456789012","_region":"eu-west-1","_resource":"i-1 arn:i-1","_id":"at-50e0103b55dba5a3","_origin":"s3://logs/key#1","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
            {"_time":"2014-03-07T23:47:08.918Z","configurationitemversion":"1.0","configurationitemcapturetime":"2014-03-07T23:47:08.918Z","configurationitemstatus":"ResourceDeleted","resourceid":"vol-1","_account":"111122223333","_region":"us-west-1","_resource":"vol-1","_id":"at-d54a76d6b2462b90","_origin":"s3://logs/key#2","_extra":"{\"arn\":\"arn:vol-1\",\"accountId\":\"12345678910\",\"configurationStateID\":\"3e66\",\"configurationStateId\":\"3e66\",\"tags\":[]}","_ingested":"2023-11-14T22:13:20Z","day":"2014-03-07"}
        "#]],
    );
}

#[test]
fn notifications_hold_one_item() {
    let message = r#""configurationItemDiff":{"changeType":"UPDATE"},"configurationItem":{"configurationItemStatus":"OK","ARN":"a"},"messageType":"ConfigurationItemChangeNotification","recordVersion":"1.3""#;
    check_shown(
        &format!(
            "{{{message}}}\n{{\"detail-type\":\"Config Configuration Item Change\",\"account\":\"210987654321\",\"time\":\"2026-11-20T10:00:00Z\",\"detail\":{{{message}}}}}"
        ),
        &expect![[r#"
            {"_time":"2020-09-13T12:26:40Z","configurationitemstatus":"OK","arn":"a","configurationitemdiff":"{\"changeType\":\"UPDATE\"}","messagetype":"ConfigurationItemChangeNotification","_account":"111122223333","_region":"us-west-1","_resource":"a","_id":"at-d9148c4680f8eabb","_origin":"s3://logs/key#1|configurationItem","_extra":"{\"recordVersion\":\"1.3\"}","_ingested":"2023-11-14T22:13:20Z","day":"2020-09-13"}
            {"_time":"2026-11-20T10:00:00Z","configurationitemstatus":"OK","arn":"a","configurationitemdiff":"{\"changeType\":\"UPDATE\"}","messagetype":"ConfigurationItemChangeNotification","_account":"210987654321","_region":"us-west-1","_resource":"a","_id":"at-68bbd4a9b54a83cc","_origin":"s3://logs/key#2|eventbridge","_extra":"{\"recordVersion\":\"1.3\"}","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
        "#]],
    );
}

#[test]
fn keys_and_first_records_tell() {
    let snapshot = format!(r#"{{"fileVersion":"1.0","configurationItems":[{ITEM}]}}"#);
    let folder = "a/AWSLogs/123456789012/Config/us-gov-west-1/2026/9/7";
    let file = "123456789012_Config_us-gov-west-1";
    for (key, head) in [
        (
            format!("{folder}/ConfigSnapshot/{file}_ConfigSnapshot_20260907T183939Z_16da.json.gz"),
            "",
        ),
        (
            format!(
                "{folder}/ConfigHistory/{file}_ConfigHistory_AWS::S3::Bucket_20260907T183939Z_20260907T193939Z_1.json.gz"
            ),
            "",
        ),
        (
            format!(
                "{folder}/OversizedChangeNotification/AWS::S3::Bucket/b/{file}_ChangeNotification_AWS::S3::Bucket_b_20260907T183939Z_0.json.gz"
            ),
            "",
        ),
        ("x".to_owned(), ITEM),
        ("x".to_owned(), &snapshot),
        ("x".to_owned(), &snapshot[..120]),
        (
            "x".to_owned(),
            r#"{"configurationItemDiff":null,"configurationItem":{"relatedEvents":[],"#,
        ),
        ("x".to_owned(), r#"{"detail-type":"Config Configuration Item Change","detail":{}}"#),
    ] {
        match recognise(&key, head.as_bytes()) {
            Recognised::Records { format, facts } => {
                assert_eq!(format.name(), NAME, "{key} {head}");
                let KeyFacts { account, region, time } = facts;
                if head.is_empty() {
                    assert_eq!(account.as_deref(), Some("123456789012"));
                    assert_eq!(region.as_deref(), Some("us-gov-west-1"));
                    assert_eq!(time, Some(1_788_806_379_000_000));
                }
            }
            other => panic!("{key} {head}: {other:?}"),
        }
    }
    for (key, head) in [
        ("AWSLogs/123456789012/Config/ConfigWritabilityCheckFile", ""),
        ("x", r#"{"detail-type":"Config Rules Compliance Change","detail":{}}"#),
        ("x", r#"{"configRuleId":"c","invokingEvent":"{\"configurationItem\":{}}"}"#),
        ("x", r#"{"configurationItems":[]}"#),
    ] {
        let recognised = recognise(key, head.as_bytes());
        assert!(matches!(recognised, Recognised::Nothing(_)), "{key} {head}: {recognised:?}");
    }
}
