//! A cursor over JSON text that validates as it goes and builds nothing: values come out
//! as the slices they are, so that a column can hold them exactly as received.

use std::borrow::Cow;

/// Deeper than any log; shallow enough for every reader of the lake.
pub const DEPTH_MAX: u32 = 128;

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what} at byte {at}")]
pub struct JsonError {
    pub what: &'static str,
    pub at: usize,
}

type Result<T> = std::result::Result<T, JsonError>;

/// What a value is, told by its first byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Object,
    Array,
    String,
    Number,
    Bool,
    Null,
}

/// The kind of a value given as the slice the cursor returned.
#[must_use]
pub fn kind_of(value: &str) -> Kind {
    kind_of_byte(value.as_bytes().first().copied())
}

fn kind_of_byte(byte: Option<u8>) -> Kind {
    match byte {
        Some(b'{') => Kind::Object,
        Some(b'[') => Kind::Array,
        Some(b'"') => Kind::String,
        Some(b't' | b'f') => Kind::Bool,
        Some(b'n') => Kind::Null,
        _ => Kind::Number,
    }
}

#[derive(Debug, Clone)]
pub struct Cursor<'a> {
    text: &'a str,
    at: usize,
    /// White space was skipped.
    loose: bool,
}

impl<'a> Cursor<'a> {
    #[must_use]
    pub fn new(text: &'a str) -> Self {
        Cursor { text, at: 0, loose: false }
    }

    /// Where the cursor stands.
    #[must_use]
    pub fn at(&self) -> usize {
        self.at
    }

    /// Whether no white space was skipped since this was last asked.
    pub fn was_compact(&mut self) -> bool {
        !std::mem::take(&mut self.loose)
    }

    /// Skips a byte, and white space before it, if it is this one.
    pub fn skip_if(&mut self, byte: u8) -> bool {
        self.close_if(byte)
    }

    /// Calls `entry` with each key and value of the object that stands here.
    pub fn object(&mut self, mut entry: impl FnMut(Cow<'a, str>, &'a str)) -> Result<()> {
        self.open(b'{', "expected an object")?;
        if self.close_if(b'}') {
            return Ok(());
        }
        loop {
            let key = self.key()?;
            let value = self.value()?;
            entry(key, value);
            if !self.comma_or(b'}', "expected `,` or `}`")? {
                return Ok(());
            }
        }
    }

    /// Calls `item` with each value of the array that stands here.
    pub fn array(&mut self, mut item: impl FnMut(&'a str)) -> Result<()> {
        self.open(b'[', "expected an array")?;
        if self.close_if(b']') {
            return Ok(());
        }
        loop {
            item(self.value()?);
            if !self.comma_or(b']', "expected `,` or `]`")? {
                return Ok(());
            }
        }
    }

    /// The value that stands here, as it was written.
    pub fn value(&mut self) -> Result<&'a str> {
        self.white_space();
        let start = self.at;
        self.skip(0)?;
        Ok(&self.text[start..self.at])
    }

    /// Nothing but white space may follow.
    pub fn end(&mut self) -> Result<()> {
        self.white_space();
        match self.at == self.text.len() {
            true => Ok(()),
            false => Err(self.error("more than one value")),
        }
    }

    /// Enters the object that stands here: `true` if it has a first key.
    pub fn enter_object(&mut self) -> Result<bool> {
        self.open(b'{', "expected an object")?;
        Ok(!self.close_if(b'}'))
    }

    /// Enters the array that stands here: `true` if it has a first element.
    pub fn enter_array(&mut self) -> Result<bool> {
        self.open(b'[', "expected an array")?;
        Ok(!self.close_if(b']'))
    }

    /// What the value that stands here is, told by its first byte.
    pub fn kind(&mut self) -> Kind {
        self.white_space();
        kind_of_byte(self.peek())
    }

