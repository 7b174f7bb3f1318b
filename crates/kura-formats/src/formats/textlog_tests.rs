//! Lines of text in, rows out.

use expect_test::expect;

use super::*;
use crate::formats::shown::shown;
use crate::recognise::{Recognised, recognise};

#[test]
fn times_levels_and_records_of_several_lines() {
    let text = concat!(
        "before it begins\n",
        "\tindented\n",
        "2023-11-10 10:00:00,123 ERROR [main] a.b: it broke\n",
        "java.lang.X: INFO\n\n\tat a.b(C.java:1)\n",
        "[2023-11-10T10:00:01.5+09:00] [info] started\r\n",
        "2023/11/10 10:00:02 no level here\n",
        "I1110 10:00:03.123456    1 main.go:5] up\n",
        "Nov 10 10:00:04 something\n",
        "[10/Nov/2023:10:00:05 +0900] WARN: x\n",
        "2023-13-45 10:00:06 no such day\n",
        "[Fri Nov 10 10:00:07.123456 2023] [mpm_event:notice] [pid 7:tid 8] AH00489: ready\n",
        "[Fri Nov 10 10:00:08.5 2023] [ssl:trace3] [pid 7] a: b\n",
    );
    expect![[r#"
        {"_time":"2020-09-13T12:26:40Z","message":"before it begins","_account":"111122223333","_region":"us-west-1","_id":"at-50e0103b55dba5a3","_origin":"s3://logs/key#1","_ingested":"2023-11-14T22:13:20Z","day":"2020-09-13"}
        {"_time":"2020-09-13T12:26:40Z","message":"\tindented","_account":"111122223333","_region":"us-west-1","_id":"at-d54a76d6b2462b90","_origin":"s3://logs/key#2","_ingested":"2023-11-14T22:13:20Z","day":"2020-09-13"}
        {"_time":"2023-11-10T10:00:00.123Z","time":"2023-11-10 10:00:00,123","level":"ERROR","message":"2023-11-10 10:00:00,123 ERROR [main] a.b: it broke\njava.lang.X: INFO\n\n\tat a.b(C.java:1)","_account":"111122223333","_region":"us-west-1","_id":"at-4ab649b29afd0ad6","_origin":"s3://logs/key#3","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-10"}
        {"_time":"2023-11-10T01:00:01.500Z","time":"2023-11-10T10:00:01.5+09:00","level":"info","message":"[2023-11-10T10:00:01.5+09:00] [info] started","_account":"111122223333","_region":"us-west-1","_id":"at-62114b85d9d75781","_origin":"s3://logs/key#7","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-10"}
        {"_time":"2023-11-10T10:00:02Z","time":"2023/11/10 10:00:02","message":"2023/11/10 10:00:02 no level here","_account":"111122223333","_region":"us-west-1","_id":"at-57876ba6bc512aa0","_origin":"s3://logs/key#8","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-10"}
        {"_time":"2023-11-10T10:00:03.123456Z","time":"1110 10:00:03.123456","level":"I","message":"I1110 10:00:03.123456    1 main.go:5] up","_account":"111122223333","_region":"us-west-1","_id":"at-d1b463d788078624","_origin":"s3://logs/key#9","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-10"}
        {"_time":"2023-11-10T10:00:04Z","time":"Nov 10 10:00:04","message":"Nov 10 10:00:04 something","_account":"111122223333","_region":"us-west-1","_id":"at-e3b359b2b099dd28","_origin":"s3://logs/key#10","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-10"}
        {"_time":"2023-11-10T01:00:05Z","time":"10/Nov/2023:10:00:05 +0900","level":"WARN","message":"[10/Nov/2023:10:00:05 +0900] WARN: x","_account":"111122223333","_region":"us-west-1","_id":"at-508220d953f851c1","_origin":"s3://logs/key#11","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-10"}
        {"_time":"2020-09-13T12:26:40Z","time":"2023-13-45 10:00:06","message":"2023-13-45 10:00:06 no such day","_account":"111122223333","_region":"us-west-1","_id":"at-89566de5e675c517","_origin":"s3://logs/key#12","_ingested":"2023-11-14T22:13:20Z","day":"2020-09-13"}
        {"_time":"2023-11-10T10:00:07.123456Z","time":"Fri Nov 10 10:00:07.123456 2023","level":"notice","message":"[Fri Nov 10 10:00:07.123456 2023] [mpm_event:notice] [pid 7:tid 8] AH00489: ready","_account":"111122223333","_region":"us-west-1","_id":"at-0d935bc5a6947ba1","_origin":"s3://logs/key#13","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-10"}
        {"_time":"2023-11-10T10:00:08.500Z","time":"Fri Nov 10 10:00:08.5 2023","level":"trace3","message":"[Fri Nov 10 10:00:08.5 2023] [ssl:trace3] [pid 7] a: b","_account":"111122223333","_region":"us-west-1","_id":"at-074f33157c00037f","_origin":"s3://logs/key#14","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-10"}
    "#]].assert_eq(&shown(format().as_ref(), text));
}

#[test]
fn first_lines_tell() {
    for (head, is) in [
        ("2026-11-20T10:00:00Z server started: ok\n", true),
        ("2026-11-20 10:00:00,123 INFO x\n  more\n", true),
        ("[2026-11-20 10:00:00.5] production.ERROR: x\n", true),
        ("2026/11/20 10:00:00 [error] 1#1: x\n", true),
        ("I1120 10:00:00.123456       1 main.go:5] x\n", true),
        ("Fri Nov 20 10:00:00 2026 x\n", true),
        ("hello 2026-11-20T10:00:00Z\n", false),
        ("2026-11-20T10:00:00Z\n", false),
        ("2026-11-20T10:00:00Z 1 2 3\n", false),
        ("Nov 20 10:00:00 web-1 sshd[123]: x\n", false),
        ("{\"time\":\"2026-11-20T10:00:00Z\"}\n", false),
    ] {
        let name = match recognise("x.log", head.as_bytes()) {
            Recognised::Records { format, .. } => format.name().to_owned(),
            _ => String::new(),
        };
        assert_eq!(name == NAME, is, "{head}: {name}");
    }
}
