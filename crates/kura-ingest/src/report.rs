//! What an import tells while it runs and when it is done.

use kura_core::counts::Counts;
use serde::Serialize;

/// More of them tell a person nothing; the rest is counted.
const NOTES_MAX: usize = 1_000;

/// What an import came to. Its first level is the counts every report has.
#[derive(Debug, Default, Serialize)]
pub struct Report {
    #[serde(flatten)]
    pub counts: Counts,
    /// Of the objects: those that held nothing to import.
    pub empty_objects: u64,
    /// Objects that a person may want to know about, each with why.
    pub notes: Vec<Note>,
    /// Notes beyond those listed.
    pub notes_left_out: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Note {
    pub kind: NoteKind,
    pub object: String,
    pub detail: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum NoteKind {
    /// Holds nothing to import.
    Nothing,
    /// Could not be read: it is tried again next time.
    Unreadable,
    /// Ended in corruption; what came before is stored.
    Corrupt,
    /// Some of its records went to quarantine.
    Quarantined,
}

impl Report {
    pub fn note(&mut self, note: Note) {
        if self.notes.len() < NOTES_MAX {
            self.notes.push(note);
        } else {
            self.notes_left_out += 1;
        }
    }
}

/// Told as the import goes on, from several threads.
pub trait Progress: Send + Sync {
    /// How much there is to do.
    fn begin(&self, objects: u64, bytes: u64);
    /// Bytes read, as they lie.
    fn bytes(&self, bytes: u64);
    /// Records read.
    fn records(&self, records: u64);
    fn note(&self, note: &Note);
}

/// Tells nobody.
#[derive(Debug, Default, Clone, Copy)]
pub struct Silent;

impl Progress for Silent {
    fn begin(&self, _objects: u64, _bytes: u64) {}
    fn bytes(&self, _bytes: u64) {}
    fn records(&self, _records: u64) {}
    fn note(&self, _note: &Note) {}
}
