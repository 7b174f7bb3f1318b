//! JSON records as rows: one decoder for all formats whose columns say enough. Their roles
//! tell which parts are time, id and needles; an EventBridge envelope is opened, and what has
//! several records in a list becomes several rows.

use arrow::datatypes::SchemaRef;
use arrow::error::ArrowError;
use kura_core::origin::{ObjectFacts, Origin};
use kura_core::table::Rows;
use kura_core::time::{Micros, parse_any_time, time_of_number};

use super::table_rows::{Fields, TableRows};
use super::{Decoded, Decoder, Description, Format, Head, HeadSays, KeySays, RawRecord};
use crate::cells::Cell;
use crate::columns::{Column, Columns, Role, log_schema};
use crate::framing::{Framing, Marks};
use crate::json::{Cursor, JsonError, Kind, kind_of, push_quoted, unquote};
use crate::reject::{Reason, Reject};
use crate::rows::content_hash;

/// A format of JSON records whose shape is known: nothing but data.
#[derive(Debug)]
pub struct JsonFormat {
    pub description: Description,
    pub columns: &'static [Column],
    /// One of them is in every record.
    pub required: &'static [&'static str],
    /// What a record begins with behind its `{`: see [`Marks`].
    pub restart: &'static [u8],
    /// Keys under which a list of records lies in an object around it, also in the `detail` of
    /// an EventBridge envelope. What else that object says belongs to each of them. A decoder
    /// finds a single record there, too.
    pub lists: &'static [&'static str],
    /// What an object's key says.
    pub key: fn(&str) -> Option<KeySays>,
    /// Whether a first record is one of this format.
    pub head: fn(&Head<'_>) -> Option<HeadSays>,
}

/// The list's key in CloudTrail's objects, and in those of others who write as it does.
pub const RECORDS: &[&str] = &["Records"];

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
        Framing::Json { restart: Some(Marks { restart: self.restart, lists: self.lists }) }
    }

    fn decoder(&self) -> Box<dyn Decoder> {
        let schema = log_schema(self.columns);
        let decoder = JsonDecoder::new(self.name(), schema, self.columns, self.required);
        Box::new(JsonDecoder { lists: self.lists, ..decoder })
    }
}

#[derive(Debug)]
pub struct JsonDecoder {
    rows: TableRows,
    required: &'static [&'static str],
    lists: &'static [&'static str],
}

/// A record that was an envelope.
#[derive(Debug)]
struct Opened {
    name: &'static str,
    /// The records in it, and whether they lay in a list.
    records: Vec<String>,
    is_list: bool,
    /// An object of what stands beside them.
    beside: Option<String>,
    facts: ObjectFacts,
}

