//! Findings of Security Hub in, rows out.

use expect_test::{Expect, expect};

use super::*;
use crate::formats::shown::shown;
use crate::recognise::{Recognised, recognise};

#[track_caller]
fn check_shown(records: &str, expected: &Expect) {
    expected.assert_eq(&shown(&FORMAT, records));
}

const FINDING: &str = r#"{"SchemaVersion":"2018-10-08","Id":"f1","ProductArn":"arn:p","GeneratorId":"g","AwsAccountId":"123456789012","Types":["TTPs/Discovery/Recon:EC2-Portscan"],"CreatedAt":"2026-11-19T10:00:00.000Z","UpdatedAt":"2026-11-20T10:00:00.000Z","Severity":{"Product":5.3,"Normalized":50},"Title":"t","ProductFields":{"aws/guardduty/service/count":"3"},"Resources":[{"Type":"AwsEc2Instance","Id":"i-1","Tags":{"a":"b"}},{"Type":"AwsAccount","Id":"AWS::::Account:1"}],"Workflow":{"Status":"NEW"},"New":[1]}"#;

/// Small enough to see what belongs to what.
fn small(id: &str) -> String {
    format!(r#"{{"Id":"{id}","ProductArn":"p"}}"#)
}

fn event(kind: &str, detail: &str) -> String {
    format!(
        r#"{{"detail-type":"Security Hub {kind}","account":"210987654321","region":"eu-west-1","time":"2026-11-20T10:00:00Z","detail":{detail}}}"#
    )
}

#[test]
fn a_finding_alone_in_lists_and_none() {
    check_shown(
        FINDING,
        &expect![[r#"
        {"_time":"2026-11-20T10:00:00Z","schemaversion":"2018-10-08","id":"f1","productarn":"arn:p","generatorid":"g","awsaccountid":"123456789012","types":["TTPs/Discovery/Recon:EC2-Portscan"],"createdat":"2026-11-19T10:00:00.000Z","updatedat":"2026-11-20T10:00:00.000Z","severity":{"normalized":50,"product":5.3},"title":"t","productfields":{"aws/guardduty/service/count":"3"},"resources":[{"type":"AwsEc2Instance","id":"i-1","tags":{"a":"b"}},{"type":"AwsAccount","id":"AWS::::Account:1"}],"workflow":{"status":"NEW"},"_account":"123456789012","_region":"us-west-1","_resource":"i-1 AWS::::Account:1","_id":"at-50e0103b55dba5a3","_origin":"s3://logs/key#1","_extra":"{\"New\":[1]}","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
    "#]],
    );
    check_shown(
        &format!(r#"{{"Findings":[{},{{"Id":"x"}},{}],"NextToken":"n"}}"#, small("a"), small("b")),
        &expect![[r#"
            2 not_an_event: none of `productarn`, `generatorid`, `insightarn`
            {"_time":"2020-09-13T12:26:40Z","id":"a","productarn":"p","_account":"111122223333","_region":"us-west-1","_id":"at-50e0103b55dba5a3","_origin":"s3://logs/key#1","_ingested":"2023-11-14T22:13:20Z","day":"2020-09-13"}
            {"_time":"2020-09-13T12:26:40Z","id":"b","productarn":"p","_account":"111122223333","_region":"us-west-1","_id":"at-4ab649b29afd0ad6","_origin":"s3://logs/key#3","_ingested":"2023-11-14T22:13:20Z","day":"2020-09-13"}
        "#]],
    );
    check_shown(
        &format!("[{},\n{}]", small("a"), small("b").replace(r#""p""#, r#""p","Types":"no list""#)),
        &expect![[r#"
            {"_time":"2020-09-13T12:26:40Z","id":"a","productarn":"p","_account":"111122223333","_region":"us-west-1","_id":"at-50e0103b55dba5a3","_origin":"s3://logs/key#1","_ingested":"2023-11-14T22:13:20Z","day":"2020-09-13"}
            {"_time":"2020-09-13T12:26:40Z","id":"b","productarn":"p","_account":"111122223333","_region":"us-west-1","_id":"at-d54a76d6b2462b90","_origin":"s3://logs/key#2","_extra":"{\"Types\":\"no list\"}","_ingested":"2023-11-14T22:13:20Z","day":"2020-09-13"}
        "#]],
    );
}

#[test]
fn an_event_with_several_findings_is_several_rows() {
    let imported = format!(r#"{{"findings":[{},{}]}}"#, small("a"), small("b"));
    let action = format!(r#"{{"actionName":"look","findings":[{}]}}"#, small("c"));
    let insight = r#"{"insightName":"n","insightArn":"i","insightResults":[{"me":2}]}"#;
    check_shown(
        &[
            event("Findings - Imported", &imported),
            event("Findings - Custom Action", &action),
            event("Insight Results", insight),
        ]
        .join("\n"),
        &expect![[r#"
            {"_time":"2026-11-20T10:00:00Z","id":"a","productarn":"p","_account":"210987654321","_region":"eu-west-1","_id":"at-b52415695940b609","_origin":"s3://logs/key#1|eventbridge.1","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
            {"_time":"2026-11-20T10:00:00Z","id":"b","productarn":"p","_account":"210987654321","_region":"eu-west-1","_id":"at-c844e2b6735ab5fc","_origin":"s3://logs/key#1|eventbridge.2","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
            {"_time":"2026-11-20T10:00:00Z","id":"c","productarn":"p","actionname":"look","_account":"210987654321","_region":"eu-west-1","_id":"at-ecd2535d4d124475","_origin":"s3://logs/key#2|eventbridge.1","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
            {"_time":"2026-11-20T10:00:00Z","insightname":"n","insightarn":"i","insightresults":"[{\"me\":2}]","_account":"210987654321","_region":"eu-west-1","_resource":"i","_id":"at-fee5325a566c9de6","_origin":"s3://logs/key#3|eventbridge","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
        "#]],
    );
}

#[test]
fn an_event_with_a_finding_that_is_none_is_refused_as_a_whole() {
    let one_is_none = format!(r#"{{"findings":[{},{{"Id":"x"}}]}}"#, small("a"));
    let not_objects = r#"{"findings":[1]}"#;
    check_shown(
        &[
            event("Findings - Imported", &one_is_none),
            event("Findings - Imported", not_objects),
            event("Findings - Imported", r#"{"findings":[]}"#),
            event("Findings - Imported", "{}"),
            small("b"),
        ]
        .join("\n"),
        &expect![[r#"
            1 not_an_event: none of `productarn`, `generatorid`, `insightarn`
            2 broken_json: expected an object at byte 0
            4 not_an_event: none of `productarn`, `generatorid`, `insightarn`
            {"_time":"2020-09-13T12:26:40Z","id":"b","productarn":"p","_account":"111122223333","_region":"us-west-1","_id":"at-ca82b25e7b727357","_origin":"s3://logs/key#5","_ingested":"2023-11-14T22:13:20Z","day":"2020-09-13"}
        "#]],
    );
}

#[test]
fn first_records_tell() {
    let list = format!(r#"{{"Findings":[{FINDING}]}}"#);
    let action = event("Findings - Custom Action", "{}");
    for head in [FINDING, &list, &action] {
        match recognise("x", head.as_bytes()) {
            Recognised::Records { format, .. } => assert_eq!(format.name(), NAME, "{head}"),
            other => panic!("{head}: {other:?}"),
        }
    }
    let v2 = r#"{"detail-type":"Findings Imported V2","detail":{"findings":[{}]}}"#;
    assert!(matches!(recognise("x", v2.as_bytes()), Recognised::Nothing(_)));
}
