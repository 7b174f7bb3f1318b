//! Lists of fields in, rows out.

use std::sync::Arc;

use expect_test::{Expect, expect};

use super::*;
use crate::formats::Format;
use crate::formats::shown::shown;
use crate::recognise::{Catalogue, MessageKind, Recognised};

fn catalogue(table: &str, sections: &[&str]) -> Catalogue {
    let sections: Vec<FieldSection> =
        sections.iter().map(|text| toml::from_str(text).expect("a section")).collect();
    let mut catalogue = Catalogue::default();
    catalogue.add_fields(table, &sections).expect("lists");
    catalogue
}

fn recognised(catalogue: &Catalogue, path: &str, text: &str) -> Arc<dyn Format> {
    match catalogue.recognise(path, text.as_bytes()) {
        Recognised::Records { format, .. } => format,
        other => panic!("{other:?}"),
    }
}

#[track_caller]
fn check(table: &str, sections: &[&str], lines: &[&str], expected: &Expect) {
    let text = lines.join("\n");
    let format = recognised(&catalogue(table, sections), "somewhere", &text);
    assert_eq!(format.name(), table);
    expected.assert_eq(&shown(format.as_ref(), &text));
}

const REAL_TIME: &str = "columns = ['timestamp', 'c-ip', 'sc-status', 'cs-uri-stem']";

