//! Where the values of a record of text go: into columns by name, and into what is read out of
//! a value in turn (a message that holds a duration, a field that holds a list of fields).
//!
//! `-` and nothing at all are no value. What no column takes is left over, by its name.

use std::borrow::Cow;

use regex::{Captures, Regex};

use super::table_rows::Fields;
use super::text_pattern::TextPattern;
use crate::columns::{Column, ColumnType};
use crate::extra::Path;
use crate::json::{Cursor, JsonError, Kind, kind_of, quoted, unquote};

/// What stands for no value.
const NONE: &str = "-";

/// Objects in objects that are opened: a record of nothing but these must not fill the stack.
const OPENED_DEPTH_MAX: usize = 4;

/// What is read out of the values of one name.
#[derive(Debug, Clone, Copy)]
pub struct Within {
    /// The name: a column's, or one that has no column and is then spent.
    pub of: &'static str,
    pub reading: Reading,
}

/// How a value is read. Of several for one name the first that fits counts; what comes of it is
/// read by those that stand further down only.
#[derive(Debug, Clone, Copy)]
pub enum Reading {
    /// The named groups of a regular expression.
    Groups(&'static str),
    /// Fields between commas, some of them in quotes, in this order.
    Fields(&'static [&'static str]),
    /// Pairs: of each match the groups `key` and `value`, and `unit` where there is one. A
    /// column is found by its key in the record, without blanks and with the unit behind it:
    /// `Billed Duration: 13 ms` is `billedDurationMs`.
    Pairs(&'static str),
    /// Words that have other names in this column.
    Words(&'static str, &'static [(&'static str, &'static str)]),
}

/// Where the values of one name go.
#[derive(Debug)]
pub struct Place {
    name: String,
    /// The name in records that name their values.
    key: String,
    column: Option<usize>,
    takes_json: bool,
    /// What reads them in turn, in [`Places`].
    readers: Vec<usize>,
}

/// All that reads values in turn.
#[derive(Debug)]
pub struct Places {
    readers: Vec<Reader>,
    /// Of every name there is.
    named: Vec<Place>,
}

#[derive(Debug)]
enum Reader {
    Groups(TextPattern, Vec<(usize, Place)>),
    Fields(Vec<Place>),
    Pairs(Regex, Vec<Place>),
    Words(Place, &'static [(&'static str, &'static str)]),
}

/// The row under construction.
#[derive(Debug)]
pub struct RowAt<'a> {
    pub fields: &'a mut Fields,
    pub row: usize,
}

/// A value, and the JSON that it is where it is JSON.
#[derive(Debug, Clone, Copy)]
struct Value<'a> {
    text: &'a str,
    json: Option<&'a str>,
}

impl Places {
    pub fn new(columns: &[Column], within: &[Within]) -> Result<Self, regex::Error> {
        let reader = |(at, it): (usize, &Within)| Reader::new(it.reading, columns, within, at + 1);
        Ok(Places {
            readers: within.iter().enumerate().map(reader).collect::<Result<_, _>>()?,
            named: Place::all(columns, within, 0),
        })
    }

    /// Puts a value where it belongs.
    pub fn put(&self, out: &mut RowAt<'_>, place: &Place, value: &str) {
        self.put_below(out, place, None, Value { text: value, json: None });
    }

    /// Reads a JSON object's entries as values. Objects under the keys `opened` are parts of
    /// the record like the record itself.
    pub fn put_json(
        &self,
        out: &mut RowAt<'_>,
        cursor: &mut Cursor<'_>,
        opened: &[&str],
    ) -> Result<(), JsonError> {
        self.put_object(out, None, cursor, opened, OPENED_DEPTH_MAX)
    }

    fn put_object(
        &self,
        out: &mut RowAt<'_>,
        path: Option<&Path<'_>>,
        cursor: &mut Cursor<'_>,
        opened: &[&str],
        depth: usize,
    ) -> Result<(), JsonError> {
        let mut more = cursor.enter_object()?;
        while more {
            let key = cursor.key()?;
            if depth > 0 && cursor.kind() == Kind::Object && opened.contains(&&*key) {
                let below = Path::below(path, &key);
                self.put_object(out, Some(&below), cursor, opened, depth - 1)?;
            } else {
                self.put_entry(out, path, &key, cursor.value()?);
            }
            more = cursor.comma_or(b'}', "expected `,` or `}`")?;
        }
        Ok(())
    }

