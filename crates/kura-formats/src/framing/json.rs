//! Where a JSON record ends: `{"Records":[…]}`, a bare array, JSON lines, one object, or
//! several one after the other, plain or pretty-printed, told apart as they are read. Under
//! which key a list of records lies the format says.
//!
//! It counts brackets and quotes: whether a frame is JSON the decoder says, and on its no
//! `refuse` looks for the place where records begin again, so that one broken record costs
//! one record, not the rest of the object.
//!
//! How it goes on after damage:
//! 1. a frame that the decoder refused, or that never ended, may have swallowed others;
//! 2. the first place behind its start where a record of the format begins (the format's
//!    `restart` mark behind a `{`, or outside a container a line beginning with `{`) is
//!    taken as the next record;
//! 3. the bytes before it are the broken record.

use std::ops::Range;

use memchr::memmem;

use super::{BYTE_ORDER_MARK, Frame, FrameLimits, Framer, Marks};
use crate::json::DEPTH_MAX;
use crate::reject::{Reason, Reject};

/// Where the framer stands between records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Outside of everything.
    Top,
    /// In the array of records; `wrapped` if an object lies around that array.
    Elements { wrapped: bool },
    /// Behind the array of records, in the object around it.
    Tail,
}

/// How far the scan of the record at hand has come.
#[derive(Debug, Clone, Default)]
struct Scan {
    depth: u32,
    depth_max: u32,
    in_string: bool,
    escaped: bool,
    /// White space was seen outside of strings.
    loose: bool,
    /// Where the last string at depth 1 began and ended: it may be the key of a list.
    key: Option<Range<usize>>,
    string_start: usize,
    /// Bytes thrown away because the record is too large.
    dropped: u64,
}

#[derive(Debug)]
pub struct JsonFramer {
    buffer: Vec<u8>,
    /// Everything before is done with.
    start: usize,
    /// Scanned up to here.
    at: usize,
    place: Place,
    scan: Option<Scan>,
    number: u64,
    limits: FrameLimits,
    marks: Option<Marks>,
    /// Where the last frame began and in which place, for `refuse`.
    last: Option<(Range<usize>, Place)>,
    at_beginning: bool,
}

impl Framer for JsonFramer {
    fn feed(&mut self, bytes: &[u8]) {
        self.forget();
        self.buffer.extend_from_slice(bytes);
    }

    fn bytes(&self) -> &[u8] {
        &self.buffer
    }

    fn number(&self) -> u64 {
        self.number
    }

    /// Only among the elements of an array: an object outside of one may be `{"Records":[…]}`.
    fn ahead(&self) -> Option<&str> {
        if self.scan.is_some() || !matches!(self.place, Place::Elements { .. }) {
            return None;
        }
        let rest = self.buffer.get(self.at..)?;
        let rest = rest.get(..self.limits.record_bytes_max).unwrap_or(rest);
        match simdutf8::compat::from_utf8(rest) {
            Ok(text) => Some(text),
            Err(error) => std::str::from_utf8(rest.get(..error.valid_up_to())?).ok(),
        }
    }

    fn taken(&mut self, bytes: usize, records: u64) {
        self.at += bytes;
        self.start = self.at;
        self.number += records;
        self.last = None;
    }

    fn next_frame(&mut self) -> Option<Frame> {
        loop {
            if self.scan.is_none() && !self.begin() {
                return self.junk_line();
            }
            match self.advance() {
                Step::Record => return Some(self.record()),
                Step::Opened => {}
                Step::Scalar(frame) => return Some(frame),
                Step::More => return self.too_large(),
            }
        }
    }

