//! Logs of text that patterns take apart: regular expressions whose named groups are columns.
//!
//! The first pattern that matches a record says what it is; one that none matches is refused.
//! Where the values of its groups go `places.rs` says. Records may be JSON by turns.

use std::fmt;
use std::sync::{Arc, OnceLock};

use arrow::error::ArrowError;
use kura_core::origin::ObjectFacts;
use kura_core::table::{Rows, fingerprint};
use kura_core::time::{Micros, time_of_number};
use regex::Regex;

use super::places::{Place, Places, RowAt, Within};
use super::table_rows::TableRows;
use super::text_pattern::{Locations, TextPattern};
use super::written_time::WrittenTime;
use super::{Decoded, Decoder, Description, Format, Head, HeadSays, KeySays, RawRecord};
use crate::columns::{Columns, Role, log_schema};
use crate::framing::Framing;
use crate::json::Cursor;
use crate::reject::{Reason, Reject};

/// What a format of text is made of, as its file says it.
#[derive(Debug, Clone)]
pub struct Patterns {
    pub description: Description,
    /// Tried in this order. Each should say where a record begins, with `^`.
    pub patterns: &'static [&'static str],
    /// Where records have several lines: what the first of them looks like.
    pub begins: Option<&'static str>,
    pub time: WrittenTime,
    /// What an object's key says.
    pub key: fn(&str) -> Option<KeySays>,
    /// Whether a first line or record, which the patterns match, is one of this format: many
    /// texts look alike.
    pub head: fn(&Head<'_>) -> bool,
}

/// What only some formats of text have to say besides.
#[derive(Debug, Clone, Copy, Default)]
pub struct Also {
    /// What is read out of values in turn.
    pub within: &'static [Within],
    /// A line that begins no record behind a single line that does: see
    /// [`Framing::LedBlocks`].
    pub follows: Option<&'static str>,
    /// Records that say nothing, such as the words of a server that starts to write.
    pub skips: Option<&'static str>,
    /// A record without a time has that of the one before.
    pub repeats_time: bool,
    /// Some of the records are JSON.
    pub json: Option<JsonRecords>,
}

/// What records are like that begin with `{`.
#[derive(Debug, Clone, Copy)]
pub struct JsonRecords {
    /// Keys of objects that are parts of the record like the record itself.
    pub opened: &'static [&'static str],
    /// One of these columns is there, and begins with the text beside it.
    pub required: &'static [(&'static str, &'static str)],
    /// An object is either all JSON, in any of its ways, or all text. Otherwise they take turns
    /// and follow one another as text does.
    pub apart: bool,
}

/// A format of text, ready to be read.
pub struct PatternFormat {
    description: Description,
    reading: Arc<HowRead>,
    framing: Framing,
    key: fn(&str) -> Option<KeySays>,
    head: fn(&Head<'_>) -> bool,
    begins: Option<Regex>,
}

/// How a record becomes a row.
struct HowRead {
    matchers: Vec<Matcher>,
    places: Places,
    skips: Option<Regex>,
    time: WrittenTime,
    repeats_time: bool,
    json: Option<JsonRecords>,
}

/// A pattern, and where what its groups match belongs.
struct Matcher {
    pattern: TextPattern,
    groups: Vec<(usize, Place)>,
}

impl PatternFormat {
    /// # Errors
    /// A pattern that is none.
    pub fn new(said: Patterns, also: Also) -> Result<Self, regex::Error> {
        let columns = &said.description.columns;
        let matchers = said.patterns.iter().map(|it| Matcher::new(it, columns, also.within));
        let reading = HowRead {
            matchers: matchers.collect::<Result<_, _>>()?,
            places: Places::new(columns, also.within)?,
            skips: also.skips.map(Regex::new).transpose()?,
            time: said.time,
            repeats_time: also.repeats_time,
            json: also.json,
        };
        Ok(PatternFormat {
            reading: Arc::new(reading),
            framing: framing(said.begins, also)?,
            key: said.key,
            head: said.head,
            begins: said.begins.map(Regex::new).transpose()?,
            description: said.description,
        })
    }

    /// Of patterns that stand in the code.
    #[must_use]
    pub fn built_in(said: Patterns) -> Arc<dyn Format> {
        PatternFormat::built_in_with(said, Also::default())
    }

