//! Sections in, formats out; their records in, rows out.

use std::borrow::Cow;

use expect_test::{Expect, expect};

use super::*;
use crate::formats::shown::shown;
use crate::known::known_table;
use crate::recognise::{Catalogue, Recognised};

fn section(text: &str) -> OwnFormat {
    toml::from_str(text).expect("a section")
}

fn format(text: &str) -> Arc<dyn Format> {
    section(text).build("shop").expect("a format")
}

#[track_caller]
fn check(text: &str, object: &str, expected: &Expect) {
    expected.assert_eq(&shown(format(text).as_ref(), object));
}

const REGEX: &str = r#"
    match = { key = "shop/*.log", line = '^\d{4}/' }
    regex = [
        '^(?<at>\S+ \S+) \[(?<level>\w+)\] (?<user>\S+) (?<verb>[A-Z]+) (?<Path>\S+) (?<status>\S+)$',
        '^(?<at>\S+ \S+) \[(?<level>\w+)\] (?<message>.*)$',
    ]
    skip = '^#'
    types = { status = "int" }
    time = { column = "at", format = "%Y/%m/%d %H:%M:%S", zone = "+09:00" }
    account = "123456789012"
    region = "ap-northeast-1"
    principal = "user"
    resources = ["Path"]
    needles = ["user"]
    facets = ["level"]
"#;

