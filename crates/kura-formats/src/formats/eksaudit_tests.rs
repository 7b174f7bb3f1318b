//! Audit events of Kubernetes in, rows out.

use expect_test::{Expect, expect};

use super::*;
use crate::formats::shown::shown;
use crate::recognise::{Recognised, recognise, recognised};

#[track_caller]
fn check_shown(records: &str, expected: &Expect) {
    expected.assert_eq(&shown(&FORMAT, records));
}

const EVENT: &str = r#"{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"a1","stage":"RequestReceived","requestURI":"/api/v1/namespaces/shop/pods/web","verb":"patch","user":{"username":"me","groups":["g"],"extra":{"arn":["arn:me"]}},"sourceIPs":["192.0.2.1","10.0.0.1"],"objectRef":{"resource":"pods","namespace":"shop","name":"web","apiVersion":"v1"},"requestReceivedTimestamp":"2026-11-20T10:00:00.000000Z","stageTimestamp":"2026-11-20T10:00:00.500000Z","annotations":{"authorization.k8s.io/decision":"allow"}}"#;

#[test]
fn stages_of_a_request_and_what_is_none() {
    let complete = EVENT
        .replace("RequestReceived\"", "ResponseComplete\"")
        .replace(r#""annotations""#, r#""responseStatus":{"code":403,"new":1},"annotations""#);
    let outside = r#"{"kind":"Event","apiVersion":"audit.k8s.io/v1","auditID":"a2","requestURI":"/healthz","user":{},"sourceIPs":[],"objectRef":null}"#;
    let odd = r#"{"auditID":"a3","sourceIPs":"192.0.2.2","user":"me"}"#;
    check_shown(
        &format!("{EVENT}\n{complete}\n{outside}\n{odd}\n{{\"kind\":\"Event\"}}\n"),
        &expect![[r#"
            5 not_an_event: none of `auditid`
            {"_time":"2026-11-20T10:00:00.500Z","kind":"Event","apiversion":"audit.k8s.io/v1","level":"Metadata","auditid":"a1","stage":"RequestReceived","requesturi":"/api/v1/namespaces/shop/pods/web","verb":"patch","user":{"username":"me","groups":["g"],"extra":"{\"arn\":[\"arn:me\"]}"},"sourceips":["192.0.2.1","10.0.0.1"],"objectref":{"namespace":"shop","name":"web","resource":"pods","apiversion":"v1"},"requestreceivedtimestamp":"2026-11-20T10:00:00.000000Z","stagetimestamp":"2026-11-20T10:00:00.500000Z","annotations":{"authorization.k8s.io/decision":"allow"},"_account":"111122223333","_region":"us-west-1","_principal":"me","_addr":"192.0.2.1","_resource":"shop web pods","_id":"a1/RequestReceived","_origin":"s3://logs/key#1","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
            {"_time":"2026-11-20T10:00:00.500Z","kind":"Event","apiversion":"audit.k8s.io/v1","level":"Metadata","auditid":"a1","stage":"ResponseComplete","requesturi":"/api/v1/namespaces/shop/pods/web","verb":"patch","user":{"username":"me","groups":["g"],"extra":"{\"arn\":[\"arn:me\"]}"},"sourceips":["192.0.2.1","10.0.0.1"],"objectref":{"namespace":"shop","name":"web","resource":"pods","apiversion":"v1"},"responsestatus":{"code":403},"requestreceivedtimestamp":"2026-11-20T10:00:00.000000Z","stagetimestamp":"2026-11-20T10:00:00.500000Z","annotations":{"authorization.k8s.io/decision":"allow"},"_account":"111122223333","_region":"us-west-1","_principal":"me","_addr":"192.0.2.1","_resource":"shop web pods","_id":"a1/ResponseComplete","_origin":"s3://logs/key#2","_extra":"{\"responseStatus\":{\"new\":1}}","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
            {"_time":"2020-09-13T12:26:40Z","kind":"Event","apiversion":"audit.k8s.io/v1","auditid":"a2","requesturi":"/healthz","user":{},"sourceips":[],"_account":"111122223333","_region":"us-west-1","_id":"a2","_origin":"s3://logs/key#3","_ingested":"2023-11-14T22:13:20Z","day":"2020-09-13"}
            {"_time":"2020-09-13T12:26:40Z","auditid":"a3","_account":"111122223333","_region":"us-west-1","_id":"a3","_origin":"s3://logs/key#4","_extra":"{\"sourceIPs\":\"192.0.2.2\",\"user\":\"me\"}","_ingested":"2023-11-14T22:13:20Z","day":"2020-09-13"}
        "#]],
    );
}

#[test]
fn first_records_tell() {
    assert_eq!(recognised("x", EVENT).0, NAME);
    let exported = format!("2026-11-20T10:00:00.000Z {EVENT}");
    assert_eq!(recognised("export/task/audit-0f/000000.gz", &exported).0, "cloudwatch_export");
    let event = r#"{"kind":"Event","apiVersion":"v1","metadata":{},"reason":"Started"}"#;
    assert!(matches!(recognise("x", event.as_bytes()), Recognised::Nothing(_)));
}
