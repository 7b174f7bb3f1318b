//! Records of WAF in, rows out.

use expect_test::{Expect, expect};

use super::*;
use crate::formats::shown::shown;
use crate::recognise::{Recognised, recognise};

#[track_caller]
fn check_shown(records: &str, expected: &Expect) {
    expected.assert_eq(&shown(&FORMAT, records));
}

const RECORD: &str = r#"{"timestamp":1763596800123,"formatVersion":1,"webaclId":"arn:aws:wafv2:us-east-1:123456789012:regional/webacl/shop/1","terminatingRuleId":"block-sqli","terminatingRuleType":"REGULAR","action":"BLOCK","terminatingRuleMatchDetails":[{"conditionType":"SQL_INJECTION","location":"BODY","matchedData":["1","AND",7,null]}],"httpSourceName":"ALB","httpSourceId":"123456789012-app/shop/2","ruleGroupList":[{"ruleGroupId":"g","terminatingRule":null,"nonTerminatingMatchingRules":[{"ruleId":"r","action":"COUNT","ruleMatchDetails":null}],"excludedRules":null,"customerConfig":1}],"rateBasedRuleList":[],"nonTerminatingMatchingRules":[],"requestHeadersInserted":null,"responseCodeSent":403,"httpRequest":{"clientIp":"192.0.2.7","country":"JP","headers":[{"name":"Host","value":"shop.example.com"}],"uri":"/a","args":"","httpVersion":"HTTP/2.0","httpMethod":"POST","requestId":"1-2"},"labels":[{"name":"x:y"}],"new":true}"#;

#[test]
fn a_blocked_request_and_what_is_none() {
    let records = format!(
        "{RECORD}\n{{\"timestamp\":\"soon\",\"action\":1}}\n{}",
        RECORD.replace("1763596800123", "\"late\"")
    );
    check_shown(
        &records,
        &expect![[r#"
        2 not_an_event: none of `webaclid`, `httprequest`
        {"_time":"2025-11-20T00:00:00.123Z","timestamp":1763596800123,"formatversion":1,"webaclid":"arn:aws:wafv2:us-east-1:123456789012:regional/webacl/shop/1","terminatingruleid":"block-sqli","terminatingruletype":"REGULAR","action":"BLOCK","terminatingrulematchdetails":[{"conditiontype":"SQL_INJECTION","location":"BODY","matcheddata":["1","AND","7",null]}],"httpsourcename":"ALB","httpsourceid":"123456789012-app/shop/2","rulegrouplist":[{"rulegroupid":"g","nonterminatingmatchingrules":[{"ruleid":"r","action":"COUNT"}]}],"ratebasedrulelist":[],"nonterminatingmatchingrules":[],"responsecodesent":"403","httprequest":{"clientip":"192.0.2.7","country":"JP","headers":[{"name":"Host","value":"shop.example.com"}],"uri":"/a","args":"","httpversion":"HTTP/2.0","httpmethod":"POST","requestid":"1-2"},"labels":[{"name":"x:y"}],"_account":"111122223333","_region":"us-west-1","_addr":"192.0.2.7","_resource":"arn:aws:wafv2:us-east-1:123456789012:regional/webacl/shop/1 123456789012-app/shop/2","_id":"at-50e0103b55dba5a3","_origin":"s3://logs/key#1","_extra":"{\"ruleGroupList\":{\"0\":{\"customerConfig\":1}},\"new\":true}","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
        {"_time":"2020-09-13T12:26:40Z","formatversion":1,"webaclid":"arn:aws:wafv2:us-east-1:123456789012:regional/webacl/shop/1","terminatingruleid":"block-sqli","terminatingruletype":"REGULAR","action":"BLOCK","terminatingrulematchdetails":[{"conditiontype":"SQL_INJECTION","location":"BODY","matcheddata":["1","AND","7",null]}],"httpsourcename":"ALB","httpsourceid":"123456789012-app/shop/2","rulegrouplist":[{"rulegroupid":"g","nonterminatingmatchingrules":[{"ruleid":"r","action":"COUNT"}]}],"ratebasedrulelist":[],"nonterminatingmatchingrules":[],"responsecodesent":"403","httprequest":{"clientip":"192.0.2.7","country":"JP","headers":[{"name":"Host","value":"shop.example.com"}],"uri":"/a","args":"","httpversion":"HTTP/2.0","httpmethod":"POST","requestid":"1-2"},"labels":[{"name":"x:y"}],"_account":"111122223333","_region":"us-west-1","_addr":"192.0.2.7","_resource":"arn:aws:wafv2:us-east-1:123456789012:regional/webacl/shop/1 123456789012-app/shop/2","_id":"at-4ab649b29afd0ad6","_origin":"s3://logs/key#3","_extra":"{\"timestamp\":\"late\",\"ruleGroupList\":{\"0\":{\"customerConfig\":1}},\"new\":true}","_ingested":"2023-11-14T22:13:20Z","day":"2020-09-13"}
    "#]],
    );
}

#[test]
fn keys_and_first_records_tell() {
    for (key, head) in [
        (
            "AWSLogs/1/WAFLogs/us-east-1/shop/2026/11/20/10/00/123456789012_waflogs_us-east-1_shop_20261120T1000Z_12.log.gz",
            "",
        ),
        ("x.log", RECORD),
    ] {
        match recognise(key, head.as_bytes()) {
            Recognised::Records { format, .. } => assert_eq!(format.name(), NAME, "{key} {head}"),
            other => panic!("{key} {head}: {other:?}"),
        }
    }
}
