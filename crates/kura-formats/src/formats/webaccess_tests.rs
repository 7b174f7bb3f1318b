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
    let first = lines.lines().next().expect("a line");
    let Recognised::Records { format, .. } = recognise("access.log", first.as_bytes()) else {
        panic!("not known");
    };
    assert_eq!(format.name(), NAME);
}
