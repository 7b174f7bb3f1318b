//! The page in a real browser, against a real server: `ui/e2e/explore.mjs` drives Chromium while
//! the debug `kura` serves made-up logs. No step waits for a length of time: the server says when
//! it listens, the script waits for what it looks for.

use std::env;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, Command, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::steps::Outcome;
use crate::{process, repo};

const SCRIPT: &str = "ui/e2e/explore.mjs";
const BROWSERS: [&str; 4] = ["/usr/bin/chromium", "chromium", "chromium-browser", "google-chrome"];
/// Makes and imports 5,000 events first; a debug build on a slow machine needs most of a minute.
const START_LIMIT: Duration = Duration::from_secs(180);
const SCRIPT_LIMIT: Duration = Duration::from_secs(300);
/// What the server writes to stderr once it answers; the address follows.
const LISTENING: &str = "listening on ";

/// The server's command line, in this one place.
fn server(binary: &Path, folder: &Path) -> Command {
    let mut command = Command::new(binary);
    command.args(["demo", "--events", "5000", "--listen", "127.0.0.1:0", "--dir"]).arg(folder);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    command
}

pub fn test(root: &Path, target: &Path) -> Result<Outcome> {
    if !root.join(SCRIPT).is_file() {
        bail!("`{SCRIPT}` is absent: it is checked in, `git checkout` it");
    }
    let Some(browser) = find_browser() else {
        let remedy = "no Chromium found: `apt-get install chromium`, or name one in $CHROMIUM";
        if env::var_os("CI").is_some() {
            bail!("{remedy}");
        }
        return Ok(Outcome::Skipped(remedy.to_owned()));
    };
    let binary = target.join("debug/kura");
    if !binary.is_file() {
        bail!("`target/debug/kura` is absent: `cargo test --workspace --no-run` builds it");
    }
    let server = Server::start(&binary, &repo::scratch(target, "page")?)?;
    run_script(root, &server.address, &browser)?;
    Ok(Outcome::Passed)
}

pub fn find_browser() -> Option<PathBuf> {
    let named = env::var("CHROMIUM").ok();
    named.as_deref().into_iter().chain(BROWSERS).find_map(process::find)
}

fn run_script(root: &Path, address: &str, browser: &Path) -> Result<()> {
    let mut script = Command::new("node");
    script.arg(SCRIPT).arg(address).env("CHROMIUM", browser).current_dir(root).stdin(Stdio::null());
    let mut child = script.spawn().context("`node` did not start: https://nodejs.org")?;
    process::wait_bounded(&mut child, SCRIPT_LIMIT, |_| ()).with_context(|| {
        format!(
            "`{SCRIPT}`: to repeat it by hand, `cargo run -- demo`, then `node {SCRIPT} ADDRESS`"
        )
    })
}

/// A running server; dropped, it is killed.
struct Server {
    child: Child,
    address: String,
}

impl Server {
    fn start(binary: &Path, folder: &Path) -> Result<Server> {
        let mut child = server(binary, folder).spawn().context("starting `kura demo`")?;
        let stderr = child.stderr.take();
        // From here on the child is killed on every way out.
        let mut server = Server { child, address: String::new() };
        let stderr = stderr.context("`kura demo` has no stderr")?;
        let (sender, lines) = mpsc::channel();
        // Reads to the end, or the server would block once the pipe is full.
        thread::spawn(move || forward(stderr, &sender));
        let deadline = Instant::now() + START_LIMIT;
        while server.address.is_empty() {
            match lines.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
                Ok(line) => server.address = address(&line).unwrap_or_default(),
                Err(RecvTimeoutError::Disconnected) => {
                    bail!("`kura demo` ended before it listened: see its lines above")
                }
                Err(RecvTimeoutError::Timeout) => {
                    bail!(
                        "`kura demo` wrote no `{LISTENING}http://…` within {} s",
                        START_LIMIT.as_secs()
                    )
                }
            }
        }
        Ok(server)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself; there is nothing more to do then.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn forward(stderr: ChildStderr, lines: &Sender<String>) {
    for line in BufReader::new(stderr).lines().map_while(Result::ok) {
        eprintln!("kura: {line}");
        // Nobody listens any more once the address is known.
        let _ = lines.send(line);
    }
}

fn address(line: &str) -> Option<String> {
    let after = line.split(LISTENING).nth(1)?;
    let address = after.split_whitespace().next()?;
    address.starts_with("http://").then(|| address.trim_end_matches('/').to_owned())
}

#[cfg(test)]
mod tests {
    use super::address;

    #[test]
    fn finds_the_address_in_a_log_line() {
        assert_eq!(
            address("listening on http://192.0.2.1:4000/").as_deref(),
            Some("http://192.0.2.1:4000")
        );
        assert_eq!(
            address("12:00 INFO kura: listening on http://a:1 (demo)").as_deref(),
            Some("http://a:1")
        );
        assert_eq!(address("listening on stdin"), None);
        assert_eq!(address("importing"), None);
    }
}
