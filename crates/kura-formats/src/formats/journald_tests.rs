//! Records of the journal in, rows out.

use expect_test::{Expect, expect};

use super::*;
use crate::formats::shown::shown;
use crate::recognise::{Recognised, recognise};

#[track_caller]
fn check_shown(records: &str, expected: &Expect) {
    expected.assert_eq(&shown(&FORMAT, records));
}

const EXPORT: &str = "__CURSOR=s=1;i=2\n__REALTIME_TIMESTAMP=1795168800000123\n__MONOTONIC_TIMESTAMP=5\n_BOOT_ID=b\n\
    PRIORITY=6\n_SYSTEMD_UNIT=a.service\n_PID=12\n_CMDLINE=/bin/a b=c\nOWN_FIELD=x\n";

#[test]
fn the_export_format() {
    check_shown(
        &[
            EXPORT,
            "MESSAGE\n\x07\0\0\0\0\0\0\0one\n\ntw\n",
            "\n",
            "__CURSOR=s=1;i=3\r\n_SOURCE_REALTIME_TIMESTAMP=1795168800000001\r\nMESSAGE=a\r\nMESSAGE=b\r\n_PID=many\r\n\r\n",
            "__CURSOR=s=1;i=4\nno field\n\n",
            "MESSAGE=-\n",
        ]
        .concat(),
        &expect![[r#"
            3 not_an_event: `no field` is no field
            {"_time":"2026-11-20T10:00:00.000123Z","message":"one\n\ntw","priority":6,"systemd_unit":"a.service","pid":12,"cmdline":"/bin/a b=c","boot_id":"b","monotonic_timestamp":5,"cursor":"s=1;i=2","realtime_timestamp":1795168800000123,"_account":"111122223333","_region":"us-west-1","_id":"s=1;i=2","_origin":"s3://logs/key#1","_extra":"{\"OWN_FIELD\":\"x\"}","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
            {"_time":"2026-11-20T10:00:00.000001Z","message":"a","cursor":"s=1;i=3","source_realtime_timestamp":1795168800000001,"_account":"111122223333","_region":"us-west-1","_id":"s=1;i=3","_origin":"s3://logs/key#2","_extra":"{\"MESSAGE\":\"b\",\"_PID\":\"many\"}","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
            {"_time":"2020-09-13T12:26:40Z","message":"-","_account":"111122223333","_region":"us-west-1","_id":"at-a33be5c4786eecad","_origin":"s3://logs/key#4","_ingested":"2023-11-14T22:13:20Z","day":"2020-09-13"}
        "#]],
    );
}

#[test]
fn json_with_bytes_and_lists() {
    check_shown(
        concat!(
            r#"{"__CURSOR":"s=1;i=2","__REALTIME_TIMESTAMP":"1795168800000123","MESSAGE":[104,255,105],"PRIORITY":"3","_PID":"1","SYSLOG_IDENTIFIER":"a","X":null}"#,
            "\n",
            r#"{"__REALTIME_TIMESTAMP":1795168800000123,"MESSAGE":["a","b"],"_UID":"0","date":1.5,"CONTAINER_NAME":"c"}"#,
            "\n",
            r#"{"MESSAGE":[104,105],"PRIORITY":null}"#,
            "\n",
            r#"{"message":"x"}"#,
            "\n",
            r#"{"MESSAGE":"#,
        ),
        &expect![[r#"
            4 not_an_event: none of the journal's fields
            5 truncated: the object ends within a record
            {"_time":"2026-11-20T10:00:00.000123Z","message":"h�i","priority":3,"syslog_identifier":"a","pid":1,"cursor":"s=1;i=2","realtime_timestamp":1795168800000123,"_account":"111122223333","_region":"us-west-1","_id":"s=1;i=2","_origin":"s3://logs/key#1","_extra":"{\"MESSAGE\":[104,255,105],\"X\":null}","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
            {"_time":"2026-11-20T10:00:00.000123Z","message":"a","uid":0,"container_name":"c","realtime_timestamp":1795168800000123,"_account":"111122223333","_region":"us-west-1","_id":"at-d54a76d6b2462b90","_origin":"s3://logs/key#2","_extra":"{\"MESSAGE\":[\"a\",\"b\"],\"date\":1.5}","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
            {"_time":"2020-09-13T12:26:40Z","message":"hi","_account":"111122223333","_region":"us-west-1","_id":"at-4ab649b29afd0ad6","_origin":"s3://logs/key#3","_extra":"{\"PRIORITY\":null}","_ingested":"2023-11-14T22:13:20Z","day":"2020-09-13"}
        "#]],
    );
}

#[test]
fn first_records_tell() {
    for head in [
        EXPORT,
        "_BOOT_ID=b\nMESSAGE=x\n__REALTIME_TIMESTAMP=1\n",
        r#"{"__CURSOR":"a","__REALTIME_TIMESTAMP":"1","MESSAGE":"x"}"#,
        r#"{"PRIORITY":"6","_TRANSPORT":"stdout","MESSAGE":"x","_HOSTNAME":"h"}"#,
    ] {
        let Recognised::Records { format, .. } = recognise("x", head.as_bytes()) else {
            panic!("{head}");
        };
        assert_eq!(format.name(), NAME, "{head}");
    }
    for head in ["PATH=/bin\nHOME=/\n", r#"{"MESSAGE":"x","level":"info"}"#] {
        if let Recognised::Records { format, .. } = recognise("x", head.as_bytes()) {
            assert_ne!(format.name(), NAME, "{head}");
        }
    }
}
