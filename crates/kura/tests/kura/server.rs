//! `kura serve` over HTTP, as a browser or curl would speak to it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Stdio};
use std::sync::mpsc::{Receiver, channel};

use serde_json::{Value, json};

use crate::program::{DEMO, kura, ok, text};

pub struct Server {
    child: Child,
    address: String,
    /// What else it says, line by line.
    says: Receiver<String>,
}

impl Server {
    fn start() -> Self {
        Server::start_on(&DEMO.lake(), "0")
    }

    pub fn start_on(lake: &Path, upkeep: &str) -> Self {
        let mut child = kura()
            .args(["--lake", text(lake), "serve", "--listen", "127.0.0.1:0", "--upkeep", upkeep])
            .stderr(Stdio::piped())
            .spawn()
            .expect("kura runs");
        let stderr = child.stderr.take().expect("a pipe");
        let (said, hears) = channel();
        let (says, other_lines) = channel();
        // Read on to the end: a program whose stderr is gone cannot complain.
        std::thread::spawn(move || {
            for line in BufReader::new(stderr).lines().map_while(Result::ok) {
                let _ = match line.strip_prefix("listening on http://") {
                    Some(address) => said.send(address.to_owned()),
                    None => says.send(line),
                };
            }
        });
        Server { child, address: hears.recv().expect("it listens"), says: other_lines }
    }

    /// Status, headers and body of one exchange.
    fn exchange(&self, head: &str, body: &str) -> (u16, String, String) {
        let mut stream = TcpStream::connect(&self.address).expect("it listens");
        let length = body.len();
        let request = format!("{head}Content-Length: {length}\r\nConnection: close\r\n\r\n{body}");
        stream.write_all(request.as_bytes()).expect("sent");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("answered");
        let (head, body) = answer.split_once("\r\n\r\n").expect("a head");
        let status = head.split(' ').nth(1).and_then(|s| s.parse().ok()).expect("a status");
        let head = head.to_ascii_lowercase();
        let body = match head.contains("transfer-encoding: chunked") {
            true => unchunk(body),
            false => body.to_owned(),
        };
        (status, head, body)
    }

    pub fn get(&self, path: &str) -> (u16, String, String) {
        self.exchange(&format!("GET {path} HTTP/1.1\r\nHost: {}\r\n", self.address), "")
    }

    fn post(&self, path: &str, body: &Value) -> (u16, Value) {
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\n",
            self.address
        );
        let (status, head, body) = self.exchange(&head, &body.to_string());
        assert!(head.contains("x-request-id: "), "{head}");
        (status, serde_json::from_str(&body).unwrap_or_else(|e| panic!("{e}: {body}")))
    }
}

