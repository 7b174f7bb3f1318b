//! What is asked of a server while it runs: to read its configuration anew, and to say in JSON
//! what it does.

use std::io::{BufRead, BufReader, Read};
use std::process::Stdio;

use serde_json::Value;

use crate::http::connect;
use crate::node::{Node, Settings};
use crate::program::{kura, text};

/// What a sender is greeted with where a key is asked for.
const GREETING: &[u8] = b"\x92\xa4HELO";

fn greeting(node: &Node) -> Vec<u8> {
    let mut stream = connect(&node.forward).expect("a connection");
    let mut greeting = vec![0; GREETING.len()];
    stream.read_exact(&mut greeting).expect("a greeting");
    greeting
}

#[test]
fn keys_are_read_anew_at_sighup_and_a_wrong_file_changes_nothing() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let node = Node::start(folder.path(), Settings::default());
    let listen = format!("[inputs.forward]\nlisten = \"{}\"\n", node.forward);
    let with_key = format!("{listen}shared_key = \"open sesame\"\n");
    assert!(node.reload(&with_key).contains("are read anew"));
    assert_eq!(greeting(&node), GREETING);
    for wrong in [format!("{listen}shared_keys = 1\n"), format!("{listen}shared_key = \"\"\n")] {
        let told = node.reload(&wrong);
        assert!(told.contains("stays as it was"), "{told}");
        assert_eq!(greeting(&node), GREETING);
    }
    assert!(node.reload(&listen).contains("are read anew"));
    node.ingest("app", "text/plain", "still here");
    node.until("SELECT message FROM textlog", &serde_json::json!(["still here"]));
}

#[test]
fn a_server_says_in_json_what_it_does() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut command = kura();
    command.args(["--log-format", "json", "--lake", text(folder.path())]);
    command.args(["serve", "--listen", "127.0.0.1:0"]);
    let mut child = command.stderr(Stdio::piped()).spawn().expect("kura runs");
    let mut said = BufReader::new(child.stderr.take().expect("a pipe"));
    let mut line = String::new();
    said.read_line(&mut line).expect("a line");
    child.kill().expect("a child");
    child.wait().expect("a child");
    let entry: Value = serde_json::from_str(&line).expect(&line);
    assert_eq!(entry["level"], "INFO");
    let message = entry["message"].as_str().expect(&line);
    assert!(message.starts_with("listening on http://127.0.0.1:"), "{line}");
    assert!(entry["timestamp"].is_string(), "{line}");
}