impl JsonDecoder {
    /// A record has at least one of the `required` columns; with none named, any object is one.
    pub fn new(
        table: &str,
        schema: SchemaRef,
        columns: impl Into<Columns>,
        required: &'static [&'static str],
    ) -> Self {
        JsonDecoder { rows: TableRows::new(table, schema, columns), required, lists: &[] }
    }

    /// Reads the record, and what stands beside it. On an error nothing of the row is kept.
    fn read(&mut self, row: usize, record: &str, beside: Option<&str>) -> Result<(), Reject> {
        let fields = &mut self.rows.fields;
        fields.extra.clear();
        for text in [Some(record), beside].into_iter().flatten() {
            let mut cursor = Cursor::new(text);
            let read = fields.parts.read(row, &mut cursor, None, &mut fields.extra);
            if let Err(error) = read.and_then(|()| cursor.end()) {
                fields.parts.truncate(row);
                return Err(Reject::new(Reason::BrokenJson, error.to_string()));
            }
        }
        Ok(())
    }

    /// Whether what was read is a record of this format. If not, nothing of the row is kept.
    fn check(&mut self, row: usize) -> Result<(), Reject> {
        let parts = &mut self.rows.fields.parts;
        let mut required = self.required.iter().filter_map(|name| parts.cell(name));
        if self.required.is_empty() || required.any(|cell| cell.has(row)) {
            return Ok(());
        }
        parts.truncate(row);
        let detail = format!("none of `{}`", self.required.join("`, `"));
        Err(Reject::new(Reason::NotAnEvent, detail))
    }

    /// What is in the record at hand, if that is an envelope: EventBridge's, or an object
    /// around a list.
    fn open(&self, text: &str, facts: &ObjectFacts) -> Option<Opened> {
        if self.required.is_empty() {
            return None;
        }
        let extra = &self.rows.fields.extra;
        let detail = extra.get("detail").filter(|_| extra.get("detail-type").is_some());
        if let Some(detail) = detail.filter(|detail| kind_of(detail) == Kind::Object) {
            let facts = event_facts(text, facts);
            let list = self.lists.iter().find_map(|list| open_list(detail, list));
            let (records, is_list, beside) =
                list.unwrap_or_else(|| (vec![detail.to_owned()], false, None));
            return Some(Opened { name: "eventbridge", records, is_list, beside, facts });
        }
        let list = self.lists.iter().copied().find(|list| extra.get(list).is_some())?;
        let (records, is_list, beside) = open_list(text, list)?;
        Some(Opened { name: list, records, is_list, beside, facts: facts.clone() })
    }

    /// Every record of an envelope becomes a row, or none does.
    fn decode_opened(&mut self, opened: &Opened, number: u64) -> Result<Decoded, Reject> {
        let beside = opened.beside.as_deref();
        if opened.records.len() > 1 {
            let row = self.rows.rows();
            for record in &opened.records {
                self.read(row, record, beside).and_then(|()| self.check(row))?;
                self.rows.fields.parts.truncate(row);
            }
        }
        for (place, record) in (1..).zip(&opened.records) {
            let row = self.rows.rows();
            self.read(row, record, beside).and_then(|()| self.check(row))?;
            let way = match opened.is_list {
                true => format!("{}|{}.{place}", opened.facts.envelope.way, opened.name),
                false => format!("{}|{}", opened.facts.envelope.way, opened.name),
            };
            let origin = Origin { uri: &opened.facts.uri, number, way: &way, wrapper: None };
            self.close(row, origin, &opened.facts, content_hash(record, false));
        }
        Ok(match opened.records.len() {
            0 => Decoded::Nothing,
            rows => Decoded::Rows(rows as u64),
        })
    }

    fn close(&mut self, row: usize, origin: Origin<'_>, facts: &ObjectFacts, content: u64) {
        let time = time(&self.rows.fields, row);
        self.rows.close(time, origin, facts, content);
    }
}

/// Where and when it happened by the event, for details that do not say so.
fn event_facts(event: &str, facts: &ObjectFacts) -> ObjectFacts {
    let mut facts = facts.clone();
    // It was validated when it was read.
    let _ = Cursor::new(event).object(|key, value| {
        let said = Some(value).filter(|value| kind_of(value) == Kind::String).map(unquote);
        match (key.as_ref(), said) {
            ("account", Some(account)) => facts.account = Some(account.into_owned()),
            ("region", Some(region)) => facts.region = Some(region.into_owned()),
            ("time", Some(time)) => facts.time = parse_any_time(&time).or(facts.time),
            _ => {}
        }
    });
    facts
}

/// The records under this key of an object, whether they lie in a list, and an object of
/// everything else.
fn open_list(text: &str, list: &str) -> Option<(Vec<String>, bool, Option<String>)> {
    let (mut found, mut beside) = (None, String::new());
    let read = Cursor::new(text).object(|key, value| match kind_of(value) {
        Kind::Array | Kind::Object if key == list && found.is_none() => found = Some(value),
        _ => {
            beside.push(if beside.is_empty() { '{' } else { ',' });
            push_quoted(&mut beside, &key);
            beside.push(':');
            beside.push_str(value);
        }
    });
    let found = found.filter(|_| read.is_ok())?;
    let is_list = kind_of(found) == Kind::Array;
    let records = if is_list { items(found).ok()? } else { vec![found.to_owned()] };
    let beside = (!beside.is_empty()).then(|| beside + "}");
    Some((records, is_list, beside))
}

fn items(list: &str) -> Result<Vec<String>, JsonError> {
    let mut items = Vec::new();
    Cursor::new(list).array(|item| items.push(item.to_owned()))?;
    Ok(items)
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
        self.read(row, text, None)?;
        if let Some(opened) = self.open(text, facts) {
            self.rows.fields.parts.truncate(row);
            return self.decode_opened(&opened, record.number);
        }
        self.check(row)?;
        self.close(row, record.origin(facts, None), facts, content_hash(text, record.compact));
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
