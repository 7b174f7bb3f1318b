//! Findings of Inspector in, rows out.

use expect_test::{Expect, expect};

use super::*;
use crate::formats::shown::shown;
use crate::recognise::{Recognised, recognise};

#[track_caller]
fn check_shown(records: &str, expected: &Expect) {
    expected.assert_eq(&shown(&FORMAT, records));
}

const FINDING: &str = r#"{"awsAccountId":"123456789012","epss":{"score":0.5},"findingArn":"arn:f1","firstObservedAt":"2026-11-19T10:00:00.000Z","inspectorScore":6.5,"packageVulnerabilityDetails":{"cvss":[],"relatedVulnerabilities":["CVE-1"],"vulnerabilityId":"CVE-2","new":1},"remediation":{"recommendation":{"text":"mend it"}},"resources":[{"id":"i-1","region":"eu-west-1","tags":{"a":"b"},"type":"AWS_EC2_INSTANCE"},{"id":"img"}],"severity":"MEDIUM","status":"ACTIVE","type":"PACKAGE_VULNERABILITY","updatedAt":"2026-11-20T10:00:00.000Z"}"#;

#[test]
fn a_report_an_event_and_what_is_none() {
    check_shown(
        &format!(
            "{{\n\"findings\": [{FINDING},\n{{\"findingArn\":\"arn:f2\",\"updatedAt\":1795168800.5,\"resources\":{{}}}},{{}}]}}"
        ),
        &expect![[r#"
            3 not_an_event: none of `findingarn`
            {"_time":"2026-11-20T10:00:00Z","findingarn":"arn:f1","awsaccountid":"123456789012","type":"PACKAGE_VULNERABILITY","severity":"MEDIUM","status":"ACTIVE","inspectorscore":6.5,"epss":{"score":0.5},"firstobservedat":"2026-11-19T10:00:00.000Z","updatedat":"2026-11-20T10:00:00.000Z","remediation":{"recommendation":{"text":"mend it"}},"resources":[{"type":"AWS_EC2_INSTANCE","id":"i-1","region":"eu-west-1","tags":{"a":"b"}},{"id":"img"}],"packagevulnerabilitydetails":{"vulnerabilityid":"CVE-2","relatedvulnerabilities":["CVE-1"],"cvss":"[]"},"_account":"123456789012","_region":"eu-west-1","_resource":"i-1 img","_id":"at-50e0103b55dba5a3","_origin":"s3://logs/key#1","_extra":"{\"packageVulnerabilityDetails\":{\"new\":1}}","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
            {"_time":"2026-11-20T10:00:00.500Z","findingarn":"arn:f2","updatedat":"1795168800.5","_account":"111122223333","_region":"us-west-1","_id":"at-d54a76d6b2462b90","_origin":"s3://logs/key#2","_extra":"{\"resources\":{}}","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
        "#]],
    );
    let detail = r#"{"awsAccountId":"123456789012","findingArn":"arn:f3","firstObservedAt":"Nov 20, 2026, 9:59:59 AM","updatedAt":"Nov 20, 2026, 9:59:59 AM"}"#;
    check_shown(
        &format!(
            r#"{{"detail-type":"Inspector2 Finding","account":"210987654321","region":"eu-west-1","time":"2026-11-20T10:00:00Z","detail":{detail}}}"#
        ),
        &expect![[r#"
            {"_time":"2026-11-20T10:00:00Z","findingarn":"arn:f3","awsaccountid":"123456789012","firstobservedat":"Nov 20, 2026, 9:59:59 AM","updatedat":"Nov 20, 2026, 9:59:59 AM","_account":"123456789012","_region":"eu-west-1","_id":"at-3925e7c388c47f2e","_origin":"s3://logs/key#1|eventbridge","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
        "#]],
    );
}

#[test]
fn first_records_tell() {
    let report = format!(r#"{{"findings":[{FINDING}]}}"#);
    let event = r#"{"detail-type":"Inspector2 Finding","detail":{}}"#;
    for head in [FINDING, &report, &report[..200], event] {
        match recognise("report/0f.json", head.as_bytes()) {
            Recognised::Records { format, .. } => assert_eq!(format.name(), NAME, "{head}"),
            other => panic!("{head}: {other:?}"),
        }
    }
    for head in [r#"{"detail-type":"Inspector2 Scan","detail":{}}"#, r#"{"findings":[]}"#] {
        assert!(matches!(recognise("x", head.as_bytes()), Recognised::Nothing(_)), "{head}");
    }
}
