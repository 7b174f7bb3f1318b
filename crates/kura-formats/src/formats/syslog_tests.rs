//! Syslog in, rows out.

use expect_test::{Expect, expect};

use super::*;
use crate::formats::shown::shown;
use crate::recognise::{Recognised, recognise};

#[track_caller]
fn check_shown(lines: &str, expected: &Expect) {
    expected.assert_eq(&shown(&FORMAT, lines));
}

#[test]
fn the_old_form_with_and_without_its_parts() {
    check_shown(
        concat!(
            "lost\n",
            "Nov  3 10:00:00 web-1 sshd[123]: Failed password for root from 192.0.2.1 port 22 ssh2\n",
            "<38>Nov 13 10:00:00 web-1 sudo:   ann : TTY=pts/0 ; COMMAND=/bin/ls\r\n",
            "2023-11-13T10:00:00.123456+09:00 2001:db8::1 kernel: [    0.5] Linux version 6\n",
            " and more\n",
            "Nov 13 10:00:00 postfix/smtpd[7]: connect\n",
            "Nov 13 10:00:00 mac com.apple.xpc.launchd[1] (com.apple.x): started\n",
            "Nov 13 10:00:00 web-1 last message repeated 3 times\n",
            "Nov 13 10:00:00 web-1 no tag at all\n",
            "Nov 13 10:00:00 web-1 CRON[9]:\n",
            "<13>hello\n",
            "<999>Nov 13 10:00:00 web-1 a: b\n",
            "Nov 13 10:00:00 mac Some Web Browser[85]: objc[85]: loaded\n",
            "Nov 13 10:00:00 mac these are far too many words[85]: to be one\n",
        ),
        &expect![[r#"
            1 not_an_event: neither a time nor `<PRI>`
            {"_time":"2023-11-03T10:00:00Z","timestamp":"Nov  3 10:00:00","hostname":"web-1","appname":"sshd","procid":"123","message":"Failed password for root from 192.0.2.1 port 22 ssh2","_account":"111122223333","_region":"us-west-1","_id":"at-d54a76d6b2462b90","_origin":"s3://logs/key#2","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-03"}
            {"_time":"2023-11-13T10:00:00Z","facility":"auth","facility_code":4,"severity":"info","severity_code":6,"timestamp":"Nov 13 10:00:00","hostname":"web-1","appname":"sudo","message":"  ann : TTY=pts/0 ; COMMAND=/bin/ls","_account":"111122223333","_region":"us-west-1","_id":"at-4ab649b29afd0ad6","_origin":"s3://logs/key#3","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-13"}
            {"_time":"2023-11-13T01:00:00.123456Z","timestamp":"2023-11-13T10:00:00.123456+09:00","hostname":"2001:db8::1","appname":"kernel","message":"[    0.5] Linux version 6\n and more","_account":"111122223333","_region":"us-west-1","_id":"at-a33be5c4786eecad","_origin":"s3://logs/key#4","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-13"}
            {"_time":"2023-11-13T10:00:00Z","timestamp":"Nov 13 10:00:00","appname":"postfix/smtpd","procid":"7","message":"connect","_account":"111122223333","_region":"us-west-1","_id":"at-c58ddf5af14c6fe7","_origin":"s3://logs/key#6","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-13"}
            {"_time":"2023-11-13T10:00:00Z","timestamp":"Nov 13 10:00:00","hostname":"mac","appname":"com.apple.xpc.launchd","procid":"1","message":"started","_account":"111122223333","_region":"us-west-1","_id":"at-62114b85d9d75781","_origin":"s3://logs/key#7","_extra":"{\"service\":\"com.apple.x\"}","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-13"}
            {"_time":"2023-11-13T10:00:00Z","timestamp":"Nov 13 10:00:00","hostname":"web-1","message":"last message repeated 3 times","_account":"111122223333","_region":"us-west-1","_id":"at-57876ba6bc512aa0","_origin":"s3://logs/key#8","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-13"}
            {"_time":"2023-11-13T10:00:00Z","timestamp":"Nov 13 10:00:00","hostname":"web-1","message":"no tag at all","_account":"111122223333","_region":"us-west-1","_id":"at-d1b463d788078624","_origin":"s3://logs/key#9","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-13"}
            {"_time":"2023-11-13T10:00:00Z","timestamp":"Nov 13 10:00:00","hostname":"web-1","appname":"CRON","procid":"9","_account":"111122223333","_region":"us-west-1","_id":"at-e3b359b2b099dd28","_origin":"s3://logs/key#10","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-13"}
            {"_time":"2020-09-13T12:26:40Z","facility":"user","facility_code":1,"severity":"notice","severity_code":5,"message":"hello","_account":"111122223333","_region":"us-west-1","_id":"at-508220d953f851c1","_origin":"s3://logs/key#11","_ingested":"2023-11-14T22:13:20Z","day":"2020-09-13"}
            {"_time":"2023-11-13T10:00:00Z","timestamp":"Nov 13 10:00:00","hostname":"web-1","appname":"a","message":"b","_account":"111122223333","_region":"us-west-1","_id":"at-89566de5e675c517","_origin":"s3://logs/key#12","_extra":"{\"pri\":\"999\"}","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-13"}
            {"_time":"2023-11-13T10:00:00Z","timestamp":"Nov 13 10:00:00","hostname":"mac","appname":"Some Web Browser","procid":"85","message":"objc[85]: loaded","_account":"111122223333","_region":"us-west-1","_id":"at-0d935bc5a6947ba1","_origin":"s3://logs/key#13","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-13"}
            {"_time":"2023-11-13T10:00:00Z","timestamp":"Nov 13 10:00:00","hostname":"mac","message":"these are far too many words[85]: to be one","_account":"111122223333","_region":"us-west-1","_id":"at-074f33157c00037f","_origin":"s3://logs/key#14","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-13"}
        "#]],
    );
}

#[test]
fn the_new_form_and_its_structured_data() {
    check_shown(
        concat!(
            "<165>1 2026-11-20T10:00:00.003Z host.example.com su - ID47 - \u{feff}'su root' failed\n",
            r#"<34>1 2026-11-20T10:00:00+09:00 h app 8 - [a@1 k="v\"\]\\\n" l=""][b] message [x]"#,
            "\n",
            "71 <34>1 - - - - - -\n",
            r#"<34>1 2026-11-20T10:00:00Z h app 8 - [a@1 k="v] broken"#,
            "\n",
        ),
        &expect![[r#"
            {"_time":"2026-11-20T10:00:00.003Z","facility":"local4","facility_code":20,"severity":"notice","severity_code":5,"version":1,"timestamp":"2026-11-20T10:00:00.003Z","hostname":"host.example.com","appname":"su","msgid":"ID47","message":"'su root' failed","_account":"111122223333","_region":"us-west-1","_id":"at-50e0103b55dba5a3","_origin":"s3://logs/key#1","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
            {"_time":"2026-11-20T01:00:00Z","facility":"auth","facility_code":4,"severity":"crit","severity_code":2,"version":1,"timestamp":"2026-11-20T10:00:00+09:00","hostname":"h","appname":"app","procid":"8","structured_data":"{\"a@1\":{\"k\":\"v\\\"]\\\\\\\\n\",\"l\":\"\"},\"b\":{}}","message":"message [x]","_account":"111122223333","_region":"us-west-1","_id":"at-d54a76d6b2462b90","_origin":"s3://logs/key#2","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
            {"_time":"2020-09-13T12:26:40Z","facility":"auth","facility_code":4,"severity":"crit","severity_code":2,"version":1,"_account":"111122223333","_region":"us-west-1","_id":"at-4ab649b29afd0ad6","_origin":"s3://logs/key#3","_ingested":"2023-11-14T22:13:20Z","day":"2020-09-13"}
            {"_time":"2026-11-20T10:00:00Z","facility":"auth","facility_code":4,"severity":"crit","severity_code":2,"version":1,"timestamp":"2026-11-20T10:00:00Z","hostname":"h","appname":"app","procid":"8","message":"[a@1 k=\"v] broken","_account":"111122223333","_region":"us-west-1","_id":"at-a33be5c4786eecad","_origin":"s3://logs/key#4","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
        "#]],
    );
}

#[test]
fn what_is_syslog_and_what_only_looks_like_it() {
    for head in [
        "Nov 20 10:00:00 web-1 sshd[123]: Accepted\n",
        "Nov 20 10:00:00 web-1 kernel: x\n",
        "<13>Nov 20 10:00:00 web-1 app: x\n",
        "2026-11-20T10:00:00.123456+00:00 ip-10-0-0-1 systemd[1]: Started x.\n",
        "2026-11-20T10:00:00+00:00 web-1 app: x\n2026-11-20T10:00:00+00:00 web-1 other[1]: x\n",
        "<165>1 2026-11-20T10:00:00Z h su - - - x\n",
    ] {
        let Recognised::Records { format, .. } = recognise("x.log", head.as_bytes()) else {
            panic!("{head}");
        };
        assert_eq!(format.name(), NAME, "{head}");
    }
    for head in [
        "2026-11-20T10:00:00Z INFO main: started\n",
        "2026-11-20T10:00:00Z server started: ok\n",
        "2026-11-20T10:00:00Z stdout F started\n",
        "Nov 20 10:00:00 something without a tag\n",
        "Nov 20 10:00:00 INFO main: x\n",
        "hello\n",
        "{\"message\":\"Nov 20 10:00:00 web-1 sshd[123]: x\"}\n",
    ] {
        if let Recognised::Records { format, .. } = recognise("x.log", head.as_bytes()) {
            assert_ne!(format.name(), NAME, "{head}");
        }
    }
}
