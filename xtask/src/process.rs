//! Other programs: found, run, and bounded.

use std::env;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

/// How often a bounded program is asked whether it has ended.
const POLL_INTERVAL: Duration = Duration::from_millis(20);

/// Runs a program on our own terminal until it ends; `remedy` tells a person what to do when it
/// fails.
pub fn run(command: &mut Command, remedy: &str) -> Result<()> {
    let line = describe(command);
    let status = command
        .stdin(Stdio::null())
        .status()
        .with_context(|| format!("`{line}` did not start: {remedy}"))?;
    if !status.success() {
        bail!("`{line}` failed ({status}): {remedy}");
    }
    Ok(())
}

/// What a program wrote to its stdout.
pub fn output(command: &mut Command, remedy: &str) -> Result<String> {
    let line = describe(command);
    let output = command
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .with_context(|| format!("`{line}` did not start: {remedy}"))?;
    if !output.status.success() {
        bail!("`{line}` failed ({}): {remedy}", output.status);
    }
    String::from_utf8(output.stdout)
        .with_context(|| format!("`{line}` wrote text that is not UTF-8"))
}

/// The first line of a program's stdout, or nothing where it is absent or fails.
pub fn first_line(program: impl AsRef<OsStr>, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).stdin(Stdio::null()).output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    output.status.success().then(|| text.lines().next().unwrap_or_default().to_owned())
}

/// Waits for a child, at most `limit`, and calls `look` now and then. Over the limit the child
/// is killed.
pub fn wait_bounded(child: &mut Child, limit: Duration, mut look: impl FnMut(u32)) -> Result<()> {
    let deadline = Instant::now() + limit;
    loop {
        look(child.id());
        if let Some(status) = child.try_wait().context("waiting for a program")? {
            if !status.success() {
                bail!("it failed ({status})");
            }
            return Ok(());
        }
        if Instant::now() > deadline {
            child.kill().context("killing a program over its time")?;
            child.wait().context("waiting for a killed program")?;
            bail!("it was not done after {} s and was killed", limit.as_secs());
        }
        thread::sleep(POLL_INTERVAL);
    }
}

/// Cargo as this run was started with, in the repository.
pub fn cargo(root: &Path) -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root);
    // Set by the `cargo run` around us. Left in, some build scripts (`ring`'s, for one) would
    // see another environment than under a plain `cargo test`, and all above them, DataFusion
    // too, would be built again.
    let ours = ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_", "CARGO_CRATE_", "CARGO_PRIMARY_"];
    for (name, _) in env::vars_os() {
        if ours.iter().any(|prefix| name.to_string_lossy().starts_with(prefix)) {
            command.env_remove(name);
        }
    }
    command
}

/// Where a program lies on the `PATH`.
pub fn find(program: &str) -> Option<PathBuf> {
    if program.contains('/') {
        return Some(PathBuf::from(program)).filter(|path| path.is_file());
    }
    let path = env::var_os("PATH")?;
    env::split_paths(&path).map(|folder| folder.join(program)).find(|path| path.is_file())
}

/// The command line as a person would type it.
fn describe(command: &Command) -> String {
    let program = Path::new(command.get_program());
    let name = program.file_name().unwrap_or(command.get_program());
    let words = std::iter::once(name).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}
