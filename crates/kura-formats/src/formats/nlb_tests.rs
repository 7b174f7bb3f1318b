//! Lines of network load balancers in, rows out.

use expect_test::{Expect, expect};

use super::*;
use crate::formats::shown::shown;
use crate::recognise::{Recognised, recognise};

#[track_caller]
fn check_shown(lines: &str, expected: &Expect) {
    expected.assert_eq(&shown(&FORMAT, lines));
}

const LINE: &str = r#"tls 2.0 2026-11-20T22:23:00 net/my-nlb/c6e77e28c25b2234 g3d4b5e8bb8464cd [2001:db8::1]:51341 10.0.0.9:443 5 2 98 246 - arn:aws:acm:us-east-2:123456789012:certificate/2a10 - ECDHE-RSA-AES128-SHA tlsv12 - www.example.com h2 - "h2","http/1.1" 2026-11-20T22:22:55"#;

#[test]
fn a_line_of_today_one_of_yesterday_and_others() {
    let old = LINE.split(" h2 -").next().expect("a beginning");
    let lines = format!(
        "{LINE} tomorrow\n{old}\nEnable AccessLog for ELB: net/a/b at now\ntls 2.0 x\nhttp 2.0\n"
    );
    check_shown(
        &lines,
        &expect![[r#"
        4 not_an_event: 3 fields, at least 18
        5 not_an_event: `http` is no type of request
        {"_time":"2026-11-20T22:23:00Z","type":"tls","version":"2.0","time":"2026-11-20T22:23:00","elb":"net/my-nlb/c6e77e28c25b2234","listener_id":"g3d4b5e8bb8464cd","client_ip":"2001:db8::1","client_port":51341,"target_ip":"10.0.0.9","target_port":443,"tcp_connection_time_ms":5.0,"tls_handshake_time_ms":2.0,"received_bytes":98,"sent_bytes":246,"cert_arn":"arn:aws:acm:us-east-2:123456789012:certificate/2a10","tls_cipher_suite":"ECDHE-RSA-AES128-SHA","tls_protocol_version":"tlsv12","domain_name":"www.example.com","alpn_fe_protocol":"h2","alpn_client_preference_list":"h2,http/1.1","tls_connection_creation_time":"2026-11-20T22:22:55","_account":"111122223333","_region":"us-west-1","_addr":"2001:db8::1","_resource":"net/my-nlb/c6e77e28c25b2234 arn:aws:acm:us-east-2:123456789012:certificate/2a10","_id":"at-50e0103b55dba5a3","_origin":"s3://logs/key#1","_extra":"{\"field_23\":\"tomorrow\"}","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
        {"_time":"2026-11-20T22:23:00Z","type":"tls","version":"2.0","time":"2026-11-20T22:23:00","elb":"net/my-nlb/c6e77e28c25b2234","listener_id":"g3d4b5e8bb8464cd","client_ip":"2001:db8::1","client_port":51341,"target_ip":"10.0.0.9","target_port":443,"tcp_connection_time_ms":5.0,"tls_handshake_time_ms":2.0,"received_bytes":98,"sent_bytes":246,"cert_arn":"arn:aws:acm:us-east-2:123456789012:certificate/2a10","tls_cipher_suite":"ECDHE-RSA-AES128-SHA","tls_protocol_version":"tlsv12","domain_name":"www.example.com","_account":"111122223333","_region":"us-west-1","_addr":"2001:db8::1","_resource":"net/my-nlb/c6e77e28c25b2234 arn:aws:acm:us-east-2:123456789012:certificate/2a10","_id":"at-d54a76d6b2462b90","_origin":"s3://logs/key#2","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
    "#]],
    );
}

#[test]
fn keys_and_first_lines_tell() {
    for (key, head) in [
        (
            "a/123456789012_elasticloadbalancing_us-east-2_net.my-nlb.1234_20261120T2340Z_1d.log.gz",
            "",
        ),
        ("x.log", LINE),
    ] {
        match recognise(key, head.as_bytes()) {
            Recognised::Records { format, .. } => assert_eq!(format.name(), NAME, "{key} {head}"),
            other => panic!("{key} {head}: {other:?}"),
        }
    }
}
