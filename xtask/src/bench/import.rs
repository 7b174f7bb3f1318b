//! `cargo xtask bench import`: objects of CloudTrail into a sorted, queryable table, by Kura, by
//! DuckDB and by ClickHouse.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::Arguments;
use super::input::{self, Objects};
use crate::{process, python, repo};

/// Somebody else who does the same.
pub struct Peer {
    pub name: &'static str,
    import_script: &'static str,
    pub query_script: &'static str,
    /// What the import makes, and in which scratch folder.
    pub table: &'static str,
    pub folder: &'static str,
}

pub const PEERS: [Peer; 2] = [
    Peer {
        name: "DuckDB",
        import_script: "benches/duckdb_import.py",
        query_script: "benches/duckdb_query.py",
        table: "table.parquet",
        folder: "bench-peer",
    },
    Peer {
        name: "ClickHouse",
        import_script: "benches/clickhouse_import.py",
        query_script: "benches/clickhouse_query.py",
        table: "tables",
        folder: "bench-peer-2",
    },
];
/// Of one run; whatever needs longer is not worth waiting for.
const RUN_LIMIT: Duration = Duration::from_secs(900);
const MEGABYTE: f64 = 1e6;

/// One run of one of them.
pub struct Run {
    pub seconds: f64,
    rows: u64,
    pub peak_memory_bytes: u64,
    table_bytes: u64,
}

pub fn run(arguments: &Arguments) -> Result<()> {
    let root = repo::root();
    let target = repo::target(&root)?;
    let kura = program(&root, &target, arguments)?;
    let python = python::environment(&root, &target)?;
    let objects = input::make(&root, &target, &kura, arguments)?;

    let mut names = vec!["Kura"];
    names.extend(PEERS.iter().map(|peer| peer.name));
    let mut runs: Vec<Vec<Run>> = names.iter().map(|_| Vec::new()).collect();
    for number in 1..=arguments.runs {
        let lake = repo::scratch(&target, "bench-lake")?.join("lake");
        runs[0].push(run_kura(&kura, &lake, &objects, arguments).context("kura import")?);
        for (peer, runs) in PEERS.iter().zip(&mut runs[1..]) {
            let table = repo::scratch(&target, peer.folder)?.join(peer.table);
            let run = run_peer(&python, &root, &objects, peer, &table);
            runs.push(run.context(peer.name)?);
        }
        let seconds: Vec<String> = runs.iter().map(|runs| format!("{:.2} s", last(runs))).collect();
        println!("run {number} of {}: {}", arguments.runs, seconds.join(", "));
    }
    print_table(&objects, &names, &runs)?;
    // The input is kept for the next run, the tables are not.
    remove_tables(&target)
}

pub fn remove_tables(target: &Path) -> Result<()> {
    for name in PEERS.iter().map(|peer| peer.folder).chain(["bench-lake"]) {
        repo::scratch(target, name)?;
    }
    Ok(())
}

/// The optimised program, built unless there is one to measure.
pub fn program(root: &Path, target: &Path, arguments: &Arguments) -> Result<PathBuf> {
    if let Some(program) = &arguments.kura {
        return Ok(program.clone());
    }
    let mut build = process::cargo(root);
    build.args(["build", "--release", "--locked", "--package", "kura"]);
    process::run(&mut build, "mend the build; `cargo build --release` repeats it")?;
    Ok(target.join("release/kura"))
}

fn last(runs: &[Run]) -> f64 {
    runs.last().map_or(0.0, |run| run.seconds)
}

pub fn run_kura(kura: &Path, lake: &Path, objects: &Objects, arguments: &Arguments) -> Result<Run> {
    let mut command = Command::new(kura);
    command.arg("import").arg(&objects.folder).arg("--lake").arg(lake).args(["-o", "json"]);
    if let Some(memory) = &arguments.memory {
        command.args(["--memory", memory]);
    }
    let (counts, seconds, peak_memory_bytes) = measure(&mut command)?;
    let rows = counts["stored"].as_u64().context("its counts say nothing of `stored`")?;
    // The index is part of the table's size; the log and manifests are small beside it.
    let table_bytes = bytes_of(&lake.join("tables/cloudtrail"), Some("parquet"))?
        + bytes_of(&lake.join("_kura/index/cloudtrail"), None)?;
    Ok(Run { seconds, rows, peak_memory_bytes, table_bytes })
}

