//! A record's MessagePack as JSON text, straight from bytes to bytes.
//!
//! Nothing of a record is lost for what it is made of: bytes are text, what is no UTF-8 in them
//! is U+FFFD (but for a character that lies across the end of a record's own text, whose other
//! bytes may be in the next part of a line); NaN and the infinities are texts; an extension is its bytes in base64; a key that
//! is no text is its JSON. A record that is no map becomes the field `message` of one.

use std::io::Write;
use std::ops::Range;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use kura_formats::joining::torn_ends;

use super::Invalid;
use super::msgpack::{Head, Reader};

/// Where Fluent Bit's metadata of a record stand in it, if there are some.
const METADATA: &str = "fluent_metadata";

/// A field of the record written last: where it lies in the JSON text.
#[derive(Debug, Clone)]
pub(super) struct Field {
    /// In quotes.
    pub key: Range<usize>,
    pub value: Range<usize>,
    pub is_text: bool,
}

/// Writes records as JSON.
#[derive(Debug)]
pub(super) struct Transcoder {
    nesting_max: usize,
    /// Of all that is written into one buffer.
    bytes_max: usize,
    /// Within a key that is a list or a map: texts in texts double their backslashes, so that
    /// another such key in it is written as it came, in base64.
    in_key: bool,
    fields: Vec<Field>,
}

impl Transcoder {
    pub(super) fn new(nesting_max: usize, bytes_max: usize) -> Self {
        Transcoder { nesting_max, bytes_max, in_key: false, fields: Vec::new() }
    }

    /// The fields of the record written last, from where it began.
    pub(super) fn fields(&self) -> &[Field] {
        &self.fields
    }

    /// Writes the next value as a record. `false`: it is nil, and nothing was written.
    pub(super) fn record(
        &mut self,
        reader: &mut Reader<'_>,
        metadata: Option<&[u8]>,
        out: &mut Vec<u8>,
    ) -> Result<bool, Invalid> {
        self.fields.clear();
        let begin = out.len();
        let head = reader.head()?;
        if head == Head::Nil {
            return Ok(false);
        }
        out.push(b'{');
        if let Some(metadata) = metadata {
            let mut reader = Reader::new(metadata);
            let head = reader.head()?;
            self.named(METADATA, begin, head, &mut reader, out)?;
        }
        match head {
            Head::Map(count) => {
                for _ in 0..count {
                    self.pair(begin, reader, out)?;
                }
            }
            head => self.named("message", begin, head, reader, out)?,
        }
        out.push(b'}');
        Ok(true)
    }

    /// A key and a value of the record itself.
    fn pair(
        &mut self,
        begin: usize,
        reader: &mut Reader<'_>,
        out: &mut Vec<u8>,
    ) -> Result<(), Invalid> {
        let from = separated(begin, out);
        self.key(reader, 1, out)?;
        let head = reader.head()?;
        self.field_value(begin, from, head, reader, out)
    }

    /// A field whose name is ours; its value's head was read.
    fn named(
        &mut self,
        name: &str,
        begin: usize,
        head: Head,
        reader: &mut Reader<'_>,
        out: &mut Vec<u8>,
    ) -> Result<(), Invalid> {
        let from = separated(begin, out);
        text(name.as_bytes(), out);
        self.field_value(begin, from, head, reader, out)
    }

    fn field_value(
        &mut self,
        begin: usize,
        from: usize,
        head: Head,
        reader: &mut Reader<'_>,
        out: &mut Vec<u8>,
    ) -> Result<(), Invalid> {
        let key = from - begin..out.len() - begin;
        out.push(b':');
        let value = out.len() - begin;
        let is_text = match head {
            Head::Text(length) | Head::Bytes(length) => {
                quoted(reader.take(length)?, out, torn);
                self.check(out)?;
                true
            }
            head => {
                self.value(head, reader, 1, out)?;
                false
            }
        };
        self.fields.push(Field { key, value: value..out.len() - begin, is_text });
        Ok(())
    }

    fn key(
        &mut self,
        reader: &mut Reader<'_>,
        depth: usize,
        out: &mut Vec<u8>,
    ) -> Result<(), Invalid> {
        let before = *reader;
        match reader.head()? {
            Head::Text(length) | Head::Bytes(length) => text(reader.take(length)?, out),
            head @ (Head::Ext(..) | Head::Single(_) | Head::Double(_)) => {
                let mut scalar = Vec::new();
                self.value(head, reader, depth, &mut scalar)?;
                match scalar.first() {
                    Some(b'"') => out.extend_from_slice(&scalar),
                    _ => text(&scalar, out),
                }
            }
            Head::List(_) | Head::Map(_) if self.in_key => {
                *reader = before;
                base64_text(reader.skip()?, out);
            }
            head @ (Head::List(_) | Head::Map(_)) => {
                let mut json = Vec::new();
                self.in_key = true;
                self.value(head, reader, depth, &mut json)?;
                self.in_key = false;
                text(&json, out);
            }
            head => {
                out.push(b'"');
                self.value(head, reader, depth, out)?;
                out.push(b'"');
            }
        }
        self.check(out)
    }

