//! The words every other crate speaks: sizes, times, counts, origins, table
//! specifications, identities; and the outside world (clock, disk, compressed bytes)
//! behind types that cap it, sync it or fake it.
//!
//! It knows nothing of formats, of Delta, of SQL or of HTTP. Modules stand in order:
//! each may use only those above it.

pub mod size;
pub mod time;
pub mod causes;
pub mod clock;
pub mod counts;
pub mod identity;
pub mod table;
pub mod origin;
pub mod inflate;
pub mod memory;
pub mod storage;
pub mod disk;
pub mod intake;
