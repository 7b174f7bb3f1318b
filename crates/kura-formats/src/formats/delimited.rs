//! Logs whose fields stand between blanks or tabs, some of them in quotes: one reader for all
//! of them. A format gives its columns and says, line by line, which of them the fields fill.
//!
//! `-` is no value. A value that does not fit its column, and a field beyond those the
//! format knows, go to `_extra`; nothing makes a line fall for what AWS adds to it.

use std::fmt;

use arrow::error::ArrowError;
use kura_core::origin::ObjectFacts;
use kura_core::table::{Rows, fingerprint};
use kura_core::time::{
    MICROS_PER_DAY, MICROS_PER_SECOND, Micros, parse_clf_time, parse_log_time, parse_time_of_day,
};

use super::table_rows::{Fields, TableRows};
use super::{Decoded, Decoder, Description, Format, Head, HeadSays, KeySays, RawRecord};
use crate::columns::{Column, Role, log_schema};
use crate::extra::Path;
use crate::framing::Framing;
use crate::json::quoted;
use crate::reject::{Reason, Reject};

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
    layout: Layout,
    /// The column of the time of day, where that has one.
    time_of_day: Option<usize>,
    rows: TableRows,
}

impl<L: Lines> DelimitedDecoder<L> {
    pub fn new(layout: Layout, lines: L) -> Self {
        let time_of_day = match layout.time {
            TimeForm::DateAnd(name) => layout.columns.iter().position(|c| c.name == name),
            _ => None,
        };
        let rows = TableRows::new(layout.table, log_schema(layout.columns), layout.columns);
        DelimitedDecoder { lines, layout, time_of_day, rows }
    }
}

/// A format of lines whose fields always come in the same order: nothing but data.
#[derive(Debug)]
pub struct OrderedFormat {
    pub description: Description,
    pub layout: Layout,
    pub fields: &'static [Field],
    pub check: Check,
    /// What an object's key says.
    pub key: fn(&str) -> Option<KeySays>,
}

impl Format for OrderedFormat {
    fn description(&self) -> &Description {
        &self.description
    }

    fn recognise_key(&self, path: &str) -> Option<KeySays> {
        (self.key)(path)
    }

    fn recognise_head(&self, head: &Head<'_>) -> Option<HeadSays> {
        match (self.check)(head.line, &self.layout.splitting.split(head.line)) {
            Ok(true) => Some(HeadSays::Records),
            Ok(false) => Some(HeadSays::Nothing("a service's test of the bucket")),
            Err(_) => None,
        }
    }

    fn framing(&self) -> Framing {
        Framing::Lines
    }

    fn decoder(&self) -> Box<dyn Decoder> {
        let lines = Ordered::new(self.layout.columns, self.fields, self.check);
        Box::new(DelimitedDecoder::new(self.layout, lines))
    }
}

/// Lines whose fields always come in the same order.
#[derive(Debug)]
struct Ordered {
    places: Vec<Place>,
    check: Check,
}

/// Whether a line, with its fields, is a record; `false` if it is something else that belongs
/// there.
pub type Check = fn(&str, &[&str]) -> Result<bool, Reject>;

/// Refuses a line.
pub fn not_an_event<T>(detail: impl Into<String>) -> Result<T, Reject> {
    Err(Reject::new(Reason::NotAnEvent, detail))
}

/// Refuses a line with fewer fields.
pub fn at_least(fields_min: usize, fields: &[&str]) -> Result<(), Reject> {
    match fields.len() < fields_min {
        true => not_an_event(format!("{} fields, at least {fields_min}", fields.len())),
        false => Ok(()),
    }
}

/// Refuses a line whose field at this place is not a time as web servers write it.
pub fn clf_time_at(place: usize, fields: &[&str]) -> Result<(), Reject> {
    let field = fields.get(place).copied().unwrap_or_default();
    match parse_clf_time(field) {
        Some(_) => Ok(()),
        None => not_an_event(format!("`{field}` is no time")),
    }
}

