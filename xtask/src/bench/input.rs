//! The files that a benchmark reads: real records multiplied, or those of `kura demo`.

use std::env;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use flate2::read::GzDecoder;

use super::multiply::{Layout, Templates};
use super::{Arguments, Input};
use crate::{process, repo};

/// Where real objects lie unless `$KURA_REAL_LOGS` says otherwise; beside the repository, since
/// they are not ours to give away.
const REAL_LOGS: &str = "../shared/data/cloudtrail";
/// Written last: a folder without it is half made.
const STAMP: &str = "complete";

/// Objects as `AWSLogs/…/*.json.gz` below `folder`.
pub struct Objects {
    pub folder: PathBuf,
    pub description: String,
    /// No record comes twice.
    pub unique: bool,
    pub count: usize,
    pub packed_bytes: u64,
    /// What the objects inflate to: the measure of all speeds.
    pub raw_bytes: u64,
}

/// Makes the input, or finds it made.
pub fn make(root: &Path, target: &Path, kura: &Path, arguments: &Arguments) -> Result<Objects> {
    let real = real_logs(root);
    let use_real = match (arguments.input, &real) {
        (Input::Real, None) => {
            bail!(
                "there are no real records: set KURA_REAL_LOGS to a folder with CloudTrail objects, or `--input demo`"
            )
        }
        (Input::Real | Input::Auto, Some(_)) => true,
        (Input::Demo, _) | (Input::Auto, None) => false,
    };
    let (events, per_object) = (arguments.events, arguments.records_per_object);
    let source = if use_real { "real" } else { "demo" };
    let name = format!("bench-{source}-{events}-{per_object}");
    let folder = target.join("xtask").join(&name);
    if !folder.join(STAMP).is_file() {
        repo::scratch(target, &name)?;
        println!("making {events} {source} records");
        match real.filter(|_| use_real) {
            Some(real) => {
                Templates::read(&real)?.write(&folder, &Layout::new(events, per_object as usize))?
            }
            None => demo(kura, target, &folder, events)?,
        }
        fs::write(folder.join(STAMP), "").context("writing the stamp of the input")?;
    }
    let description = match use_real {
        true => format!("real records, multiplied, {per_object} an object"),
        false => "records of `kura demo`".to_owned(),
    };
    measure(folder, description, use_real)
}

fn real_logs(root: &Path) -> Option<PathBuf> {
    let named = env::var_os("KURA_REAL_LOGS").map(PathBuf::from);
    Some(named.unwrap_or_else(|| root.join(REAL_LOGS))).filter(|folder| folder.is_dir())
}

/// The CloudTrail objects of `kura demo`, moved into `folder`: its other logs are not measured.
fn demo(kura: &Path, target: &Path, folder: &Path, events: usize) -> Result<()> {
    let made = repo::scratch(target, "bench-demo")?;
    let mut command = Command::new(kura);
    command.args(["demo", "--no-serve", "--events", &events.to_string(), "--dir"]).arg(&made);
    process::run(&mut command, "`kura demo --no-serve` writes made-up objects; see crates/kura")?;
    for path in repo::walk(&made)?.iter().filter(|path| is_cloudtrail(path)) {
        let place =
            folder.join(path.strip_prefix(&made).context("a file outside the folder walked")?);
        fs::create_dir_all(place.parent().context("an object lies in a folder")?)?;
        fs::rename(path, &place).with_context(|| format!("moving `{}`", path.display()))?;
    }
    fs::remove_dir_all(&made).context("removing the rest of the demo")
}

fn is_cloudtrail(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name.ends_with(".json.gz") && name.contains("_CloudTrail_")
}

/// Counts the CloudTrail objects, inflating each once: that also brings them all into the page
/// cache, so that neither of the two reads them from disk first.
fn measure(folder: PathBuf, description: String, unique: bool) -> Result<Objects> {
    let mut objects =
        Objects { folder, description, unique, count: 0, packed_bytes: 0, raw_bytes: 0 };
    for path in repo::walk(&objects.folder)?.iter().filter(|path| is_cloudtrail(path)) {
        let name = path.to_string_lossy();
        let file = File::open(path).with_context(|| format!("opening `{name}`"))?;
        objects.count += 1;
        objects.packed_bytes += file.metadata()?.len();
        objects.raw_bytes += io::copy(&mut GzDecoder::new(file), &mut io::sink())?;
    }
    if objects.count == 0 {
        bail!(
            "no CloudTrail object lies in `{}`: remove that folder and run again",
            objects.folder.display()
        );
    }
    Ok(objects)
}
