//! Records of Kafka's brokers in, rows out.

use expect_test::expect;

use super::*;
use crate::formats::shown::shown;
use crate::recognise::{By, recognised};

#[test]
fn records_with_and_without_traces() {
    let log = concat!(
        "lost\n",
        "[2026-11-20 10:00:00,123] INFO [GroupCoordinator 1]: Stabilized group a (b) generation 3 (kafka.coordinator.group.GroupCoordinator)\n",
        "[2026-11-20 10:00:01,123] ERROR [ReplicaManager broker=1] Error processing append on partition t-0 (kafka.server.ReplicaManager)\r\n",
        "java.io.IOException: (no space) left\n",
        "\tat java.base/sun.nio.ch.FileDispatcherImpl.write0(Native Method)\n",
        "Caused by: x\n",
        "[2026-11-20 10:00:02,123] WARN  no class (here or (there\n",
        "[Worker-0123abcd] [2026-11-20 10:00:03,123] INFO [conn|task-0] Committing (org.apache.kafka.connect.runtime.WorkerSourceTask:478)\n",
        "[2026-13-20 10:00:02,123] TRACE [KafkaApi-1] bad month (kafka.server.KafkaApis)\n",
        "[2026-11-20 10:00:02,123] INFO ",
    );
    expect![[r#"
        1 not_an_event: no pattern of the format matches
        {"_time":"2026-11-20T10:00:00.123Z","time":"2026-11-20 10:00:00,123","level":"INFO","component":"GroupCoordinator 1","message":"[GroupCoordinator 1]: Stabilized group a (b) generation 3 (kafka.coordinator.group.GroupCoordinator)","logger":"kafka.coordinator.group.GroupCoordinator","_account":"111122223333","_region":"us-west-1","_id":"at-d54a76d6b2462b90","_origin":"s3://logs/key#2","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
        {"_time":"2026-11-20T10:00:01.123Z","time":"2026-11-20 10:00:01,123","level":"ERROR","component":"ReplicaManager broker=1","message":"[ReplicaManager broker=1] Error processing append on partition t-0 (kafka.server.ReplicaManager)\r\njava.io.IOException: (no space) left\n\tat java.base/sun.nio.ch.FileDispatcherImpl.write0(Native Method)\nCaused by: x","logger":"kafka.server.ReplicaManager","_account":"111122223333","_region":"us-west-1","_id":"at-4ab649b29afd0ad6","_origin":"s3://logs/key#3","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
        {"_time":"2026-11-20T10:00:02.123Z","time":"2026-11-20 10:00:02,123","level":"WARN","message":"no class (here or (there","_account":"111122223333","_region":"us-west-1","_id":"at-62114b85d9d75781","_origin":"s3://logs/key#7","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
        {"_time":"2026-11-20T10:00:03.123Z","time":"2026-11-20 10:00:03,123","level":"INFO","component":"conn|task-0","message":"[conn|task-0] Committing (org.apache.kafka.connect.runtime.WorkerSourceTask:478)","logger":"org.apache.kafka.connect.runtime.WorkerSourceTask","worker":"Worker-0123abcd","_account":"111122223333","_region":"us-west-1","_id":"at-57876ba6bc512aa0","_origin":"s3://logs/key#8","_extra":"{\"line\":\"478\"}","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
        {"_time":"2020-09-13T12:26:40Z","time":"2026-13-20 10:00:02,123","level":"TRACE","component":"KafkaApi-1","message":"[KafkaApi-1] bad month (kafka.server.KafkaApis)","logger":"kafka.server.KafkaApis","_account":"111122223333","_region":"us-west-1","_id":"at-d1b463d788078624","_origin":"s3://logs/key#9","_ingested":"2023-11-14T22:13:20Z","day":"2020-09-13"}
        {"_time":"2026-11-20T10:00:02.123Z","time":"2026-11-20 10:00:02,123","level":"INFO","_account":"111122223333","_region":"us-west-1","_id":"at-e3b359b2b099dd28","_origin":"s3://logs/key#10","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
    "#]].assert_eq(&shown(format().as_ref(), log));
}

#[test]
fn recognised_by_key_and_by_content() {
    let path = "p/AWSLogs/111122223333/KafkaBrokerLogs/us-gov-west-1/demo-043b6d76-20/2026-11-20-17/Broker-1_17-05_5b17f696.log.gz";
    let facts = KeyFacts {
        account: Some("111122223333".to_owned()),
        region: Some("us-gov-west-1".to_owned()),
        time: kura_core::time::parse_log_time("2026-11-20T17:00:00Z"),
    };
    assert_eq!(format().recognise_key(path), Some(KeySays::Records(facts)));
    let by_content = |head: &str| recognised("x.log", head) == (NAME.to_owned(), By::Content);
    assert!(by_content("[2026-11-20 10:00:00,123] INFO [Log p=a-0] Rolled (kafka.log.Log)\nx\n"));
    assert!(!by_content("[2026-11-20 10:00:00,123] INFO started (com.example.Shop)\n"));
    assert!(!by_content("2026-11-20 10:00:00,123 INFO Rolled (kafka.log.Log)\n"));
    assert_eq!(recognised("AWSLogs/1/KafkaBrokerLogs/r/c/2026-11-20-17/x.gz", "").1, By::Key);
}
