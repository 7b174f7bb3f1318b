//! Records of Network Firewall in, rows out.

use expect_test::{Expect, expect};

use super::*;
use crate::formats::shown::shown;
use crate::recognise::{Recognised, recognise};

#[track_caller]
fn check_shown(records: &str, expected: &Expect) {
    expected.assert_eq(&shown(&FORMAT, records));
}

const RECORD: &str = r#"{"firewall_name":"fw","availability_zone":"eu-west-1a","event_timestamp":"1763596800","event":{"timestamp":"2026-11-20T14:22:12.637611+0000","flow_id":1,"event_type":"alert","src_ip":"10.0.0.4","src_port":80,"dest_ip":"192.0.2.9","dest_port":443,"proto":"TCP","alert":{"action":"blocked","signature_id":2,"rev":1,"signature":"s","category":"c","severity":3},"http":{"hostname":"h"},"ether":{"x":1}}}"#;

#[test]
fn an_alert_and_what_is_none() {
    let no_time = RECORD.replace(r#""timestamp":"2026-11-20T14:22:12.637611+0000","#, "");
    check_shown(
        &format!("{RECORD}\n{no_time}\n{{}}\n"),
        &expect![[r#"
        3 not_an_event: none of `firewall_name`, `event`
        {"_time":"2026-11-20T14:22:12.637611Z","firewall_name":"fw","availability_zone":"eu-west-1a","event_timestamp":"1763596800","event":{"timestamp":"2026-11-20T14:22:12.637611+0000","flow_id":1,"event_type":"alert","src_ip":"10.0.0.4","src_port":80,"dest_ip":"192.0.2.9","dest_port":443,"proto":"TCP","alert":{"action":"blocked","signature_id":2,"rev":1,"signature":"s","category":"c","severity":3},"http":"{\"hostname\":\"h\"}"},"_account":"111122223333","_region":"us-west-1","_addr":"10.0.0.4","_resource":"fw","_id":"at-50e0103b55dba5a3","_origin":"s3://logs/key#1","_extra":"{\"event\":{\"ether\":{\"x\":1}}}","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
        {"_time":"2025-11-20T00:00:00Z","firewall_name":"fw","availability_zone":"eu-west-1a","event_timestamp":"1763596800","event":{"flow_id":1,"event_type":"alert","src_ip":"10.0.0.4","src_port":80,"dest_ip":"192.0.2.9","dest_port":443,"proto":"TCP","alert":{"action":"blocked","signature_id":2,"rev":1,"signature":"s","category":"c","severity":3},"http":"{\"hostname\":\"h\"}"},"_account":"111122223333","_region":"us-west-1","_addr":"10.0.0.4","_resource":"fw","_id":"at-d54a76d6b2462b90","_origin":"s3://logs/key#2","_extra":"{\"event\":{\"ether\":{\"x\":1}}}","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
    "#]],
    );
}

#[test]
fn keys_and_first_records_tell() {
    for (key, head) in [
        ("a/123456789012_network-firewall_alert_eu-west-1_fw_202611202140_ab.log.gz", ""),
        ("x", RECORD),
    ] {
        match recognise(key, head.as_bytes()) {
            Recognised::Records { format, .. } => assert_eq!(format.name(), NAME, "{key} {head}"),
            other => panic!("{key} {head}: {other:?}"),
        }
    }
}