    /// The next key; the cursor then stands before its value.
    pub fn key(&mut self) -> Result<Cow<'a, str>> {
        self.white_space();
        let key = self.text()?;
        self.colon()?;
        Ok(key)
    }

    /// The string that stands here, as what it means.
    pub fn text(&mut self) -> Result<Cow<'a, str>> {
        let start = self.at;
        let escaped = self.string()?;
        let inner = &self.text[start + 1..self.at - 1];
        Ok(if escaped { Cow::Owned(unescape(inner)) } else { Cow::Borrowed(inner) })
    }

    fn colon(&mut self) -> Result<()> {
        self.white_space();
        if self.peek() != Some(b':') {
            return Err(self.error("expected `:`"));
        }
        self.at += 1;
        Ok(())
    }

    /// After a value: `true` if another follows, `false` if `close` ended it.
    pub fn comma_or(&mut self, close: u8, what: &'static str) -> Result<bool> {
        self.white_space();
        match self.peek() {
            Some(b',') => {
                self.at += 1;
                Ok(true)
            }
            Some(byte) if byte == close => {
                self.at += 1;
                Ok(false)
            }
            _ => Err(self.error(what)),
        }
    }

    /// The byte that stands after white space.
    pub fn next_byte(&mut self) -> Option<u8> {
        self.white_space();
        self.peek()
    }

    fn open(&mut self, byte: u8, what: &'static str) -> Result<()> {
        self.white_space();
        if self.peek() != Some(byte) {
            return Err(self.error(what));
        }
        self.at += 1;
        Ok(())
    }

    fn close_if(&mut self, byte: u8) -> bool {
        self.white_space();
        let closes = self.peek() == Some(byte);
        self.at += usize::from(closes);
        closes
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    #[inline]
    fn white_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.loose = true;
            self.at += 1;
        }
    }

    fn error(&self, what: &'static str) -> JsonError {
        JsonError { what, at: self.at }
    }

    fn skip(&mut self, depth: u32) -> Result<()> {
        match self.peek() {
            Some(b'"') => self.string().map(|_| ()),
            Some(open @ (b'{' | b'[')) if depth < DEPTH_MAX => self.skip_container(open, depth),
            Some(b'{' | b'[') => Err(self.error("nested too deep")),
            Some(b't') => self.literal("true"),
            Some(b'f') => self.literal("false"),
            Some(b'n') => self.literal("null"),
            Some(b'-' | b'0'..=b'9') => self.number(),
            _ => Err(self.error("expected a value")),
        }
    }

    fn skip_container(&mut self, open: u8, depth: u32) -> Result<()> {
        let close = if open == b'{' { b'}' } else { b']' };
        self.at += 1;
        if self.close_if(close) {
            return Ok(());
        }
        loop {
            self.white_space();
            if open == b'{' {
                self.string()?;
                self.colon()?;
                self.white_space();
            }
            self.skip(depth + 1)?;
            if !self.comma_or(close, "expected `,` or the end of a container")? {
                return Ok(());
            }
        }
    }

    /// Skips a string; `true` if it has escapes.
    fn string(&mut self) -> Result<bool> {
        let bytes = self.text.as_bytes();
        if self.peek() != Some(b'"') {
            return Err(self.error("expected a string"));
        }
        self.at += 1;
        let mut escaped = false;
        loop {
            self.at += plain_prefix(&bytes[self.at..]);
            match bytes.get(self.at) {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(escaped);
                }
                Some(b'\\') => {
                    escaped = true;
                    self.escape()?;
                }
                Some(0..=0x1f) => return Err(self.error("a control character in a string")),
                Some(_) => self.at += 1,
                None => return Err(self.error("a string without an end")),
            }
        }
    }

    fn escape(&mut self) -> Result<()> {
        let bytes = self.text.as_bytes();
        match bytes.get(self.at + 1) {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => self.at += 2,
            Some(b'u')
                if bytes
                    .get(self.at + 2..self.at + 6)
                    .is_some_and(|hex| hex.iter().all(u8::is_ascii_hexdigit)) =>
            {
                self.at += 6;
            }
            _ => return Err(self.error("an unknown escape")),
        }
        Ok(())
    }

    fn literal(&mut self, word: &'static str) -> Result<()> {
        if !self.text[self.at..].starts_with(word) {
            return Err(self.error("expected a value"));
        }
        self.at += word.len();
        Ok(())
    }

    fn number(&mut self) -> Result<()> {
        self.at += usize::from(self.peek() == Some(b'-'));
        let leading_zero = self.peek() == Some(b'0');
        let digits = self.digits();
        if digits == 0 || (leading_zero && digits > 1) {
            return Err(self.error("a broken number"));
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            if self.digits() == 0 {
                return Err(self.error("a broken number"));
            }
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            self.at += usize::from(matches!(self.peek(), Some(b'+' | b'-')));
            if self.digits() == 0 {
                return Err(self.error("a broken number"));
            }
        }
        Ok(())
    }

    fn digits(&mut self) -> usize {
        let start = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        self.at - start
    }
}

/// How many bytes at the beginning are neither a quote, a backslash nor a control character,
/// rounded down where the end is near. Eight at a time: strings are most of what is read.
#[inline]
fn plain_prefix(bytes: &[u8]) -> usize {
    const ONES: u64 = u64::from_ne_bytes([1; 8]);
    const HIGH: u64 = u64::from_ne_bytes([0x80; 8]);
    // The lowest byte that is flagged is truly zero, or truly less: a borrow only goes up.
    let zero = |word: u64| word.wrapping_sub(ONES) & !word & HIGH;
    let mut length = 0;
    for eight in bytes.chunks_exact(8) {
        let Ok(eight) = <[u8; 8]>::try_from(eight) else { break };
        let word = u64::from_le_bytes(eight);
        let quote = zero(word ^ (ONES * u64::from(b'"')));
        let backslash = zero(word ^ (ONES * u64::from(b'\\')));
        let control = word.wrapping_sub(ONES * 0x20) & !word & HIGH;
        let special = quote | backslash | control;
        if special != 0 {
            return length + special.trailing_zeros() as usize / 8;
        }
        length += 8;
    }
    length
}

