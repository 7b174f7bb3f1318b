//! Tables in CSV with a header (RFC 4180), turned into JSON lines on the way in: a row is an
//! object, its keys the header's names. From there on they are records like any other.
//!
//! An empty field is left out. A number written as JSON would write it is one, except where it
//! could be an account's: those begin with zeros, too. A field beyond the header is
//! `field_<its number>`. A row that is too long is handed on as a line that is no JSON.

use std::collections::HashSet;

use csv_core::{ReadRecordResult, Reader, ReaderBuilder};

use crate::json::push_quoted_bytes;

/// More than this no row has.
const FIELDS_MAX: usize = 10_000;
const SAMPLE_BYTES: usize = 1_024;
const ACCOUNT_DIGITS: usize = 12;

/// Rows in, JSON lines out.
#[derive(Debug)]
pub struct CsvLines {
    reader: Reader,
    /// The fields of the row at hand, one after the other, and where each of them ends.
    fields: Vec<u8>,
    ends: Vec<usize>,
    /// How much of both is filled.
    filled: (usize, usize),
    row_bytes_max: usize,
    header: Option<Vec<String>>,
    /// The row at hand is too long: what comes of it is dropped.
    overflown: bool,
}

impl CsvLines {
    #[must_use]
    pub fn new(delimiter: u8, row_bytes_max: usize) -> Self {
        CsvLines {
            reader: ReaderBuilder::new().delimiter(delimiter).build(),
            fields: vec![0; SAMPLE_BYTES],
            ends: vec![0; 64],
            filled: (0, 0),
            row_bytes_max,
            header: None,
            overflown: false,
        }
    }

    /// Takes bytes in, and appends the lines of the rows that they complete. Without any bytes
    /// the table ends.
    pub fn feed(&mut self, mut bytes: &[u8], out: &mut Vec<u8>) {
        loop {
            let (field, end) = self.filled;
            let (result, taken, written, ended) =
                self.reader.read_record(bytes, &mut self.fields[field..], &mut self.ends[end..]);
            bytes = &bytes[taken..];
            self.filled = (field + written, end + ended);
            match result {
                ReadRecordResult::InputEmpty | ReadRecordResult::End => return,
                ReadRecordResult::OutputFull => self.grow(),
                ReadRecordResult::OutputEndsFull if self.ends.len() < FIELDS_MAX => {
                    self.ends.resize(2 * self.ends.len(), 0);
                }
                ReadRecordResult::OutputEndsFull => self.filled.1 = 0,
                ReadRecordResult::Record => self.row(out),
            }
        }
    }

    fn grow(&mut self) {
        match self.fields.len() < self.row_bytes_max {
            true => self.fields.resize(2 * self.fields.len(), 0),
            false => {
                self.overflown = true;
                self.filled = (SAMPLE_BYTES, 0);
            }
        }
    }

    fn row(&mut self, out: &mut Vec<u8>) {
        let (_, ends) = std::mem::take(&mut self.filled);
        if std::mem::take(&mut self.overflown) {
            out.extend_from_slice(b"a row that is too long: ");
            let sample = &self.fields[..SAMPLE_BYTES];
            out.extend(sample.iter().map(|byte| if *byte == b'\n' { b' ' } else { *byte }));
            out.push(b'\n');
            return;
        }
        let fields = fields(&self.fields, &self.ends[..ends]);
        match &self.header {
            None => {
                let names = fields.map(|name| String::from_utf8_lossy(name).trim().to_owned());
                self.header = Some(names.collect());
            }
            Some(header) => {
                push_row(out, header, fields);
                out.push(b'\n');
            }
        }
    }
}

fn fields<'a>(fields: &'a [u8], ends: &'a [usize]) -> impl Iterator<Item = &'a [u8]> {
    let starts = std::iter::once(0).chain(ends.iter().copied());
    starts.zip(ends).map(|(start, &end)| &fields[start..end])
}

fn push_row<'a>(out: &mut Vec<u8>, header: &[String], fields: impl Iterator<Item = &'a [u8]>) {
    out.push(b'{');
    let before = out.len();
    for (at, field) in fields.enumerate().filter(|(_, field)| !field.is_empty()) {
        if out.len() > before {
            out.push(b',');
        }
        match header.get(at) {
            Some(name) => push_quoted_bytes(out, name.as_bytes()),
            None => push_quoted_bytes(out, format!("field_{}", at + 1).as_bytes()),
        }
        out.push(b':');
        match is_number(field) {
            true => out.extend_from_slice(field),
            false => push_quoted_bytes(out, field),
        }
    }
    out.push(b'}');
}

