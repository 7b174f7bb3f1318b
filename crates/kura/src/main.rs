//! `kura`: commands in, exit codes out. Data goes to stdout, everything else to stderr.

mod config;
mod terminal;
mod cli;
mod exit;
mod node;
mod context;
mod output;
mod progress;
mod reload;
mod topology;
mod commands;

use clap::Parser;

use crate::cli::{Cli, Command};
use crate::exit::Exit;

#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

/// Deep SQL and JSON are refused long before this is used up.
const STACK_BYTES: usize = 8 << 20;

fn main() -> std::process::ExitCode {
    let cli = Cli::parse_from(cli::arguments(std::env::args_os()));
    terminal::init_logging(cli.verbose, cli.log_format);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .thread_stack_size(STACK_BYTES)
        .build();
    let outcome = match runtime {
        Ok(runtime) => runtime.block_on(run(cli)),
        Err(error) => Err(error.into()),
    };
    match outcome {
        Ok(exit) => exit.into(),
        Err(error) => exit::report(&error).into(),
    }
}

async fn run(cli: Cli) -> anyhow::Result<Exit> {
    let global = cli.global;
    match cli.command {
        Command::Import(args) => commands::import::run(&global, args).await,
        Command::Sql(args) => commands::sql::run(&global, args).await,
        Command::Search(args) => commands::search::run(&global, args).await,
        Command::Tables(args) => commands::tables::run(&global, args).await,
        Command::Sources(args) => commands::sources::run(&global, args).await,
        Command::Formats(args) => commands::formats::run(&global, &args),
        Command::Compact(args) => commands::compact::run(&global, args).await,
        Command::Quarantine(args) => commands::quarantine::run(&global, args).await,
        Command::Reparse(args) => commands::reparse::run(&global, args).await,
        Command::Send(args) => commands::send::run(&global, args).await,
        Command::Expire(args) => commands::expire::run(&global, args).await,
        Command::Tail(args) => commands::tail::run(&global, args).await,
        Command::Config(args) => commands::config::run(&global, &args),
        Command::Serve(args) => commands::serve::run(&global, args).await,
        Command::Demo(args) => commands::demo::run(&global, args).await,
        Command::Gen(args) => commands::generate::run(&args),
    }
}
