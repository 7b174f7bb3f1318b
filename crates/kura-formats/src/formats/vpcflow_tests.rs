//! Flow log lines in, rows out.

use expect_test::{Expect, expect};

use super::*;
use crate::formats::shown::{facts, shown};
use crate::formats::{Decoded, RawRecord};
use crate::recognise::{Recognised, recognise};

#[track_caller]
fn check(lines: &str, expected: &Expect) {
    expected.assert_eq(&shown(&VpcFlow, lines));
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
    let mut decoder = VpcFlow.decoder();
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
