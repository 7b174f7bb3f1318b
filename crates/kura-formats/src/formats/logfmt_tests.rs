//! Lines of pairs in, rows out.

use expect_test::expect;

use super::*;
use crate::formats::shown::shown;
use crate::recognise::{Recognised, recognise};

#[test]
fn pairs_and_what_is_none() {
    let lines = concat!(
        "time=2026-11-20T10:00:00.5Z level=info msg=\"a \\\"b\\\"\\n\\u00e9 c\" traceID=t path=/x status=200 user=ann\n",
        "ts=1795168800.25 lvl=warn message= err=\"\" status=- flag msg=again\r\n",
        "at=info key=\"never closed\n",
        "nothing of the kind\n",
        "level=info = x\n",
        "=\n",
    );
    expect![[r#"
        4 not_an_event: no `key=value`
        6 not_an_event: no `key=value`
        {"_time":"2026-11-20T10:00:00.500Z","time":"2026-11-20T10:00:00.5Z","level":"info","msg":"a \"b\"\n\\u00e9 c","trace_id":"t","path":"/x","status":200,"_account":"111122223333","_region":"us-west-1","_resource":"/x","_id":"at-50e0103b55dba5a3","_origin":"s3://logs/key#1","_extra":"{\"user\":\"ann\"}","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
        {"_time":"2026-11-20T10:00:00.250Z","time":"1795168800.25","level":"warn","msg":"again","_account":"111122223333","_region":"us-west-1","_id":"at-d54a76d6b2462b90","_origin":"s3://logs/key#2","_extra":"{\"status\":\"-\",\"flag\":true}","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
        {"_time":"2020-09-13T12:26:40Z","_account":"111122223333","_region":"us-west-1","_id":"at-4ab649b29afd0ad6","_origin":"s3://logs/key#3","_extra":"{\"at\":\"info\",\"rest\":\"key=\\\"never closed\"}","_ingested":"2023-11-14T22:13:20Z","day":"2020-09-13"}
        {"_time":"2020-09-13T12:26:40Z","level":"info","_account":"111122223333","_region":"us-west-1","_id":"at-ca82b25e7b727357","_origin":"s3://logs/key#5","_extra":"{\"rest\":\"= x\"}","_ingested":"2023-11-14T22:13:20Z","day":"2020-09-13"}
    "#]].assert_eq(&shown(&FORMAT, lines));
}

#[test]
fn first_lines_tell() {
    for (head, is) in [
        ("time=\"2026-11-20T10:00:00Z\" level=info msg=\"a b\"\n", true),
        ("level=info ts=2026-11-20T10:00:00Z caller=main.go:1 msg=x\n", true),
        ("a=1 b=2 c=3\n", false),
        ("level=info msg=x\n", false),
        ("2026-11-20T10:00:00Z level=info msg=x a=b\n", false),
        ("type=SYSCALL msg=audit(1364481363.243:24287): arch=c000003e syscall=2\n", false),
        ("SELECT a=1 level=2 c=3 msg\n", false),
    ] {
        let name = match recognise("x.log", head.as_bytes()) {
            Recognised::Records { format, .. } => format.name().to_owned(),
            _ => String::new(),
        };
        assert_eq!(name == NAME, is, "{head}: {name}");
    }
}
