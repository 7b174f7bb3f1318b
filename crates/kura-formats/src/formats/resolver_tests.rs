//! Records of Route 53 Resolver in, rows out.

use expect_test::{Expect, expect};

use super::*;
use crate::formats::shown::shown;
use crate::recognise::{Recognised, recognise};

#[track_caller]
fn check_shown(records: &str, expected: &Expect) {
    expected.assert_eq(&shown(&FORMAT, records));
}

const RECORD: &str = r#"{"version":"1.100000","account_id":"123456789012","region":"eu-west-1","vpc_id":"vpc-1","query_timestamp":"2026-11-20T10:00:00Z","query_name":"example.com.","query_type":"A","query_class":"IN","rcode":"NOERROR","answers":[{"Rdata":"192.0.2.1","Type":"A","Class":"IN"}],"srcaddr":"10.0.0.4","srcport":"53123","transport":"UDP","srcids":{"instance":"i-1"},"firewall_rule_action":"BLOCK","new":1}"#;

#[test]
fn a_query_its_answer_and_what_is_none() {
    let empty = RECORD
        .replace(r#"[{"Rdata":"192.0.2.1","Type":"A","Class":"IN"}]"#, "[]")
        .replace("53123", "many");
    check_shown(
        &format!("{RECORD}\n{empty}\n{{\"version\":\"1\"}}\n"),
        &expect![[r#"
        3 not_an_event: none of `query_name`, `query_timestamp`
        {"_time":"2026-11-20T10:00:00Z","version":"1.100000","account_id":"123456789012","region":"eu-west-1","vpc_id":"vpc-1","query_timestamp":"2026-11-20T10:00:00Z","query_name":"example.com.","query_type":"A","query_class":"IN","rcode":"NOERROR","answers":[{"rdata":"192.0.2.1","type":"A","class":"IN"}],"srcaddr":"10.0.0.4","srcport":53123,"transport":"UDP","srcids":{"instance":"i-1"},"firewall_rule_action":"BLOCK","_account":"123456789012","_region":"eu-west-1","_addr":"10.0.0.4","_resource":"vpc-1","_id":"at-50e0103b55dba5a3","_origin":"s3://logs/key#1","_extra":"{\"new\":1}","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
        {"_time":"2026-11-20T10:00:00Z","version":"1.100000","account_id":"123456789012","region":"eu-west-1","vpc_id":"vpc-1","query_timestamp":"2026-11-20T10:00:00Z","query_name":"example.com.","query_type":"A","query_class":"IN","rcode":"NOERROR","answers":[],"srcaddr":"10.0.0.4","transport":"UDP","srcids":{"instance":"i-1"},"firewall_rule_action":"BLOCK","_account":"123456789012","_region":"eu-west-1","_addr":"10.0.0.4","_resource":"vpc-1","_id":"at-d54a76d6b2462b90","_origin":"s3://logs/key#2","_extra":"{\"srcport\":\"many\",\"new\":1}","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
    "#]],
    );
}

#[test]
fn keys_and_first_records_tell() {
    for (key, head) in [
        (
            "a/123456789012/vpcdnsquerylogs/vpc-1/2026/11/20/vpc-1_vpcdnsquerylogs_123456789012_20261120T1000Z_ab.log.gz",
            "",
        ),
        ("x.log", RECORD),
    ] {
        match recognise(key, head.as_bytes()) {
            Recognised::Records { format, .. } => assert_eq!(format.name(), NAME, "{key} {head}"),
            other => panic!("{key} {head}: {other:?}"),
        }
    }
}
