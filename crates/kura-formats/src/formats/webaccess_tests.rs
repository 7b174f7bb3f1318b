//! Lines of web servers in, rows out.

use expect_test::{Expect, expect};

use super::*;
use crate::formats::shown::shown;
use crate::recognise::{Recognised, recognise};

#[track_caller]
fn check_shown(lines: &str, expected: &Expect) {
    expected.assert_eq(&shown(&FORMAT, lines));
}

#[test]
fn common_combined_and_more() {
    let lines = concat!(
        "192.0.2.1 - ann [20/Nov/2026:19:01:01 +0900] \"GET /a?b=c HTTP/1.1\" 200 85\n",
        "::1 - - [20/Nov/2026:10:01:01 +0000] \"\\x16\\x03\" 400 - \"-\" \"a \\\"b\\\" c\"\n",
        "192.0.2.1 - - [20/Nov/2026:10:01:01 +0000] \"-\" 408 0 \"-\" \"-\" \"198.51.100.7\" 0.003\n",
        "[Fri Nov 20 10:01:01 2026] [error] something\n",
    );
    check_shown(
        lines,
        &expect![[r#"
        4 not_an_event: 3 fields, at least 7
        {"_time":"2026-11-20T10:01:01Z","remote_addr":"192.0.2.1","remote_user":"ann","time_local":"20/Nov/2026:19:01:01 +0900","request_method":"GET","request_uri":"/a?b=c","server_protocol":"HTTP/1.1","status":200,"body_bytes_sent":85,"_account":"111122223333","_region":"us-west-1","_principal":"ann","_addr":"192.0.2.1","_resource":"/a?b=c","_id":"at-50e0103b55dba5a3","_origin":"s3://logs/key#1","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
        {"_time":"2026-11-20T10:01:01Z","remote_addr":"::1","time_local":"20/Nov/2026:10:01:01 +0000","request_uri":"\\x16\\x03","status":400,"http_user_agent":"a \\\"b\\\" c","_account":"111122223333","_region":"us-west-1","_addr":"::1","_resource":"\\x16\\x03","_id":"at-d54a76d6b2462b90","_origin":"s3://logs/key#2","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
        {"_time":"2026-11-20T10:01:01Z","remote_addr":"192.0.2.1","time_local":"20/Nov/2026:10:01:01 +0000","status":408,"body_bytes_sent":0,"http_x_forwarded_for":"198.51.100.7","_account":"111122223333","_region":"us-west-1","_addr":"192.0.2.1","_id":"at-4ab649b29afd0ad6","_origin":"s3://logs/key#3","_extra":"{\"field_11\":\"0.003\"}","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
    "#]],
    );
    check_known(lines.lines().next().expect("a line"));
}

/// A proxy's list, and Apache's `vhost_combined`.
#[test]
fn lines_that_begin_with_proxies_or_a_site() {
    let lines = [
        r#"192.0.2.1, 10.0.0.1, 10.0.0.2 - - [20/Nov/2026:10:01:01 +0000] "GET /a HTTP/1.1" 200 1 "-" "a""#,
        r#"192.0.2.1, 10.0.0.1 10.0.0.2 - ann [20/Nov/2026:10:01:01 +0000] "GET /b HTTP/1.1" 200 2 "-" "a""#,
        r#""192.0.2.1, 10.0.0.1" 10.0.0.2 - - [20/Nov/2026:10:01:01 +0000] "GET /c HTTP/1.1" 200 3 "-" "a" "x""#,
        r#"www.example.com:443 2001:db8::1 - - [20/Nov/2026:10:01:01 +0000] "GET /d HTTP/2.0" 200 4 "-" "a""#,
        r#"192.0.2.1 - John Doe [20/Nov/2026:10:01:01 +0000] "GET /e HTTP/1.1" 200 5 "-" "a""#,
        r#"- 192.0.2.1 - - [20/Nov/2026:10:01:01 +0000] "GET /f [g] HTTP/1.1" 200 6"#,
        r#"192.0.2.1,10.0.0.1 - - [20/Nov/2026:10:01:01 +0000] "GET /h HTTP/1.1" 200 7"#,
    ];
    check_shown(
        &lines.join("\n"),
        &expect![[r#"
        5 not_an_event: `Doe` is no time
        {"_time":"2026-11-20T10:01:01Z","remote_addr":"192.0.2.1","time_local":"20/Nov/2026:10:01:01 +0000","request_method":"GET","request_uri":"/a","server_protocol":"HTTP/1.1","status":200,"body_bytes_sent":1,"http_user_agent":"a","http_x_forwarded_for":"192.0.2.1, 10.0.0.1, 10.0.0.2","_account":"111122223333","_region":"us-west-1","_addr":"192.0.2.1","_resource":"/a","_id":"at-50e0103b55dba5a3","_origin":"s3://logs/key#1","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
        {"_time":"2026-11-20T10:01:01Z","remote_addr":"10.0.0.2","remote_user":"ann","time_local":"20/Nov/2026:10:01:01 +0000","request_method":"GET","request_uri":"/b","server_protocol":"HTTP/1.1","status":200,"body_bytes_sent":2,"http_user_agent":"a","http_x_forwarded_for":"192.0.2.1, 10.0.0.1","_account":"111122223333","_region":"us-west-1","_principal":"ann","_addr":"10.0.0.2","_resource":"/b","_id":"at-d54a76d6b2462b90","_origin":"s3://logs/key#2","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
        {"_time":"2026-11-20T10:01:01Z","remote_addr":"10.0.0.2","time_local":"20/Nov/2026:10:01:01 +0000","request_method":"GET","request_uri":"/c","server_protocol":"HTTP/1.1","status":200,"body_bytes_sent":3,"http_user_agent":"a","http_x_forwarded_for":"192.0.2.1, 10.0.0.1","_account":"111122223333","_region":"us-west-1","_addr":"10.0.0.2","_resource":"/c","_id":"at-4ab649b29afd0ad6","_origin":"s3://logs/key#3","_extra":"{\"http_x_forwarded_for\":\"x\"}","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
        {"_time":"2026-11-20T10:01:01Z","remote_addr":"2001:db8::1","time_local":"20/Nov/2026:10:01:01 +0000","request_method":"GET","request_uri":"/d","server_protocol":"HTTP/2.0","status":200,"body_bytes_sent":4,"http_user_agent":"a","virtual_host":"www.example.com:443","_account":"111122223333","_region":"us-west-1","_addr":"2001:db8::1","_resource":"/d","_id":"at-a33be5c4786eecad","_origin":"s3://logs/key#4","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
        {"_time":"2026-11-20T10:01:01Z","remote_addr":"192.0.2.1","time_local":"20/Nov/2026:10:01:01 +0000","request_method":"GET","request_uri":"/f [g]","server_protocol":"HTTP/1.1","status":200,"body_bytes_sent":6,"_account":"111122223333","_region":"us-west-1","_addr":"192.0.2.1","_resource":"/f [g]","_id":"at-c58ddf5af14c6fe7","_origin":"s3://logs/key#6","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
        {"_time":"2026-11-20T10:01:01Z","remote_addr":"192.0.2.1","time_local":"20/Nov/2026:10:01:01 +0000","request_method":"GET","request_uri":"/h","server_protocol":"HTTP/1.1","status":200,"body_bytes_sent":7,"http_x_forwarded_for":"192.0.2.1,10.0.0.1","_account":"111122223333","_region":"us-west-1","_addr":"192.0.2.1","_resource":"/h","_id":"at-62114b85d9d75781","_origin":"s3://logs/key#7","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
    "#]],
    );
    lines[..4].iter().for_each(|line| check_known(line));
}

#[track_caller]
fn check_known(line: &str) {
    let Recognised::Records { format, .. } = recognise("access.log", line.as_bytes()) else {
        panic!("not known");
    };
    assert_eq!(format.name(), NAME);
}
