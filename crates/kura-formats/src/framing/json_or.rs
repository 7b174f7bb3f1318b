//! JSON or something else, as the object itself shows: the same records come in either form.
//!
//! What begins with `{`, or with `[` before an object, is JSON. Until that is seen bytes wait.

use super::json::JsonFramer;
use super::{BYTE_ORDER_MARK, Frame, FrameLimits, Framer, Framing};
use crate::reject::Reject;

/// White space that may stand before the first record; behind more of it there is no JSON.
const BLANK_BYTES_MAX: usize = 4 << 10;

#[derive(Debug)]
pub struct JsonOrFramer {
    form: Form,
    limits: FrameLimits,
}

#[derive(Debug)]
enum Form {
    Unknown { waiting: Vec<u8>, other: Framing },
    Chosen(Box<dyn Framer>),
}

impl JsonOrFramer {
    pub fn new(other: Framing, limits: FrameLimits) -> Self {
        JsonOrFramer { form: Form::Unknown { waiting: Vec::new(), other }, limits }
    }

    /// What waited goes to the framer of its form.
    fn decide(&mut self, is_json: bool) {
        let Form::Unknown { waiting, other } = &mut self.form else { return };
        let mut chosen: Box<dyn Framer> = match is_json {
            true => Box::new(JsonFramer::new(self.limits, None)),
            false => other.clone().framer(self.limits),
        };
        chosen.feed(waiting);
        self.form = Form::Chosen(chosen);
    }

    fn chosen(&self) -> Option<&dyn Framer> {
        match &self.form {
            Form::Chosen(framer) => Some(framer.as_ref()),
            Form::Unknown { .. } => None,
        }
    }
}

/// Whether an object that begins like this is JSON; `None` until it says so.
fn is_json(head: &[u8]) -> Option<bool> {
    if BYTE_ORDER_MARK.starts_with(head) {
        return None;
    }
    let head = head.get(..BLANK_BYTES_MAX).unwrap_or(head);
    let mut tokens = head
        .strip_prefix(BYTE_ORDER_MARK)
        .unwrap_or(head)
        .iter()
        .filter(|byte| !byte.is_ascii_whitespace());
    match (tokens.next(), tokens.next()) {
        (Some(b'{'), _) => Some(true),
        (Some(b'['), Some(second)) => Some(matches!(second, b'{' | b']')),
        (None | Some(b'['), _) => (head.len() == BLANK_BYTES_MAX).then_some(false),
        (Some(_), _) => Some(false),
    }
}

impl Framer for JsonOrFramer {
    fn feed(&mut self, bytes: &[u8]) {
        match &mut self.form {
            Form::Chosen(framer) => framer.feed(bytes),
            Form::Unknown { waiting, .. } => {
                waiting.extend_from_slice(bytes);
                if let Some(is_json) = is_json(waiting) {
                    self.decide(is_json);
                }
            }
        }
    }

    fn bytes(&self) -> &[u8] {
        self.chosen().map_or(&[], |framer| framer.bytes())
    }

    fn number(&self) -> u64 {
        self.chosen().map_or(0, |framer| framer.number())
    }

    fn ahead(&self) -> Option<&str> {
        self.chosen()?.ahead()
    }

    fn taken(&mut self, bytes: usize, records: u64) {
        if let Form::Chosen(framer) = &mut self.form {
            framer.taken(bytes, records);
        }
    }

    fn next_frame(&mut self) -> Option<Frame> {
        match &mut self.form {
            Form::Chosen(framer) => framer.next_frame(),
            Form::Unknown { .. } => None,
        }
    }

    fn finish(&mut self) -> Option<Frame> {
        self.decide(false);
        self.next_frame().or_else(|| match &mut self.form {
            Form::Chosen(framer) => framer.finish(),
            Form::Unknown { .. } => None,
        })
    }

    fn refuse(&mut self, reject: Reject) -> Frame {
        self.decide(false);
        match &mut self.form {
            Form::Chosen(framer) => framer.refuse(reject),
            Form::Unknown { .. } => Frame::Broken { range: 0..0, number: 0, length: 0, reject },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        for piece in [1, 3, text.len().max(1)] {
            let mut framer = JsonOrFramer::new(Framing::Lines, FrameLimits::default());
            let mut frames = Vec::new();
            let mut take = |framer: &JsonOrFramer, frame: Frame| {
                let Frame::Record { range, number, .. } = frame else { panic!("{frame:?}") };
                frames
                    .push(format!("{number} {}", String::from_utf8_lossy(&framer.bytes()[range])));
            };
            for part in text.as_bytes().chunks(piece) {
                framer.feed(part);
                while let Some(frame) = framer.next_frame() {
                    take(&framer, frame);
                }
            }
            while let Some(frame) = framer.finish() {
                take(&framer, frame);
            }
            assert_eq!(frames, expected, "in pieces of {piece}");
        }
    }

    #[test]
    fn the_first_bytes_tell() {
        check("a b\n{\"a\":1}\n", &["1 a b", "2 {\"a\":1}"]);
        check("\u{feff}\n {\"a\":1}{\"b\":\n2}", &["1 {\"a\":1}", "2 {\"b\":\n2}"]);
        check("\n[ {\"a\":1},\n{}]", &["1 {\"a\":1}", "2 {}"]);
        check("[error] x\ny", &["1 [error] x", "2 y"]);
        check("[", &["1 ["]);
        check(" \n", &[]);
        check("", &[]);
    }

    #[test]
    fn blanks_without_end_are_lines() {
        let text = "\n".repeat(BLANK_BYTES_MAX) + "{\"a\":1}";
        check(&text, &[&format!("{} {{\"a\":1}}", BLANK_BYTES_MAX + 1)]);
    }
}
