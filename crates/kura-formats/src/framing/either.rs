//! JSON or something else, told by the first byte: what a program writes in two ways.

use super::json::JsonFramer;
use super::{BYTE_ORDER_MARK, Frame, FrameLimits, Framer, Framing};
use crate::reject::Reject;

#[derive(Debug)]
pub struct EitherFramer {
    chosen: Option<Box<dyn Framer>>,
    /// What came before there was a byte that tells.
    waiting: Vec<u8>,
    other: Option<Framing>,
    limits: FrameLimits,
}

impl EitherFramer {
    pub fn new(other: Framing, limits: FrameLimits) -> Self {
        EitherFramer { chosen: None, waiting: Vec::new(), other: Some(other), limits }
    }

    fn choose(&mut self, first: u8) {
        let limits = self.limits;
        let mut chosen: Box<dyn Framer> = match (first, self.other.take()) {
            (b'{' | b'[', _) | (_, None) => Box::new(JsonFramer::new(limits, None)),
            (_, Some(other)) => other.framer(limits),
        };
        chosen.feed(&std::mem::take(&mut self.waiting));
        self.chosen = Some(chosen);
    }
}

/// The first byte that is neither blank nor part of a byte order mark.
fn telling_byte(bytes: &[u8]) -> Option<u8> {
    if bytes.len() < BYTE_ORDER_MARK.len() && BYTE_ORDER_MARK.starts_with(bytes) {
        return None;
    }
    let bytes = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes);
    bytes.iter().copied().find(|byte| !byte.is_ascii_whitespace())
}

impl Framer for EitherFramer {
    fn feed(&mut self, bytes: &[u8]) {
        if let Some(chosen) = &mut self.chosen {
            return chosen.feed(bytes);
        }
        self.waiting.extend_from_slice(bytes);
        if let Some(first) = telling_byte(&self.waiting) {
            self.choose(first);
        }
    }

    fn bytes(&self) -> &[u8] {
        self.chosen.as_ref().map_or(&[], |chosen| chosen.bytes())
    }

    fn number(&self) -> u64 {
        self.chosen.as_ref().map_or(0, |chosen| chosen.number())
    }

    fn ahead(&self) -> Option<&str> {
        self.chosen.as_ref()?.ahead()
    }

    fn taken(&mut self, bytes: usize, records: u64) {
        if let Some(chosen) = &mut self.chosen {
            chosen.taken(bytes, records);
        }
    }

    fn next_frame(&mut self) -> Option<Frame> {
        self.chosen.as_mut()?.next_frame()
    }

    fn finish(&mut self) -> Option<Frame> {
        let blank = self.waiting.iter().all(u8::is_ascii_whitespace);
        if self.chosen.is_none() && !blank {
            self.choose(0);
        }
        self.chosen.as_mut()?.finish()
    }

    fn refuse(&mut self, reject: Reject) -> Frame {
        match &mut self.chosen {
            Some(chosen) => chosen.refuse(reject),
            None => Frame::Broken { range: 0..0, number: 0, length: 0, reject },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frames(text: &[u8], piece: usize) -> Vec<String> {
        let mut framer = EitherFramer::new(Framing::Lines, FrameLimits::default());
        let mut shown = Vec::new();
        let mut take = |framer: &EitherFramer, frame: Frame| {
            let (Frame::Record { range, number, .. } | Frame::Broken { range, number, .. }) = frame;
            shown.push(format!("{number} {}", String::from_utf8_lossy(&framer.bytes()[range])));
        };
        for part in text.chunks(piece) {
            framer.feed(part);
            while let Some(frame) = framer.next_frame() {
                take(&framer, frame);
            }
        }
        while let Some(frame) = framer.finish() {
            take(&framer, frame);
        }
        shown
    }

    #[test]
    fn the_first_byte_tells() {
        for (text, expected) in [
            ("\u{feff}\n {\"a\":\n1}{}", vec!["1 {\"a\":\n1}", "2 {}"]),
            ("[{}]", vec!["1 {}"]),
            ("\u{feff}a\n{}", vec!["1 a", "2 {}"]),
            ("\n \n", vec![]),
            ("", vec![]),
        ] {
            for piece in [1, 2, 5, text.len().max(1)] {
                assert_eq!(frames(text.as_bytes(), piece), expected, "in pieces of {piece}");
            }
        }
        assert_eq!(frames(b"\xef", 1), ["1 \u{fffd}"]);
    }
}
