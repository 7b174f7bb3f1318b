//! Charges in, rows out.

use expect_test::expect;

use super::*;
use crate::formats::shown::shown;
use crate::recognise::{Recognised, recognise};

const LINE: &str = r#"{"BilledCost":0.5,"BillingAccountId":123456789012,"ChargeCategory":"Usage","ChargePeriodStart":"2026-11-20T10:00:00.000Z","EffectiveCost":"0.25","RegionId":"eu-west-1","ResourceId":"arn","ServiceName":"Amazon S3","SubAccountId":"210987654321","Tags":{"a":"b"},"x_Operation":"PutObject","x_New":"c"}"#;

#[test]
fn charges_and_what_is_none() {
    let csv = LINE.replace(r#"{"a":"b"}"#, r#""{\"a\": \"b\"}""#).replace("\"0.25\"", "\"\"");
    expect![[r#"
        3 not_an_event: no charge
        {"_time":"2026-11-20T10:00:00Z","billedcost":0.5,"billingaccountid":"123456789012","chargecategory":"Usage","chargeperiodstart":"2026-11-20T10:00:00Z","effectivecost":0.25,"regionid":"eu-west-1","resourceid":"arn","servicename":"Amazon S3","subaccountid":"210987654321","tags":{"a":"b"},"x_operation":"PutObject","_account":"210987654321","_region":"eu-west-1","_resource":"arn","_id":"at-50e0103b55dba5a3","_origin":"s3://logs/key#1","_extra":"{\"x_New\":\"c\"}","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
        {"_time":"2026-11-20T10:00:00Z","billedcost":0.5,"billingaccountid":"123456789012","chargecategory":"Usage","chargeperiodstart":"2026-11-20T10:00:00Z","regionid":"eu-west-1","resourceid":"arn","servicename":"Amazon S3","subaccountid":"210987654321","tags":{"a":"b"},"x_operation":"PutObject","_account":"210987654321","_region":"eu-west-1","_resource":"arn","_id":"at-d54a76d6b2462b90","_origin":"s3://logs/key#2","_extra":"{\"x_New\":\"c\"}","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
    "#]].assert_eq(&shown(&FORMAT, &format!("{LINE}\n{csv}\n{{\"a\":1}}\n")));
}

#[test]
fn first_records_tell() {
    let Recognised::Records { format, .. } = recognise("x", LINE.as_bytes()) else {
        panic!("not known");
    };
    assert_eq!(format.name(), NAME);
    let other = recognise("x", br#"{"ServiceName":"a","BilledCost":1}"#);
    assert!(matches!(other, Recognised::Nothing(_)));
}
