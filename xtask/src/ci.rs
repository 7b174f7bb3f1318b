//! `cargo xtask ci`: what must pass before a change goes in. The quick checks come first.

use std::path::Path;

use anyhow::Result;

use crate::steps::Steps;
use crate::{licences, process, repo, test, tidy, ui};

pub fn run() -> Result<()> {
    let mut steps = Steps::default();
    let result = run_steps(&mut steps);
    steps.finish(result)
}

fn run_steps(steps: &mut Steps) -> Result<()> {
    let root = repo::root();
    steps.pass("tidy", || tidy::check(&root))?;
    steps.pass("cargo fmt --check", || format(&root))?;
    steps.pass("deny: licences and sources", licences::run)?;
    steps.run("cargo deny", || licences::cargo_deny(&root))?;
    // Before clippy: the server's build script wants the page's packages.
    steps.pass("page: packages", || ui::install(&root))?;
    steps.pass("cargo clippy", || clippy(&root))?;
    test::run_steps(steps, false)
}

fn format(root: &Path) -> Result<()> {
    process::run(process::cargo(root).args(["fmt", "--all", "--check"]), "run `cargo fmt --all`")
}

fn clippy(root: &Path) -> Result<()> {
    let mut command = process::cargo(root);
    command.args([
        "clippy",
        "--workspace",
        "--all-targets",
        "--locked",
        "--",
        "--deny",
        "warnings",
    ]);
    process::run(
        &mut command,
        "mend what is named above (`rustup component add clippy` where clippy is missing)",
    )
}
