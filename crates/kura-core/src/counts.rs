//! The numbers that must add up, in one struct for every report.

use std::ops::AddAssign;

use serde::{Deserialize, Serialize};

/// What an import (or one object, or one batch of it) came to.
///
/// `records = stored + duplicates + quarantined + rejected`, always: see [`Counts::adds_up`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Counts {
    /// Objects read in this run.
    pub objects: u64,
    /// Objects that were known already; they add nothing to the other numbers.
    pub skipped_objects: u64,
    /// Objects that could not be read to their end.
    pub failed_objects: u64,
    /// Bytes read, as they lie (compressed).
    pub bytes: u64,
    /// Records read.
    pub records: u64,
    /// Records now in their table.
    pub stored: u64,
    /// Records whose id and content were there already.
    pub duplicates: u64,
    /// Of the stored ones: records whose id was there already with other content.
    pub conflicting: u64,
    /// Records in `quarantine`, with a reason.
    pub quarantined: u64,
    /// Records whose sender was told no.
    pub rejected: u64,
    /// Wall time.
    pub seconds: f64,
}

impl Counts {
    #[must_use]
    pub fn adds_up(&self) -> bool {
        self.records == self.stored + self.duplicates + self.quarantined + self.rejected
    }
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.objects += other.objects;
        self.skipped_objects += other.skipped_objects;
        self.failed_objects += other.failed_objects;
        self.bytes += other.bytes;
        self.records += other.records;
        self.stored += other.stored;
        self.duplicates += other.duplicates;
        self.conflicting += other.conflicting;
        self.quarantined += other.quarantined;
        self.rejected += other.rejected;
        self.seconds += other.seconds;
    }
}
