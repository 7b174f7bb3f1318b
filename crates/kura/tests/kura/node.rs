//! A server that takes events, as senders find it: started, stopped, killed, and started again
//! on the ports that it had.

use std::collections::{BTreeMap, VecDeque};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ExitStatus, Stdio};
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use serde_json::{Value, json};

use crate::batches::{Batches, batches};
use crate::http::{Answer, Http};
use crate::program::{kura, kura_at, text};

/// Somebody else may have taken the port meanwhile; they let go of it.
const STARTS_MAX: u32 = 20;
/// Questions until an answer is the one that is waited for.
const TRIES_MAX: u32 = 5_000;
/// Of what a server said, for whoever looks why a test failed.
const LINES_KEPT: usize = 40;

/// What a server is started with.
#[derive(Clone)]
pub struct Settings {
    pub flush_seconds: u32,
    /// Seconds between looks at the tables; 0 leaves them alone.
    pub upkeep: u32,
    /// More of `kura.toml`.
    pub more: String,
    /// Another program than the one under test, say an optimised build of it.
    pub program: Option<PathBuf>,
}

impl Default for Settings {
    fn default() -> Self {
        // Rows stay in memory and in the log, unless a test wants tables.
        Settings { flush_seconds: 3_600, upkeep: 0, more: String::new(), program: None }
    }
}

pub struct Node {
    folder: PathBuf,
    settings: Settings,
    running: Option<Running>,
    /// Where it listens; once known, it is always there.
    pub http: String,
    pub forward: String,
}

struct Running {
    child: Child,
    says: Mutex<Receiver<String>>,
}

impl Node {
    /// Starts one whose lake is in this folder.
    pub fn start(folder: &Path, settings: Settings) -> Self {
        let any = "127.0.0.1:0".to_owned();
        let (http, forward) = (any.clone(), any);
        std::fs::create_dir_all(folder).expect("to disk");
        let mut node = Node { folder: folder.to_owned(), settings, running: None, http, forward };
        node.start_again();
        node
    }

    pub fn lake(&self) -> PathBuf {
        self.folder.join("lake")
    }

    /// Starts it, and waits until it takes events. It must not be running.
    pub fn start_again(&mut self) {
        for _ in 0..STARTS_MAX {
            if self.try_start() {
                return;
            }
        }
        panic!("it does not listen at {} and {}", self.http, self.forward);
    }

    /// Starts it and waits for nothing.
    pub fn spawn(&mut self) {
        assert!(self.running.is_none(), "it is running");
        let config = self.folder.join("kura.toml");
        let Settings { flush_seconds, upkeep, more, program } = &self.settings;
        let settings = format!(
            "{more}\n[stream]\nflush_seconds = {flush_seconds}\n[inputs.forward]\nlisten = \"{}\"\n",
            self.forward
        );
        std::fs::write(&config, settings).expect("to disk");
        let mut command = program.as_deref().map_or_else(kura, kura_at);
        command.args(["--config", text(&config), "--lake", text(&self.lake())]);
        command.args(["serve", "--listen", &self.http, "--upkeep", &upkeep.to_string()]);
        let mut child = command.stderr(Stdio::piped()).spawn().expect("kura runs");
        let stderr = child.stderr.take().expect("a pipe");
        let (said, says) = channel();
        // Read on to the end: a program whose stderr is gone cannot complain.
        std::thread::spawn(move || {
            for line in BufReader::new(stderr).lines().map_while(Result::ok) {
                let _ = said.send(line);
            }
        });
        self.running = Some(Running { child, says: Mutex::new(says) });
    }

    /// `false` if it ended before it took events.
    fn try_start(&mut self) -> bool {
        self.spawn();
        let running = self.running.as_mut().expect("it was started");
        let mut lines = VecDeque::new();
        for line in running.says.get_mut().expect("no panic").iter() {
            if let Some(address) = line.strip_prefix("listening on http://") {
                address.clone_into(&mut self.http);
            }
            // Over HTTP events are taken before this is said.
            if let Some(address) = line.strip_prefix("forward: listening on ") {
                address.clone_into(&mut self.forward);
                return true;
            }
            lines.push_back(line);
            lines.truncate(LINES_KEPT);
        }
        let status = running.child.wait().expect("a child");
        eprintln!("it ended, {status}: {lines:?}");
        self.running = None;
        false
    }

    /// Has it read this configuration; what it says of that.
    pub fn reload(&self, config: &str) -> String {
        std::fs::write(self.folder.join("kura.toml"), config).expect("to disk");
        let running = self.running.as_ref().expect("it is running");
        let says = running.says.lock().expect("no panic");
        let pid = running.child.id().to_string();
        std::process::Command::new("kill").args(["-HUP", &pid]).status().expect("kill is there");
        let is_answer =
            |line: &String| ["read anew", "stays as it was"].iter().any(|it| line.contains(it));
        says.iter().find(is_answer).expect("an answer")
    }

