//! `kura config check`

use crate::cli::{ConfigArgs, ConfigCommand, Global};
use crate::config::Config;
use crate::exit::Exit;

pub fn run(global: &Global, args: &ConfigArgs) -> anyhow::Result<Exit> {
    let ConfigCommand::Check = args.command;
    Config::read(global.config.as_deref())?;
    eprintln!("the configuration is fine");
    Ok(Exit::Ok)
}
