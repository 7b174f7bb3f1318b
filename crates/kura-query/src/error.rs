//! What can go wrong with a question, and whose fault it was.

use std::time::Duration;

use arrow::error::ArrowError;
use datafusion::common::{DataFusionError, SchemaError};
use kura_core::identity::NotAllowed;
use kura_store::StoreError;

use crate::near::did_you_mean;

pub type Result<T> = std::result::Result<T, QueryError>;

/// Whose fault it was, and whether asking again may help.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// The statement, or the search, is wrong.
    Statement,
    /// It is forbidden to this identity, or to everybody.
    NotAllowed,
    Timeout,
    Cancelled,
    /// It needs more memory or disk than Kura may take.
    Resources,
    /// Kura's fault, or the storage's.
    Internal,
}

#[derive(Debug, thiserror::Error)]
pub enum QueryError {
    #[error("{message}")]
    Statement { message: String, hint: Option<String> },
    #[error("no table `{name}` in this lake")]
    NoTable { name: String, hint: Option<String> },
    #[error("{0}")]
    NotAllowed(String),
    #[error("the statement took longer than {} s", .0.as_secs_f64())]
    Timeout(Duration),
    #[error("the statement was cancelled")]
    Cancelled,
    #[error("{message}")]
    Resources { message: String },
    #[error("the lake")]
    Store(#[from] StoreError),
    #[error("the query engine: {message}")]
    Internal { message: String },
}

const MEMORY_HINT: &str = "ask for less at once (a shorter time, fewer columns, a limit), or give Kura more with `--memory`";

impl QueryError {
    pub(crate) fn statement(message: impl Into<String>) -> Self {
        QueryError::Statement { message: message.into(), hint: None }
    }

    pub(crate) fn with_hint(message: impl Into<String>, hint: Option<String>) -> Self {
        QueryError::Statement { message: message.into(), hint }
    }

    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        match self {
            QueryError::Statement { .. } | QueryError::NoTable { .. } => ErrorKind::Statement,
            QueryError::NotAllowed(_) => ErrorKind::NotAllowed,
            QueryError::Timeout(_) => ErrorKind::Timeout,
            QueryError::Cancelled => ErrorKind::Cancelled,
            QueryError::Resources { .. } => ErrorKind::Resources,
            QueryError::Store(_) | QueryError::Internal { .. } => ErrorKind::Internal,
        }
    }

    /// What to try instead.
    #[must_use]
    pub fn hint(&self) -> Option<&str> {
        match self {
            QueryError::Statement { hint, .. } | QueryError::NoTable { hint, .. } => {
                hint.as_deref()
            }
            QueryError::Resources { .. } => Some(MEMORY_HINT),
            QueryError::Timeout(_) => Some("ask for a shorter time, or allow more"),
            _ => None,
        }
    }
}

impl From<NotAllowed> for QueryError {
    fn from(error: NotAllowed) -> Self {
        QueryError::NotAllowed(error.to_string())
    }
}

impl From<DataFusionError> for QueryError {
    fn from(error: DataFusionError) -> Self {
        match error {
            DataFusionError::Context(_, inner) | DataFusionError::Diagnostic(_, inner) => {
                (*inner).into()
            }
            DataFusionError::Collection(mut errors) if !errors.is_empty() => {
                errors.swap_remove(0).into()
            }
            DataFusionError::External(inner) => from_external(inner),
            DataFusionError::SchemaError(error, _) => from_schema(&error),
            DataFusionError::ArrowError(error, _) => from_arrow(*error),
            other => from_variant(&other),
        }
    }
}

impl From<ArrowError> for QueryError {
    fn from(error: ArrowError) -> Self {
        from_arrow(error)
    }
}

/// Errors of our own come back from the planner in a box.
fn from_external(inner: Box<dyn std::error::Error + Send + Sync>) -> QueryError {
    let inner = match inner.downcast::<QueryError>() {
        Ok(own) => return *own,
        Err(inner) => inner,
    };
    let inner = match inner.downcast::<StoreError>() {
        Ok(store) => return QueryError::Store(*store),
        Err(inner) => inner,
    };
    match inner.downcast::<DataFusionError>() {
        Ok(error) => (*error).into(),
        Err(other) => QueryError::Internal { message: other.to_string() },
    }
}

fn from_schema(error: &SchemaError) -> QueryError {
    let SchemaError::FieldNotFound { field, valid_fields } = error else {
        return QueryError::statement(plain(&error.to_string()));
    };
    let names = valid_fields.iter().map(|valid| valid.name.as_str());
    let near = did_you_mean(&field.name, names);
    QueryError::with_hint(format!("no column `{}`", field.name), near)
}

fn from_arrow(error: ArrowError) -> QueryError {
    match error {
        ArrowError::ExternalError(inner) => from_external(inner),
        ArrowError::IoError(message, _) | ArrowError::ParquetError(message) => {
            QueryError::Internal { message }
        }
        ArrowError::MemoryError(message) => QueryError::Resources { message },
        other => QueryError::statement(plain(&other.to_string())),
    }
}

fn from_variant(error: &DataFusionError) -> QueryError {
    let root = error.find_root();
    let message = plain(&root.message());
    match root {
        DataFusionError::ResourcesExhausted(_) => QueryError::Resources {
            message: format!("the statement needs more memory than it may have: {message}"),
        },
        DataFusionError::SQL(..)
        | DataFusionError::Plan(_)
        | DataFusionError::SchemaError(..)
        | DataFusionError::Execution(_)
        | DataFusionError::NotImplemented(_)
        | DataFusionError::Configuration(_)
        | DataFusionError::ArrowError(..) => {
            let (message, hint) = split_hint(&message);
            QueryError::Statement { message, hint }
        }
        _ => QueryError::Internal { message },
    }
}

/// The first line, as ours are written; DataFusion wraps some, and appends what to do to others.
fn split_hint(message: &str) -> (String, Option<String>) {
    const OWN: &str = "user-defined coercion failed with: Error during planning: ";
    if let Some((_, own)) = message.split_once(OWN) {
        let own = own.split(". No function matches").next().unwrap_or(own);
        return (own.to_owned(), None);
    }
    match message.split_once(".\nDid you mean ") {
        Some((what, names)) => {
            let name = names.trim_end_matches('?').trim_matches('\'');
            (what.to_owned(), Some(format!("did you mean `{name}`?")))
        }
        None => (message.to_owned(), None),
    }
}

/// Without the prefixes and the parser's own wrapping that say nothing to a person.
fn plain(message: &str) -> String {
    let mut text = message.split("\n\nbacktrace:").next().unwrap_or(message).trim();
    for wrapped in ["ParserError(\"", "TokenizerError(\""] {
        if let Some(inner) = text.strip_prefix(wrapped) {
            text = inner.trim_end_matches("\")");
        }
    }
    for prefix in [
        "sql parser error: ",
        "Schema error: ",
        "Error during planning: ",
        "Cast error: ",
        "Execution error: ",
    ] {
        text = text.strip_prefix(prefix).unwrap_or(text);
    }
    let mut chars = text.chars();
    match (chars.next(), chars.next()) {
        // `SQL …` stays, `Expected …` does not.
        (Some(first), Some(second))
            if first.is_ascii_uppercase() && !second.is_ascii_uppercase() =>
        {
            format!("{}{}", first.to_ascii_lowercase(), &text[1..])
        }
        _ => text.to_owned(),
    }
}
