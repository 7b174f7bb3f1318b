//! Lines of exports in, rows out.

use expect_test::expect;

use super::*;
use crate::formats::shown::shown;
use crate::recognise::{Recognised, recognise};

const LINE: &str = r#"{"bill_payer_account_name":"p","identity_line_item_id":"a","line_item_usage_account_id":"123456789012","line_item_line_item_type":"Usage","line_item_usage_start_date":"2026-11-20T10:00:00","line_item_unblended_cost":0.5,"product":{"product_name":"EC2","vcpu":2},"resource_tags":{},"new_column":1}"#;

#[test]
fn maps_as_objects_and_as_text() {
    let csv = LINE.replace(r#"{"product_name":"EC2","vcpu":2}"#, r#""{\"product_name\":\"EC2\"}""#);
    let odd = LINE.replace(r#"{"product_name":"EC2","vcpu":2}"#, r#""{broken""#);
    let lines = format!("{LINE}\n{csv}\n{odd}\n{{\"a\":1}}\n");
    expect![[r#"
        4 not_an_event: no line item
        {"_time":"2026-11-20T10:00:00Z","identity_line_item_id":"a","bill_payer_account_name":"p","product":{"product_name":"EC2","vcpu":"2"},"resource_tags":{},"line_item_line_item_type":"Usage","line_item_unblended_cost":0.5,"line_item_usage_account_id":"123456789012","line_item_usage_start_date":"2026-11-20T10:00:00Z","_account":"123456789012","_region":"us-west-1","_id":"at-50e0103b55dba5a3","_origin":"s3://logs/key#1","_extra":"{\"new_column\":1}","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
        {"_time":"2026-11-20T10:00:00Z","identity_line_item_id":"a","bill_payer_account_name":"p","product":{"product_name":"EC2"},"resource_tags":{},"line_item_line_item_type":"Usage","line_item_unblended_cost":0.5,"line_item_usage_account_id":"123456789012","line_item_usage_start_date":"2026-11-20T10:00:00Z","_account":"123456789012","_region":"us-west-1","_id":"at-d54a76d6b2462b90","_origin":"s3://logs/key#2","_extra":"{\"new_column\":1}","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
        {"_time":"2026-11-20T10:00:00Z","identity_line_item_id":"a","bill_payer_account_name":"p","resource_tags":{},"line_item_line_item_type":"Usage","line_item_unblended_cost":0.5,"line_item_usage_account_id":"123456789012","line_item_usage_start_date":"2026-11-20T10:00:00Z","_account":"123456789012","_region":"us-west-1","_id":"at-4ab649b29afd0ad6","_origin":"s3://logs/key#3","_extra":"{\"product\":\"{broken\",\"new_column\":1}","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
    "#]].assert_eq(&shown(&FORMAT, &lines));
}

#[test]
fn first_records_tell() {
    for (head, name) in [
        (LINE, NAME),
        (
            r#"{"identity_line_item_id":"a","line_item_usage_start_date":"x","product_product_name":"EC2"}"#,
            "cur",
        ),
        (
            r#"{"line_item_usage_account_name":"a","line_item_usage_account_id":"1","line_item_unblended_cost":1}"#,
            NAME,
        ),
    ] {
        let Recognised::Records { format, .. } =
            recognise("e/data/BILLING_PERIOD=2026-11/e-00001.snappy.parquet", head.as_bytes())
        else {
            panic!("{head}");
        };
        assert_eq!(format.name(), name, "{head}");
    }
}
