//! Load balancer lines in, rows out.

use expect_test::{Expect, expect};

use super::*;
use crate::formats::shown::shown;
use crate::recognise::{Recognised, recognise};

#[track_caller]
fn check(line: &str, expected: &Expect) {
    expected.assert_eq(&shown(&FORMAT, line));
}

#[test]
fn a_line_of_today_with_a_field_of_tomorrow() {
    check(
        r#"https 2026-11-20T22:23:00.186641Z app/my-lb/50dc6c495c0c9188 [2001:db8::1]:2817 10.0.0.1:80 0.086 0.048 0.037 200 200 0 57 "GET https://www.example.com:443/a b HTTP/1.1" "curl/7.46.0" ECDHE-RSA TLSv1.2 arn:aws:elasticloadbalancing:us-east-2:123456789012:targetgroup/t/73e2 "Root=1-58337281-1d84" "www.example.com" "session-reused" 1 2026-11-20T22:22:48.364000Z "authenticate,forward" "-" "-" "10.0.0.1:80" "200" "Acceptable" "SpaceInUri" TID_1 "h" "/p" "ok" "tomorrow""#,
        &expect![[r#"
            {"_time":"2026-11-20T22:23:00.186641Z","type":"https","time":"2026-11-20T22:23:00.186641Z","elb":"app/my-lb/50dc6c495c0c9188","client_ip":"2001:db8::1","client_port":2817,"target_ip":"10.0.0.1","target_port":80,"request_processing_time":0.086,"target_processing_time":0.048,"response_processing_time":0.037,"elb_status_code":200,"target_status_code":"200","received_bytes":0,"sent_bytes":57,"request_verb":"GET","request_url":"https://www.example.com:443/a b","request_proto":"HTTP/1.1","user_agent":"curl/7.46.0","ssl_cipher":"ECDHE-RSA","ssl_protocol":"TLSv1.2","target_group_arn":"arn:aws:elasticloadbalancing:us-east-2:123456789012:targetgroup/t/73e2","trace_id":"Root=1-58337281-1d84","domain_name":"www.example.com","chosen_cert_arn":"session-reused","matched_rule_priority":"1","request_creation_time":"2026-11-20T22:22:48.364000Z","actions_executed":"authenticate,forward","target_port_list":"10.0.0.1:80","target_status_code_list":"200","classification":"Acceptable","classification_reason":"SpaceInUri","conn_trace_id":"TID_1","transformed_host":"h","transformed_uri":"/p","request_transform_status":"ok","_account":"111122223333","_region":"us-west-1","_addr":"2001:db8::1","_resource":"app/my-lb/50dc6c495c0c9188 arn:aws:elasticloadbalancing:us-east-2:123456789012:targetgroup/t/73e2","_id":"at-50e0103b55dba5a3","_origin":"s3://logs/key#1","_extra":"{\"field_34\":\"tomorrow\"}","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
        "#]],
    );
}

#[test]
fn an_old_line_of_a_client_that_went_away() {
    check(
        r#"http 2018-07-02T22:23:00.186641Z app/my-lb/50dc 192.168.131.39:2817 - -1 -1 -1 460 - 34 0 "- http://example.com:80- -" "-" - - arn:tg "Root=1" "-" "-" 0 2018-07-02T22:22:48.364000Z "forward" "-" "-""#,
        &expect![[r#"
            {"_time":"2018-07-02T22:23:00.186641Z","type":"http","time":"2018-07-02T22:23:00.186641Z","elb":"app/my-lb/50dc","client_ip":"192.168.131.39","client_port":2817,"request_processing_time":-1.0,"target_processing_time":-1.0,"response_processing_time":-1.0,"elb_status_code":460,"received_bytes":34,"sent_bytes":0,"request_url":"http://example.com:80-","target_group_arn":"arn:tg","trace_id":"Root=1","matched_rule_priority":"0","request_creation_time":"2018-07-02T22:22:48.364000Z","actions_executed":"forward","_account":"111122223333","_region":"us-west-1","_addr":"192.168.131.39","_resource":"app/my-lb/50dc arn:tg","_id":"at-50e0103b55dba5a3","_origin":"s3://logs/key#1","_ingested":"2023-11-14T22:13:20Z","day":"2018-07-02"}
        "#]],
    );
}

#[test]
fn other_lines() {
    check("Enable AccessLog for ELB: app/elb-name/abc at 2025-05-30T16:47:00.781Z", &expect![""]);
    check(
        "http 2018-07-02T22:23:00.186641Z app/x",
        &expect![[r#"
            1 not_an_event: 3 fields, at least 25
        "#]],
    );
    check(
        "tls 2.0 2020-04-01T08:51:42 net/x",
        &expect![[r#"
            1 not_an_event: `tls` is no type of request
        "#]],
    );
}

#[test]
fn keys_and_first_lines_tell() {
    let key = "b/AWSLogs/123456789012/elasticloadbalancing/us-east-2/2022/05/01/123456789012_elasticloadbalancing_us-east-2_app.my-lb.1234567890abcdef_20220215T2340Z_172.160.001.192_20sg8hgm.log.gz";
    let Recognised::Records { format, facts } = recognise(key, b"") else { panic!("not known") };
    assert_eq!((format.name(), facts.time), (NAME, Some(1_644_968_400_000_000)));
    let test = recognise("x", b"Enable AccessLog for ELB: app/a/b at 2025-05-30T16:47:00.781Z");
    assert!(matches!(test, Recognised::Nothing(what) if what.contains("test")));
}
