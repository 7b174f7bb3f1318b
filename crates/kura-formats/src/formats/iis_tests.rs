//! Lines of IIS in, rows out.

use expect_test::expect;

use super::*;
use crate::formats::shown::shown;
use crate::recognise::{Recognised, recognise};

const HEADER: &str = "#Software: Microsoft Internet Information Services 10.0\n#Version: 1.0\n#Date: 2026-11-20 21:00:00\n#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) cs(Referer) sc-status sc-substatus sc-win32-status time-taken X-Custom\n";

#[test]
fn headers_name_the_fields_and_lines_without_one_are_refused() {
    let lines = format!(
        "2026-11-20 21:57:56 10.0.0.9 GET /early\n{HEADER}\
         2026-11-20 21:57:56 10.0.0.9 GET /page.aspx a=b 443 CORP\\ann 2001:db8::7 Mozilla/5.0+(Windows) - 404 0 2 31 x\r\n\
         2026-11-20 21:57:57 10.0.0.9 GET /cut 443\n\
         #Fields: time cs-uri-stem sc-status\n\
         21:58:00 /later none one-too-many\n",
    );
    expect![[r#"
        1 not_an_event: no header that names the fields
        7 not_an_event: 6 fields where 16 belong
        {"_time":"2026-11-20T21:57:56Z","date":"2026-11-20","time":"21:57:56","s_ip":"10.0.0.9","cs_method":"GET","cs_uri_stem":"/page.aspx","cs_uri_query":"a=b","s_port":443,"cs_username":"CORP\\ann","c_ip":"2001:db8::7","cs_user_agent":"Mozilla/5.0+(Windows)","sc_status":404,"sc_substatus":0,"sc_win32_status":2,"time_taken":31.0,"_account":"111122223333","_region":"us-west-1","_principal":"CORP\\ann","_addr":"2001:db8::7","_resource":"/page.aspx","_id":"at-c58ddf5af14c6fe7","_origin":"s3://logs/key#6","_extra":"{\"X-Custom\":\"x\"}","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
        {"_time":"2020-09-13T12:26:40Z","time":"21:58:00","cs_uri_stem":"/later","_account":"111122223333","_region":"us-west-1","_resource":"/later","_id":"at-d1b463d788078624","_origin":"s3://logs/key#9","_extra":"{\"sc_status\":\"none\",\"field_4\":\"one-too-many\"}","_ingested":"2023-11-14T22:13:20Z","day":"2020-09-13"}
    "#]].assert_eq(&shown(&FORMAT, &lines));
}

#[test]
fn headers_tell() {
    for (head, expected) in [
        (HEADER, Some(NAME)),
        ("\u{feff}#Fields: date time cs-method cs-uri-stem\n", Some(NAME)),
        ("#Fields: date time cs-method cs-uri-stem x-edge-location\n", Some("cloudfront")),
        ("#Fields: date time action protocol src-ip dst-ip size\n", None),
        ("#Fields: date time cs-method a b c d e f g\n", None),
    ] {
        let known = match recognise("u_ex261120.log", head.as_bytes()) {
            Recognised::Records { format, .. } => Some(format.name().to_owned()),
            _ => None,
        };
        assert_eq!(known.as_deref(), expected, "{head}");
    }
}