    fn value(
        &mut self,
        head: Head,
        reader: &mut Reader<'_>,
        depth: usize,
        out: &mut Vec<u8>,
    ) -> Result<(), Invalid> {
        match head {
            Head::Nil => out.extend_from_slice(b"null"),
            Head::Bool(true) => out.extend_from_slice(b"true"),
            Head::Bool(false) => out.extend_from_slice(b"false"),
            Head::Unsigned(number) => {
                out.extend_from_slice(itoa::Buffer::new().format(number).as_bytes());
            }
            Head::Signed(number) => {
                out.extend_from_slice(itoa::Buffer::new().format(number).as_bytes());
            }
            Head::Single(number) if number.is_finite() => write(out, format_args!("{number:?}")),
            Head::Double(number) if number.is_finite() => write(out, format_args!("{number:?}")),
            Head::Single(number) => not_finite(number.into(), out),
            Head::Double(number) => not_finite(number, out),
            Head::Text(length) | Head::Bytes(length) => text(reader.take(length)?, out),
            Head::Ext(_, length) => base64_text(reader.take(length)?, out),
            Head::List(count) => {
                self.check_depth(depth)?;
                out.push(b'[');
                for at in 0..count {
                    if at > 0 {
                        out.push(b',');
                    }
                    let head = reader.head()?;
                    self.value(head, reader, depth + 1, out)?;
                }
                out.push(b']');
            }
            Head::Map(count) => {
                self.check_depth(depth)?;
                out.push(b'{');
                for at in 0..count {
                    if at > 0 {
                        out.push(b',');
                    }
                    self.key(reader, depth + 1, out)?;
                    out.push(b':');
                    let head = reader.head()?;
                    self.value(head, reader, depth + 1, out)?;
                }
                out.push(b'}');
            }
        }
        self.check(out)
    }

    fn check(&self, out: &[u8]) -> Result<(), Invalid> {
        match out.len() > self.bytes_max {
            true => Err(Invalid::TooMuchText(self.bytes_max)),
            false => Ok(()),
        }
    }

    /// The record itself is one of those counted.
    fn check_depth(&self, depth: usize) -> Result<(), Invalid> {
        match depth >= self.nesting_max {
            true => Err(Invalid::TooDeep(self.nesting_max)),
            false => Ok(()),
        }
    }
}

/// Where the next field begins, behind its comma.
fn separated(begin: usize, out: &mut Vec<u8>) -> usize {
    if out.len() > begin + 1 {
        out.push(b',');
    }
    out.len()
}

/// Bytes as a JSON text.
pub(super) fn text(bytes: &[u8], out: &mut Vec<u8>) {
    quoted(bytes, out, lossy);
}

/// Bytes as a JSON text; what is no UTF-8 is for `broken` to write.
fn quoted(bytes: &[u8], out: &mut Vec<u8>, broken: fn(&[u8], &mut Vec<u8>)) {
    out.reserve(bytes.len() + 2);
    out.push(b'"');
    let begin = out.len();
    // Up to what needs a second look: most texts have nothing of the kind.
    let plain = bytes.iter().position(|byte| is_escaped(*byte) || !byte.is_ascii());
    let plain = plain.unwrap_or(bytes.len());
    let (plain, rest) = bytes.split_at_checked(plain).unwrap_or((bytes, b""));
    out.extend_from_slice(plain);
    match std::str::from_utf8(rest) {
        _ if rest.is_empty() => {}
        Ok(text) => escaped(text, out),
        Err(_) => {
            out.truncate(begin);
            broken(bytes, out);
        }
    }
    out.push(b'"');
}

/// Parts of a line are cut at bytes: torn characters at the ends stay as they are, until parts
/// are put together.
fn torn(bytes: &[u8], out: &mut Vec<u8>) {
    let (before, text, after) = torn_ends(bytes);
    out.extend_from_slice(before);
    lossy(text, out);
    out.extend_from_slice(after);
}

fn lossy(bytes: &[u8], out: &mut Vec<u8>) {
    for chunk in bytes.utf8_chunks() {
        escaped(chunk.valid(), out);
        if !chunk.invalid().is_empty() {
            out.extend_from_slice("\u{fffd}".as_bytes());
        }
    }
}

/// A text as it stands between quotes.
pub(super) fn escaped(text: &str, out: &mut Vec<u8>) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    let mut rest = text.as_bytes();
    while let Some(at) = rest.iter().position(|byte| is_escaped(*byte)) {
        let Some((plain, [byte, behind @ ..])) = rest.split_at_checked(at) else { break };
        out.extend_from_slice(plain);
        match byte {
            b'"' => out.extend_from_slice(b"\\\""),
            b'\\' => out.extend_from_slice(b"\\\\"),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            control => {
                out.extend_from_slice(b"\\u00");
                let digits = [control >> 4, control & 0x0f].map(|digit| HEX[usize::from(digit)]);
                out.extend_from_slice(&digits);
            }
        }
        rest = behind;
    }
    out.extend_from_slice(rest);
}

/// A table, since this is asked of every byte.
fn is_escaped(byte: u8) -> bool {
    const ESCAPED: [bool; 256] = {
        let mut escaped = [false; 256];
        let mut control = 0;
        while control < 0x20 {
            escaped[control] = true;
            control += 1;
        }
        escaped[b'"' as usize] = true;
        escaped[b'\\' as usize] = true;
        escaped
    };
    ESCAPED[usize::from(byte)]
}

fn base64_text(bytes: &[u8], out: &mut Vec<u8>) {
    out.push(b'"');
    out.extend_from_slice(STANDARD.encode(bytes).as_bytes());
    out.push(b'"');
}

fn not_finite(number: f64, out: &mut Vec<u8>) {
    out.extend_from_slice(match number {
        f64::INFINITY => b"\"Infinity\"",
        f64::NEG_INFINITY => b"\"-Infinity\"",
        _ => b"\"NaN\"",
    });
}

fn write(out: &mut Vec<u8>, text: std::fmt::Arguments<'_>) {
    // Memory does not refuse.
    let _ = out.write_fmt(text);
}