    fn finish(&mut self) -> Option<Frame> {
        if self.scan.is_some() {
            let range = self.start..self.buffer.len();
            if self.restart_within(&range, self.place).is_some() {
                self.last = Some((range, self.place));
                return Some(self.broken(Reason::BrokenJson, "the record has no end"));
            }
            self.last = Some((range, self.place));
            self.place = Place::Top;
            return Some(self.broken(Reason::Truncated, "the object ends within a record"));
        }
        if self.at < self.buffer.len() && self.place == Place::Top {
            let range = self.at..self.buffer.len();
            self.last = Some((range, Place::Top));
            self.at = self.buffer.len();
            return Some(self.broken(Reason::BrokenJson, "not JSON"));
        }
        if let Place::Elements { .. } = self.place {
            self.place = Place::Top;
            self.last = Some((self.buffer.len()..self.buffer.len(), Place::Top));
            return Some(self.broken(Reason::Truncated, "the object ends before its array closes"));
        }
        None
    }

    fn refuse(&mut self, reject: Reject) -> Frame {
        let number = self.number;
        let Some((range, place)) = self.last.take() else {
            return Frame::Broken { range: 0..0, number, length: 0, reject };
        };
        let end = match self.restart_within(&range, place) {
            Some(next) => {
                self.start = next;
                self.at = next;
                self.place = place;
                self.scan = None;
                next
            }
            None => range.end,
        };
        let length = (end - range.start) as u64;
        let sample = range.start..end.min(range.start + self.limits.sample_bytes_max);
        Frame::Broken { range: sample, number, length, reject }
    }
}

impl JsonFramer {
    pub fn new(limits: FrameLimits, marks: Option<Marks>) -> Self {
        JsonFramer {
            buffer: Vec::new(),
            start: 0,
            at: 0,
            place: Place::Top,
            scan: None,
            number: 0,
            limits,
            marks,
            last: None,
            at_beginning: true,
        }
    }

    /// Drops what is done with, so that the buffer holds one record and what was fed last.
    fn forget(&mut self) {
        self.last = None;
        if self.start == 0 {
            return;
        }
        let start = self.start;
        self.buffer.drain(..start);
        self.at -= start;
        self.start = 0;
        if let Some(scan) = &mut self.scan {
            scan.string_start = scan.string_start.saturating_sub(start);
            let key = scan.key.take().filter(|key| key.start >= start);
            scan.key = key.map(|key| key.start - start..key.end - start);
        }
    }

    fn broken(&mut self, reason: Reason, detail: &str) -> Frame {
        self.number += 1;
        self.scan = None;
        self.start = self.buffer.len();
        self.at = self.start;
        self.refuse(Reject::new(reason, detail))
    }

    /// The first place in `range`, behind its start, where a record begins.
    fn restart_within(&self, range: &Range<usize>, place: Place) -> Option<usize> {
        let from = range.start + 1;
        let within = self.buffer.get(from..range.end)?;
        let marked = self.marks.and_then(|marks| {
            memmem::find_iter(within, marks.restart).find_map(|mark| {
                let brace = within[..mark].iter().rposition(|byte| !byte.is_ascii_whitespace())?;
                (within[brace] == b'{').then_some(from + brace)
            })
        });
        let line = match place {
            Place::Top => memmem::find(within, b"\n{").map(|at| from + at + 1),
            Place::Elements { .. } if self.marks.is_none() => {
                let begins = |at: usize| {
                    let blank = within[at + 1..].iter().take_while(|b| **b == b' ' || **b == b'\t');
                    let brace = at + 1 + blank.count();
                    (within.get(brace) == Some(&b'{')).then_some(from + brace)
                };
                memchr::memchr_iter(b'\n', within).find_map(begins)
            }
            _ => None,
        };
        [marked, line].into_iter().flatten().min()
    }

