//! `cargo xtask tidy`: the house rules that a machine can check.
//!
//! Each rule is a file here, gives its reason, and names what to do instead. They read text, not
//! syntax trees: a rule that is a little blind costs less than a parser in everybody's first
//! build. What clippy or rustfmt can say is left to them.

mod source;

mod crates;
mod links;
mod modules;
mod names;
mod paths;
mod size;
mod words;

use std::fmt;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::repo;
use source::Source;

#[derive(clap::Args)]
pub struct Arguments {
    /// Also list the ten longest functions
    #[arg(long)]
    verbose: bool,
}

pub fn run(arguments: &Arguments) -> Result<()> {
    let root = repo::root();
    if arguments.verbose {
        let house = House::read(&root)?;
        for line in size::longest(&house.sources, 10) {
            println!("{line}");
        }
    }
    check(&root)
}

/// Prints every broken rule, and fails when there is one.
pub fn check(root: &Path) -> Result<()> {
    let house = House::read(root)?;
    let mut problems = Vec::new();
    for rule in RULES {
        problems.extend(rule(&house));
    }
    problems.sort();
    for problem in &problems {
        eprintln!("{problem}");
    }
    match problems.len() {
        0 => {
            println!("{} files keep the house rules", house.texts.len());
            Ok(())
        }
        count => {
            bail!("{count} places break the house rules: each line above says what to do instead")
        }
    }
}

const RULES: [fn(&House) -> Vec<Problem>; 7] = [
    crates::check,
    modules::check,
    names::check,
    size::check,
    words::check,
    paths::check,
    links::check,
];

/// Everything that the rules look at, read once.
pub struct House {
    /// Every tracked text file: relative name and text.
    pub texts: Vec<(String, String)>,
    /// The Rust files among them.
    pub sources: Vec<Source>,
}

impl House {
    fn read(root: &Path) -> Result<House> {
        let mut texts = Vec::new();
        for file in repo::files(root)? {
            let bytes = fs::read(root.join(&file)).with_context(|| format!("reading `{file}`"))?;
            // What is not UTF-8 is an image or a compressed fixture: no rule looks into it.
            if let Ok(text) = String::from_utf8(bytes) {
                texts.push((file, text));
            }
        }
        Ok(House::new(texts))
    }

    fn new(texts: Vec<(String, String)>) -> House {
        let rust = texts.iter().filter(|(file, _)| file.ends_with(".rs"));
        let sources = rust.map(|(file, text)| Source::new(file, text)).collect();
        House { texts, sources }
    }

    pub fn text(&self, file: &str) -> Option<&str> {
        let at = self.texts.iter().find(|(name, _)| name == file)?;
        Some(&at.1)
    }
}

/// One broken rule, at one place.
#[derive(PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Problem {
    pub file: String,
    /// From 1; 0 is the whole file.
    pub line: usize,
    /// What is wrong, why, and what to do instead.
    pub message: String,
}

impl Problem {
    pub fn new(file: &str, line: usize, message: impl Into<String>) -> Problem {
        Problem { file: file.to_owned(), line, message: message.into() }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => write!(f, "{}: {}", self.file, self.message),
            line => write!(f, "{}:{line}: {}", self.file, self.message),
        }
    }
}

/// The places a rule finds in a made-up house, for the rules' own tests.
#[cfg(test)]
fn found(rule: fn(&House) -> Vec<Problem>, files: &[(&str, &str)]) -> Vec<String> {
    let texts = files.iter().map(|(file, text)| ((*file).to_owned(), (*text).to_owned())).collect();
    let mut problems = rule(&House::new(texts));
    problems.sort();
    problems.iter().map(|problem| format!("{}:{}", problem.file, problem.line)).collect()
}