impl Ordered {
    fn new(columns: &[Column], fields: &[Field], check: Check) -> Self {
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
        let fields = self.layout.splitting.split(text);
        let Some(places) = self.lines.places(text, &fields)? else { return Ok(Decoded::Nothing) };
        let row = self.rows.rows();
        let mut line = Line { columns: self.layout.columns, row, fields: &mut self.rows.fields };
        line.spread(places, &fields);
        let time = line.time(self.layout.time, self.time_of_day);
        let content = fingerprint(record.bytes);
        self.rows.close(time, record.origin(facts, None), facts, content);
        Ok(Decoded::Row)
    }

    fn rows(&self) -> usize {
        self.rows.rows()
    }

    fn bytes(&self) -> usize {
        self.rows.bytes()
    }

    fn finish(&mut self) -> Result<Rows, ArrowError> {
        self.rows.finish()
    }
}

/// A line on its way into its row.
struct Line<'a> {
    columns: &'static [Column],
    row: usize,
    fields: &'a mut Fields,
}

impl Line<'_> {
    /// Fields beyond `places` are kept by their number.
    fn spread(&mut self, places: &[Place], fields: &[&str]) {
        self.fields.extra.clear();
        for (place, &field) in places.iter().zip(fields).filter(|(_, field)| **field != NONE) {
            self.put(place, field);
        }
        let beyond = fields.iter().enumerate().skip(places.len());
        for (at, &field) in beyond.filter(|(_, field)| **field != NONE) {
            self.fields.extra.add(&Path::new(&format!("field_{}", at + 1)), &quoted(field));
        }
    }

    fn put(&mut self, place: &Place, field: &str) {
        match *place {
            Place::Other(ref name) => self.fields.extra.add(&Path::new(name), &quoted(field)),
            Place::Column(at) => self.put_value(at, field),
            Place::List(at) => self.put_value(at, &field.replace("\",\"", ",")),
            Place::AddressPort(address, port) => match field.rsplit_once(':') {
                Some((host, number)) if number.bytes().all(|b| b.is_ascii_digit()) => {
                    let bare = host.strip_prefix('[').and_then(|h| h.strip_suffix(']'));
                    self.put_value(address, bare.unwrap_or(host));
                    self.put_value(port, number);
                }
                _ => self.put_value(address, field),
            },
            Place::Request(columns) => {
                let (first, rest) = field.trim_end().split_once(' ').unwrap_or(("", field));
                let (middle, last) = rest.rsplit_once(' ').unwrap_or((rest, ""));
                for (at, value) in columns.into_iter().zip([first, middle, last]) {
                    if !value.is_empty() && value != NONE {
                        self.put_value(at, value);
                    }
                }
            }
        }
    }

    fn put_value(&mut self, at: usize, value: &str) {
        if !self.fields.parts.put_plain(self.row, at, value) {
            let name = self.columns.get(at).map_or("", |column| column.name.as_ref());
            self.fields.extra.add(&Path::new(name), &quoted(value));
        }
    }

    fn time(&self, form: TimeForm, time_of_day: Option<usize>) -> Option<Micros> {
        let cell = self.fields.cells(Role::Time).next()?;
        match form {
            TimeForm::Rfc3339 => parse_log_time(cell.text(self.row)?),
            TimeForm::Clf => parse_clf_time(cell.text(self.row)?),
            TimeForm::EpochSeconds => cell.whole(self.row)?.checked_mul(MICROS_PER_SECOND),
            TimeForm::DateAnd(_) => {
                let time_of_day = self.fields.parts.cell_at(time_of_day?)?.text(self.row)?;
                let midnight = cell.whole(self.row)?.checked_mul(MICROS_PER_DAY)?;
                Some(midnight + parse_time_of_day(time_of_day)?)
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
