//! What one engine knows of whole tables, one kind beside the other.

use serde::Serialize;

use crate::latest::Latest;
use crate::leftovers::Leftovers;
use crate::origins::Source;

#[derive(Debug, Default)]
pub struct Surveys {
    pub leftovers: Latest<Leftovers>,
    pub sources: Latest<Vec<Source>>,
    pub quarantined: Latest<Vec<Quarantined>>,
}

/// Records set aside for one reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Quarantined {
    /// The table they were meant for.
    pub format: String,
    pub reason: String,
    pub rows: u64,
}
