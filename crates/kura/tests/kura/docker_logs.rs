//! Containers that log through Docker's `fluentd` driver: lines cut into parts that arrive
//! among each other's, JSON and lines of known kinds, traces of several lines.

use serde_json::json;

use crate::forward_wire::{DockerLine, Forward};
use crate::node::{Node, Settings};

const CONTAINERS: usize = 50;
/// What Docker cuts lines at.
const PART_BYTES: usize = 16 << 10;
const SECONDS: u32 = 1_795_219_200;
const ALB: &str = r#"https 2026-11-20T22:23:00.186641Z app/my-lb/50dc6c495c0c9188 192.0.2.7:100 10.0.0.1:80 0.086 0.048 0.037 200 200 0 100 "GET https://www.example.com:443/shop/100?a=b HTTP/1.1" "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36" ECDHE-RSA-AES128-GCM-SHA256 TLSv1.2 arn:aws:elasticloadbalancing:us-east-2:123456789012:targetgroup/t/73e2 "Root=1-58337281-100" "www.example.com" "session-reused" 1 2026-11-20T22:22:48.364000Z "forward" "-" "-" "10.0.0.1:80" "200" "-" "-" TID_100"#;

/// A line of a program: JSON that is longer than Docker's parts, each of another length.
fn long_line(container: usize, line: usize) -> String {
    let basket = "0123456789abcdef".repeat(2_000 + 64 * container + line);
    format!(
        "{{\"time\":\"2026-11-20T12:00:00Z\",\"level\":\"info\",\"message\":\"line {line}\",\
         \"service\":\"shop-{container}\",\"basket\":\"{basket}\"}}"
    )
}

fn name(container: usize) -> String {
    format!("{container:012x}")
}

/// Sends lines of all containers, a connection each, part by part in turn.
fn send_in_turn(node: &Node, lines: usize, has_ids: bool) {
    let open = |_| Forward::open(&node.forward).expect("it listens");
    let mut connections: Vec<Forward> = (0..CONTAINERS).map(open).collect();
    for line in 0..lines {
        let texts: Vec<String> = (0..CONTAINERS).map(|c| long_line(c, line)).collect();
        let most = texts.iter().map(|text| text.len().div_ceil(PART_BYTES)).max().expect("some");
        for number in 0..most {
            for (container, text) in texts.iter().enumerate() {
                let parts: Vec<&[u8]> = text.as_bytes().chunks(PART_BYTES).collect();
                let Some(part) = parts.get(number) else { continue };
                let id = format!("{container:032x}{line:032x}");
                let part_of =
                    (has_ids.then_some(id.as_str()), number as u32 + 1, number + 1 == parts.len());
                let (container_id, chunk) =
                    (name(container), format!("{container}-{line}-{number}"));
                let docker = DockerLine {
                    container: &container_id,
                    seconds: SECONDS,
                    log: std::str::from_utf8(part).expect("ASCII"),
                    part: Some(part_of),
                };
                // One that asks for an ack waits for it; most do not.
                let asks = container % 5 == 0;
                let message = docker.message(asks.then_some(chunk.as_str()));
                let connection = &mut connections[container];
                connection.send(&message).expect("sent");
                if asks {
                    connection.acknowledged(&chunk).expect("acknowledged");
                }
            }
        }
    }
    connections.into_iter().for_each(Forward::close);
}

fn assert_whole(node: &Node, lines: usize) {
    node.until("select count(*) from jsonlog", &json!([CONTAINERS * lines]));
    let rows = node.sql(
        "select service, message, json_get_text(record, 'basket') as basket, source \
         from jsonlog order by 1, 2",
    );
    let mut expected = Vec::new();
    for container in 0..CONTAINERS {
        for line in 0..lines {
            let whole: serde_json::Value =
                serde_json::from_str(&long_line(container, line)).expect("JSON");
            expected.push(json!([whole["service"], whole["message"], whole["basket"]]));
        }
    }
    expected.sort_by_key(|row| (row[0].to_string(), row[1].to_string()));
    assert_eq!(rows.len(), expected.len());
    for (row, expected) in rows.iter().zip(&expected) {
        let is_same = (0..3).all(|at| row[at] == expected[at]);
        assert!(is_same, "{} {}: not as it was sent", row[0], row[1]);
    }
}

