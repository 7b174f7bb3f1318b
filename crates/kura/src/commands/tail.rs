//! `kura tail WORDS…`: events as they come to the server of this node.

use std::time::Duration;

use anyhow::Context;
use serde_json::Value;

use crate::cli::{Global, TailArgs};
use crate::context::open_lake;
use crate::exit::{Exit, UsageError};
use crate::node::Server;
use crate::output::write_line;
use crate::terminal::{printable, stdout_is_terminal};

/// Between two attempts to reach a server that went away.
const AGAIN: Duration = Duration::from_secs(1);
/// What stands for the event where a person reads along, the likeliest first.
const TEXTS: [&str; 5] = ["message", "record", "eventname", "request_url", "action"];

pub async fn run(global: &Global, args: TailArgs) -> anyhow::Result<Exit> {
    let lake = open_lake(global).await?;
    let none = || UsageError("no server runs on this lake; `kura serve` starts one".to_owned());
    let server = Server::of(&lake).ok_or_else(none)?;
    let mut shown = Shown { json: args.json || !stdout_is_terminal(), position: None };
    let following = async {
        loop {
            match follow(&server, &args, &mut shown).await {
                Ok(End::Refused) => return Ok(Exit::Failed),
                Ok(End::Gone) => {}
                Err(error) if shown.position.is_none() => return Err(error),
                Err(_) => {}
            }
            eprintln!("the server went away; trying again");
            tokio::time::sleep(AGAIN).await;
        }
    };
    tokio::select! {
        ended = following => ended,
        _ = tokio::signal::ctrl_c() => Ok(Exit::Interrupted),
    }
}

enum End {
    Gone,
    Refused,
}

/// What was seen so far, and how it is shown.
struct Shown {
    json: bool,
    /// Where to go on from.
    position: Option<String>,
}

async fn follow(server: &Server, args: &TailArgs, shown: &mut Shown) -> anyhow::Result<End> {
    let mut query = vec![("query", args.query.join(" "))];
    query.extend(args.table.clone().map(|table| ("table", table)));
    let mut request = server.client(None)?.get(server.url("/api/v1/tail")).query(&query);
    if let Some(position) = &shown.position {
        request = request.header("last-event-id", position);
    }
    let answer = request.send().await.context("asking the server of this node")?;
    let mut answer = answer.error_for_status()?;
    let (mut buffer, mut event) = (Vec::new(), Event::default());
    while let Some(bytes) = answer.chunk().await.context("following")? {
        buffer.extend_from_slice(&bytes);
        while let Some(end) = buffer.iter().position(|&byte| byte == b'\n') {
            let line: Vec<u8> = buffer.drain(..=end).collect();
            let line = String::from_utf8_lossy(&line);
            let line = line.trim_end_matches(['\r', '\n']);
            if !line.is_empty() {
                event.add(line);
            } else if let End::Refused = shown.take(std::mem::take(&mut event))? {
                return Ok(End::Refused);
            }
        }
    }
    Ok(End::Gone)
}

/// A server-sent event.
#[derive(Default)]
struct Event {
    name: String,
    data: String,
    id: Option<String>,
}

impl Event {
    fn add(&mut self, line: &str) {
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "event" => self.name = value.to_owned(),
            "data" => self.data.push_str(value),
            "id" => self.id = Some(value.to_owned()),
            _ => {}
        }
    }
}

impl Shown {
    fn take(&mut self, event: Event) -> anyhow::Result<End> {
        let data: Value = serde_json::from_str(&event.data).unwrap_or_default();
        let text = |key: &str| data.get(key).and_then(Value::as_str).unwrap_or_default();
        match event.name.as_str() {
            "rows" => {
                for row in data.get("events").and_then(Value::as_array).into_iter().flatten() {
                    self.row(row)?;
                }
                self.position = event.id.or(self.position.take());
            }
            "sampled" => {
                let rate = data.get("rate").and_then(Value::as_f64).unwrap_or(1.0);
                eprintln!("showing {} % of the events from here on", rate * 100.0);
            }
            "gap" => eprintln!("some events were missed: {}", text("reason")),
            "refused" => {
                eprintln!("error: {}", printable(text("detail")));
                if !text("hint").is_empty() {
                    eprintln!("hint: {}", printable(text("hint")));
                }
                return Ok(End::Refused);
            }
            _ => {}
        }
        Ok(End::Gone)
    }

    fn row(&self, row: &Value) -> anyhow::Result<()> {
        if self.json {
            return write_line(&row.to_string());
        }
        let text = |key: &str| row.get(key).and_then(Value::as_str);
        let said = TEXTS.iter().find_map(|key| text(key)).map(str::to_owned);
        let said = said.unwrap_or_else(|| row.to_string());
        let from = text("source").or_else(|| text("_principal")).unwrap_or_default();
        let time = text("_time").unwrap_or_default();
        write_line(&printable(&format!("{time}  {from}  {said}")))
    }
}
