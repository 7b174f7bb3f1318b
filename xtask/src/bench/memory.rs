//! `cargo xtask bench memory`: what an import holds under a small limit, at 1 GB, at ten times
//! that, and with all of 2 GB in one object. Kura alone: nobody else takes a limit for all.

use anyhow::{Context, Result, bail};

use super::import::{program, remove_tables, run_kura};
use super::{Arguments, input};
use crate::repo;

const LIMIT: &str = "512MiB";
const LIMIT_BYTES: u64 = 512 << 20;
/// A record of the real ones is 1.27 KB of JSON.
const GIGABYTE_OF_RECORDS: usize = 790_000;
const RECORDS_PER_OBJECT: u32 = 2_000;
/// Times the input, times the time: the rest is what does not grow linearly.
const LINEAR_MAX: f64 = 10.5;

pub fn run(arguments: &Arguments) -> Result<()> {
    let root = repo::root();
    let target = repo::target(&root)?;
    let kura = program(&root, &target, arguments)?;
    let one = 2 * GIGABYTE_OF_RECORDS;
    let inputs = [
        (GIGABYTE_OF_RECORDS, RECORDS_PER_OBJECT),
        (10 * GIGABYTE_OF_RECORDS, RECORDS_PER_OBJECT),
        (one, u32::try_from(one).context("records of one object")?),
    ];
    let mut seconds = Vec::new();
    let mut peaks = Vec::new();
    println!("| objects | MB of JSON | seconds | MB/s | peak memory MiB at `--memory {LIMIT}` |");
    println!("|---:|---:|---:|---:|---:|");
    for (events, records_per_object) in inputs {
        let memory = Some(LIMIT.to_owned());
        let arguments = Arguments { events, records_per_object, memory, ..arguments.clone() };
        let objects = input::make(&root, &target, &kura, &arguments)?;
        let lake = repo::scratch(&target, "bench-lake")?.join("lake");
        let run = run_kura(&kura, &lake, &objects, &arguments).context("kura import")?;
        let megabytes = objects.raw_bytes as f64 / 1e6;
        println!(
            "| {} | {megabytes:.0} | {:.1} | {:.0} | {} |",
            objects.count,
            run.seconds,
            megabytes / run.seconds,
            run.peak_memory_bytes >> 20,
        );
        seconds.push(run.seconds);
        peaks.push(run.peak_memory_bytes);
    }
    remove_tables(&target)?;
    let growth = seconds[1] / seconds[0];
    println!("\nten times the input takes {growth:.1} times the time (at most {LINEAR_MAX})");
    match peaks.into_iter().find(|&peak| peak > LIMIT_BYTES) {
        Some(peak) => bail!("{} MiB is more than {LIMIT}", peak >> 20),
        None => Ok(()),
    }
}