fn unchunk(body: &str) -> String {
    let (mut rest, mut whole) = (body, String::new());
    while let Some((size, after)) = rest.split_once("\r\n") {
        let size = usize::from_str_radix(size.trim(), 16).expect("a size");
        whole.push_str(&after[..size]);
        rest = after[size..].trim_start_matches("\r\n");
        if size == 0 {
            break;
        }
    }
    whole
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn the_api_answers() {
    let server = Server::start();
    assert_eq!(server.get("/health/livez").0, 200);
    while server.get("/health/readyz").0 == 503 {
        std::thread::yield_now();
    }
    assert_eq!(server.get("/health/readyz").0, 200);
    let (status, _, tables) = server.get("/api/v1/tables");
    assert_eq!(status, 200);
    assert!(tables.contains("\"cloudtrail\""), "{tables}");

    let (status, answer) = server.post(
        "/api/v1/sql",
        &json!({"statement": "select count(*) as n, 'x' as m from cloudtrail"}),
    );
    assert_eq!((status, &answer["rows"][0][0]), (200, &json!(5_000)), "{answer}");
    assert_eq!(answer["columns"][1]["name"], "m");
    let (_, answer) = server
        .post("/api/v1/sql", &json!({"statement": "select eventname from cloudtrail", "limit": 7}));
    assert_eq!(
        (answer["rows"].as_array().map(Vec::len), &answer["truncated"]),
        (Some(7), &json!(true))
    );

    let scope = json!({"query": "eventname:AssumeRole", "limit": 10});
    let (status, first) = server.post("/api/v1/search", &scope);
    assert_eq!((status, first["events"].as_array().map(Vec::len)), (200, Some(10)), "{first}");
    let cursor = first["next_cursor"].clone();
    let (_, second) = server.post(
        "/api/v1/search",
        &json!({"query": "eventname:AssumeRole", "limit": 10, "cursor": cursor}),
    );
    let id = |page: &Value, at: usize| page["events"][at]["_id"].clone();
    assert_ne!(id(&first, 0), id(&second, 0));

    let (status, histogram) =
        server.post("/api/v1/histogram", &json!({"query": "", "buckets": 30}));
    assert_eq!((status, &histogram["total"]), (200, &json!(5_000)), "{histogram}");
    let counted: u64 = histogram["buckets"]
        .as_array()
        .expect("buckets")
        .iter()
        .filter_map(|b| b["count"].as_u64())
        .sum();
    assert_eq!(counted, 5_000);

    let (status, fields) = server.post(
        "/api/v1/fields",
        &json!({"query": "", "fields": ["eventname", "useridentity.type"]}),
    );
    assert_eq!((status, fields["fields"].as_array().map(Vec::len)), (200, Some(2)), "{fields}");
    let (_, queries) = (0, server.get("/api/v1/queries").2);
    assert!(queries.contains("\"queries\":[]"), "{queries}");
}

#[test]
fn mistakes_are_problems() {
    let server = Server::start();
    for (path, body, status, says) in [
        ("/api/v1/sql", json!({"statement": "select nme from cloudtrail"}), 400, "nme"),
        ("/api/v1/sql", json!({"statement": "drop table cloudtrail"}), 403, ""),
        ("/api/v1/sql", json!({"sql": "select 1"}), 422, "statement"),
        ("/api/v1/search", json!({"query": "nosuch:1"}), 400, "nosuch"),
        ("/api/v1/search", json!({"query": "", "table": "../../etc"}), 400, "etc"),
        ("/api/v1/search", json!({"query": "", "since": "yesterday"}), 400, "is not a time"),
        ("/api/v1/nothing", json!({}), 404, "no `/api/v1/nothing`"),
    ] {
        let (got, problem) = server.post(path, &body);
        assert!(got == status || (status == 403 && got == 400), "{path} {body}: {got} {problem}");
        assert!(problem["detail"].as_str().is_some_and(|d| d.contains(says)), "{problem}");
        assert!(problem["request_id"].as_str().is_some_and(|id| id.len() == 36), "{problem}");
    }
    let (status, head, _) = server.get("/api/v1/sql");
    assert_eq!(status, 405, "{head}");
    assert!(head.contains("application/problem+json"));
    let big = json!({"statement": "x".repeat(2 << 20)});
    let head = format!(
        "POST /api/v1/sql HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\n",
        server.address
    );
    let (status, _, _) = server.exchange(&head, &big.to_string());
    assert_eq!(status, 413);
}

#[test]
fn other_sites_are_kept_out() {
    let server = Server::start();
    let (status, _, _) =
        server.exchange("GET /api/v1/tables HTTP/1.1\r\nHost: evil.example\r\n", "");
    assert_eq!(status, 421);
    let head = format!(
        "GET /api/v1/tables HTTP/1.1\r\nHost: {}\r\nSec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: cors\r\n",
        server.address
    );
    assert_eq!(server.exchange(&head, "").0, 403);
    let (status, head, page) = server.get("/");
    assert_eq!(status, 200);
    assert!(head.contains("content-security-policy: default-src 'none'"), "{head}");
    assert!(page.contains("<script") && !page.contains("<script>"), "no inline script: {page}");
    assert_eq!(server.get("/assets/nothing.js").0, 404);
    assert_eq!(server.get("/explore?q=x").0, 200);
}

#[test]
fn a_long_question_is_cancelled_and_a_signal_ends_the_server() {
    let server = Server::start();
    let long = "select count(*) from cloudtrail a, cloudtrail b, cloudtrail c where a._id || b._id < c._id";
    let address = server.address.clone();
    let asked = std::thread::spawn(move || {
        let server = Server {
            child: kura().arg("--version").stdout(Stdio::null()).spawn().expect("kura runs"),
            address,
            says: channel().1,
        };
        server.post("/api/v1/sql", &json!({"statement": long, "query_id": "long"}))
    });
    let cancel = format!("DELETE /api/v1/queries/long HTTP/1.1\r\nHost: {}\r\n", server.address);
    while server.exchange(&cancel, "").0 != 204 {
        std::thread::yield_now();
    }
    let (status, problem) = asked.join().expect("no panic");
    assert_eq!(status, 409, "{problem}");
    let pid = server.child.id().to_string();
    std::process::Command::new("kill").args(["-TERM", &pid]).status().expect("kill is there");
    let mut server = server;
    assert!(server.child.wait().expect("it ends").success());
}

/// Beside a running server one imports; what comes in small files it merges.
#[test]
fn a_server_looks_after_its_tables() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let lake = folder.path().join("lake");
    let file = folder.path().join("app.jsonl");
    let import = |n: u32| {
        let line = format!("{{\"time\":\"2026-11-20T10:00:{n:02}Z\",\"n\":{n}}}\n");
        std::fs::write(&file, line).expect("to disk");
        ok(&["--lake", text(&lake), "import", text(&file), "--table", "app"]);
    };
    (0..5).for_each(import);
    let server = Server::start_on(&lake, "1");
    import(5);
    let merged = server.says.iter().find(|line| line.contains("small files are one now"));
    assert_eq!(merged.as_deref(), Some("app: 6 small files are one now"));
    import(6);
    let sum = ok(&["--lake", text(&lake), "sql", "select sum(n) as n from app", "-o", "csv"]);
    assert_eq!(sum.stdout, "n\n21\n");
}