    /// Skips to the first byte of the next record and begins its scan. `false` if there is
    /// none yet, or if what stands here cannot begin one.
    fn begin(&mut self) -> bool {
        if self.at_beginning && !self.byte_order_mark() {
            return false;
        }
        while let Some(&byte) = self.buffer.get(self.at) {
            match (self.place, byte) {
                (_, b' ' | b'\t' | b'\n' | b'\r' | b',') => self.at += 1,
                (Place::Top, b'[') => {
                    self.at += 1;
                    self.place = Place::Elements { wrapped: false };
                }
                (Place::Elements { wrapped }, b']') => {
                    self.at += 1;
                    self.place = if wrapped { Place::Tail } else { Place::Top };
                }
                (Place::Tail, _) => {
                    self.start = self.at;
                    self.scan = Some(Scan { depth: 1, ..Scan::default() });
                    return true;
                }
                (Place::Top, b'{') | (Place::Elements { .. }, _) => {
                    self.start = self.at;
                    self.scan = Some(Scan::default());
                    return true;
                }
                (Place::Top, _) => return false,
            }
        }
        self.start = self.at;
        false
    }

    /// Skips a byte order mark. `false` while the bytes so far may be the half of one.
    fn byte_order_mark(&mut self) -> bool {
        if self.buffer.starts_with(BYTE_ORDER_MARK) {
            self.at = BYTE_ORDER_MARK.len();
        } else if BYTE_ORDER_MARK.starts_with(&self.buffer) {
            return false;
        }
        self.at_beginning = false;
        true
    }

    /// Outside of everything stands something that begins no record: it is broken up to the
    /// end of its line, in pieces of the sample's size.
    fn junk_line(&mut self) -> Option<Frame> {
        if self.at_beginning || self.place != Place::Top {
            return None;
        }
        let piece_max = self.limits.sample_bytes_max;
        let rest = self.buffer.get(self.at..).filter(|rest| !rest.is_empty())?;
        let range = match memchr::memchr(b'\n', &rest[..rest.len().min(piece_max)]) {
            Some(length) => self.at..self.at + length,
            None if rest.len() < piece_max => return None,
            None => self.at..self.at + piece_max,
        };
        self.number += 1;
        self.start = range.end;
        self.at = range.end;
        let length = range.len() as u64;
        let reject = Reject::new(Reason::BrokenJson, "not JSON");
        Some(Frame::Broken { range, number: self.number, length, reject })
    }

    /// Scans on in the record at hand.
    fn advance(&mut self) -> Step {
        let Some(scan) = &mut self.scan else { return Step::More };
        let bytes = &self.buffer[..];
        let mut at = self.at;
        while at < bytes.len() {
            if scan.in_string {
                at = scan.string(bytes, at);
                continue;
            }
            let byte = bytes[at];
            match byte {
                b'"' => {
                    scan.in_string = true;
                    scan.string_start = at;
                }
                b'{' | b'[' => {
                    let may_open = byte == b'['
                        && self.place == Place::Top
                        && scan.depth == 1
                        && scan.dropped == 0;
                    if may_open && is_list(self.marks, bytes, scan.key.clone()) {
                        self.at = at + 1;
                        self.start = self.at;
                        self.scan = None;
                        self.place = Place::Elements { wrapped: true };
                        return Step::Opened;
                    }
                    scan.depth += 1;
                    scan.depth_max = scan.depth_max.max(scan.depth);
                }
                // No object began: what stands here ends where the array does.
                b',' | b']' if scan.depth == 0 => {
                    self.at = at;
                    return self.scalar();
                }
                b'}' | b']' if scan.depth > 0 => {
                    scan.depth -= 1;
                    if scan.depth == 0 {
                        self.at = at + 1;
                        return self.closed();
                    }
                }
                b' ' | b'\t' | b'\n' | b'\r' => scan.loose = true,
                _ => {}
            }
            at += 1;
        }
        self.at = at;
        Step::More
    }

    fn closed(&mut self) -> Step {
        if self.place != Place::Tail {
            return Step::Record;
        }
        self.start = self.at;
        self.scan = None;
        self.place = Place::Top;
        Step::Opened
    }

