//! What must be on the machine before anything is built: each missing thing is one line that
//! says how to get it, and all are named at once.

use std::env;

use anyhow::{Result, bail};

use crate::{process, python};

/// What Vite and Vitest ask for.
const NODE_MIN: (u32, u32) = (20, 19);

/// Checks everything; `with_python` where the readers are tried too.
pub fn check(with_python: bool) -> Result<()> {
    let mut missing: Vec<String> =
        [cargo(), c_compiler(), make(), node(), npm(), git()].into_iter().flatten().collect();
    if with_python && let Err(error) = python::find() {
        missing.push(format!("{error:#}"));
    }
    for line in &missing {
        eprintln!("missing: {line}");
    }
    match missing.len() {
        0 => Ok(()),
        count => {
            bail!("{count} of the things that the tests need are missing: see the lines above")
        }
    }
}

fn cargo() -> Option<String> {
    let program = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    match process::first_line(program, &["--version"]) {
        Some(_) => None,
        None => Some("cargo: install Rust with rustup (https://rustup.rs)".to_owned()),
    }
}

fn c_compiler() -> Option<String> {
    let named = env::var("CC").unwrap_or_else(|_| "cc".to_owned());
    match process::find(&named) {
        Some(_) => None,
        None => Some(format!(
            "a C compiler (`{named}`), for zstd and SQLite: `apt-get install gcc libc6-dev`, \
             or set CC"
        )),
    }
}

fn make() -> Option<String> {
    match process::find("make") {
        Some(_) => None,
        None => Some("make, for jemalloc: `apt-get install make`".to_owned()),
    }
}

fn node() -> Option<String> {
    let wanted =
        format!("Node {}.{} or newer, for the page: https://nodejs.org", NODE_MIN.0, NODE_MIN.1);
    let Some(version) = process::first_line("node", &["--version"]) else {
        return Some(wanted);
    };
    let mut numbers =
        version.trim_start_matches('v').split('.').map_while(|text| text.parse::<u32>().ok());
    match (numbers.next(), numbers.next()) {
        (Some(major), Some(minor)) if (major, minor) >= NODE_MIN => None,
        _ => Some(format!("{wanted} (found `{version}`)")),
    }
}

fn npm() -> Option<String> {
    match process::first_line("npm", &["--version"]) {
        Some(_) => None,
        None => Some(
            "npm, which comes with Node: `apt-get install npm` or https://nodejs.org".to_owned(),
        ),
    }
}

fn git() -> Option<String> {
    match process::first_line("git", &["--version"]) {
        Some(_) => None,
        None => Some("git, to list the repository's files: `apt-get install git`".to_owned()),
    }
}
