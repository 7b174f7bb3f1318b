//! Records of any kind in, columns and rows out.

use expect_test::{Expect, expect};

use super::*;
use crate::formats::shown::shown;

fn found(schema: Option<&Schema>, records: &[&str]) -> Found {
    let mut finder = Finder::new("app", schema);
    records.iter().for_each(|record| finder.add(record));
    finder.finish()
}

fn columns(found: &Found) -> String {
    let line = |c: &Column| format!("{} {} {:?} {:?}\n", c.name, c.key, c.ty.data_type(), c.role);
    found.description().columns.iter().map(line).collect()
}

#[track_caller]
fn check(shown: &str, expected: &Expect) {
    expected.assert_eq(shown);
}

const RECORDS: [&str; 4] = [
    r#"{"time":1700000000.25,"level":"info","msg":"one","n":1,"ratio":1,"ok":true,"ctx":{"a":1},"mixed":1,"day":"Mon","User-Id":"u1"}"#,
    r#"{"time":1700000001,"level":"info","msg":"two","n":2,"ratio":0.5,"ok":false,"ctx":[1],"mixed":"x","none":null}"#,
    r#"{"time":1700000002,"level":"warn","msg":"three","LEVEL":"WARN","n":9223372036854775807}"#,
    r#"{"time":1700000003,"msg":"broken","#,
];

