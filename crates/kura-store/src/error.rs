//! What can go wrong with the store: one variant per thing it was doing.

use std::fmt::Display;

pub type Result<T> = std::result::Result<T, StoreError>;

#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("`{0}` is not a place for a lake: {1}")]
    Location(String, String),
    #[error("no lake at `{0}`")]
    NoLake(String),
    #[error("the lake at `{lake}` is of format {found}, this Kura reads and writes {known}")]
    OtherFormat { lake: String, found: u32, known: u32 },
    #[error("another Kura is writing to this lake ({0})")]
    Busy(String),
    #[error("another Kura has taken over writing to this lake")]
    Fenced,
    #[error("no table `{0}` in this lake")]
    NoTable(String),
    #[error("table `{table}` has another column: {what}; was it changed meanwhile? try again")]
    OtherColumn { table: String, what: String },
    #[error("the object store")]
    Objects(#[from] object_store::Error),
    #[error("the table log")]
    Delta(#[from] Box<deltalake_core::DeltaTableError>),
    #[error("a data file")]
    Parquet(#[from] parquet::errors::ParquetError),
    #[error("rows")]
    Arrow(#[from] arrow::error::ArrowError),
    #[error("the ledger on this node")]
    Ledger(#[from] rusqlite::Error),
    #[error("this node's disk, `{path}`")]
    Disk { path: String, source: std::io::Error },
    #[error("`{path}` is damaged: {what}")]
    Damaged { path: String, what: String },
    #[error("a task ended early")]
    Task(#[from] tokio::task::JoinError),
}

impl From<deltalake_core::DeltaTableError> for StoreError {
    fn from(error: deltalake_core::DeltaTableError) -> Self {
        StoreError::Delta(Box::new(error))
    }
}

impl StoreError {
    pub(crate) fn disk(path: &std::path::Path, source: std::io::Error) -> Self {
        StoreError::Disk { path: path.display().to_string(), source }
    }

    pub fn damaged(path: impl Display, what: impl Display) -> Self {
        StoreError::Damaged { path: format!("{path}"), what: format!("{what}") }
    }
}
