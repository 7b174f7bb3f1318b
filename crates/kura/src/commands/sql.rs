//! `kura sql "…"`: one statement, a file of them, stdin, or a prompt.

use std::io::Read;
use std::time::Duration;

use anyhow::Context;
use futures::StreamExt;
use kura_core::identity::Identity;
use kura_core::size::ByteSize;
use kura_query::{Engine, QueryOptions, Stats};
use tokio_util::sync::CancellationToken;

use crate::cli::{Global, OutputFormat, SqlArgs};
use crate::context::open_engine;
use crate::exit::Exit;
use crate::output::ResultWriter;

use crate::terminal::stdin_is_terminal;

/// How a statement is run and its result written.
#[derive(Debug, Clone)]
pub struct Run {
    pub output: Option<OutputFormat>,
    pub timeout: Option<Duration>,
    pub quiet: bool,
}

pub async fn run(global: &Global, args: SqlArgs) -> anyhow::Result<Exit> {
    let engine = open_engine(global).await?;
    let run = Run {
        output: args.output.output,
        timeout: args.timeout.map(Duration::from_secs),
        quiet: args.quiet,
    };
    let text = match (&args.statement, &args.file) {
        (Some(dash), _) if dash == "-" => read_stdin()?,
        (Some(statement), _) => statement.clone(),
        (None, Some(file)) => std::fs::read_to_string(file)
            .with_context(|| format!("reading `{}`", file.display()))?,
        (None, None) if stdin_is_terminal() => return super::prompt::run(&engine, run).await,
        (None, None) => read_stdin()?,
    };
    for statement in split_statements(&text) {
        if run_statement(&engine, statement, &run).await? == Exit::Interrupted {
            return Ok(Exit::Interrupted);
        }
    }
    Ok(Exit::Ok)
}

fn read_stdin() -> anyhow::Result<String> {
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text).context("reading stdin")?;
    Ok(text)
}

/// Runs one statement; Ctrl-C cancels it.
pub async fn run_statement(engine: &Engine, statement: &str, run: &Run) -> anyhow::Result<Exit> {
    let options = QueryOptions { timeout: run.timeout, cancel: CancellationToken::new() };
    let cancel = options.cancel.clone();
    let work = async {
        let mut answer = engine.sql(&Identity::local(), statement, &options).await?;
        let mut writer = ResultWriter::new(answer.schema().clone(), run.output)?;
        while let Some(batch) = answer.next().await {
            writer.write(&batch?)?;
        }
        writer.finish()?;
        anyhow::Ok(answer.stats())
    };
    tokio::select! {
        stats = work => {
            let stats = stats?;
            if !run.quiet {
                eprintln!("{}", cost(&stats));
            }
            Ok(Exit::Ok)
        }
        _ = tokio::signal::ctrl_c() => {
            cancel.cancel();
            eprintln!("cancelled");
            Ok(Exit::Interrupted)
        }
    }
}

/// What an answer cost, in one line.
pub fn cost(stats: &Stats) -> String {
    format!(
        "{} rows, {:.3} s, {} of {} scanned, {} of {} files pruned",
        stats.rows,
        stats.seconds,
        ByteSize(stats.bytes_scanned),
        ByteSize(stats.bytes_total),
        stats.files_pruned,
        stats.files_total
    )
}

/// Cuts at each `;` that stands outside of quotes and comments.
pub fn split_statements(text: &str) -> Vec<&str> {
    let bytes = text.as_bytes();
    let (mut statements, mut from, mut at) = (Vec::new(), 0, 0);
    while at < bytes.len() {
        at = match bytes[at] {
            b';' => {
                statements.push(&text[from..at]);
                from = at + 1;
                at + 1
            }
            quote @ (b'\'' | b'"') => after(text, at + 1, char::from(quote)),
            b'-' if bytes.get(at + 1) == Some(&b'-') => after(text, at, '\n'),
            b'/' if bytes.get(at + 1) == Some(&b'*') => {
                text[at..].find("*/").map_or(bytes.len(), |end| at + end + 2)
            }
            _ => at + 1,
        };
    }
    statements.push(&text[from..]);
    statements.retain(|statement| !is_blank(statement));
    statements
}

fn after(text: &str, from: usize, end: char) -> usize {
    text[from..].find(end).map_or(text.len(), |at| from + at + 1)
}

fn is_blank(statement: &str) -> bool {
    statement.lines().all(|line| line.trim().is_empty() || line.trim().starts_with("--"))
}

#[cfg(test)]
mod tests {
    use super::split_statements;

    #[test]
    fn statements_end_where_sql_says() {
        for (text, expected) in [
            ("select 1", vec!["select 1"]),
            ("a; b ;", vec!["a", " b "]),
            ("select ';' ; x", vec!["select ';' ", " x"]),
            ("a -- ; no\n; b", vec!["a -- ; no\n", " b"]),
            ("a /* ; */; b", vec!["a /* ; */", " b"]),
            ("-- nothing\n;;", vec![]),
            ("'日本;' ; \"x;", vec!["'日本;' ", " \"x;"]),
        ] {
            assert_eq!(split_statements(text), expected, "{text}");
        }
    }
}
