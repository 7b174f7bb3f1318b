//! What a caller may choose.

use chrono::NaiveDate;

use crate::clock;

/// How much to make up, and from which number. Same options, same bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// Every identifier, time and amount follows from it.
    pub seed: u64,
    /// Number of days; 0 counts as 1.
    pub days: u32,
    /// Different records over all days. The hidden story (about 500 records) is part of them and
    /// stays whole, however few are asked for.
    pub events: u64,
    /// The first day that has no events any more.
    pub end: NaiveDate,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            seed: 1,
            days: 7,
            events: 200_000,
            end: NaiveDate::from_ymd_opt(2026, 11, 21).unwrap_or_default(),
        }
    }
}

impl Options {
    /// The days as seconds since 1970: the first second, and the first one behind the last.
    pub(crate) fn window(&self) -> (i64, i64) {
        let end = clock::midnight(self.end);
        (end - i64::from(self.days.max(1)) * clock::DAY, end)
    }
}
