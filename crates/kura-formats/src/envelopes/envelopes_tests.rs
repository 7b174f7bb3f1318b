//! Envelopes in, messages out.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use expect_test::{Expect, expect};

use super::*;
use crate::framing::{Frame, FrameLimits};
use crate::recognise::{Catalogue, Recognised};

/// What an object of envelopes is recognised as, and its messages or rejects, a line each.
fn shown(path: &str, object: &str) -> String {
    let Recognised::Envelopes(envelope) = Catalogue::default().recognise(path, object.as_bytes())
    else {
        return "no envelope".to_owned();
    };
    let mut out = format!("{}\n", envelope.name());
    let mut framer = envelope.framing().framer(FrameLimits::default());
    let mut opener = envelope.opener(path);
    framer.feed(object.as_bytes());
    while let Some(frame) = framer.next_frame().or_else(|| framer.finish()) {
        let Frame::Record { range, number, compact } = frame else {
            out.push_str(&format!("{frame:?}\n"));
            continue;
        };
        match opener.open(RawRecord { bytes: &framer.bytes()[range], number, compact }) {
            Ok(messages) => messages.iter().for_each(|message| out.push_str(&line(message))),
            Err(reject) => {
                out.push_str(&format!("{number} {}: {}\n", reject.reason, reject.detail))
            }
        }
    }
    opener.finish().iter().for_each(|message| out.push_str(&line(message)));
    out
}

fn line(message: &Message<'_>) -> String {
    let place = message.place.map_or_else(String::new, |place| format!(".{place}"));
    let facts = [&message.account, &message.id, &message.source, &message.stream];
    let facts: Vec<&str> = facts.into_iter().flatten().map(String::as_str).collect();
    let beside: Vec<String> = message.beside.iter().map(|(k, v)| format!("{k}={v}")).collect();
    if let Some(reject) = &message.broken {
        return format!("{}{place} {}: {}\n", message.number, reject.reason, reject.detail);
    }
    format!(
        "{}{place} {:?} at {:?} [{}] [{}]{}{}\n",
        message.number,
        String::from_utf8_lossy(&message.bytes),
        message.time,
        facts.join(" "),
        beside.join(" "),
        if message.is_object { " object" } else { "" },
        if message.otherwise.is_some() { " or itself" } else { "" },
    )
}

#[track_caller]
fn check(path: &str, object: &str, expected: &Expect) {
    expected.assert_eq(&shown(path, object));
}

const SUBSCRIPTION: &str = r#"{"messageType":"DATA_MESSAGE","owner":"123456789012","logGroup":"/aws/lambda/shop","logStream":"2026/11/20/[$LATEST]ab","subscriptionFilters":["f"],"logEvents":[{"id":"e1","timestamp":1763596800123,"message":"START RequestId: r\n"},{"id":"e2","timestamp":"x","message":"{\"a\":1}","extractedFields":{"b":"2"},"new":3},4]}"#;