    fn put_entry(&self, out: &mut RowAt<'_>, path: Option<&Path<'_>>, key: &str, json: &str) {
        let text = match kind_of(json) {
            Kind::Null => return,
            Kind::String => unquote(json),
            _ => Cow::Borrowed(json),
        };
        let value = Value { text: &text, json: Some(json) };
        match find(&self.named, key) {
            Some(place) => self.put_below(out, place, path, value),
            None if is_none(&text) => {}
            None => out.fields.extra.add(&Path::below(path, key), json),
        }
    }

    fn put_below(
        &self,
        out: &mut RowAt<'_>,
        place: &Place,
        path: Option<&Path<'_>>,
        value: Value<'_>,
    ) {
        if is_none(value.text) {
            return;
        }
        let mut readers = place.readers.iter().filter_map(|&at| self.readers.get(at));
        let is_read = readers.any(|reader| self.read(out, reader, value.text));
        let fits = match place.column {
            Some(_) if !place.takes_json && value.is_nested() => false,
            Some(at) => out.put(at, value.text),
            None => is_read,
        };
        if !fits {
            let name = if value.json.is_some() { &place.key } else { &place.name };
            let json = value.json.map_or_else(|| quoted(value.text).into(), Cow::Borrowed);
            out.fields.extra.add(&Path::below(path, name), &json);
        }
    }

    /// `false` if it is nothing for this reader.
    fn read(&self, out: &mut RowAt<'_>, reader: &Reader, value: &str) -> bool {
        match reader {
            Reader::Groups(pattern, groups) => {
                let mut at = pattern.locations();
                if !pattern.read(&mut at, value) {
                    return false;
                }
                for (group, place) in groups {
                    if let Some(value) = at.group(*group, value) {
                        self.put(out, place, value);
                    }
                }
                true
            }
            Reader::Fields(places) => {
                self.read_fields(out, places, value);
                true
            }
            Reader::Pairs(pattern, places) => {
                let mut end = 0;
                for pair in pattern.captures_iter(value) {
                    let whole = pair.get_match();
                    leave_over(out, value.get(end..whole.start()));
                    end = whole.end();
                    self.put_pair(out, places, &pair);
                }
                leave_over(out, value.get(end..));
                true
            }
            Reader::Words(place, words) => {
                let Some((_, word)) = words.iter().find(|(said, _)| *said == value) else {
                    return false;
                };
                self.put(out, place, word);
                true
            }
        }
    }

    fn read_fields(&self, out: &mut RowAt<'_>, places: &[Place], value: &str) {
        for (at, field) in comma_separated(value).into_iter().enumerate() {
            match places.get(at) {
                Some(place) => self.put(out, place, &field),
                None if is_none(&field) => {}
                None => {
                    let name = format!("field_{}", at + 1);
                    out.fields.extra.add(&Path::new(&name), &quoted(&field));
                }
            }
        }
    }

    fn put_pair(&self, out: &mut RowAt<'_>, places: &[Place], pair: &Captures<'_>) {
        let part = |name| pair.name(name).map_or("", |part| part.as_str());
        let (key, value, unit) = (part("key"), part("value"), part("unit"));
        if is_none(value) {
            return;
        }
        match find(places, &(key.replace(' ', "") + unit)) {
            Some(place) => self.put(out, place, value),
            None => {
                let value = if unit.is_empty() { value } else { &format!("{value} {unit}") };
                out.fields.extra.add(&Path::new(key.trim()), &quoted(value));
            }
        }
    }
}

impl RowAt<'_> {
    /// `false` if it does not fit, or if the column says something else already.
    fn put(&mut self, at: usize, value: &str) -> bool {
        let parts = &mut self.fields.parts;
        let cell = parts.cell_at(at);
        let said = cell.and_then(|cell| cell.text(self.row)).is_some_and(|said| said == value);
        let number = cell.and_then(|cell| cell.whole(self.row));
        let said = said || number.is_some_and(|number| number.to_string() == value);
        said || parts.put_plain(self.row, at, value)
    }
}

impl Value<'_> {
    fn is_nested(&self) -> bool {
        self.json.is_some_and(|json| matches!(kind_of(json), Kind::Object | Kind::Array))
    }
}

impl Reader {
    fn new(
        reading: Reading,
        columns: &[Column],
        within: &[Within],
        from: usize,
    ) -> Result<Self, regex::Error> {
        let place = |name: &str| Place::new(name, columns, within, from);
        Ok(match reading {
            Reading::Groups(pattern) => {
                let pattern = TextPattern::new(pattern)?;
                let groups = Place::of_groups(&pattern, columns, within, from);
                Reader::Groups(pattern, groups)
            }
            Reading::Fields(names) => {
                Reader::Fields(names.iter().map(|name| place(name)).collect())
            }
            Reading::Pairs(pattern) => {
                Reader::Pairs(Regex::new(pattern)?, Place::all(columns, within, from))
            }
            Reading::Words(column, words) => Reader::Words(place(column), words),
        })
    }
}

