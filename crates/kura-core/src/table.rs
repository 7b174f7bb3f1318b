//! What a table is, and rows on their way into one.
//!
//! Formats describe their table as a [`TableSpec`] and fill [`Rows`]; the store takes both
//! and knows nothing of formats.

use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::{DataType, Field, SchemaRef, TimeUnit};

/// The columns that every table has, by name.
pub mod column {
    pub const TIME: &str = "_time";
    pub const DAY: &str = "day";
    pub const ACCOUNT: &str = "_account";
    pub const REGION: &str = "_region";
    pub const PRINCIPAL: &str = "_principal";
    pub const ACCESSKEY: &str = "_accesskey";
    pub const ADDR: &str = "_addr";
    pub const RESOURCE: &str = "_resource";
    pub const ID: &str = "_id";
    pub const ORIGIN: &str = "_origin";
    pub const EXTRA: &str = "_extra";
    pub const INGESTED: &str = "_ingested";
}

/// Microseconds with UTC: without a zone Delta needs reader version 3.
#[must_use]
pub fn timestamp_type() -> DataType {
    DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()))
}

#[must_use]
pub fn text(name: &str, nullable: bool) -> Field {
    Field::new(name, DataType::Utf8, nullable)
}

#[must_use]
pub fn timestamp(name: &str, nullable: bool) -> Field {
    Field::new(name, timestamp_type(), nullable)
}

/// A table as the store needs to know it.
#[derive(Debug, Clone)]
pub struct TableSpec {
    pub name: Arc<str>,
    /// Every column, `day` included.
    pub schema: SchemaRef,
    /// Columns whose smallest and largest value the Delta log keeps, because they prune.
    pub statistics: Vec<String>,
    /// Columns of text whose values the index file knows: equality on them skips files and
    /// row groups.
    pub needles: Vec<String>,
    /// Columns of text whose values hardly ever repeat: a dictionary of them is a waste.
    pub distinct: Vec<String>,
}

/// Names of columns, for a [`TableSpec`].
#[must_use]
pub fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|&name| name.to_owned()).collect()
}

/// Rows of one table, in the order they were read.
#[derive(Debug, Clone)]
pub struct Rows {
    pub table: Arc<str>,
    pub batch: RecordBatch,
    /// One per row: a hash of the record as received, white space between tokens left out.
    /// Two records with one `_id` and one content are one record.
    pub content: Vec<u64>,
}

/// The hash that ids and contents are known by in index files. Part of the on-disk format.
#[must_use]
pub fn fingerprint(bytes: &[u8]) -> u64 {
    xxhash_rust::xxh3::xxh3_64(bytes)
}
