//! The journal's export format: a record is a block of fields, and a blank line ends it. A
//! field is a line `KEY=value`, or a line `KEY`, eight bytes that say how many follow (little
//! end first), those bytes, and a line feed: a blank line among them ends nothing.
//!
//! After damage, such as a length that cannot be, records begin again with the next line that
//! is a cursor, which is what the journal writes first.

use std::ops::Range;

use memchr::{memchr, memmem};

use super::{BYTE_ORDER_MARK, Frame, FrameLimits, Framer};
use crate::reject::{Reason, Reject};

#[derive(Debug)]
pub struct JournalFramer {
    buffer: Vec<u8>,
    /// Where the record at hand begins.
    start: usize,
    /// Where the field at hand begins; if the record is lost, searched up to here.
    at: usize,
    number: u64,
    /// What is wrong with the record at hand: it goes on to the next cursor.
    lost: Option<Reject>,
    /// Bytes of it that were thrown away.
    dropped: u64,
    /// The last frame, for `refuse`.
    last: Range<usize>,
    limits: FrameLimits,
}

/// How a record begins.
const CURSOR: &[u8] = b"\n__CURSOR=";
const LENGTH_BYTES: usize = 8;

/// What stands at the beginning of a field.
enum Field {
    /// It is not all there yet.
    Cut,
    /// The line that ends a record; where the next begins.
    Blank(usize),
    /// Where the next one begins.
    Ends(usize),
    Damaged(Reject),
}

impl JournalFramer {
    pub fn new(limits: FrameLimits) -> Self {
        JournalFramer {
            buffer: Vec::new(),
            start: 0,
            at: 0,
            number: 0,
            lost: None,
            dropped: 0,
            last: 0..0,
            limits,
        }
    }

    fn field(&self) -> Field {
        let rest = &self.buffer[self.at..];
        let Some(line) = memchr(b'\n', rest) else { return Field::Cut };
        if rest[..line].trim_ascii_end().is_empty() {
            return Field::Blank(self.at + line + 1);
        }
        if !is_name(&rest[..line]) {
            return Field::Ends(self.at + line + 1);
        }
        let Some(length) = rest.get(line + 1..line + 1 + LENGTH_BYTES) else { return Field::Cut };
        let length = <[u8; LENGTH_BYTES]>::try_from(length).map_or(u64::MAX, u64::from_le_bytes);
        let max = self.limits.record_bytes_max;
        let Some(length) = usize::try_from(length).ok().filter(|length| *length <= max) else {
            let detail = format!("a field of {length} bytes, a record has at most {max}");
            return Field::Damaged(Reject::new(Reason::TooLarge, detail));
        };
        let end = line + 1 + LENGTH_BYTES + length;
        match rest.get(end) {
            None => Field::Cut,
            Some(b'\n') => Field::Ends(self.at + end + 1),
            Some(_) => {
                let detail = "the length of a binary field is not where it ends";
                Field::Damaged(Reject::new(Reason::NotAnEvent, detail))
            }
        }
    }

    /// The record that ends before `end`; the next begins at `next`.
    fn record(&mut self, end: usize, next: usize) -> Option<Frame> {
        let mut range = self.start..end;
        if self.number == 0 && self.buffer[range.clone()].starts_with(BYTE_ORDER_MARK) {
            range.start += BYTE_ORDER_MARK.len();
        }
        self.start = next;
        self.at = next;
        let blank = self.buffer[range.clone()].iter().all(u8::is_ascii_whitespace);
        if blank && self.lost.is_none() {
            return None;
        }
        self.number += 1;
        self.last = range.clone();
        let length = range.len() as u64 + std::mem::take(&mut self.dropped);
        let max = self.limits.record_bytes_max;
        let too_large = || Reject::new(Reason::TooLarge, format!("{length} bytes, at most {max}"));
        match self.lost.take().or_else(|| (range.len() > max).then(too_large)) {
            Some(reject) => {
                self.last = next..next;
                let range = self.sample(&range);
                Some(Frame::Broken { range, number: self.number, length, reject })
            }
            None => Some(Frame::Record { range, number: self.number, compact: true }),
        }
    }

    fn sample(&self, range: &Range<usize>) -> Range<usize> {
        range.start..range.end.min(range.start + self.limits.sample_bytes_max)
    }

    /// The next cursor behind a line feed, from `from` on.
    fn cursor(&self, from: usize, to: usize) -> Option<usize> {
        memmem::find(self.buffer.get(from..to)?, CURSOR).map(|at| from + at + 1)
    }

    /// A lost record goes on to the next cursor; of what is in between a sample is kept.
    fn find_cursor(&mut self) -> Option<Frame> {
        if let Some(next) = self.cursor(self.at, self.buffer.len()) {
            return self.record(next, next);
        }
        let keep = self.start + self.limits.sample_bytes_max;
        let tail = (self.buffer.len() + 1).saturating_sub(CURSOR.len()).max(self.at);
        self.at = tail;
        if keep < tail {
            self.dropped += (tail - keep) as u64;
            self.buffer.drain(keep..tail);
            self.at = keep;
        }
        None
    }

    fn lose(&mut self, reject: Reject) {
        self.lost = Some(reject);
        // The line feed before a cursor may be the one that ended the field before.
        self.at = (self.start + 1).max(self.at.saturating_sub(1));
    }
}

