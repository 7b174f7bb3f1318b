//! What Lambda writes in, rows out.

use expect_test::expect;

use super::*;
use crate::formats::shown::shown;
use crate::recognise::{By, recognised};

#[test]
fn text_and_json_by_turns() {
    let log = concat!(
        "INIT_START Runtime Version: python:3.12.v30\tRuntime Version ARN: arn:aws:lambda:eu-west-1::runtime:abc\n",
        "START RequestId: 7b1f2c3d-0000-4000-8000-000000000101 Version: $LATEST\n",
        "hello from the function\n",
        "{\"level\":\"INFO\",\"message\":\"hello\",\"requestId\":\"7b1f2c3d\"}\n",
        "END RequestId: 7b1f2c3d-0000-4000-8000-000000000101\r\n",
        "REPORT RequestId: 7b1f2c3d-0000-4000-8000-000000000101\tDuration: 12.34 ms\tBilled Duration: 13 ms\tMemory Size: 128 MB\tMax Memory Used: 64 MB\tInit Duration: 150.5 ms\tNew Thing: 3 MB\t\n",
        "XRAY TraceId: 1-5f84c7a1-000000000000000000000101\tSegmentId: 6d1f\tSampled: true\t\n",
        "2026-11-20T10:00:00.120Z 7b1f2c3d-0000-4000-8000-000000000101 Task timed out after 3.00 seconds\n",
        "\n",
        "REPORT RequestId: 7b1f2c3d-0000-4000-8000-000000000101\tDuration: 3000.00 ms\tBilled Duration: x ms\tMemory Size: 128 MB\tMax Memory Used: 64 MB\tStatus: timeout\n",
        "INIT_REPORT Init Duration: 9999.79 ms\tPhase: init\tStatus: error\tError Type: Runtime.ExitError\n",
        "RESTORE_START Runtime Version: java:17.v8\n",
        "RESTORE_REPORT Restore Duration: 312.5 ms\n",
        "EXTENSION\tName: agent\tState: Ready\tEvents: [INVOKE, SHUTDOWN]\n",
        "RequestId: 7b1f2c3d-0000-4000-8000-000000000101 Error: Runtime exited with error: signal: killed\n",
        "Runtime.ExitError\n",
        "{\"time\":\"2026-11-20T10:00:00.123Z\",\"type\":\"platform.start\",\"record\":{\"requestId\":\"r1\",\"functionArn\":\"a\",\"version\":\"7\",\"tracing\":{\"spanId\":\"s\",\"type\":\"X-Amzn-Trace-Id\",\"value\":\"Root=1-5f84;Parent=ab;Sampled=1\"}}}\n",
        "{\"time\":\"2026-11-20T10:00:01.123Z\",\"type\":\"platform.report\",\"record\":{\"requestId\":\"r1\",\"metrics\":{\"durationMs\":12.3,\"billedDurationMs\":\"13\",\"memorySizeMB\":128,\"maxMemoryUsedMB\":64.5,\"initDurationMs\":150,\"restoreDurationMs\":null},\"status\":\"error\",\"errorType\":\"Runtime.ExitError\",\"spans\":[{\"name\":\"a\"}]}}\n",
        "{\"time\":\"2026-11-20T10:00:02.123Z\",\"type\":\"platform.fault\",\"record\":\"RequestId: r1 Process exited\"}\n",
        "{\"time\":\"2026-11-20T10:00:02.123Z\",\"type\":\"platform.initStart\",\"record\":{\"initializationType\":\"on-demand\",\"phase\":\"init\",\"runtimeVersion\":\"nodejs:20.v9\",\"runtimeVersionArn\":\"arn\"}}\n",
        "{\"time\":\"2026-11-20T10:00:02.123Z\",\"type\":\"function\",\"record\":\"hello\"}\n",
        "{\"time\":\"2026-11-20T10:00:02.123Z\",\"type\":\"platform.start\",\"record\":{\n",
    );
    expect![[r#"
        3 not_an_event: no pattern of the format matches
        4 not_an_event: none of `type` as it should be
        21 not_an_event: none of `type` as it should be
        22 broken_json: expected a string at byte 69
        {"_time":"2020-09-13T12:26:40Z","type":"platform.initStart","runtime_version":"python:3.12.v30","runtime_version_arn":"arn:aws:lambda:eu-west-1::runtime:abc","_account":"111122223333","_region":"us-west-1","_id":"at-50e0103b55dba5a3","_origin":"s3://logs/key#1","_ingested":"2023-11-14T22:13:20Z","day":"2020-09-13"}
        {"_time":"2020-09-13T12:26:40Z","type":"platform.start","request_id":"7b1f2c3d-0000-4000-8000-000000000101","version":"$LATEST","_account":"111122223333","_region":"us-west-1","_id":"at-d54a76d6b2462b90","_origin":"s3://logs/key#2","_ingested":"2023-11-14T22:13:20Z","day":"2020-09-13"}
        {"_time":"2020-09-13T12:26:40Z","type":"platform.end","request_id":"7b1f2c3d-0000-4000-8000-000000000101","_account":"111122223333","_region":"us-west-1","_id":"at-ca82b25e7b727357","_origin":"s3://logs/key#5","_ingested":"2023-11-14T22:13:20Z","day":"2020-09-13"}
        {"_time":"2020-09-13T12:26:40Z","type":"platform.report","request_id":"7b1f2c3d-0000-4000-8000-000000000101","duration_ms":12.34,"billed_duration_ms":13.0,"memory_size_mb":128,"max_memory_used_mb":64,"init_duration_ms":150.5,"trace_id":"1-5f84c7a1-000000000000000000000101","_account":"111122223333","_region":"us-west-1","_id":"at-c58ddf5af14c6fe7","_origin":"s3://logs/key#6","_extra":"{\"New Thing\":\"3 MB\",\"SegmentId\":\"6d1f\",\"Sampled\":\"true\"}","_ingested":"2023-11-14T22:13:20Z","day":"2020-09-13"}
        {"_time":"2026-11-20T10:00:00.120Z","time":"2026-11-20T10:00:00.120Z","type":"platform.fault","request_id":"7b1f2c3d-0000-4000-8000-000000000101","status":"timeout","message":"Task timed out after 3.00 seconds","_account":"111122223333","_region":"us-west-1","_id":"at-57876ba6bc512aa0","_origin":"s3://logs/key#8","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
        {"_time":"2020-09-13T12:26:40Z","type":"platform.report","request_id":"7b1f2c3d-0000-4000-8000-000000000101","status":"timeout","duration_ms":3000.0,"memory_size_mb":128,"max_memory_used_mb":64,"_account":"111122223333","_region":"us-west-1","_id":"at-e3b359b2b099dd28","_origin":"s3://logs/key#10","_extra":"{\"billed_duration_ms\":\"x\"}","_ingested":"2023-11-14T22:13:20Z","day":"2020-09-13"}
        {"_time":"2020-09-13T12:26:40Z","type":"platform.initReport","status":"error","init_duration_ms":9999.79,"phase":"init","error_type":"Runtime.ExitError","_account":"111122223333","_region":"us-west-1","_id":"at-508220d953f851c1","_origin":"s3://logs/key#11","_ingested":"2023-11-14T22:13:20Z","day":"2020-09-13"}
        {"_time":"2020-09-13T12:26:40Z","type":"platform.restoreStart","runtime_version":"java:17.v8","_account":"111122223333","_region":"us-west-1","_id":"at-89566de5e675c517","_origin":"s3://logs/key#12","_ingested":"2023-11-14T22:13:20Z","day":"2020-09-13"}
        {"_time":"2020-09-13T12:26:40Z","type":"platform.restoreReport","restore_duration_ms":312.5,"_account":"111122223333","_region":"us-west-1","_id":"at-0d935bc5a6947ba1","_origin":"s3://logs/key#13","_ingested":"2023-11-14T22:13:20Z","day":"2020-09-13"}
        {"_time":"2020-09-13T12:26:40Z","type":"platform.extension","_account":"111122223333","_region":"us-west-1","_id":"at-074f33157c00037f","_origin":"s3://logs/key#14","_extra":"{\"Name\":\"agent\",\"State\":\"Ready\",\"Events\":\"[INVOKE, SHUTDOWN]\"}","_ingested":"2023-11-14T22:13:20Z","day":"2020-09-13"}
        {"_time":"2020-09-13T12:26:40Z","type":"platform.fault","request_id":"7b1f2c3d-0000-4000-8000-000000000101","error_type":"Runtime.ExitError","message":"Error: Runtime exited with error: signal: killed\nRuntime.ExitError","_account":"111122223333","_region":"us-west-1","_id":"at-ef4de4de381a1ca3","_origin":"s3://logs/key#15","_ingested":"2023-11-14T22:13:20Z","day":"2020-09-13"}
        {"_time":"2026-11-20T10:00:00.123Z","time":"2026-11-20T10:00:00.123Z","type":"platform.start","request_id":"r1","version":"7","trace_id":"1-5f84","_account":"111122223333","_region":"us-west-1","_id":"at-a0ecd18f5a32a8f6","_origin":"s3://logs/key#17","_extra":"{\"record\":{\"functionArn\":\"a\",\"tracing\":{\"spanId\":\"s\",\"type\":\"X-Amzn-Trace-Id\"}},\"parent\":\"ab\",\"sampled\":\"1\"}","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
        {"_time":"2026-11-20T10:00:01.123Z","time":"2026-11-20T10:00:01.123Z","type":"platform.report","request_id":"r1","status":"error","duration_ms":12.3,"billed_duration_ms":13.0,"memory_size_mb":128,"init_duration_ms":150.0,"error_type":"Runtime.ExitError","_account":"111122223333","_region":"us-west-1","_id":"at-51bf6b8518efeca8","_origin":"s3://logs/key#18","_extra":"{\"record\":{\"metrics\":{\"maxMemoryUsedMB\":64.5},\"spans\":[{\"name\":\"a\"}]}}","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
        {"_time":"2026-11-20T10:00:02.123Z","time":"2026-11-20T10:00:02.123Z","type":"platform.fault","message":"RequestId: r1 Process exited","_account":"111122223333","_region":"us-west-1","_id":"at-e331e2895c019bdc","_origin":"s3://logs/key#19","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
        {"_time":"2026-11-20T10:00:02.123Z","time":"2026-11-20T10:00:02.123Z","type":"platform.initStart","phase":"init","runtime_version":"nodejs:20.v9","runtime_version_arn":"arn","_account":"111122223333","_region":"us-west-1","_id":"at-b52dcea593796884","_origin":"s3://logs/key#20","_extra":"{\"record\":{\"initializationType\":\"on-demand\"}}","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
    "#]].assert_eq(&shown(format().as_ref(), log));
}

#[test]
fn recognised_by_content_only() {
    let by_content = |head: &str| recognised("x.log", head) == (NAME.to_owned(), By::Content);
    let id = "7b1f2c3d-0000-4000-8000-000000000101";
    assert!(by_content(&format!("START RequestId: {id} Version: $LATEST\n")));
    let exported = format!("2026-11-20T10:00:00.123Z REPORT RequestId: {id}\tDuration: 1 ms\n");
    assert_eq!(recognised("x.log", &exported).0, "cloudwatch_export");
    assert!(by_content(
        "{\"time\":\"2026-11-20T10:00:00.123Z\",\"type\":\"platform.start\",\"record\":{}}\n"
    ));
    assert!(!by_content(
        "{\"time\":\"2026-11-20T10:00:00.123Z\",\"type\":\"function\",\"record\":\"a\"}\n"
    ));
    assert!(!by_content("{\"time\":\"2026-11-20T10:00:00.123Z\",\"level\":\"INFO\"}\n"));
    assert!(!by_content(&format!("2026-11-20T10:00:00.123Z\t{id}\tINFO\thello\n")));
    assert!(!by_content("START of something\n"));
}
