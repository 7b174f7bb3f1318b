//! Where things lie in the repository.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::process;

/// The repository's folder. Known from the build, so that `cargo xtask` works in every folder
/// below it.
pub fn root() -> PathBuf {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    manifest.parent().unwrap_or(manifest).to_path_buf()
}

/// Every file that is tracked or about to be: new files count, ignored ones do not. Relative,
/// sorted, existing.
pub fn files(root: &Path) -> Result<Vec<String>> {
    let mut command = Command::new("git");
    // In containers the checkout often belongs to another user; reading names is harmless.
    command.args([
        "-c",
        "safe.directory=*",
        "ls-files",
        "-z",
        "--cached",
        "--others",
        "--exclude-standard",
    ]);
    let list = process::output(command.current_dir(root), "install git, or run in a clone")?;
    let mut files: Vec<String> =
        list.split('\0').filter(|file| root.join(file).is_file()).map(str::to_owned).collect();
    files.sort();
    files.dedup();
    Ok(files)
}

/// `cargo metadata`. Without `dependencies`, only the workspace's own packages.
pub fn metadata(root: &Path, dependencies: bool) -> Result<Value> {
    let mut command = process::cargo(root);
    command.args(["metadata", "--format-version", "1"]);
    if !dependencies {
        command.arg("--no-deps");
    }
    let text = process::output(&mut command, "the line above says what is wrong in a Cargo.toml")?;
    serde_json::from_str(&text).context("reading the output of `cargo metadata`")
}

/// The folder that cargo builds into, wherever the person keeps it.
pub fn target(root: &Path) -> Result<PathBuf> {
    let metadata = metadata(root, false)?;
    let folder =
        metadata["target_directory"].as_str().context("`cargo metadata` names no target folder")?;
    Ok(PathBuf::from(folder))
}

/// An empty folder below the target folder, made anew.
pub fn scratch(target: &Path, name: &str) -> Result<PathBuf> {
    let folder = target.join("xtask").join(name);
    if folder.exists() {
        fs::remove_dir_all(&folder).with_context(|| format!("emptying `{}`", folder.display()))?;
    }
    fs::create_dir_all(&folder).with_context(|| format!("making `{}`", folder.display()))?;
    Ok(folder)
}

/// All files below a folder, sorted; none where it is absent.
pub fn walk(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let mut open = vec![folder.to_path_buf()];
    while let Some(folder) = open.pop() {
        if !folder.is_dir() {
            continue;
        }
        for entry in
            fs::read_dir(&folder).with_context(|| format!("reading `{}`", folder.display()))?
        {
            let path = entry?.path();
            if path.is_dir() { open.push(path) } else { files.push(path) }
        }
    }
    files.sort();
    Ok(files)
}