#[test]
fn a_subscription_of_cloudwatch_logs() {
    let control = r#"{"messageType":"CONTROL_MESSAGE","owner":"CloudwatchLogs","logGroup":"","logStream":"","logEvents":[{"id":"","timestamp":1,"message":"CWL CONTROL MESSAGE: Checking health of destination"}]}"#;
    let unknown = SUBSCRIPTION.replace("DATA_MESSAGE", "NEWS");
    let cut = &SUBSCRIPTION[..200];
    check(
        "k",
        &format!("{control}{SUBSCRIPTION}{unknown}{cut}"),
        &expect![[r#"
            cloudwatch
            2.1 "START RequestId: r\n" at Some(1763596800123000) [123456789012 e1 /aws/lambda/shop 2026/11/20/[$LATEST]ab] []
            2.2 "{\"a\":1}" at None [123456789012 e2 /aws/lambda/shop 2026/11/20/[$LATEST]ab] [new=3]
            2.3 broken_json: expected an object at byte 0
            3 not_an_event: no `messageType` that is known
            Broken { range: 823..1023, number: 4, length: 200, reject: Reject { reason: Truncated, detail: "the object ends within a record" } }
        "#]],
    );
}

#[test]
fn payloads_of_firehose_kinesis_and_subscriptions() {
    let data = STANDARD.encode("{\"x\":1}{\"x\":2}");
    let object = [
        format!(r#"{{"awslogs":{{"data":"{data}"}}}}"#),
        format!(
            r#"{{"requestId":"r","timestamp":1,"records":[{{"data":"{data}"}},{{"data":"!"}}]}}"#
        ),
        format!(r#"{{"invocationId":"i","records":[{{"recordId":"1","data":"{data}"}}]}}"#),
        format!(r#"{{"attemptsMade":4,"errorCode":"E","rawData":"{data}"}}"#),
        r#"{"invocationId":"i","records":[]}"#.to_owned(),
    ];
    check(
        "k",
        &object.join("\n"),
        &expect![[r#"
            firehose
            1.1 "{\"x\":1}{\"x\":2}" at None [] [] object
            2.1 "{\"x\":1}{\"x\":2}" at None [] [] object
            2.2 corrupt: broken base64: Invalid symbol 33, offset 0.
            3.1 "{\"x\":1}{\"x\":2}" at None [] [] object
            4.1 "{\"x\":1}{\"x\":2}" at None [] [] object
            5 not_an_event: no `data` in it
        "#]],
    );
    let kinesis = format!(r#"{{"Records":[{{"kinesis":{{"data":"{data}"}},"eventID":"1"}}]}}"#);
    check(
        "k",
        &kinesis,
        &expect![[r#"
        firehose
        1.1 "{\"x\":1}{\"x\":2}" at None [] [] object
    "#]],
    );
}

#[test]
fn lines_of_docker_in_one_piece_and_in_several() {
    let object = concat!(
        r#"{"log":"one\n","stream":"stdout","time":"2026-11-20T10:00:00.123456789Z"}"#,
        "\n",
        r#"{"log":"tw","stream":"stdout","time":"2026-11-20T10:00:01Z","attrs":{"a":"b"}}"#,
        "\n",
        r#"{"log":"err\r\n","stream":"stderr","time":"2026-11-20T10:00:02Z"}"#,
        "\n",
        r#"{"log":"o \"2\"\n","stream":"stdout","time":"2026-11-20T10:00:03Z"}"#,
        "\n",
        r#"{"log":"\n","stream":"stdout","time":"2026-11-20T10:00:04Z"}"#,
        "\n",
        r#"{"nothing":1}"#,
        "\n",
        r#"{"log":"never ended","stream":"stdout","time":"2026-11-20T10:00:05Z"}"#,
    );
    check(
        "/var/lib/docker/containers/0a1b/0a1b-json.log",
        object,
        &expect![[r#"
            docker
            1 "one" at Some(1795168800123456) [0a1b stdout] []
            3 "err" at Some(1795168802000000) [0a1b stderr] []
            2 "two \"2\"" at Some(1795168801000000) [0a1b stdout] [attrs={"a":"b"}]
            6 not_an_event: no `log` in it
            7 "never ended" at Some(1795168805000000) [0a1b stdout] []
        "#]],
    );
}

#[test]
fn lines_that_grow_without_end_are_handed_on() {
    let piece = format!(r#"{{"log":"{}","stream":"stdout","time":"x"}}"#, "a".repeat(600 << 10));
    let mut opener = container::DockerJson.opener("k");
    let mut lengths = Vec::new();
    for number in 1..=5 {
        let record = RawRecord { bytes: piece.as_bytes(), number, compact: true };
        for message in opener.open(record).expect("a piece") {
            lengths.push((message.number, message.bytes.len()));
        }
    }
    lengths.extend(opener.finish().iter().map(|rest| (rest.number, rest.bytes.len())));
    assert_eq!(lengths, [(1, 1200 << 10), (3, 1200 << 10), (5, 600 << 10)]);
}

#[test]
fn lines_of_cri() {
    let object = "2026-11-20T10:00:00.1Z stdout F one\n2026-11-20T10:00:01Z stderr P tw\n\
        2026-11-20T10:00:02+09:00 stderr F o\nnonsense\n2026-11-20T10:00:03Z stdout F\n";
    check(
        "/var/log/pods/default_web-1_9f/app/0.log",
        object,
        &expect![[r#"
            cri
            1 "one" at Some(1795168800100000) [default_web-1_9f/app stdout] []
            2 "two" at Some(1795168801000000) [default_web-1_9f/app stderr] []
            4 not_an_event: not a line as CRI writes it
        "#]],
    );
}

#[test]
fn exports_of_cloudwatch_logs_by_their_key() {
    let key = "exports/12345678-1234-1234-1234-123456789012/my-stream/000000.gz";
    let object = "2026-11-20T10:00:00.000Z one\n  goes on\n\n2026-11-20T10:00:01.000Z two\n";
    check(
        key,
        object,
        &expect![[r#"
            cloudwatch_export
            1 "one\n  goes on" at Some(1795168800000000) [my-stream] []
            4 "two" at Some(1795168801000000) [my-stream] []
        "#]],
    );
    check("logs/000000.gz", object, &expect!["no envelope"]);
}

#[test]
fn exports_of_cloudwatch_logs_by_what_they_hold() {
    let time = "2026-11-20T10:00:00.000Z";
    let flow = "2 123456789010 eni-1 10.0.0.1 10.0.0.2 1 22 6 20 9 1763596800 1763596860 ACCEPT OK";
    check(
        "k",
        &format!("{time} {flow}\n{time} other\n"),
        &expect![[r#"
        cloudwatch_export
        1 "2 123456789010 eni-1 10.0.0.1 10.0.0.2 1 22 6 20 9 1763596800 1763596860 ACCEPT OK" at Some(1795168800000000) [] []
        2 "other" at Some(1795168800000000) [] []
    "#]],
    );
    check(
        "a/b",
        &format!("{time} {{\"a\":1}}\n"),
        &expect![[r#"
        cloudwatch_export
        1 "{\"a\":1}" at Some(1795168800000000) [] []
    "#]],
    );
    for other in [&format!("{time}\t{flow}"), &format!("{time} said"), &format!("{time} {time} x")]
    {
        assert_eq!(shown("k", other), "no envelope", "{other}");
    }
}

#[test]
fn lines_with_a_shipper_around_them() {
    let flow = "2 123456789010 eni-1 10.0.0.1 10.0.0.2 1 22 6 20 9 1763596800 1763596860 ACCEPT OK";
    let object = format!(
        r#"{{"log":"{flow}","container_id":"c","ecs_cluster":"e"}}
{{"log":"plain","container_id":"c"}}
{{"message":"{{\"a\":1}}"}}"#
    );
    check(
        "k",
        &object,
        &expect![[r#"
        shipper
        1 "2 123456789010 eni-1 10.0.0.1 10.0.0.2 1 22 6 20 9 1763596800 1763596860 ACCEPT OK" at None [] [container_id="c" ecs_cluster="e"] or itself
        2 "plain" at None [] [container_id="c"] or itself
        3 "{\"a\":1}" at None [] [] or itself
    "#]],
    );
    check("k", r#"{"message":"plain"}"#, &expect!["no envelope"]);
}
