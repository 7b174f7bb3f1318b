//! The command line, as clap reads it. What each command does stands under `commands/`.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use kura_core::memory::MemoryPlan;
use kura_core::size::ByteSize;
use kura_formats::Catalogue;
use kura_store::upkeep::GRACE_DAYS;

use crate::config::{Config, ConfigError};
use crate::terminal::LogFormat;

/// The arguments with the negated terms of a search (`-word`, `-field:value`) behind a `--`,
/// where clap does not take them for options.
pub fn arguments(given: impl Iterator<Item = OsString>) -> Vec<OsString> {
    let (mut before, mut terms) = (Vec::new(), Vec::new());
    let mut is_search = false;
    for argument in given {
        is_search |= !before.is_empty() && (argument == "search" || argument == "tail");
        let text = argument.to_string_lossy();
        match is_search && is_negated_term(&text) {
            true => terms.push(argument),
            false => before.push(argument),
        }
    }
    if !terms.is_empty() && !before.iter().any(|argument| argument == "--") {
        before.push("--".into());
    }
    before.extend(terms);
    before
}

/// `-x` is an option, as are `-n20`, `-ojson` and `-vv`; any other `-word` is a term.
fn is_negated_term(argument: &str) -> bool {
    let Some(word) = argument.strip_prefix('-').filter(|word| !word.starts_with('-')) else {
        return false;
    };
    let is_form = |text: &str| OutputFormat::from_str(text, false).is_ok();
    let is_option = word.chars().count() < 2
        || word.strip_prefix('n').is_some_and(|n| n.parse::<usize>().is_ok())
        || word.strip_prefix('o').is_some_and(is_form)
        || word.bytes().all(|byte| byte == b'v');
    !is_option
}

/// Kura (蔵): your AWS logs, searchable and in open tables, from one binary.
#[derive(Debug, Parser)]
#[command(name = "kura", version, max_term_width = 100)]
pub struct Cli {
    #[command(flatten)]
    pub global: Global,
    /// More about what goes on, on stderr: -v, -vv.
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,
    /// How the program's own log is written, on stderr.
    #[arg(
        long,
        global = true,
        env = "KURA_LOG_FORMAT",
        default_value = "text",
        value_name = "FORMAT"
    )]
    pub log_format: LogFormat,
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Clone, Args)]
pub struct Global {
    /// The lake: a folder, made when something is first imported.
    #[arg(
        long,
        global = true,
        env = "KURA_LAKE",
        default_value = "kura-lake",
        value_name = "FOLDER"
    )]
    pub lake: String,
    /// The configuration. [default: `kura.toml`, if it is there]
    #[arg(long, global = true, env = "KURA_CONFIG", value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Memory for everything, such as `512MiB`. [default: a quarter of the machine, at most 4 GiB]
    #[arg(long, global = true, env = "KURA_MEMORY", value_name = "SIZE")]
    pub memory: Option<ByteSize>,
    /// Threads for decoding and queries. [default: one per core]
    #[arg(long, global = true, env = "KURA_THREADS", value_name = "N")]
    pub threads: Option<usize>,
    /// Answer without the index files, to compare.
    #[arg(long, global = true, env = "KURA_NO_INDEX")]
    pub no_index: bool,
}

impl Global {
    /// The formats that are known, with the person's own.
    pub fn catalogue(&self) -> Result<Catalogue, ConfigError> {
        Config::catalogue(self.config.as_deref())
    }

    pub fn memory_plan(&self) -> MemoryPlan {
        MemoryPlan::new(self.memory)
    }

    pub fn threads(&self) -> usize {
        let cores = || std::thread::available_parallelism().map_or(1, usize::from);
        self.threads.unwrap_or_else(cores).max(1)
    }
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Import log files, folders or globs into the lake.
    Import(ImportArgs),
    /// Run SQL over the lake; without a statement, a prompt.
    Sql(SqlArgs),
    /// Find events: words, "phrases", field:value, -not.
    Search(SearchArgs),
    /// List tables, or the columns of one.
    Tables(TablesArgs),
    /// Where records come from; with --drift, the fields of theirs that have no column.
    Sources(SourcesArgs),
    /// List the log formats that are recognised, or say what a file is taken for.
    Formats(FormatsArgs),
    /// Merge small files into large ones.
    Compact(CompactArgs),
    /// What could not become a row, by reason; with --reason or --format, samples of it.
    Quarantine(QuarantineArgs),
    /// Make a table anew from the objects its rows came from, with this version's decoder.
    Reparse(ReparseArgs),
    /// Serve the page and the HTTP API, and take events.
    Serve(ServeArgs),
    /// Send lines from stdin to the server of this lake.
    Send(SendArgs),
    /// Take whole days that are too old out of tables.
    Expire(ExpireArgs),
    /// Follow events as they come to the server of this lake.
    Tail(TailArgs),
    /// Look at the configuration.
    Config(ConfigArgs),
    /// Make up some days of an organisation's logs, import them and serve the page.
    Demo(DemoArgs),
    /// Write what is generated from the code: the OpenAPI file and the format pages.
    #[command(hide = true)]
    Gen(GenArgs),
}

