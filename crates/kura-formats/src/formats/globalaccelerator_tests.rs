//! Flows over accelerators in, rows out.

use expect_test::expect;

use super::*;
use crate::formats::shown::shown;
use crate::recognise::{Recognised, recognise};

const HEADER: &str = "version aws_account_id accelerator_id client_ip client_port gip gip_port endpoint_ip endpoint_port protocol ip_address_type packets bytes start_time end_time action log-status globalaccelerator_source_ip globalaccelerator_source_port endpoint_region globalaccelerator_region direction vpc_id";
const LINE: &str = "1.0 123456789012 1234abcd 192.0.2.7 49813 198.51.100.1 443 10.0.0.3 443 TCP IPv4 20 4249 1600000000 1600000010 ACCEPT OK 203.0.113.9 50001 us-west-2 NRT51 INGRESS vpc-1";

#[test]
fn lines_of_both_versions_with_and_without_a_header() {
    let lines = format!(
        "{LINE}\n{HEADER} reject_reason new_field\n{} - x\n{}",
        LINE.replace("1.0 ", "2.0 "),
        "2.0 123456789012 1234abcd - - - - - - - - - - 1600000000 1600000010 - NODATA - - - - - - - -\n\
         2.0 123456789012 1234abcd -\n",
    );
    expect![[r#"
        5 not_an_event: 4 fields where 25 belong
        {"_time":"2020-09-13T12:26:40Z","version":"1.0","account":"123456789012","acceleratorid":"1234abcd","clientip":"192.0.2.7","clientport":49813,"gip":"198.51.100.1","gipport":443,"endpointip":"10.0.0.3","endpointport":443,"protocol":"TCP","ipaddresstype":"IPv4","numpackets":20,"numbytes":4249,"starttime":1600000000,"endtime":1600000010,"action":"ACCEPT","logstatus":"OK","agasourceip":"203.0.113.9","agasourceport":50001,"endpointregion":"us-west-2","agaregion":"NRT51","direction":"INGRESS","vpc_id":"vpc-1","_account":"123456789012","_region":"us-west-2","_addr":"192.0.2.7","_resource":"1234abcd","_id":"at-50e0103b55dba5a3","_origin":"s3://logs/key#1","_ingested":"2023-11-14T22:13:20Z","day":"2020-09-13"}
        {"_time":"2020-09-13T12:26:40Z","version":"2.0","account":"123456789012","acceleratorid":"1234abcd","clientip":"192.0.2.7","clientport":49813,"gip":"198.51.100.1","gipport":443,"endpointip":"10.0.0.3","endpointport":443,"protocol":"TCP","ipaddresstype":"IPv4","numpackets":20,"numbytes":4249,"starttime":1600000000,"endtime":1600000010,"action":"ACCEPT","logstatus":"OK","agasourceip":"203.0.113.9","agasourceport":50001,"endpointregion":"us-west-2","agaregion":"NRT51","direction":"INGRESS","vpc_id":"vpc-1","_account":"123456789012","_region":"us-west-2","_addr":"192.0.2.7","_resource":"1234abcd","_id":"at-4ab649b29afd0ad6","_origin":"s3://logs/key#3","_extra":"{\"new_field\":\"x\"}","_ingested":"2023-11-14T22:13:20Z","day":"2020-09-13"}
        {"_time":"2020-09-13T12:26:40Z","version":"2.0","account":"123456789012","acceleratorid":"1234abcd","starttime":1600000000,"endtime":1600000010,"logstatus":"NODATA","_account":"123456789012","_region":"us-west-1","_resource":"1234abcd","_id":"at-a33be5c4786eecad","_origin":"s3://logs/key#4","_ingested":"2023-11-14T22:13:20Z","day":"2020-09-13"}
    "#]].assert_eq(&shown(&FORMAT, &lines));
    expect![[r#"
        1 not_an_event: 3 fields, at least 17
        2 not_an_event: no version, account and addresses where they belong
    "#]]
    .assert_eq(&shown(&FORMAT, "1.0 x y\n3.1 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16"));
}

#[test]
fn keys_and_first_lines_tell() {
    let key = "p/AWSLogs/123456789012/globalaccelerator/us-west-2/2018/06/20/123456789012_globalaccelerator_1234abcd-abcd_0a1b_20180620T1620Z_fe123456.log.gz";
    for (key, head) in [(key, ""), ("x", HEADER), ("x", LINE)] {
        let Recognised::Records { format, facts } = recognise(key, head.as_bytes()) else {
            panic!("not known: {key} {head}");
        };
        assert_eq!(format.name(), NAME, "{key} {head}");
        if head.is_empty() {
            assert_eq!(facts.region.as_deref(), Some("us-west-2"));
            assert_eq!(facts.account.as_deref(), Some("123456789012"));
            assert_eq!(facts.time, Some(1_529_511_600_000_000));
        }
    }
    let flow = "2 123456789010 eni-1 10.0.0.1 10.0.0.2 1 22 6 20 9 1418530010 1418530070 ACCEPT OK";
    let Recognised::Records { format, .. } = recognise("x", flow.as_bytes()) else { panic!() };
    assert_eq!(format.name(), "vpcflow");
}
