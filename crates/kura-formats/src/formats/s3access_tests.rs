//! Lines of S3 server access logs in, rows out.

use expect_test::{Expect, expect};

use super::*;
use crate::formats::shown::shown;
use crate::recognise::{Recognised, recognise};

#[track_caller]
fn check_shown(lines: &str, expected: &Expect) {
    expected.assert_eq(&shown(&FORMAT, lines));
}

const LINE: &str = r#"79a5owner logs-bucket [06/Feb/2026:09:00:38 +0900] 192.0.2.3 arn:aws:sts::123456789012:assumed-role/ops/me 3E57427F3 REST.GET.OBJECT a+b%2520c "GET /logs-bucket/a+b?x=1 HTTP/1.1" 200 - 113 2048 7 6 "-" "say "hi"[x]" v1 host= SigV4 ECDHE-RSA AuthHeader logs-bucket.s3.us-west-1.amazonaws.com TLSv1.2 arn:aws:s3:us-west-1:123456789012:accesspoint/ap Yes"#;

#[test]
fn lines_of_every_length() {
    let unsigned = r#"79a5owner logs-bucket [06/Feb/2026:00:00:38 +0000] - - 3E57427F4 REST.GET.VERSIONING - "-" 403 AccessDenied 243 - 4 - "-" "" -"#;
    let lines = format!("{LINE} later\n{unsigned}\n{}\nshort\n", LINE.replace("06/Feb", "06/Bef"));
    check_shown(
        &lines,
        &expect![[r#"
            3 not_an_event: `06/Bef/2026:09:00:38 +0900` is no time
            4 not_an_event: 1 fields, at least 18
            {"_time":"2026-02-06T00:00:38Z","bucketowner":"79a5owner","bucket_name":"logs-bucket","requestdatetime":"06/Feb/2026:09:00:38 +0900","remoteip":"192.0.2.3","requester":"arn:aws:sts::123456789012:assumed-role/ops/me","requestid":"3E57427F3","operation":"REST.GET.OBJECT","key":"a+b%2520c","request_uri":"GET /logs-bucket/a+b?x=1 HTTP/1.1","httpstatus":"200","bytessent":113,"objectsize":2048,"totaltime":"7","turnaroundtime":"6","useragent":"say \"hi\"[x]","versionid":"v1","hostid":"host=","sigv":"SigV4","ciphersuite":"ECDHE-RSA","authtype":"AuthHeader","endpoint":"logs-bucket.s3.us-west-1.amazonaws.com","tlsversion":"TLSv1.2","accesspointarn":"arn:aws:s3:us-west-1:123456789012:accesspoint/ap","aclrequired":"Yes","_account":"111122223333","_region":"us-west-1","_principal":"arn:aws:sts::123456789012:assumed-role/ops/me","_addr":"192.0.2.3","_resource":"logs-bucket a+b%2520c","_id":"at-50e0103b55dba5a3","_origin":"s3://logs/key#1","_extra":"{\"field_27\":\"later\"}","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
            {"_time":"2026-02-06T00:00:38Z","bucketowner":"79a5owner","bucket_name":"logs-bucket","requestdatetime":"06/Feb/2026:00:00:38 +0000","requestid":"3E57427F4","operation":"REST.GET.VERSIONING","httpstatus":"403","errorcode":"AccessDenied","bytessent":243,"totaltime":"4","useragent":"","_account":"111122223333","_region":"us-west-1","_resource":"logs-bucket","_id":"at-d54a76d6b2462b90","_origin":"s3://logs/key#2","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
        "#]],
    );
}

#[test]
fn keys_and_first_lines_tell() {
    for (key, head) in [("2026-11-20-10-00-00-ABCDEF", LINE)] {
        match recognise(key, head.as_bytes()) {
            Recognised::Records { format, .. } => assert_eq!(format.name(), NAME, "{key} {head}"),
            other => panic!("{key} {head}: {other:?}"),
        }
    }
}