/// As JSON would write it, neither longer than a double tells apart nor an account.
fn is_number(field: &[u8]) -> bool {
    let digits = field.strip_prefix(b"-").unwrap_or(field);
    let (whole, fraction) = match digits.iter().position(|byte| *byte == b'.') {
        Some(point) => (&digits[..point], Some(&digits[point + 1..])),
        None => (digits, None),
    };
    let are_digits = |part: &[u8]| !part.is_empty() && part.iter().all(u8::is_ascii_digit);
    are_digits(whole)
        && fraction.is_none_or(are_digits)
        && (whole.len() == 1 || whole[0] != b'0')
        && digits.len() <= 15
        && (fraction.is_some() || digits.len() != ACCOUNT_DIGITS)
}

/// The delimiter of a table with a header, if that is what an object with this name that begins
/// like this is.
#[must_use]
pub fn recognise(path: &str, head: &[u8]) -> Option<u8> {
    let name = path.to_ascii_lowercase();
    let name = name.trim_end_matches(".gz").trim_end_matches(".zst");
    let delimiter = match name.rsplit_once('.')?.1 {
        "csv" => b',',
        "tsv" => b'\t',
        _ => return None,
    };
    let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    let line = head.split(|byte| *byte == b'\n').next()?;
    let line = std::str::from_utf8(line.trim_ascii_end()).ok()?;
    let names: Vec<&str> =
        line.split(char::from(delimiter)).map(|name| name.trim().trim_matches('"')).collect();
    let is_name = |name: &&str| {
        let begins = name.starts_with(|c: char| c.is_alphabetic() || c == '_');
        begins && !name.contains(['"', '\\', '{', '='])
    };
    let are_names = names.iter().all(is_name);
    let distinct: HashSet<&&str> = names.iter().collect();
    (are_names && distinct.len() == names.len()).then_some(delimiter)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        for piece in [1, 3, text.len().max(1)] {
            let (mut lines, mut out) = (CsvLines::new(b',', 4_096), Vec::new());
            text.as_bytes().chunks(piece).for_each(|part| lines.feed(part, &mut out));
            lines.feed(b"", &mut out);
            assert_eq!(String::from_utf8_lossy(&out), expected, "in pieces of {piece}");
        }
    }

    #[test]
    fn rows_are_objects() {
        check("a,b c\n1,x\n", "{\"a\":1,\"b c\":\"x\"}\n");
        check(
            "\"a\",b\r\n\"1 \"\"q\"\"\nz\",\r\n\r\n,,3",
            "{\"a\":\"1 \\\"q\\\"\\nz\"}\n{\"field_3\":3}\n",
        );
        check(
            "a\n007\n-1.50\n.5\n123456789012\n1e5\n1234567890123456\n",
            concat!(
                "{\"a\":\"007\"}\n{\"a\":-1.50}\n{\"a\":\".5\"}\n{\"a\":\"123456789012\"}\n",
                "{\"a\":\"1e5\"}\n{\"a\":\"1234567890123456\"}\n",
            ),
        );
        check("a,b\n", "");
        check("", "");
    }

    #[test]
    fn a_row_without_end_costs_itself() {
        let (mut lines, mut out) = (CsvLines::new(b',', 4_096), Vec::new());
        let text = format!("a\n\"{}\"\n1\n", "x\n".repeat(50_000));
        text.as_bytes().chunks(1_000).for_each(|part| lines.feed(part, &mut out));
        lines.feed(b"", &mut out);
        let out = String::from_utf8(out).expect("text");
        let (sample, rest) = out.split_once('\n').expect("two lines");
        assert!(sample.starts_with("a row that is too long: x x") && sample.len() < 1_100);
        assert_eq!(rest, "{\"a\":1}\n");
        assert!(lines.fields.len() <= 8_192);
    }

    #[test]
    fn a_header_is_names() {
        let says = |path: &str, head: &str| recognise(path, head.as_bytes());
        assert_eq!(says("a.csv", "identity/LineItemId,bill/PayerAccountId\r\n1,2"), Some(b','));
        assert_eq!(says("a.CSV.gz", "\u{feff}\"BilledCost\",\"x_Operation\""), Some(b','));
        assert_eq!(says("a.tsv", "a\tb"), Some(b'\t'));
        assert_eq!(says("a.log", "a,b"), None);
        assert_eq!(says("a.csv", "2026-11-20 10:00:00 UTC,\"u\",\"d\""), None);
        assert_eq!(says("a.csv", "a,a"), None);
        assert_eq!(says("a.csv", "a,,b"), None);
        assert_eq!(says("a.csv", ""), None);
    }
}
