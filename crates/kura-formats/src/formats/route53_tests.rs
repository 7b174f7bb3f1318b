//! Lines of DNS queries in, rows out.

use expect_test::expect;

use super::*;
use crate::formats::shown::shown;
use crate::recognise::{Recognised, recognise};

const LINE: &str = "1.0 2026-11-20T08:16:02.130Z Z123412341234 example.com A NOERROR UDP FRA6 2001:db8::1234 198.51.100.0/24";

#[test]
fn queries_and_what_is_none() {
    let lines = [
        LINE,
        "1.0 2026-11-20T08:15:50.235Z Z1 *.Example.com AAAA NXDOMAIN TCP IAD12 192.0.2.1 -",
        "1.1 2026-11-20T08:15:50.235Z Z1 _x\\040y.example.com TYPE65 SERVFAIL UDP IAD12 - - later",
        "1.0 2026-11-20T08:15:50.235Z Z1",
        "2026-11-20T08:15:50.235Z 1.0 Z1 a b c d e f g",
    ];
    expect![[r#"
        4 not_an_event: 3 fields, at least 9
        5 not_an_event: no version, time, zone and address where they belong
        {"_time":"2026-11-20T08:16:02.130Z","version":"1.0","query_timestamp":"2026-11-20T08:16:02.130Z","hosted_zone_id":"Z123412341234","query_name":"example.com","query_type":"A","response_code":"NOERROR","protocol":"UDP","edge_location":"FRA6","resolver_ip":"2001:db8::1234","edns_client_subnet":"198.51.100.0/24","_account":"111122223333","_region":"us-west-1","_addr":"2001:db8::1234","_resource":"Z123412341234 example.com","_id":"at-50e0103b55dba5a3","_origin":"s3://logs/key#1","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
        {"_time":"2026-11-20T08:15:50.235Z","version":"1.0","query_timestamp":"2026-11-20T08:15:50.235Z","hosted_zone_id":"Z1","query_name":"*.Example.com","query_type":"AAAA","response_code":"NXDOMAIN","protocol":"TCP","edge_location":"IAD12","resolver_ip":"192.0.2.1","_account":"111122223333","_region":"us-west-1","_addr":"192.0.2.1","_resource":"Z1 *.Example.com","_id":"at-d54a76d6b2462b90","_origin":"s3://logs/key#2","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
        {"_time":"2026-11-20T08:15:50.235Z","version":"1.1","query_timestamp":"2026-11-20T08:15:50.235Z","hosted_zone_id":"Z1","query_name":"_x\\040y.example.com","query_type":"TYPE65","response_code":"SERVFAIL","protocol":"UDP","edge_location":"IAD12","_account":"111122223333","_region":"us-west-1","_resource":"Z1 _x\\040y.example.com","_id":"at-4ab649b29afd0ad6","_origin":"s3://logs/key#3","_extra":"{\"field_11\":\"later\"}","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
    "#]].assert_eq(&shown(&FORMAT, &lines.join("\n")));
}

#[test]
fn first_lines_tell() {
    let Recognised::Records { format, .. } = recognise("000000.gz", LINE.as_bytes()) else {
        panic!("not known");
    };
    assert_eq!(format.name(), NAME);
}
