//! Records of one line or more, such as statements with their plans and errors with their
//! traces: one begins with each line that a pattern matches and goes on to the next.
//!
//! What stands before the first such line is a record, too: its decoder refuses it.

use std::ops::Range;

use regex::bytes::Regex;

use super::{BYTE_ORDER_MARK, Frame, FrameLimits, Framer};
use crate::reject::{Reason, Reject};

#[derive(Debug)]
pub struct BlockFramer {
    buffer: Vec<u8>,
    /// Where the record at hand begins.
    start: usize,
    /// Where the line at hand begins.
    line: usize,
    /// Searched for the line's end up to here.
    at: usize,
    /// Lines that are complete.
    lines: u64,
    /// The number of the first line of the record at hand.
    number: u64,
    /// The last frame and its number, for `refuse`.
    last: (Range<usize>, u64),
    /// Bytes thrown away because the record is too long.
    dropped: u64,
    starts: Regex,
    /// No record has begun yet, and until then each line is one.
    only_lines: bool,
    /// What begins no record behind a single line.
    follows: Option<Regex>,
    limits: FrameLimits,
}

impl BlockFramer {
    pub fn new(starts: Regex, limits: FrameLimits) -> Self {
        BlockFramer {
            buffer: Vec::new(),
            start: 0,
            line: 0,
            at: 0,
            lines: 0,
            number: 1,
            last: (0..0, 0),
            dropped: 0,
            starts,
            only_lines: false,
            follows: None,
            limits,
        }
    }

    pub fn after_lines(starts: Regex, limits: FrameLimits) -> Self {
        BlockFramer { only_lines: true, ..BlockFramer::new(starts, limits) }
    }

    pub fn led(starts: Regex, follows: Regex, limits: FrameLimits) -> Self {
        BlockFramer { follows: Some(follows), ..BlockFramer::new(starts, limits) }
    }

    /// Whether a record begins with the line that ends before `end`.
    fn begins(&mut self, end: usize) -> bool {
        let line = trim_end(&self.buffer[self.line..end]);
        let is_led = |follows: &Regex| {
            let before = trim_end(&self.buffer[self.start..self.line]);
            follows.is_match(line) && memchr::memchr(b'\n', before).is_none()
        };
        let matches = self.starts.is_match(line.strip_prefix(BYTE_ORDER_MARK).unwrap_or(line))
            && (self.line == self.start || !self.follows.as_ref().is_some_and(is_led));
        let was_only_lines = self.only_lines;
        self.only_lines &= !matches;
        (matches || was_only_lines) && self.line > self.start
    }

    /// The line that ends before `end` is complete: a record ends before it if it begins
    /// another.
    fn end_line(&mut self, end: usize) -> Option<Frame> {
        self.lines += 1;
        let begins = self.begins(end);
        let frame = if begins { self.end_block(self.line) } else { None };
        if begins {
            self.start = self.line;
            self.number = self.lines;
        }
        frame
    }

    /// The record that ends before `end`; `None` if there is nothing in it.
    fn end_block(&mut self, end: usize) -> Option<Frame> {
        let number = self.number;
        let mut range = self.start..end;
        if number == 1 && self.buffer[range.clone()].starts_with(BYTE_ORDER_MARK) {
            range.start += BYTE_ORDER_MARK.len();
        }
        range.end = range.start + trim_end(&self.buffer[range.clone()]).len();
        let dropped = std::mem::take(&mut self.dropped);
        self.last = (range.clone(), number);
        if dropped > 0 || range.len() > self.limits.record_bytes_max {
            let length = (end - self.start) as u64 + dropped;
            let detail = format!("{length} bytes, at most {}", self.limits.record_bytes_max);
            let range = self.sample();
            let reject = Reject::new(Reason::TooLarge, detail);
            return Some(Frame::Broken { range, number, length, reject });
        }
        (!range.is_empty()).then_some(Frame::Record { range, number, compact: true })
    }

    fn sample(&self) -> Range<usize> {
        let Range { start, end } = self.last.0.clone();
        start..end.min(start + self.limits.sample_bytes_max)
    }