impl Place {
    /// Of a name, read in turn by what stands in `within` from there on.
    fn new(name: &str, columns: &[Column], within: &[Within], from: usize) -> Self {
        let at = columns.iter().position(|column| column.name == name);
        let column = at.and_then(|at| columns.get(at));
        let key = column.map_or("", |column| column.key.as_ref());
        let readers = within.iter().enumerate().skip(from).filter(|(_, it)| it.of == name);
        Place {
            name: name.to_owned(),
            key: if key.is_empty() { name } else { key }.to_owned(),
            column: at,
            takes_json: column.is_some_and(|column| matches!(column.ty, ColumnType::Json)),
            readers: readers.map(|(at, _)| at).collect(),
        }
    }

    /// Of every column, and of every name that is read in turn.
    fn all(columns: &[Column], within: &[Within], from: usize) -> Vec<Place> {
        let names = columns.iter().map(|column| column.name.as_ref());
        let without = within.iter().skip(from).map(|it| it.of);
        let without = without.filter(|name| columns.iter().all(|column| column.name != *name));
        names.chain(without).map(|name| Place::new(name, columns, within, from)).collect()
    }

    /// Of the named groups of a pattern, each with its number.
    pub fn of_groups(
        pattern: &TextPattern,
        columns: &[Column],
        within: &[Within],
        from: usize,
    ) -> Vec<(usize, Place)> {
        let place = |(group, name): (usize, Option<&str>)| {
            Some((group, Place::new(name?, columns, within, from)))
        };
        pattern.names().enumerate().filter_map(place).collect()
    }
}

fn find<'a>(places: &'a [Place], key: &str) -> Option<&'a Place> {
    places.iter().find(|place| place.key.eq_ignore_ascii_case(key))
}

fn is_none(value: &str) -> bool {
    value.is_empty() || value == NONE
}

/// What stands between pairs, such as a remark of the program.
fn leave_over(out: &mut RowAt<'_>, text: Option<&str>) {
    let is_mark = |c: char| c.is_whitespace() || c == '#';
    let Some(text) = text.map(|text| text.trim_matches(is_mark)).filter(|text| !text.is_empty())
    else {
        return;
    };
    out.fields.extra.add(&Path::new("remark"), &quoted(text));
}

/// The fields of a line as spreadsheets write it, without their quotes. One that is never
/// closed goes on to the end.
fn comma_separated(text: &str) -> Vec<Cow<'_, str>> {
    let mut fields = Vec::with_capacity(32);
    let mut rest = text;
    loop {
        let (field, more) = match rest.strip_prefix('"') {
            Some(quoted) => quoted_field(quoted),
            None => {
                let (field, more) = split_at_comma(rest);
                (Cow::Borrowed(field), more)
            }
        };
        fields.push(field);
        match more {
            Some(more) => rest = more,
            None => return fields,
        }
    }
}

fn split_at_comma(text: &str) -> (&str, Option<&str>) {
    text.split_once(',').map_or((text, None), |(field, more)| (field, Some(more)))
}

/// What stands behind an opening quote, up to the one that closes; two are one.
fn quoted_field(text: &str) -> (Cow<'_, str>, Option<&str>) {
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(quote) = memchr::memchr(b'"', bytes.get(at..).unwrap_or_default()) {
        at += quote + 1;
        if bytes.get(at) == Some(&b'"') {
            at += 1;
            continue;
        }
        let (field, behind) = (&text[..at - 1], &text[at..]);
        let (stray, more) = split_at_comma(behind);
        return (Cow::Owned(field.replace("\"\"", "\"") + stray), more);
    }
    (Cow::Owned(text.replace("\"\"", "\"")), None)
}

#[cfg(test)]
mod tests {
    use super::comma_separated;

    #[test]
    fn fields_between_commas() {
        let check = |text: &str, expected: &[&str]| assert_eq!(comma_separated(text), expected);
        check("a,,c", &["a", "", "c"]);
        check("", &[""]);
        check("a,", &["a", ""]);
        check("\"a,\n\"\"b\"\"\",c", &["a,\n\"b\"", "c"]);
        check("\"\",\"\"\"\"", &["", "\""]);
        check("\"a\" b,c", &["a b", "c"]);
        check("x,\"never, closed\"\"", &["x", "never, closed\""]);
        check("a\"b,c", &["a\"b", "c"]);
    }
}
