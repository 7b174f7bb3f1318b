//! Events over HTTP as `curl` sends them: what is taken, what is refused and how it is said, and
//! that what was answered is there after a kill.

use std::io::Write;
use std::process::{Command, Stdio};

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};

use crate::node::{Node, Settings};

const KEY: &str = "0123456789abcdef0123456789abcdef";
/// As the limits of inputs have it.
const BODY_BYTES_MAX: usize = 16 << 20;
const INFLATED_BYTES_MAX: usize = 64 << 20;

/// What `curl` says to an exchange.
struct Said {
    status: u16,
    head: String,
    body: Value,
}

fn curl(node: &Node, path: &str, args: &[&str], body: Option<&[u8]>) -> Said {
    let url = format!("http://{}{path}", node.http);
    let mut command = Command::new("curl");
    command.args(["--silent", "--show-error", "--include", "--noproxy", "*"]).args(args);
    if body.is_some() {
        command.args(["--data-binary", "@-"]);
    }
    command.arg(url).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::inherit());
    let mut child = command.spawn().expect("curl is there");
    let mut stdin = child.stdin.take().expect("a pipe");
    // It may have its answer before it read all of it.
    let _ = stdin.write_all(body.unwrap_or_default());
    drop(stdin);
    let output = child.wait_with_output().expect("curl ends");
    let answer = String::from_utf8(output.stdout).expect("text");
    // Before a large body the server is asked whether it wants it.
    let answer = answer.strip_prefix("HTTP/1.1 100 Continue\r\n\r\n").unwrap_or(&answer);
    let (head, body) = answer.split_once("\r\n\r\n").expect("a head");
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status");
    let body = serde_json::from_str(body).unwrap_or(Value::Null);
    Said { status, head: head.to_ascii_lowercase(), body }
}

const JSON: [&str; 2] = ["-H", "Content-Type: application/json"];
const TEXT: [&str; 2] = ["-H", "Content-Type: text/plain"];

fn settings() -> Settings {
    let more = format!(
        "[[inputs.http.browser_key]]\nkey = \"{KEY}\"\norigins = [\"https://shop.example\"]\nstreams = [\"web\"]\n"
    );
    Settings { more, ..Settings::default() }
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).expect("to memory");
    encoder.finish().expect("to memory")
}

fn event(n: u64) -> String {
    format!(
        "{{\"time\":\"2026-11-20T10:00:00.{n:03}Z\",\"level\":\"info\",\"message\":\"order {n}\",\"n\":{n}}}"
    )
}

fn stored(records: u64) -> Value {
    json!({ "records": records, "status": "stored" })
}

#[test]
fn curl_sends_json_lines_and_text() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let node = Node::start(folder.path(), settings());
    let one = format!("  {}\n", event(1));
    let list = format!("[{},\n {}]", event(2), event(3));
    let lines = format!("{}\r\n\n{}", event(4), event(5));
    let encoded = ["-H", "Content-Type: application/json", "-H", "Content-Encoding: gzip"];
    let cases: [(&[&str], Vec<u8>, u64); 5] = [
        (&JSON, one.into_bytes(), 1),
        (&JSON, list.into_bytes(), 2),
        (&["-H", "Content-Type: application/x-ndjson"], lines.into_bytes(), 2),
        (&encoded, gzip(format!("[{}]", event(6)).as_bytes()), 1),
        (&TEXT, "注文 7 を受け取りました\nno JSON at all\n".into(), 2),
    ];
    for (args, body, records) in cases {
        let said = curl(&node, "/api/v1/ingest/orders", args, Some(&body));
        assert_eq!((said.status, said.body), (200, stored(records)), "{args:?}");
    }
    let numbers = "select count(*), sum(cast(json_get_text(record, 'n') as bigint)), min(_time), max(message) from jsonlog";
    node.until(numbers, &json!([6, 21, "2026-11-20T10:00:00.001Z", "order 6"]));
    node.until("select count(*) from textlog", &json!([2]));
    let texts = node.sql("select message from textlog order by message");
    assert_eq!(texts, [json!(["no JSON at all"]), json!(["注文 7 を受け取りました"])]);
    let from =
        node.sql("select distinct split_part(_origin, '#', 1) like 'http://%/orders' from jsonlog");
    assert_eq!(from, [json!([true])]);
}

#[test]
fn a_key_of_the_senders_is_taken_once() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut node = Node::start(folder.path(), settings());
    let keyed = [&JSON[..], &["-H", "Idempotency-Key: order-1"]].concat();
    let send = |node: &Node, stream: &str| {
        let path = format!("/api/v1/ingest/{stream}");
        let said = curl(node, &path, &keyed, Some(event(1).as_bytes()));
        (said.status, said.body["status"].clone())
    };
    let (stored, known) = ((200, json!("stored")), (200, json!("known")));
    assert_eq!(send(&node, "orders"), stored);
    assert_eq!(send(&node, "orders"), known);
    assert_eq!(send(&node, "payments"), stored, "a key is of a stream");
    node.kill();
    node.start_again();
    assert_eq!(send(&node, "orders"), known, "after a kill: from the log");
    node.terminate();
    node.start_again();
    assert_eq!(send(&node, "orders"), known, "after the end: from the tables");
    node.until("select count(*) from jsonlog", &json!([2]));
    let long = format!("Idempotency-Key: {}", "x".repeat(256));
    let said = curl(&node, "/api/v1/ingest/orders", &["-H", &long], Some(b"x"));
    assert_eq!(said.status, 400, "{}", said.body);
}

