//! Lines of PostgreSQL servers in, rows out.

use expect_test::expect;

use super::*;
use crate::formats::shown::shown;
use crate::recognise::{By, recognised};

#[test]
fn lines_of_every_prefix() {
    let lines = concat!(
        "LOG:  nothing stands before\n",
        "2026-11-20 10:00:00 UTC:10.0.0.5(43210):app@shop:[1234]:LOG:  duration: 12.345 ms  statement: SELECT a\n",
        "\tFROM b;\n",
        "2026-11-20 10:00:00 UTC:2001:db8::1(43210):ann@EXAMPLE.COM@shop:[1234]:ERROR:  column \"c\" does not exist at character 8\n",
        "2026-11-20 10:00:00 UTC:2001:db8::1(43210):ann@EXAMPLE.COM@shop:[1234]:STATEMENT:  SELECT c\r\n",
        "2026-11-20 10:00:01 UTC::@:[377]:LOG:  checkpoint starting: time\n",
        "2026-11-20 10:00:02 UTC:[local]:[unknown]@[unknown]:[9]:FEHLER:  gibt es nicht\n",
        "2026-11-20 10:00:03.123 UTC:10.0.0.5(1):app@shop:[12]:4:40001:2026-11-20 09:00:00 UTC:25/112:0:693c34cb.2398:my app:LOG:  execute S_1: SELECT $1\n",
        "2026-11-20 10:00:03.123 UTC:10.0.0.5(1):app@shop:[12]:4:40001:2026-11-20 09:00:00 UTC:25/112:77:693c34cb.2398:psqlFATAL:  no\n",
        "2026-11-20 10:00:04 UTC:10.0.0.5(1):app@shop:[12]:LOG:  AUDIT: SESSION,1,1,READ,SELECT,TABLE,public.b,\"SELECT a, \"\"x\"\"\n",
        "\tFROM b\",<none>\n",
        "2026-11-20 10:00:04.5 JST [77-3] app@shop/psql LOG:  duration: 5 ms\n",
        "2026-11-20 10:00:04 CET [78] LOG:  autovacuum launcher started\n",
        "2026-11-20 10:00:05 UTC DETAIL:  parameters: $1 = '86'\n",
        "2026-11-20 10:00:05 UTC:10.0.0.5(1):app@shop:[123456789012]:LOG:  duration: 1.2.3 ms  bind <unnamed>: SELECT 1",
    );
    expect![[r#"
        1 not_an_event: no pattern of the format matches
        {"_time":"2026-11-20T10:00:00Z","log_time":"2026-11-20 10:00:00 UTC","user_name":"app","database_name":"shop","process_id":1234,"connection_from":"10.0.0.5(43210)","remote_host":"10.0.0.5","remote_port":43210,"error_severity":"LOG","message":"duration: 12.345 ms  statement: SELECT a\n\tFROM b;","duration_ms":12.345,"statement":"SELECT a\n\tFROM b;","_account":"111122223333","_region":"us-west-1","_principal":"app","_addr":"10.0.0.5","_resource":"shop","_id":"at-d54a76d6b2462b90","_origin":"s3://logs/key#2","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
        {"_time":"2026-11-20T10:00:00Z","log_time":"2026-11-20 10:00:00 UTC","user_name":"ann@EXAMPLE.COM","database_name":"shop","process_id":1234,"connection_from":"2001:db8::1(43210)","remote_host":"2001:db8::1","remote_port":43210,"error_severity":"ERROR","message":"column \"c\" does not exist at character 8","_account":"111122223333","_region":"us-west-1","_principal":"ann@EXAMPLE.COM","_addr":"2001:db8::1","_resource":"shop","_id":"at-a33be5c4786eecad","_origin":"s3://logs/key#4","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
        {"_time":"2026-11-20T10:00:00Z","log_time":"2026-11-20 10:00:00 UTC","user_name":"ann@EXAMPLE.COM","database_name":"shop","process_id":1234,"connection_from":"2001:db8::1(43210)","remote_host":"2001:db8::1","remote_port":43210,"error_severity":"STATEMENT","message":"SELECT c","query":"SELECT c","_account":"111122223333","_region":"us-west-1","_principal":"ann@EXAMPLE.COM","_addr":"2001:db8::1","_resource":"shop","_id":"at-ca82b25e7b727357","_origin":"s3://logs/key#5","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
        {"_time":"2026-11-20T10:00:01Z","log_time":"2026-11-20 10:00:01 UTC","process_id":377,"error_severity":"LOG","message":"checkpoint starting: time","_account":"111122223333","_region":"us-west-1","_id":"at-c58ddf5af14c6fe7","_origin":"s3://logs/key#6","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
        {"_time":"2026-11-20T10:00:02Z","log_time":"2026-11-20 10:00:02 UTC","process_id":9,"connection_from":"[local]","remote_host":"[local]","error_severity":"FEHLER","message":"gibt es nicht","_account":"111122223333","_region":"us-west-1","_addr":"[local]","_id":"at-62114b85d9d75781","_origin":"s3://logs/key#7","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
        {"_time":"2026-11-20T10:00:03.123Z","log_time":"2026-11-20 10:00:03.123 UTC","user_name":"app","database_name":"shop","process_id":12,"connection_from":"10.0.0.5(1)","remote_host":"10.0.0.5","remote_port":1,"session_id":"693c34cb.2398","session_line_num":4,"session_start_time":"2026-11-20 09:00:00 UTC","virtual_transaction_id":"25/112","transaction_id":0,"error_severity":"LOG","sql_state_code":"40001","message":"execute S_1: SELECT $1","statement":"SELECT $1","application_name":"my app","_account":"111122223333","_region":"us-west-1","_principal":"app","_addr":"10.0.0.5","_resource":"shop","_id":"at-57876ba6bc512aa0","_origin":"s3://logs/key#8","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
        {"_time":"2026-11-20T10:00:03.123Z","log_time":"2026-11-20 10:00:03.123 UTC","user_name":"app","database_name":"shop","process_id":12,"connection_from":"10.0.0.5(1)","remote_host":"10.0.0.5","remote_port":1,"session_id":"693c34cb.2398","session_line_num":4,"session_start_time":"2026-11-20 09:00:00 UTC","virtual_transaction_id":"25/112","transaction_id":77,"error_severity":"FATAL","sql_state_code":"40001","message":"no","application_name":"psql","_account":"111122223333","_region":"us-west-1","_principal":"app","_addr":"10.0.0.5","_resource":"shop","_id":"at-d1b463d788078624","_origin":"s3://logs/key#9","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
        {"_time":"2026-11-20T10:00:04Z","log_time":"2026-11-20 10:00:04 UTC","user_name":"app","database_name":"shop","process_id":12,"connection_from":"10.0.0.5(1)","remote_host":"10.0.0.5","remote_port":1,"error_severity":"LOG","message":"AUDIT: SESSION,1,1,READ,SELECT,TABLE,public.b,\"SELECT a, \"\"x\"\"\n\tFROM b\",<none>","statement":"SELECT a, \"x\"\n\tFROM b","audit_type":"SESSION","statement_id":1,"substatement_id":1,"class":"READ","command":"SELECT","object_type":"TABLE","object_name":"public.b","parameter":"<none>","_account":"111122223333","_region":"us-west-1","_principal":"app","_addr":"10.0.0.5","_resource":"shop public.b","_id":"at-e3b359b2b099dd28","_origin":"s3://logs/key#10","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
        {"_time":"2026-11-20T01:00:04.500Z","log_time":"2026-11-20 10:00:04.5 JST","user_name":"app","database_name":"shop","process_id":77,"session_line_num":3,"error_severity":"LOG","message":"duration: 5 ms","duration_ms":5.0,"application_name":"psql","_account":"111122223333","_region":"us-west-1","_principal":"app","_resource":"shop","_id":"at-89566de5e675c517","_origin":"s3://logs/key#12","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
        {"_time":"2026-11-20T09:00:04Z","log_time":"2026-11-20 10:00:04 CET","process_id":78,"error_severity":"LOG","message":"autovacuum launcher started","_account":"111122223333","_region":"us-west-1","_id":"at-0d935bc5a6947ba1","_origin":"s3://logs/key#13","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
        {"_time":"2026-11-20T10:00:05Z","log_time":"2026-11-20 10:00:05 UTC","error_severity":"DETAIL","message":"parameters: $1 = '86'","_account":"111122223333","_region":"us-west-1","_id":"at-074f33157c00037f","_origin":"s3://logs/key#14","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
        {"_time":"2026-11-20T10:00:05Z","log_time":"2026-11-20 10:00:05 UTC","user_name":"app","database_name":"shop","connection_from":"10.0.0.5(1)","remote_host":"10.0.0.5","remote_port":1,"error_severity":"LOG","message":"duration: 1.2.3 ms  bind <unnamed>: SELECT 1","statement":"SELECT 1","_account":"111122223333","_region":"us-west-1","_principal":"app","_addr":"10.0.0.5","_resource":"shop","_id":"at-ef4de4de381a1ca3","_origin":"s3://logs/key#15","_extra":"{\"process_id\":\"123456789012\",\"duration_ms\":\"1.2.3\"}","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
    "#]].assert_eq(&shown(format().as_ref(), lines));
}

#[test]
fn csvlog_of_every_version() {
    let records = concat!(
        "\u{feff}2026-11-20 10:00:00.123 UTC,\"app\",\"shop\",81,\"10.0.0.5:42798\",5ff26239.51,5,\"SELECT\",2026-11-20 09:00:00 UTC,3/0,0,LOG,00000,\"duration: 6.5 ms  statement: SELECT 'a,\n",
        "2026-11-20 ''\"\"b\"\"';\",,,,,,,,,\"psql\"\n",
        "2026-11-20 10:00:00.123 UTC,,,1,,5ff26a05.1,1,,2026-11-20 09:00:00 UTC,,0,LOG,00000,\"ready\",,,,,,,,,\"\",\"postmaster\"\n",
        "2026-11-20 10:00:00.123 UTC,\"a,\"\"b\"\"\",\"shop\",8,\"[local]\",5ff26a05.1,1,\"idle\",2026-11-20 09:00:00 UTC,3/2,9,ERROR,42P01,\"relation \"\"x\"\" does not exist\",\"d\",\"h\",\"i\",1,\"c\",\"SELECT x\",15,\"l.c:3\",\"psql\",\"client backend\",7,-1234567890123456789,new\n",
        "2026-11-20 10:00:00.123 UTC,\"app\",\"shop\",81,\"10.0.0.5:42798\",5ff26239.51,5,\"SELECT\",2026-11-20 09:00:00 UTC,3/0,0,LOG,00000,\"AUDIT: OBJECT,2,1,WRITE,INSERT,TABLE,public.b,\"\"INSERT INTO b\n",
        "VALUES (1, 2)\"\",<not logged>\",,,,,,,,,\"psql\"\n",
        "2026-11-20 10:00:00.123 UTC,\"app\",\"shop\",12345678901,\"10.0.0.5:42798\",5ff26239.51\n",
        "2026-11-20 10:00:00.123 UTC,\"app\",\"shop\",81,\"10.0.0.5:42798\",5ff26239.51,5,\"SELECT\",2026-11-20 09:00:00 UTC,3/0,0,LOG,00000,\"never closed",
    );
    expect![[r#"
        {"_time":"2026-11-20T10:00:00.123Z","log_time":"2026-11-20 10:00:00.123 UTC","user_name":"app","database_name":"shop","process_id":81,"connection_from":"10.0.0.5:42798","remote_host":"10.0.0.5","remote_port":42798,"session_id":"5ff26239.51","session_line_num":5,"command_tag":"SELECT","session_start_time":"2026-11-20 09:00:00 UTC","virtual_transaction_id":"3/0","transaction_id":0,"error_severity":"LOG","sql_state_code":"00000","message":"duration: 6.5 ms  statement: SELECT 'a,\n2026-11-20 ''\"b\"';","duration_ms":6.5,"statement":"SELECT 'a,\n2026-11-20 ''\"b\"';","application_name":"psql","_account":"111122223333","_region":"us-west-1","_principal":"app","_addr":"10.0.0.5","_resource":"shop","_id":"at-50e0103b55dba5a3","_origin":"s3://logs/key#1","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
        {"_time":"2026-11-20T10:00:00.123Z","log_time":"2026-11-20 10:00:00.123 UTC","process_id":1,"session_id":"5ff26a05.1","session_line_num":1,"session_start_time":"2026-11-20 09:00:00 UTC","transaction_id":0,"error_severity":"LOG","sql_state_code":"00000","message":"ready","backend_type":"postmaster","_account":"111122223333","_region":"us-west-1","_id":"at-4ab649b29afd0ad6","_origin":"s3://logs/key#3","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
        {"_time":"2026-11-20T10:00:00.123Z","log_time":"2026-11-20 10:00:00.123 UTC","user_name":"a,\"b\"","database_name":"shop","process_id":8,"connection_from":"[local]","remote_host":"[local]","session_id":"5ff26a05.1","session_line_num":1,"command_tag":"idle","session_start_time":"2026-11-20 09:00:00 UTC","virtual_transaction_id":"3/2","transaction_id":9,"error_severity":"ERROR","sql_state_code":"42P01","message":"relation \"x\" does not exist","detail":"d","hint":"h","internal_query":"i","internal_query_pos":1,"context":"c","query":"SELECT x","query_pos":15,"location":"l.c:3","application_name":"psql","backend_type":"client backend","leader_pid":7,"query_id":-1234567890123456789,"_account":"111122223333","_region":"us-west-1","_principal":"a,\"b\"","_addr":"[local]","_resource":"shop","_id":"at-a33be5c4786eecad","_origin":"s3://logs/key#4","_extra":"{\"field_27\":\"new\"}","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
        {"_time":"2026-11-20T10:00:00.123Z","log_time":"2026-11-20 10:00:00.123 UTC","user_name":"app","database_name":"shop","process_id":81,"connection_from":"10.0.0.5:42798","remote_host":"10.0.0.5","remote_port":42798,"session_id":"5ff26239.51","session_line_num":5,"command_tag":"SELECT","session_start_time":"2026-11-20 09:00:00 UTC","virtual_transaction_id":"3/0","transaction_id":0,"error_severity":"LOG","sql_state_code":"00000","message":"AUDIT: OBJECT,2,1,WRITE,INSERT,TABLE,public.b,\"INSERT INTO b\nVALUES (1, 2)\",<not logged>","statement":"INSERT INTO b\nVALUES (1, 2)","application_name":"psql","audit_type":"OBJECT","statement_id":2,"substatement_id":1,"class":"WRITE","command":"INSERT","object_type":"TABLE","object_name":"public.b","parameter":"<not logged>","_account":"111122223333","_region":"us-west-1","_principal":"app","_addr":"10.0.0.5","_resource":"shop public.b","_id":"at-ca82b25e7b727357","_origin":"s3://logs/key#5","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
        {"_time":"2026-11-20T10:00:00.123Z","log_time":"2026-11-20 10:00:00.123 UTC","user_name":"app","database_name":"shop","connection_from":"10.0.0.5:42798","remote_host":"10.0.0.5","remote_port":42798,"session_id":"5ff26239.51","_account":"111122223333","_region":"us-west-1","_principal":"app","_addr":"10.0.0.5","_resource":"shop","_id":"at-62114b85d9d75781","_origin":"s3://logs/key#7","_extra":"{\"process_id\":\"12345678901\"}","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
        {"_time":"2026-11-20T10:00:00.123Z","log_time":"2026-11-20 10:00:00.123 UTC","user_name":"app","database_name":"shop","process_id":81,"connection_from":"10.0.0.5:42798","remote_host":"10.0.0.5","remote_port":42798,"session_id":"5ff26239.51","session_line_num":5,"command_tag":"SELECT","session_start_time":"2026-11-20 09:00:00 UTC","virtual_transaction_id":"3/0","transaction_id":0,"error_severity":"LOG","sql_state_code":"00000","message":"never closed","_account":"111122223333","_region":"us-west-1","_principal":"app","_addr":"10.0.0.5","_resource":"shop","_id":"at-57876ba6bc512aa0","_origin":"s3://logs/key#8","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
    "#]].assert_eq(&shown(format().as_ref(), records));
}

#[test]
fn recognised_by_key_and_by_content() {
    let by_key = (NAME.to_owned(), By::Key);
    assert_eq!(recognised("db1/error/postgresql.log.2026-11-20-10", ""), by_key);
    assert_eq!(recognised("db1/error/postgresql.log.2026-11-20-1000.csv.gz", ""), by_key);
    assert_eq!(recognised("x/aws/rds/cluster/c1/postgresql/c1-1.0/000000.gz", ""), by_key);
    let by_content = |head: &str| recognised("x.log", head) == (NAME.to_owned(), By::Content);
    assert!(by_content("\n2026-11-20 10:00:00 UTC::@:[377]:LOG:  checkpoint starting: time\nx"));
    assert!(by_content("2026-11-20 10:00:00.1 UTC [7] app@shop ERROR:  no\n"));
    assert!(by_content(
        "2026-11-20 10:00:00 UTC,\"a\",\"b\",81,\"10.0.0.5:4\",5ff2.51,5,\"SELECT\",…\n"
    ));
    assert!(!by_content("2026-11-20 10:00:00 UTC [7] app ERROR no\n"));
    assert!(!by_content("2026-11-20 10:00:00,123 ERROR: no\n"));
    assert!(!by_content("2026-11-20 10:00:00 UTC,a,b,c\n"));
    assert!(!by_content("2026-11-20 10:00:00 12 [Note] LOG: no\n"));
}