    /// Of a record that is too long anyway only the beginning is kept, and the line at hand
    /// unless that is too long by itself.
    fn shed(&mut self) {
        if self.buffer.len() - self.start <= self.limits.record_bytes_max {
            return;
        }
        let is_long_line = self.buffer.len() - self.line > self.limits.record_bytes_max;
        let until = if is_long_line { self.buffer.len() } else { self.line };
        let keep = self.start + self.limits.sample_bytes_max;
        if keep < until {
            let gone = until - keep;
            self.dropped += gone as u64;
            self.buffer.drain(keep..until);
            self.line = self.line.saturating_sub(gone).max(keep.min(self.line));
            self.at = self.buffer.len();
        }
    }
}

fn trim_end(bytes: &[u8]) -> &[u8] {
    bytes.trim_ascii_end()
}

impl Framer for BlockFramer {
    fn feed(&mut self, bytes: &[u8]) {
        self.buffer.drain(..self.start);
        self.line -= self.start;
        self.at -= self.start;
        self.start = 0;
        self.last.0 = 0..0;
        self.buffer.extend_from_slice(bytes);
    }

    fn bytes(&self) -> &[u8] {
        &self.buffer
    }

    fn number(&self) -> u64 {
        self.last.1
    }

    fn next_frame(&mut self) -> Option<Frame> {
        while let Some(length) = memchr::memchr(b'\n', &self.buffer[self.at..]) {
            let end = self.at + length;
            let frame = self.end_line(end);
            self.line = end + 1;
            self.at = self.line;
            if frame.is_some() {
                return frame;
            }
        }
        self.at = self.buffer.len();
        self.shed();
        None
    }

    fn finish(&mut self) -> Option<Frame> {
        let end = self.buffer.len();
        if self.line < end {
            let frame = self.end_line(end);
            self.line = end;
            self.at = end;
            if frame.is_some() {
                return frame;
            }
        }
        if self.start == end {
            return None;
        }
        let frame = self.end_block(end);
        self.start = end;
        frame
    }

    fn refuse(&mut self, reject: Reject) -> Frame {
        let length = self.last.0.len() as u64;
        Frame::Broken { range: self.sample(), number: self.last.1, length, reject }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::framing::shown::shown;

    const LIMITS: FrameLimits = FrameLimits { record_bytes_max: 24, sample_bytes_max: 4 };

    fn framer() -> BlockFramer {
        BlockFramer::new(Regex::new("^[0-9]").expect("a pattern"), LIMITS)
    }

    fn frames(text: &[u8], mut framer: BlockFramer, piece: usize) -> Vec<String> {
        shown(&mut framer, text, piece, str::to_owned)
    }

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        for piece in [1, 2, 5, text.len().max(1)] {
            assert_eq!(frames(text.as_bytes(), framer(), piece), expected, "in pieces of {piece}");
        }
    }

    #[test]
    fn lines_before_the_first_record_may_be_records() {
        let text = "\u{feff}a\n b\n\n1 c\n d\n2 e";
        for piece in [1, 2, 5, text.len()] {
            let framer = BlockFramer { only_lines: true, ..framer() };
            let frames = frames(text.as_bytes(), framer, piece);
            assert_eq!(frames, ["1 a", "2  b", "4 1 c\n d", "6 2 e"], "in pieces of {piece}");
        }
    }

    #[test]
    fn a_record_goes_on_until_another_begins() {
        check("1 a\n\tb\r\n\n2 c\n3 d", &["1 1 a\n\tb", "4 2 c", "5 3 d"]);
        check("\u{feff}1 a\n b\n", &["1 1 a\n b"]);
        check("lost\n1 a\n", &["1 lost", "2 1 a"]);
        check("\n\n", &[]);
        check("", &[]);
    }

    #[test]
    fn a_single_line_leads_in_what_follows() {
        let text = "1 a\n0 b\n c\n0 d\n1\n";
        let follows = Regex::new("^0").expect("a pattern");
        for piece in [1, 2, 5, text.len()] {
            let framer = BlockFramer { follows: Some(follows.clone()), ..framer() };
            let frames = frames(text.as_bytes(), framer, piece);
            assert_eq!(frames, ["1 1 a\n0 b\n c", "4 0 d", "5 1"], "in pieces of {piece}");
        }
    }

    #[test]
    fn a_record_that_is_too_long_costs_itself() {
        let line = "1 0123456789\n 0123456789\n 0123456789";
        check(&format!("{line}\n2 b\n"), &["1 too_large of 37: 1 01", "4 2 b"]);
        check(&format!("0 a\n{line}{line}"), &["1 0 a", "2 too_large of 72: 1 01"]);
    }
}
