//! Insights events in, rows out.

use expect_test::{Expect, expect};

use super::*;
use crate::formats::shown::shown;
use crate::recognise::{Recognised, recognise};

#[track_caller]
fn check_shown(records: &str, expected: &Expect) {
    expected.assert_eq(&shown(&FORMAT, records));
}

const EVENT: &str = r#"{"eventVersion":"1.08","eventTime":"2026-11-20T10:00:00Z","awsRegion":"us-east-1","eventID":"e1","eventType":"AwsCloudTrailInsight","recipientAccountId":"123456789012","sharedEventID":"s1","insightDetails":{"state":"Start","eventSource":"iam.amazonaws.com","eventName":"GetUser","insightType":"ApiCallRateInsight","insightContext":{"statistics":{"baseline":{"average":0.01}}}},"eventCategory":"Insight","addendum":1}"#;

#[test]
fn an_insight_and_what_is_none() {
    let records = format!("{{\"Records\":[{EVENT},{{\"eventVersion\":\"1.08\"}}]}}");
    check_shown(
        &records,
        &expect![[r#"
        2 not_an_event: none of `insightdetails`
        {"_time":"2026-11-20T10:00:00Z","eventversion":"1.08","eventtime":"2026-11-20T10:00:00Z","awsregion":"us-east-1","eventid":"e1","eventtype":"AwsCloudTrailInsight","recipientaccountid":"123456789012","sharedeventid":"s1","insightdetails":{"state":"Start","eventsource":"iam.amazonaws.com","eventname":"GetUser","insighttype":"ApiCallRateInsight","insightcontext":"{\"statistics\":{\"baseline\":{\"average\":0.01}}}"},"eventcategory":"Insight","_account":"123456789012","_region":"us-east-1","_id":"e1","_origin":"s3://logs/key#1","_extra":"{\"addendum\":1}","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
    "#]],
    );
}

#[test]
fn keys_and_first_records_tell() {
    for (key, head) in [
        (
            "AWSLogs/123456789012/CloudTrail-Insight/us-east-1/2026/11/20/123456789012_CloudTrail-Insight_us-east-1_20261120T1000Z_a.json.gz",
            "",
        ),
        ("x", EVENT),
        ("x", r#"{"Records":[{"eventType":"AwsCloudTrailInsight"}]}"#),
    ] {
        match recognise(key, head.as_bytes()) {
            Recognised::Records { format, .. } => assert_eq!(format.name(), NAME, "{key} {head}"),
            other => panic!("{key} {head}: {other:?}"),
        }
    }
}
