//! `cargo xtask test`: all tests, by one command, on a machine that has only the prerequisites.
//!
//! 1. look whether everything needed is there
//! 2. the page: packages, types, unit tests
//! 3. the Python environment with the other engines and senders, and npm's senders (not with
//!    `--quick`)
//! 4. `cargo test --workspace` in the debug profile
//! 5. the house rules, and whether generated files are current
//! 6. the page in a browser, against the binary (not with `--quick`)
//!
//! It stops at the first step that fails, and says at the end what each step cost.

use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::steps::{Outcome, Steps};
use crate::{clients, gen_files, page, prerequisites, process, python, repo, tidy, ui};

/// How a test learns of the Python that has the other engines; unset, such a test is left out.
const PYTHON_VARIABLE: &str = "KURA_PYTHON";
/// The same for the folder of npm's senders, and for the browser.
const CLIENTS_VARIABLE: &str = "KURA_NODE_CLIENTS";
const CHROMIUM_VARIABLE: &str = "KURA_CHROMIUM";

#[derive(clap::Args)]
pub struct Arguments {
    /// Leave out what needs Python or a browser
    #[arg(long)]
    pub quick: bool,
}

pub fn run(arguments: &Arguments) -> Result<()> {
    let mut steps = Steps::default();
    let result = run_steps(&mut steps, arguments.quick);
    steps.finish(result)
}

/// The steps alone, for `cargo xtask ci`, which has some before them.
pub fn run_steps(steps: &mut Steps, quick: bool) -> Result<()> {
    let root = repo::root();
    steps.pass("prerequisites", || prerequisites::check(!quick))?;
    let target = repo::target(&root)?;
    steps.pass("page: packages", || ui::install(&root))?;
    steps.pass("page: types", || ui::check(&root))?;
    steps.pass("page: unit tests", || ui::test(&root))?;
    let mut others = Others::default();
    steps.run("readers and senders: packages", || {
        if quick {
            return Ok(Outcome::Skipped("--quick".to_owned()));
        }
        others.python = Some(python::environment(&root, &target)?);
        others.clients = Some(clients::install(&root, &target)?);
        others.chromium = page::find_browser();
        Ok(Outcome::Passed)
    })?;
    steps.pass("cargo test --workspace", || cargo_test(&root, &others))?;
    steps.pass("tidy", || tidy::check(&root))?;
    steps.pass("gen --check", || gen_files::check(&root, &target))?;
    steps.run("page: in a browser", || match quick {
        true => Ok(Outcome::Skipped("--quick".to_owned())),
        false => page::test(&root, &target),
    })
}

/// Other people's programs that tests run, as far as they are there.
#[derive(Default)]
struct Others {
    python: Option<PathBuf>,
    clients: Option<PathBuf>,
    chromium: Option<PathBuf>,
}

fn cargo_test(root: &Path, others: &Others) -> Result<()> {
    let mut command = process::cargo(root);
    // One feature set for the whole workspace: another one anywhere builds DataFusion again.
    command.args(["test", "--workspace", "--locked"]);
    for (variable, path) in [
        (PYTHON_VARIABLE, &others.python),
        (CLIENTS_VARIABLE, &others.clients),
        (CHROMIUM_VARIABLE, &others.chromium),
    ] {
        match path {
            Some(path) => command.env(variable, path),
            None => command.env_remove(variable),
        };
    }
    process::run(
        &mut command,
        "the failing test is named above; `cargo test -p CRATE NAME` repeats it alone",
    )
}