    /// Of patterns that stand in the code, with more to say.
    #[must_use]
    pub fn built_in_with(said: Patterns, also: Also) -> Arc<dyn Format> {
        Arc::new(BuiltIn { said, also, compiled: OnceLock::new() })
    }

    /// Whether its first byte alone does not say that this is another format.
    fn may_begin(&self, head: &Head<'_>) -> bool {
        let is_one_line = || !head.text.trim_end().contains('\n');
        let skips_none = self.reading.skips.is_none() || is_one_line();
        let text = if self.begins.is_some() { head.text.trim_start() } else { head.line };
        let matchers = &self.reading.matchers;
        is_json(text) || !skips_none || matchers.iter().any(|it| it.pattern.may_match(text))
    }

    /// Where in the beginning of an object the first record stands that says something.
    fn first_record<'a>(&self, head: &Head<'a>) -> &'a str {
        let Some(begins) = &self.begins else { return head.line };
        let text = head.text.trim_start();
        let Some(skips) = self.reading.skips.as_ref().filter(|skips| skips.is_match(text)) else {
            return text;
        };
        let lines = text.split_inclusive('\n').scan(0, |end, line| {
            *end += line.len();
            Some((*end - line.len(), line))
        });
        let mut records = lines.filter(|(_, line)| begins.is_match(line.trim_end()));
        let first = records.find_map(|(at, _)| text.get(at..).filter(|text| !skips.is_match(text)));
        first.unwrap_or_default()
    }
}

/// Patterns of the code are compiled when somebody reads with them: a query only asks what
/// columns there are.
#[derive(Debug)]
struct BuiltIn {
    said: Patterns,
    also: Also,
    compiled: OnceLock<PatternFormat>,
}

impl BuiltIn {
    /// A pattern that is none every test of its format would show.
    fn compiled(&self) -> &PatternFormat {
        let compile = || PatternFormat::new(self.said.clone(), self.also);
        self.compiled.get_or_init(|| compile().expect("a pattern in the code"))
    }
}

impl Format for BuiltIn {
    fn description(&self) -> &Description {
        &self.said.description
    }

    fn recognise_key(&self, path: &str) -> Option<KeySays> {
        (self.said.key)(path)
    }

    fn recognise_head(&self, head: &Head<'_>) -> Option<HeadSays> {
        self.compiled().recognise_head(head)
    }

    fn framing(&self) -> Framing {
        self.compiled().framing()
    }

    fn decoder(&self) -> Box<dyn Decoder> {
        self.compiled().decoder()
    }
}

fn framing(begins: Option<&str>, also: Also) -> Result<Framing, regex::Error> {
    let regex = regex::bytes::Regex::new;
    let text = match (begins, also.follows) {
        (None, _) => Framing::Lines,
        (Some(begins), None) => Framing::Blocks(regex(begins)?),
        (Some(starts), Some(follows)) => {
            Framing::LedBlocks { starts: regex(starts)?, follows: regex(follows)? }
        }
    };
    Ok(match also.json {
        Some(JsonRecords { apart: true, .. }) => Framing::JsonOr(Box::new(text)),
        _ => text,
    })
}

impl Matcher {
    fn new(pattern: &str, columns: &Columns, within: &[Within]) -> Result<Self, regex::Error> {
        let pattern = TextPattern::new(pattern)?;
        Ok(Matcher { groups: Place::of_groups(&pattern, columns, within, 0), pattern })
    }
}

impl fmt::Debug for PatternFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PatternFormat")
            .field("name", &self.description.name)
            .finish_non_exhaustive()
    }
}

impl Format for PatternFormat {
    fn description(&self) -> &Description {
        &self.description
    }

    fn recognise_key(&self, path: &str) -> Option<KeySays> {
        (self.key)(path)
    }

    fn recognise_head(&self, head: &Head<'_>) -> Option<HeadSays> {
        // Asked of every record that comes by stream.
        if head.is_object() && self.reading.json.is_none() {
            return None;
        }
        let is_record = self.may_begin(head) && (self.head)(head) && {
            let text = self.first_record(head);
            match is_json(text) {
                true => self.reading.json.is_some() && !head.entries.is_empty(),
                false => self.reading.matchers.iter().any(|it| it.pattern.is_match(text)),
            }
        };
        is_record.then_some(HeadSays::Records)
    }