#[test]
fn parts_of_fifty_containers_become_whole_lines() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let node = Node::start(folder.path(), Settings::default());
    send_in_turn(&node, 2, true);
    assert_whole(&node, 2);
}

#[test]
fn parts_without_ids_become_whole_lines() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let node = Node::start(folder.path(), Settings::default());
    send_in_turn(&node, 1, false);
    assert_whole(&node, 1);
}

/// The first half of every line comes before a kill, the other one after it.
#[test]
fn a_line_is_put_together_across_a_kill() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let more = "[joining]\nparts_seconds = 3600\n".to_owned();
    let settings = Settings { flush_seconds: 1, more, ..Settings::default() };
    let mut node = Node::start(folder.path(), settings);
    let (whole, container) = (long_line(1, 1), name(1));
    let parts: Vec<&str> = whole
        .as_bytes()
        .chunks(PART_BYTES)
        .map(|p| std::str::from_utf8(p).expect("ASCII"))
        .collect();
    for (at, log) in parts.iter().enumerate() {
        let mut connection = Forward::open(&node.forward).expect("it listens");
        let part = Some((Some("9c1e"), at as u32 + 1, at + 1 == parts.len()));
        let line = DockerLine { container: &container, seconds: SECONDS, log, part };
        let chunk = format!("part {at}");
        connection.send(&line.message(Some(&chunk))).expect("sent");
        connection.acknowledged(&chunk).expect("acknowledged");
        let between =
            DockerLine { container: &container, seconds: SECONDS, log: "between", part: None };
        connection.send(&between.message(None)).expect("sent");
        connection.close();
        if at + 1 < parts.len() {
            // What lies between goes on to its table, and the part waits in the log.
            let count = "select count(*) from jsonlog";
            node.until(count, &json!([at + 1]));
            node.kill();
            node.start_again();
        }
    }
    let count = "select count(*), count(json_get_text(record, 'basket')), \
        max(length(json_get_text(record, 'basket'))) from jsonlog";
    let basket = "0123456789abcdef".len() * (2_000 + 64 + 1);
    node.until(count, &json!([parts.len() + 1, 1, basket]));
}

#[test]
fn what_a_line_holds_goes_to_the_table_of_its_kind() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let more = "[joining]\nmultiline = [\"java\"]\n".to_owned();
    let node = Node::start(folder.path(), Settings { more, ..Settings::default() });
    let trace = "java.lang.IllegalStateException: the basket has no bottom\n\
        \tat com.shop.Cart.add(Cart.java:12)\n\
        \tat com.shop.Main.main(Main.java:3)\n\
        Caused by: java.io.IOException: 棚がない\n\
        \t... 2 more";
    let program = r#"{"time":"2026-11-20T12:00:00Z","level":"warn","message":"few left"}"#;
    let lines = [ALB, program].into_iter().chain(trace.lines()).chain(["all is well again"]);
    let mut connection = Forward::open(&node.forward).expect("it listens");
    for log in lines {
        let line = DockerLine { container: "4f1c0a3f9b2d", seconds: SECONDS, log, part: None };
        connection.send(&line.message(None)).expect("sent");
    }
    connection.close();
    node.until("select count(*) from alb", &json!([1]));
    let alb = "select elb_status_code, client_ip, json_get_text(_extra, 'container_name') from alb";
    assert_eq!(node.sql(alb), [json!([200, "192.0.2.7", "/shop-4f1c0a3f9b2d"])]);
    node.until("select count(*) from jsonlog", &json!([3]));
    let traces = "select json_get_text(record, 'log') from jsonlog \
        where json_get_text(record, 'log') like '%Caused by%'";
    assert_eq!(node.sql(traces), [json!([trace])]);
}
