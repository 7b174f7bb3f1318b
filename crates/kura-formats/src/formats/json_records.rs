//! JSON records as rows: one decoder for all formats whose columns say enough. Their roles
//! tell which parts are time, id and needles; an EventBridge envelope is opened.

use std::sync::Arc;

use arrow::datatypes::SchemaRef;
use arrow::error::ArrowError;
use kura_core::origin::ObjectFacts;
use kura_core::table::Rows;
use kura_core::time::{Micros, parse_any_time, time_of_number};

use super::{Decoded, Decoder, RawRecord};
use crate::cells::{Cell, Parts};
use crate::columns::{Column, ColumnType, Columns, Role};
use crate::extra::Extra;
use crate::json::{Cursor, Kind, kind_of, unquote};
use crate::reject::{Reason, Reject};
use crate::rows::{KuraCells, Needles, content_hash};

#[derive(Debug)]
pub struct JsonDecoder {
    table: Arc<str>,
    schema: SchemaRef,
    required: &'static [&'static str],
    fields: Fields,
    kura: KuraCells,
    content: Vec<u64>,
    resource: String,
}

/// The record's own columns, and what they are good for.
#[derive(Debug)]
struct Fields {
    roles: Vec<RolePath>,
    parts: Parts,
    extra: Extra,
}

/// The way to a column, or to a part of one, with a role.
#[derive(Debug)]
struct RolePath {
    role: Role,
    /// Places in the columns and in the parts below them.
    path: Vec<usize>,
    /// The key at the top of the record.
    key: String,
}

impl JsonDecoder {
    /// A record has at least one of the `required` columns; with none named, any object is one.
    pub fn new(
        table: &str,
        schema: SchemaRef,
        columns: impl Into<Columns>,
        required: &'static [&'static str],
    ) -> Self {
        let columns = columns.into();
        let mut roles = Vec::new();
        find_roles(&columns, &mut Vec::new(), None, &mut roles);
        JsonDecoder {
            table: table.into(),
            schema,
            required,
            fields: Fields { roles, parts: Parts::new(columns), extra: Extra::default() },
            kura: KuraCells::default(),
            content: Vec::new(),
            resource: String::new(),
        }
    }

    /// Reads the record, also out of an envelope. Returns the hash of its text, and the
    /// envelope's name.
    fn read(
        &mut self,
        row: usize,
        text: &str,
        compact: bool,
    ) -> Result<(u64, Option<&'static str>), Reject> {
        self.fields.read(row, text)?;
        if self.required.is_empty() {
            return Ok((content_hash(text, compact), None));
        }
        let detail =
            self.fields.extra.get("detail").filter(|detail| kind_of(detail) == Kind::Object);
        let detail =
            detail.filter(|_| self.fields.extra.get("detail-type").is_some()).map(str::to_owned);
        let read = match detail {
            None => (content_hash(text, compact), None),
            Some(detail) => {
                self.fields.parts.truncate(row);
                self.fields.read(row, &detail)?;
                (content_hash(&detail, false), Some("eventbridge"))
            }
        };
        let mut cells = self.required.iter().filter_map(|name| self.fields.parts.cell(name));
        match cells.any(|cell| cell.has(row)) {
            true => Ok(read),
            false => {
                let detail = format!("none of `{}`", self.required.join("`, `"));
                Err(Reject::new(Reason::NotAnEvent, detail))
            }
        }
    }

    fn append(
        &mut self,
        row: usize,
        record: RawRecord<'_>,
        wrapper: Option<&'static str>,
        facts: &ObjectFacts,
    ) {
        let mut resource = std::mem::take(&mut self.resource);
        resource.clear();
        for text in self.fields.cells(Role::Resource).filter_map(|cell| cell.text(row)) {
            resource.push_str(if resource.is_empty() { "" } else { " " });
            resource.push_str(text);
        }
        let needles = Needles {
            time: self.fields.time(row),
            account: self.fields.text(Role::Account, row),
            region: self.fields.text(Role::Region, row),
            principal: self.fields.text(Role::Principal, row),
            accesskey: self.fields.text(Role::AccessKey, row),
            addr: self.fields.text(Role::Address, row),
            resource: Some(&resource),
            id: self.fields.text(Role::Id, row),
        };
        let extra = self.fields.extra.to_json();
        self.kura.append(&needles, record.origin(facts, wrapper), facts, extra.as_deref());
        self.resource = resource;
    }
}

impl Fields {
    fn read(&mut self, row: usize, text: &str) -> Result<(), Reject> {
        self.extra.clear();
        let mut cursor = Cursor::new(text);
        let read = self.parts.read(row, &mut cursor, None, &mut self.extra);
        read.and_then(|()| cursor.end())
            .map_err(|error| Reject::new(Reason::BrokenJson, error.to_string()))
    }

    fn cells(&self, role: Role) -> impl DoubleEndedIterator<Item = &Cell> {
        let of_role = self.roles.iter().filter(move |place| place.role == role);
        of_role.filter_map(|place| self.parts.cell_on(&place.path))
    }

    fn text(&self, role: Role, row: usize) -> Option<&str> {
        self.cells(role).find_map(|cell| cell.text(row)).filter(|text| !text.is_empty())
    }

    /// A later one is nearer to the thing itself; also one that does not fit its column.
    fn time(&self, row: usize) -> Option<Micros> {
        let times = self.cells(Role::Time).rev().find_map(|cell| match cell {
            Cell::Text(_) => cell.text(row).and_then(parse_any_time),
            Cell::Json(_) => cell.text(row).and_then(|text| parse_any_time(&unquote(text))),
            _ => cell.number(row).and_then(time_of_number),
        });
        let left_over = || {
            let mut keys = self.roles.iter().filter(|place| place.role == Role::Time);
            keys.find_map(|place| parse_any_time(&unquote(self.extra.get(&place.key)?)))
        };
        times.or_else(left_over)
    }
}

/// Every column and part of a struct that has a role, in order.
fn find_roles(
    columns: &[Column],
    path: &mut Vec<usize>,
    top: Option<&str>,
    roles: &mut Vec<RolePath>,
) {
    for (at, column) in columns.iter().enumerate() {
        path.push(at);
        let key = top.unwrap_or(&column.key);
        if column.role != Role::None {
            roles.push(RolePath { role: column.role, path: path.clone(), key: key.to_owned() });
        }
        if let ColumnType::Struct(parts) = column.ty {
            find_roles(parts, path, Some(key), roles);
        }
        path.pop();
    }
}

impl Decoder for JsonDecoder {
    fn decode(&mut self, record: RawRecord<'_>, facts: &ObjectFacts) -> Result<Decoded, Reject> {
        let text = record.text()?;
        let row = self.kura.rows();
        let read = self.read(row, text, record.compact);
        let (content, wrapper) = read.inspect_err(|_| self.fields.parts.truncate(row))?;
        self.append(row, record, wrapper, facts);
        self.content.push(content);
        Ok(Decoded::Row)
    }

    fn rows(&self) -> usize {
        self.kura.rows()
    }

    fn bytes(&self) -> usize {
        self.fields.parts.bytes() + self.kura.bytes() + 8 * self.content.len()
    }

    fn finish(&mut self) -> Result<Rows, ArrowError> {
        let native = self.fields.parts.finish(self.kura.rows())?;
        let batch = self.kura.finish(self.schema.clone(), native)?;
        let content = std::mem::take(&mut self.content);
        Ok(Rows { table: self.table.clone(), batch, content })
    }
}
