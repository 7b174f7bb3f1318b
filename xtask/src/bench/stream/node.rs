//! A `kura serve` of our own: started, asked, and killed when it is dropped.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

const START_LIMIT: Duration = Duration::from_secs(30);
const ANSWER_LIMIT: Duration = Duration::from_secs(60);
/// Seconds between two looks at what is to be compacted.
const UPKEEP_SECONDS: &str = "10";

pub struct Node {
    child: Child,
    pub lake: PathBuf,
    pub http: SocketAddr,
    pub forward: SocketAddr,
}

impl Node {
    /// Starts it over a new lake in an empty folder, and waits until it listens.
    pub fn start(kura: &Path, folder: &Path, memory: &str) -> Result<Node> {
        let config = folder.join("kura.toml");
        fs::write(&config, "[inputs.forward]\nlisten = \"127.0.0.1:0\"\n")?;
        let lake = folder.join("lake");
        let mut command = Command::new(kura);
        command.args(["serve", "--listen", "127.0.0.1:0", "--upkeep", UPKEEP_SECONDS]);
        command.args(["--memory", memory, "--lake"]).arg(&lake).arg("--config").arg(&config);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = command.spawn().context("`kura serve` did not start")?;
        let lines = child.stderr.take().map(lines).context("it has no stderr")?;
        // From here on it is killed on every path.
        let nowhere = SocketAddr::from(([127, 0, 0, 1], 0));
        let mut node = Node { child, lake, http: nowhere, forward: nowhere };
        node.http = address(&lines, "listening on http://")?;
        node.forward = address(&lines, "forward: listening on ")?;
        // What it says from now on goes on to be read: a full pipe would stop it.
        thread::spawn(move || {
            for line in lines {
                if line.contains("WARN") || line.contains("ERROR") {
                    eprintln!("kura: {line}");
                }
            }
        });
        Ok(node)
    }

    pub fn process(&self) -> u32 {
        self.child.id()
    }

    /// The only number that a statement answers.
    pub fn number(&self, statement: &str) -> Result<u64> {
        let body = json!({ "statement": statement }).to_string();
        let head = format!(
            "POST /api/v1/sql HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\nConnection: close\r\n\r\n",
            body.len()
        );
        let answer = self.ask(&(head + &body))?;
        let answer: Value = serde_json::from_str(&answer).context("what `/api/v1/sql` answered")?;
        let number = &answer["rows"][0][0];
        let text = number.as_str().and_then(|text| text.parse().ok());
        number.as_u64().or(text).with_context(|| format!("`{statement}`: {answer}"))
    }

    /// Data files of each table that are not merged into others.
    pub fn files(&self) -> Result<Vec<(String, u64)>> {
        let page =
            self.ask("GET /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")?;
        let files = page.lines().filter_map(|line| {
            let (table, files) =
                line.strip_prefix("kura_table_files{table=\"")?.split_once("\"} ")?;
            Some((table.to_owned(), files.parse().ok()?))
        });
        Ok(files.collect())
    }

    fn ask(&self, request: &str) -> Result<String> {
        let mut stream = TcpStream::connect_timeout(&self.http, ANSWER_LIMIT)?;
        stream.set_read_timeout(Some(ANSWER_LIMIT))?;
        stream.write_all(request.as_bytes())?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).context("Kura answered nothing")?;
        match answer.split_once("\r\n\r\n") {
            Some((head, body)) if head.starts_with("HTTP/1.1 200") => Ok(body.to_owned()),
            _ => bail!("Kura answered `{answer}`"),
        }
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn lines(stream: impl Read + Send + 'static) -> Receiver<String> {
    let (tell, lines) = channel();
    thread::spawn(move || {
        for line in BufReader::new(stream).lines().map_while(Result::ok) {
            if tell.send(line).is_err() {
                return;
            }
        }
    });
    lines
}

/// What a line says behind `words`.
fn address(lines: &Receiver<String>, words: &str) -> Result<SocketAddr> {
    let deadline = Instant::now() + START_LIMIT;
    let mut said = String::new();
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        let Ok(line) = lines.recv_timeout(left) else {
            bail!("`kura serve` never said `{words}…`; it said:\n{said}");
        };
        if let Some(address) = line.strip_prefix(words) {
            return address.trim().parse().with_context(|| format!("`{line}`"));
        }
        said.push_str(&line);
        said.push('\n');
    }
}
