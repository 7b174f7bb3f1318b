//! Results of malware scans in, rows out.

use expect_test::{Expect, expect};

use super::*;
use crate::formats::shown::shown;
use crate::recognise::{Recognised, recognise};

#[track_caller]
fn check_shown(records: &str, expected: &Expect) {
    expected.assert_eq(&shown(&FORMAT, records));
}

const EVENT: &str = r#"{"detail-type":"GuardDuty Malware Protection Object Scan Result","account":"123456789012","region":"eu-west-1","time":"2026-11-20T10:00:00Z","detail":{"schemaVersion":"1.0","scanStatus":"COMPLETED","resourceType":"S3_OBJECT","s3ObjectDetails":{"bucketName":"b","objectKey":"k","eTag":"e","s3Throttled":false,"new":1},"scanResultDetails":{"scanResultStatus":"NO_THREATS_FOUND","threats":null}}}"#;

#[test]
fn a_scan_one_without_its_envelope_and_none() {
    let bare = r#"{"scanStatus":"SKIPPED","s3ObjectDetails":{"bucketName":"b"},"scanResultDetails":"odd"}"#;
    check_shown(
        &format!("{EVENT}\n{bare}\n{{\"detail-type\":\"x\",\"detail\":{{}}}}\n"),
        &expect![[r#"
            3 not_an_event: none of `s3objectdetails`, `scanresultdetails`
            {"_time":"2026-11-20T10:00:00Z","schemaversion":"1.0","scanstatus":"COMPLETED","resourcetype":"S3_OBJECT","s3objectdetails":{"bucketname":"b","objectkey":"k","etag":"e","s3throttled":false},"scanresultdetails":{"scanresultstatus":"NO_THREATS_FOUND"},"_account":"123456789012","_region":"eu-west-1","_resource":"b k","_id":"at-3925e7c388c47f2e","_origin":"s3://logs/key#1|eventbridge","_extra":"{\"s3ObjectDetails\":{\"new\":1}}","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
            {"_time":"2020-09-13T12:26:40Z","scanstatus":"SKIPPED","s3objectdetails":{"bucketname":"b"},"_account":"111122223333","_region":"us-west-1","_resource":"b","_id":"at-d54a76d6b2462b90","_origin":"s3://logs/key#2","_extra":"{\"scanResultDetails\":\"odd\"}","_ingested":"2023-11-14T22:13:20Z","day":"2020-09-13"}
        "#]],
    );
}

#[test]
fn first_records_tell() {
    match recognise("x", EVENT.as_bytes()) {
        Recognised::Records { format, .. } => assert_eq!(format.name(), NAME),
        other => panic!("{other:?}"),
    }
    let status =
        r#"{"detail-type":"GuardDuty Malware Protection Resource Status Active","detail":{}}"#;
    assert!(matches!(recognise("x", status.as_bytes()), Recognised::Nothing(_)));
}
