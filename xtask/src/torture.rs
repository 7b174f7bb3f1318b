//! `cargo xtask torture`: a server is killed at random moments while events come, again and
//! again, and nothing that it acknowledged may be missing or there twice.
//!
//! It is the test `stream_kills` with larger numbers, against an optimised build. The same seed
//! draws the same moments; what the machine does meanwhile is not drawn.

use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result};

use crate::{process, repo};

const TEST: &str = "stream_kills::what_was_acknowledged_survives_kills";

#[derive(clap::Args)]
pub struct Arguments {
    /// How often the server is killed
    #[arg(long, default_value_t = 200)]
    kills: u32,
    /// How many events are sent
    #[arg(long, default_value_t = 1_000_000)]
    events: u64,
    /// What draws the moments; drawn itself, and printed, if not said
    #[arg(long)]
    seed: Option<u64>,
    /// Kill this program instead of building one
    #[arg(long)]
    kura: Option<PathBuf>,
}

pub fn run(arguments: &Arguments) -> Result<()> {
    let root = repo::root();
    let program = program(&root, arguments)?;
    let seed = match arguments.seed {
        Some(seed) => seed,
        None => SystemTime::now().duration_since(UNIX_EPOCH).context("the clock")?.as_secs(),
    };
    println!("{} kills, {} events, seed {seed}", arguments.kills, arguments.events);
    let mut test = process::cargo(&root);
    test.args(["test", "--workspace", "--locked", "--test", "kura", "--"]);
    test.args(["--exact", TEST, "--nocapture"]);
    test.env("KURA_TORTURE_KILLS", arguments.kills.to_string())
        .env("KURA_TORTURE_EVENTS", arguments.events.to_string())
        .env("KURA_TORTURE_SEED", seed.to_string())
        .env("KURA_TORTURE_PROGRAM", program);
    process::run(&mut test, &format!("`--seed {seed}` draws the same moments again"))
}

fn program(root: &Path, arguments: &Arguments) -> Result<PathBuf> {
    if let Some(program) = &arguments.kura {
        return program.canonicalize().with_context(|| format!("`{}`", program.display()));
    }
    let mut build = process::cargo(root);
    build.args(["build", "--release", "--locked", "--package", "kura"]);
    process::run(&mut build, "mend the build; `cargo build --release` repeats it")?;
    Ok(repo::target(root)?.join("release/kura"))
}
