//! Lines of reports in, rows out.

use expect_test::expect;

use super::*;
use crate::formats::shown::shown;
use crate::recognise::{Recognised, recognise};

#[test]
fn both_spellings_texts_and_numbers() {
    let lines = concat!(
        r#"{"identity/LineItemId":"a","bill/PayerAccountId":123456789012,"lineItem/UsageAccountId":"012345678901","lineItem/LineItemType":"Usage","lineItem/UsageStartDate":"2026-11-20T10:00:00Z","lineItem/UnblendedRate":"0.0960000000","lineItem/UnblendedCost":"0.0960000000","lineItem/UsageAmount":1,"product/regionCode":"eu-west-1","product/vcpu":2,"resourceTags/user:Team":"x","savingsPlan/SavingsPlanARN":"arn","lineItem/TaxType":""}"#,
        "\n",
        r#"{"identity_line_item_id":"b","line_item_usage_start_date":"2026-11-20T10:00:00.000Z","line_item_line_item_type":"Tax","line_item_unblended_cost":1e-7,"line_item_usage_amount":"much","product_product_name":"EC2","product_vcpu":null}"#,
        "\n",
        r#"{"a":1}"#,
        "\n",
        r#"{"identity/LineItemId":"#,
    );
    expect![[r#"
        3 not_an_event: no line item
        4 truncated: the object ends within a record
        {"_time":"2026-11-20T10:00:00Z","identity_line_item_id":"a","bill_payer_account_id":"123456789012","line_item_line_item_type":"Usage","line_item_unblended_cost":0.096,"line_item_unblended_rate":"0.0960000000","line_item_usage_account_id":"012345678901","line_item_usage_amount":1.0,"line_item_usage_start_date":"2026-11-20T10:00:00Z","product_region_code":"eu-west-1","savings_plan_savings_plan_a_r_n":"arn","_account":"012345678901","_region":"eu-west-1","_id":"at-50e0103b55dba5a3","_origin":"s3://logs/key#1","_extra":"{\"product/vcpu\":2,\"resourceTags/user:Team\":\"x\"}","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
        {"_time":"2026-11-20T10:00:00Z","identity_line_item_id":"b","line_item_line_item_type":"Tax","line_item_unblended_cost":1.0e-7,"line_item_usage_start_date":"2026-11-20T10:00:00Z","product_product_name":"EC2","_account":"111122223333","_region":"us-west-1","_id":"at-d54a76d6b2462b90","_origin":"s3://logs/key#2","_extra":"{\"line_item_usage_amount\":\"much\"}","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
    "#]].assert_eq(&shown(&FORMAT, lines));
}

#[test]
fn keys_and_first_records_tell() {
    for (key, head) in [
        ("p/daily/20261101-20261201/20261120T000000Z/daily-00001.csv.gz", ""),
        ("p/daily/20261101-20261201/daily-1.csv.gz", ""),
        ("p/daily/daily/year=2026/month=11/daily-00001.snappy.parquet", ""),
        ("x", r#"{"identity/LineItemId":"a","lineItem/UsageStartDate":"x"}"#),
        (
            "x",
            r#"{"identity_line_item_id":"a","line_item_usage_start_date":"x","product_product_name":"x"}"#,
        ),
    ] {
        let Recognised::Records { format, .. } = recognise(key, head.as_bytes()) else {
            panic!("{key} {head}");
        };
        assert_eq!(format.name(), NAME, "{key} {head}");
    }
    let manifest = recognise("p/daily/20261101-20261201/daily-Manifest.json", b"{}");
    assert!(matches!(manifest, Recognised::Nothing(what) if what.contains("manifest")));
    for key in ["p/other/20261101-20261201/x.csv.gz", "a/year=2026/month=11/day=20/x-1.parquet"] {
        assert!(matches!(recognise(key, b"x"), Recognised::Nothing(_)), "{key}");
    }
}
