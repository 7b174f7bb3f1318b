//! The terminal: whether there is one, Kura's own log lines, and text made safe to show.

use std::fmt;
use std::io::{IsTerminal, stderr, stdout};
use std::sync::OnceLock;

use clap::ValueEnum;
use tracing_subscriber::EnvFilter;

pub fn stdout_is_terminal() -> bool {
    stdout().is_terminal()
}

pub fn stderr_is_terminal() -> bool {
    stderr().is_terminal()
}

/// How Kura's own log is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// Lines for a person.
    Text,
    /// A JSON object a line, for those who collect them.
    Json,
}

static LOG_FORMAT: OnceLock<LogFormat> = OnceLock::new();
/// What [`tell`] says is always to be heard.
const TOLD: &str = "kura::told";

/// Kura's own log, on stderr. The libraries speak up only when something is wrong: what a
/// table's log says of a lost race is not a person's business.
pub fn init_logging(verbose: u8, format: LogFormat) {
    let default = match verbose {
        0 => "error,kura=warn,kura::told=info",
        1 => "warn,kura=info,kura_store=info,kura_ingest=info,kura_query=info,kura_server=info",
        _ => {
            "info,kura=debug,kura_store=debug,kura_ingest=debug,kura_query=debug,kura_server=debug"
        }
    };
    let filter = EnvFilter::try_from_env("KURA_LOG").unwrap_or_else(|_| EnvFilter::new(default));
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(stderr);
    match *LOG_FORMAT.get_or_init(|| format) {
        LogFormat::Text => {
            log.with_ansi(stderr_is_terminal()).with_target(false).compact().init();
        }
        LogFormat::Json => log.json().flatten_event(true).init(),
    }
}

/// Says what a server does: a line as it is for a person, an entry of the log in JSON.
pub fn tell(line: fmt::Arguments<'_>) {
    match LOG_FORMAT.get() {
        Some(LogFormat::Json) => tracing::info!(target: TOLD, "{line}"),
        _ => eprintln!("{line}"),
    }
}

/// Log text may hold anything: control characters must not reach a terminal.
pub fn printable(text: &str) -> String {
    let hidden = |c: char| c.is_control() && c != '\n' && c != '\t';
    text.chars().map(|c| if hidden(c) { '\u{fffd}' } else { c }).collect()
}

pub fn stdin_is_terminal() -> bool {
    std::io::stdin().is_terminal()
}
