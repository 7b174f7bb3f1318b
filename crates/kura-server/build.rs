//! Builds the page with npm when the `page` feature is on, and says in one line what is
//! missing when it cannot.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

fn main() -> ExitCode {
    match std::env::var_os("CARGO_FEATURE_PAGE").map(|_| page()) {
        None | Some(Ok(())) => ExitCode::SUCCESS,
        Some(Err(problem)) => {
            println!(
                "cargo::error=the page: {problem} (or build without it: --no-default-features)"
            );
            ExitCode::FAILURE
        }
    }
}

fn page() -> Result<(), String> {
    let ui = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../ui");
    for watched in ["src", "public", "index.html", "package-lock.json", "vite.config.ts"] {
        println!("cargo::rerun-if-changed={}", ui.join(watched).display());
    }
    println!("cargo::rerun-if-env-changed=KURA_PAGE_DIST");
    let dist = match std::env::var_os("KURA_PAGE_DIST") {
        // Somebody built it already.
        Some(built) => PathBuf::from(built),
        None => build(&ui)?,
    };
    println!("cargo::rustc-env=KURA_PAGE_DIST={}", dist.display());
    Ok(())
}

fn build(ui: &Path) -> Result<PathBuf, String> {
    let out = PathBuf::from(std::env::var_os("OUT_DIR").unwrap_or_default()).join("page");
    if needs_packages(ui) {
        npm(ui, &["ci", "--no-audit", "--no-fund"])?;
        let stamp = ui.join("node_modules/.installed-from-lock.json");
        let _ = std::fs::copy(ui.join("package-lock.json"), stamp);
    }
    npm(ui, &["run", "build", "--", "--outDir", &out.display().to_string(), "--emptyOutDir"])?;
    Ok(out)
}

/// Packages are installed anew when the lock file is not the one they were installed from.
fn needs_packages(ui: &Path) -> bool {
    let lock = std::fs::read(ui.join("package-lock.json")).ok();
    let installed = std::fs::read(ui.join("node_modules/.installed-from-lock.json")).ok();
    lock.is_none() || lock != installed
}

fn npm(ui: &Path, args: &[&str]) -> Result<(), String> {
    let outcome = Command::new("npm").args(args).current_dir(ui).output();
    match outcome {
        Ok(output) if output.status.success() => Ok(()),
        Ok(output) => Err(format!(
            "`npm {}` failed in ui/: {}{}",
            args.join(" "),
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        )),
        Err(error) => {
            Err(format!("npm cannot be run ({error}): install Node 20.19 or later with npm"))
        }
    }
}
