//! Lines of CloudFront in, rows out.

use expect_test::{Expect, expect};

use super::*;
use crate::formats::shown::shown;
use crate::recognise::{Recognised, recognise};

#[track_caller]
fn check_shown(lines: &str, expected: &Expect) {
    expected.assert_eq(&shown(&FORMAT, lines));
}

const HEADER: &str = "#Version: 1.0\n#Fields: date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status cs(Referer) cs(User-Agent) cs-uri-query cs(Cookie) new(Field)\n";
const LINE: &str = "2026-11-20\t21:57:56\tFRA6\t919468\t192.0.2.7\tGET\td111.cloudfront.net\t/page.html\t404\t-\tMozilla/5.0%20(x)\ta=b\t-\tHit\tIQU6==\twww.example.com\thttps\t394\t0.25";

#[test]
fn with_and_without_a_header() {
    let lines = format!("{LINE}\n{HEADER}{LINE}\r\n2026-11-20\t21:57:56\tFRA6\nnot a line\n");
    check_shown(
        &lines,
        &expect![[r#"
            5 not_an_event: 3 fields where 14 belong
            6 not_an_event: 1 fields where 14 belong
            {"_time":"2026-11-20T21:57:56Z","date":"2026-11-20","time":"21:57:56","x_edge_location":"FRA6","sc_bytes":919468,"c_ip":"192.0.2.7","cs_method":"GET","cs_host":"d111.cloudfront.net","cs_uri_stem":"/page.html","sc_status":404,"cs_user_agent":"Mozilla/5.0%20(x)","cs_uri_query":"a=b","x_edge_result_type":"Hit","x_edge_request_id":"IQU6==","x_host_header":"www.example.com","cs_protocol":"https","cs_bytes":394,"time_taken":0.25,"_account":"111122223333","_region":"us-west-1","_addr":"192.0.2.7","_resource":"d111.cloudfront.net","_id":"IQU6==","_origin":"s3://logs/key#1","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
            {"_time":"2026-11-20T21:57:56Z","date":"2026-11-20","time":"21:57:56","x_edge_location":"FRA6","sc_bytes":919468,"c_ip":"192.0.2.7","cs_method":"GET","cs_host":"d111.cloudfront.net","cs_uri_stem":"/page.html","sc_status":404,"cs_user_agent":"Mozilla/5.0%20(x)","cs_uri_query":"a=b","_account":"111122223333","_region":"us-west-1","_addr":"192.0.2.7","_resource":"d111.cloudfront.net","_id":"at-a33be5c4786eecad","_origin":"s3://logs/key#4","_extra":"{\"new(Field)\":\"Hit\",\"field_15\":\"IQU6==\",\"field_16\":\"www.example.com\",\"field_17\":\"https\",\"field_18\":\"394\",\"field_19\":\"0.25\"}","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
        "#]],
    );
}

#[test]
fn a_line_of_all_fields_and_one_more() {
    let rest = "\t192.0.2.8\tTLSv1.3\tAES\tHit\tHTTP/2.0\tProcessed\t3\t11040\t0.001\tHit\ttext/html\t78\t0\tx\tlater";
    check_shown(
        &format!("{LINE}{rest}\n"),
        &expect![[r#"
        {"_time":"2026-11-20T21:57:56Z","date":"2026-11-20","time":"21:57:56","x_edge_location":"FRA6","sc_bytes":919468,"c_ip":"192.0.2.7","cs_method":"GET","cs_host":"d111.cloudfront.net","cs_uri_stem":"/page.html","sc_status":404,"cs_user_agent":"Mozilla/5.0%20(x)","cs_uri_query":"a=b","x_edge_result_type":"Hit","x_edge_request_id":"IQU6==","x_host_header":"www.example.com","cs_protocol":"https","cs_bytes":394,"time_taken":0.25,"x_forwarded_for":"192.0.2.8","ssl_protocol":"TLSv1.3","ssl_cipher":"AES","x_edge_response_result_type":"Hit","cs_protocol_version":"HTTP/2.0","fle_status":"Processed","fle_encrypted_fields":3,"c_port":11040,"time_to_first_byte":0.001,"x_edge_detailed_result_type":"Hit","sc_content_type":"text/html","sc_content_len":78,"sc_range_start":0,"_account":"111122223333","_region":"us-west-1","_addr":"192.0.2.7","_resource":"d111.cloudfront.net","_id":"IQU6==","_origin":"s3://logs/key#1","_extra":"{\"sc_range_end\":\"x\",\"field_34\":\"later\"}","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
    "#]],
    );
}

#[test]
fn fields_may_be_chosen_and_come_as_lines_or_json() {
    check_shown(
        "#Version: 1.0\n#Fields: c-ip x-edge-location timestamp(ms) DistributionId new-field\n\
         192.0.2.7\tFRA6\t1795211876123\tE3HX\t-\n192.0.2.7\tFRA6\n",
        &expect![[r#"
            4 not_an_event: 2 fields where 5 belong
            {"_time":"2026-11-20T21:57:56.123Z","x_edge_location":"FRA6","c_ip":"192.0.2.7","timestamp_ms":1795211876123,"distributionid":"E3HX","_account":"111122223333","_region":"us-west-1","_addr":"192.0.2.7","_resource":"E3HX","_id":"at-4ab649b29afd0ad6","_origin":"s3://logs/key#3","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
        "#]],
    );
    check_shown(
        concat!(
            r#"{"date":"2026-11-20","time":"21:57:56","x-edge-location":"FRA6","sc-bytes":"919468","c-ip":"192.0.2.7","cs(Host)":"d111.cloudfront.net","sc-status":"000","cs(Referer)":"-","cs(User-Agent)":"Mozilla/5.0%20(x)","x-edge-request-id":"IQU6==","time-taken":"0.25","c-country":"DE","origin-fbl":"-","cmcd-version":"1"}"#,
            "\n",
            r#"{"date":"2026-11-20","time":"","timestamp":"1795211876.123","asn":"64500","sc_range_end":"x","cs_referrer":{"a":1}}"#,
            "\n{}\n",
        ),
        &expect![[r#"
            3 not_an_event: no field of a known name
            {"_time":"2026-11-20T21:57:56Z","date":"2026-11-20","time":"21:57:56","x_edge_location":"FRA6","sc_bytes":919468,"c_ip":"192.0.2.7","cs_host":"d111.cloudfront.net","sc_status":0,"cs_user_agent":"Mozilla/5.0%20(x)","x_edge_request_id":"IQU6==","time_taken":0.25,"c_country":"DE","_account":"111122223333","_region":"us-west-1","_addr":"192.0.2.7","_resource":"d111.cloudfront.net","_id":"IQU6==","_origin":"s3://logs/key#1","_extra":"{\"cmcd-version\":\"1\"}","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
            {"_time":"2026-11-20T21:57:56.123Z","date":"2026-11-20","timestamp":"1795211876.123","asn":64500,"_account":"111122223333","_region":"us-west-1","_id":"at-d54a76d6b2462b90","_origin":"s3://logs/key#2","_extra":"{\"sc_range_end\":\"x\",\"cs_referrer\":{\"a\":1}}","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
        "#]],
    );
}

#[test]
fn keys_and_first_lines_tell() {
    let json = r#"{"date":"2026-11-20","time":"21:57:56","x-edge-location":"FRA6","sc-bytes":"9"}"#;
    let chosen = "#Version: 1.0\n#Fields: c-ip DistributionId\n192.0.2.7\tE3HX\n";
    let folders = "AWSLogs/aws-account-id=123456789012/CloudFront/DistributionId=E3HX/year=2026/";
    let parquet = format!("{folders}E3HXCM7PFRG6HT.2026-11-20-21.RT4KCN4SGK9.parquet");
    let plain = "p/AWSLogs/123456789012/CloudFront/E3HXCM7PFRG6HT.2026-11-20-21.d740d76b.gz";
    for (key, head) in [
        ("logs/E3HXCM7PFRG6HT.2026-11-20-21.d740d76b.gz", ""),
        (plain, ""),
        (&parquet, ""),
        ("x.log", LINE),
        ("x.log", HEADER),
        ("x.log", &format!("#\n{LINE}")),
        ("x.log", chosen),
        ("x.log", json),
    ] {
        match recognise(key, head.as_bytes()) {
            Recognised::Records { format, facts } => {
                assert_eq!(format.name(), NAME, "{key} {head}");
                assert_eq!(facts.time.is_some(), head.is_empty());
                let account = facts.account.as_deref();
                assert_eq!(account, key.contains("AWSLogs").then_some("123456789012"));
            }
            other => panic!("{key} {head}: {other:?}"),
        }
    }
    let other = "#Software: x\n#Fields: date time action\n2026-11-20 10:00:00 GET\n";
    assert!(matches!(recognise("u_ex.log", other.as_bytes()), Recognised::Nothing(_)));
}
