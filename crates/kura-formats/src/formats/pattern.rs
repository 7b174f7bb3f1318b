//! Logs of text that patterns take apart: regular expressions whose named groups are columns.
//!
//! The first pattern that matches a record says what it is; one that none matches is refused.
//! `-` and nothing at all are no value. What does not fit its column goes to `_extra`.

use std::fmt;
use std::sync::Arc;

use arrow::error::ArrowError;
use kura_core::origin::ObjectFacts;
use kura_core::table::{Rows, fingerprint};
use kura_core::time::Micros;
use regex::{CaptureLocations, Regex};

use super::table_rows::{Fields, TableRows};
use super::written_time::WrittenTime;
use super::{Decoded, Decoder, Description, Format, Head, HeadSays, KeySays, RawRecord};
use crate::columns::{Columns, Role, log_schema};
use crate::extra::Path;
use crate::framing::Framing;
use crate::json::quoted;
use crate::reject::{Reason, Reject};

/// What a format of text is made of, as its file says it.
#[derive(Debug)]
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

/// A format of text, ready to be read.
pub struct PatternFormat {
    description: Description,
    matchers: Arc<[Matcher]>,
    framing: Framing,
    time: WrittenTime,
    key: fn(&str) -> Option<KeySays>,
    head: fn(&Head<'_>) -> bool,
}

/// A pattern, and where what its groups match belongs.
struct Matcher {
    pattern: Regex,
    /// Group, and column; `Err` is the name of a group that has none.
    groups: Vec<(usize, Result<usize, String>)>,
}

impl PatternFormat {
    /// # Errors
    /// A pattern that is none.
    pub fn new(said: Patterns) -> Result<Self, regex::Error> {
        let columns = &said.description.columns;
        let matchers = said.patterns.iter().map(|pattern| Matcher::new(pattern, columns));
        let framing = match said.begins {
            Some(begins) => Framing::Blocks(regex::bytes::Regex::new(begins)?),
            None => Framing::Lines,
        };
        Ok(PatternFormat {
            matchers: matchers.collect::<Result<_, _>>()?,
            framing,
            time: said.time,
            key: said.key,
            head: said.head,
            description: said.description,
        })
    }

    /// Of patterns that stand in the code.
    ///
    /// # Panics
    /// If one of them is none, which every test of every format would show.
    #[must_use]
    pub fn built_in(said: Patterns) -> Arc<dyn Format> {
        Arc::new(PatternFormat::new(said).expect("a pattern in the code"))
    }
}

impl Matcher {
    fn new(pattern: &str, columns: &Columns) -> Result<Self, regex::Error> {
        let pattern = Regex::new(pattern)?;
        let place = |(group, name): (usize, Option<&str>)| {
            let column = columns.iter().position(|column| Some(column.name.as_ref()) == name);
            Some((group, column.ok_or(name?.to_owned())))
        };
        Ok(Matcher {
            groups: pattern.capture_names().enumerate().filter_map(place).collect(),
            pattern,
        })
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
        // A record of several lines is looked for where one may begin.
        let text = match self.framing {
            Framing::Lines => head.line,
            _ => head.text.trim_start(),
        };
        let matches = || self.matchers.iter().any(|matcher| matcher.pattern.is_match(text));
        ((self.head)(head) && matches()).then_some(HeadSays::Records)
    }

    fn framing(&self) -> Framing {
        self.framing.clone()
    }

    fn decoder(&self) -> Box<dyn Decoder> {
        let columns = &self.description.columns;
        let locations = self.matchers.iter().map(|matcher| matcher.pattern.capture_locations());
        Box::new(PatternDecoder {
            locations: locations.collect(),
            matchers: self.matchers.clone(),
            time: self.time.clone(),
            rows: TableRows::new(self.name(), log_schema(columns), columns.clone()),
        })
    }
}

struct PatternDecoder {
    matchers: Arc<[Matcher]>,
    /// Of each pattern, to be filled anew.
    locations: Vec<CaptureLocations>,
    time: WrittenTime,
    rows: TableRows,
}

impl Decoder for PatternDecoder {
    fn decode(&mut self, record: RawRecord<'_>, facts: &ObjectFacts) -> Result<Decoded, Reject> {
        let text = record.text()?;
        let matchers = self.matchers.clone();
        let mut tried = matchers.iter().zip(&mut self.locations);
        let matched = tried.find_map(|(matcher, at)| {
            matcher.pattern.captures_read(at, text)?;
            Some((matcher, &*at))
        });
        let Some((matcher, at)) = matched else {
            return Err(Reject::new(Reason::NotAnEvent, "no pattern of the format matches"));
        };
        let row = self.rows.rows();
        let fields = &mut self.rows.fields;
        fields.extra.clear();
        for (group, column) in &matcher.groups {
            let Some(value) = at.get(*group).and_then(|(from, to)| text.get(from..to)) else {
                continue;
            };
            if !value.is_empty() && value != "-" {
                put(fields, row, column, value);
            }
        }
        let time = self.time(row, facts);
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
    /// Of the last column with a time in it that can be read.
    fn time(&self, row: usize, facts: &ObjectFacts) -> Option<Micros> {
        let mut times = self.rows.fields.cells(Role::Time).rev();
        times.find_map(|cell| self.time.parse(cell.text(row)?, facts.arrival))
    }
}

fn put(fields: &mut Fields, row: usize, column: &Result<usize, String>, value: &str) {
    let name = match column {
        Ok(at) if fields.parts.put_plain(row, *at, value) => return,
        Ok(at) => fields.parts.name(*at).unwrap_or_default().to_owned(),
        Err(name) => name.clone(),
    };
    fields.extra.add(&Path::new(&name), &quoted(value));
}

#[cfg(test)]
#[path = "pattern_tests.rs"]
mod tests;