/// A line that is only a name has its value in binary.
fn is_name(line: &[u8]) -> bool {
    line.iter().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || *b == b'_')
}

impl Framer for JournalFramer {
    fn feed(&mut self, bytes: &[u8]) {
        self.buffer.drain(..self.start);
        self.at -= self.start;
        self.start = 0;
        self.last = 0..0;
        self.buffer.extend_from_slice(bytes);
    }

    fn bytes(&self) -> &[u8] {
        &self.buffer
    }

    fn number(&self) -> u64 {
        self.number
    }

    fn next_frame(&mut self) -> Option<Frame> {
        loop {
            if self.lost.is_some() {
                let frame = self.find_cursor()?;
                return Some(frame);
            }
            match self.field() {
                Field::Ends(next) => self.at = next,
                Field::Blank(next) => match self.record(self.at, next) {
                    Some(frame) => return Some(frame),
                    None => continue,
                },
                Field::Damaged(reject) => self.lose(reject),
                Field::Cut if self.buffer.len() - self.start > self.limits.record_bytes_max => {
                    let max = self.limits.record_bytes_max;
                    let detail = format!("a record of more than {max} bytes");
                    self.lose(Reject::new(Reason::TooLarge, detail));
                }
                Field::Cut => return None,
            }
        }
    }

    fn finish(&mut self) -> Option<Frame> {
        let end = self.buffer.len();
        if self.start == end {
            return None;
        }
        let last_line = &self.buffer[self.at..];
        let is_cut = memchr(b'=', last_line).is_none_or(|at| !is_name(&last_line[..at]));
        if self.lost.is_none() && is_cut && !last_line.trim_ascii().is_empty() {
            let detail = "the object ends within a record";
            self.lose(Reject::new(Reason::Truncated, detail));
            if let Some(frame) = self.find_cursor() {
                return Some(frame);
            }
        }
        let end = self.buffer.len();
        self.record(end, end)
    }

    fn refuse(&mut self, reject: Reject) -> Frame {
        let mut range = self.last.clone();
        if let Some(next) = self.cursor(range.start, range.end) {
            self.start = next;
            self.at = next;
            range.end = next;
        }
        let length = range.len() as u64;
        Frame::Broken { range: self.sample(&range), number: self.number, length, reject }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::framing::shown::shown;

    const LIMITS: FrameLimits = FrameLimits { record_bytes_max: 60, sample_bytes_max: 10 };

    fn frames(text: &[u8], piece: usize) -> Vec<String> {
        shown(&mut JournalFramer::new(LIMITS), text, piece, |text| format!("{text:?}"))
    }

    #[track_caller]
    fn check(text: &[u8], expected: &[&str]) {
        for piece in [1, 2, 7, text.len().max(1)] {
            assert_eq!(frames(text, piece), expected, "in pieces of {piece}");
        }
    }

    #[test]
    fn a_blank_line_ends_a_record_unless_it_is_binary() {
        check(b"A=1\nB=2\n\n\nA=3\n", &[r#"1 "A=1\nB=2\n""#, r#"2 "A=3\n""#]);
        check(b"\xef\xbb\xbfA=1\r\n\r\nA=2", &[r#"1 "A=1\r\n""#, r#"2 "A=2""#]);
        check(
            b"A=1\nM\n\x04\0\0\0\0\0\0\0\n\n\n\n\nB=2\n\nA=3\n\n",
            &[r#"1 "A=1\nM\n\u{4}\0\0\0\0\0\0\0\n\n\n\n\nB=2\n""#, r#"2 "A=3\n""#],
        );
        check(b"\n\n", &[]);
        check(b"", &[]);
    }

    #[test]
    fn after_damage_records_begin_with_the_next_cursor() {
        check(
            b"__CURSOR=1\nM\n\xff\xff\xff\xff\0\0\0\0a\n\n__CURSOR=2\n\n",
            &[r#"1 too_large of 24: "__CURSOR=1""#, r#"2 "__CURSOR=2\n""#],
        );
        check(
            b"__CURSOR=1\nM\n\x01\0\0\0\0\0\0\0abc\n\n__CURSOR=2\n\n",
            &[r#"1 not_an_event of 26: "__CURSOR=1""#, r#"2 "__CURSOR=2\n""#],
        );
        check(
            b"__CURSOR=1\nM\n\x30\0\0\0\0\0\0\0abc\n\n__CURSOR=2\nA=1\n",
            &[r#"1 truncated of 26: "__CURSOR=1""#, r#"2 "__CURSOR=2\nA=1\n""#],
        );
        check(b"__CURSOR=1\nM\n\x01\0", &[r#"1 truncated of 15: "__CURSOR=1""#]);
    }

    #[test]
    fn a_record_that_is_too_long_costs_itself() {
        let text = format!("__CURSOR=1\nM={}\n\n__CURSOR=2\n\n", "x".repeat(80));
        let shown = [r#"1 too_large of 95: "__CURSOR=1""#, r#"2 "__CURSOR=2\n""#];
        for piece in [1, 7] {
            assert_eq!(frames(text.as_bytes(), piece), shown, "in pieces of {piece}");
        }
    }
}
