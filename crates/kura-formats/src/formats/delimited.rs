//! Logs whose fields stand between blanks or tabs, some of them in quotes: one reader for all
//! of them. A format gives its columns and says, line by line, which of them the fields fill.
//!
//! Where a record is JSON instead, its keys are the fields' names ([`super::named_records`]).
//!
//! `-` is no value. A value that does not fit its column, and a field beyond those the
//! format knows, go to `_extra`; nothing makes a line fall for what AWS adds to it.

use std::fmt;
use std::net::IpAddr;

use arrow::error::ArrowError;
use kura_core::origin::ObjectFacts;
use kura_core::table::{Rows, fingerprint};
use kura_core::time::{
    MICROS_PER_DAY, MICROS_PER_SECOND, Micros, parse_any_time, parse_clf_time, parse_log_time,
    parse_time_of_day, time_of_number,
};

use super::named_records::NamedKeys;
use super::table_rows::{Fields, TableRows};
use super::{Decoded, Decoder, Description, Format, Head, HeadSays, KeySays, RawRecord};
use crate::cells::Cell;
use crate::columns::{Column, Role, log_schema};
use crate::extra::Path;
use crate::framing::Framing;
use crate::json::quoted;
use crate::reject::{Reason, Reject};
use crate::rows::content_hash;

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
    /// Who asked, the proxies between, and the site asked for: see [`Line::put_client`].
    Client([&'static str; 3]),
}

/// How a log writes its time, in the first column whose role that is; where that says nothing,
/// another of that role does, in whatever form.
#[derive(Debug, Clone, Copy)]
pub enum TimeForm {
    Rfc3339,
    EpochSeconds,
    /// `06/Feb/2019:00:00:38 +0000`, as web servers do.
    Clf,
    /// Whatever a program may write.
    Any,
    /// In a form of the log's own.
    Own(fn(&str) -> Option<Micros>),
    /// A date; the time of day stands in the column of this name.
    DateAnd(&'static str),
}

/// What stands between the fields of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Splitting {
    /// Blanks. A quote closes where a blank or the end follows: `"h2","http/1.1"` is one field,
    /// and so is a user agent with a quote in it.
    Blanks,
    /// Blanks, and `[…]` is one field, too.
    BlanksAndBrackets,
    /// The same, and all that a web server writes before user and time is one field.
    AccessLog,
    Tabs,
    /// This byte, in a line without tabs.
    TabsOr(u8),
    /// `|`, with blanks around the fields; an empty field is no value.
    Bars,
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
        let mut fields = Vec::with_capacity(40);
        self.split_into(line, &mut fields);
        fields
    }

    /// The same, behind what `fields` holds.
    fn split_into<'a>(self, line: &'a str, fields: &mut Vec<&'a str>) {
        match self {
            Splitting::Blanks => split_at_blanks(line, false, fields),
            Splitting::BlanksAndBrackets => split_at_blanks(line, true, fields),
            Splitting::AccessLog => split_access_log(line, fields),
            Splitting::Tabs => split_at(b'\t', line, |field| fields.push(field)),
            Splitting::TabsOr(byte) => {
                let byte =
                    if memchr::memchr(b'\t', line.as_bytes()).is_some() { b'\t' } else { byte };
                split_at(byte, line, |field| fields.push(field));
            }
            Splitting::Bars => split_at(b'|', line, |field| fields.push(or_none(field.trim()))),
        }
    }
}

fn or_none(field: &str) -> &str {
    if field.is_empty() { NONE } else { field }
}

fn split_at<'a>(byte: u8, line: &'a str, mut take: impl FnMut(&'a str)) {
    let bytes = line.as_bytes();
    let mut from = 0;
    loop {
        let end = end_of_field(byte, bytes, from);
        take(&line[from..end]);
        if end == bytes.len() {
            return;
        }
        from = end + 1;
    }
}

fn split_at_blanks<'a>(line: &'a str, brackets: bool, fields: &mut Vec<&'a str>) {
    let bytes = line.as_bytes();
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
                let end = end_of_field(b' ', bytes, at);
                fields.push(&line[at..end]);
                at = end;
            }
        }
    }
}

