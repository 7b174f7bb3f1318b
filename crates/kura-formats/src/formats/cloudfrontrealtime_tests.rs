//! Lines of a stream in, rows out.

use expect_test::expect;

use super::*;
use crate::formats::shown::shown;
use crate::recognise::{Recognised, recognise};

fn sample() -> String {
    FORMAT.description.sample.replace("{n}", "100")
}

#[test]
fn lines_with_and_without_the_server_and_records_of_json() {
    let without = sample().replace("198.51.100.9\t", "").replace("\t64500", "");
    let chosen = "1795211876.1\t192.0.2.1\t200\tGET";
    let but_two = sample().replace("E3HXCM7PFRG6HT\td111.cloudfront.net\t", "") + "\t-\t-";
    let more = format!("{}\t-\tx", sample());
    let lines = [&sample(), &format!("{without}\r"), &more, chosen, &but_two];
    expect![[r#"
        4 not_an_event: 4 fields, at least 40
        5 not_an_event: not a line of all fields in their order
        {"_time":"2026-11-20T21:57:56.100Z","timestamp":"1795211876.100","c_ip":"192.0.2.100","s_ip":"198.51.100.9","time_to_first_byte":0.001,"sc_status":200,"sc_bytes":100,"cs_method":"GET","cs_protocol":"https","cs_host":"www.example.com","cs_uri_stem":"/page/100.html","cs_bytes":394,"x_edge_location":"FRA6-P1","x_edge_request_id":"IQU6LXAGK43V5RF9B3VU100==","x_host_header":"d111.cloudfront.net","time_taken":0.002,"cs_protocol_version":"HTTP/2.0","c_ip_version":"IPv4","cs_user_agent":"Mozilla/5.0%20(X11)","cs_uri_query":"a=b","x_edge_response_result_type":"Hit","ssl_protocol":"TLSv1.3","ssl_cipher":"TLS_AES_128_GCM_SHA256","x_edge_result_type":"Hit","sc_content_type":"text/html","sc_content_len":78,"c_port":11100,"x_edge_detailed_result_type":"Hit","c_country":"DE","cs_accept_encoding":"gzip,%20br","cs_accept":"*/*","cache_behavior_path_pattern":"*","cs_headers":"Host:www.example.com%0A","cs_header_names":"Host%0A","cs_headers_count":1,"primary_distribution_id":"E3HXCM7PFRG6HT","primary_distribution_dns_name":"d111.cloudfront.net","asn":64500,"_account":"111122223333","_region":"us-west-1","_addr":"192.0.2.100","_resource":"www.example.com","_id":"IQU6LXAGK43V5RF9B3VU100==","_origin":"s3://logs/key#1","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
        {"_time":"2026-11-20T21:57:56.100Z","timestamp":"1795211876.100","c_ip":"192.0.2.100","time_to_first_byte":0.001,"sc_status":200,"sc_bytes":100,"cs_method":"GET","cs_protocol":"https","cs_host":"www.example.com","cs_uri_stem":"/page/100.html","cs_bytes":394,"x_edge_location":"FRA6-P1","x_edge_request_id":"IQU6LXAGK43V5RF9B3VU100==","x_host_header":"d111.cloudfront.net","time_taken":0.002,"cs_protocol_version":"HTTP/2.0","c_ip_version":"IPv4","cs_user_agent":"Mozilla/5.0%20(X11)","cs_uri_query":"a=b","x_edge_response_result_type":"Hit","ssl_protocol":"TLSv1.3","ssl_cipher":"TLS_AES_128_GCM_SHA256","x_edge_result_type":"Hit","sc_content_type":"text/html","sc_content_len":78,"c_port":11100,"x_edge_detailed_result_type":"Hit","c_country":"DE","cs_accept_encoding":"gzip,%20br","cs_accept":"*/*","cache_behavior_path_pattern":"*","cs_headers":"Host:www.example.com%0A","cs_header_names":"Host%0A","cs_headers_count":1,"primary_distribution_id":"E3HXCM7PFRG6HT","primary_distribution_dns_name":"d111.cloudfront.net","_account":"111122223333","_region":"us-west-1","_addr":"192.0.2.100","_resource":"www.example.com","_id":"IQU6LXAGK43V5RF9B3VU100==","_origin":"s3://logs/key#2","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
        {"_time":"2026-11-20T21:57:56.100Z","timestamp":"1795211876.100","c_ip":"192.0.2.100","s_ip":"198.51.100.9","time_to_first_byte":0.001,"sc_status":200,"sc_bytes":100,"cs_method":"GET","cs_protocol":"https","cs_host":"www.example.com","cs_uri_stem":"/page/100.html","cs_bytes":394,"x_edge_location":"FRA6-P1","x_edge_request_id":"IQU6LXAGK43V5RF9B3VU100==","x_host_header":"d111.cloudfront.net","time_taken":0.002,"cs_protocol_version":"HTTP/2.0","c_ip_version":"IPv4","cs_user_agent":"Mozilla/5.0%20(X11)","cs_uri_query":"a=b","x_edge_response_result_type":"Hit","ssl_protocol":"TLSv1.3","ssl_cipher":"TLS_AES_128_GCM_SHA256","x_edge_result_type":"Hit","sc_content_type":"text/html","sc_content_len":78,"c_port":11100,"x_edge_detailed_result_type":"Hit","c_country":"DE","cs_accept_encoding":"gzip,%20br","cs_accept":"*/*","cache_behavior_path_pattern":"*","cs_headers":"Host:www.example.com%0A","cs_header_names":"Host%0A","cs_headers_count":1,"primary_distribution_id":"E3HXCM7PFRG6HT","primary_distribution_dns_name":"d111.cloudfront.net","asn":64500,"cmcd_buffer_length":"x","_account":"111122223333","_region":"us-west-1","_addr":"192.0.2.100","_resource":"www.example.com","_id":"IQU6LXAGK43V5RF9B3VU100==","_origin":"s3://logs/key#3","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
    "#]].assert_eq(&shown(&FORMAT, &lines.join("\n")));
    let json = r#"{"timestamp":1795211876.5,"c-ip":"192.0.2.1","x-edge-location":"FRA6","cs-uri-stem":"/a"}"#;
    expect![[r#"
        {"_time":"2026-11-20T21:57:56.500Z","timestamp":"1795211876.5","c_ip":"192.0.2.1","cs_uri_stem":"/a","x_edge_location":"FRA6","_account":"111122223333","_region":"us-west-1","_addr":"192.0.2.1","_id":"at-50e0103b55dba5a3","_origin":"s3://logs/key#1","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
    "#]].assert_eq(&shown(&FORMAT, json));
}

#[test]
fn first_lines_tell() {
    let json = r#"{"timestamp":"1795211876.5","c-ip":"192.0.2.1","x-edge-location":"FRA6"}"#;
    for (head, known) in [(sample().as_str(), true), (json, true), ("1795211876\t192.0.2.1", false)]
    {
        match recognise("stream-1-2026-11-20", head.as_bytes()) {
            Recognised::Records { format, .. } => assert!(known && format.name() == NAME, "{head}"),
            _ => assert!(!known, "{head}"),
        }
    }
}