/// How results are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum OutputFormat {
    Table,
    Json,
    Jsonl,
    Csv,
    Tsv,
    Parquet,
    Arrow,
}

#[derive(Debug, Clone, Args)]
pub struct OutputArgs {
    /// Form of the results. [default: table on a terminal, jsonl in a pipe]
    #[arg(short, long, value_enum, value_name = "FORM")]
    pub output: Option<OutputFormat>,
}

#[derive(Debug, Args)]
pub struct ImportArgs {
    /// Files, folders or globs; plain, gzip or zstd, told by their bytes.
    #[arg(required = true, value_name = "SOURCE")]
    pub sources: Vec<String>,
    /// Take every object for this format instead of recognising it.
    #[arg(long)]
    pub format: Option<String>,
    /// Take every object for JSON records of any kind (lines, arrays, one after the other) and
    /// store them in this table, with the columns found in them.
    #[arg(long, conflicts_with = "format", value_name = "NAME")]
    pub table: Option<String>,
    /// `json` ends with the counts as one object on stdout.
    #[arg(short, long, value_parser = ["text", "json"])]
    pub output: Option<String>,
    /// Fail (exit 1) when any record had to be quarantined, too.
    #[arg(long)]
    pub strict: bool,
}

#[derive(Debug, Args)]
pub struct SqlArgs {
    /// The statement; `-` reads it from stdin.
    pub statement: Option<String>,
    /// Read statements from a file, separated by `;`.
    #[arg(short, long, conflicts_with = "statement", value_name = "FILE")]
    pub file: Option<PathBuf>,
    #[command(flatten)]
    pub output: OutputArgs,
    /// Give up after this many seconds.
    #[arg(long, value_name = "SECONDS")]
    pub timeout: Option<u64>,
    /// Say nothing on stderr about rows, seconds and bytes.
    #[arg(short, long)]
    pub quiet: bool,
}

#[derive(Debug, Args)]
pub struct SearchArgs {
    /// Words, "phrases", field:value, field:val*, -not.
    pub query: Vec<String>,
    /// The table searched.
    #[arg(long, default_value = "cloudtrail")]
    pub table: String,
    /// From this time on: `2026-11-21`, `2026-11-21T08:00:00Z`, `24h`, `7d`.
    #[arg(long, value_name = "TIME")]
    pub since: Option<String>,
    /// Before this time.
    #[arg(long, value_name = "TIME")]
    pub until: Option<String>,
    /// At most so many events, the newest.
    #[arg(short = 'n', long, default_value_t = 100)]
    pub limit: usize,
    #[command(flatten)]
    pub output: OutputArgs,
    /// Say nothing on stderr about rows, seconds and bytes.
    #[arg(short, long)]
    pub quiet: bool,
}

