//! Records that are too long, in parts: one long text of theirs is cut, all else is in every
//! part, and Docker's own marks say how the parts belong together.

use std::io::Write;

use super::json::{self, Field};

/// The fields that a part has more than its record, with an id and an ordinal as long as they get.
const MARKS_BYTES_MAX: usize = 192;

/// A part has so many bytes of the text at least, whatever else is to fit: a part for each
/// byte would be worse than a part that is too long.
const PART_BYTES_MIN: usize = 256;

/// Every part repeats the rest of its record: all of them are so many times as long at most.
const GROWTH_MAX: usize = 4;

/// What Docker's log drivers and we write into parts.
const MARKS: [&str; 5] =
    ["partial_message", "partial_id", "partial_ordinal", "partial_last", "kura_cut"];

/// Where log lines stand, by what most senders call it.
const LINES: [&str; 2] = ["log", "message"];

/// A record, seen as a text with something before and behind it.
#[derive(Debug)]
pub(super) struct Cut<'a> {
    before: &'a [u8],
    text: &'a [u8],
    after: &'a [u8],
    budget: usize,
}

/// One of its parts.
#[derive(Debug)]
pub(super) struct Part<'a> {
    cut: &'a Cut<'a>,
    text: &'a [u8],
    ordinal: usize,
    is_last: bool,
}

impl<'a> Cut<'a> {
    /// How `record`, a JSON object with `fields`, is best cut into parts of `bytes_max`: at its
    /// line or else at its longest text. Where that would not do, or the record is a part
    /// already, its JSON is the text that is cut, and is written to `whole`.
    pub(super) fn new(
        record: &'a [u8],
        fields: &[Field],
        bytes_max: usize,
        whole: &'a mut Vec<u8>,
    ) -> Self {
        let longest = |lines: bool| {
            let texts = fields.iter().filter(|field| field.is_text);
            let texts = texts.filter(|field| !lines || is_any(record, field, &LINES));
            texts.max_by_key(|field| field.value.len())
        };
        let is_part = fields.iter().any(|field| is_any(record, field, &MARKS));
        let would_do = |field: &&Field| !is_part && grows_little(record, field, bytes_max);
        let best = longest(true).filter(would_do).or_else(|| longest(false).filter(would_do));
        if let Some(cut) = best.and_then(|field| Cut::at(record, field, bytes_max)) {
            return cut;
        }
        json::escaped(&String::from_utf8_lossy(record), whole);
        let (before, after) = (&b"{\"message\":\""[..], &b"\""[..]);
        Cut { before, text: whole, after, budget: budget(bytes_max, before, after) }
    }

    /// Between the quotes of a field.
    fn at(record: &'a [u8], field: &Field, bytes_max: usize) -> Option<Self> {
        let before = record.get(..field.value.start + 1)?;
        let text = record.get(field.value.start + 1..field.value.end.checked_sub(1)?)?;
        // Without the bracket that closes the record.
        let after = record.get(field.value.end - 1..record.len().checked_sub(1)?)?;
        Some(Cut { before, text, after, budget: budget(bytes_max, before, after) })
    }

    /// One part after the other.
    pub(super) fn parts(&self, mut each: impl FnMut(Part<'_>)) {
        let (mut rest, mut ordinal) = (self.text, 1);
        while !rest.is_empty() {
            let Some((text, behind)) = rest.split_at_checked(border(rest, self.budget)) else {
                return;
            };
            each(Part { cut: self, text, ordinal, is_last: behind.is_empty() });
            (rest, ordinal) = (behind, ordinal + 1);
        }
    }
}

impl Part<'_> {
    /// Writes it as a JSON object; the parts of a record have `id` in common.
    pub(super) fn write(&self, id: &str, out: &mut Vec<u8>) {
        out.extend_from_slice(self.cut.before);
        out.extend_from_slice(self.text);
        out.extend_from_slice(self.cut.after);
        // Memory does not refuse.
        let _ = write!(
            out,
            ",\"partial_message\":\"true\",\"partial_id\":\"{id}\",\
             \"partial_ordinal\":\"{}\",\"partial_last\":\"{}\",\"kura_cut\":true}}",
            self.ordinal, self.is_last,
        );
    }
}

/// Whether the parts of a record cut at `field` are not too much more than the record.
fn grows_little(record: &[u8], field: &Field, bytes_max: usize) -> bool {
    let rest = record.len() - field.value.len() + MARKS_BYTES_MAX;
    let budget = bytes_max.saturating_sub(rest);
    budget >= PART_BYTES_MIN
        && field.value.len().div_ceil(budget).saturating_mul(bytes_max) <= GROWTH_MAX * record.len()
}

fn is_any(record: &[u8], field: &Field, names: &[&str]) -> bool {
    let key = record.get(field.key.clone()).unwrap_or_default();
    names.iter().any(|name| {
        key.strip_prefix(b"\"").and_then(|key| key.strip_suffix(b"\"")) == Some(name.as_bytes())
    })
}

fn budget(bytes_max: usize, before: &[u8], after: &[u8]) -> usize {
    bytes_max.saturating_sub(before.len() + after.len() + MARKS_BYTES_MAX).max(PART_BYTES_MIN)
}

/// The last place up to `most` at which a text, as JSON has it between quotes, may be cut: not
/// within a character, nor within an escape.
fn border(text: &[u8], most: usize) -> usize {
    let mut at = 0;
    while let Some(first) = text.get(at) {
        let length = match first {
            b'\\' if text.get(at + 1) == Some(&b'u') => 6,
            b'\\' | 0xc0..=0xdf => 2,
            0xe0..=0xef => 3,
            0xf0..=0xff => 4,
            _ => 1,
        };
        if at + length > most {
            break;
        }
        at += length;
    }
    at.min(text.len())
}
