//! Records that arrived in pieces over a stream, put together again.
//!
//! Container runtimes cut long lines, at 16 KiB, and send each part as a record of its own;
//! programs write one event as many lines. A [`Joiner`] takes records in the order of their
//! sequence numbers and gives out whole ones:
//!
//! 1. parts of one line are put together (`parts`);
//! 2. lines of one event are put together, where a rule says so (`lines`, `languages`).
//!
//! It holds back only what waits for something, and no more than its rules allow; whatever meets
//! a cap comes out as it came, with the reason. Nothing is lost and nothing comes twice: every
//! sequence pushed comes out in exactly one record. Time is what the caller says it is.
//!
//! Records of a container and output come out in their order, with one exception: a line whose
//! parts have numbers comes out when it is whole, and whole lines do not wait for it. Where parts
//! come in order, nothing stands between them; where they do not, there is no order to keep.

use std::fmt;
use std::sync::Arc;

use kura_core::time::{MICROS_PER_SECOND, Micros};

mod facts;
mod torn;
mod waiting;
mod rules;
mod languages;
mod patterns;
mod parts;
mod lines;

pub use languages::Language;
pub use rules::{JoinRules, OwnRule};
pub use torn::torn_ends;

use lines::Lines;
use parts::Parts;
use patterns::Patterns;

/// A record as it came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Piece<'a> {
    pub sequence: u64,
    /// The input's stream: a tag, a path.
    pub stream: &'a str,
    /// A JSON object, or a text.
    pub bytes: &'a [u8],
    pub time: Option<Micros>,
    pub arrival: Micros,
}

/// A record as it goes on: one that came, or one that is made of several. Stream, time and
/// arrival are those of the first part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Joined<'a> {
    /// The records it was made of, ascending; never empty.
    pub sequences: &'a [u64],
    pub stream: &'a str,
    pub bytes: &'a [u8],
    pub time: Option<Micros>,
    pub arrival: Micros,
}

impl Joined<'_> {
    /// The first of its sequences.
    #[must_use]
    pub fn sequence(&self) -> u64 {
        self.sequences.first().copied().unwrap_or(0)
    }
}

/// Where records go.
type Out<'o> = &'o mut dyn FnMut(Joined<'_>);

/// Why what belongs together comes out in pieces: `kura_unjoined` of the records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unjoined {
    /// Together they are longer than a record may be.
    TooLong,
    /// Too much is held, of the container or in all.
    TooMany,
    /// The rest did not come in time.
    TooOld,
    /// The rest did not come, and it is known that it will not; or it came differently before.
    Incomplete,
}

impl Unjoined {
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Unjoined::TooLong => "too_long",
            Unjoined::TooMany => "too_many",
            Unjoined::TooOld => "too_old",
            Unjoined::Incomplete => "incomplete",
        }
    }
}

impl fmt::Display for Unjoined {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// Puts records together that arrived in pieces.
#[derive(Debug)]
pub struct Joiner {
    parts: Parts,
    lines: Lines,
    held_bytes_max: usize,
}

impl Joiner {
    #[must_use]
    pub fn new(rules: &JoinRules) -> Self {
        Joiner::with(rules, Arc::new(Patterns::new(rules)))
    }

    /// With patterns that were compiled before, which takes longest.
    fn with(rules: &JoinRules, patterns: Arc<Patterns>) -> Self {
        Joiner {
            parts: Parts::new(rules),
            lines: Lines::new(rules, patterns),
            held_bytes_max: rules.held_bytes_max,
        }
    }

    /// Takes a record. Whole ones come out through `out`: itself, what it completed, what it
    /// pushed out, and what was too old when it arrived.
    pub fn push(&mut self, piece: Piece<'_>, out: &mut dyn FnMut(Joined<'_>)) {
        // Before the record, not after: what it would have completed is the same whether it is
        // taken when it arrives, or read again after a restart.
        self.expire(piece.arrival, out);
        let Piece { sequence, stream, bytes, time, arrival } = piece;
        let record = Joined { sequences: &[sequence], stream, bytes, time, arrival };
        let Joiner { parts, lines, .. } = self;
        parts.push(record, &mut |record| lines.push(record, out));
        self.keep_held_bytes(out);
    }

    /// Lets go of what waited longer than the rules say. `now` is the clock's time only where
    /// everything that arrived was pushed; behind that it is the arrival of what was pushed last,
    /// and then `push` does it.
    pub fn expire(&mut self, now: Micros, out: &mut dyn FnMut(Joined<'_>)) {
        let Joiner { parts, lines, .. } = self;
        parts.expire(now, &mut |record| lines.push(record, out));
        lines.expire(now, out);
    }

    /// Lets go of everything: nothing will come any more.
    pub fn finish(&mut self, out: &mut dyn FnMut(Joined<'_>)) {
        let Joiner { parts, lines, .. } = self;
        parts.finish(&mut |record| lines.push(record, out));
        lines.expire(Micros::MAX, out);
    }

    /// Sequences of the records that are held back, ascending: what a restart must read again.
    #[must_use]
    pub fn pending(&self) -> Vec<u64> {
        let mut sequences: Vec<u64> =
            self.parts.sequences().chain(self.lines.sequences()).collect();
        sequences.sort_unstable();
        sequences
    }

    /// When `expire` has something to do, if nothing comes.
    #[must_use]
    pub fn next_expiry(&self) -> Option<Micros> {
        [self.parts.next_expiry(), self.lines.next_expiry()].into_iter().flatten().min()
    }

    /// What is held, with what holding it costs.
    #[must_use]
    pub fn held_bytes(&self) -> usize {
        self.parts.held_bytes() + self.lines.held_bytes()
    }

    /// Over the cap of all that is held, what waited longest goes.
    fn keep_held_bytes(&mut self, out: &mut dyn FnMut(Joined<'_>)) {
        while self.held_bytes() > self.held_bytes_max {
            let Joiner { parts, lines, .. } = self;
            if parts.held_bytes() >= lines.held_bytes() {
                parts.let_oldest_go(&mut |record| lines.push(record, out));
            } else {
                lines.let_oldest_go(out);
            }
        }
    }
}

/// Seconds as settings say them.
fn micros(seconds: u64) -> Micros {
    Micros::try_from(seconds).unwrap_or(Micros::MAX).saturating_mul(MICROS_PER_SECOND)
}

#[cfg(test)]
#[path = "joining_tests.rs"]
mod tests;

#[cfg(test)]
#[path = "lines_tests.rs"]
mod lines_tests;

#[cfg(test)]
#[path = "model_tests.rs"]
mod model_tests;
