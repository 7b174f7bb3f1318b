//! Named steps, timed; the list at the end tells what ran, what was left out, and what it cost.

use std::time::Instant;

use anyhow::Result;

/// How a step ended that did not fail.
pub enum Outcome {
    Passed,
    /// Left out, with the reason.
    Skipped(String),
}

#[derive(Default)]
pub struct Steps {
    lines: Vec<String>,
}

impl Steps {
    /// Runs one step; a failure is noted and handed on.
    pub fn run(&mut self, name: &str, step: impl FnOnce() -> Result<Outcome>) -> Result<()> {
        println!("\n── {name}");
        let start = Instant::now();
        let result = step();
        let seconds = start.elapsed().as_secs_f64();
        let outcome = match &result {
            Ok(Outcome::Passed) => "ok".to_owned(),
            Ok(Outcome::Skipped(reason)) => format!("left out: {reason}"),
            Err(_) => "FAILED".to_owned(),
        };
        self.lines.push(format!("{seconds:>8.1} s  {name}: {outcome}"));
        result.map(|_| ())
    }

    /// A step that is never left out.
    pub fn pass(&mut self, name: &str, step: impl FnOnce() -> Result<()>) -> Result<()> {
        self.run(name, || step().map(|()| Outcome::Passed))
    }

    /// Prints the list, whether or not all went well, and hands the result on.
    pub fn finish(self, result: Result<()>) -> Result<()> {
        println!("\n── steps");
        for line in &self.lines {
            println!("{line}");
        }
        result
    }
}
