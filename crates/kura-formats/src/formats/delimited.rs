//! Logs whose fields stand between blanks, some of them in quotes: one reader for all of
//! them. A format gives its columns and says, line by line, which of them the fields fill.
//!
//! `-` is no value. A value that does not fit its column, and a field beyond those the
//! format knows, go to `_extra`; nothing makes a line fall for what AWS adds to it.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use arrow::datatypes::SchemaRef;
use arrow::error::ArrowError;
use kura_core::origin::ObjectFacts;
use kura_core::table::{Rows, fingerprint};
use kura_core::time::{MICROS_PER_SECOND, Micros, parse_log_time};

use super::{Decoded, Decoder, RawRecord};
use crate::cells::Parts;
use crate::columns::{Column, Role, log_schema};
use crate::extra::{Extra, Path};
use crate::json::push_quoted;
use crate::reject::Reject;
use crate::rows::{KuraCells, Needles};

/// What stands for no value.
const NONE: &str = "-";

/// Which columns a field fills, by name.
#[derive(Debug, Clone, Copy)]
pub enum Field {
    Column(&'static str),
    /// `192.0.2.1:443`, `[2001:db8::1]:443`.
    AddressPort(&'static str, &'static str),
    /// `GET https://example.com/ HTTP/1.1`.
    Request([&'static str; 3]),
}

/// How a log writes its time.
#[derive(Debug, Clone, Copy)]
pub enum TimeForm {
    Rfc3339,
    EpochSeconds,
}

/// The fields of a line, without their quotes.
///
/// A quote closes where a blank or the end follows: `"h2","http/1.1"` is one field, and so
/// is a user agent with a quote in it.
pub fn split(line: &str) -> Vec<&str> {
    let bytes = line.as_bytes();
    let mut fields = Vec::with_capacity(40);
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b' ' => at += 1,
            b'"' => {
                let end = closing_quote(bytes, at + 1);
                fields.push(&line[at + 1..end]);
                at = end + 1;
            }
            _ => {
                let end = memchr::memchr(b' ', &bytes[at..]).map_or(bytes.len(), |n| at + n);
                fields.push(&line[at..end]);
                at = end;
            }
        }
    }
    fields
}

fn closing_quote(bytes: &[u8], from: usize) -> usize {
    memchr::memchr_iter(b'"', &bytes[from..])
        .map(|n| from + n)
        .find(|&at| matches!(bytes.get(at + 1), None | Some(b' ')) && bytes[at - 1] != b'\\')
        .unwrap_or(bytes.len())
}

/// How a format's lines are read.
pub trait Lines: fmt::Debug + Send {
    /// An object begins.
    fn begin(&mut self) {}
    /// Where the fields of this line belong; `None` for a line that is no record.
    fn places(&mut self, line: &str, fields: &[&str]) -> Result<Option<&[Place]>, Reject>;
}

/// Where a field belongs: a [`Field`] with its columns looked up, or `_extra`.
#[derive(Debug, Clone)]
pub enum Place {
    Column(usize),
    AddressPort(usize, usize),
    Request([usize; 3]),
    /// No column takes it: its name.
    Other(String),
}

/// Lines in, rows out.
#[derive(Debug)]
pub struct DelimitedDecoder<L> {
    lines: L,
    rows: DelimitedRows,
}

impl<L: Lines> DelimitedDecoder<L> {
    pub fn new(table: &str, columns: &'static [Column], time: TimeForm, lines: L) -> Self {
        DelimitedDecoder { lines, rows: DelimitedRows::new(table, columns, time) }
    }
}

impl<L: Lines> Decoder for DelimitedDecoder<L> {
    fn begin(&mut self) {
        self.lines.begin();
    }

    fn decode(&mut self, record: RawRecord<'_>, facts: &ObjectFacts) -> Result<Decoded, Reject> {
        let text = record.text()?;
        let fields = split(text);
        let Some(places) = self.lines.places(text, &fields)? else { return Ok(Decoded::Nothing) };
        let line = Line::new(self.rows.columns.len(), places, &fields);
        self.rows.append(&line, record, facts);
        Ok(Decoded::Row)
    }

    fn rows(&self) -> usize {
        self.rows.kura.rows()
    }

    fn bytes(&self) -> usize {
        self.rows.parts.bytes() + self.rows.kura.bytes() + 8 * self.rows.content.len()
    }

    fn finish(&mut self) -> Result<Rows, ArrowError> {
        self.rows.finish()
    }
}

/// The rows of a table that such lines fill.
#[derive(Debug)]
struct DelimitedRows {
    table: Arc<str>,
    columns: &'static [Column],
    schema: SchemaRef,
    time: TimeForm,
    parts: Parts,
    kura: KuraCells,
    content: Vec<u64>,
    extra: Extra,
}

/// The values of one line, a place per column.
#[derive(Debug)]
struct Line<'a> {
    values: Vec<Option<&'a str>>,
    /// Fields that no column takes, by name.
    others: Vec<(Cow<'a, str>, &'a str)>,
}

impl DelimitedRows {
    fn new(table: &str, columns: &'static [Column], time: TimeForm) -> Self {
        DelimitedRows {
            table: table.into(),
            columns,
            schema: log_schema(columns),
            time,
            parts: Parts::new(columns),
            kura: KuraCells::default(),
            content: Vec::new(),
            extra: Extra::default(),
        }
    }

