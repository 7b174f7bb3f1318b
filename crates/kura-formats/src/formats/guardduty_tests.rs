//! Records of GuardDuty in, rows out.

use expect_test::{Expect, expect};

use super::*;
use crate::formats::shown::shown;
use crate::recognise::{Recognised, recognise};

#[track_caller]
fn check_shown(records: &str, expected: &Expect) {
    expected.assert_eq(&shown(&FORMAT, records));
}

const FINDING: &str = r#"{"schemaVersion":"2.0","accountId":"123456789012","region":"eu-west-1","partition":"aws","id":"f1","arn":"arn:f1","type":"Recon:EC2/PortProbeUnprotectedPort","resource":{"instanceDetails":{"instanceId":"i-1"}},"service":{"count":3},"severity":5.5,"createdAt":"2026-11-19T10:00:00.000Z","updatedAt":"2026-11-20T10:00:00.000Z","title":"t","description":"d","associatedAttackSequenceArn":"x"}"#;

#[test]
fn a_finding_bare_and_in_an_envelope() {
    let envelope = format!(
        r#"{{"version":"0","detail-type":"GuardDuty Finding","source":"aws.guardduty","account":"1","detail":{FINDING}}}"#
    );
    check_shown(
        &format!("{FINDING}\n{envelope}\n{{\"schemaVersion\":\"2.0\"}}\n"),
        &expect![[r#"
            3 not_an_event: none of `type`, `id`
            {"_time":"2026-11-20T10:00:00Z","schemaversion":"2.0","accountid":"123456789012","region":"eu-west-1","partition":"aws","id":"f1","arn":"arn:f1","type":"Recon:EC2/PortProbeUnprotectedPort","resource":"{\"instanceDetails\":{\"instanceId\":\"i-1\"}}","service":"{\"count\":3}","severity":"5.5","createdat":"2026-11-19T10:00:00.000Z","updatedat":"2026-11-20T10:00:00.000Z","title":"t","description":"d","_account":"123456789012","_region":"eu-west-1","_id":"at-50e0103b55dba5a3","_origin":"s3://logs/key#1","_extra":"{\"associatedAttackSequenceArn\":\"x\"}","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
            {"_time":"2026-11-20T10:00:00Z","schemaversion":"2.0","accountid":"123456789012","region":"eu-west-1","partition":"aws","id":"f1","arn":"arn:f1","type":"Recon:EC2/PortProbeUnprotectedPort","resource":"{\"instanceDetails\":{\"instanceId\":\"i-1\"}}","service":"{\"count\":3}","severity":"5.5","createdat":"2026-11-19T10:00:00.000Z","updatedat":"2026-11-20T10:00:00.000Z","title":"t","description":"d","_account":"123456789012","_region":"eu-west-1","_id":"at-68bbd4a9b54a83cc","_origin":"s3://logs/key#2|eventbridge","_extra":"{\"associatedAttackSequenceArn\":\"x\"}","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
        "#]],
    );
}

#[test]
fn keys_and_first_records_tell() {
    for (key, head) in [
        ("AWSLogs/123456789012/GuardDuty/eu-west-1/2026/11/20/0f.jsonl.gz", ""),
        ("a/AWSLogs/o-1/123456789012/GuardDuty/us-gov-west-1/2026/11/20/0f.jsonl.gz", ""),
        ("x", FINDING),
        ("x", r#"{"detail-type":"GuardDuty Finding","detail":{}}"#),
    ] {
        match recognise(key, head.as_bytes()) {
            Recognised::Records { format, .. } => assert_eq!(format.name(), NAME, "{key} {head}"),
            other => panic!("{key} {head}: {other:?}"),
        }
    }
}
