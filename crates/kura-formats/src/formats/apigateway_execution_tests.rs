//! Steps of requests in, rows out.

use expect_test::expect;

use super::*;
use crate::formats::shown::shown;
use crate::recognise::{By, recognised};

#[test]
fn steps_of_rest_and_websocket_apis() {
    let log = concat!(
        "lost\n",
        "(48752d0f-0000-4000-8000-000000000101) Extended Request Id: UBuxiEZSIAMFQ1Q=\n",
        "(48752d0f-0000-4000-8000-000000000101) HTTP Method: GET, Resource Path: /pets/1\r\n",
        "(48752d0f-0000-4000-8000-000000000101) Method request body before transformations: {\n",
        "  \"a\": 1\n",
        "}\n",
        "(48752d0f-0000-4000-8000-000000000101) Endpoint request URI: https://lambda.eu-west-1.amazonaws.com/x\n",
        "(48752d0f-0000-4000-8000-000000000101) Received response. Status: 200, Integration latency: 93 ms\n",
        "(48752d0f-0000-4000-8000-000000000101) Method completed with status: 99999999999\n",
        "(F2bPqFtRvHcFqsw=) [c1] Sending request to https://example.com/\n",
        "(F2bPqFtRvHcFqsw=)\n",
    );
    expect![[r#"
        1 not_an_event: no pattern of the format matches
        {"_time":"2020-09-13T12:26:40Z","request_id":"48752d0f-0000-4000-8000-000000000101","message":"Extended Request Id: UBuxiEZSIAMFQ1Q=","extended_request_id":"UBuxiEZSIAMFQ1Q=","_account":"111122223333","_region":"us-west-1","_id":"at-d54a76d6b2462b90","_origin":"s3://logs/key#2","_ingested":"2023-11-14T22:13:20Z","day":"2020-09-13"}
        {"_time":"2020-09-13T12:26:40Z","request_id":"48752d0f-0000-4000-8000-000000000101","message":"HTTP Method: GET, Resource Path: /pets/1","http_method":"GET","resource_path":"/pets/1","_account":"111122223333","_region":"us-west-1","_resource":"/pets/1","_id":"at-4ab649b29afd0ad6","_origin":"s3://logs/key#3","_ingested":"2023-11-14T22:13:20Z","day":"2020-09-13"}
        {"_time":"2020-09-13T12:26:40Z","request_id":"48752d0f-0000-4000-8000-000000000101","message":"Method request body before transformations: {\n  \"a\": 1\n}","_account":"111122223333","_region":"us-west-1","_id":"at-a33be5c4786eecad","_origin":"s3://logs/key#4","_ingested":"2023-11-14T22:13:20Z","day":"2020-09-13"}
        {"_time":"2020-09-13T12:26:40Z","request_id":"48752d0f-0000-4000-8000-000000000101","message":"Endpoint request URI: https://lambda.eu-west-1.amazonaws.com/x","endpoint":"https://lambda.eu-west-1.amazonaws.com/x","_account":"111122223333","_region":"us-west-1","_id":"at-62114b85d9d75781","_origin":"s3://logs/key#7","_ingested":"2023-11-14T22:13:20Z","day":"2020-09-13"}
        {"_time":"2020-09-13T12:26:40Z","request_id":"48752d0f-0000-4000-8000-000000000101","message":"Received response. Status: 200, Integration latency: 93 ms","integration_status":200,"integration_latency_ms":93,"_account":"111122223333","_region":"us-west-1","_id":"at-57876ba6bc512aa0","_origin":"s3://logs/key#8","_ingested":"2023-11-14T22:13:20Z","day":"2020-09-13"}
        {"_time":"2020-09-13T12:26:40Z","request_id":"48752d0f-0000-4000-8000-000000000101","message":"Method completed with status: 99999999999","_account":"111122223333","_region":"us-west-1","_id":"at-d1b463d788078624","_origin":"s3://logs/key#9","_extra":"{\"status\":\"99999999999\"}","_ingested":"2023-11-14T22:13:20Z","day":"2020-09-13"}
        {"_time":"2020-09-13T12:26:40Z","request_id":"F2bPqFtRvHcFqsw=","message":"[c1] Sending request to https://example.com/","_account":"111122223333","_region":"us-west-1","_id":"at-e3b359b2b099dd28","_origin":"s3://logs/key#10","_ingested":"2023-11-14T22:13:20Z","day":"2020-09-13"}
        {"_time":"2020-09-13T12:26:40Z","request_id":"F2bPqFtRvHcFqsw=","_account":"111122223333","_region":"us-west-1","_id":"at-508220d953f851c1","_origin":"s3://logs/key#11","_ingested":"2023-11-14T22:13:20Z","day":"2020-09-13"}
    "#]].assert_eq(&shown(format().as_ref(), log));
}

#[test]
fn recognised_by_key_and_by_content() {
    let path = "exports/API-Gateway-Execution-Logs_a1b2c3/prod/stream/000000.gz";
    assert_eq!(recognised(path, ""), (NAME.to_owned(), By::Key));
    let by_content = |head: &str| recognised("x.log", head) == (NAME.to_owned(), By::Content);
    let id = "(48752d0f-0000-4000-8000-000000000101)";
    assert!(by_content(&format!("{id} Extended Request Id: UBuxiEZSIAMFQ1Q=\n")));
    let exported = format!("2026-11-20T10:00:00.123Z {id} Method request path: {{}}\n");
    for path in ["x.log", path] {
        assert_eq!(recognised(path, &exported).0, "cloudwatch_export");
    }
    assert!(!by_content(&format!("{id} something else\n")));
    assert!(!by_content("(1) Method request path: {}\n"));
}