#[test]
fn groups_of_regular_expressions_are_columns() {
    let object = "# made by shop\n2026/11/20 19:00:00 [info] ann GET /a 200\n\
        2026/11/20 19:00:01 [warn] - GET /b many\n2026/11/20 19:00:02 [info] started\nnothing\n";
    check(
        REGEX,
        object,
        &expect![[r#"
        5 not_an_event: not as the format's section says records are
        {"_time":"2026-11-20T10:00:00Z","at":"2026/11/20 19:00:00","level":"info","user":"ann","verb":"GET","path":"/a","status":200,"_account":"123456789012","_region":"ap-northeast-1","_principal":"ann","_resource":"/a","_id":"at-d54a76d6b2462b90","_origin":"s3://logs/key#2","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
        {"_time":"2026-11-20T10:00:01Z","at":"2026/11/20 19:00:01","level":"warn","verb":"GET","path":"/b","_account":"123456789012","_region":"ap-northeast-1","_resource":"/b","_id":"at-4ab649b29afd0ad6","_origin":"s3://logs/key#3","_extra":"{\"status\":\"many\"}","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
        {"_time":"2026-11-20T10:00:02Z","at":"2026/11/20 19:00:02","level":"info","message":"started","_account":"123456789012","_region":"ap-northeast-1","_id":"at-a33be5c4786eecad","_origin":"s3://logs/key#4","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
    "#]],
    );
}

#[test]
fn grok() {
    let text = r#"
        grok = '%{IP:client} %{WORD:method} %{URIPATHPARAM:request} %{NUMBER:bytes}'
        types = { bytes = "long" }
        address = "client"
    "#;
    check(
        text,
        "192.0.2.1 GET /a?b=c 15824\nx\n",
        &expect![[r#"
        2 not_an_event: not as the format's section says records are
        {"_time":"2020-09-13T12:26:40Z","client":"192.0.2.1","method":"GET","request":"/a?b=c","bytes":15824,"_account":"111122223333","_region":"us-west-1","_addr":"192.0.2.1","_id":"at-50e0103b55dba5a3","_origin":"s3://logs/key#1","_ingested":"2023-11-14T22:13:20Z","day":"2020-09-13"}
    "#]],
    );
}

#[test]
fn fields_between_delimiters() {
    let text = r#"
        delimiter = ";"
        columns = ["when", "who", "what"]
        time = { column = "when" }
        id = "what"
    "#;
    let object = "2026-11-20T10:00:00Z;ann;\"a;\"\"b\"\"\"\n1795168800;;c;more\nx\n1;\"open\n";
    check(
        text,
        object,
        &expect![[r#"
        3 not_an_event: not as the format's section says records are
        {"_time":"2026-11-20T10:00:00Z","when":"2026-11-20T10:00:00Z","who":"ann","what":"a;\"b\"","_account":"111122223333","_region":"us-west-1","_id":"a;\"b\"","_origin":"s3://logs/key#1","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
        {"_time":"2026-11-20T10:00:00Z","when":"1795168800","what":"c","_account":"111122223333","_region":"us-west-1","_id":"c","_origin":"s3://logs/key#2","_extra":"{\"field_4\":\"more\"}","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
        {"_time":"2020-09-13T12:26:40Z","when":"1","who":"open","_account":"111122223333","_region":"us-west-1","_id":"at-a33be5c4786eecad","_origin":"s3://logs/key#4","_ingested":"2023-11-14T22:13:20Z","day":"2020-09-13"}
    "#]],
    );
}

#[test]
fn json() {
    let text = r#"
        json = true
        columns = ["ts", "requestId", "n", "detail"]
        types = { n = "double", detail = "json" }
        time = { column = "ts", format = ["%d.%m.%Y %H:%M", "%Y-%m-%d"] }
        needles = ["requestId"]
    "#;
    let object = r#"[{"ts":"20.11.2026 10:00","requestId":"a","n":1.5,"detail":{"b":[1]},"new":1},
        {"ts":"2026-11-20","n":"x"}, 7]"#;
    check(
        text,
        object,
        &expect![[r#"
        3 not_an_object: an element of the array is not an object
        {"_time":"2026-11-20T10:00:00Z","ts":"20.11.2026 10:00","requestid":"a","n":1.5,"detail":"{\"b\":[1]}","_account":"111122223333","_region":"us-west-1","_id":"at-50e0103b55dba5a3","_origin":"s3://logs/key#1","_extra":"{\"new\":1}","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
        {"_time":"2026-11-20T00:00:00Z","ts":"2026-11-20","_account":"111122223333","_region":"us-west-1","_id":"at-d54a76d6b2462b90","_origin":"s3://logs/key#2","_extra":"{\"n\":\"x\"}","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
    "#]],
    );
}

#[test]
fn records_of_several_lines_and_with_another_end() {
    let begins = "regex = '(?s)^(?<level>[A-Z]+) (?<message>.*)$'\nbegins = '^[A-Z]+ '";
    check(
        begins,
        "INFO a\n  b\nWARN c\n",
        &expect![[r#"
        {"_time":"2020-09-13T12:26:40Z","level":"INFO","message":"a\n  b","_account":"111122223333","_region":"us-west-1","_id":"at-50e0103b55dba5a3","_origin":"s3://logs/key#1","_ingested":"2023-11-14T22:13:20Z","day":"2020-09-13"}
        {"_time":"2020-09-13T12:26:40Z","level":"WARN","message":"c","_account":"111122223333","_region":"us-west-1","_id":"at-4ab649b29afd0ad6","_origin":"s3://logs/key#3","_ingested":"2023-11-14T22:13:20Z","day":"2020-09-13"}
    "#]],
    );
    let ends = "regex = '(?s)^(?<message>.+)$'\nends = \"\\u001e\"";
    check(
        ends,
        "a\nb\u{1e}c",
        &expect![[r#"
        {"_time":"2020-09-13T12:26:40Z","message":"a\nb","_account":"111122223333","_region":"us-west-1","_id":"at-50e0103b55dba5a3","_origin":"s3://logs/key#1","_ingested":"2023-11-14T22:13:20Z","day":"2020-09-13"}
        {"_time":"2020-09-13T12:26:40Z","message":"c","_account":"111122223333","_region":"us-west-1","_id":"at-d54a76d6b2462b90","_origin":"s3://logs/key#2","_ingested":"2023-11-14T22:13:20Z","day":"2020-09-13"}
    "#]],
    );
}

#[test]
fn key_and_first_line_tell() {
    let known = Catalogue::with(vec![format(REGEX)]);
    let by_key = section("match = { key = '**/app-*.txt' }\ndelimiter = ','\ncolumns = ['a', 'b']");
    let by_key = Catalogue::with(vec![by_key.build("app").expect("a format")]);
    for (known, path, head, expected) in [
        (&known, "/logs/shop/a.log", "2026/11/20 19:00:00 [info] x", "shop"),
        (&known, "/logs/shop/deep/a.log", "2026/11/20 19:00:00 [info] x", "textlog"),
        (&known, "/logs/shop/a.log", "no date", ""),
        (&by_key, "x/y/app-1.txt", "a,b", "app"),
        (&by_key, "x/y/web-1.txt", "a,b", ""),
    ] {
        let name = match known.recognise(path, head.as_bytes()) {
            Recognised::Records { format, .. } => format.name().to_owned(),
            _ => String::new(),
        };
        let is_general = expected == "textlog" && name.is_empty();
        assert!(name == expected || is_general, "{path} {head}: {name}");
    }
}

/// Kura asks the table, not the section, when it is queried.
#[test]
fn the_table_says_what_the_section_said() {
    let spec = format(REGEX).table();
    let known = known_table("shop", &spec.schema);
    let sorted = |mut names: Vec<String>| {
        names.sort();
        names
    };
    assert_eq!(sorted(known.spec.needles), sorted(spec.needles.clone()));
    assert_eq!(spec.needles, ["user", "_principal", "_resource", "_account", "_region"]);
    let path = known.columns.iter().find(|column| column.name == "path").expect("a column");
    assert_eq!((&path.key, path.role), (&Cow::Borrowed("Path"), Role::Resource));
    assert_eq!(known.left_empty, ["_accesskey", "_addr"]);
}

#[test]
fn what_cannot_be_is_said() {
    for (text, expected) in [
        ("json = true", "no columns"),
        ("columns = ['a']", "one of `regex`"),
        ("json = true\nregex = '(?<a>.)'", "one of `regex`"),
        ("regex = '('", "unclosed group"),
        ("grok = '%{NOTHING:a}'", "NOTHING"),
        ("delimiter = '||'\ncolumns = ['a']", "one ASCII character"),
        ("regex = '(?<a>.)'\nneedles = ['b']", "no column `b`; there are: a"),
        ("regex = '(?<a>.)'\nneedles = ['a']\ntypes = { a = 'int' }", "no column of text"),
        ("regex = '(?<a>.)'\naccount = 'b'", "neither a column"),
        ("regex = '(?<a>.)'\ntime = { column = 'a', zone = '+09:00' }", "`zone` is for"),
        ("regex = '(?<a>.)'\ntime = { column = 'a', format = '%F', zone = 'JST' }", "zone `JST`"),
        ("regex = '(?<a>.)'\nbegins = '('", "`begins`"),
        ("regex = '(?<a>.)'\nbegins = 'a'\nends = 'b'", "not both"),
        ("regex = '(?<a>.)'\nmatch = { key = '[' }", "no glob"),
        ("regex = '(?<a>.)(?<A>.)'", "there twice"),
    ] {
        let error = section(text).build("shop").expect_err(text).to_string();
        assert!(error.contains(expected), "{text}: {error}");
    }
    let error = toml::from_str::<OwnFormat>("regexp = 'a'").expect_err("no such key").to_string();
    assert!(error.contains("unknown field `regexp`") && error.contains("`regex`"), "{error}");
}
