//! The binary as people run it: commands, exit codes, kills, the demo, other readers, HTTP.

#[path = "kura/program.rs"]
mod program;

#[path = "kura/commands.rs"]
mod commands;
#[path = "kura/demo.rs"]
mod demo;
#[path = "kura/kills.rs"]
mod kills;
#[path = "kura/own_formats.rs"]
mod own_formats;
#[path = "kura/readers.rs"]
mod readers;
#[path = "kura/server.rs"]
mod server;
#[path = "kura/sources.rs"]
mod sources;
