//! The project's own Python: a virtual environment under `target/python` with the pinned
//! packages of `tests/readers/requirements.txt`. Nothing outside `target/` is touched.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::process;

/// What the pinned packages ask for (numpy and pandas are the ones that do).
const MINOR_MIN: u32 = 11;
const CANDIDATES: [&str; 5] = ["python3", "python3.11", "python3.12", "python3.13", "python3.14"];
const REQUIREMENTS: &str = "tests/readers/requirements.txt";

/// A Python new enough, with the modules that make a virtual environment.
pub fn find() -> Result<PathBuf> {
    let script =
        "import sys, venv, ensurepip; print(sys.version_info[0] * 100 + sys.version_info[1])";
    for name in CANDIDATES {
        let Some(path) = process::find(name) else { continue };
        let version =
            process::first_line(&path, &["-c", script]).and_then(|line| line.parse::<u32>().ok());
        if version.is_some_and(|version| version >= 300 + MINOR_MIN) {
            return Ok(path);
        }
    }
    bail!(
        "Python 3.{MINOR_MIN} or newer with its venv module, for the readers of other engines: \
         `apt-get install python3 python3-venv` (or leave them out: `cargo xtask test --quick`)"
    )
}

/// The environment's Python, after the environment was made or brought up to date.
pub fn environment(root: &Path, target: &Path) -> Result<PathBuf> {
    let folder = target.join("python");
    let python = folder.join("bin/python");
    let stamp = folder.join("installed.txt");
    let requirements = root.join(REQUIREMENTS);
    let wanted = fs::read(&requirements).with_context(|| format!("reading `{REQUIREMENTS}`"))?;
    if python.is_file() && fs::read(&stamp).is_ok_and(|installed| installed == wanted) {
        println!("target/python is up to date");
        return Ok(python);
    }
    if folder.exists() {
        fs::remove_dir_all(&folder).context("removing the old target/python")?;
    }
    println!(
        "installing the packages of {REQUIREMENTS} into target/python (once; some minutes, 1.3 GB)"
    );
    let mut venv = Command::new(find()?);
    process::run(venv.args(["-m", "venv"]).arg(&folder), "`apt-get install python3-venv`")?;
    let mut pip = Command::new(&python);
    pip.args([
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--only-binary=:all:",
    ]);
    pip.arg("--requirement").arg(&requirements);
    process::run(
        &mut pip,
        "look at pip's lines above (a way to the package index and a Python the packages have wheels for \
         are needed), or leave the readers out: `cargo xtask test --quick`",
    )?;
    fs::write(&stamp, wanted).context("writing the stamp of target/python")?;
    Ok(python)
}
