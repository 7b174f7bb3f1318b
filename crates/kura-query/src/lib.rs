//! SQL and search over the lake. One [`Engine`] per process answers every face's questions:
//! statements ([`Engine::sql`]), searches, histograms, top values of fields, what tables
//! there are, where their rows come from, and what of them has no column.
//!
//! A question sees one snapshot of each table it names. Files that cannot matter are left
//! out by what the table's log says of them; the rest is DataFusion's.

pub mod near;
pub mod error;
pub mod stats;
pub mod functions;
pub mod leftovers;
pub mod origins;
mod latest;
mod flat;
mod pruning;
mod needles;
mod readers;
mod hot_rows;
mod provider;
mod planning;
mod statement;
mod catalog;
pub mod answer;
mod surveys;
pub mod engine;
pub mod tables;
pub mod terms;
mod resolve;
mod scope;
pub mod search;
pub mod histogram;
pub mod fields;
pub mod tail;
mod drift;
mod sources;

pub use answer::{Answer, QueryOptions};
pub use engine::Engine;
pub use error::{ErrorKind, QueryError, Result};
pub use fields::{FieldValues, FieldsAnswer, FieldsRequest, ValueCount};
pub use histogram::{Bucket, HistogramAnswer, HistogramRequest};
pub use leftovers::{DriftField, DriftKind, Leftovers};
pub use origins::Source;
pub use search::{SearchAnswer, SearchRequest};
pub use stats::Stats;
pub use surveys::Quarantined;
pub use tables::{ColumnInfo, TableInfo, TableKind};
pub use tail::{Followed, Tail, TailRequest};
