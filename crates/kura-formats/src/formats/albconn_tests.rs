//! Lines of connections in, rows out.

use expect_test::expect;

use super::*;
use crate::formats::shown::shown;
use crate::recognise::{Recognised, recognise};

const LINE: &str = r#"2026-10-04T17:05:15.514108Z 2001:db8::7 36280 443 TLSv1.2 ECDHE-RSA-AES128-GCM-SHA256 4.036 "CN=client.example.com,O=One Two,C=JP" NotBefore=2026-09-21T22:43:21Z;NotAfter=2027-06-17T22:43:21Z FEF257372D5C14D4 Success TID_1"#;

#[test]
fn good_refused_plain_old_and_broken_connections() {
    let lines = [
        &format!("{LINE} X25519MLKEM768 later"),
        r#"2026-10-04T17:05:16.1Z 192.0.2.7 36280 443 TLSv1.2 - - "CN=\"Q\"" NotBefore=x;NotAfter=y 0A Failed:ClientCertUntrusted TID_2"#,
        "2026-10-04T17:05:17Z 192.0.2.7 80 80 - - - - - - -",
        "2026-10-04T17:05:17Z 192.0.2.7 80 80 - - -",
        "2026-10-04T17:05:17Z 192.0.2.7 80 99999 - - - - - - - -",
        "Enable AccessLog for ELB: app/a/b at 2026-10-04T16:47:00.781Z",
    ];
    expect![[r#"
        4 not_an_event: 7 fields, at least 11
        5 not_an_event: no time, address and two ports, where they belong
        {"_time":"2026-10-04T17:05:15.514108Z","time":"2026-10-04T17:05:15.514108Z","client_ip":"2001:db8::7","client_port":36280,"listener_port":443,"tls_protocol":"TLSv1.2","tls_cipher":"ECDHE-RSA-AES128-GCM-SHA256","tls_handshake_latency":4.036,"leaf_client_cert_subject":"CN=client.example.com,O=One Two,C=JP","leaf_client_cert_validity":"NotBefore=2026-09-21T22:43:21Z;NotAfter=2027-06-17T22:43:21Z","leaf_client_cert_serial_number":"FEF257372D5C14D4","tls_verify_status":"Success","conn_trace_id":"TID_1","tls_keyexchange":"X25519MLKEM768","_account":"111122223333","_region":"us-west-1","_principal":"CN=client.example.com,O=One Two,C=JP","_addr":"2001:db8::7","_id":"at-50e0103b55dba5a3","_origin":"s3://logs/key#1","_extra":"{\"field_14\":\"later\"}","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
        {"_time":"2026-10-04T17:05:16.100Z","time":"2026-10-04T17:05:16.1Z","client_ip":"192.0.2.7","client_port":36280,"listener_port":443,"tls_protocol":"TLSv1.2","leaf_client_cert_subject":"CN=\\\"Q\\\"","leaf_client_cert_validity":"NotBefore=x;NotAfter=y","leaf_client_cert_serial_number":"0A","tls_verify_status":"Failed:ClientCertUntrusted","conn_trace_id":"TID_2","_account":"111122223333","_region":"us-west-1","_principal":"CN=\\\"Q\\\"","_addr":"192.0.2.7","_id":"at-d54a76d6b2462b90","_origin":"s3://logs/key#2","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
        {"_time":"2026-10-04T17:05:17Z","time":"2026-10-04T17:05:17Z","client_ip":"192.0.2.7","client_port":80,"listener_port":80,"_account":"111122223333","_region":"us-west-1","_addr":"192.0.2.7","_id":"at-4ab649b29afd0ad6","_origin":"s3://logs/key#3","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
    "#]].assert_eq(&shown(&FORMAT, &lines.join("\n")));
}

#[test]
fn keys_and_first_lines_tell_connections_from_requests() {
    let folder = "b/AWSLogs/123456789012/elasticloadbalancing/us-gov-west-1/2026/10/04/";
    let rest = "123456789012_elasticloadbalancing_us-gov-west-1_app.my-lb.1234567890abcdef_20261004T1705Z_192.0.2.1_20sg8hgm.log.gz";
    let request = r#"http 2026-07-02T22:23:00.1Z app/a/b 192.0.2.1:2817 - -1 -1 -1 460 - 34 0 "- http://x:80- -" "-" - - arn "R" "-" "-" 0 2026-07-02T22:22:48Z "forward" "-" "-""#;
    for (key, head, expected) in [
        (format!("{folder}conn_log.{rest}"), "", "albconn"),
        (format!("{folder}{rest}"), "", "alb"),
        ("some.log".to_owned(), LINE, "albconn"),
        ("some.log".to_owned(), request, "alb"),
    ] {
        let Recognised::Records { format, facts } = recognise(&key, head.as_bytes()) else {
            panic!("not known: {key} {head}");
        };
        assert_eq!(format.name(), expected, "{key} {head}");
        if head.is_empty() {
            assert_eq!(facts.account.as_deref(), Some("123456789012"));
            assert_eq!(facts.region.as_deref(), Some("us-gov-west-1"));
            assert_eq!(facts.time, Some(1_791_133_500_000_000));
        }
    }
}
