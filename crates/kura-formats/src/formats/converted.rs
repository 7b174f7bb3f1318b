//! Formats whose records a function takes apart: it puts what it finds into the row at hand,
//! by the names of the columns. What does not fit its column goes to `_extra`.

use arrow::error::ArrowError;
use kura_core::origin::ObjectFacts;
use kura_core::table::{Rows, fingerprint};
use kura_core::time::Micros;

use super::json_records::time;
use super::table_rows::{Fields, TableRows};
use super::{Decoded, Decoder, Description, Format, Head, HeadSays, KeySays, RawRecord};
use crate::columns::{Column, ColumnType, log_schema};
use crate::extra::Path;
use crate::framing::Framing;
use crate::json::quoted;
use crate::reject::{Reason, Reject};
use crate::rows::content_hash;

/// Puts what a record holds into a row; what it put before it refuses is taken back.
pub type Convert = fn(RawRecord<'_>, &mut Row<'_>) -> Result<Decoded, Reject>;

/// A format of records of any shape.
#[derive(Debug)]
pub struct ConvertedFormat {
    pub description: Description,
    pub columns: &'static [Column],
    pub framing: fn() -> Framing,
    /// What an object's key says.
    pub key: fn(&str) -> Option<KeySays>,
    /// Whether an object that begins like this holds records of the format.
    pub head: fn(&Head<'_>) -> bool,
    pub convert: Convert,
}

impl Format for ConvertedFormat {
    fn description(&self) -> &Description {
        &self.description
    }

    fn recognise_key(&self, path: &str) -> Option<KeySays> {
        (self.key)(path)
    }

    fn recognise_head(&self, head: &Head<'_>) -> Option<HeadSays> {
        (self.head)(head).then_some(HeadSays::Records)
    }

    fn framing(&self) -> Framing {
        (self.framing)()
    }

    fn decoder(&self) -> Box<dyn Decoder> {
        Box::new(ConvertedDecoder {
            columns: self.columns,
            convert: self.convert,
            rows: TableRows::new(self.name(), log_schema(self.columns), self.columns),
        })
    }
}

/// The row at hand.
#[derive(Debug)]
pub struct Row<'a> {
    columns: &'static [Column],
    fields: &'a mut Fields,
    row: usize,
    /// Records keep an order: the next column is looked for behind the one found last.
    after: usize,
    /// When the record was read.
    pub arrival: Micros,
    /// When it happened, where the columns with that role do not tell by themselves.
    pub time: Option<Micros>,
}

impl Row<'_> {
    fn place(&mut self, column: &str) -> Option<usize> {
        let (before, behind) = self.columns.split_at(self.after.min(self.columns.len()));
        let is_it = |known: &Column| known.name == column;
        let at = behind.iter().position(is_it).map(|at| before.len() + at);
        let at = at.or_else(|| before.iter().position(is_it))?;
        self.after = at + 1;
        Some(at)
    }

    /// Whether the column holds plain text.
    pub fn is_text(&self, column: &str) -> bool {
        let column = self.columns.iter().find(|known| known.name == column);
        column.is_some_and(|column| matches!(column.ty, ColumnType::Text))
    }

    /// The text that the column has by now.
    pub fn text(&self, column: &str) -> Option<&str> {
        self.fields.parts.cell(column)?.text(self.row)
    }

    /// Puts text; nothing at all is no value.
    pub fn put(&mut self, column: &str, text: &str) {
        let Some(at) = self.place(column) else { return self.keep_text(column, text) };
        if !text.is_empty() && !self.fields.parts.put_plain(self.row, at, text) {
            self.keep_text(column, text);
        }
    }

    /// Puts the text of a key that may come again; then, or if it does not fit, it is kept
    /// under that key. Nothing at all is no value.
    pub fn put_once(&mut self, column: &str, key: &str, text: &str) {
        let at = self.place(column);
        if !text.is_empty() && !at.is_some_and(|at| self.fields.parts.put_plain(self.row, at, text))
        {
            self.keep_text(key, text);
        }
    }

    pub fn put_option(&mut self, column: &str, text: Option<&str>) {
        if let Some(text) = text {
            self.put(column, text);
        }
    }

    /// Puts other text than stands there.
    pub fn replace(&mut self, column: &str, text: Option<&str>) {
        if let Some(at) = self.place(column) {
            self.fields.parts.take_back(self.row, at);
        }
        self.put_option(column, text);
    }

    /// Whether the column has a value by now.
    pub fn has(&self, column: &str) -> bool {
        let cell = self.fields.parts.cell(column);
        cell.is_some_and(|cell| cell.rows() > self.row && cell.has(self.row))
    }

    /// Puts a JSON value that came under this key.
    pub fn put_json(&mut self, column: &str, key: &Path<'_>, value: &str) -> Result<(), Reject> {
        let Some(at) = self.place(column) else {
            self.fields.extra.add(key, value);
            return Ok(());
        };
        let extra = &mut self.fields.extra;
        let put = self.fields.parts.put_json(self.row, at, key, value, extra);
        put.map_err(|error| Reject::new(Reason::BrokenJson, error.to_string()))
    }

    /// Keeps a JSON value that no column takes.
    pub fn keep(&mut self, key: &Path<'_>, value: &str) {
        self.fields.extra.add(key, value);
    }

    pub fn keep_text(&mut self, key: &str, text: &str) {
        self.fields.extra.add(&Path::new(key), &quoted(text));
    }
}

/// Where a text in quotes ends; a backslash takes the meaning from what follows it.
pub fn closing_quote(text: &str) -> Option<usize> {
    let mut escaped = false;
    text.bytes().position(|byte| {
        let closes = byte == b'"' && !escaped;
        escaped = byte == b'\\' && !escaped;
        closes
    })
}

struct ConvertedDecoder {
    columns: &'static [Column],
    convert: Convert,
    rows: TableRows,
}

impl Decoder for ConvertedDecoder {
    fn decode(&mut self, record: RawRecord<'_>, facts: &ObjectFacts) -> Result<Decoded, Reject> {
        let row = self.rows.rows();
        let fields = &mut self.rows.fields;
        fields.extra.clear();
        let arrival = facts.arrival;
        let mut at_hand = Row { columns: self.columns, fields, row, after: 0, arrival, time: None };
        let converted = (self.convert)(record, &mut at_hand);
        let said = at_hand.time;
        if !matches!(converted, Ok(Decoded::Row)) {
            self.rows.fields.parts.truncate(row);
            return converted;
        }
        let time = said.or_else(|| time(&self.rows.fields, row));
        self.rows.close(time, record.origin(facts, None), facts, content(record));
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

/// The hash that two copies of a record share.
fn content(record: RawRecord<'_>) -> u64 {
    match record.text() {
        Ok(text) if text.starts_with('{') => content_hash(text, record.compact),
        _ => fingerprint(record.bytes.trim_ascii()),
    }
}
