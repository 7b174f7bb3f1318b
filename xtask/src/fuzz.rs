//! `cargo xtask fuzz`: the fuzz tests of every decoder, for longer than a test run has time.
//!
//! Decoders take turns until one breaks or the time is over. The smallest object that broke one
//! lies in `crates/kura-formats/tests/regressions/` then: mend the decoder and commit it.

use std::time::{Duration, Instant};

use anyhow::Result;

use crate::{process, repo};

#[derive(clap::Args)]
pub struct Arguments {
    /// How long all of it goes on
    #[arg(long, default_value_t = 30)]
    minutes: u64,
    /// How long each decoder is tried before the next
    #[arg(long, default_value_t = 120)]
    seconds: u64,
    /// One test alone, such as `lines`
    only: Option<String>,
}

pub fn run(arguments: &Arguments) -> Result<()> {
    let end = Instant::now() + Duration::from_secs(60 * arguments.minutes);
    loop {
        let mut fuzz = process::cargo(&repo::root());
        fuzz.args(["test", "--workspace", "--locked", "--test", "fuzz", "--"]);
        fuzz.args(arguments.only.as_deref()).arg("--test-threads=2");
        fuzz.env("KURA_FUZZ_SECONDS", arguments.seconds.to_string());
        process::run(&mut fuzz, "mend the decoder; the object lies in tests/regressions")?;
        if Instant::now() >= end {
            return Ok(());
        }
    }
}
