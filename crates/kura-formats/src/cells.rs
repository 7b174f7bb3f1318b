//! JSON values into Arrow arrays, one [`Cell`] per column, following the column's type.
//!
//! Nothing is dropped: what does not fit its column, and what no column knows, is handed to
//! [`Extra`] with its path.

use std::borrow::Cow;
use std::sync::Arc;

use arrow::array::{
    ArrayRef, ListArray, MapArray, StringBuilder, StructArray, TimestampMicrosecondBuilder,
};
use arrow::buffer::{NullBuffer, OffsetBuffer, ScalarBuffer};
use arrow::error::ArrowError;
use kura_core::time::parse_log_time;

use crate::columns::{Column, ColumnType, fields, list_item, map_entries};
use crate::json::{self, Cursor, Kind, kind_of, unquote};

/// The leftovers of one record, written into `_extra` as one JSON object.
#[derive(Debug, Default)]
pub struct Extra {
    entries: Vec<(Vec<String>, String)>,
}

impl Extra {
    pub fn add(&mut self, path: &[&str], value: &str) {
        let path = path.iter().map(|&step| step.to_owned()).collect();
        self.entries.push((path, value.to_owned()));
    }

    pub fn clear(&mut self) {
        self.entries.clear();
    }

    /// The object, or `None` if everything had a place.
    #[must_use]
    pub fn to_json(&self) -> Option<String> {
        if self.entries.is_empty() {
            return None;
        }
        let entries: Vec<(&[String], &str)> =
            self.entries.iter().map(|(path, value)| (&path[..], &value[..])).collect();
        let mut out = String::new();
        write_object(&mut out, &entries);
        Some(out)
    }
}

/// Entries whose paths begin alike stand side by side, since a record is read in order.
fn write_object(out: &mut String, mut entries: &[(&[String], &str)]) {
    out.push('{');
    let mut first = true;
    while let Some(&(path, value)) = entries.first() {
        if !std::mem::take(&mut first) {
            out.push(',');
        }
        let Some((key, rest)) = path.split_first() else { break };
        json::push_quoted(out, key);
        out.push(':');
        let alike = match rest.is_empty() {
            true => 1,
            false => entries.iter().take_while(|(p, _)| p.len() > 1 && p[0] == *key).count(),
        };
        if rest.is_empty() {
            out.push_str(value);
        } else {
            let inner: Vec<_> = entries[..alike].iter().map(|(p, v)| (&p[1..], *v)).collect();
            write_object(out, &inner);
        }
        entries = &entries[alike..];
    }
    out.push('}');
}

/// A column under construction.
#[derive(Debug)]
pub enum Cell {
    Text(StringBuilder),
    Json(StringBuilder),
    Timestamp(TimestampMicrosecondBuilder),
    Struct(StructCell),
    List(ListCell),
    Map(MapCell),
}

impl Cell {
    /// Of the types that records of JSON fill.
    #[must_use]
    pub fn new(ty: ColumnType) -> Self {
        match ty {
            ColumnType::Json | ColumnType::Binary => Cell::Json(StringBuilder::new()),
            ColumnType::Timestamp => {
                Cell::Timestamp(TimestampMicrosecondBuilder::new().with_timezone("UTC"))
            }
            ColumnType::Struct(parts) => Cell::Struct(StructCell::new(parts)),
            ColumnType::List(parts) => Cell::List(ListCell::new(parts)),
            ColumnType::Map => Cell::Map(MapCell::default()),
            ColumnType::Text | ColumnType::Date | ColumnType::Long => {
                Cell::Text(StringBuilder::new())
            }
        }
    }

    /// Appends a value known to be JSON, or what stands for none.
    pub fn append(&mut self, value: Option<&str>, path: &[&str], extra: &mut Extra) {
        let value = value.filter(|v| kind_of(v) != Kind::Null);
        match self {
            Cell::Json(cell) => cell.append_option(value),
            Cell::Text(cell) => match value.map(|v| (kind_of(v), v)) {
                None => cell.append_null(),
                Some((Kind::String, v)) => cell.append_value(unquote(v)),
                Some((Kind::Number | Kind::Bool, v)) => cell.append_value(v),
                Some((_, v)) => {
                    extra.add(path, v);
                    cell.append_null();
                }
            },
            Cell::Timestamp(cell) => {
                let time = value.and_then(|v| parse_log_time(&unquote(v)));
                if let (None, Some(misfit)) = (time, value) {
                    extra.add(path, misfit);
                }
                cell.append_option(time);
            }
            Cell::Struct(cell) => cell.append(value, path, extra),
            Cell::List(cell) => cell.append(value, path, extra),
            Cell::Map(cell) => cell.append(value, path, extra),
        }
    }

