//! JSON records as rows: one decoder for all formats whose columns say enough. Their roles
//! tell which parts are time, id and needles; an EventBridge envelope is opened.

use arrow::datatypes::SchemaRef;
use arrow::error::ArrowError;
use kura_core::origin::ObjectFacts;
use kura_core::table::Rows;
use kura_core::time::{Micros, parse_any_time, time_of_number};

use super::table_rows::{Fields, TableRows};
use super::{Decoded, Decoder, Description, Format, Head, HeadSays, KeySays, RawRecord};
use crate::cells::Cell;
use crate::columns::{Column, Columns, Role, log_schema};
use crate::framing::Framing;
use crate::json::{Cursor, Kind, kind_of, unquote};
use crate::reject::{Reason, Reject};
use crate::rows::content_hash;

/// A format of JSON records whose shape is known: nothing but data.
#[derive(Debug)]
pub struct JsonFormat {
    pub description: Description,
    pub columns: &'static [Column],
    /// One of them is in every record.
    pub required: &'static [&'static str],
    /// What a record begins with behind its `{`: see [`Framing::Json`].
    pub restart: &'static [u8],
    /// What an object's key says.
    pub key: fn(&str) -> Option<KeySays>,
    /// Whether a first record is one of this format.
    pub head: fn(&Head<'_>) -> Option<HeadSays>,
}

impl Format for JsonFormat {
    fn description(&self) -> &Description {
        &self.description
    }

    fn recognise_key(&self, path: &str) -> Option<KeySays> {
        (self.key)(path)
    }

    fn recognise_head(&self, head: &Head<'_>) -> Option<HeadSays> {
        (self.head)(head)
    }

    fn framing(&self) -> Framing {
        Framing::Json { restart: Some(self.restart) }
    }

    fn decoder(&self) -> Box<dyn Decoder> {
        let schema = log_schema(self.columns);
        Box::new(JsonDecoder::new(self.name(), schema, self.columns, self.required))
    }
}

#[derive(Debug)]
pub struct JsonDecoder {
    rows: TableRows,
    required: &'static [&'static str],
}

impl JsonDecoder {
    /// A record has at least one of the `required` columns; with none named, any object is one.
    pub fn new(
        table: &str,
        schema: SchemaRef,
        columns: impl Into<Columns>,
        required: &'static [&'static str],
    ) -> Self {
        JsonDecoder { rows: TableRows::new(table, schema, columns), required }
    }

    /// Reads the record, also out of an envelope. Returns the hash of its text, and the
    /// envelope's name.
    fn read(
        &mut self,
        row: usize,
        text: &str,
        compact: bool,
    ) -> Result<(u64, Option<&'static str>), Reject> {
        let fields = &mut self.rows.fields;
        read_object(fields, row, text)?;
        if self.required.is_empty() {
            return Ok((content_hash(text, compact), None));
        }
        let enveloped = fields.extra.get("detail-type").is_some();
        let detail = fields.extra.get("detail").filter(|_| enveloped);
        let detail = detail.filter(|detail| kind_of(detail) == Kind::Object).map(str::to_owned);
        let read = match detail {
            None => (content_hash(text, compact), None),
            Some(detail) => {
                fields.parts.truncate(row);
                read_object(fields, row, &detail)?;
                (content_hash(&detail, false), Some("eventbridge"))
            }
        };
        let mut cells = self.required.iter().filter_map(|name| fields.parts.cell(name));
        match cells.any(|cell| cell.has(row)) {
            true => Ok(read),
            false => {
                let detail = format!("none of `{}`", self.required.join("`, `"));
                Err(Reject::new(Reason::NotAnEvent, detail))
            }
        }
    }
}

pub(super) fn read_object(fields: &mut Fields, row: usize, text: &str) -> Result<(), Reject> {
    fields.extra.clear();
    let mut cursor = Cursor::new(text);
    let read = fields.parts.read(row, &mut cursor, None, &mut fields.extra);
    read.and_then(|()| cursor.end())
        .map_err(|error| Reject::new(Reason::BrokenJson, error.to_string()))
}

/// Of several times a later one is nearer to the thing itself; also one that does not fit its
/// column.
pub(super) fn time(fields: &Fields, row: usize) -> Option<Micros> {
    let times = fields.cells(Role::Time).rev().find_map(|cell| match cell {
        Cell::Text(_) => cell.text(row).and_then(parse_any_time),
        Cell::Json(_) => cell.text(row).and_then(|text| parse_any_time(&unquote(text))),
        Cell::Timestamp(cell) => cell.value(row),
        _ => cell.number(row).and_then(time_of_number),
    });
    let left_over =
        || fields.left_over(Role::Time).find_map(|value| parse_any_time(&unquote(value)));
    times.or_else(left_over)
}

impl Decoder for JsonDecoder {
    fn decode(&mut self, record: RawRecord<'_>, facts: &ObjectFacts) -> Result<Decoded, Reject> {
        let text = record.text()?;
        let row = self.rows.rows();
        let read = self.read(row, text, record.compact);
        let (content, wrapper) = read.inspect_err(|_| self.rows.fields.parts.truncate(row))?;
        let time = time(&self.rows.fields, row);
        self.rows.close(time, record.origin(facts, wrapper), facts, content);
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
