//! Logs whose fields stand between blanks or tabs, some of them in quotes: one reader for all
//! of them. A format gives its columns and says, line by line, which of them the fields fill.
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
use kura_core::time::{MICROS_PER_SECOND, Micros, parse_clf_time, parse_log_time};

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
    /// `"h2","http/1.1"`: stored without quotes.
    List(&'static str),
}

/// How a log writes its time, in the column whose role that is.
#[derive(Debug, Clone, Copy)]
pub enum TimeForm {
    Rfc3339,
    EpochSeconds,
    /// `06/Feb/2019:00:00:38 +0000`, as web servers do.
    Clf,
    /// A date; the time of day stands in the column of this name.
    DateAnd(&'static str),
}

/// What stands between the fields of a line.
#[derive(Debug, Clone, Copy)]
pub enum Splitting {
    /// Blanks. A quote closes where a blank or the end follows: `"h2","http/1.1"` is one field,
    /// and so is a user agent with a quote in it.
    Blanks,
    /// Blanks, and `[…]` is one field, too.
    BlanksAndBrackets,
    Tabs,
}

/// What a format says of its lines as a whole.
#[derive(Debug, Clone, Copy)]
pub struct Layout {
    pub table: &'static str,
    pub columns: &'static [Column],
    pub time: TimeForm,
    pub splitting: Splitting,
}

impl Splitting {
    /// The fields of a line, without quotes and brackets.
    pub fn split(self, line: &str) -> Vec<&str> {
        match self {
            Splitting::Blanks => split_at_blanks(line, false),
            Splitting::BlanksAndBrackets => split_at_blanks(line, true),
            Splitting::Tabs => line.split('\t').collect(),
        }
    }
}

fn split_at_blanks(line: &str, brackets: bool) -> Vec<&str> {
    let bytes = line.as_bytes();
    let mut fields = Vec::with_capacity(40);
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b' ' => at += 1,
            b'[' if brackets => {
                let end = memchr::memchr(b']', &bytes[at..]).map_or(bytes.len(), |n| at + n);
                fields.push(&line[at + 1..end]);
                at = end + 1;
            }
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
    List(usize),
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
    pub fn new(layout: Layout, lines: L) -> Self {
        DelimitedDecoder { lines, rows: DelimitedRows::new(layout) }
    }
}

/// Lines whose fields always come in the same order.
#[derive(Debug)]
pub struct Ordered {
    places: Vec<Place>,
    check: Check,
}

/// Whether a line, with its fields, is a record; `false` if it is something else that belongs
/// there.
pub type Check = fn(&str, &[&str]) -> Result<bool, Reject>;

impl Ordered {
    pub fn new(columns: &[Column], fields: &[Field], check: Check) -> Self {
        Ordered { places: fields.iter().map(|field| field.place(columns)).collect(), check }
    }
}

impl Lines for Ordered {
    fn places(&mut self, line: &str, fields: &[&str]) -> Result<Option<&[Place]>, Reject> {
        Ok((self.check)(line, fields)?.then_some(&self.places[..]))
    }
}

impl<L: Lines> Decoder for DelimitedDecoder<L> {
    fn begin(&mut self) {
        self.lines.begin();
    }

