//! The write-ahead log: what came by stream, as it came, before anybody is told that it did.
//!
//! # What it promises
//!
//! - [`Wal`] answers a delivery after its bytes, and the name of the file they are in, are
//!   synced. Several deliveries share a sync.
//! - [`Log::open`] always succeeds if the disk can be read: what is torn or rotten is copied
//!   aside, counted and reported as [`Damage`], and everything else is there.
//! - A delivery that was refused is not there, or was never said to be: at worst what a sender
//!   was not told of comes to light after a crash.
//! - Every record has a sequence number, given once and never to another.
//!
//! # How it lies
//!
//! `<data>/wal/<first sequence>.wal`, a segment of 64 MiB or so:
//!
//! ```text
//! header   "KuraWAL1"  first u64  refused u64  crc u32      sequences from `refused` to
//! frame    "KwF1"  bytes u32  first u64  records u32            `first` were never acknowledged
//!          payload's crc u32  header's crc u32
//!          payload: arrival, input, stream, key, times and lengths, the records' bytes
//! frame    …
//! ```
//!
//! A segment is appended to, synced, closed for good, and deleted as a whole once a batch holds
//! all its records ([`Log::forget`]). After any failure to write, and after each start, a new
//! one is begun: nothing is ever written behind bytes that may be damaged, and a failed sync is
//! never tried again on the same file, because the second one would succeed without the data.
//!
//! # Where readers are
//!
//! A [`Cursor`] says which records a reader is done with: all before `next`, but for few that
//! it holds back. It is kept where the reader's outcome is kept, in the manifest of the batch
//! that stores the records; the log itself knows none.

mod keys;
mod frame;
mod scanner;
mod log;
mod reader;
mod group;

pub use frame::{StoredDelivery, encode};
pub use group::{Wal, WalOptions, Writing};
pub use keys::{KEYS_MAX, KeyHash};
pub use log::{Damage, Log, Replay};
pub use reader::Reader;

use serde::{Deserialize, Serialize};

/// Which records of the log are done with.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor {
    /// All before this one,
    pub next: u64,
    /// but for these, ascending.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pending: Vec<u64>,
}

impl Cursor {
    /// The first record that is still wanted.
    #[must_use]
    pub fn first_wanted(&self) -> u64 {
        self.pending.first().copied().unwrap_or(self.next)
    }

    /// The same for two readers, of which the other wants all from `first` on.
    #[must_use]
    pub fn wanted_from(&self, first: u64) -> Cursor {
        let pending = if first < self.first_wanted() { vec![first] } else { self.pending.clone() };
        Cursor { next: self.next, pending }
    }

    /// Whether a reader that is here was there before, or still is. Where it reads nothing, it
    /// may let go of what it held back.
    #[must_use]
    pub fn covers(&self, other: &Cursor) -> bool {
        (self.next, other.pending.len()) >= (other.next, self.pending.len())
    }

    #[must_use]
    pub fn wants(&self, sequence: u64) -> bool {
        sequence >= self.next || self.pending.binary_search(&sequence).is_ok()
    }
}

#[cfg(test)]
mod tests;
