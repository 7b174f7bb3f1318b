//! `cargo xtask bench`: Kura beside its peers, on the same files, in the same run.
//!
//! 1. build `kura` in the release profile
//! 2. make the input once (kept under `target/xtask`, made again when the arguments change)
//! 3. run all in turn, some times, each from nothing, under a time limit
//! 4. print a Markdown table of medians, and fail when they did not store the same rows
//!
//! The time of Kura is that of its whole process, up to the last fsync; that of a peer is its
//! statement alone.

mod multiply;

mod input;
mod import;
mod memory;
mod queries;
mod stream;

use std::path::PathBuf;

use anyhow::Result;
use clap::ValueEnum;

use crate::{process, repo};

#[derive(Clone, clap::Args)]
pub struct Arguments {
    /// What to measure
    #[arg(value_enum, default_value = "import")]
    subject: Subject,
    /// How many records the input has
    #[arg(long, default_value_t = 200_000)]
    events: usize,
    /// How many records lie in one object: 2000 is a busy account's, 8 a quiet one's
    #[arg(long, default_value_t = 2000, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    records_per_object: u32,
    /// Where the records come from
    #[arg(long, value_enum, default_value = "auto")]
    input: Input,
    /// Measure this program instead of building one
    #[arg(long)]
    kura: Option<PathBuf>,
    /// What Kura may hold, as its own `--memory`
    #[arg(long)]
    memory: Option<String>,
    /// How often each of them runs
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=20))]
    runs: u32,
    /// How long the sustained rate of a stream is measured
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u64).range(5..=3600))]
    seconds: u64,
    /// How long a stream then goes on at half of that; 0 leaves it out
    #[arg(long, default_value_t = 0, value_parser = clap::value_parser!(u64).range(0..=86_400))]
    soak: u64,
    /// Senders of a stream
    #[arg(long, default_value_t = 8, value_parser = clap::builder::RangedU64ValueParser::<usize>::new().range(1..=256))]
    connections: usize,
    /// Chunks that each of them has under way without an ack
    #[arg(long, default_value_t = 4, value_parser = clap::builder::RangedU64ValueParser::<usize>::new().range(1..=256))]
    window: usize,
}

#[derive(Clone, Copy, ValueEnum)]
enum Subject {
    /// Objects of CloudTrail into a table
    Import,
    /// The statements of benches/queries.json over such a table
    Queries,
    /// Bytes to Arrow per format, on one core
    Decode,
    /// What an import holds at 1 GB, 10 GB and with one object of 2 GB
    Memory,
    /// Events over Fluentd's forward protocol: rates, latencies, memory
    Stream,
}

#[derive(Clone, Copy, PartialEq, ValueEnum)]
enum Input {
    /// Real records where there are some, else made-up ones
    Auto,
    /// The records below $KURA_REAL_LOGS, multiplied: fresh ids, other days and accounts
    Real,
    /// The made-up organisation of `kura demo`
    Demo,
}

pub fn run(arguments: &Arguments) -> Result<()> {
    match arguments.subject {
        Subject::Import => import::run(arguments),
        Subject::Queries => queries::run(arguments),
        Subject::Memory => memory::run(arguments),
        Subject::Stream => stream::run(arguments),
        Subject::Decode => decode(),
    }
}

/// A bench of `kura-formats`: it prints its own table.
fn decode() -> Result<()> {
    let mut bench = process::cargo(&repo::root());
    bench.args(["bench", "--locked", "--workspace", "--bench", "decode"]);
    process::run(&mut bench, "see crates/kura-formats/benches/decode.rs")
}
