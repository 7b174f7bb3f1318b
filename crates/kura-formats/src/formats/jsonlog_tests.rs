//! Logs of applications in, rows out.

use expect_test::expect;

use super::*;
use crate::formats::shown::shown;
use crate::recognise::{Recognised, recognise};

#[test]
fn one_thing_under_many_keys() {
    let lines = concat!(
        r#"{"@timestamp":"2026-11-20T10:00:00.5Z","log":{"level":"warn","logger":"a.b"},"message":"m","service":{"name":"orders","version":1},"host":{"name":"h"},"trace.id":"t","error":{"type":"E"}}"#,
        "\n",
        r#"{"level":30,"time":1795168800500,"pid":1,"hostname":"h","name":"app","msg":"m","req":{"id":"r","method":"GET"},"err":"x"}"#,
        "\n",
        r#"{"Timestamp":"2026-11-20 10:00:00,123","Level":"INFO","Message":{"a":1},"msg":"","user":"ann"}"#,
        "\n",
        r#"{ "timestamp": null, "time": "soon", "severity": "", "level": "info", "event": "e" }"#,
        "\n",
        r#"{"a":1}"#,
        "\n",
        r#"{"a":"#,
        "\n",
        r#"{"date":"2026-11-20","log":"again","stream":"stderr","kubernetes":{"container_name":"c"}}"#,
        "\n",
    );
    expect![[r#"
        6 broken_json: the record has no end
        {"_time":"2026-11-20T10:00:00.500Z","time":"2026-11-20T10:00:00.5Z","level":"warn","message":"m","logger":"a.b","service":"orders","host":"h","trace_id":"t","error":"{\"type\":\"E\"}","record":"{\"@timestamp\":\"2026-11-20T10:00:00.5Z\",\"log\":{\"level\":\"warn\",\"logger\":\"a.b\"},\"message\":\"m\",\"service\":{\"name\":\"orders\",\"version\":1},\"host\":{\"name\":\"h\"},\"trace.id\":\"t\",\"error\":{\"type\":\"E\"}}","_account":"111122223333","_region":"us-west-1","_id":"at-50e0103b55dba5a3","_origin":"s3://logs/key#1","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
        {"_time":"2026-11-20T10:00:00.500Z","time":"1795168800500","level":"30","message":"m","logger":"app","host":"h","request_id":"r","error":"\"x\"","record":"{\"level\":30,\"time\":1795168800500,\"pid\":1,\"hostname\":\"h\",\"name\":\"app\",\"msg\":\"m\",\"req\":{\"id\":\"r\",\"method\":\"GET\"},\"err\":\"x\"}","_account":"111122223333","_region":"us-west-1","_id":"at-d54a76d6b2462b90","_origin":"s3://logs/key#2","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
        {"_time":"2026-11-20T10:00:00.123Z","time":"2026-11-20 10:00:00,123","level":"INFO","message":"{\"a\":1}","user":"ann","record":"{\"Timestamp\":\"2026-11-20 10:00:00,123\",\"Level\":\"INFO\",\"Message\":{\"a\":1},\"msg\":\"\",\"user\":\"ann\"}","_account":"111122223333","_region":"us-west-1","_principal":"ann","_id":"at-4ab649b29afd0ad6","_origin":"s3://logs/key#3","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
        {"_time":"2020-09-13T12:26:40Z","time":"soon","level":"info","message":"e","record":"{ \"timestamp\": null, \"time\": \"soon\", \"severity\": \"\", \"level\": \"info\", \"event\": \"e\" }","_account":"111122223333","_region":"us-west-1","_id":"at-a33be5c4786eecad","_origin":"s3://logs/key#4","_ingested":"2023-11-14T22:13:20Z","day":"2020-09-13"}
        {"_time":"2020-09-13T12:26:40Z","record":"{\"a\":1}","_account":"111122223333","_region":"us-west-1","_id":"at-ca82b25e7b727357","_origin":"s3://logs/key#5","_ingested":"2023-11-14T22:13:20Z","day":"2020-09-13"}
        {"_time":"2026-11-20T00:00:00Z","time":"2026-11-20","message":"again","source":"c","stream":"stderr","record":"{\"date\":\"2026-11-20\",\"log\":\"again\",\"stream\":\"stderr\",\"kubernetes\":{\"container_name\":\"c\"}}","_account":"111122223333","_region":"us-west-1","_id":"at-62114b85d9d75781","_origin":"s3://logs/key#7","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
    "#]].assert_eq(&shown(&FORMAT, lines));
}

#[test]
fn first_records_tell() {
    for (head, is) in [
        (r#"{"timestamp":"2026-11-20T10:00:00Z","message":"m"}"#, true),
        (r#"{"ts":1.5,"severity":"INFO"}"#, true),
        (r#"{"time":"2026-11-20T10:00:00Z","user":"ann"}"#, false),
        (r#"{"message":"m","level":"info"}"#, false),
        (r#"{"timestamp":null,"message":"m"}"#, false),
        (
            r#"{"version":"1.1","account_id":"1","query_timestamp":"2026-11-20T10:00:00Z","query_name":"a."}"#,
            false,
        ),
        ("2026-11-20T10:00:00Z message", false),
    ] {
        let name = match recognise("x.log", head.as_bytes()) {
            Recognised::Records { format, .. } => format.name().to_owned(),
            _ => String::new(),
        };
        assert_eq!(name == NAME, is, "{head}: {name}");
    }
}
