//! Where a record ends. What it means the decoders say.
//!
//! A framer sees an object's bytes in pieces, holds one record at a time, and never judges:
//! on the decoder's no, [`Framer::refuse`] says which bytes to quarantine and where records
//! begin again.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use regex::bytes::Regex;

use crate::reject::Reject;

mod blocks;
mod journal;
mod json;
mod json_or;
mod lines;
#[cfg(test)]
mod shown;

/// How a format's records follow one another.
#[derive(Debug, Clone)]
pub enum Framing {
    /// JSON objects: in an array, in `{"Records":[…]}`, in lines, or one after the other. Where
    /// records are of any kind there are no marks: after damage they begin again with the next
    /// line that begins with `{`.
    Json { restart: Option<Marks> },
    /// One record a line.
    Lines,
    /// Records that end with these bytes.
    EndingWith(Arc<[u8]>),
    /// Records that begin with these bytes, wherever those stand.
    BeginningWith(&'static [u8]),
    /// Records of one line or more: one begins with each line that this matches.
    Blocks(Regex),
    /// The same, but lines before the first that this matches are records of their own.
    LinesThenBlocks(Regex),
    /// As these, but a line that `follows` matches begins none if the record at hand is a
    /// single line so far: that one leads it in.
    LedBlocks { starts: Regex, follows: Regex },
    /// The journal's export format: blocks of fields, some of them binary.
    Journal,
    /// JSON objects of any kind if it begins with `{` or `[`, else what is said here.
    JsonOr(Box<Framing>),
}

/// By what records of a known kind are told from what lies around them.
#[derive(Debug, Clone, Copy)]
pub struct Marks {
    /// What a record begins with behind its `{`, as a key in quotes; after damage it tells where
    /// the next one starts.
    pub restart: &'static [u8],
    /// Keys under which a list of records may lie, in an object around it: `Records`.
    pub lists: &'static [&'static str],
}

impl Framing {
    /// Whether it finds records in a list under this key.
    #[must_use]
    pub fn opens(&self, list: &str) -> bool {
        match self {
            Framing::Json { restart: Some(marks) } => marks.lists.contains(&list),
            _ => false,
        }
    }

    #[must_use]
    pub fn framer(self, limits: FrameLimits) -> Box<dyn Framer> {
        match self {
            Framing::Json { restart } => Box::new(json::JsonFramer::new(limits, restart)),
            Framing::Lines => Box::new(lines::LineFramer::new(limits)),
            Framing::EndingWith(end) => Box::new(lines::LineFramer::ending_with(&end, limits)),
            Framing::BeginningWith(start) => {
                Box::new(lines::LineFramer::beginning_with(start, limits))
            }
            Framing::Blocks(start) => Box::new(blocks::BlockFramer::new(start, limits)),
            Framing::LedBlocks { starts, follows } => {
                Box::new(blocks::BlockFramer::led(starts, follows, limits))
            }
            Framing::LinesThenBlocks(start) => {
                Box::new(blocks::BlockFramer::after_lines(start, limits))
            }
            Framing::Journal => Box::new(journal::JournalFramer::new(limits)),
            Framing::JsonOr(other) => Box::new(json_or::JsonOrFramer::new(*other, limits)),
        }
    }
}

/// Caps of framing.
#[derive(Debug, Clone, Copy)]
pub struct FrameLimits {
    /// A longer record is refused. CloudTrail's are at most 256 KiB (1 MiB with enrichment).
    pub record_bytes_max: usize,
    /// What `quarantine` keeps of a refused record.
    pub sample_bytes_max: usize,
}

impl Default for FrameLimits {
    fn default() -> Self {
        FrameLimits { record_bytes_max: 16 << 20, sample_bytes_max: 64 << 10 }
    }
}

/// One record's bytes, or what stands where one should be.
#[derive(Debug, PartialEq, Eq)]
pub enum Frame {
    /// Bytes of a record, as a range of [`Framer::bytes`].
    Record { range: Range<usize>, number: u64, compact: bool },
    /// No record: quarantine `range` (a sample of `length` bytes).
    Broken { range: Range<usize>, number: u64, length: u64, reject: Reject },
}

pub trait Framer: Send + fmt::Debug {
    /// Adds bytes. Ranges of earlier frames end here.
    fn feed(&mut self, bytes: &[u8]);
    /// The bytes that frames are ranges of.
    fn bytes(&self) -> &[u8];
    /// The number of the last frame: records counted from 1, lines for what has lines.
    fn number(&self) -> u64;
    /// Text that begins with a record whose end is not known yet: a decoder that finds ends
    /// by itself may read records from here, and says with [`Framer::taken`] how far it got.
    fn ahead(&self) -> Option<&str> {
        None
    }
    /// So many bytes of what stood ahead are done with, and so many records in them.
    fn taken(&mut self, _bytes: usize, _records: u64) {}
    /// The next frame, or `None` until more is fed.
    fn next_frame(&mut self) -> Option<Frame>;
    /// After the last byte: what is left over, if it is not nothing. Called until `None`.
    fn finish(&mut self) -> Option<Frame>;
    /// Says that the last frame is no record. Returns the bytes to quarantine, and goes on
    /// where records begin again.
    fn refuse(&mut self, reject: Reject) -> Frame;
}

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";