/// Where the field that begins there ends, with this byte or the line. Most fields are short:
/// eight bytes at a time the end is found before `memchr` is called.
#[inline]
fn end_of_field(byte: u8, bytes: &[u8], mut from: usize) -> usize {
    const ONES: u64 = u64::from_ne_bytes([1; 8]);
    const HIGH: u64 = u64::from_ne_bytes([0x80; 8]);
    const SHORT: usize = 4;
    for eight in bytes.get(from..).unwrap_or_default().chunks_exact(8).take(SHORT) {
        let Ok(eight) = <[u8; 8]>::try_from(eight) else { break };
        let word = u64::from_le_bytes(eight) ^ (ONES * u64::from(byte));
        // The lowest byte that is flagged is truly zero: a borrow only goes up.
        let zeros = word.wrapping_sub(ONES) & !word & HIGH;
        if zeros != 0 {
            return from + zeros.trailing_zeros() as usize / 8;
        }
        from += 8;
    }
    let rest = bytes.get(from..).unwrap_or_default();
    memchr::memchr(byte, rest).map_or(bytes.len(), |length| from + length)
}

/// Fields of a line that may begin with a site or with proxies: the fourth is the time.
fn split_access_log<'a>(line: &'a str, fields: &mut Vec<&'a str>) {
    split_at_blanks(line, true, fields);
    if clf_time_at(3, fields).is_ok() {
        return;
    }
    let Some((before, _)) = line.split_once(" [") else { return };
    let mut parts = before.rsplitn(3, ' ');
    let (user, identity, client) = (parts.next(), parts.next(), parts.next());
    let Some(client) = client.filter(|client| ends_with_address(client)) else { return };
    fields.clear();
    fields.extend([client, identity.unwrap_or(NONE), user.unwrap_or(NONE)]);
    split_at_blanks(&line[before.len()..], true, fields);
}

/// Otherwise it may be the beginning of a user's name that has blanks in it.
fn ends_with_address(client: &str) -> bool {
    let (before, last) = client.rsplit_once(' ').unwrap_or(("", client));
    before.ends_with(',') || last.parse::<IpAddr>().is_ok()
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
    Client([usize; 3]),
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
    keys: NamedKeys,
    /// Room for the fields of a line.
    room: Vec<&'static str>,
}

impl<L: Lines> DelimitedDecoder<L> {
    pub fn new(layout: Layout, lines: L) -> Self {
        let time_of_day = match layout.time {
            TimeForm::DateAnd(name) => layout.columns.iter().position(|c| c.name == name),
            _ => None,
        };
        let rows = TableRows::new(layout.table, log_schema(layout.columns), layout.columns);
        let (keys, room) = (NamedKeys::default(), Vec::new());
        DelimitedDecoder { lines, layout, time_of_day, rows, keys, room }
    }

    /// Puts the fields of a line into a row; `false` if it is none.
    fn read_line(&mut self, text: &str) -> Result<bool, Reject> {
        let mut fields: Vec<&str> = std::mem::take(&mut self.room);
        self.layout.splitting.split_into(text, &mut fields);
        let places = self.lines.places(text, &fields)?;
        if let Some(places) = places {
            Line::new(&self.layout, &mut self.rows).spread(places, &fields);
        }
        let is_record = places.is_some();
        self.room = emptied(fields);
        Ok(is_record)
    }
}

