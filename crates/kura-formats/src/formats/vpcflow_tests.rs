//! Flow log lines in, rows out.

use expect_test::{Expect, expect};

use super::*;
use crate::formats::shown::{facts, shown};
use crate::formats::{Decoded, Format, RawRecord};
use crate::recognise::{Recognised, recognise};

#[track_caller]
fn check(lines: &str, expected: &Expect) {
    expected.assert_eq(&shown(&FORMAT, lines));
}

#[test]
fn version_2_needs_no_header() {
    check(
        "2 123456789010 eni-1235b8ca 172.31.16.139 203.0.113.12 20641 22 6 20 4249 1418530010 1418530070 ACCEPT OK\n\
         2 123456789010 eni-1235b8ca - - - - - - - 1431280876 1431280934 - NODATA",
        &expect![[r#"
            {"_time":"2014-12-14T04:06:50Z","version":2,"account_id":"123456789010","interface_id":"eni-1235b8ca","srcaddr":"172.31.16.139","dstaddr":"203.0.113.12","srcport":20641,"dstport":22,"protocol":6,"packets":20,"bytes":4249,"start":1418530010,"end":1418530070,"action":"ACCEPT","log_status":"OK","_account":"123456789010","_region":"us-west-1","_addr":"172.31.16.139","_resource":"eni-1235b8ca","_id":"at-50e0103b55dba5a3","_origin":"s3://logs/key#1","_ingested":"2023-11-14T22:13:20Z","day":"2014-12-14"}
            {"_time":"2015-05-10T18:01:16Z","version":2,"account_id":"123456789010","interface_id":"eni-1235b8ca","start":1431280876,"end":1431280934,"log_status":"NODATA","_account":"123456789010","_region":"us-west-1","_resource":"eni-1235b8ca","_id":"at-d54a76d6b2462b90","_origin":"s3://logs/key#2","_ingested":"2023-11-14T22:13:20Z","day":"2015-05-10"}
        "#]],
    );
}

#[test]
fn headers_name_the_order_also_in_mid_file() {
    check(
        "srcaddr dstaddr start new-field account-id\n\
         10.0.0.1 10.0.0.2 1600000001 x 444455556666\n\
         instance-id interface-id srcaddr\n\
         i-1 eni-2 2001:db8::1\n",
        &expect![[r#"
            {"_time":"2020-09-13T12:26:41Z","account_id":"444455556666","srcaddr":"10.0.0.1","dstaddr":"10.0.0.2","start":1600000001,"_account":"444455556666","_region":"us-west-1","_addr":"10.0.0.1","_id":"at-d54a76d6b2462b90","_origin":"s3://logs/key#2","_extra":"{\"new-field\":\"x\"}","_ingested":"2023-11-14T22:13:20Z","day":"2020-09-13"}
            {"_time":"2020-09-13T12:26:40Z","interface_id":"eni-2","srcaddr":"2001:db8::1","instance_id":"i-1","_account":"111122223333","_region":"us-west-1","_addr":"2001:db8::1","_resource":"eni-2 i-1","_id":"at-a33be5c4786eecad","_origin":"s3://logs/key#4","_ingested":"2023-11-14T22:13:20Z","day":"2020-09-13"}
        "#]],
    );
}

#[test]
fn what_cannot_be_read_is_refused_and_what_does_not_fit_is_kept() {
    check(
        "Phony unsupported log format.\n\
         3 vpc-1 subnet-2 i-3 eni-4 123456789010 IPv4 a b 1 2 6 7 8 9 10\n\
         2 123456789010 eni-1\n\
         2 123456789010 eni-1 10.0.0.1 10.0.0.2 high 22 6 20 4249 164000066 164000067 ACCEPT OK\n",
        &expect![[r#"
            1 not_an_event: 4 fields where 14 belong
            2 not_an_event: 16 fields and no header that names them: version 2 has 14
            3 not_an_event: 3 fields where 14 belong
            {"_time":"1975-03-14T03:34:26Z","version":2,"account_id":"123456789010","interface_id":"eni-1","srcaddr":"10.0.0.1","dstaddr":"10.0.0.2","dstport":22,"protocol":6,"packets":20,"bytes":4249,"start":164000066,"end":164000067,"action":"ACCEPT","log_status":"OK","_account":"123456789010","_region":"us-west-1","_addr":"10.0.0.1","_resource":"eni-1","_id":"at-a33be5c4786eecad","_origin":"s3://logs/key#4","_extra":"{\"srcport\":\"high\"}","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
        "#]],
    );
}

#[test]
fn a_header_holds_for_its_object_only() {
    let mut decoder = FORMAT.decoder();
    let mut decode = |line: &str| {
        let raw = RawRecord { bytes: line.as_bytes(), number: 1, compact: true };
        decoder.decode(raw, &facts()).map_err(|reject| reject.reason)
    };
    assert_eq!(decode("srcaddr dstaddr"), Ok(Decoded::Nothing));
    assert_eq!(decode("10.0.0.1 10.0.0.2"), Ok(Decoded::Row));
    decoder.begin();
    let raw = RawRecord { bytes: b"10.0.0.1 10.0.0.2", number: 1, compact: true };
    assert!(decoder.decode(raw, &facts()).is_err());
}

#[test]
fn keys_and_first_lines_tell() {
    let key = "AWSLogs/342082656213/vpcflowlogs/us-west-1/2021/08/02/342082656213_vpcflowlogs_us-west-1_fl-05f6_20210802T0705Z_5de3.log.gz";
    let facts = match recognise(key, b"") {
        Recognised::Records { format, facts } if format.name() == NAME => facts,
        other => panic!("{other:?}"),
    };
    assert_eq!(facts.account.as_deref(), Some("342082656213"));
    assert_eq!(facts.region.as_deref(), Some("us-west-1"));
    assert_eq!(facts.time, Some(1_627_887_900_000_000));
    for (head, known) in [
        ("version account-id interface-id srcaddr\n", true),
        ("2 1 eni-1 10.0.0.1 10.0.0.2 1 22 6 20 9 1418530010 1418530070 ACCEPT OK\n", true),
        ("hello world\n", false),
        ("2 1 eni-1\n", false),
    ] {
        let recognised = recognise("some.log", head.as_bytes());
        assert_eq!(matches!(recognised, Recognised::Records { .. }), known, "{head}");
    }
}

#[test]
fn records_of_json_are_read_by_the_names_of_their_fields() {
    check(
        concat!(
            r#"{"version":5,"account-id":"123456789010","interface-id":"eni-1","srcaddr":"10.0.0.1","dstaddr":"10.0.0.2","srcport":"443","dstport":22,"bytes":"4249","start":1600000000,"end":1600000060,"log-status":"OK","pkt-srcaddr":"-","later":[1]}"#,
            "\n",
            r#" {"account_id":"123456789010","srcaddr":"10.0.0.1","srcport":"many","end":1600000060,"vpc_id":null}"#,
            r#"{"a":1} {"srcaddr":"10.0.0.3",}"#,
        ),
        &expect![[r#"
            3 not_an_event: no field of a known name
            4 broken_json: expected a string at byte 22
            {"_time":"2020-09-13T12:26:40Z","version":5,"account_id":"123456789010","interface_id":"eni-1","srcaddr":"10.0.0.1","dstaddr":"10.0.0.2","srcport":443,"dstport":22,"bytes":4249,"start":1600000000,"end":1600000060,"log_status":"OK","_account":"123456789010","_region":"us-west-1","_addr":"10.0.0.1","_resource":"eni-1","_id":"at-50e0103b55dba5a3","_origin":"s3://logs/key#1","_extra":"{\"later\":[1]}","_ingested":"2023-11-14T22:13:20Z","day":"2020-09-13"}
            {"_time":"2020-09-13T12:27:40Z","account_id":"123456789010","srcaddr":"10.0.0.1","end":1600000060,"_account":"123456789010","_region":"us-west-1","_addr":"10.0.0.1","_id":"at-d54a76d6b2462b90","_origin":"s3://logs/key#2","_extra":"{\"srcport\":\"many\"}","_ingested":"2023-11-14T22:13:20Z","day":"2020-09-13"}
        "#]],
    );
}

#[test]
fn transit_gateways_have_an_order_and_columns_of_their_own() {
    check(
        "6 TransitGateway 123456789012 tgw-1 tgw-attach-1 111111111111 222222222222 vpc-1 vpc-2 subnet-1 subnet-2 eni-1 eni-2 use1-az1 use1-az2 tgw-attach-2 10.0.0.1 10.0.1.1 12345 443 6 10 1000 1600000000 1600000060 OK IPv4 1 2 3 4 2 us-east-1 ingress S3 - later\n\
         version tgw-id srcaddr start resource-id encryption-status reject-reason ecs-task-id\n\
         10 tgw-1 10.0.0.1 1600000001 nat-1 3 BPA 0a1b\n",
        &expect![[r#"
            {"_time":"2020-09-13T12:26:40Z","version":6,"account_id":"123456789012","srcaddr":"10.0.0.1","dstaddr":"10.0.1.1","srcport":12345,"dstport":443,"protocol":6,"packets":10,"bytes":1000,"start":1600000000,"end":1600000060,"log_status":"OK","tcp_flags":2,"type":"IPv4","region":"us-east-1","pkt_src_aws_service":"S3","flow_direction":"ingress","resource_type":"TransitGateway","tgw_id":"tgw-1","tgw_attachment_id":"tgw-attach-1","tgw_src_vpc_account_id":"111111111111","tgw_dst_vpc_account_id":"222222222222","tgw_src_vpc_id":"vpc-1","tgw_dst_vpc_id":"vpc-2","tgw_src_subnet_id":"subnet-1","tgw_dst_subnet_id":"subnet-2","tgw_src_eni":"eni-1","tgw_dst_eni":"eni-2","tgw_src_az_id":"use1-az1","tgw_dst_az_id":"use1-az2","tgw_pair_attachment_id":"tgw-attach-2","packets_lost_no_route":1,"packets_lost_blackhole":2,"packets_lost_mtu_exceeded":3,"packets_lost_ttl_expired":4,"_account":"123456789012","_region":"us-east-1","_addr":"10.0.0.1","_resource":"tgw-1 tgw-attach-1","_id":"at-50e0103b55dba5a3","_origin":"s3://logs/key#1","_extra":"{\"field_37\":\"later\"}","_ingested":"2023-11-14T22:13:20Z","day":"2020-09-13"}
            {"_time":"2020-09-13T12:26:41Z","version":10,"srcaddr":"10.0.0.1","start":1600000001,"tgw_id":"tgw-1","ecs_task_id":"0a1b","reject_reason":"BPA","resource_id":"nat-1","encryption_status":3,"_account":"111122223333","_region":"us-west-1","_addr":"10.0.0.1","_resource":"tgw-1 nat-1","_id":"at-4ab649b29afd0ad6","_origin":"s3://logs/key#3","_ingested":"2023-11-14T22:13:20Z","day":"2020-09-13"}
        "#]],
    );
}

#[test]
fn keys_of_every_layout_tell() {
    let name = "123456789012_vpcflowlogs_cn-north-1_fl-05f6_20210802T0705Z_5de3.log";
    for (key, head) in [
        (
            "AWSLogs/aws-account-id=123456789012/aws-service=vpcflowlogs/aws-region=cn-north-1/year=2021/month=08/day=02/hour=07/{}.parquet",
            "",
        ),
        ("p/AWSLogs/o-1/123456789012/vpcflowlogs/cn-north-1/2021/08/02/{}.gz", ""),
        ("x", r#"{"account_id":"1","srcaddr":"10.0.0.1","dstaddr":"10.0.0.2"}"#),
        ("x", r#"[{"version":2,"srcaddr":"10.0.0.1","dstaddr":"10.0.0.2","start":1}]"#),
    ] {
        let key = key.replace("{}", name);
        let Recognised::Records { format, facts } = recognise(&key, head.as_bytes()) else {
            panic!("not known: {key} {head}");
        };
        assert_eq!(format.name(), NAME, "{key}");
        assert_eq!(facts.account.as_deref(), head.is_empty().then_some("123456789012"));
    }
    let query = r#"{"version":"1.1","account_id":"1","region":"r","vpc_id":"v","query_name":"a.","srcaddr":"10.0.0.1"}"#;
    let Recognised::Records { format, .. } = recognise("x", query.as_bytes()) else { return };
    assert_ne!(format.name(), NAME);
}
