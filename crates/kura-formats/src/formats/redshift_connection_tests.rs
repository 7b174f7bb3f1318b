//! Lines of Redshift's connections in, rows out.

use expect_test::expect;

use super::*;
use crate::formats::shown::shown;
use crate::recognise::{Recognised, recognise};

const LINE: &str = "authenticated       |Wed, 21 Oct 2020 18:01:22:045|::ffff:10.0.0.7  |50123  |1073|dev  |IAM:ann  |IAM  |0|TLSv1.2 |AES  |0| | |0a1b-2c |psql | | | |2|s-1|lz4|later";

#[test]
fn sessions_old_ones_and_what_is_none() {
    let lines = [
        LINE,
        "disconnecting session |Wed, 21 Oct 2020 18:01:23:001|[local] | |x|dev|rdsdb|Ident|5123456",
        "authenticated |yesterday|[local]| |1|dev|rdsdb|Ident|0",
        "authenticated |Wed, 21 Oct 2020 18:01:22:1045|[local]| |1|dev|rdsdb|Ident|0",
        "authenticated |Wed, 21 Oct",
    ];
    expect![[r#"
        3 not_an_event: `yesterday` is no time
        4 not_an_event: `Wed, 21 Oct 2020 18:01:22:1045` is no time
        5 not_an_event: 2 fields, at least 9
        {"_time":"2020-10-21T18:01:22.045Z","event":"authenticated","recordtime":"Wed, 21 Oct 2020 18:01:22:045","remotehost":"::ffff:10.0.0.7","remoteport":"50123","pid":1073,"dbname":"dev","username":"IAM:ann","authmethod":"IAM","duration":0,"sslversion":"TLSv1.2","sslcipher":"AES","mtu":0,"iamauthguid":"0a1b-2c","application_name":"psql","protocol_version":"2","sessionid":"s-1","compression":"lz4","_account":"111122223333","_region":"us-west-1","_principal":"IAM:ann","_addr":"::ffff:10.0.0.7","_resource":"dev","_id":"at-50e0103b55dba5a3","_origin":"s3://logs/key#1","_extra":"{\"field_23\":\"later\"}","_ingested":"2023-11-14T22:13:20Z","day":"2020-10-21"}
        {"_time":"2020-10-21T18:01:23.001Z","event":"disconnecting session","recordtime":"Wed, 21 Oct 2020 18:01:23:001","remotehost":"[local]","dbname":"dev","username":"rdsdb","authmethod":"Ident","duration":5123456,"_account":"111122223333","_region":"us-west-1","_principal":"rdsdb","_addr":"[local]","_resource":"dev","_id":"at-d54a76d6b2462b90","_origin":"s3://logs/key#2","_extra":"{\"pid\":\"x\"}","_ingested":"2023-11-14T22:13:20Z","day":"2020-10-21"}
    "#]].assert_eq(&shown(&FORMAT, &lines.join("\n")));
}

#[test]
fn keys_and_first_lines_tell() {
    let key = "AWSLogs/123456789012/redshift/us-east-1/2020/10/21/123456789012_redshift_us-east-1_my-cluster_connectionlog_2020-10-21T18:01.gz";
    for (key, head, expected) in [
        (key, "", NAME),
        (&key.replace("connectionlog", "userlog"), "", "redshift_user"),
        ("x", LINE, NAME),
    ] {
        let Recognised::Records { format, facts } = recognise(key, head.as_bytes()) else {
            panic!("not known: {key} {head}");
        };
        assert_eq!(format.name(), expected, "{key}");
        if head.is_empty() {
            assert_eq!(facts.account.as_deref(), Some("123456789012"));
            assert_eq!(facts.region.as_deref(), Some("us-east-1"));
            assert_eq!(facts.time, Some(1_603_303_260_000_000));
        }
    }
}
