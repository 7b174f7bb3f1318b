//! Access logs of APIs in, rows out.

use expect_test::expect;

use super::*;
use crate::formats::shown::shown;
use crate::recognise::{By, recognised};

#[test]
fn json_of_every_api() {
    let log = concat!(
        "{\"requestId\":\"48752d0f-0000-4000-8000-000000000101\",\"ip\":\"192.0.2.1\",\"caller\":\"-\",\"user\":\"ann\",\"requestTime\":\"20/Nov/2026:10:00:00 +0900\",\"httpMethod\":\"GET\",\"resourcePath\":\"/pets/{petId}\",\"status\":\"200\",\"protocol\":\"HTTP/1.1\",\"responseLength\":\"49\"}",
        "{\"requestId\": \"JKJaXmPLvHcESHA=\", \"sourceIp\": \"2001:db8::1\", \"requestTime\": \"1795168800123\", \"httpMethod\": \"GET\", \"routeKey\": \"GET /pets\", \"status\": 200, \"responseLength\": \"x\", \"integrationErrorMessage\": \"-\", \"shop\": \"a\", \"claims\": {\"sub\": 1}}\n",
        "{\n  \"extendedRequestId\": \"Sca3bFUQgi0EYeA=\",\n  \"requestTimeEpoch\": 1795168800123,\n  \"requestTime\": \"20/Nov/2026:10:00:00 +0000\",\n \"eventType\": \"CONNECT\", \"routeKey\": \"$connect\", \"connectionId\": \"JKJaXd=\", \"accountId\": \"444455556666\", \"status\": \"-\"}\n",
        "{\"status\":\"200\"}\n",
        "{\"requestId\":\"broken\n",
    );
    expect![[r#"
        4 not_an_event: none of `requestid`, `extendedrequestid` as it should be
        5 truncated: the object ends within a record
        {"_time":"2026-11-20T01:00:00Z","requestid":"48752d0f-0000-4000-8000-000000000101","ip":"192.0.2.1","user":"ann","requesttime":"20/Nov/2026:10:00:00 +0900","httpmethod":"GET","resourcepath":"/pets/{petId}","status":200,"protocol":"HTTP/1.1","responselength":49,"_account":"111122223333","_region":"us-west-1","_principal":"ann","_addr":"192.0.2.1","_resource":"/pets/{petId}","_id":"at-50e0103b55dba5a3","_origin":"s3://logs/key#1","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
        {"_time":"2026-11-20T10:00:00.123Z","requestid":"JKJaXmPLvHcESHA=","ip":"2001:db8::1","requesttime":"1795168800123","httpmethod":"GET","routekey":"GET /pets","status":200,"_account":"111122223333","_region":"us-west-1","_addr":"2001:db8::1","_resource":"GET /pets","_id":"at-d54a76d6b2462b90","_origin":"s3://logs/key#2","_extra":"{\"responseLength\":\"x\",\"shop\":\"a\",\"claims\":{\"sub\": 1}}","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
        {"_time":"2026-11-20T10:00:00.123Z","extendedrequestid":"Sca3bFUQgi0EYeA=","requesttime":"20/Nov/2026:10:00:00 +0000","requesttimeepoch":1795168800123,"routekey":"$connect","eventtype":"CONNECT","connectionid":"JKJaXd=","accountid":"444455556666","_account":"444455556666","_region":"us-west-1","_resource":"$connect","_id":"Sca3bFUQgi0EYeA=","_origin":"s3://logs/key#3","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
    "#]].assert_eq(&shown(format().as_ref(), log));
}

#[test]
fn clf_csv_and_xml() {
    let log = concat!(
        "192.0.2.1 - ann [20/Nov/2026:10:00:00 +0000]\"GET /pets/{petId} HTTP/1.1\" 200 49 48752d0f-0000-4000-8000-000000000101\n",
        "192.0.2.1 - - [20/Nov/2026:10:00:00 +0000] \"GET GET /pets HTTP/1.1\" 200 49 JKJaXmPLvHcESHA=\n",
        "192.0.2.1 - - [20/Nov/2026:10:00:00 +0000] \"POST $default HTTP/1.1\" 500 - JKJaXmPLvHcESHA=\r\n",
        "192.0.2.1 - - [20/Nov/2026:10:00:00 +0000]\"MESSAGE chat JKJaXd=\" 200 JKJaXmPLvHcESHA=\n",
        "192.0.2.1,-,ann,20/Nov/2026:10:00:00 +0000,GET,/pets/{petId},HTTP/1.1,200,49,48752d0f-0000-4000-8000-000000000101\n",
        "192.0.2.1,20/Nov/2026:10:00:00 +0000,GET,GET /pets,HTTP/1.1,200,49,JKJaXmPLvHcESHA=\n",
        "192.0.2.1,-,-,20/Nov/2026:10:00:00 +0000,CONNECT,$connect,JKJaXd=,200,JKJaXmPLvHcESHA=\n",
        "<request id=\"48752d0f-0000-4000-8000-000000000101\"> <ip>192.0.2.1</ip> <caller>-</caller> <user>ann</user> <requestTime>20/Nov/2026:10:00:00 +0000</requestTime> <httpMethod>GET</httpMethod> <resourcePath>/pets</resourcePath> <status>200</status> <protocol>HTTP/1.1</protocol> <responseLength>x</responseLength> <shop>a</shop> </request>\n",
        "192.0.2.1 - - [20/Nov/2026:10:00:00 +0000] \"GET / HTTP/1.1\" 200 85\n",
        "{\"requestId\":\"48752d0f\",\"status\":\"200\"}\n",
    );
    expect![[r#"
        9 not_an_event: no pattern of the format matches
        {"_time":"2026-11-20T10:00:00Z","requestid":"48752d0f-0000-4000-8000-000000000101","ip":"192.0.2.1","user":"ann","requesttime":"20/Nov/2026:10:00:00 +0000","httpmethod":"GET","resourcepath":"/pets/{petId}","status":200,"protocol":"HTTP/1.1","responselength":49,"_account":"111122223333","_region":"us-west-1","_principal":"ann","_addr":"192.0.2.1","_resource":"/pets/{petId}","_id":"at-50e0103b55dba5a3","_origin":"s3://logs/key#1","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
        {"_time":"2026-11-20T10:00:00Z","requestid":"JKJaXmPLvHcESHA=","ip":"192.0.2.1","requesttime":"20/Nov/2026:10:00:00 +0000","httpmethod":"GET","routekey":"GET /pets","status":200,"protocol":"HTTP/1.1","responselength":49,"_account":"111122223333","_region":"us-west-1","_addr":"192.0.2.1","_resource":"GET /pets","_id":"at-d54a76d6b2462b90","_origin":"s3://logs/key#2","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
        {"_time":"2026-11-20T10:00:00Z","requestid":"JKJaXmPLvHcESHA=","ip":"192.0.2.1","requesttime":"20/Nov/2026:10:00:00 +0000","httpmethod":"POST","routekey":"$default","status":500,"protocol":"HTTP/1.1","_account":"111122223333","_region":"us-west-1","_addr":"192.0.2.1","_resource":"$default","_id":"at-4ab649b29afd0ad6","_origin":"s3://logs/key#3","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
        {"_time":"2026-11-20T10:00:00Z","requestid":"JKJaXmPLvHcESHA=","ip":"192.0.2.1","requesttime":"20/Nov/2026:10:00:00 +0000","routekey":"chat","eventtype":"MESSAGE","connectionid":"JKJaXd=","status":200,"_account":"111122223333","_region":"us-west-1","_addr":"192.0.2.1","_resource":"chat","_id":"at-a33be5c4786eecad","_origin":"s3://logs/key#4","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
        {"_time":"2026-11-20T10:00:00Z","requestid":"48752d0f-0000-4000-8000-000000000101","ip":"192.0.2.1","user":"ann","requesttime":"20/Nov/2026:10:00:00 +0000","httpmethod":"GET","resourcepath":"/pets/{petId}","status":200,"protocol":"HTTP/1.1","responselength":49,"_account":"111122223333","_region":"us-west-1","_principal":"ann","_addr":"192.0.2.1","_resource":"/pets/{petId}","_id":"at-ca82b25e7b727357","_origin":"s3://logs/key#5","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
        {"_time":"2026-11-20T10:00:00Z","requestid":"JKJaXmPLvHcESHA=","ip":"192.0.2.1","requesttime":"20/Nov/2026:10:00:00 +0000","httpmethod":"GET","routekey":"GET /pets","status":200,"protocol":"HTTP/1.1","responselength":49,"_account":"111122223333","_region":"us-west-1","_addr":"192.0.2.1","_resource":"GET /pets","_id":"at-c58ddf5af14c6fe7","_origin":"s3://logs/key#6","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
        {"_time":"2026-11-20T10:00:00Z","requestid":"JKJaXmPLvHcESHA=","ip":"192.0.2.1","requesttime":"20/Nov/2026:10:00:00 +0000","routekey":"$connect","eventtype":"CONNECT","connectionid":"JKJaXd=","status":200,"_account":"111122223333","_region":"us-west-1","_addr":"192.0.2.1","_resource":"$connect","_id":"at-62114b85d9d75781","_origin":"s3://logs/key#7","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
        {"_time":"2026-11-20T10:00:00Z","requestid":"48752d0f-0000-4000-8000-000000000101","ip":"192.0.2.1","user":"ann","requesttime":"20/Nov/2026:10:00:00 +0000","httpmethod":"GET","resourcepath":"/pets","status":200,"protocol":"HTTP/1.1","_account":"111122223333","_region":"us-west-1","_principal":"ann","_addr":"192.0.2.1","_resource":"/pets","_id":"at-57876ba6bc512aa0","_origin":"s3://logs/key#8","_extra":"{\"responselength\":\"x\",\"shop\":\"a\"}","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
        {"_time":"2020-09-13T12:26:40Z","requestid":"48752d0f","status":200,"_account":"111122223333","_region":"us-west-1","_id":"at-e3b359b2b099dd28","_origin":"s3://logs/key#10","_ingested":"2023-11-14T22:13:20Z","day":"2020-09-13"}
    "#]].assert_eq(&shown(format().as_ref(), log));
}

#[test]
fn recognised_by_content_only() {
    let by_content = |head: &str| recognised("x.log", head) == (NAME.to_owned(), By::Content);
    assert!(by_content(
        "{\"requestId\":\"a\",\"ip\":\"b\",\"requestTime\":\"c\",\"httpMethod\":\"GET\",\"status\":\"200\"}"
    ));
    assert!(!by_content(
        "{\"requestId\":\"a\",\"level\":\"INFO\",\"timestamp\":\"c\",\"message\":\"GET\"}"
    ));
    let line = "192.0.2.1 - - [20/Nov/2026:10:00:00 +0000] \"GET / HTTP/1.1\" 200 85";
    assert!(by_content(&format!("{line} 48752d0f-0000-4000-8000-000000000101\n")));
    assert_eq!(recognised("x.log", line).0, "webaccess");
    assert_eq!(recognised("x.log", &format!("{line} \"-\" \"curl/8\"")).0, "webaccess");
    assert!(!by_content("<request id=\"1\"><a>b</a></request>\n"));
}