    /// The text appended last; `None` for null, and for what is not text.
    #[must_use]
    pub fn last_text(&self) -> Option<&str> {
        let (Cell::Text(cell) | Cell::Json(cell)) = self else { return None };
        let offsets = cell.offsets_slice();
        let [.., from, to] = offsets else { return None };
        let valid = cell.validity_slice().is_none_or(|bits| {
            let row = offsets.len() - 2;
            bits[row / 8] & (1 << (row % 8)) != 0
        });
        let bytes =
            cell.values_slice().get(usize::try_from(*from).ok()?..usize::try_from(*to).ok()?)?;
        valid.then(|| std::str::from_utf8(bytes).ok())?
    }

    /// A part of a struct.
    #[must_use]
    pub fn part(&self, name: &str) -> Option<&Cell> {
        let Cell::Struct(cell) = self else { return None };
        cell.parts.cell(name)
    }

    /// Bytes held, near enough to bound memory by.
    #[must_use]
    pub fn bytes(&self) -> usize {
        match self {
            Cell::Text(cell) | Cell::Json(cell) => {
                cell.values_slice().len() + 4 * cell.offsets_slice().len()
            }
            Cell::Timestamp(cell) => 8 * cell.values_slice().len(),
            Cell::Struct(cell) => cell.parts.bytes(),
            Cell::List(cell) => cell.items.parts.bytes() + 4 * cell.offsets.len(),
            Cell::Map(cell) => {
                cell.keys.values_slice().len()
                    + cell.values.values_slice().len()
                    + 4 * cell.offsets.len()
            }
        }
    }

    pub fn finish(&mut self) -> Result<ArrayRef, ArrowError> {
        Ok(match self {
            Cell::Text(cell) | Cell::Json(cell) => Arc::new(cell.finish()),
            Cell::Timestamp(cell) => Arc::new(cell.finish()),
            Cell::Struct(cell) => Arc::new(cell.finish()?),
            Cell::List(cell) => Arc::new(cell.finish()?),
            Cell::Map(cell) => Arc::new(cell.finish()?),
        })
    }
}

/// Cells beside each other, found by the key in the record.
#[derive(Debug)]
pub struct Parts {
    columns: &'static [Column],
    cells: Vec<Cell>,
}

impl Parts {
    #[must_use]
    pub fn new(columns: &'static [Column]) -> Self {
        Parts { columns, cells: columns.iter().map(|c| Cell::new(c.ty)).collect() }
    }

    /// Where the column with this key stands. Records keep an order, so the search begins
    /// behind the key found before.
    #[must_use]
    pub fn find(&self, key: &str, after: usize) -> Option<usize> {
        let hit = |c: &Column| c.key == key;
        let from = after.min(self.columns.len());
        self.columns[from..]
            .iter()
            .position(hit)
            .map(|at| from + at)
            .or_else(|| self.columns[..from].iter().position(hit))
    }

    #[must_use]
    pub fn columns(&self) -> &'static [Column] {
        self.columns
    }

    #[must_use]
    pub fn cell(&self, name: &str) -> Option<&Cell> {
        let at = self.columns.iter().position(|c| c.name == name)?;
        self.cells.get(at)
    }

    pub fn append_at(&mut self, at: usize, value: Option<&str>, path: &[&str], extra: &mut Extra) {
        if let Some(cell) = self.cells.get_mut(at) {
            cell.append(value, path, extra);
        }
    }

    #[must_use]
    pub fn bytes(&self) -> usize {
        self.cells.iter().map(Cell::bytes).sum()
    }

    pub fn finish(&mut self) -> Result<Vec<ArrayRef>, ArrowError> {
        self.cells.iter_mut().map(Cell::finish).collect()
    }

    /// Spreads an object over the cells; `None` appends a null to each.
    fn append_object(&mut self, object: Option<&str>, path: &[&str], extra: &mut Extra) {
        let mut found: Vec<Option<&str>> = vec![None; self.columns.len()];
        let mut after = 0;
        if let Some(object) = object {
            // The record was validated before: what cannot be read here cannot occur.
            let _ = Cursor::new(object).object(|key, value| match self.find(&key, after) {
                Some(at) if found[at].is_none() => {
                    found[at] = Some(value);
                    after = at + 1;
                }
                _ => extra.add(&join(path, &key), value),
            });
        }
        for (at, value) in found.into_iter().enumerate() {
            let path = join(path, self.columns[at].key);
            self.append_at(at, value, &path, extra);
        }
    }
}

fn join<'p>(path: &[&'p str], key: &'p str) -> Vec<&'p str> {
    path.iter().copied().chain([key]).collect()
}

#[derive(Debug)]
pub struct StructCell {
    parts: Parts,
    valid: Vec<bool>,
}