/// The text of a string value, given with its quotes. A lone surrogate becomes U+FFFD.
#[must_use]
pub fn unquote(value: &str) -> Cow<'_, str> {
    let inner = value.strip_prefix('"').and_then(|v| v.strip_suffix('"')).unwrap_or(value);
    match inner.contains('\\') {
        false => Cow::Borrowed(inner),
        true => Cow::Owned(unescape(inner)),
    }
}

/// The inside of a value that is a string, as it was written.
#[must_use]
pub fn text_of(value: Option<&str>) -> Option<&str> {
    let value = value.filter(|v| kind_of(v) == Kind::String)?;
    value.strip_prefix('"')?.strip_suffix('"')
}

fn unescape(inner: &str) -> String {
    let mut text = String::with_capacity(inner.len());
    let mut rest = inner;
    while let Some(at) = rest.find('\\') {
        text.push_str(&rest[..at]);
        let escape = rest.as_bytes().get(at + 1).copied().unwrap_or(b'\\');
        let mut used = 2;
        match escape {
            b'b' => text.push('\u{8}'),
            b'f' => text.push('\u{c}'),
            b'n' => text.push('\n'),
            b'r' => text.push('\r'),
            b't' => text.push('\t'),
            b'u' => {
                let (character, length) = unicode_escape(&rest[at..]);
                text.push(character);
                used = length;
            }
            other => text.push(char::from(other)),
        }
        rest = rest.get(at + used..).unwrap_or("");
    }
    text.push_str(rest);
    text
}

/// The character that `\uXXXX` (or a surrogate pair of two) means, and its length.
fn unicode_escape(text: &str) -> (char, usize) {
    let unit = |from: usize| {
        let hex = text.get(from..from + 6)?.strip_prefix("\\u")?;
        u16::from_str_radix(hex, 16).ok()
    };
    let Some(first) = unit(0) else { return (char::REPLACEMENT_CHARACTER, 2) };
    let pair = [first, unit(6).unwrap_or(0)];
    match char::decode_utf16(pair).next() {
        Some(Ok(character)) => (character, if character.len_utf16() == 2 { 12 } else { 6 }),
        _ => (char::REPLACEMENT_CHARACTER, 6),
    }
}

/// `text` as a JSON string.
#[must_use]
pub fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    push_quoted(&mut out, text);
    out
}

/// Appends `text` as a JSON string, quotes and all.
pub fn push_quoted(out: &mut String, text: &str) {
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\0'..='\u{1f}' => out.push_str(&format!("\\u{:04x}", u32::from(character))),
            _ => out.push(character),
        }
    }
    out.push('"');
}

/// As [`push_quoted`]; what is not UTF-8 stays as it is.
pub fn push_quoted_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    out.push(b'"');
    for &byte in bytes {
        match byte {
            b'"' | b'\\' => out.extend([b'\\', byte]),
            b'\n' => out.extend(b"\\n"),
            0..=0x1f => out.extend(format!("\\u{byte:04x}").as_bytes()),
            _ => out.push(byte),
        }
    }
    out.push(b'"');
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whatever serde_json takes as one value, the cursor takes, and the other way round
    /// (but for depth, and numbers out of range, which serde_json refuses).
    #[test]
    fn agrees_with_serde_json_on_what_is_json() {
        bolero::check!().for_each(|bytes: &[u8]| {
            let Ok(text) = std::str::from_utf8(bytes) else { return };
            let mut cursor = Cursor::new(text);
            let ours = cursor.value().and_then(|_| cursor.end());
            match serde_json::from_str::<serde_json::Value>(text) {
                Ok(_) => assert_eq!(ours, Ok(()), "{text}"),
                Err(error) if error.to_string().contains("out of range") => {}
                Err(error) if error.to_string().contains("recursion") => {}
                Err(error) if error.to_string().contains("surrogate") => {}
                Err(error) if error.to_string().contains("hex escape") => {}
                Err(_) => assert!(ours.is_err(), "{text}"),
            }
        });
    }

    #[test]
    fn strings_are_unquoted_as_serde_json_does() {
        for text in [r#""plain""#, r#""a\"b\\c\/d\n\t""#, r#""\u00e9\ud83d\ude00""#, r#""日本""#]
        {
            let expected: String = serde_json::from_str(text).expect("JSON");
            assert_eq!(unquote(text), expected);
            let mut quoted = String::new();
            push_quoted(&mut quoted, &expected);
            assert_eq!(serde_json::from_str::<String>(&quoted).expect("JSON"), expected);
        }
        assert_eq!(unquote(r#""\ud83d!""#), "\u{fffd}!");
    }

    #[test]
    fn depth_is_capped() {
        let text = "[".repeat(100_000);
        let error = Cursor::new(&text).value().expect_err("too deep");
        assert_eq!(error.what, "nested too deep");
    }
}
