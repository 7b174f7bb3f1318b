//! Characters that a cut tore.
//!
//! Container runtimes cut lines at bytes. Of a character that lies across a cut each part has
//! some bytes, which are no UTF-8. An input leaves them as they came where they begin or end a
//! text ([`torn_ends`]), and they come together again with their line. Whatever else looks at
//! such a record sees U+FFFD in their place.

/// Of a character of four bytes.
const REST_BYTES_MAX: usize = 3;

/// A text that is no UTF-8, as the rest of a character, what lies between, and the beginning of
/// a character.
#[must_use]
pub fn torn_ends(text: &[u8]) -> (&[u8], &[u8], &[u8]) {
    let rest = text.iter().take(REST_BYTES_MAX).take_while(|byte| is_rest(**byte)).count();
    let (before, text) = text.split_at_checked(rest).unwrap_or_default();
    let begun = (1..=REST_BYTES_MAX.min(text.len())).find(|bytes| {
        let end = text.get(text.len() - bytes..).unwrap_or_default();
        std::str::from_utf8(end).is_err_and(|error| is_begun(end) && error.error_len().is_none())
    });
    let (text, after) = text.split_at_checked(text.len() - begun.unwrap_or(0)).unwrap_or_default();
    (before, text, after)
}

fn is_rest(byte: u8) -> bool {
    byte & 0xc0 == 0x80
}

/// Whether a character of several bytes begins here.
fn is_begun(bytes: &[u8]) -> bool {
    matches!(bytes.first(), Some(0xc2..=0xf4))
}

/// A record with torn texts, as others are to see it.
#[derive(Debug)]
pub struct Torn {
    pub text: String,
    /// Where U+FFFD stands in `text`, and for what.
    bytes: Vec<(usize, Box<[u8]>)>,
}

impl Torn {
    /// `None` for what is no object, or no UTF-8 anywhere but at the ends of its texts.
    pub fn read(record: &[u8]) -> Option<Self> {
        if !record.trim_ascii_start().starts_with(b"{") {
            return None;
        }
        let mut torn = Torn { text: String::with_capacity(record.len() + 8), bytes: Vec::new() };
        let mut begins_text = false;
        let mut chunks = record.utf8_chunks().peekable();
        while let Some(chunk) = chunks.next() {
            torn.text.push_str(chunk.valid());
            let Some(first) = chunk.invalid().first() else { continue };
            begins_text = is_rest(*first)
                && (chunk.valid().ends_with('"') || (chunk.valid().is_empty() && begins_text));
            let ends_text = is_begun(chunk.invalid())
                && chunks.peek().is_some_and(|next| next.valid().starts_with('"'));
            if !begins_text && !ends_text {
                return None;
            }
            torn.bytes.push((torn.text.len(), chunk.invalid().into()));
            torn.text.push('\u{fffd}');
        }
        Some(torn)
    }

    /// A stretch of the text as it came.
    pub fn as_it_came(&self, from: usize, to: usize) -> Box<[u8]> {
        let mut came = Vec::with_capacity(to.saturating_sub(from));
        let mut at = from;
        for (place, bytes) in self.bytes.iter().filter(|(place, _)| (from..to).contains(place)) {
            came.extend_from_slice(self.text.get(at..*place).unwrap_or_default().as_bytes());
            came.extend_from_slice(bytes);
            at = place + '\u{fffd}'.len_utf8();
        }
        came.extend_from_slice(self.text.get(at..to).unwrap_or_default().as_bytes());
        came.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_torn_character_is_an_end() {
        for (text, expected) in [
            (&b"\x82\x83a\xe3\x81"[..], (&b"\x82\x83"[..], &b"a"[..], &b"\xe3\x81"[..])),
            (b"\x81\x82\x83\x84a", (b"\x81\x82\x83", b"\x84a", b"")),
            (b"\x9f", (b"\x9f", b"", b"")),
            (b"\xf0\x9f\x98", (b"", b"", b"\xf0\x9f\x98")),
            (b"\x9f\xf0", (b"\x9f", b"", b"\xf0")),
            (b"a\xff", (b"", b"a\xff", b"")),
            (b"\xe0\x80", (b"", b"\xe0\x80", b"")),
            (b"\xc3\xa9\xff", (b"", b"\xc3\xa9\xff", b"")),
            (b"", (b"", b"", b"")),
        ] {
            assert_eq!(torn_ends(text), expected, "{text:?}");
        }
    }

    #[test]
    fn only_the_ends_of_texts_are_read_as_torn() {
        for (record, expected) in [
            (&b"{\"a\":\"\x82x\xe3\x81\"}"[..], Some("{\"a\":\"\u{fffd}x\u{fffd}\"}")),
            (b"{\"a\":\"\x9f\xf0\x9f\"}", Some("{\"a\":\"\u{fffd}\u{fffd}\"}")),
            (b"{\"a\":\"x\x82\"}", None),
            (b"{\"a\":\"\xe3x\"}", None),
            (b"{\"a\":\"\xff\"}", None),
            (b"{\"a\":1}\xe3", None),
            (b"\"\x82\"", None),
        ] {
            assert_eq!(Torn::read(record).map(|torn| torn.text).as_deref(), expected);
        }
        let torn = Torn::read(b"{\"a\":\"\x82x\xe3\x81\"}").expect("torn");
        assert_eq!(&*torn.as_it_came(0, torn.text.len()), b"{\"a\":\"\x82x\xe3\x81\"}");
        assert_eq!(&*torn.as_it_came(6, 10), b"\x82x");
    }
}
