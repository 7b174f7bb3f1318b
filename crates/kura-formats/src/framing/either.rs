//! Objects that are JSON or text: the first byte that is no blank says which.

use super::json::JsonFramer;
use super::{BYTE_ORDER_MARK, Frame, FrameLimits, Framer, Framing};
use crate::reject::Reject;

#[derive(Debug)]
pub struct JsonOrFramer {
    state: State,
    limits: FrameLimits,
}

#[derive(Debug)]
enum State {
    /// Nothing but blanks so far.
    Blank {
        bytes: Vec<u8>,
        other: Framing,
    },
    Chosen(Box<dyn Framer>),
}

impl JsonOrFramer {
    pub fn new(other: Framing, limits: FrameLimits) -> Self {
        JsonOrFramer { state: State::Blank { bytes: Vec::new(), other }, limits }
    }

    fn chosen(&mut self) -> Option<&mut Box<dyn Framer>> {
        match &mut self.state {
            State::Blank { .. } => None,
            State::Chosen(framer) => Some(framer),
        }
    }

    /// From these bytes on, if they say it; at the end of an object they always do.
    fn choose(&mut self, more: &[u8], ended: bool) {
        let State::Blank { bytes, other } = &mut self.state else { return };
        bytes.extend_from_slice(more);
        // A mark of the byte order may still lack bytes.
        let text = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes);
        let first = text.iter().find(|byte| !byte.is_ascii_whitespace());
        let is_cut_mark = text.len() == bytes.len() && BYTE_ORDER_MARK.starts_with(text);
        let mut framer: Box<dyn Framer> = match first {
            None if !ended => return,
            _ if is_cut_mark && !ended => return,
            Some(b'{' | b'[') => Box::new(JsonFramer::new(self.limits, None)),
            _ => other.clone().framer(self.limits),
        };
        framer.feed(bytes);
        self.state = State::Chosen(framer);
    }
}

impl Framer for JsonOrFramer {
    fn feed(&mut self, bytes: &[u8]) {
        match self.chosen() {
            Some(framer) => framer.feed(bytes),
            None => self.choose(bytes, false),
        }
    }

    fn bytes(&self) -> &[u8] {
        match &self.state {
            State::Blank { .. } => &[],
            State::Chosen(framer) => framer.bytes(),
        }
    }

    fn number(&self) -> u64 {
        match &self.state {
            State::Blank { .. } => 0,
            State::Chosen(framer) => framer.number(),
        }
    }

    fn next_frame(&mut self) -> Option<Frame> {
        self.chosen()?.next_frame()
    }

    fn finish(&mut self) -> Option<Frame> {
        self.choose(&[], true);
        self.chosen()?.finish()
    }

    fn refuse(&mut self, reject: Reject) -> Frame {
        match &mut self.state {
            State::Chosen(framer) => framer.refuse(reject),
            State::Blank { .. } => Frame::Broken { range: 0..0, number: 0, length: 0, reject },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frames(text: &str, piece: usize) -> Vec<String> {
        let limits = FrameLimits { record_bytes_max: 100, sample_bytes_max: 10 };
        let mut framer = Framing::JsonOr(Box::new(Framing::Lines)).framer(limits);
        let mut shown = Vec::new();
        for part in text.as_bytes().chunks(piece) {
            framer.feed(part);
            while let Some(frame) = framer.next_frame() {
                shown.push(show(framer.bytes(), frame));
            }
        }
        while let Some(frame) = framer.next_frame().or_else(|| framer.finish()) {
            shown.push(show(framer.bytes(), frame));
        }
        shown
    }

    fn show(bytes: &[u8], frame: Frame) -> String {
        match frame {
            Frame::Record { range, .. } => String::from_utf8_lossy(&bytes[range]).into_owned(),
            Frame::Broken { reject, .. } => reject.reason.to_string(),
        }
    }

    #[test]
    fn the_first_byte_says() {
        let check = |text: &str, expected: &[&str]| {
            for piece in [1, 2, 3, text.len().max(1)] {
                assert_eq!(frames(text, piece), expected, "{text:?} in pieces of {piece}");
            }
        };
        check("a\n{b\n", &["a", "{b"]);
        check("\u{feff}a\nb", &["a", "b"]);
        check("\n {\"a\":1}{\"a\":2}", &["{\"a\":1}", "{\"a\":2}"]);
        check("\u{feff}[{\"a\":\n1}]", &["{\"a\":\n1}"]);
        check("\n\n", &[]);
        check("", &[]);
    }
}