pub fn run_peer(
    python: &Path,
    root: &Path,
    objects: &Objects,
    peer: &Peer,
    table: &Path,
) -> Result<Run> {
    let mut command = Command::new(python);
    command.arg(root.join(peer.import_script)).arg(&objects.folder).arg(table);
    let (facts, _, peak_memory_bytes) = measure(&mut command)?;
    let rows = facts["rows"].as_u64().context("it says nothing of `rows`")?;
    let seconds = facts["seconds"].as_f64().context("it says nothing of `seconds`")?;
    let table_bytes = match facts["bytes"].as_u64() {
        Some(bytes) => bytes,
        None => fs::metadata(table)?.len(),
    };
    Ok(Run { seconds, rows, peak_memory_bytes, table_bytes })
}

/// Runs a program that ends with one JSON object on its stdout: that, its seconds, and the most
/// memory that it held.
fn measure(command: &mut Command) -> Result<(Value, f64, u64)> {
    let start = Instant::now();
    let mut child =
        command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().context("it did not start")?;
    let mut stdout = child.stdout.take().context("it has no stdout")?;
    let mut peak = 0;
    // What it prints fits into the pipe, so it can be read afterwards.
    process::wait_bounded(&mut child, RUN_LIMIT, |id| peak = peak.max(peak_memory_bytes(id)))?;
    let seconds = start.elapsed().as_secs_f64();
    let mut text = String::new();
    stdout.read_to_string(&mut text)?;
    let json = text.find('{').map_or("", |at| &text[at..]);
    let value = serde_json::from_str(json)
        .with_context(|| format!("its stdout is not one JSON object: `{text}`"))?;
    Ok((value, seconds, peak))
}

/// The kernel's own high-water mark, which only grows: read often, the last one counts. 0 where
/// there is no /proc.
fn peak_memory_bytes(id: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    kilobytes.unwrap_or_default() * 1024
}

fn bytes_of(folder: &Path, ending: Option<&str>) -> Result<u64> {
    let mut bytes = 0;
    for file in repo::walk(folder)? {
        let wanted = ending.is_none_or(|ending| file.extension().is_some_and(|e| e == ending));
        // Checkpoints of the log are Parquet too, and no table data.
        let log = file.components().any(|part| part.as_os_str() == "_delta_log");
        if wanted && !log {
            bytes += fs::metadata(file)?.len();
        }
    }
    Ok(bytes)
}

fn print_table(objects: &Objects, names: &[&str], runs: &[Vec<Run>]) -> Result<()> {
    let megabytes = objects.raw_bytes as f64 / MEGABYTE;
    println!(
        "\n{} objects, {megabytes:.0} MB of JSON ({:.0} MB packed), {}; medians of {} runs in turn\n",
        objects.count,
        objects.packed_bytes as f64 / MEGABYTE,
        objects.description,
        runs[0].len()
    );
    println!(
        "| | records | seconds | MB/s of JSON | Kura is faster by | peak memory MB | table MB | Kura's table is |"
    );
    println!("|---|---:|---:|---:|---:|---:|---:|---:|");
    let ours = median(&runs[0], |run| run.seconds);
    let our_bytes = median(&runs[0], |run| run.table_bytes as f64);
    for (name, runs) in names.iter().zip(runs) {
        let seconds = median(runs, |run| run.seconds);
        let bytes = median(runs, |run| run.table_bytes as f64);
        println!(
            "| {name} | {} | {seconds:.2} | {:.1} | {:.2} | {:.0} | {:.1} | {:.2} |",
            runs[0].rows,
            megabytes / seconds,
            seconds / ours,
            median(runs, |run| run.peak_memory_bytes as f64) / MEGABYTE,
            bytes / MEGABYTE,
            our_bytes / bytes,
        );
    }
    let rows = runs[0][0].rows;
    if objects.unique && runs.iter().flatten().any(|run| run.rows != rows) {
        bail!("the runs did not store the same number of records: the times above compare nothing");
    }
    Ok(())
}

fn median(runs: &[Run], value: impl Fn(&Run) -> f64) -> f64 {
    let mut values: Vec<f64> = runs.iter().map(value).collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
