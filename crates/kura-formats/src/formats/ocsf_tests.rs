//! Events of Security Lake in, rows out.

use expect_test::expect;

use super::*;
use crate::formats::shown::shown;
use crate::recognise::{Recognised, recognise};

const CALL: &str = r#"{"metadata":{"product":{"name":"CloudTrail","vendor_name":"AWS","feature":{"name":"Management"}},"version":"1.1.0","uid":"e-1","profiles":["cloud"]},"time":1795168800123,"time_dt":"2026-11-20T10:00:00.123Z","cloud":{"region":"eu-west-1","account":{"uid":"123456789012"}},"api":{"operation":"GetObject","response":{"error":"AccessDenied","new":1},"service":{"name":"s3.amazonaws.com"}},"actor":{"user":{"uid":"arn:aws:iam::1:user/ann","name":"ann","credential_uid":"AKIA1"},"session":{"is_mfa":true}},"src_endpoint":{"ip":"192.0.2.1"},"class_uid":6003,"category_uid":6,"activity_id":2,"severity_id":1,"resources":[{"uid":"b"}],"unmapped":{"k":"v"},"own":{"x":1}}"#;

const FLOW: &str = r#"{"metadata":{"product":{"name":"Amazon VPC"},"version":"1.0.0-rc.2"},"time":1795168800000,"src_endpoint":{"ip":"192.0.2.1","port":"many"},"dst_endpoint":{"ip":"192.0.2.2","port":443,"interface_uid":"eni-1","instance_uid":"i-1"},"class_uid":4001,"type_uid":400105,"traffic":{"bytes":40},"cloud":null}"#;

#[test]
fn calls_flows_and_what_is_none() {
    let lines = format!("{CALL}\n{FLOW}\n{{\"time\":1}}\n{{\"metadata\":");
    expect![[r#"
        3 not_an_event: none of `class_uid`
        4 truncated: the object ends within a record
        {"_time":"2026-11-20T10:00:00.123Z","metadata":{"product":{"name":"CloudTrail","vendor_name":"AWS","feature":"{\"name\":\"Management\"}"},"version":"1.1.0","uid":"e-1","profiles":["cloud"]},"time":1795168800123,"time_dt":"2026-11-20T10:00:00.123Z","class_uid":6003,"category_uid":6,"activity_id":2,"severity_id":1,"cloud":{"region":"eu-west-1","account":{"uid":"123456789012"}},"actor":{"user":{"uid":"arn:aws:iam::1:user/ann","name":"ann","credential_uid":"AKIA1"},"session":{"is_mfa":true}},"api":{"operation":"GetObject","service":{"name":"s3.amazonaws.com"},"response":{"error":"AccessDenied"}},"src_endpoint":{"ip":"192.0.2.1"},"resources":"[{\"uid\":\"b\"}]","unmapped":"{\"k\":\"v\"}","_account":"123456789012","_region":"eu-west-1","_principal":"arn:aws:iam::1:user/ann","_accesskey":"AKIA1","_addr":"192.0.2.1","_id":"e-1","_origin":"s3://logs/key#1","_extra":"{\"api\":{\"response\":{\"new\":1}},\"own\":{\"x\":1}}","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
        {"_time":"2026-11-20T10:00:00Z","metadata":{"product":{"name":"Amazon VPC"},"version":"1.0.0-rc.2"},"time":1795168800000,"class_uid":4001,"type_uid":400105,"src_endpoint":{"ip":"192.0.2.1"},"dst_endpoint":{"ip":"192.0.2.2","port":443,"instance_uid":"i-1","interface_uid":"eni-1"},"traffic":{"bytes":40},"_account":"111122223333","_region":"us-west-1","_addr":"192.0.2.1","_resource":"i-1 eni-1","_id":"at-d54a76d6b2462b90","_origin":"s3://logs/key#2","_extra":"{\"src_endpoint\":{\"port\":\"many\"}}","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
    "#]].assert_eq(&shown(&FORMAT, &lines));
}

#[test]
fn keys_and_first_records_tell() {
    let key = "aws/CLOUD_TRAIL_MGMT/2.0/region=eu-west-1/accountId=123456789012/eventDay=20261120/a.gz.parquet";
    let Recognised::Records { format, facts } = recognise(key, b"") else { panic!("not known") };
    assert_eq!(format.name(), NAME);
    assert_eq!(facts.account.as_deref(), Some("123456789012"));
    assert_eq!(facts.region.as_deref(), Some("eu-west-1"));
    assert_eq!(facts.time, Some(1_795_132_800_000_000));
    for (key, head) in [
        ("p/ext/own/1.0/region=eu-west-1/accountId=external_1/eventDay=20261120/a.parquet", ""),
        ("x", CALL),
        ("x", FLOW),
    ] {
        let Recognised::Records { format, .. } = recognise(key, head.as_bytes()) else {
            panic!("{key} {head}");
        };
        assert_eq!(format.name(), NAME, "{key} {head}");
    }
    for key in ["x/region=eu-west-1/accountId=1/eventDay=20261120/a", "aws/a/1/region=x/a.parquet"]
    {
        assert!(matches!(recognise(key, b"x"), Recognised::Nothing(_)), "{key}");
    }
}
