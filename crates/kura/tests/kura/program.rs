//! Running `kura`, and a demo's lake that several tests read.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::LazyLock;

const HEEDED: [&str; 7] = [
    "KURA_LAKE",
    "KURA_MEMORY",
    "KURA_THREADS",
    "KURA_LISTEN",
    "KURA_LOG",
    "KURA_CONFIG",
    "KURA_UPKEEP",
];

/// The program, with nothing of the caller's environment that it would heed.
pub fn kura() -> Command {
    kura_at(Path::new(env!("CARGO_BIN_EXE_kura")))
}

/// The same of another build.
pub fn kura_at(program: &Path) -> Command {
    let mut command = Command::new(program);
    for name in HEEDED {
        command.env_remove(name);
    }
    command.stdin(Stdio::null());
    command
}

pub struct Run {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

pub fn run(args: &[&str]) -> Run {
    finish(&kura().args(args).output().expect("kura runs"))
}

pub fn finish(output: &Output) -> Run {
    Run {
        code: output.status.code(),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// Runs and expects success.
#[track_caller]
pub fn ok(args: &[&str]) -> Run {
    let run = run(args);
    assert_eq!(run.code, Some(0), "kura {args:?}\n{}{}", run.stdout, run.stderr);
    run
}

pub fn text(path: &Path) -> &str {
    path.to_str().expect("a path that is text")
}

/// A small demo, made once for all tests that only read.
pub struct DemoLake {
    folder: tempfile::TempDir,
    pub output: String,
}

impl DemoLake {
    pub fn lake(&self) -> PathBuf {
        self.folder.path().join("lake")
    }

    pub fn bucket(&self) -> PathBuf {
        self.folder.path().join("bucket")
    }
}

pub const DEMO_ARGS: [&str; 5] = ["--events", "5000", "--days", "3", "--no-serve"];

pub static DEMO: LazyLock<DemoLake> = LazyLock::new(|| {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let args: Vec<&str> =
        ["demo", "--dir", text(folder.path())].into_iter().chain(DEMO_ARGS).collect();
    let output = ok(&args).stdout;
    DemoLake { folder, output }
});
