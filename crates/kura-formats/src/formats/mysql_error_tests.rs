//! Lines of MySQL's error logs in, rows out.

use expect_test::expect;

use super::*;
use crate::formats::shown::shown;
use crate::recognise::{By, recognised};

#[test]
fn lines_of_every_server() {
    let lines = concat!(
        "lost\n",
        "2026-11-20T10:00:00.484123Z 0 [System] [MY-013169] [Server] /usr/sbin/mysqld (mysqld 8.0.15) starting as process 12\r\n",
        "2026-11-20T10:00:00.484123+09:00 5 [Warning] IP address '10.0.0.5' could not be resolved\n",
        "2026-11-20 10:00:01 0 [Note] InnoDB: Uses event mutexes\n",
        "2026-11-20  9:00:01 139 [ERROR] mysqld: ready for connections.\n",
        "Version: '10.4.8-MariaDB-log'  socket: '/tmp/s'  port: 3306\n",
        "2026-11-20 10:00:01 7fcd0c2b8700 InnoDB: Assertion failure\n",
        "261120  9:46:45 [Note] Event Scheduler: Loaded 0 events\n",
        "261120 09:46:46 mysqld_safe Starting mysqld daemon\n",
        "2026-11-20T10:00:00.484123Z 99999999999999999999 [Note] a\n",
        "2026-11-20 10:00:01 nothing of the kind\n",
        "261120  9:46:45\t    13 Query\tSHOW STATUS\n",
        "261120 10:46:45\tsomething\n",
        "----------------------- END OF LOG ----------------------\n",
    );
    expect![[r#"
        1 not_an_event: no pattern of the format matches
        {"_time":"2026-11-20T10:00:00.484123Z","logged":"2026-11-20T10:00:00.484123Z","thread_id":0,"prio":"System","error_code":"MY-013169","subsystem":"Server","data":"/usr/sbin/mysqld (mysqld 8.0.15) starting as process 12","_account":"111122223333","_region":"us-west-1","_id":"at-d54a76d6b2462b90","_origin":"s3://logs/key#2","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
        {"_time":"2026-11-20T01:00:00.484123Z","logged":"2026-11-20T10:00:00.484123+09:00","thread_id":5,"prio":"Warning","data":"IP address '10.0.0.5' could not be resolved","_account":"111122223333","_region":"us-west-1","_id":"at-4ab649b29afd0ad6","_origin":"s3://logs/key#3","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
        {"_time":"2026-11-20T10:00:01Z","logged":"2026-11-20 10:00:01","thread_id":0,"prio":"Note","data":"InnoDB: Uses event mutexes","_account":"111122223333","_region":"us-west-1","_id":"at-a33be5c4786eecad","_origin":"s3://logs/key#4","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
        {"_time":"2026-11-20T09:00:01Z","logged":"2026-11-20  9:00:01","thread_id":139,"prio":"ERROR","data":"mysqld: ready for connections.\nVersion: '10.4.8-MariaDB-log'  socket: '/tmp/s'  port: 3306","_account":"111122223333","_region":"us-west-1","_id":"at-ca82b25e7b727357","_origin":"s3://logs/key#5","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
        {"_time":"2026-11-20T10:00:01Z","logged":"2026-11-20 10:00:01","subsystem":"InnoDB","data":"Assertion failure","_account":"111122223333","_region":"us-west-1","_id":"at-62114b85d9d75781","_origin":"s3://logs/key#7","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
        {"_time":"2026-11-20T09:46:45Z","logged":"261120  9:46:45","prio":"Note","data":"Event Scheduler: Loaded 0 events","_account":"111122223333","_region":"us-west-1","_id":"at-57876ba6bc512aa0","_origin":"s3://logs/key#8","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
        {"_time":"2026-11-20T09:46:46Z","logged":"261120 09:46:46","data":"Starting mysqld daemon","_account":"111122223333","_region":"us-west-1","_id":"at-d1b463d788078624","_origin":"s3://logs/key#9","_extra":"{\"program\":\"mysqld_safe\"}","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
        {"_time":"2026-11-20T10:00:00.484123Z","logged":"2026-11-20T10:00:00.484123Z","prio":"Note","data":"a","_account":"111122223333","_region":"us-west-1","_id":"at-e3b359b2b099dd28","_origin":"s3://logs/key#10","_extra":"{\"thread_id\":\"99999999999999999999\"}","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
        {"_time":"2026-11-20T10:00:01Z","logged":"2026-11-20 10:00:01","data":"nothing of the kind","_account":"111122223333","_region":"us-west-1","_id":"at-508220d953f851c1","_origin":"s3://logs/key#11","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
        {"_time":"2026-11-20T09:46:45Z","logged":"261120  9:46:45","thread_id":13,"data":"Query\tSHOW STATUS","_account":"111122223333","_region":"us-west-1","_id":"at-89566de5e675c517","_origin":"s3://logs/key#12","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
        {"_time":"2026-11-20T10:46:45Z","logged":"261120 10:46:45","data":"something","_account":"111122223333","_region":"us-west-1","_id":"at-0d935bc5a6947ba1","_origin":"s3://logs/key#13","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
    "#]].assert_eq(&shown(format().as_ref(), lines));
}

#[test]
fn recognised_by_key_and_by_content() {
    let by_key = (NAME.to_owned(), By::Key);
    assert_eq!(recognised("db/error/mysql-error-running.log.2026-11-20.10.gz", ""), by_key);
    assert_eq!(recognised("db/error/mysql-error.log", ""), by_key);
    let by_content = |head: &str| recognised("x.log", head) == (NAME.to_owned(), By::Content);
    assert!(by_content("2026-11-20T10:00:00.484123Z 0 [System] [MY-013169] [Server] a\n"));
    assert!(by_content("2026-11-20 10:00:01 0 [Note] InnoDB: Uses event mutexes\n"));
    let general = "261120  9:46:45\t    13 Query\tSHOW STATUS\n";
    assert!(by_content(&format!("{general}2026-11-20 10:00:01 0 [Note] InnoDB: a\n")));
    assert!(!by_content(general));
    assert!(!by_content(&format!("{general}SELECT '2026-11-20 10:00:01 0 [Note] a'\n")));
    assert!(!by_content("2026-11-20T10:00:00.484123Z 0 Query\ta\n"));
    assert!(!by_content("2026-11-20 10:00:01 [12] Note a\n"));
    assert!(!by_content("2026-11-20T10:00:01Z host systemd[1]: Started mysqld.service\n"));
    assert!(!by_content("2026-11-20 10:00:01 INFO [main] started\n"));
}