    fn append(&mut self, line: &Line<'_>, record: RawRecord<'_>, facts: &ObjectFacts) {
        self.extra.clear();
        let row = self.kura.rows();
        for (at, value) in line.values.iter().enumerate() {
            if let Some(value) = value
                && !self.parts.put_plain(row, at, value)
            {
                self.extra.add(&Path::new(&self.columns[at].name), &quoted(value));
            }
        }
        for (name, value) in line.others.iter().filter(|(_, value)| *value != NONE) {
            self.extra.add(&Path::new(name), &quoted(value));
        }
        let of = |role: Role| {
            let mut columns = self.columns.iter().zip(&line.values);
            columns.find_map(|(column, value)| value.filter(|_| column.role == role))
        };
        let resource = self.resource(line);
        let needles = Needles {
            time: of(Role::Time).and_then(|text| self.time.parse(text)),
            account: of(Role::Account),
            region: of(Role::Region),
            principal: of(Role::Principal),
            accesskey: of(Role::AccessKey),
            addr: of(Role::Address),
            resource: Some(&resource),
            id: of(Role::Id),
        };
        self.kura.append(
            &needles,
            record.origin(facts, None),
            facts,
            self.extra.to_json().as_deref(),
        );
        self.content.push(fingerprint(record.bytes));
    }

    fn resource(&self, line: &Line<'_>) -> String {
        let mut text = String::new();
        for (column, value) in self.columns.iter().zip(&line.values) {
            if let (Role::Resource, Some(value)) = (column.role, value) {
                text.push_str(if text.is_empty() { "" } else { " " });
                text.push_str(value);
            }
        }
        text
    }

    fn finish(&mut self) -> Result<Rows, ArrowError> {
        let native = self.parts.finish(self.kura.rows())?;
        let batch = self.kura.finish(self.schema.clone(), native)?;
        let content = std::mem::take(&mut self.content);
        Ok(Rows { table: self.table.clone(), batch, content })
    }
}

impl<'a> Line<'a> {
    /// Spreads fields over columns; those beyond `places` are kept by their number.
    fn new(columns: usize, places: &'a [Place], fields: &[&'a str]) -> Self {
        let mut line = Line { values: vec![None; columns], others: Vec::new() };
        for (place, &field) in places.iter().zip(fields) {
            line.put(place, field);
        }
        for (at, &field) in fields.iter().enumerate().skip(places.len()) {
            line.others.push((Cow::Owned(format!("field_{}", at + 1)), field));
        }
        line
    }

    fn put(&mut self, place: &'a Place, field: &'a str) {
        if field == NONE {
            return;
        }
        match *place {
            Place::Other(ref name) => self.others.push((Cow::Borrowed(name), field)),
            Place::Column(at) => self.values[at] = Some(field),
            Place::AddressPort(address, port) => match field.rsplit_once(':') {
                Some((host, number)) if number.bytes().all(|b| b.is_ascii_digit()) => {
                    let host = host.strip_prefix('[').and_then(|h| h.strip_suffix(']'));
                    self.values[address] =
                        Some(host.unwrap_or(&field[..field.len() - number.len() - 1]));
                    self.values[port] = Some(number);
                }
                _ => self.values[address] = Some(field),
            },
            Place::Request([verb, url, protocol]) => {
                let (first, rest) = field.split_once(' ').unwrap_or(("", field));
                let (middle, last) = rest.rsplit_once(' ').unwrap_or((rest, ""));
                for (at, value) in [(verb, first), (url, middle), (protocol, last)] {
                    self.values[at] = Some(value).filter(|v| !v.is_empty() && *v != NONE);
                }
            }
        }
    }
}

impl Field {
    pub fn place(self, columns: &[Column]) -> Place {
        // Every name stands in the format's own table; the test of all formats sees to it.
        let at = |name: &str| columns.iter().position(|c| c.name == name).unwrap_or(usize::MAX);
        match self {
            Field::Column(name) => Place::Column(at(name)),
            Field::AddressPort(address, port) => Place::AddressPort(at(address), at(port)),
            Field::Request(names) => Place::Request(names.map(at)),
        }
    }
}

impl TimeForm {
    fn parse(self, text: &str) -> Option<Micros> {
        match self {
            TimeForm::Rfc3339 => parse_log_time(text),
            TimeForm::EpochSeconds => text.parse::<i64>().ok()?.checked_mul(MICROS_PER_SECOND),
        }
    }
}

fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    push_quoted(&mut out, text);
    out
}

#[cfg(test)]
mod tests {
    use super::split;

    #[test]
    fn quotes_close_before_a_blank() {
        assert_eq!(split("a  b "), ["a", "b"]);
        assert_eq!(
            split(r#"x "GET /a b HTTP/1.1" - "" y"#),
            ["x", "GET /a b HTTP/1.1", "-", "", "y"]
        );
        assert_eq!(split(r#""h2","http/1.1" z"#), [r#"h2","http/1.1"#, "z"]);
        assert_eq!(split(r#""say \" this" z"#), [r#"say \" this"#, "z"]);
        assert_eq!(split(r#""never closed"#), ["never closed"]);
        assert_eq!(split(r#"""#), [""]);
        assert!(split("").is_empty());
    }
}
