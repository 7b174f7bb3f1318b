//! Statements of Redshift's user activity log in, rows out.

use expect_test::expect;

use super::*;
use crate::formats::shown::shown;
use crate::formats::{KeyFacts, KeySays};
use crate::recognise::{By, recognised};

#[test]
fn statements_of_one_line_and_of_more() {
    let log = concat!(
        "lost\n",
        "'2026-11-20T10:00:00Z UTC [ db=shop user=rdsdb pid=12 userid=1 xid=34 ]' LOG: SELECT 1\n",
        "'2026-11-20T10:00:01Z UTC [ db=my shop user=IAM:ann bell pid=12 userid=101 xid=35 ]' LOG: SELECT a,\r\n",
        "\n",
        "  'b ]' FROM c;\n",
        "'2026-11-20T10:00:02Z UTC [ db= user=app pid=x userid=1 xid= new=5 ]' LOG: \n",
        "'2026-11-20T10:00:03Z UTC [ db=shop user=app pid=1\n",
    );
    expect![[r#"
        1 not_an_event: no pattern of the format matches
        7 not_an_event: no pattern of the format matches
        {"_time":"2026-11-20T10:00:00Z","recordtime":"2026-11-20T10:00:00Z","db":"shop","user":"rdsdb","pid":12,"userid":1,"xid":34,"query":"SELECT 1","_account":"111122223333","_region":"us-west-1","_principal":"rdsdb","_resource":"shop","_id":"at-d54a76d6b2462b90","_origin":"s3://logs/key#2","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
        {"_time":"2026-11-20T10:00:01Z","recordtime":"2026-11-20T10:00:01Z","db":"my shop","user":"IAM:ann bell","pid":12,"userid":101,"xid":35,"query":"SELECT a,\r\n\n  'b ]' FROM c;","_account":"111122223333","_region":"us-west-1","_principal":"IAM:ann bell","_resource":"my shop","_id":"at-4ab649b29afd0ad6","_origin":"s3://logs/key#3","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
        {"_time":"2026-11-20T10:00:02Z","recordtime":"2026-11-20T10:00:02Z","user":"app","userid":1,"_account":"111122223333","_region":"us-west-1","_principal":"app","_id":"at-c58ddf5af14c6fe7","_origin":"s3://logs/key#6","_extra":"{\"pid\":\"x\",\"more\":\"new=5\"}","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
    "#]].assert_eq(&shown(format().as_ref(), log));
}

#[test]
fn recognised_by_key_and_by_content() {
    let path = "p/AWSLogs/111122223333/redshift/eu-west-1/2026/11/20/111122223333_redshift_eu-west-1_shop_useractivitylog_2026-11-20T10:05.gz";
    let facts = KeyFacts {
        account: Some("111122223333".to_owned()),
        region: Some("eu-west-1".to_owned()),
        time: kura_core::time::parse_log_time("2026-11-20T10:05:00Z"),
    };
    assert_eq!(format().recognise_key(path), Some(KeySays::Records(facts)));
    assert_eq!(format().recognise_key(&path.replace("useractivity", "user")), None);
    let by_content = |head: &str| recognised("x", head) == (NAME.to_owned(), By::Content);
    let line =
        "'2026-11-20T10:00:00Z UTC [ db=shop user=a pid=12 userid=1 xid=34 ]' LOG: SELECT 1\n";
    assert!(by_content(line));
    assert!(!by_content(line.trim_start_matches('\'')));
}
