//! `kura send`: lines from stdin into the server of this node.
//!
//! Lines that come together share a request. A request has a key of its own and is tried again
//! until it is taken, so that each line is kept once; while it is not, no more is read.

use std::io::{BufRead, Read};
use std::time::Duration;

use anyhow::{Context, bail};
use reqwest::StatusCode;
use tokio::sync::mpsc;

use crate::cli::{Global, SendArgs};
use crate::context::open_lake;
use crate::exit::{Exit, UsageError};
use crate::node::Server;

/// Of lines that share a request.
const REQUEST_BYTES: usize = 1 << 20;
/// A longer line is cut.
const LINE_BYTES_MAX: u64 = 8 << 20;
/// Lines read ahead.
const AHEAD: usize = 1_024;
const AGAIN: Duration = Duration::from_secs(1);
const ANSWER: Duration = Duration::from_secs(60);

pub async fn run(global: &Global, args: SendArgs) -> anyhow::Result<Exit> {
    let lake = open_lake(global).await?;
    let none = || UsageError("no server runs on this lake; `kura serve` starts one".to_owned());
    Server::of(&lake).ok_or_else(none)?;
    let (lines, mut read) = mpsc::channel(AHEAD);
    std::thread::spawn(move || read_lines(&lines));
    let sender = uuid::Uuid::new_v4();
    let (mut requests, mut records) = (0u64, 0u64);
    while let Some(line) = read.recv().await {
        let mut body = line?;
        let mut count = 1;
        while body.len() < REQUEST_BYTES
            && let Ok(line) = read.try_recv()
        {
            body.extend(line?);
            count += 1;
        }
        let key = format!("{sender}-{requests}");
        loop {
            // The server may have been started anew, on another port.
            let server = Server::of(&lake).ok_or_else(none)?;
            if send(&server, &args.stream, &key, body.clone()).await? {
                break;
            }
            tokio::time::sleep(AGAIN).await;
        }
        (requests, records) = (requests + 1, records + count);
    }
    eprintln!("{records} lines sent");
    Ok(Exit::Ok)
}

fn read_lines(lines: &mpsc::Sender<std::io::Result<Vec<u8>>>) {
    let mut stdin = std::io::stdin().lock();
    loop {
        let mut line = Vec::new();
        let read = stdin.by_ref().take(LINE_BYTES_MAX).read_until(b'\n', &mut line);
        let line = match read {
            Ok(0) => return,
            Ok(_) => {
                if !line.ends_with(b"\n") {
                    line.push(b'\n');
                }
                Ok(line)
            }
            Err(error) => Err(error),
        };
        // Nobody reads them any more: the command is over.
        if lines.blocking_send(line).is_err() {
            return;
        }
    }
}

/// `false` if it is to be tried again.
async fn send(server: &Server, stream: &str, key: &str, body: Vec<u8>) -> anyhow::Result<bool> {
    let url = server.url(&format!("/api/v1/ingest/{stream}"));
    let request = server.client(Some(ANSWER))?.post(url).header("idempotency-key", key).body(body);
    let answer = match request.send().await {
        Ok(answer) => answer,
        Err(error) if error.is_connect() || error.is_timeout() || error.is_request() => {
            return Ok(false);
        }
        Err(error) => return Err(error).context("asking the server of this node"),
    };
    match answer.status() {
        StatusCode::OK => Ok(true),
        StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => Ok(false),
        status => bail!("the server says {status}: {}", answer.text().await.unwrap_or_default()),
    }
}