#[test]
fn what_cannot_be_taken_is_said_and_nothing_of_it_kept() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let node = Node::start(folder.path(), settings());
    let broken = format!("[{},{{\"n\":", event(1));
    let brotli = ["-H", "Content-Encoding: br"];
    let gzipped = ["-H", "Content-Encoding: gzip"];
    let foreign = ["-H", "Origin: https://evil.example", "-H", "Content-Type: text/plain"];
    let too_much = vec![b'x'; BODY_BYTES_MAX + 1];
    let bomb = gzip(&vec![b'x'; INFLATED_BYTES_MAX + 1]);
    let many = "x\n".repeat(100_001);
    let cases: [(&[&str], &[u8], u16, &str); 9] = [
        (&JSON, broken.as_bytes(), 400, "record 2 is broken"),
        (&JSON, b"{\"n\":1}}", 400, "broken"),
        (&JSON, b"plain", 400, "neither a JSON object nor a list"),
        (&brotli, b"x", 415, "`br`"),
        (&gzipped, b"x", 400, ""),
        (&TEXT, &too_much, 413, ""),
        (&gzipped, &bomb, 413, "inflates to more"),
        (&TEXT, many.as_bytes(), 413, "records"),
        (&foreign, b"x", 403, "another site"),
    ];
    for (args, body, status, says) in cases {
        let said = curl(&node, "/api/v1/ingest/orders", args, Some(body));
        assert_eq!(said.status, status, "{args:?}: {} {}", said.head, said.body);
        assert!(said.head.contains("application/problem+json"), "{args:?}: {}", said.head);
        assert!(said.body.to_string().contains(says), "{args:?}: {}", said.body);
        assert!(said.body["request_id"].is_string(), "{}", said.body);
    }
    let said = curl(&node, "/api/v1/ingest/a%20b", &TEXT, Some(b"x"));
    assert_eq!(said.status, 400, "{}", said.body);
    let said = curl(&node, "/api/v1/ingest/orders", &TEXT, Some(b"the last one"));
    assert_eq!(said.status, 200, "{}", said.body);
    node.until("select count(*) from textlog", &json!([1]));
    assert_eq!(node.sql("select message from textlog"), [json!(["the last one"])]);
}

#[test]
fn pages_of_other_sites_need_a_key_of_their_own() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let node = Node::start(folder.path(), settings());
    let asks = |origin: &str| {
        let origin = format!("Origin: {origin}");
        let method = "Access-Control-Request-Method: POST";
        let args = ["-X", "OPTIONS", "-H", &origin, "-H", method];
        curl(&node, "/api/v1/ingest/web", &args, None)
    };
    let said = asks("https://shop.example");
    assert_eq!(said.status, 204);
    for line in [
        "access-control-allow-origin: https://shop.example",
        "access-control-allow-methods: post",
        "access-control-allow-headers: content-type, content-encoding, idempotency-key",
        "vary: origin",
    ] {
        assert!(said.head.contains(line), "{line}: {}", said.head);
    }
    let said = asks("https://evil.example");
    assert!(!said.head.contains("access-control"), "{}", said.head);

    let sends = |path: &str, origin: Option<&str>| {
        let origin = origin.map(|origin| format!("Origin: {origin}"));
        let args: Vec<&str> = origin.iter().flat_map(|origin| ["-H", origin.as_str()]).collect();
        curl(&node, path, &args, Some(event(1).as_bytes())).status
    };
    let (own, shop) = (format!("?key={KEY}"), Some("https://shop.example"));
    let web = format!("/api/v1/ingest/web{own}");
    assert_eq!(sends(&web, shop), 200);
    for (path, origin) in [
        (web.as_str(), Some("https://evil.example")),
        (&web, Some("https://shop.example.evil.example")),
        (&web, Some("null")),
        (&web, None),
        (&format!("/api/v1/ingest/orders{own}"), shop),
        ("/api/v1/ingest/web?key=another-key-of-a-page", shop),
        ("/api/v1/ingest/web?key=", shop),
        ("/api/v1/ingest/web", shop),
    ] {
        assert_eq!(sends(path, origin), 403, "{path} {origin:?}");
    }
    // It writes and does nothing else.
    let headers = ["-H", "Origin: https://shop.example", "-H", "Sec-Fetch-Site: cross-site"];
    let said = curl(&node, &format!("/api/v1/tables{own}"), &headers, None);
    assert_eq!(said.status, 403, "{}", said.body);
    assert!(!said.head.contains("access-control"), "{}", said.head);
    node.until("select count(*) from jsonlog", &json!([1]));
}

/// The answer comes after the log is synced: a kill right behind it takes nothing away. What a
/// kill cannot take from the page cache, a power cut can; that is tested where the log is.
#[test]
fn what_was_answered_is_there_after_a_kill() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut node = Node::start(folder.path(), settings());
    for n in 1..=5 {
        let said = curl(&node, "/api/v1/ingest/orders", &JSON, Some(event(n).as_bytes()));
        assert!(node.kill());
        assert_eq!((said.status, said.body), (200, stored(1)));
        node.start_again();
        let numbers =
            "select count(*), sum(cast(json_get_text(record, 'n') as bigint)) from jsonlog";
        node.until(numbers, &json!([n, n * (n + 1) / 2]));
    }
    assert!(node.batch_totals().is_empty(), "nothing was flushed, so it came from the log");
    node.terminate();
    assert_eq!(node.batch_totals()["stored"], 5);
}
