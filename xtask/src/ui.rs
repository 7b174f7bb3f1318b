//! The page's packages and its own checks, through npm.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};

use crate::process;

/// `npm ci`, when `node_modules` is not what `package-lock.json` says.
pub fn install(root: &Path) -> Result<()> {
    let folder = root.join("ui");
    let wanted = fs::read(folder.join("package-lock.json"))
        .context("reading ui/package-lock.json: it is checked in, `git checkout` it")?;
    let stamp = folder.join("node_modules/.installed-from-lock.json");
    if fs::read(&stamp).is_ok_and(|installed| installed == wanted) {
        println!("ui/node_modules is up to date");
        return Ok(());
    }
    npm(
        root,
        &["ci", "--no-audit", "--no-fund"],
        "npm's lines above say why (it needs the npm registry); `npm ci` in ui/ repeats it",
    )?;
    fs::write(&stamp, wanted).context("writing the stamp of ui/node_modules")
}

/// Types and components.
pub fn check(root: &Path) -> Result<()> {
    npm(
        root,
        &["run", "--silent", "check"],
        "mend the page's code; `npm run check` in ui/ repeats this",
    )
}

/// The page's unit tests.
pub fn test(root: &Path) -> Result<()> {
    npm(root, &["test", "--silent"], "mend the page's code; `npm test` in ui/ repeats this")
}

fn npm(root: &Path, arguments: &[&str], remedy: &str) -> Result<()> {
    process::run(Command::new("npm").args(arguments).current_dir(root.join("ui")), remedy)
}
