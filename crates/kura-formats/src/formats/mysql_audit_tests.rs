//! Lines of audit logs in, rows out.

use expect_test::expect;

use super::*;
use crate::formats::shown::shown;
use crate::recognise::{By, recognised};

#[test]
fn lines_of_every_server() {
    let lines = concat!(
        "lost\n",
        "20261120 10:00:00,ip-10-0-0-9,app,10.0.0.5,12,345,QUERY,shop,'SELECT \\'a,b\\', 1',0\n",
        "20261120 10:00:00,ip-10-0-0-9,app,10.0.0.5,12,345,QUERY,shop,'SELECT a,\n",
        "'b',0 FROM c',1064,,\n",
        "20261120 10:00:00,ip-10-0-0-9,app,10.0.0.5,12,0,CONNECT,shop,,0\n",
        "20261120 10:00:00,ip-10-0-0-9,app,10.0.0.5,12,0,FAILED_CONNECT,,,1045,TCP/IP\n",
        "20261120 10:00:00,ip-10-0-0-9,app,10.0.0.5:43210,12,346,READ,shop,orders,\n",
        "1795168800123456,shop-1,app,2001:db8::1,12,347,RENAME,shop,a|shop.b,0\n",
        "1795168800123456,shop-1,,,99999999999999999999,347,QUERY,shop,'SELECT cut off\n",
    );
    expect![[r#"
        1 not_an_event: no pattern of the format matches
        {"_time":"2026-11-20T10:00:00Z","timestamp":"20261120 10:00:00","serverhost":"ip-10-0-0-9","username":"app","host":"10.0.0.5","connectionid":12,"queryid":345,"operation":"QUERY","database":"shop","object":"SELECT \\'a,b\\', 1","retcode":0,"_account":"111122223333","_region":"us-west-1","_principal":"app","_addr":"10.0.0.5","_resource":"shop","_id":"at-d54a76d6b2462b90","_origin":"s3://logs/key#2","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
        {"_time":"2026-11-20T10:00:00Z","timestamp":"20261120 10:00:00","serverhost":"ip-10-0-0-9","username":"app","host":"10.0.0.5","connectionid":12,"queryid":345,"operation":"QUERY","database":"shop","object":"SELECT a,\n'b',0 FROM c","retcode":1064,"_account":"111122223333","_region":"us-west-1","_principal":"app","_addr":"10.0.0.5","_resource":"shop","_id":"at-4ab649b29afd0ad6","_origin":"s3://logs/key#3","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
        {"_time":"2026-11-20T10:00:00Z","timestamp":"20261120 10:00:00","serverhost":"ip-10-0-0-9","username":"app","host":"10.0.0.5","connectionid":12,"queryid":0,"operation":"CONNECT","database":"shop","retcode":0,"_account":"111122223333","_region":"us-west-1","_principal":"app","_addr":"10.0.0.5","_resource":"shop","_id":"at-ca82b25e7b727357","_origin":"s3://logs/key#5","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
        {"_time":"2026-11-20T10:00:00Z","timestamp":"20261120 10:00:00","serverhost":"ip-10-0-0-9","username":"app","host":"10.0.0.5","connectionid":12,"queryid":0,"operation":"FAILED_CONNECT","retcode":1045,"connection_type":"TCP/IP","_account":"111122223333","_region":"us-west-1","_principal":"app","_addr":"10.0.0.5","_id":"at-c58ddf5af14c6fe7","_origin":"s3://logs/key#6","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
        {"_time":"2026-11-20T10:00:00Z","timestamp":"20261120 10:00:00","serverhost":"ip-10-0-0-9","username":"app","host":"10.0.0.5","port":43210,"connectionid":12,"queryid":346,"operation":"READ","database":"shop","object":"orders","_account":"111122223333","_region":"us-west-1","_principal":"app","_addr":"10.0.0.5","_resource":"shop","_id":"at-62114b85d9d75781","_origin":"s3://logs/key#7","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
        {"_time":"2026-11-20T10:00:00.123456Z","timestamp":"1795168800123456","serverhost":"shop-1","username":"app","host":"2001:db8::1","connectionid":12,"queryid":347,"operation":"RENAME","database":"shop","object":"a|shop.b","retcode":0,"_account":"111122223333","_region":"us-west-1","_principal":"app","_addr":"2001:db8::1","_resource":"shop","_id":"at-57876ba6bc512aa0","_origin":"s3://logs/key#8","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
        {"_time":"2026-11-20T10:00:00.123456Z","timestamp":"1795168800123456","serverhost":"shop-1","queryid":347,"operation":"QUERY","database":"shop","object":"SELECT cut off","_account":"111122223333","_region":"us-west-1","_resource":"shop","_id":"at-d1b463d788078624","_origin":"s3://logs/key#9","_extra":"{\"connectionid\":\"99999999999999999999\"}","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
    "#]].assert_eq(&shown(format().as_ref(), lines));
}

#[test]
fn recognised_by_key_and_by_content() {
    let by_key = (NAME.to_owned(), By::Key);
    assert_eq!(recognised("db/audit/server_audit.log.3", ""), by_key);
    assert_eq!(recognised("db/audit/audit.log.0.2026-11-20-10-00.0.gz", ""), by_key);
    let by_content = |head: &str| recognised("x.log", head) == (NAME.to_owned(), By::Content);
    assert!(by_content("20261120 10:00:00,h,app,10.0.0.5,12,345,QUERY,shop,'SELECT 1',0\n"));
    assert!(by_content("1795168800123456,h,app,10.0.0.5,12,345,CONNECT,,,0\n"));
    assert!(!by_content("20261120 10:00:00,h,app,10.0.0.5,a,b,QUERY,shop,'SELECT 1',0\n"));
    assert_ne!(recognised("var/log/audit.log", "").0, NAME);
}
