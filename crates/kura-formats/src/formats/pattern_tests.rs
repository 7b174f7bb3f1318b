//! Lines and blocks of text in, rows out.

use std::borrow::Cow;

use expect_test::expect;

use super::*;
use crate::columns::{Column, ColumnType};
use crate::formats::shown::shown;

const COLUMNS: &[Column] = &[
    Column::text("time", "", "").role(Role::Time),
    Column::text("level", "", "").role(Role::Facet),
    Column::new("pid", "", ColumnType::Int, ""),
    Column::text("message", "", ""),
];

fn format(patterns: &'static [&'static str], begins: Option<&'static str>) -> Arc<dyn Format> {
    PatternFormat::built_in(Patterns {
        description: Description {
            name: Cow::Borrowed("lines"),
            title: "",
            about: "",
            source: "",
            sample: "",
            columns: COLUMNS.into(),
            statistics: &[],
            needles: &[],
            distinct: &[],
            views: &[],
            examples: &[],
            flat_copies: &[],
        },
        patterns,
        begins,
        time: WrittenTime::Any,
        key: |_| None,
        head: |_| true,
    })
}

const LINE: &str =
    r"^(?<time>\S+) (?<level>[A-Z]+) \[(?<pid>[^\]]*)\](?: (?<thread>\w+):)? ?(?<message>.*)$";

#[test]
fn groups_are_columns_and_what_does_not_fit_is_kept() {
    let lines = "2026-11-20T10:00:00Z WARN [12] a b\n\
        2026-11-20T10:00:01Z INFO [x] main: -\n\
        nothing of the kind\n\
        later WARN [] \n";
    expect![[r#"
        3 not_an_event: no pattern of the format matches
        {"_time":"2026-11-20T10:00:00Z","time":"2026-11-20T10:00:00Z","level":"WARN","pid":12,"message":"a b","_account":"111122223333","_region":"us-west-1","_id":"at-50e0103b55dba5a3","_origin":"s3://logs/key#1","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
        {"_time":"2026-11-20T10:00:01Z","time":"2026-11-20T10:00:01Z","level":"INFO","_account":"111122223333","_region":"us-west-1","_id":"at-d54a76d6b2462b90","_origin":"s3://logs/key#2","_extra":"{\"pid\":\"x\",\"thread\":\"main\"}","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
        {"_time":"2020-09-13T12:26:40Z","time":"later","level":"WARN","_account":"111122223333","_region":"us-west-1","_id":"at-a33be5c4786eecad","_origin":"s3://logs/key#4","_ingested":"2023-11-14T22:13:20Z","day":"2020-09-13"}
    "#]].assert_eq(&shown(format(&[LINE], None).as_ref(), lines));
}

#[test]
fn records_of_several_lines_and_of_several_kinds() {
    let text = "lost\n\
        2026-11-20T10:00:00Z ERROR [1] it broke\n  at a\n\n  at b\n\
        2026-11-20T10:00:01Z started\n";
    let patterns = &[
        r"(?s)^(?<time>\S+) (?<level>[A-Z]+) \[(?<pid>\d*)\] (?<message>.*)$",
        r"^(?<time>\S+) (?<message>.*)$",
    ];
    let format = format(patterns, Some("^2026-"));
    expect![[r#"
        1 not_an_event: no pattern of the format matches
        {"_time":"2026-11-20T10:00:00Z","time":"2026-11-20T10:00:00Z","level":"ERROR","pid":1,"message":"it broke\n  at a\n\n  at b","_account":"111122223333","_region":"us-west-1","_id":"at-d54a76d6b2462b90","_origin":"s3://logs/key#2","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
        {"_time":"2026-11-20T10:00:01Z","time":"2026-11-20T10:00:01Z","message":"started","_account":"111122223333","_region":"us-west-1","_id":"at-c58ddf5af14c6fe7","_origin":"s3://logs/key#6","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
    "#]].assert_eq(&shown(format.as_ref(), text));
}

#[test]
fn what_is_no_pattern_is_an_error() {
    assert!(Matcher::new("(", &COLUMNS.into()).is_err());
}
