//! Lines of general query logs in, rows out.

use expect_test::expect;

use super::*;
use crate::formats::shown::shown;
use crate::recognise::{By, recognised};

#[test]
fn lines_of_every_server() {
    let lines = concat!(
        "/rdsdbbin/mysql/bin/mysqld, Version: 8.0.28 (Source distribution). started with:\n",
        "Tcp port: 3306  Unix socket: /tmp/mysql.sock\n",
        "Time                 Id Command    Argument\n",
        "\t\t    9 Query\tbefore any time\n",
        "2026-11-20T10:00:00.123456Z\t   13 Connect\tapp@10.0.0.5 on shop using SSL/TLS\n",
        "2026-11-20T10:00:00.123457Z\t   13 Query\tSELECT a\n",
        "\tFROM b\n",
        "\n",
        "WHERE c\n",
        "261120  9:46:45\t    14 Connect\tAccess denied for user 'x'@'y' (using password: YES)\n",
        "\t\t    14 Init DB\tshop\n",
        "\t\t    14 Quit\t\n",
        "261120  9:46:46\t    15 Connect\troot@localhost on  using Socket\n",
        "2026-11-20T10:00:01.123456Z\t99999999999999999999 Statistics\n",
    );
    expect![[r#"
        {"_time":"2020-09-13T12:26:40Z","thread_id":9,"command_type":"Query","argument":"before any time","_account":"111122223333","_region":"us-west-1","_id":"at-a33be5c4786eecad","_origin":"s3://logs/key#4","_ingested":"2023-11-14T22:13:20Z","day":"2020-09-13"}
        {"_time":"2026-11-20T10:00:00.123456Z","event_time":"2026-11-20T10:00:00.123456Z","thread_id":13,"command_type":"Connect","argument":"app@10.0.0.5 on shop using SSL/TLS","user_name":"app","host":"10.0.0.5","db":"shop","connection_type":"SSL/TLS","_account":"111122223333","_region":"us-west-1","_principal":"app","_addr":"10.0.0.5","_resource":"shop","_id":"at-ca82b25e7b727357","_origin":"s3://logs/key#5","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
        {"_time":"2026-11-20T10:00:00.123457Z","event_time":"2026-11-20T10:00:00.123457Z","thread_id":13,"command_type":"Query","argument":"SELECT a\n\tFROM b\n\nWHERE c","_account":"111122223333","_region":"us-west-1","_id":"at-c58ddf5af14c6fe7","_origin":"s3://logs/key#6","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
        {"_time":"2026-11-20T09:46:45Z","event_time":"261120  9:46:45","thread_id":14,"command_type":"Connect","argument":"Access denied for user 'x'@'y' (using password: YES)","_account":"111122223333","_region":"us-west-1","_id":"at-e3b359b2b099dd28","_origin":"s3://logs/key#10","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
        {"_time":"2026-11-20T09:46:45Z","thread_id":14,"command_type":"Init DB","argument":"shop","_account":"111122223333","_region":"us-west-1","_id":"at-508220d953f851c1","_origin":"s3://logs/key#11","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
        {"_time":"2026-11-20T09:46:45Z","thread_id":14,"command_type":"Quit","_account":"111122223333","_region":"us-west-1","_id":"at-89566de5e675c517","_origin":"s3://logs/key#12","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
        {"_time":"2026-11-20T09:46:46Z","event_time":"261120  9:46:46","thread_id":15,"command_type":"Connect","argument":"root@localhost on  using Socket","user_name":"root","host":"localhost","connection_type":"Socket","_account":"111122223333","_region":"us-west-1","_principal":"root","_addr":"localhost","_id":"at-0d935bc5a6947ba1","_origin":"s3://logs/key#13","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
        {"_time":"2026-11-20T10:00:01.123456Z","event_time":"2026-11-20T10:00:01.123456Z","command_type":"Statistics","_account":"111122223333","_region":"us-west-1","_id":"at-074f33157c00037f","_origin":"s3://logs/key#14","_extra":"{\"thread_id\":\"99999999999999999999\"}","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
    "#]].assert_eq(&shown(format().as_ref(), lines));
}

#[test]
fn recognised_by_key_and_by_content() {
    let by_key = (NAME.to_owned(), By::Key);
    assert_eq!(recognised("db/general/mysql-general.log.2026-11-20.10", ""), by_key);
    assert_eq!(recognised("p/aws/rds/instance/c/general/c/000000.gz", ""), by_key);
    let by_content = |head: &str| recognised("x.log", head) == (NAME.to_owned(), By::Content);
    assert!(by_content("2026-11-20T10:00:00.123456Z\t   13 Query\tSELECT 1\n"));
    let starts = "mysqld, Version: 8.0 (x). started with:\nTcp port: 1\nTime   Id Command\n";
    assert!(by_content(&format!("{starts}261120  9:46:45\t    14 Init DB\tshop\n")));
    assert!(!by_content("2026-11-20T10:00:00.123456Z\tSELECT\t1\n"));
    assert!(!by_content("2026-11-20T10:00:00.123456Z 0 [Note] 13 Query\n"));
}
