//! Statements of slow query logs in, rows out.

use expect_test::expect;

use super::*;
use crate::formats::shown::shown;
use crate::recognise::{By, recognised};

#[test]
fn statements_of_every_server() {
    let log = concat!(
        "/rdsdbbin/mysql/bin/mysqld, Version: 8.0.28 (Source distribution). started with:\n",
        "Tcp port: 3306  Unix socket: /tmp/mysql.sock\n",
        "Time                 Id Command    Argument\n",
        "# Time: 2026-11-20T19:00:00.169604+09:00\n",
        "# User@Host: app[app] @  [10.0.0.5]  Id:  7234\n",
        "# Query_time: 15.000223  Lock_time: 0.000001 Rows_sent: 1  Rows_examined: 20\n",
        "use shop;\n",
        "SET timestamp=1795168798;\n",
        "SELECT *\n# not a record: 1\n\nFROM a;\n",
        "# User@Host: root[root] @ localhost []\n",
        "# Thread_id: 8  Schema:   QC_hit: No\n",
        "# Query_time: 2.000227  Lock_time: 0.000000  Rows_sent: 1  Rows_examined: 0\n",
        "# Rows_affected: 3\n",
        "#\n",
        "# explain: id\tselect_type\n",
        "# explain: 1\tSIMPLE\n",
        "#\n",
        "SET timestamp=1795168799;\n",
        "# administrator command: Quit;\n",
        "/usr/sbin/mysqld, Version: 8.0.28 (Source distribution). started with:\n",
        "Tcp port: 3306  Unix socket: /tmp/mysql.sock\n",
        "# Time: 261120  9:00:03\n",
        "# User@Host: app[ann] @ host.example.com [2001:db8::1]  Id: 14370752\n",
        "# Schema: shop  Last_errno: 3170  Killed: 0\n",
        "# Query_time: 153.883481  Lock_time: x  Rows_sent: 0  Rows_examined: 120309968  Rows_affected: 19198\n",
        "# QC_Hit: No  Full_scan: Yes  Full_join: No  Tmp_table: No\n",
        "#   InnoDB_IO_r_ops: 9744  InnoDB_IO_r_wait: 0.883446\n",
        "# No InnoDB statistics available for this query\n",
        "use `shop`;\n",
        "SET last_insert_id=5,timestamp=1795168800;\n",
        "UPDATE a SET b = 1;\n",
        "# Time: 2026-11-20T10:00:04.1Z\n",
        "# User@Host: who\n",
        "# Query_time: 1.5\n",
        "# Time: 2026-11-20T10:00:05.1Z\n",
    );
    expect![[r##"
        {"_time":"2026-11-20T10:00:00.169604Z","timestamp":1795168798,"time":"2026-11-20T19:00:00.169604+09:00","user_name":"app","priv_user":"app","ip":"10.0.0.5","thread_id":7234,"db":"shop","query_time":15.000223,"lock_time":1.0e-6,"rows_sent":1,"rows_examined":20,"sql_text":"SELECT *\n# not a record: 1\n\nFROM a;","_account":"111122223333","_region":"us-west-1","_principal":"app","_addr":"10.0.0.5","_resource":"shop","_id":"at-a33be5c4786eecad","_origin":"s3://logs/key#4","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
        {"_time":"2026-11-20T09:59:59Z","timestamp":1795168799,"user_name":"root","priv_user":"root","host":"localhost","thread_id":8,"query_time":2.000227,"lock_time":0.0,"rows_sent":1,"rows_examined":0,"rows_affected":3,"explain":"# explain: id\tselect_type\n# explain: 1\tSIMPLE\n","sql_text":"# administrator command: Quit;","_account":"111122223333","_region":"us-west-1","_principal":"root","_id":"at-0d935bc5a6947ba1","_origin":"s3://logs/key#13","_extra":"{\"QC_hit\":\"No\"}","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
        {"_time":"2026-11-20T10:00:00Z","timestamp":1795168800,"time":"261120  9:00:03","user_name":"ann","priv_user":"app","host":"host.example.com","ip":"2001:db8::1","thread_id":14370752,"db":"shop","query_time":153.883481,"rows_sent":0,"rows_examined":120309968,"rows_affected":19198,"last_errno":3170,"full_scan":"Yes","full_join":"No","sql_text":"UPDATE a SET b = 1;","_account":"111122223333","_region":"us-west-1","_principal":"ann","_addr":"2001:db8::1","_resource":"shop","_id":"at-53611b0f7dbd5b39","_origin":"s3://logs/key#25","_extra":"{\"Killed\":\"0\",\"lock_time\":\"x\",\"QC_Hit\":\"No\",\"Tmp_table\":\"No\",\"InnoDB_IO_r_ops\":\"9744\",\"InnoDB_IO_r_wait\":\"0.883446\",\"remark\":\"No InnoDB statistics available for this query\",\"last_insert_id\":\"5\"}","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
        {"_time":"2026-11-20T10:00:04.100Z","time":"2026-11-20T10:00:04.1Z","query_time":1.5,"_account":"111122223333","_region":"us-west-1","_id":"at-23887a609bc041e4","_origin":"s3://logs/key#35","_extra":"{\"user_host\":\"who\"}","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
    "##]].assert_eq(&shown(format().as_ref(), log));
}

#[test]
fn recognised_by_key_and_by_content() {
    let by_key = (NAME.to_owned(), By::Key);
    assert_eq!(recognised("db/slowquery/mysql-slowquery.log.2026-11-20.10", ""), by_key);
    assert_eq!(recognised("p/aws/rds/cluster/c/slowquery/c-1/000000.gz", ""), by_key);
    let by_content = |head: &str| recognised("x.log", head) == (NAME.to_owned(), By::Content);
    let block = "# Time: 2026-11-20T10:00:04.1Z\n# User@Host: a[a] @  [10.0.0.5]  Id: 1\n";
    assert!(by_content(block));
    let starts = "mysqld, Version: 8.0 (x). started with:\nTcp port: 1\nTime   Id Command\n";
    assert!(by_content(&format!("{starts}{starts}{block}")));
    assert!(!by_content(starts));
    assert!(!by_content("# Time: 2026-11-20T10:00:04.1Z\n"));
    assert!(!by_content("# Time: 2026-11-20T10:00:04.1Z\nsomething else\n"));
}
