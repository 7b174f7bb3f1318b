//! Digest files in, rows out.

use expect_test::{Expect, expect};

use super::*;
use crate::formats::shown::shown;
use crate::recognise::{Recognised, recognise};

#[track_caller]
fn check_shown(records: &str, expected: &Expect) {
    expected.assert_eq(&shown(&FORMAT, records));
}

const DIGEST: &str = r#"{"awsAccountId":"123456789012","digestStartTime":"2026-11-20T09:00:00Z","digestEndTime":"2026-11-20T10:00:00Z","digestS3Bucket":"trail","digestS3Object":"AWSLogs/d.json.gz","newestEventTime":"2026-11-20T09:59:00Z","oldestEventTime":"2026-11-20T09:01:00Z","previousDigestS3Object":null,"logFiles":[{"s3Bucket":"trail","s3Object":"AWSLogs/l.json.gz","hashValue":"ab","hashAlgorithm":"SHA-256","newestEventTime":"2026-11-20T09:59:00Z","oldestEventTime":"2026-11-20T09:01:00Z"}],"new":1}"#;

#[test]
fn a_digest_and_what_is_none() {
    check_shown(
        &format!("{DIGEST}\n{{\"awsAccountId\":\"1\"}}"),
        &expect![[r#"
        2 not_an_event: none of `digeststarttime`, `digests3object`
        {"_time":"2026-11-20T10:00:00Z","awsaccountid":"123456789012","digeststarttime":"2026-11-20T09:00:00Z","digestendtime":"2026-11-20T10:00:00Z","digests3bucket":"trail","digests3object":"AWSLogs/d.json.gz","newesteventtime":"2026-11-20T09:59:00Z","oldesteventtime":"2026-11-20T09:01:00Z","logfiles":[{"s3bucket":"trail","s3object":"AWSLogs/l.json.gz","hashvalue":"ab","hashalgorithm":"SHA-256","newesteventtime":"2026-11-20T09:59:00Z","oldesteventtime":"2026-11-20T09:01:00Z"}],"_account":"123456789012","_region":"us-west-1","_resource":"AWSLogs/d.json.gz","_id":"at-50e0103b55dba5a3","_origin":"s3://logs/key#1","_extra":"{\"new\":1}","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
    "#]],
    );
}

#[test]
fn keys_and_first_records_tell() {
    for (key, head) in [
        (
            "AWSLogs/123456789012/CloudTrail-Digest/us-east-1/2026/11/20/123456789012_CloudTrail-Digest_us-east-1_trail_us-east-1_20261120T100000Z.json.gz",
            "",
        ),
        ("x", DIGEST),
    ] {
        match recognise(key, head.as_bytes()) {
            Recognised::Records { format, .. } => assert_eq!(format.name(), NAME, "{key} {head}"),
            other => panic!("{key} {head}: {other:?}"),
        }
    }
}
