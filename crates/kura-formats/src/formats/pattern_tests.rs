//! Lines and blocks of text in, rows out.

use std::borrow::Cow;

use expect_test::expect;

use super::*;
use crate::columns::{Column, ColumnType};
use crate::formats::places::Reading;
use crate::formats::shown::shown;

const COLUMNS: &[Column] = &[
    Column::text("time", "", "").role(Role::Time),
    Column::text("level", "", "").role(Role::Facet),
    Column::new("pid", "", ColumnType::Int, ""),
    Column::text("message", "", ""),
];

fn format(patterns: &'static [&'static str], begins: Option<&'static str>) -> Arc<dyn Format> {
    format_with(patterns, begins, Also::default())
}

fn format_with(
    patterns: &'static [&'static str],
    begins: Option<&'static str>,
    also: Also,
) -> Arc<dyn Format> {
    let said = Patterns {
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
    };
    PatternFormat::built_in_with(said, also)
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

const WITHIN: &[Within] = &[
    Within { of: "fields", reading: Reading::Fields(&["pid", "word", "pairs"]) },
    Within { of: "word", reading: Reading::Words("level", &[("W", "WARN")]) },
    Within {
        of: "pairs",
        reading: Reading::Pairs(r"(?<key>[\w ]+)=(?<value>\w*)(?: (?<unit>s))?;"),
    },
    // Only what stands further down is read in turn.
    Within { of: "message", reading: Reading::Groups("^(?<fields>.)(?<level>x)?") },
];

#[test]
fn values_are_read_in_turn() {
    let also = Also { within: WITHIN, ..Also::default() };
    let format = format_with(&["^(?<fields>.+)$"], None, also);
    let lines = "12,W,\"Pid=12;mess age=a,b;# said; took=3 s;message=hm;\",more\n\
        x,E,-\n\
        ,,\"Level=W;Level=W;Level=E;\"\n";
    expect![[r#"
        {"_time":"2020-09-13T12:26:40Z","level":"WARN","pid":12,"message":"hm","_account":"111122223333","_region":"us-west-1","_id":"at-50e0103b55dba5a3","_origin":"s3://logs/key#1","_extra":"{\"remark\":\"mess age=a,b;# said;\",\"took\":\"3 s\",\"fields\":\"h\",\"field_4\":\"more\"}","_ingested":"2023-11-14T22:13:20Z","day":"2020-09-13"}
        {"_time":"2020-09-13T12:26:40Z","_account":"111122223333","_region":"us-west-1","_id":"at-d54a76d6b2462b90","_origin":"s3://logs/key#2","_extra":"{\"pid\":\"x\",\"word\":\"E\"}","_ingested":"2023-11-14T22:13:20Z","day":"2020-09-13"}
        {"_time":"2020-09-13T12:26:40Z","level":"W","_account":"111122223333","_region":"us-west-1","_id":"at-4ab649b29afd0ad6","_origin":"s3://logs/key#3","_extra":"{\"level\":\"E\"}","_ingested":"2023-11-14T22:13:20Z","day":"2020-09-13"}
    "#]].assert_eq(&shown(format.as_ref(), lines));
}

#[test]
fn records_of_text_and_of_json_by_turns() {
    let json = JsonRecords { opened: &["in"], required: &[("level", "W")], apart: false };
    let also = Also { skips: Some("^#"), repeats_time: true, json: Some(json), ..Also::default() };
    let format = format_with(&["^(?:(?<time>2026\\S+) )?(?<level>[A-Z]+)$"], None, also);
    let lines = "INFO\n\
        # a remark\n\
        2026-11-20T10:00:00Z INFO\n\
        INFO\n\
        {\"level\":\"WARN\",\"in\":{\"pid\":\"7\",\"message\":{\"a\":1},\"level\":\"x\",\"in\":{\"b\":null,\"c\":[2]}},\"time\":1795168800}\n\
        {\"level\":\"INFO\",\"pid\":1}\n\
        {\"level\":\"WARN\",\"pid\":1\n\
        INFO\n";
    expect![[r#"
        6 not_an_event: none of `level` as it should be
        7 broken_json: expected `,` or `}` at byte 23
        {"_time":"2020-09-13T12:26:40Z","level":"INFO","_account":"111122223333","_region":"us-west-1","_id":"at-50e0103b55dba5a3","_origin":"s3://logs/key#1","_ingested":"2023-11-14T22:13:20Z","day":"2020-09-13"}
        {"_time":"2026-11-20T10:00:00Z","time":"2026-11-20T10:00:00Z","level":"INFO","_account":"111122223333","_region":"us-west-1","_id":"at-4ab649b29afd0ad6","_origin":"s3://logs/key#3","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
        {"_time":"2026-11-20T10:00:00Z","level":"INFO","_account":"111122223333","_region":"us-west-1","_id":"at-a33be5c4786eecad","_origin":"s3://logs/key#4","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
        {"_time":"2026-11-20T10:00:00Z","time":"1795168800","level":"WARN","pid":7,"_account":"111122223333","_region":"us-west-1","_id":"at-ca82b25e7b727357","_origin":"s3://logs/key#5","_extra":"{\"in\":{\"message\":{\"a\":1},\"level\":\"x\",\"in\":{\"c\":[2]}}}","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
        {"_time":"2026-11-20T10:00:00Z","level":"INFO","_account":"111122223333","_region":"us-west-1","_id":"at-57876ba6bc512aa0","_origin":"s3://logs/key#8","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
    "#]].assert_eq(&shown(format.as_ref(), lines));
}

#[test]
fn opened_objects_do_not_fill_the_stack() {
    let json = JsonRecords { opened: &["in"], required: &[("level", "")], apart: false };
    let format = format_with(&[], None, Also { json: Some(json), ..Also::default() });
    let deep = 1_000_000;
    let record =
        format!("{{\"level\":\"a\",\"in\":{}1{}}}", "{\"in\":".repeat(deep), "}".repeat(deep));
    let shown = shown(format.as_ref(), &record);
    assert!(shown.starts_with("1 broken_json: "), "{}", shown.get(..80).unwrap_or(&shown));
}

#[test]
fn what_is_no_pattern_is_an_error() {
    assert!(Matcher::new("(", &COLUMNS.into(), &[]).is_err());
}
