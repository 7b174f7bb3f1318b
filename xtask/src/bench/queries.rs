//! `cargo xtask bench queries`: fifteen statements that people begin with, over the same
//! records, by Kura, DuckDB and ClickHouse.
//!
//! Cold is a new process over a table whose files are not in the page cache: of Kura the whole
//! process counts, of a peer the opening of its table and the first run. Warm is the best of
//! the runs after it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use serde_json::Value;

use super::Arguments;
use super::import;
use super::input;
use crate::{process, python, repo};

const QUERIES: &str = "benches/queries.json";
const WARM_RUNS: usize = 3;

#[derive(Deserialize)]
struct Query {
    name: String,
    kura: String,
    duckdb: String,
    clickhouse: String,
}

struct Timing {
    cold: f64,
    warm: f64,
    rows: u64,
}

pub fn run(arguments: &Arguments) -> Result<()> {
    let root = repo::root();
    let target = repo::target(&root)?;
    let kura = import::program(&root, &target, arguments)?;
    let python = python::environment(&root, &target)?;
    let objects = input::make(&root, &target, &kura, arguments)?;
    let lake = repo::scratch(&target, "bench-lake")?.join("lake");
    import::run_kura(&kura, &lake, &objects, arguments).context("kura import")?;
    let mut tables = Vec::new();
    for peer in import::PEERS {
        let table = repo::scratch(&target, peer.folder)?.join(peer.table);
        import::run_peer(&python, &root, &objects, &peer, &table).context(peer.name)?;
        tables.push(table);
    }
    let text = fs::read_to_string(root.join(QUERIES)).context(QUERIES)?;
    let queries: Vec<Query> = serde_json::from_str(&text).context(QUERIES)?;
    let values = values(&kura, &lake)?;

    println!("| | Kura cold | warm | read | DuckDB cold | warm | ClickHouse cold | warm |");
    println!("|---|---:|---:|---:|---:|---:|---:|---:|");
    for query in &queries {
        let filled = |text: &str| {
            values.iter().fold(text.to_owned(), |text, (name, value)| text.replace(name, value))
        };
        let (ours, read) = ask_kura(&kura, &lake, &filled(&query.kura)).context("kura sql")?;
        let mut theirs = Vec::new();
        for ((peer, table), statement) in
            import::PEERS.iter().zip(&tables).zip([&query.duckdb, &query.clickhouse])
        {
            let script = root.join(peer.query_script);
            theirs.push(ask_peer(&python, &script, table, &filled(statement)).context(peer.name)?);
        }
        if theirs.iter().any(|timing| timing.rows != ours.rows) {
            let rows: Vec<u64> = theirs.iter().map(|timing| timing.rows).collect();
            bail!("`{}`: Kura answers {} rows, its peers {rows:?}", query.name, ours.rows);
        }
        let cells: Vec<String> =
            theirs.iter().map(|t| format!("{:.3} | {:.3}", t.cold, t.warm)).collect();
        println!(
            "| {} | {:.3} | {:.3} | {read} | {} |",
            query.name,
            ours.cold,
            ours.warm,
            cells.join(" | ")
        );
    }
    import::remove_tables(&target)
}

/// What the statements ask for: values of a record in the middle.
fn values(kura: &Path, lake: &Path) -> Result<Vec<(&'static str, String)>> {
    let statement = "SELECT eventid AS \"{id}\", useridentity.accesskeyid AS \"{key}\", \
        sourceipaddress AS \"{address}\", useridentity.arn AS \"{principal}\", \
        CAST(day AS VARCHAR) AS \"{day}\" FROM cloudtrail \
        WHERE useridentity.accesskeyid IS NOT NULL AND useridentity.arn IS NOT NULL \
        ORDER BY eventid LIMIT 1";
    let mut command = Command::new(kura);
    command.args(["sql", statement, "-o", "json", "--quiet", "--lake"]).arg(lake);
    let rows: Vec<serde_json::Map<String, Value>> =
        serde_json::from_str(&process::output(&mut command, "the statement is in the bench")?)?;
    let row = rows.into_iter().next().context("the lake has no record with an access key")?;
    let value = |name: &'static str| {
        let text = row.get(name).and_then(Value::as_str).map(ToOwned::to_owned);
        Ok((name, text.with_context(|| format!("no `{name}`"))?))
    };
    ["{id}", "{key}", "{address}", "{principal}", "{day}"].into_iter().map(value).collect()
}

/// Takes a table's files out of the page cache; the program stays in it.
fn drop_from_cache(table: &Path) -> Result<()> {
    // Nothing unwritten may hold on to its pages.
    process::run(&mut Command::new("sync"), "coreutils have it")?;
    let files = if table.is_dir() { repo::walk(table)? } else { vec![table.to_path_buf()] };
    for file in files {
        let mut advise = Command::new("dd");
        let source = format!("if={}", file.display());
        advise.args([source.as_str(), "iflag=nocache", "count=0", "status=none"]);
        process::run(&mut advise, "coreutils have it")?;
    }
    Ok(())
}

fn ask_kura(kura: &Path, lake: &Path, statement: &str) -> Result<(Timing, String)> {
    drop_from_cache(lake)?;
    let ask = |text: &str| {
        let mut command = Command::new(kura);
        command.args(["sql", text, "-o", "jsonl", "--lake"]).arg(lake);
        let start = Instant::now();
        let output = command.stdin(Stdio::null()).output().context("it did not start")?;
        let seconds = start.elapsed().as_secs_f64();
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        if !output.status.success() {
            bail!("it failed: {stderr}");
        }
        let rows = output.stdout.iter().filter(|byte| **byte == b'\n').count() as u64;
        Ok((seconds, rows, stderr))
    };
    let (cold, rows, stderr) = ask(statement)?;
    // `9 rows, 0.012 s, 1 MiB of 20 MiB scanned, …`
    let part = |line: &str, at: usize| line.split(", ").nth(at).unwrap_or_default().to_owned();
    let read = part(stderr.lines().last().unwrap_or_default(), 2);
    let (_, _, stderr) = ask(&[statement; WARM_RUNS + 1].join(";"))?;
    let seconds = stderr.lines().skip(1);
    let seconds = seconds.filter_map(|line| part(line, 1).trim_end_matches(" s").parse().ok());
    let warm = seconds.min_by(f64::total_cmp).context("it does not say what it cost")?;
    Ok((Timing { cold, warm, rows }, read))
}

fn ask_peer(python: &Path, script: &PathBuf, table: &Path, statement: &str) -> Result<Timing> {
    drop_from_cache(table)?;
    let mut command = Command::new(python);
    command.arg(script).arg(table).arg(statement).arg((WARM_RUNS + 1).to_string());
    let text = process::output(&mut command, "the statement is in benches/queries.json")?;
    let facts: Value = serde_json::from_str(&text)?;
    let rows = facts["rows"].as_u64().context("it says nothing of `rows`")?;
    let seconds: Vec<f64> = serde_json::from_value(facts["seconds"].clone())?;
    let (cold, warm) = seconds.split_first().context("it says nothing of `seconds`")?;
    let warm = warm.iter().copied().min_by(f64::total_cmp).context("no warm run")?;
    Ok(Timing { cold: *cold, warm, rows })
}
