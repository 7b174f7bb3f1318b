//! `cargo xtask deny`: every dependency's licence and source, against `deny.toml`.
//!
//! The short form of cargo-deny that needs no installation: it reads the same list. cargo-deny
//! itself (advisories, double versions, licence texts) runs in `cargo xtask ci` where installed.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::steps::Outcome;
use crate::{process, repo};

const CRATES_IO: &str = "registry+https://github.com/rust-lang/crates.io-index";

pub fn run() -> Result<()> {
    let root = repo::root();
    let policy = fs::read_to_string(root.join("deny.toml")).context("reading `deny.toml`")?;
    let allowed = allowed_licences(&policy)?;
    let metadata = repo::metadata(&root, true)?;
    let packages = metadata["packages"].as_array().context("`cargo metadata` names no packages")?;
    let members: Vec<&Value> =
        metadata["workspace_members"].as_array().into_iter().flatten().collect();
    let outside: Vec<&Value> =
        packages.iter().filter(|package| !members.contains(&&package["id"])).collect();
    let problems: Vec<String> =
        outside.iter().filter_map(|package| problem(package, &allowed)).collect();
    for problem in &problems {
        eprintln!("{problem}");
    }
    if !problems.is_empty() {
        bail!(
            "{} dependencies do not pass: choose another crate, or change deny.toml and say why there",
            problems.len()
        );
    }
    println!("{} dependencies: licences and sources pass", outside.len());
    Ok(())
}

/// The full check, where it is installed.
pub fn cargo_deny(root: &Path) -> Result<Outcome> {
    if process::find("cargo-deny").is_none() {
        return Ok(Outcome::Skipped(
            "not installed: `cargo install cargo-deny --locked` (ten minutes)".to_owned(),
        ));
    }
    let mut check = process::cargo(root);
    check.args([
        "deny",
        "--all-features",
        "check",
        "--hide-inclusion-graph",
        "bans",
        "licenses",
        "sources",
    ]);
    process::run(&mut check, "choose another crate, or change deny.toml and say why there")?;
    if process::cargo(root)
        .args(["deny", "fetch", "db"])
        .status()
        .is_ok_and(|status| status.success())
    {
        let mut advisories = process::cargo(root);
        advisories.args(["deny", "--all-features", "check", "--disable-fetch", "advisories"]);
        process::run(
            &mut advisories,
            "take a version without the advisory, or ignore it in deny.toml with the reason",
        )?;
    } else {
        println!("advisories were not checked: their database is out of reach from here");
    }
    Ok(Outcome::Passed)
}

/// What is wrong with a package, if anything.
fn problem(package: &Value, allowed: &[String]) -> Option<String> {
    let name = format!("{} {}", text(&package["name"]), text(&package["version"]));
    if package["source"] != CRATES_IO {
        return Some(format!(
            "{name}: comes from `{}`, not from crates.io",
            text(&package["source"])
        ));
    }
    match package["license"].as_str() {
        Some(licence) if passes(licence, allowed) => None,
        Some(licence) => Some(format!("{name}: `{licence}` is not on the list in deny.toml")),
        None => Some(format!("{name}: names no licence")),
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or("nowhere")
}

/// The strings of `allow = […]` below `[licenses]`.
fn allowed_licences(policy: &str) -> Result<Vec<String>> {
    let section = policy.split("\n[licenses]").nth(1).context("deny.toml has no `[licenses]`")?;
    let list = section
        .split("\nallow = [")
        .nth(1)
        .context("deny.toml has no `allow = [` below `[licenses]`")?;
    let list = list.split("\n]").next().unwrap_or_default();
    let lines = list.lines().map(|line| line.split('#').next().unwrap_or_default());
    let items = lines.flat_map(|line| line.split('"').skip(1).step_by(2));
    Ok(items.map(str::to_owned).collect())
}

/// Whether an SPDX expression can be met with the allowed licences alone. `/` is the old way to
/// write `OR`. `A WITH B` must be listed as such.
fn passes(expression: &str, allowed: &[String]) -> bool {
    let spaced = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut at = 0;
    let result = any_of(&words, &mut at, allowed);
    result && at == words.len()
}

fn any_of(words: &[&str], at: &mut usize, allowed: &[String]) -> bool {
    let mut result = all_of(words, at, allowed);
    while words.get(*at) == Some(&"OR") {
        *at += 1;
        result |= all_of(words, at, allowed);
    }
    result
}

fn all_of(words: &[&str], at: &mut usize, allowed: &[String]) -> bool {
    let mut result = one(words, at, allowed);
    while words.get(*at) == Some(&"AND") {
        *at += 1;
        result &= one(words, at, allowed);
    }
    result
}

fn one(words: &[&str], at: &mut usize, allowed: &[String]) -> bool {
    let Some(word) = words.get(*at) else { return false };
    *at += 1;
    if *word == "(" {
        let result = any_of(words, at, allowed);
        *at += 1; // the closing parenthesis
        return result;
    }
    let mut licence = (*word).to_owned();
    if words.get(*at) == Some(&"WITH") {
        licence = format!("{licence} WITH {}", words.get(*at + 1).unwrap_or(&""));
        *at += 2;
    }
    allowed.contains(&licence)
}

#[cfg(test)]
mod tests {
    use super::{allowed_licences, passes};

    #[test]
    fn reads_the_list_of_the_policy() {
        let policy = "x = 1\n[licenses]\nversion = 2\nallow = [\n  \"MIT\", # \"quoted\"\n  \"ISC\",\n]\nallow2 = [\"GPL\"]\n";
        assert_eq!(allowed_licences(policy).unwrap(), ["MIT", "ISC"]);
        assert!(allowed_licences("[bans]").is_err());
    }

    #[test]
    fn understands_licence_expressions() {
        let allowed = ["MIT", "ISC", "Apache-2.0 WITH LLVM-exception"].map(str::to_owned);
        for (expression, expected) in [
            ("MIT", true),
            ("GPL-3.0", false),
            ("MIT/GPL-3.0", true),
            ("GPL-3.0 OR MIT", true),
            ("GPL-3.0 AND MIT", false),
            ("MIT AND ISC", true),
            ("(GPL-3.0 OR MIT) AND ISC", true),
            ("(GPL-3.0 OR MIT) AND GPL-2.0", false),
            ("MIT AND (ISC OR GPL-3.0) AND ISC", true),
            ("Apache-2.0 WITH LLVM-exception OR GPL-3.0", true),
            ("Apache-2.0", false),
            ("", false),
        ] {
            assert_eq!(passes(expression, &allowed), expected, "{expression}");
        }
    }
}