/// The room that the fields of one line took, for those of the next.
fn emptied(mut fields: Vec<&str>) -> Vec<&'static str> {
    fields.clear();
    fields.into_iter().map(|_| "").collect()
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
        // Asked of every record that comes by stream.
        if head.is_object() {
            return None;
        }
        match (self.check)(head.line, &head.fields(self.layout.splitting)) {
            Ok(true) => Some(HeadSays::Records),
            Ok(false) => Some(HeadSays::Nothing("a service's test of the bucket")),
            Err(_) => None,
        }
    }

    fn framing(&self) -> Framing {
        Framing::JsonOr(Box::new(Framing::Lines))
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
        let content = match text.starts_with('{') {
            true => {
                let row = self.rows.rows();
                self.keys.read(self.layout.columns, &mut self.rows.fields, row, text)?;
                content_hash(text, record.compact)
            }
            false if self.read_line(text)? => fingerprint(record.bytes),
            false => return Ok(Decoded::Nothing),
        };
        let line = Line::new(&self.layout, &mut self.rows);
        let time = line.time(self.layout.time, self.time_of_day);
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

impl<'a> Line<'a> {
    fn new(layout: &Layout, rows: &'a mut TableRows) -> Self {
        Line { columns: layout.columns, row: rows.rows(), fields: &mut rows.fields }
    }

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
            Place::Client(columns) => self.put_client(columns, field),
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

    /// `192.0.2.1`; or behind proxies `192.0.2.1, 10.0.0.1`, with the last of them behind a
    /// blank where it is an address of its own; or `www.example.com:80 192.0.2.1`.
    fn put_client(&mut self, [address, proxies, site]: [usize; 3], field: &str) {
        let (before, last) = field.rsplit_once(' ').unwrap_or(("", field));
        if before.ends_with(',') || (before.is_empty() && last.contains(',')) {
            self.put_value(address, field.split(',').next().unwrap_or(field));
            return self.put_value(proxies, field);
        }
        self.put_value(address, last);
        let before = before.trim_matches('"');
        let of_proxies = before.contains(',') || before.parse::<IpAddr>().is_ok();
        if !before.is_empty() && before != NONE {
            self.put_value(if of_proxies { proxies } else { site }, before);
        }
    }

    fn put_value(&mut self, at: usize, value: &str) {
        if !self.fields.parts.put_plain(self.row, at, value) {
            let name = self.columns.get(at).map_or("", |column| column.name.as_ref());
            self.fields.extra.add(&Path::new(name), &quoted(value));
        }
    }

    fn time(&self, form: TimeForm, time_of_day: Option<usize>) -> Option<Micros> {
        let mut cells = self.fields.cells(Role::Time);
        let first = cells.next()?;
        self.time_in(first, form, time_of_day)
            .or_else(|| cells.find_map(|cell| self.time_in(cell, TimeForm::Any, None)))
    }

    fn time_in(&self, cell: &Cell, form: TimeForm, time_of_day: Option<usize>) -> Option<Micros> {
        match form {
            TimeForm::Rfc3339 => parse_log_time(cell.text(self.row)?),
            TimeForm::Clf => parse_clf_time(cell.text(self.row)?),
            TimeForm::Own(parse) => parse(cell.text(self.row)?),
            TimeForm::EpochSeconds => cell.whole(self.row)?.checked_mul(MICROS_PER_SECOND),
            TimeForm::Any => match cell.text(self.row) {
                Some(text) => parse_any_time(text),
                None => time_of_number(cell.whole(self.row)? as f64),
            },
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
            Field::Request(names) => all(names.map(at)).map(Place::Request),
            Field::Client(names) => all(names.map(at)).map(Place::Client),
        };
        place.unwrap_or_else(|| Place::Other(format!("{self:?}")))
    }
}

fn all(places: [Option<usize>; 3]) -> Option<[usize; 3]> {
    let [first, second, third] = places;
    Some([first?, second?, third?])
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
        let client = |line| Splitting::AccessLog.split(line)[0].to_owned();
        assert_eq!(client("192.0.2.1 - - [20/Nov/2026:10:01:01 +0000] x"), "192.0.2.1");
        assert_eq!(client("::1, ::2 - - [20/Nov/2026:10:01:01 +0000] x"), "::1, ::2");
        assert_eq!(client("192.0.2.1 - John D [20/Nov/2026:10:01:01 +0000] x"), "192.0.2.1");
        assert_eq!(client("::1 ["), "::1");
        assert_eq!(Splitting::Tabs.split("a\t\tb c"), ["a", "", "b c"]);
        assert_eq!(Splitting::Tabs.split(""), [""]);
        assert_eq!(Splitting::Bars.split("a  |  | b c |"), ["a", "-", "b c", "-"]);
    }
}
