//! The terminal: whether there is one, Kura's own log lines, and text made safe to show.

use std::io::{IsTerminal, stderr, stdout};

use tracing_subscriber::EnvFilter;

pub fn stdout_is_terminal() -> bool {
    stdout().is_terminal()
}

pub fn stderr_is_terminal() -> bool {
    stderr().is_terminal()
}

/// Kura's own log, on stderr. The libraries speak up only when something is wrong: what a
/// table's log says of a lost race is not a person's business.
pub fn init_logging(verbose: u8) {
    let default = match verbose {
        0 => "error,kura=warn",
        1 => "warn,kura=info,kura_store=info,kura_ingest=info,kura_query=info,kura_server=info",
        _ => {
            "info,kura=debug,kura_store=debug,kura_ingest=debug,kura_query=debug,kura_server=debug"
        }
    };
    let filter = EnvFilter::try_from_env("KURA_LOG").unwrap_or_else(|_| EnvFilter::new(default));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(stderr)
        .with_ansi(stderr_is_terminal())
        .with_target(false)
        .compact()
        .init();
}

/// Log text may hold anything: control characters must not reach a terminal.
pub fn printable(text: &str) -> String {
    let hidden = |c: char| c.is_control() && c != '\n' && c != '\t';
    text.chars().map(|c| if hidden(c) { '\u{fffd}' } else { c }).collect()
}

pub fn stdin_is_terminal() -> bool {
    std::io::stdin().is_terminal()
}
