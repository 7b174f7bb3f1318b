//! `cargo xtask …`: what people and machines run on this repository.
//!
//! One file per command; each says in its first lines what it promises. Nothing here is linked
//! into `kura`, and nothing of Kura is linked in here: that keeps the first build short.

// A program for a terminal, outside the house whose time, output and exits are reached through
// `kura-core` and `crates/kura`.
#![allow(clippy::print_stdout, clippy::disallowed_methods)]

mod process;
mod repo;
mod steps;

mod python;
mod prerequisites;
mod ui;
mod clients;

mod gen_files;
mod licences;
mod page;
mod tidy;

mod bench;
mod fuzz;
mod torture;
mod test;
mod ci;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(bin_name = "cargo xtask", about = "What people and machines run on this repository")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run every test: the page, the Rust crates, the readers, the house rules
    Test(test::Arguments),
    /// Check the house rules that a machine can check
    Tidy(tidy::Arguments),
    /// Write the files that come out of the code: OpenAPI, reference pages, TypeScript types
    Gen(gen_files::Arguments),
    /// Check every dependency's licence and source against deny.toml
    Deny,
    /// Try to break the decoders for as long as one likes
    Fuzz(fuzz::Arguments),
    /// Kill a server again and again while events come, and look whether all of them are there
    Torture(torture::Arguments),
    /// Run what must pass before a change goes in: format, lints, tidy, gen, deny, test
    Ci,
    /// Measure Kura beside a peer on the same files
    Bench(bench::Arguments),
}

fn main() -> ExitCode {
    let result = match Arguments::parse().command {
        Command::Test(arguments) => test::run(&arguments),
        Command::Tidy(arguments) => tidy::run(&arguments),
        Command::Gen(arguments) => gen_files::run(&arguments),
        Command::Deny => licences::run(),
        Command::Fuzz(arguments) => fuzz::run(&arguments),
        Command::Torture(arguments) => torture::run(&arguments),
        Command::Ci => ci::run(),
        Command::Bench(arguments) => bench::run(&arguments),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