#[test]
fn types_are_what_all_values_had() {
    check(
        &columns(&found(None, &RECORDS)),
        &expect![[r#"
        time time Float64 Time
        level level Utf8 Facet
        msg msg Utf8 None
        n n Int64 None
        ratio ratio Float64 None
        ok ok Boolean None
        ctx ctx Utf8 None
        mixed mixed Utf8 None
        day_ day Utf8 None
        user_id User-Id Utf8 None
    "#]],
    );
}

#[test]
fn rows_and_what_does_not_fit() {
    let found = found(None, &RECORDS);
    let more = concat!(
        "{\"time\":\"2026-11-20T00:00:00Z\",\"n\":\"many\",\"ok\":1,\"level\":{\"a\":1},\"new\":[2]}\n",
        "not json\n",
        "{\"time\":1700000003000,\"msg\":{}}\n{\"msg\":\"no time\"}\n{\"msg\" \"broken\"}\n",
    );
    let object = format!("{}\n{}\n{}\n{more}", RECORDS[0], RECORDS[1], RECORDS[2]);
    check(
        &shown(&found, &object),
        &expect![[r#"
            5 broken_json: not JSON
            8 broken_json: expected `:` at byte 7
            {"_time":"2023-11-14T22:13:20.250Z","time":1700000000.25,"level":"info","msg":"one","n":1,"ratio":1.0,"ok":true,"ctx":"{\"a\":1}","mixed":"1","day_":"Mon","user_id":"u1","_account":"111122223333","_region":"us-west-1","_id":"at-50e0103b55dba5a3","_origin":"s3://logs/key#1","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
            {"_time":"2023-11-14T22:13:21Z","time":1700000001.0,"level":"info","msg":"two","n":2,"ratio":0.5,"ok":false,"ctx":"[1]","mixed":"x","_account":"111122223333","_region":"us-west-1","_id":"at-d54a76d6b2462b90","_origin":"s3://logs/key#2","_extra":"{\"none\":null}","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
            {"_time":"2023-11-14T22:13:22Z","time":1700000002.0,"level":"warn","msg":"three","n":9223372036854775807,"_account":"111122223333","_region":"us-west-1","_id":"at-4ab649b29afd0ad6","_origin":"s3://logs/key#3","_extra":"{\"LEVEL\":\"WARN\"}","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
            {"_time":"2026-11-20T00:00:00Z","_account":"111122223333","_region":"us-west-1","_id":"at-a33be5c4786eecad","_origin":"s3://logs/key#4","_extra":"{\"time\":\"2026-11-20T00:00:00Z\",\"n\":\"many\",\"ok\":1,\"level\":{\"a\":1},\"new\":[2]}","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
            {"_time":"2023-11-14T22:13:23Z","time":1.700000003e12,"_account":"111122223333","_region":"us-west-1","_id":"at-c58ddf5af14c6fe7","_origin":"s3://logs/key#6","_extra":"{\"msg\":{}}","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
            {"_time":"2020-09-13T12:26:40Z","msg":"no time","_account":"111122223333","_region":"us-west-1","_id":"at-62114b85d9d75781","_origin":"s3://logs/key#7","_ingested":"2023-11-14T22:13:20Z","day":"2020-09-13"}
        "#]],
    );
}

#[test]
fn a_table_keeps_its_columns_and_gains_new_ones() {
    let first = found(None, &RECORDS);
    let schema = first.table().schema;
    let again = Found::of_table("app", &schema);
    assert_eq!(columns(&again), columns(&first));
    let more = found(Some(&schema), &[r#"{"n":"text now","extra":1,"timestamp":1700000000}"#]);
    let old = columns(&first);
    let all = columns(&more);
    check(
        all.strip_prefix(old.as_str()).expect("what was there stays"),
        &expect![[r#"
        extra extra Int64 None
        timestamp timestamp Int64 None
    "#]],
    );
}

#[test]
fn columns_are_capped_and_names_are_harmless() {
    let fields: Vec<String> = (0..300).map(|n| format!("\"k{n}\":{n}")).collect();
    let many = found(None, &[&format!("{{{}}}", fields.join(","))]);
    assert_eq!(many.description().columns.len(), FOUND_COLUMNS_MAX);
    let long = "x".repeat(200);
    let odd = format!(
        r#"{{"a b":1,"a.b":2,"":3,"{long}":4,"_id":5,"日本":6,"x;{{}}()=":7,"2xx":8,"ΟΔΟΣ":9}}"#
    );
    check(
        &columns(&found(None, &[&odd])),
        &expect![[r#"
            a_b a b Int64 None
            _id_ _id Int64 None
            日本 日本 Int64 None
            x______ x;{}()= Int64 None
            _2xx 2xx Int64 None
            ____ ΟΔΟΣ Int64 None
        "#]],
    );
}

#[test]
fn the_keys_of_most_records_are_columns() {
    let rare: Vec<String> = (0..300).map(|n| format!("{{\"r{n}\":{n},\"common\":1}}")).collect();
    let rare: Vec<&str> = rare.iter().map(String::as_str).collect();
    let found = found(None, &rare);
    assert_eq!(found.description().columns.len(), FOUND_COLUMNS_MAX);
    assert_eq!(found.description().columns.iter().filter(|c| c.name == "common").count(), 1);
}

#[test]
fn a_time_in_a_column_of_anything_and_numbers_as_they_were_written() {
    let records = [
        r#"{"time":"2024-05-01T00:00:00Z","n":18446744073709551615,"half":0.5,"id":7}"#,
        r#"{"time":{"x":1},"n":1}"#,
        r#"{"time":"2024-05-02T00:00:00Z","half":9007199254740993,"id":"007"}"#,
        r#"{"time":"2024-05-03T00:00:00Z","Records":[{"a":1}]}"#,
    ];
    let found = found(None, &[records[0], records[0], records[1]]);
    check(
        &(columns(&found) + &shown(&found, &records.join("\n"))),
        &expect![[r#"
        time time Utf8 Time
        n n Utf8 Facet
        half half Float64 None
        id id Int64 Facet
        {"_time":"2024-05-01T00:00:00Z","time":"\"2024-05-01T00:00:00Z\"","n":"18446744073709551615","half":0.5,"id":7,"_account":"111122223333","_region":"us-west-1","_id":"at-50e0103b55dba5a3","_origin":"s3://logs/key#1","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
        {"_time":"2020-09-13T12:26:40Z","time":"{\"x\":1}","n":"1","_account":"111122223333","_region":"us-west-1","_id":"at-d54a76d6b2462b90","_origin":"s3://logs/key#2","_ingested":"2023-11-14T22:13:20Z","day":"2020-09-13"}
        {"_time":"2024-05-02T00:00:00Z","time":"\"2024-05-02T00:00:00Z\"","_account":"111122223333","_region":"us-west-1","_id":"at-4ab649b29afd0ad6","_origin":"s3://logs/key#3","_extra":"{\"half\":9007199254740993,\"id\":\"007\"}","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
        {"_time":"2024-05-03T00:00:00Z","time":"\"2024-05-03T00:00:00Z\"","_account":"111122223333","_region":"us-west-1","_id":"at-a33be5c4786eecad","_origin":"s3://logs/key#4","_extra":"{\"Records\":[{\"a\":1}]}","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
    "#]],
    );
}

#[test]
fn damage_in_an_array_costs_one_record() {
    let array = "[\n  {\"a\":1},\n  {\"a\":\"x},\n  {\"a\":3},\n  {\"a\":4}\n]";
    let found = found(None, &[r#"{"a":1}"#]);
    check(
        &shown(&found, array),
        &expect![[r#"
        2 broken_json: the record has no end
        {"_time":"2020-09-13T12:26:40Z","a":1,"_account":"111122223333","_region":"us-west-1","_id":"at-50e0103b55dba5a3","_origin":"s3://logs/key#1","_ingested":"2023-11-14T22:13:20Z","day":"2020-09-13"}
        {"_time":"2020-09-13T12:26:40Z","a":3,"_account":"111122223333","_region":"us-west-1","_id":"at-4ab649b29afd0ad6","_origin":"s3://logs/key#3","_ingested":"2023-11-14T22:13:20Z","day":"2020-09-13"}
        {"_time":"2020-09-13T12:26:40Z","a":4,"_account":"111122223333","_region":"us-west-1","_id":"at-a33be5c4786eecad","_origin":"s3://logs/key#4","_ingested":"2023-11-14T22:13:20Z","day":"2020-09-13"}
    "#]],
    );
}