#[derive(Debug, Args)]
pub struct TailArgs {
    /// Words, "phrases", field:value, field:val*, -not.
    pub query: Vec<String>,
    /// The table that is followed. [default: the first there is]
    #[arg(long, value_name = "NAME")]
    pub table: Option<String>,
    /// All of each event as a line of JSON, as in a pipe.
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct SendArgs {
    /// What sends them; part of `_origin`.
    #[arg(long, default_value = "stdin", value_name = "NAME")]
    pub stream: String,
}

#[derive(Debug, Args)]
pub struct ExpireArgs {
    #[arg(required = true, value_name = "TABLE")]
    pub tables: Vec<String>,
    /// Days that end before this: `400d`, `2025-01-01`.
    #[arg(long, value_name = "AGE")]
    pub older_than: String,
    /// Only say what would leave the tables.
    #[arg(long)]
    pub dry_run: bool,
    #[command(flatten)]
    pub output: OutputArgs,
}

#[derive(Debug, Args)]
pub struct ConfigArgs {
    #[command(subcommand)]
    pub command: ConfigCommand,
}

#[derive(Debug, Subcommand)]
pub enum ConfigCommand {
    /// Say whether the configuration can be: exit code 0, or 78 and what is wrong.
    Check,
}

#[derive(Debug, Args)]
pub struct TablesArgs {
    /// Show the columns of this table.
    pub table: Option<String>,
    /// Write statements that make the tables, and their views, known to Athena.
    #[arg(long, value_parser = ["athena"], conflicts_with = "table")]
    pub ddl: Option<String>,
    /// Where the lake lies for Athena: `s3://bucket/prefix`. [default: where it lies]
    #[arg(long, requires = "ddl", value_name = "LOCATION")]
    pub location: Option<String>,
    #[command(flatten)]
    pub output: OutputArgs,
}

#[derive(Debug, Args)]
pub struct SourcesArgs {
    /// The fields that have no column, or did not fit it, and since when: what lies in `_extra`.
    #[arg(long)]
    pub drift: bool,
    /// Of this table only.
    #[arg(long, value_name = "NAME")]
    pub table: Option<String>,
    /// At most so many of each table, those with most rows.
    #[arg(short = 'n', long, default_value_t = 100)]
    pub limit: usize,
    #[command(flatten)]
    pub output: OutputArgs,
}

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct FormatsArgs {
    #[command(subcommand)]
    pub command: Option<FormatsCommand>,
    /// Say what this file is taken for, and why.
    #[arg(long, value_name = "FILE")]
    pub explain: Option<PathBuf>,
    #[command(flatten)]
    pub output: OutputArgs,
}

#[derive(Debug, Subcommand)]
pub enum FormatsCommand {
    /// Read files as an import would and show their rows and rejects, without storing anything.
    Check(CheckArgs),
}

#[derive(Debug, Args)]
pub struct CheckArgs {
    /// Files, folders or globs.
    #[arg(required = true, value_name = "SOURCE")]
    pub sources: Vec<String>,
    /// Take every object for this format instead of recognising it.
    #[arg(long)]
    pub format: Option<String>,
    /// At most so many rows of each table, and rejects, are shown.
    #[arg(short = 'n', long, default_value_t = 20)]
    pub limit: usize,
    #[command(flatten)]
    pub output: OutputArgs,
}

#[derive(Debug, Args)]
pub struct CompactArgs {
    /// Tables to compact; all without a name.
    pub tables: Vec<String>,
    /// Delete files that no version within so many days refers to.
    #[arg(long, default_value_t = GRACE_DAYS, value_name = "DAYS")]
    pub grace_days: u32,
    #[command(flatten)]
    pub output: OutputArgs,
}

#[derive(Debug, Args)]
pub struct QuarantineArgs {
    /// Samples of this reason, such as `broken_json`.
    #[arg(long)]
    pub reason: Option<String>,
    /// Samples of records meant for this table.
    #[arg(long)]
    pub format: Option<String>,
    /// At most so many samples, the newest.
    #[arg(short = 'n', long, default_value_t = 10)]
    pub limit: usize,
    #[command(flatten)]
    pub output: OutputArgs,
}

#[derive(Debug, Args)]
pub struct ReparseArgs {
    /// The table. Rows of objects that are gone, or changed since, stay as they are.
    #[arg(required_unless_present = "quarantine")]
    pub table: Option<String>,
    /// Every table whose records were set aside: what this version understands comes home.
    #[arg(long, conflicts_with = "table")]
    pub quarantine: bool,
    /// `json` ends with the counts as one object on stdout.
    #[arg(short, long, value_parser = ["text", "json"])]
    pub output: Option<String>,
}

#[derive(Debug, Clone, Args)]
pub struct ListenArgs {
    /// Address and port of the page and the API; port 0 takes a free one.
    #[arg(long, env = "KURA_LISTEN", default_value = "127.0.0.1:7575", value_name = "ADDRESS")]
    pub listen: std::net::SocketAddr,
}

#[derive(Debug, Args)]
pub struct ServeArgs {
    #[command(flatten)]
    pub listen: ListenArgs,
    #[command(flatten)]
    pub upkeep: UpkeepArgs,
}

#[derive(Debug, Clone, Args)]
pub struct UpkeepArgs {
    /// Seconds between looks at the tables, whose small files are merged in the background; 0
    /// leaves them alone.
    #[arg(long, env = "KURA_UPKEEP", default_value_t = 60, value_name = "SECONDS")]
    pub upkeep: u64,
}

#[derive(Debug, Args)]
pub struct DemoArgs {
    /// The same seed gives the same logs, byte for byte.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Days of logs.
    #[arg(long, default_value_t = 7, value_parser = clap::value_parser!(u32).range(1..=366))]
    pub days: u32,
    /// Events in all.
    #[arg(long, default_value_t = 200_000, value_parser = clap::value_parser!(u64).range(1..=50_000_000))]
    pub events: u64,
    /// Where objects and lake go.
    #[arg(long, default_value = "kura-demo", value_name = "FOLDER")]
    pub dir: PathBuf,
    /// Stop after the import: print the questions and do not serve.
    #[arg(long)]
    pub no_serve: bool,
    #[command(flatten)]
    pub listen: ListenArgs,
    #[command(flatten)]
    pub upkeep: UpkeepArgs,
}

#[derive(Debug, Args)]
pub struct GenArgs {
    /// The project's root, or a folder to compare with it.
    pub dir: PathBuf,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn negated_terms_of_a_search_are_not_options() {
        let given = |line: &str| -> Vec<String> {
            let words = line.split(' ').map(OsString::from);
            arguments(words).iter().map(|a| a.to_string_lossy().into_owned()).collect()
        };
        for (line, expected) in [
            ("kura search a -kms --since 1d", "kura search a --since 1d -- -kms"),
            ("kura search -errorcode:* -n 5 -ojson", "kura search -n 5 -ojson -- -errorcode:*"),
            ("kura search -vv x -q", "kura search -vv x -q"),
            ("kura search -- -kms", "kura search -- -kms"),
            ("kura sql -weird", "kura sql -weird"),
        ] {
            assert_eq!(given(line).join(" "), expected);
            let search = Cli::try_parse_from(given(line));
            assert_eq!(search.is_ok(), !line.contains("weird"), "{line}");
        }
    }
}