    fn scalar(&mut self) -> Step {
        let range = self.start..self.at;
        self.scan = None;
        self.number += 1;
        self.start = self.at;
        let length = range.len() as u64;
        let sample = range.start..range.end.min(range.start + self.limits.sample_bytes_max);
        let reject = Reject::new(Reason::NotAnObject, "an element of the array is not an object");
        Step::Scalar(Frame::Broken { range: sample, number: self.number, length, reject })
    }

    fn record(&mut self) -> Frame {
        let scan = self.scan.take().unwrap_or_default();
        let range = self.start..self.at;
        self.number += 1;
        self.start = self.at;
        if scan.dropped > 0 {
            return self.oversize(range, scan.dropped);
        }
        self.last = Some((range.clone(), self.place));
        if scan.depth_max > DEPTH_MAX {
            let detail = format!("nested {} deep, at most {DEPTH_MAX}", scan.depth_max);
            return self.refuse(Reject::new(Reason::TooDeep, detail));
        }
        if range.len() > self.limits.record_bytes_max {
            return self.oversize(range, 0);
        }
        Frame::Record { range, number: self.number, compact: !scan.loose }
    }

    fn oversize(&mut self, range: Range<usize>, dropped: u64) -> Frame {
        let length = range.len() as u64 + dropped;
        let detail = format!("{length} bytes, at most {}", self.limits.record_bytes_max);
        let sample = range.start..range.end.min(range.start + self.limits.sample_bytes_max);
        self.last = None;
        let reject = Reject::new(Reason::TooLarge, detail);
        Frame::Broken { range: sample, number: self.number, length, reject }
    }

    /// A record that has no end yet: if it outgrew the cap, either others begin within it
    /// (it is broken) or its middle is dropped while its end is looked for.
    fn too_large(&mut self) -> Option<Frame> {
        let held = self.buffer.len() - self.start;
        let scan = self.scan.as_mut()?;
        if self.place == Place::Tail {
            self.start = self.at;
            return None;
        }
        if held <= self.limits.record_bytes_max {
            return None;
        }
        let range = self.start..self.buffer.len();
        if scan.dropped == 0 && self.restart_within(&range, self.place).is_some() {
            self.number += 1;
            self.last = Some((range, self.place));
            return Some(self.refuse(Reject::new(Reason::BrokenJson, "the record has no end")));
        }
        let keep = self.start + self.limits.sample_bytes_max;
        let scan = self.scan.as_mut()?;
        scan.dropped += (self.buffer.len() - keep) as u64;
        scan.key = None;
        self.buffer.truncate(keep);
        self.at = keep;
        None
    }
}

impl Scan {
    /// Scans a string from `at` on; returns where scanning goes on.
    fn string(&mut self, bytes: &[u8], mut at: usize) -> usize {
        if self.escaped {
            self.escaped = false;
            return at + 1;
        }
        match memchr::memchr2(b'"', b'\\', &bytes[at..]) {
            None => bytes.len(),
            Some(skip) => {
                at += skip;
                if bytes[at] == b'\\' {
                    self.escaped = true;
                    return at + 1;
                }
                self.in_string = false;
                if self.depth == 1 {
                    self.key = Some(self.string_start..at + 1);
                }
                at + 1
            }
        }
    }
}

/// Whether a list of records lies under this key.
fn is_list(marks: Option<Marks>, bytes: &[u8], key: Option<Range<usize>>) -> bool {
    let (Some(marks), Some(key)) = (marks, key) else { return false };
    let quoted = bytes.get(key).unwrap_or_default();
    let key = quoted.strip_prefix(b"\"").and_then(|key| key.strip_suffix(b"\""));
    marks.lists.iter().any(|list| key == Some(list.as_bytes()))
}

enum Step {
    /// The record at hand is complete.
    Record,
    /// An array of records was entered, or the object around one left.
    Opened,
    Scalar(Frame),
    /// More bytes are needed.
    More,
}

#[cfg(test)]
#[path = "json_tests.rs"]
mod tests;
