//! One file per command.

pub mod check;
pub mod compact;
pub mod demo;
pub mod formats;
pub mod generate;
pub mod import;
pub mod prompt;
pub mod quarantine;
pub mod reparse;
pub mod search;
pub mod serve;
pub mod sources;
pub mod sql;
pub mod tables;
pub mod tail;
pub mod send;
pub mod expire;
pub mod config;
