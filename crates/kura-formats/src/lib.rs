//! Bytes to rows. PURE: no clock, no disk, no threads; everything it needs comes in by
//! argument and everything it finds goes out by return.
//!
//! Where a record ends ([`framing`]) and what it means ([`formats`]) are two things. A log
//! format is one file under `formats/` and one line in [`formats::ALL`]; table, reference
//! page, recognition and test loops derive from that slice.

pub mod json;
pub mod csv;
pub mod reject;
pub mod framing;
pub mod joining;
pub mod columns;
pub mod texts;
pub mod extra;
pub mod lists;
pub mod cells;
pub mod rows;
pub mod formats;
pub mod envelopes;
pub mod recognise;
pub mod quarantine;
pub mod known;

pub use formats::{ALL, Decoder, Format};
pub use known::{KnownTable, check_found_name, known_table};
pub use recognise::{Catalogue, Recognised, recognise};
pub use reject::{Reason, Reject};
