//! Lines of classic load balancers in, rows out.

use expect_test::{Expect, expect};

use super::*;
use crate::formats::shown::shown;
use crate::recognise::{Recognised, recognise};

#[track_caller]
fn check_shown(lines: &str, expected: &Expect) {
    expected.assert_eq(&shown(&FORMAT, lines));
}

const LINE: &str = r#"2026-11-20T23:39:43.945958Z my-lb 192.0.2.39:2817 10.0.0.1:80 0.000073 0.001048 0.000057 200 200 0 29 "GET http://www.example.com:80/ HTTP/1.1" "curl/7.38.0" - -"#;

#[test]
fn requests_connections_and_others() {
    let tcp = r#"2026-11-20T23:39:43.945958Z my-lb [2001:db8::1]:2817 - -1 -1 -1 - - 82 0 "- - - " "-" DHE TLSv1.2 later"#;
    let old = r#"2014-01-01T00:00:00.1Z my-lb 192.0.2.39:2817 10.0.0.1:80 0 0 0 400 0 0 0 "GET http://x:80- -""#;
    let lines = format!(
        "{LINE}\n{tcp}\n\n{old}\n2026-11-20T23:39:43.945958Z my-lb\n{}\n",
        LINE.replace("0.001048", "x")
    );
    check_shown(
        &lines,
        &expect![[r#"
        5 not_an_event: 2 fields, at least 12
        6 not_an_event: no time, or no processing times, where they belong
        {"_time":"2026-11-20T23:39:43.945958Z","timestamp":"2026-11-20T23:39:43.945958Z","elb_name":"my-lb","request_ip":"192.0.2.39","request_port":2817,"backend_ip":"10.0.0.1","backend_port":80,"request_processing_time":0.000073,"backend_processing_time":0.001048,"client_response_time":0.000057,"elb_response_code":"200","backend_response_code":"200","received_bytes":0,"sent_bytes":29,"request_verb":"GET","url":"http://www.example.com:80/","protocol":"HTTP/1.1","user_agent":"curl/7.38.0","_account":"111122223333","_region":"us-west-1","_addr":"192.0.2.39","_resource":"my-lb","_id":"at-50e0103b55dba5a3","_origin":"s3://logs/key#1","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
        {"_time":"2026-11-20T23:39:43.945958Z","timestamp":"2026-11-20T23:39:43.945958Z","elb_name":"my-lb","request_ip":"2001:db8::1","request_port":2817,"request_processing_time":-1.0,"backend_processing_time":-1.0,"client_response_time":-1.0,"received_bytes":82,"sent_bytes":0,"ssl_cipher":"DHE","ssl_protocol":"TLSv1.2","_account":"111122223333","_region":"us-west-1","_addr":"2001:db8::1","_resource":"my-lb","_id":"at-d54a76d6b2462b90","_origin":"s3://logs/key#2","_extra":"{\"field_16\":\"later\"}","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
        {"_time":"2014-01-01T00:00:00.100Z","timestamp":"2014-01-01T00:00:00.1Z","elb_name":"my-lb","request_ip":"192.0.2.39","request_port":2817,"backend_ip":"10.0.0.1","backend_port":80,"request_processing_time":0.0,"backend_processing_time":0.0,"client_response_time":0.0,"elb_response_code":"400","backend_response_code":"0","received_bytes":0,"sent_bytes":0,"request_verb":"GET","url":"http://x:80-","_account":"111122223333","_region":"us-west-1","_addr":"192.0.2.39","_resource":"my-lb","_id":"at-a33be5c4786eecad","_origin":"s3://logs/key#4","_ingested":"2023-11-14T22:13:20Z","day":"2014-01-01"}
    "#]],
    );
}

#[test]
fn keys_and_first_lines_tell() {
    for (key, head) in [
        ("a/123456789012_elasticloadbalancing_us-east-2_my-lb_20261120T2340Z_192.0.2.1_1d.log", ""),
        ("x.log", LINE),
    ] {
        match recognise(key, head.as_bytes()) {
            Recognised::Records { format, .. } => assert_eq!(format.name(), NAME, "{key} {head}"),
            other => panic!("{key} {head}: {other:?}"),
        }
    }
}