    /// Listens until it was silent for so long; how many lines had this in them. It may end
    /// meanwhile.
    pub fn listen_for(&self, patience: Duration, wanted: &str) -> u64 {
        let running = self.running.as_ref().expect("it is running");
        let says = running.says.lock().expect("no panic");
        let mut found = 0;
        while let Ok(line) = says.recv_timeout(patience) {
            found += u64::from(line.contains(wanted));
        }
        found
    }

    /// Ends it at once, wherever it is; `false` if it had ended.
    pub fn kill(&mut self) -> bool {
        let Some(Running { mut child, .. }) = self.running.take() else { return false };
        let had_ended = child.try_wait().is_ok_and(|status| status.is_some());
        child.kill().expect("a child");
        child.wait().expect("a child");
        !had_ended
    }

    /// Asks it to end, and waits until it has.
    pub fn terminate(&mut self) -> ExitStatus {
        let Running { mut child, says } = self.running.take().expect("it is running");
        let pid = child.id().to_string();
        std::process::Command::new("kill").args(["-TERM", &pid]).status().expect("kill is there");
        let status = child.wait().expect("a child");
        let says: Vec<String> = says.into_inner().expect("no panic").iter().collect();
        assert!(status.success(), "{status}: {says:?}");
        status
    }

    /// What all batches in its lake came to. Each is finished, and adds up.
    pub fn batch_totals(&self) -> BTreeMap<String, u64> {
        let mut totals = BTreeMap::new();
        for Batches { batches, counts } in batches(&self.lake()) {
            let count = |name: &str| counts[name].as_u64().expect("a number");
            let parts = ["stored", "duplicates", "quarantined", "rejected"];
            let sum: u64 = parts.into_iter().map(count).sum();
            assert_eq!(count("records"), sum, "{counts}");
            for name in parts.into_iter().chain(["records"]) {
                *totals.entry(name.to_owned()).or_default() += count(name);
            }
            *totals.entry("batches".to_owned()).or_default() += batches;
        }
        totals
    }

    pub fn client(&self) -> Http {
        Http::new(&self.http)
    }

    /// Sends events, the way a program does.
    pub fn ingest(&self, stream: &str, media_type: &str, body: &str) -> Answer {
        let headers = [("Content-Type", media_type)];
        let path = format!("/api/v1/ingest/{stream}");
        self.client().request("POST", &path, &headers, body.as_bytes()).expect("answered")
    }

    /// The rows of an answer, each a list of values.
    #[track_caller]
    pub fn sql(&self, statement: &str) -> Vec<Value> {
        sql(&mut self.client(), statement)
            .unwrap_or_else(|problem| panic!("{statement}: {problem}"))
    }

    /// Asks until the answer's only row is this one: what was acknowledged is searched a moment
    /// later.
    #[track_caller]
    pub fn until(&self, statement: &str, expected: &Value) {
        let mut client = self.client();
        let mut last = Ok(Vec::new());
        let is_there = tried(|| {
            last = sql(&mut client, statement);
            last.as_ref().is_ok_and(|rows| rows.first() == Some(expected))
        });
        assert!(is_there, "{statement}: {last:?}, and not {expected}");
    }

    /// Waits until a table has fewer files than this: small ones are merged.
    #[track_caller]
    pub fn until_files_below(&self, table: &str, most: u64) {
        let mut client = self.client();
        let mut last = Value::Null;
        let is_so = tried(|| {
            let answer = client.request("GET", "/api/v1/tables", &[], b"").expect("answered");
            let tables = answer.json()["tables"].as_array().cloned().unwrap_or_default();
            let found = tables.into_iter().find(|each| each["name"] == table);
            last = found.map_or(Value::Null, |table| table["files"].clone());
            last.as_u64().is_some_and(|files| files < most)
        });
        assert!(is_so, "{table} has {last} files");
    }
}

fn tried(mut is_so: impl FnMut() -> bool) -> bool {
    (0..TRIES_MAX).any(|_| {
        std::thread::yield_now();
        is_so()
    })
}

/// A table that nothing came for yet is no table.
fn sql(client: &mut Http, statement: &str) -> Result<Vec<Value>, String> {
    let asked = json!({ "statement": statement, "limit": 10_000 });
    let answer = client.post_json("/api/v1/sql", &asked).map_err(|error| error.to_string())?;
    match (answer.status, answer.json()["rows"].as_array()) {
        (200, Some(rows)) => Ok(rows.clone()),
        _ => Err(format!("{} {}", answer.status, answer.body)),
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        self.kill();
    }
}
