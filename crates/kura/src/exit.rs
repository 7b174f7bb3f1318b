//! Exit codes, in one place, and how an error is told.

use std::process::ExitCode;

use kura_core::identity::NotAllowed;
use kura_ingest::ImportError;
use kura_query::QueryError;

use crate::config::ConfigError;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    Ok = 0,
    Failed = 1,
    Usage = 2,
    NotAllowed = 4,
    /// What stands in the configuration cannot be.
    Config = 78,
    Interrupted = 130,
    Terminated = 143,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        ExitCode::from(exit as u8)
    }
}

/// A mistake in what was asked for, rather than in what was done.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct UsageError(pub String);

/// Tells the error and what caused it in one line, a hint in another.
pub fn report(error: &anyhow::Error) -> Exit {
    eprintln!("error: {error:#}");
    if let Some(hint) = error.downcast_ref::<QueryError>().and_then(QueryError::hint) {
        eprintln!("hint: {hint}");
    }
    if is::<UsageError>(error) {
        return Exit::Usage;
    }
    if is::<ConfigError>(error) {
        return Exit::Config;
    }
    if is::<NotAllowed>(error) {
        return Exit::NotAllowed;
    }
    match error.downcast_ref::<ImportError>() {
        Some(ImportError::Cancelled) => Exit::Interrupted,
        Some(ImportError::Source(_) | ImportError::OwnFormat(_)) => Exit::Usage,
        _ => Exit::Failed,
    }
}

fn is<E: std::error::Error + Send + Sync + 'static>(error: &anyhow::Error) -> bool {
    error.downcast_ref::<E>().is_some()
}
