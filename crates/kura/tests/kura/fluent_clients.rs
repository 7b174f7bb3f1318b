//! Other people's senders over the forward protocol: `fluent-logger` of PyPI, which knows no
//! acks, and of npm, which does. `cargo xtask test` installs both, and names Python in
//! `KURA_PYTHON` and npm's packages in `KURA_NODE_CLIENTS`.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::{Value, json};

use crate::node::{Node, Settings};

/// A program that sends what it is told to.
struct Client {
    child: Child,
    stdin: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

impl Client {
    /// `None`, and said so, where it is not installed.
    fn python(node: &Node) -> Option<Self> {
        let Some(python) = std::env::var_os("KURA_PYTHON") else {
            eprintln!("skipped: `cargo xtask test` installs fluent-logger and sets KURA_PYTHON");
            return None;
        };
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/clients/fluent_logger.py");
        Some(Client::start(Command::new(python).args([script, &node.forward])))
    }

    fn node(node: &Node, mode: &str) -> Option<Self> {
        let Some(packages) = std::env::var_os("KURA_NODE_CLIENTS") else {
            eprintln!(
                "skipped: `cargo xtask test` installs fluent-logger and sets KURA_NODE_CLIENTS"
            );
            return None;
        };
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/clients/fluent_logger.cjs");
        let mut command = Command::new("node");
        Some(Client::start(command.env("NODE_PATH", packages).args([script, &node.forward, mode])))
    }

    fn start(command: &mut Command) -> Self {
        let mut child =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("it runs");
        let answers = BufReader::new(child.stdout.take().expect("a pipe"));
        Client { stdin: child.stdin.take(), child, answers }
    }

    fn send(&mut self, numbers: std::ops::Range<u64>) {
        let stdin = self.stdin.as_mut().expect("a pipe");
        writeln!(stdin, "{} {}", numbers.start, numbers.end).expect("it runs");
    }

    fn answer(&mut self) -> String {
        let mut line = String::new();
        self.answers.read_line(&mut line).expect("it runs");
        line.trim_end().to_owned()
    }

    /// Lets it send what it has, and end.
    fn close(mut self) {
        self.stdin = None;
        assert!(self.child.wait().expect("a child").success());
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

const COUNTS: &str =
    "select count(*), count(distinct cast(json_get_text(record, 'n') as bigint)) from jsonlog";

/// All numbers up to this one are there, once, each as it was sent.
fn assert_all_arrived(node: &Node, sender: &str, count: u64) {
    node.until(COUNTS, &json!([count, count]));
    let rows = node.sql(
        "select cast(json_get_text(record, 'n') as bigint) as n, record, message, level, \
        cast(_time as varchar), _origin from jsonlog order by n",
    );
    for (n, row) in (0..count).zip(&rows) {
        let record: Value = serde_json::from_str(row[1].as_str().expect("text")).expect("JSON");
        let mut expected = json!({
            "level": "info",
            "message": format!("注文 {n} — ¡olé! 🛒"),
            "n": n,
            "basket": {"items": [1, 2.5, null, true, {"名": "蔵"}], "empty": {}},
            "largest": u64::MAX,
            "smallest": i64::MIN,
            "bytes": "蔵",
        });
        if sender == "python" {
            expected["7"] = json!("a key that is a number");
        }
        assert_eq!(record, expected);
        assert_eq!((&row[2], &row[3]), (&expected["message"], &json!("info")));
        let (minute, second) = (n / 60, n % 60);
        let fraction = if n % 2 == 0 { "" } else { ".123456" };
        let time = format!("2026-11-21T00:{minute:02}:{second:02}{fraction}Z");
        assert_eq!(row[4], json!(time), "{n}");
        let origin = row[5].as_str().expect("text");
        assert!(
            origin.starts_with("forward://") && origin.contains(&format!("/{sender}.orders#")),
            "{origin}"
        );
    }
}

#[test]
fn python_sends_and_keeps_what_cannot_be_sent() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut node = Node::start(folder.path(), Settings::default());
    let Some(mut client) = Client::python(&node) else { return };
    client.send(0..200);
    assert_eq!(client.answer(), "200");
    // Without acks nobody knows what was read when the server ends; so it is all read by then.
    node.until(COUNTS, &json!([200, 200]));
    node.terminate();
    client.send(200..400);
    assert_eq!(client.answer(), "0", "nobody listens: it is in the sender's buffer");
    node.start_again();
    client.send(400..500);
    assert_eq!(client.answer(), "100");
    assert_all_arrived(&node, "python", 500);
    node.kill();
    client.send(500..510);
    client.answer();
    node.start_again();
    client.close();
    assert_all_arrived(&node, "python", 510);
}

fn node_sends(mode: &str) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut node = Node::start(folder.path(), Settings::default());
    let Some(mut client) = Client::node(&node, mode) else { return };
    let mut sent = 0;
    for end in ["kill", "terminate"] {
        client.send(sent..sent + 100);
        assert_eq!(client.answer(), "given");
        assert_eq!(client.answer(), "acknowledged");
        match end {
            "kill" => drop(node.kill()),
            _ => drop(node.terminate()),
        }
        client.send(sent + 100..sent + 150);
        assert_eq!(client.answer(), "given", "nobody listens: it is in the sender's buffer");
        node.start_again();
        assert_eq!(client.answer(), "acknowledged");
        sent += 150;
    }
    client.close();
    assert_all_arrived(&node, "node", sent);
}

#[test]
fn node_sends_messages() {
    node_sends("Message");
}

#[test]
fn node_sends_packed_events() {
    node_sends("PackedForward");
}

#[test]
fn node_sends_compressed_events() {
    node_sends("CompressedPackedForward");
}
