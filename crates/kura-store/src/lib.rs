//! The storage contract in one place: what lies where, how a batch becomes visible once and
//! only once, how files are found again, merged and collected.
//!
//! ```text
//! Lake ── tables, snapshots (readers)
//!  └─ Writer ── lease, ledger of known objects, open manifests finished
//!      ├─ rows ─▶ dedupe ─▶ sorted data files + index files   (nobody sees them yet)
//!      └─ commit ─▶ manifest ─▶ one Delta commit per table ─▶ manifest closed
//! ```
//!
//! It knows nothing of log formats and of SQL. `docs/storage.md` is the contract in words.

pub mod error;
pub mod wal;
pub mod location;
mod statistics;
pub mod index;
mod run;
mod datafile;
mod manifest;
mod ledger;
pub mod delta;
mod dedupe;
mod lease;
pub mod hot;
pub mod hot_wire;
pub mod busy;
pub mod lake;
mod origins;
mod rewrite;
pub mod writer;
mod replace;
pub mod compact;
pub mod expire;
pub mod upkeep;

pub use delta::{DataFile, TableSnapshot};
pub use error::{Result, StoreError};
pub use index::IndexFile;
pub use lake::Lake;
pub use location::Location;
pub use origins::origins;
pub use statistics::{ColumnRange, Value};
pub use writer::Writer;