    fn decode(&mut self, record: RawRecord<'_>, facts: &ObjectFacts) -> Result<Decoded, Reject> {
        let text = record.text()?;
        let fields = self.rows.layout.splitting.split(text);
        let Some(places) = self.lines.places(text, &fields)? else { return Ok(Decoded::Nothing) };
        let line = Line::new(self.rows.layout.columns.len(), places, &fields);
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
    layout: Layout,
    table: Arc<str>,
    schema: SchemaRef,
    /// The column of the time of day, where that has one.
    time_of_day: Option<usize>,
    parts: Parts,
    kura: KuraCells,
    content: Vec<u64>,
    extra: Extra,
}

/// The values of one line, a place per column.
#[derive(Debug)]
struct Line<'a> {
    values: Vec<Option<Cow<'a, str>>>,
    /// Fields that no column takes, by name.
    others: Vec<(Cow<'a, str>, &'a str)>,
}

impl DelimitedRows {
    fn new(layout: Layout) -> Self {
        let time_of_day = match layout.time {
            TimeForm::DateAnd(name) => layout.columns.iter().position(|c| c.name == name),
            _ => None,
        };
        DelimitedRows {
            layout,
            table: layout.table.into(),
            schema: log_schema(layout.columns),
            time_of_day,
            parts: Parts::new(layout.columns),
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
                self.extra.add(&Path::new(&self.layout.columns[at].name), &quoted(value));
            }
        }
        for (name, value) in line.others.iter().filter(|(_, value)| *value != NONE) {
            self.extra.add(&Path::new(name), &quoted(value));
        }
        let of = |role: Role| {
            let mut columns = self.layout.columns.iter().zip(&line.values);
            columns.find_map(|(column, value)| value.as_deref().filter(|_| column.role == role))
        };
        let resource = self.resource(line);
        let needles = Needles {
            time: of(Role::Time).and_then(|text| {
                let time_of_day = self.time_of_day.and_then(|at| line.values[at].as_deref());
                self.layout.time.parse(text, time_of_day)
            }),
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
        for (column, value) in self.layout.columns.iter().zip(&line.values) {
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
            Place::Column(at) => self.values[at] = Some(Cow::Borrowed(field)),
            Place::List(at) => self.values[at] = Some(field.replace("\",\"", ",").into()),
            Place::AddressPort(address, port) => match field.rsplit_once(':') {
                Some((host, number)) if number.bytes().all(|b| b.is_ascii_digit()) => {
                    let host = host.strip_prefix('[').and_then(|h| h.strip_suffix(']'));
                    let host = host.unwrap_or(&field[..field.len() - number.len() - 1]);
                    self.values[address] = Some(host.into());
                    self.values[port] = Some(number.into());
                }
                _ => self.values[address] = Some(field.into()),
            },
            Place::Request([verb, url, protocol]) => {
                let (first, rest) = field.trim_end().split_once(' ').unwrap_or(("", field));
                let (middle, last) = rest.rsplit_once(' ').unwrap_or((rest, ""));
                for (at, value) in [(verb, first), (url, middle), (protocol, last)] {
                    let is_there = !value.is_empty() && value != NONE;
                    self.values[at] = is_there.then_some(value.into());
                }
            }
        }
    }
}

impl Field {
    pub fn place(self, columns: &[Column]) -> Place {
        let at = |name: &str| columns.iter().position(|column| column.name == name);
        let place = match self {
            Field::Column(name) => at(name).map(Place::Column),
            Field::List(name) => at(name).map(Place::List),
            Field::AddressPort(address, port) => {
                at(address).zip(at(port)).map(|(address, port)| Place::AddressPort(address, port))
            }
            Field::Request([verb, url, protocol]) => at(verb)
                .zip(at(url).zip(at(protocol)))
                .map(|(verb, (url, protocol))| Place::Request([verb, url, protocol])),
        };
        place.unwrap_or_else(|| Place::Other(format!("{self:?}")))
    }
}

impl TimeForm {
    fn parse(self, text: &str, time_of_day: Option<&str>) -> Option<Micros> {
        match self {
            TimeForm::Rfc3339 => parse_log_time(text),
            TimeForm::EpochSeconds => text.parse::<i64>().ok()?.checked_mul(MICROS_PER_SECOND),
            TimeForm::Clf => parse_clf_time(text),
            TimeForm::DateAnd(_) => parse_log_time(&format!("{text}T{}Z", time_of_day?)),
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
    use super::Splitting;

    #[test]
    fn quotes_close_before_a_blank() {
        let split = |line| Splitting::Blanks.split(line);
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
        let bracketed = Splitting::BlanksAndBrackets.split(r#"a [b c] "[d]" ["#);
        assert_eq!(bracketed, ["a", "b c", "[d]", ""]);
        assert_eq!(Splitting::Tabs.split("a\t\tb c"), ["a", "", "b c"]);
    }
}