#[test]
fn lines_of_chosen_fields_and_lines_of_all() {
    let all = super::super::cloudfrontrealtime::FORMAT.description.sample.replace("{n}", "100");
    let lines = [
        "1795211876.1\t192.0.2.1\t200\t/a",
        "1795211876.2\t-\t000\t/b",
        "1795211876.3\t192.0.2.1\tmany\t/c",
        "1795211876.3\t192.0.2.1\t200",
        &all,
    ];
    check(
        "cloudfrontrealtime",
        &[REAL_TIME],
        &lines,
        &expect![[r#"
        4 not_an_event: 3 fields, at least 40
        {"_time":"2026-11-20T21:57:56.100Z","timestamp":"1795211876.1","c_ip":"192.0.2.1","sc_status":200,"cs_uri_stem":"/a","_account":"111122223333","_region":"us-west-1","_addr":"192.0.2.1","_id":"at-50e0103b55dba5a3","_origin":"s3://logs/key#1","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
        {"_time":"2026-11-20T21:57:56.200Z","timestamp":"1795211876.2","sc_status":0,"cs_uri_stem":"/b","_account":"111122223333","_region":"us-west-1","_id":"at-d54a76d6b2462b90","_origin":"s3://logs/key#2","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
        {"_time":"2026-11-20T21:57:56.300Z","timestamp":"1795211876.3","c_ip":"192.0.2.1","cs_uri_stem":"/c","_account":"111122223333","_region":"us-west-1","_addr":"192.0.2.1","_id":"at-4ab649b29afd0ad6","_origin":"s3://logs/key#3","_extra":"{\"sc_status\":\"many\"}","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
        {"_time":"2026-11-20T21:57:56.100Z","timestamp":"1795211876.100","c_ip":"192.0.2.100","s_ip":"198.51.100.9","time_to_first_byte":0.001,"sc_status":200,"sc_bytes":100,"cs_method":"GET","cs_protocol":"https","cs_host":"www.example.com","cs_uri_stem":"/page/100.html","cs_bytes":394,"x_edge_location":"FRA6-P1","x_edge_request_id":"IQU6LXAGK43V5RF9B3VU100==","x_host_header":"d111.cloudfront.net","time_taken":0.002,"cs_protocol_version":"HTTP/2.0","c_ip_version":"IPv4","cs_user_agent":"Mozilla/5.0%20(X11)","cs_uri_query":"a=b","x_edge_response_result_type":"Hit","ssl_protocol":"TLSv1.3","ssl_cipher":"TLS_AES_128_GCM_SHA256","x_edge_result_type":"Hit","sc_content_type":"text/html","sc_content_len":78,"c_port":11100,"x_edge_detailed_result_type":"Hit","c_country":"DE","cs_accept_encoding":"gzip,%20br","cs_accept":"*/*","cache_behavior_path_pattern":"*","cs_headers":"Host:www.example.com%0A","cs_header_names":"Host%0A","cs_headers_count":1,"primary_distribution_id":"E3HXCM7PFRG6HT","primary_distribution_dns_name":"d111.cloudfront.net","asn":64500,"_account":"111122223333","_region":"us-west-1","_addr":"192.0.2.100","_resource":"www.example.com","_id":"IQU6LXAGK43V5RF9B3VU100==","_origin":"s3://logs/key#5","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
    "#]],
    );
}

#[test]
fn flow_records_in_an_order_of_ones_own_of_which_there_are_two() {
    let lists = [
        "columns = ['srcaddr', 'dstaddr', 'dstport', 'action', 'start']",
        "columns = ['start', 'srcaddr', 'dstaddr', 'dstport', 'action']",
    ];
    let lines = [
        "192.0.2.1 198.51.100.2 443 ACCEPT 1795211876",
        "1795211876 192.0.2.1 198.51.100.2 443 REJECT",
        "2 123456789012 eni-1 192.0.2.1 198.51.100.2 1 443 6 1 40 1795211876 1795211936 ACCEPT OK",
    ];
    check(
        "vpcflow",
        &lists,
        &lines,
        &expect![[r#"
        {"_time":"2026-11-20T21:57:56Z","srcaddr":"192.0.2.1","dstaddr":"198.51.100.2","dstport":443,"start":1795211876,"action":"ACCEPT","_account":"111122223333","_region":"us-west-1","_addr":"192.0.2.1","_id":"at-50e0103b55dba5a3","_origin":"s3://logs/key#1","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
        {"_time":"2026-11-20T21:57:56Z","srcaddr":"192.0.2.1","dstaddr":"198.51.100.2","dstport":443,"start":1795211876,"action":"REJECT","_account":"111122223333","_region":"us-west-1","_addr":"192.0.2.1","_id":"at-d54a76d6b2462b90","_origin":"s3://logs/key#2","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
        {"_time":"2026-11-20T21:57:56Z","version":2,"account_id":"123456789012","interface_id":"eni-1","srcaddr":"192.0.2.1","dstaddr":"198.51.100.2","srcport":1,"dstport":443,"protocol":6,"packets":1,"bytes":40,"start":1795211876,"end":1795211936,"action":"ACCEPT","log_status":"OK","_account":"123456789012","_region":"us-west-1","_addr":"192.0.2.1","_resource":"eni-1","_id":"at-4ab649b29afd0ad6","_origin":"s3://logs/key#3","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
    "#]],
    );
    let message = catalogue("vpcflow", &lists).recognise_message(lines[1]);
    let Some(MessageKind::Record(format)) = message else { panic!("{message:?}") };
    assert_eq!(format.name(), "vpcflow");
}

#[test]
fn another_delimiter_with_a_header_and_without() {
    let list = "columns = ['date', 'time', 'c-ip', 'sc-status']\ndelimiter = '|'";
    let headed = ["#Fields: date time c-ip x-edge-location", "2026-11-20|21:57:56|192.0.2.7|FRA6"];
    check(
        "cloudfront",
        &[list],
        &headed,
        &expect![[r#"
        {"_time":"2026-11-20T21:57:56Z","date":"2026-11-20","time":"21:57:56","x_edge_location":"FRA6","c_ip":"192.0.2.7","_account":"111122223333","_region":"us-west-1","_addr":"192.0.2.7","_id":"at-d54a76d6b2462b90","_origin":"s3://logs/key#2","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
    "#]],
    );
    let plain = ["2026-11-20|21:57:56|192.0.2.7|200", "2026-11-20|21:57:57|192.0.2.8|-"];
    check(
        "cloudfront",
        &[list],
        &plain,
        &expect![[r#"
        {"_time":"2026-11-20T21:57:56Z","date":"2026-11-20","time":"21:57:56","c_ip":"192.0.2.7","sc_status":200,"_account":"111122223333","_region":"us-west-1","_addr":"192.0.2.7","_id":"at-50e0103b55dba5a3","_origin":"s3://logs/key#1","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
        {"_time":"2026-11-20T21:57:57Z","date":"2026-11-20","time":"21:57:57","c_ip":"192.0.2.8","_account":"111122223333","_region":"us-west-1","_addr":"192.0.2.8","_id":"at-d54a76d6b2462b90","_origin":"s3://logs/key#2","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
    "#]],
    );
}

#[test]
fn a_key_tells_lines_that_nothing_else_tells() {
    let lists = ["key = 'edge/*.tsv'\ncolumns = ['cs-method', 'cs-uri-stem']"];
    let catalogue = catalogue("cloudfrontrealtime", &lists);
    let format = recognised(&catalogue, "s3://logs/edge/1.tsv", "GET\t/a");
    expect![[r#"
        2 not_an_event: 1 fields, at least 40
        {"_time":"2020-09-13T12:26:40Z","cs_method":"GET","cs_uri_stem":"/a","_account":"111122223333","_region":"us-west-1","_id":"at-50e0103b55dba5a3","_origin":"s3://logs/key#1","_ingested":"2023-11-14T22:13:20Z","day":"2020-09-13"}
    "#]].assert_eq(&shown(format.as_ref(), "GET\t/a\nonly one\n"));
    match catalogue.recognise("s3://logs/other/1.tsv", b"GET\t/a\n") {
        Recognised::Records { format, .. } => assert_eq!(format.name(), "textlog"),
        other => assert!(matches!(other, Recognised::Nothing(_)), "{other:?}"),
    }
}
