//! Other people's senders from npm, for Kura's tests: the pinned packages of
//! `tests/clients/package.json`, in `target/clients`. Nothing outside `target/` is touched.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::process;

const FOLDER: &str = "tests/clients";
const LOCK: &str = "package-lock.json";

/// The folder of the packages, after they were installed or brought up to date.
pub fn install(root: &Path, target: &Path) -> Result<PathBuf> {
    let from = root.join(FOLDER);
    let folder = target.join("clients");
    let packages = folder.join("node_modules");
    let stamp = packages.join(".installed-from-lock.json");
    let wanted = fs::read(from.join(LOCK)).with_context(|| format!("reading `{FOLDER}/{LOCK}`"))?;
    if fs::read(&stamp).is_ok_and(|installed| installed == wanted) {
        println!("target/clients is up to date");
        return Ok(packages);
    }
    fs::create_dir_all(&folder).context("making target/clients")?;
    for name in ["package.json", LOCK] {
        let copied = fs::copy(from.join(name), folder.join(name));
        copied.with_context(|| format!("copying `{FOLDER}/{name}`"))?;
    }
    let mut npm = Command::new("npm");
    npm.args(["ci", "--no-audit", "--no-fund", "--ignore-scripts"]).current_dir(&folder);
    process::run(&mut npm, "npm's lines above say why (it needs the npm registry)")?;
    fs::write(&stamp, wanted).context("writing the stamp of target/clients")?;
    Ok(packages)
}