    fn framing(&self) -> Framing {
        self.framing.clone()
    }

    fn decoder(&self) -> Box<dyn Decoder> {
        let columns = &self.description.columns;
        let matchers = self.reading.matchers.iter();
        Box::new(PatternDecoder {
            locations: matchers.map(|matcher| matcher.pattern.locations()).collect(),
            reading: self.reading.clone(),
            rows: TableRows::new(self.name(), log_schema(columns), columns.clone()),
            last_time: None,
        })
    }
}

fn is_json(text: &str) -> bool {
    text.starts_with('{')
}

struct PatternDecoder {
    reading: Arc<HowRead>,
    /// Of each pattern, to be filled anew.
    locations: Vec<Locations>,
    rows: TableRows,
    /// Of the record before, in the same object.
    last_time: Option<Micros>,
}

impl Decoder for PatternDecoder {
    fn begin(&mut self) {
        self.last_time = None;
    }

    fn decode(&mut self, record: RawRecord<'_>, facts: &ObjectFacts) -> Result<Decoded, Reject> {
        let text = record.text()?;
        let reading = self.reading.clone();
        self.rows.fields.extra.clear();
        match reading.json.as_ref().filter(|_| is_json(text)) {
            Some(json) => self.read_json(&reading, json, text)?,
            None if reading.skips.as_ref().is_some_and(|skips| skips.is_match(text)) => {
                return Ok(Decoded::Nothing);
            }
            None => self.read_text(&reading, text)?,
        }
        let time = self.time(&reading, facts);
        self.rows.close(time, record.origin(facts, None), facts, fingerprint(record.bytes));
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

impl PatternDecoder {
    fn read_text(&mut self, reading: &HowRead, text: &str) -> Result<(), Reject> {
        let mut tried = reading.matchers.iter().zip(&mut self.locations);
        let matched = tried
            .find_map(|(matcher, at)| matcher.pattern.read(at, text).then_some((matcher, &*at)));
        let Some((matcher, at)) = matched else {
            return Err(Reject::new(Reason::NotAnEvent, "no pattern of the format matches"));
        };
        let mut out = RowAt { row: self.rows.rows(), fields: &mut self.rows.fields };
        for (group, place) in &matcher.groups {
            if let Some(value) = at.group(*group, text) {
                reading.places.put(&mut out, place, value);
            }
        }
        Ok(())
    }

    /// On an error nothing of the row is kept.
    fn read_json(
        &mut self,
        reading: &HowRead,
        json: &JsonRecords,
        text: &str,
    ) -> Result<(), Reject> {
        let row = self.rows.rows();
        let fields = &mut self.rows.fields;
        let mut cursor = Cursor::new(text);
        let mut out = RowAt { row, fields };
        let read = reading.places.put_json(&mut out, &mut cursor, json.opened);
        let read = read
            .and_then(|()| cursor.end())
            .map_err(|error| Reject::new(Reason::BrokenJson, error.to_string()));
        let is_there = |(name, begins): &(&str, &str)| {
            let cell = fields.parts.cell(name);
            cell.and_then(|cell| cell.text(row)).is_some_and(|text| text.starts_with(begins))
        };
        let read = match read {
            Ok(()) if !json.required.iter().any(is_there) => {
                let names: Vec<&str> = json.required.iter().map(|(name, _)| *name).collect();
                let detail = format!("none of `{}` as it should be", names.join("`, `"));
                Err(Reject::new(Reason::NotAnEvent, detail))
            }
            read => read,
        };
        read.inspect_err(|_| fields.parts.truncate(row))
    }

    /// Of the last column with a time in it that can be read.
    fn time(&mut self, reading: &HowRead, facts: &ObjectFacts) -> Option<Micros> {
        let row = self.rows.rows();
        let mut times = self.rows.fields.cells(Role::Time).rev();
        let time = times.find_map(|cell| match cell.text(row) {
            Some(text) => reading.time.parse(text, facts.arrival),
            None => cell.number(row).and_then(time_of_number),
        });
        if time.is_some() {
            self.last_time = time;
        }
        time.or(self.last_time.filter(|_| reading.repeats_time))
    }
}

#[cfg(test)]
#[path = "pattern_tests.rs"]
mod tests;