impl StructCell {
    fn new(columns: &'static [Column]) -> Self {
        StructCell { parts: Parts::new(columns), valid: Vec::new() }
    }

    fn append(&mut self, value: Option<&str>, path: &[&str], extra: &mut Extra) {
        let object = value.filter(|v| kind_of(v) == Kind::Object);
        if let (None, Some(misfit)) = (object, value) {
            extra.add(path, misfit);
        }
        self.valid.push(object.is_some());
        self.parts.append_object(object, path, extra);
    }

    fn finish(&mut self) -> Result<StructArray, ArrowError> {
        let valid = NullBuffer::from(std::mem::take(&mut self.valid));
        StructArray::try_new(fields(self.parts.columns), self.parts.finish()?, Some(valid))
    }
}

/// A list of structs.
#[derive(Debug)]
pub struct ListCell {
    items: StructCell,
    offsets: Vec<i32>,
    valid: Vec<bool>,
}

impl ListCell {
    fn new(columns: &'static [Column]) -> Self {
        ListCell { items: StructCell::new(columns), offsets: vec![0], valid: Vec::new() }
    }

    fn append(&mut self, value: Option<&str>, path: &[&str], extra: &mut Extra) {
        let array = value.filter(|v| kind_of(v) == Kind::Array);
        if let (None, Some(misfit)) = (array, value) {
            extra.add(path, misfit);
        }
        self.valid.push(array.is_some());
        let mut number = 0usize;
        let _ = Cursor::new(array.unwrap_or("[]")).array(|item| {
            let index = number.to_string();
            self.items.append(
                Some(item).filter(|i| kind_of(i) != Kind::Null),
                &join(path, &index),
                extra,
            );
            number += 1;
        });
        let length = i32::try_from(self.items.valid.len()).unwrap_or(i32::MAX);
        self.offsets.push(length);
    }

    fn finish(&mut self) -> Result<ListArray, ArrowError> {
        let offsets = std::mem::replace(&mut self.offsets, vec![0]);
        let valid = NullBuffer::from(std::mem::take(&mut self.valid));
        ListArray::try_new(
            Arc::new(list_item(self.items.parts.columns)),
            OffsetBuffer::new(ScalarBuffer::from(offsets)),
            Arc::new(self.items.finish()?),
            Some(valid),
        )
    }
}

/// Text to text.
#[derive(Debug)]
pub struct MapCell {
    keys: StringBuilder,
    values: StringBuilder,
    offsets: Vec<i32>,
    valid: Vec<bool>,
}

impl Default for MapCell {
    fn default() -> Self {
        MapCell {
            keys: StringBuilder::new(),
            values: StringBuilder::new(),
            offsets: vec![0],
            valid: Vec::new(),
        }
    }
}

impl MapCell {
    /// A key that comes again goes to `_extra`: readers refuse maps with one key twice.
    fn append(&mut self, value: Option<&str>, path: &[&str], extra: &mut Extra) {
        let object = value.filter(|v| kind_of(v) == Kind::Object);
        if let (None, Some(misfit)) = (object, value) {
            extra.add(path, misfit);
        }
        self.valid.push(object.is_some());
        let mut seen: Vec<Cow<'_, str>> = Vec::new();
        let _ = Cursor::new(object.unwrap_or("{}")).object(|key, value| {
            if seen.contains(&key) {
                extra.add(&join(path, &key), value);
                return;
            }
            self.keys.append_value(&key);
            match kind_of(value) {
                Kind::Null => self.values.append_null(),
                Kind::String => self.values.append_value(unquote(value)),
                _ => self.values.append_value(value),
            }
            seen.push(key);
        });
        self.offsets.push(
            self.offsets
                .last()
                .copied()
                .unwrap_or(0)
                .saturating_add(i32::try_from(seen.len()).unwrap_or(i32::MAX)),
        );
    }

    fn finish(&mut self) -> Result<MapArray, ArrowError> {
        let offsets = std::mem::replace(&mut self.offsets, vec![0]);
        let valid = NullBuffer::from(std::mem::take(&mut self.valid));
        let entries_field = map_entries();
        let arrow::datatypes::DataType::Struct(entry_fields) = entries_field.data_type() else {
            return Err(ArrowError::SchemaError("map entries are a struct".to_owned()));
        };
        let columns: Vec<ArrayRef> =
            vec![Arc::new(self.keys.finish()), Arc::new(self.values.finish())];
        let entries = StructArray::try_new(entry_fields.clone(), columns, None)?;
        let offsets = OffsetBuffer::new(ScalarBuffer::from(offsets));
        MapArray::try_new(Arc::new(entries_field), offsets, entries, Some(valid), false)
    }
}
