//! Lines: each is a record, whatever it holds. Blank ones count as lines and are none. What
//! ends them may be other bytes than a line feed.

use std::ops::Range;

use super::{BYTE_ORDER_MARK, Frame, FrameLimits, Framer};
use crate::reject::{Reason, Reject};

#[derive(Debug)]
pub struct LineFramer {
    buffer: Vec<u8>,
    /// Where the line at hand begins.
    start: usize,
    /// Searched for a line's end up to here.
    at: usize,
    /// Lines so far, blank ones too.
    number: u64,
    /// The last frame, for `refuse`.
    last: Range<usize>,
    /// Bytes thrown away because the line is too long.
    dropped: u64,
    /// What ends a record.
    end: Box<[u8]>,
    /// It is the beginning of the next one.
    begins: bool,
    limits: FrameLimits,
}

const LINE_FEED: &[u8] = b"\n";

impl LineFramer {
    pub fn new(limits: FrameLimits) -> Self {
        LineFramer::ending_with(LINE_FEED, limits)
    }

    pub fn ending_with(end: &[u8], limits: FrameLimits) -> Self {
        LineFramer {
            buffer: Vec::new(),
            start: 0,
            at: 0,
            number: 0,
            last: 0..0,
            dropped: 0,
            end: if end.is_empty() { LINE_FEED.into() } else { end.into() },
            begins: false,
            limits,
        }
    }

    /// What stands before the first beginning is a record, too: its decoder refuses it.
    pub fn beginning_with(start: &[u8], limits: FrameLimits) -> Self {
        LineFramer { begins: true, ..LineFramer::ending_with(start, limits) }
    }

    /// Where the record at hand ends, from `at` on.
    fn find_end(&self) -> Option<usize> {
        let rest = &self.buffer[self.at..];
        match *self.end {
            [byte] => memchr::memchr(byte, rest),
            _ => memchr::memmem::find(rest, &self.end),
        }
    }

    /// The line that ends before `end`; `None` if it is blank.
    fn line(&mut self, end: usize) -> Option<Frame> {
        if self.begins && self.start == end {
            return None;
        }
        self.number += 1;
        let mut range = self.start..end;
        if self.number == 1 && self.buffer[range.clone()].starts_with(BYTE_ORDER_MARK) {
            range.start += BYTE_ORDER_MARK.len();
        }
        let dropped = std::mem::take(&mut self.dropped);
        self.last = range.clone();
        if dropped > 0 || range.len() > self.limits.record_bytes_max {
            let length = range.len() as u64 + dropped;
            let detail = format!("{length} bytes, at most {}", self.limits.record_bytes_max);
            let Frame::Broken { range, number, reject, .. } =
                self.refuse(Reject::new(Reason::TooLarge, detail))
            else {
                return None;
            };
            return Some(Frame::Broken { range, number, length, reject });
        }
        if !self.begins && self.buffer[range.clone()].ends_with(b"\r") {
            range.end -= 1;
        }
        if self.buffer[range.clone()].iter().all(u8::is_ascii_whitespace) {
            return None;
        }
        Some(Frame::Record { range, number: self.number, compact: true })
    }
}

impl Framer for LineFramer {
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
        while let Some(length) = self.find_end() {
            let end = self.at + length;
            let frame = self.line(end);
            self.at = end + self.end.len();
            self.start = if self.begins { end } else { self.at };
            if frame.is_some() {
                return frame;
            }
        }
        // The first bytes of an end may stand there already.
        self.at = self.start.max((self.buffer.len() + 1).saturating_sub(self.end.len()));
        // The rest of a line that is too long anyway is not kept.
        if self.at - self.start > self.limits.record_bytes_max {
            let keep = self.start + self.limits.sample_bytes_max.min(self.at - self.start);
            self.dropped += (self.at - keep) as u64;
            self.buffer.drain(keep..self.at);
            self.at = keep;
        }
        None
    }

    fn finish(&mut self) -> Option<Frame> {
        let end = self.buffer.len();
        if self.start == end {
            return None;
        }
        let frame = self.line(end);
        self.start = end;
        self.at = end;
        frame
    }

    fn refuse(&mut self, reject: Reject) -> Frame {
        let Range { start, end } = self.last.clone();
        let sample = start..end.min(start + self.limits.sample_bytes_max);
        let length = (end - start) as u64;
        Frame::Broken { range: sample, number: self.number, length, reject }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::framing::shown::shown;

    const LIMITS: FrameLimits = FrameLimits { record_bytes_max: 10, sample_bytes_max: 4 };

    fn frames(text: &[u8], mut framer: LineFramer, piece: usize) -> Vec<String> {
        shown(&mut framer, text, piece, str::to_owned)
    }

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        check_ending_with("\n", text, expected);
    }

    #[track_caller]
    fn check_ending_with(end: &str, text: &str, expected: &[&str]) {
        for piece in [1, 2, 5, text.len().max(1)] {
            let framer = LineFramer::ending_with(end.as_bytes(), LIMITS);
            let frames = frames(text.as_bytes(), framer, piece);
            assert_eq!(frames, expected, "in pieces of {piece}");
        }
    }

    #[test]
    fn records_may_begin_with_certain_bytes() {
        let check = |text: &str, expected: &[&str]| {
            for piece in [1, 2, 5, text.len().max(1)] {
                let framer = LineFramer::beginning_with(b"<e ", LIMITS);
                let frames = frames(text.as_bytes(), framer, piece);
                assert_eq!(frames, expected, "in pieces of {piece}");
            }
        };
        check("<e 1><e 2>\n<e\n<e 3>\n", &["1 <e 1>", "2 <e 2>\n<e\n", "3 <e 3>\n"]);
        check("?<e 1\r\n \r\n<e 2", &["1 ?", "2 <e 1\r\n \r\n", "3 <e 2"]);
        check("<e 0123456789<e 1>", &["1 too_large of 13: <e 0", "2 <e 1>"]);
        check("", &[]);
    }

    #[test]
    fn records_may_end_with_other_bytes() {
        check_ending_with("--\n", "a\nb--\n-c--\n \n--\nd-", &["1 a\nb", "2 -c", "4 d-"]);
        check_ending_with("ab", "0123456789abcabd", &["1 0123456789", "2 c", "3 d"]);
        check_ending_with("ab", "0123456789xyzabc", &["1 too_large of 13: 0123", "2 c"]);
        check_ending_with("", "a\nb", &["1 a", "2 b"]);
    }

    #[test]
    fn lines_end_with_or_without_a_carriage_return_and_blank_ones_are_none() {
        check("one\r\ntwo\n\n \nfive", &["1 one", "2 two", "5 five"]);
        check("\u{feff}one\n", &["1 one"]);
        check("", &[]);
        check("\n\n", &[]);
    }

    #[test]
    fn a_line_that_is_too_long_costs_itself() {
        check("ok\n0123456789abcdef\nok", &["1 ok", "2 too_large of 16: 0123", "3 ok"]);
        check("0123456789abcdef", &["1 too_large of 16: 0123"]);
    }
}
