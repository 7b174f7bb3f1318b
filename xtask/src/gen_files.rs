//! `cargo xtask gen`: the files that come out of the code and are checked in all the same, so
//! that a change in them is seen in review.
//!
//! `kura gen FOLDER` writes `docs/openapi.json` and `docs/formats/*.md` below FOLDER; from the
//! first of them openapi-typescript makes `ui/src/api/schema.d.ts`. All is written into a scratch
//! folder first and then copied, or with `--check` compared: both see the same files.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::{process, repo, ui};

const OPENAPI: &str = "docs/openapi.json";
const SCHEMA: &str = "ui/src/api/schema.d.ts";
/// Folders in which every file is generated: one that is not written any more is an old one.
const OWNED_FOLDERS: [&str; 1] = ["docs/formats"];

#[derive(clap::Args)]
pub struct Arguments {
    /// Write nothing; fail when a checked-in file differs from what would be written
    #[arg(long)]
    check: bool,
}

pub fn run(arguments: &Arguments) -> Result<()> {
    let root = repo::root();
    let target = repo::target(&root)?;
    ui::install(&root)?;
    if arguments.check { check(&root, &target) } else { write(&root, &target) }
}

/// Fails when a checked-in file is not what the code would write now.
pub fn check(root: &Path, target: &Path) -> Result<()> {
    let made = make(root, target)?;
    let stale = differences(root, &made)?;
    for (file, what) in &stale {
        eprintln!("{}: {what}", file.display());
    }
    match stale.len() {
        0 => Ok(()),
        count => bail!(
            "{count} generated files are not what the code writes: run `cargo xtask gen` and commit them"
        ),
    }
}

fn write(root: &Path, target: &Path) -> Result<()> {
    let made = make(root, target)?;
    for (file, what) in differences(root, &made)? {
        let place = root.join(&file);
        if what == Difference::Old {
            fs::remove_file(&place).with_context(|| format!("removing `{}`", place.display()))?;
        } else {
            let folder = place.parent().context("a generated file lies in a folder")?;
            fs::create_dir_all(folder).with_context(|| format!("making `{}`", folder.display()))?;
            fs::copy(made.join(&file), &place)
                .with_context(|| format!("writing `{}`", place.display()))?;
        }
        println!(
            "{}: {}",
            file.display(),
            if what == Difference::Old { "removed" } else { "written" }
        );
    }
    Ok(())
}

/// Generates everything into a scratch folder laid out like the repository.
fn make(root: &Path, target: &Path) -> Result<PathBuf> {
    let folder = repo::scratch(target, "gen")?;
    let mut build = process::cargo(root);
    // Built as the tests build it: any other selection of crates has other features, and would
    // build DataFusion a second time.
    build.args(["test", "--workspace", "--locked", "--no-run", "--quiet"]);
    process::run(&mut build, "mend the build; `cargo test --workspace --no-run` repeats it")?;
    let mut kura = Command::new(target.join("debug/kura"));
    process::run(
        kura.arg("gen").arg(&folder),
        "`kura gen` writes the generated files; see crates/kura",
    )?;
    let schema = folder.join(SCHEMA);
    fs::create_dir_all(schema.parent().context("a generated file lies in a folder")?)?;
    // What `npm run gen` does, into another place.
    let mut typescript = Command::new(root.join("ui/node_modules/.bin/openapi-typescript"));
    typescript
        .arg(folder.join(OPENAPI))
        .arg("--output")
        .arg(&schema)
        .current_dir(root.join("ui"))
        .stdout(std::process::Stdio::null());
    process::run(
        &mut typescript,
        "`npm ci` in ui/ installs it; otherwise docs/openapi.json is not what it reads",
    )?;
    Ok(folder)
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Difference {
    Missing,
    Other,
    /// Lies in a folder of generated files, and is not written any more.
    Old,
}

impl std::fmt::Display for Difference {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Difference::Missing => "is missing",
            Difference::Other => "differs",
            Difference::Old => "is not generated any more",
        })
    }
}

/// Where `root` is not what was made, by relative name.
fn differences(root: &Path, made: &Path) -> Result<Vec<(PathBuf, Difference)>> {
    let mut found = Vec::new();
    for file in repo::walk(made)? {
        let name = file.strip_prefix(made).context("a file outside the folder walked")?;
        let new = fs::read(&file).with_context(|| format!("reading `{}`", file.display()))?;
        match fs::read(root.join(name)) {
            Ok(old) if old == new => {}
            Ok(_) => found.push((name.to_path_buf(), Difference::Other)),
            Err(_) => found.push((name.to_path_buf(), Difference::Missing)),
        }
    }
    for folder in OWNED_FOLDERS {
        for file in repo::walk(&root.join(folder))? {
            let name = file.strip_prefix(root).context("a file outside the folder walked")?;
            if !made.join(name).exists() {
                found.push((name.to_path_buf(), Difference::Old));
            }
        }
    }
    found.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::{Difference, differences};
    use crate::repo;
    use std::fs;

    #[test]
    fn names_missing_changed_and_old_files() {
        let folder =
            repo::scratch(&std::env::temp_dir(), &format!("gen-test-{}", std::process::id()))
                .unwrap();
        for (file, text) in [
            ("root/docs/openapi.json", "1"),
            ("root/docs/formats/gone.md", "1"),
            ("root/docs/formats/same.md", "1"),
            ("made/docs/openapi.json", "2"),
            ("made/docs/formats/same.md", "1"),
            ("made/docs/formats/new.md", "1"),
        ] {
            fs::create_dir_all(folder.join(file).parent().unwrap()).unwrap();
            fs::write(folder.join(file), text).unwrap();
        }
        let found = differences(&folder.join("root"), &folder.join("made")).unwrap();
        let found: Vec<_> =
            found.iter().map(|(file, what)| (file.to_str().unwrap(), *what)).collect();
        fs::remove_dir_all(&folder).unwrap();
        assert_eq!(
            found,
            [
                ("docs/formats/gone.md", Difference::Old),
                ("docs/formats/new.md", Difference::Missing),
                ("docs/openapi.json", Difference::Other),
            ]
        );
    }
}
