//! The SQL prompt: history, completion, `.commands`.

use std::borrow::Cow;
use std::path::PathBuf;

use kura_core::identity::Identity;
use kura_query::{Engine, TableInfo};
use rustyline::completion::{Completer, Pair};
use rustyline::error::ReadlineError;
use rustyline::highlight::Highlighter;
use rustyline::hint::Hinter;
use rustyline::history::DefaultHistory;
use rustyline::validate::{ValidationContext, ValidationResult, Validator};
use rustyline::{Context, Editor, Helper};

use super::sql::{Run, run_statement, split_statements};
use super::tables::{columns_batch, tables_batch};
use crate::exit::{self, Exit};
use crate::node::see_what_the_server_sees;
use crate::output::write_batch;

const KEYWORDS: [&str; 28] = [
    "SELECT",
    "FROM",
    "WHERE",
    "GROUP BY",
    "ORDER BY",
    "LIMIT",
    "AND",
    "OR",
    "NOT",
    "IN",
    "LIKE",
    "BETWEEN",
    "IS NULL",
    "IS NOT NULL",
    "COUNT(*)",
    "COUNT(DISTINCT ",
    "SUM(",
    "MIN(",
    "MAX(",
    "AS",
    "DESC",
    "JOIN",
    "ON",
    "WITH",
    "EXPLAIN",
    "DISTINCT",
    "json_extract_scalar(",
    "date_trunc(",
];
const COMMANDS: [&str; 4] = [".tables", ".schema", ".help", ".quit"];
const HELP: &str = "\
statements end with `;`
.tables          the tables
.schema TABLE    the columns of one
.help            this
.quit            or Ctrl-D";

pub async fn run(engine: &Engine, run: Run) -> anyhow::Result<Exit> {
    let tables = engine.tables(&Identity::local()).await?;
    let mut editor: Editor<Words, DefaultHistory> = Editor::new()?;
    editor.set_helper(Some(Words::of(&tables)));
    let history = history_file();
    if let Some(file) = &history {
        // The first time there is none.
        let _ = editor.load_history(file);
    }
    eprintln!("Kura {}. `.help` helps, statements end with `;`.", env!("CARGO_PKG_VERSION"));
    loop {
        let line = match editor.readline("kura> ") {
            Ok(line) => line,
            Err(ReadlineError::Interrupted) => continue,
            Err(ReadlineError::Eof) => break,
            Err(error) => return Err(error.into()),
        };
        let line = line.trim();
        if line.is_empty() {
            continue;
        }
        let _ = editor.add_history_entry(line);
        if let Some(command) = line.strip_prefix('.') {
            if !dot_command(command, engine, &run).await? {
                break;
            }
            continue;
        }
        for statement in split_statements(line) {
            // A mistake ends the statement, not the prompt.
            let answered = async {
                see_what_the_server_sees(engine.lake()).await?;
                run_statement(engine, statement, &run).await
            };
            if let Err(error) = answered.await {
                exit::report(&error);
                break;
            }
        }
    }
    if let Some(file) = &history
        && let Err(error) = editor.save_history(file)
    {
        eprintln!("warning: the history was not kept: {error}");
    }
    Ok(Exit::Ok)
}

/// `false` ends the prompt.
async fn dot_command(command: &str, engine: &Engine, run: &Run) -> anyhow::Result<bool> {
    let mut words = command.split_whitespace();
    match (words.next(), words.next()) {
        (Some("quit" | "exit" | "q"), _) => return Ok(false),
        (Some("tables"), _) => {
            write_batch(&tables_batch(&engine.tables(&Identity::local()).await?)?, run.output)?;
        }
        (Some("schema"), Some(name)) => {
            let tables = engine.tables(&Identity::local()).await?;
            match tables.iter().find(|table| table.name == name) {
                Some(table) => write_batch(&columns_batch(table)?, run.output)?,
                None => eprintln!("no table `{name}`"),
            }
        }
        _ => eprintln!("{HELP}"),
    }
    Ok(true)
}

/// Beside other programs' state; without a home there is no history.
fn history_file() -> Option<PathBuf> {
    let state = std::env::var_os("XDG_STATE_HOME").map(PathBuf::from);
    let home = || Some(PathBuf::from(std::env::var_os("HOME")?).join(".local/state"));
    let folder = state.or_else(home)?.join("kura");
    std::fs::create_dir_all(&folder).ok()?;
    Some(folder.join("history"))
}

/// What completion knows.
struct Words(Vec<String>);

impl Words {
    fn of(tables: &[TableInfo]) -> Self {
        let mut words: Vec<String> =
            KEYWORDS.iter().chain(&COMMANDS).map(|&w| w.to_owned()).collect();
        for table in tables {
            words.push(table.name.clone());
            words.extend(table.columns.iter().map(|column| column.name.clone()));
        }
        words.sort();
        words.dedup();
        Words(words)
    }
}

impl Completer for Words {
    type Candidate = Pair;

    fn complete(
        &self,
        line: &str,
        at: usize,
        _: &Context<'_>,
    ) -> rustyline::Result<(usize, Vec<Pair>)> {
        let before = &line[..at];
        let is_word = |c: char| c.is_alphanumeric() || c == '_' || c == '.';
        let start = before
            .rfind(|c| !is_word(c))
            .map_or(0, |at| at + before[at..].chars().next().map_or(1, char::len_utf8));
        let typed = before[start..].to_lowercase();
        let hits = self
            .0
            .iter()
            .filter(|word| !typed.is_empty() && word.to_lowercase().starts_with(&typed));
        let pairs = hits.map(|word| Pair { display: word.clone(), replacement: word.clone() });
        Ok((start, pairs.collect()))
    }
}

impl Validator for Words {
    /// A statement goes on over lines until its `;`.
    fn validate(&self, context: &mut ValidationContext<'_>) -> rustyline::Result<ValidationResult> {
        let text = context.input().trim();
        let done = text.is_empty() || text.starts_with('.') || text.ends_with(';');
        Ok(if done { ValidationResult::Valid(None) } else { ValidationResult::Incomplete })
    }
}

impl Hinter for Words {
    type Hint = String;
}

impl Highlighter for Words {
    fn highlight_prompt<'b, 's: 'b, 'p: 'b>(&'s self, prompt: &'p str, _: bool) -> Cow<'b, str> {
        Cow::Borrowed(prompt)
    }
}

impl Helper for Words {}
