//! Logs of Verified Access in, rows out.

use expect_test::{Expect, expect};

use super::*;
use crate::formats::shown::shown;
use crate::recognise::{Recognised, recognise, recognised};

#[track_caller]
fn check_shown(records: &str, expected: &Expect) {
    expected.assert_eq(&shown(&FORMAT, records));
}

const GRANTED: &str = r#"{"activity_name":"Access Grant","activity_id":"1","actor":{"authorizations":[{"decision":"Allow"}],"idp":{"name":"user","uid":"vatp-1"},"user":{"uid":"me@example.com"}},"class_uid":"3006","duration":"0.004","time":"1795168800344","http_request":{"http_method":"GET","url":{"hostname":"app.example.com","port":443}},"http_response":{"code":200},"metadata":{"uid":"Root=1","logged_time":1795168801000,"version":"1.0.0-rc.2","product":{"name":"Verified Access","vendor_name":"AWS"}},"proxy":{"port":443,"uid":"vai-1"},"src_endpoint":{"ip":"192.0.2.1","port":"48234"},"status_code":"100","new":1}"#;

const DENIED: &str = r#"{"activity":"Access Denied","activity_id":"2","class_uid":"208001","time":"1795168800344","identity":{"authorizations":[],"idp":null,"user":{"uid":""}},"metadata":{"version":"0.1","product":{"name":"Verified Access"}},"src_endpoint":{"ip":"192.0.2.1"},"status_code":"200","status_details":"Authentication Denied"}"#;

#[test]
fn both_versions_and_what_is_none() {
    let number = DENIED.replace(r#""2","class_uid""#, r#"2,"class_uid""#);
    check_shown(
        &format!("{GRANTED}\n{DENIED}\n{number}\n{{\"time\":\"soon\"}}\n"),
        &expect![[r#"
        4 not_an_event: none of `class_uid`, `activity_id`
        {"_time":"2026-11-20T10:00:00.344Z","activity_name":"Access Grant","activity_id":"1","actor":{"authorizations":"[{\"decision\":\"Allow\"}]","idp":{"name":"user","uid":"vatp-1"},"user":{"uid":"me@example.com"}},"class_uid":"3006","duration":0.004,"time":1795168800344,"http_request":{"http_method":"GET","url":{"hostname":"app.example.com","port":443}},"http_response":{"code":200},"metadata":{"uid":"Root=1","logged_time":1795168801000,"version":"1.0.0-rc.2","product":{"name":"Verified Access","vendor_name":"AWS"}},"proxy":{"port":443,"uid":"vai-1"},"src_endpoint":{"ip":"192.0.2.1","port":48234},"status_code":"100","_account":"111122223333","_region":"us-west-1","_principal":"me@example.com","_addr":"192.0.2.1","_resource":"app.example.com vai-1","_id":"at-50e0103b55dba5a3","_origin":"s3://logs/key#1","_extra":"{\"new\":1}","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
        {"_time":"2026-11-20T10:00:00.344Z","activity":"Access Denied","activity_id":"2","identity":{"authorizations":"[]","user":{"uid":""}},"class_uid":"208001","time":1795168800344,"metadata":{"version":"0.1","product":{"name":"Verified Access"}},"src_endpoint":{"ip":"192.0.2.1"},"status_code":"200","status_details":"Authentication Denied","_account":"111122223333","_region":"us-west-1","_addr":"192.0.2.1","_id":"at-d54a76d6b2462b90","_origin":"s3://logs/key#2","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
        {"_time":"2026-11-20T10:00:00.344Z","activity":"Access Denied","activity_id":"2","identity":{"authorizations":"[]","user":{"uid":""}},"class_uid":"208001","time":1795168800344,"metadata":{"version":"0.1","product":{"name":"Verified Access"}},"src_endpoint":{"ip":"192.0.2.1"},"status_code":"200","status_details":"Authentication Denied","_account":"111122223333","_region":"us-west-1","_addr":"192.0.2.1","_id":"at-4ab649b29afd0ad6","_origin":"s3://logs/key#3","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
    "#]],
    );
}

#[test]
fn keys_and_first_records_tell() {
    for (key, head) in [
        ("a/AWSLogs/123456789012/verifiedaccess/eu-west-1/2026/11/20/0f.json.gz", ""),
        ("AWSLogs/123456789012/VerifiedAccess/eu-west-1/2026/11/20/10/0f.json.gz", ""),
        ("x", GRANTED),
        ("x", DENIED),
    ] {
        match recognise(key, head.as_bytes()) {
            Recognised::Records { format, .. } => assert_eq!(format.name(), NAME, "{key} {head}"),
            other => panic!("{key} {head}: {other:?}"),
        }
    }
    let other = GRANTED.replace("Verified Access", "Another");
    assert_eq!(recognised("x", &other).0, "ocsf");
}
