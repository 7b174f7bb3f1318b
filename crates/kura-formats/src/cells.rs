//! JSON values into Arrow arrays, one [`Cell`] per column, following the column's type, in
//! one pass over the text: a value is checked, found its column, and copied as it is read.
//!
//! Nothing is dropped: what does not fit its column, and what no column knows, is handed to
//! [`Extra`] with its path. A record that breaks off in its middle is taken back.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use arrow::array::{ArrayRef, ListArray, MapArray, StructArray};
use arrow::buffer::{NullBuffer, OffsetBuffer, ScalarBuffer};
use arrow::datatypes::{Float64Type, Int32Type, Int64Type, TimestampMicrosecondType};
use arrow::error::ArrowError;
use kura_core::time::parse_log_time;

use crate::columns::{Column, ColumnType, Columns, fields, list_item, map_entries};
use crate::extra::{Extra, Path};
use crate::json::{Cursor, JsonError, Kind, unquote};
use crate::texts::{Booleans, Numbers, Texts, Validity};

/// A column under construction.
#[derive(Debug)]
pub enum Cell {
    Text(Texts),
    Json(Texts),
    Timestamp(Numbers<TimestampMicrosecondType>),
    Int(Numbers<Int32Type>),
    Long(Numbers<Int64Type>),
    Double(Numbers<Float64Type>),
    Boolean(Booleans),
    Struct(StructCell),
    List(ListCell),
    Map(MapCell),
}

impl Cell {
    /// Of the types that records of text fill.
    #[must_use]
    pub fn new(ty: ColumnType) -> Self {
        match ty {
            ColumnType::Json | ColumnType::Binary => Cell::Json(Texts::default()),
            ColumnType::Timestamp => Cell::Timestamp(Numbers::default()),
            ColumnType::Int => Cell::Int(Numbers::default()),
            ColumnType::Long => Cell::Long(Numbers::default()),
            ColumnType::Double => Cell::Double(Numbers::default()),
            ColumnType::Boolean => Cell::Boolean(Booleans::default()),
            ColumnType::Struct(parts) => Cell::Struct(StructCell::new(parts)),
            ColumnType::List(parts) => Cell::List(ListCell::new(parts)),
            ColumnType::Map => Cell::Map(MapCell::default()),
            ColumnType::Text | ColumnType::Date => Cell::Text(Texts::default()),
        }
    }

    #[must_use]
    pub fn rows(&self) -> usize {
        match self {
            Cell::Text(cell) | Cell::Json(cell) => cell.rows(),
            Cell::Timestamp(cell) => cell.rows(),
            Cell::Int(cell) => cell.rows(),
            Cell::Long(cell) => cell.rows(),
            Cell::Double(cell) => cell.rows(),
            Cell::Boolean(cell) => cell.rows(),
            Cell::Struct(cell) => cell.valid.rows(),
            Cell::List(cell) => cell.spans.valid.rows(),
            Cell::Map(cell) => cell.spans.valid.rows(),
        }
    }

    /// Reads the value that stands at the cursor into `row`.
    fn read(
        &mut self,
        row: usize,
        cursor: &mut Cursor<'_>,
        path: &Path<'_>,
        extra: &mut Extra,
    ) -> Result<(), JsonError> {
        let kind = cursor.kind();
        match (self, kind) {
            (cell, Kind::Null) => {
                cursor.value()?;
                cell.put_null(row);
            }
            (Cell::Json(cell), _) => cell.put(row, cursor.value()?),
            (Cell::Text(cell), Kind::String) => cell.put(row, &cursor.text()?),
            (Cell::Text(cell), Kind::Number | Kind::Bool) => cell.put(row, cursor.value()?),
            (Cell::Struct(cell), Kind::Object) => cell.read(row, cursor, path, extra)?,
            (Cell::List(cell), Kind::Array) => cell.read(row, cursor, path, extra)?,
            (Cell::Map(cell), Kind::Object) => cell.read(row, cursor, path, extra)?,
            (cell, _) => {
                let value = cursor.value()?;
                let fits = match kind {
                    Kind::String => cell.put_text(row, &unquote(value)),
                    Kind::Number | Kind::Bool => cell.put_plain(row, value),
                    _ => false,
                };
                if !fits {
                    extra.add(path, value);
                    cell.put_null(row);
                }
            }
        }
        Ok(())
    }

    /// Puts a text, into a column of numbers only if it is written as the number would be:
    /// `00123` is none.
    fn put_text(&mut self, row: usize, text: &str) -> bool {
        let is_number = text.parse::<i64>().is_ok_and(|number| number.to_string() == text);
        match self {
            Cell::Int(_) | Cell::Long(_) if !is_number => false,
            _ => self.put_plain(row, text),
        }
    }

    /// Puts a value written without JSON's quotes. `false` if it does not fit the column.
    pub fn put_plain(&mut self, row: usize, value: &str) -> bool {
        match self {
            Cell::Text(cell) | Cell::Json(cell) => {
                cell.put(row, value);
                true
            }
            Cell::Timestamp(cell) => parse_log_time(value).map(|v| cell.put(row, v)).is_some(),
            Cell::Int(cell) => value.parse().map(|v| cell.put(row, v)).is_ok(),
            Cell::Long(cell) => value.parse().map(|v| cell.put(row, v)).is_ok(),
            Cell::Double(cell) => match value.parse::<f64>() {
                Ok(number) if number.is_finite() && is_exact(value, number) => {
                    cell.put(row, number);
                    true
                }
                _ => false,
            },
            Cell::Boolean(cell) => value.parse().map(|v| cell.put(row, v)).is_ok(),
            Cell::Struct(_) | Cell::List(_) | Cell::Map(_) => false,
        }
    }

    /// The row is there, so that a second value under the same key is a leftover.
    fn put_null(&mut self, row: usize) {
        match self {
            Cell::Text(cell) | Cell::Json(cell) => cell.put_null(row),
            Cell::Timestamp(cell) => cell.pad(row + 1),
            Cell::Int(cell) => cell.pad(row + 1),
            Cell::Long(cell) => cell.pad(row + 1),
            Cell::Double(cell) => cell.pad(row + 1),
            Cell::Boolean(cell) => cell.pad(row + 1),
            Cell::Struct(cell) => _ = cell.valid.pad(row + 1),
            Cell::List(cell) => cell.spans.pad(row + 1),
            Cell::Map(cell) => cell.spans.pad(row + 1),
        }
    }

    /// Takes back what was put into rows from `rows` on.
    fn truncate(&mut self, rows: usize) {
        match self {
            Cell::Text(cell) | Cell::Json(cell) => cell.truncate(rows),
            Cell::Timestamp(cell) => cell.truncate(rows),
            Cell::Int(cell) => cell.truncate(rows),
            Cell::Long(cell) => cell.truncate(rows),
            Cell::Double(cell) => cell.truncate(rows),
            Cell::Boolean(cell) => cell.truncate(rows),
            Cell::Struct(cell) => cell.truncate(rows),
            Cell::List(cell) => cell.truncate(rows),
            Cell::Map(cell) => cell.truncate(rows),
        }
    }

    /// The text in a row; `None` for null, and for what is not text.
    #[must_use]
    pub fn text(&self, row: usize) -> Option<&str> {
        match self {
            Cell::Text(cell) | Cell::Json(cell) => cell.text(row),
            _ => None,
        }
    }

    /// The number in a row, as near as a double comes to it; `None` for null, and for what
    /// is no number.
    #[must_use]
    pub fn number(&self, row: usize) -> Option<f64> {
        match self {
            Cell::Long(cell) => cell.value(row).map(|number| number as f64),
            Cell::Double(cell) => cell.value(row),
            _ => None,
        }
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
            Cell::Text(cell) | Cell::Json(cell) => cell.bytes(),
            Cell::Timestamp(cell) => cell.bytes(),
            Cell::Int(cell) => cell.bytes(),
            Cell::Long(cell) => cell.bytes(),
            Cell::Double(cell) => cell.bytes(),
            Cell::Boolean(cell) => cell.bytes(),
            Cell::Struct(cell) => cell.parts.bytes(),
            Cell::List(cell) => cell.items.parts.bytes() + 4 * cell.spans.offsets.len(),
            Cell::Map(cell) => {
                cell.keys.bytes() + cell.values.bytes() + 4 * cell.spans.offsets.len()
            }
        }
    }

    /// The column, `rows` long; the cell is then empty.
    pub fn finish(&mut self, rows: usize) -> Result<ArrayRef, ArrowError> {
        Ok(match self {
            Cell::Text(cell) | Cell::Json(cell) => Arc::new(cell.finish(rows)?),
            Cell::Timestamp(cell) => Arc::new(cell.finish(rows)?.with_timezone("UTC")),
            Cell::Int(cell) => Arc::new(cell.finish(rows)?),
            Cell::Long(cell) => Arc::new(cell.finish(rows)?),
            Cell::Double(cell) => Arc::new(cell.finish(rows)?),
            Cell::Boolean(cell) => Arc::new(cell.finish(rows)),
            Cell::Struct(cell) => Arc::new(cell.finish(rows)?),
            Cell::List(cell) => Arc::new(cell.finish(rows)?),
            Cell::Map(cell) => Arc::new(cell.finish(rows)?),
        })
    }
}

/// A whole number beyond 2^53 is another one as a double.
fn is_exact(text: &str, number: f64) -> bool {
    number.abs() < 9e15 || text.bytes().any(|byte| matches!(byte, b'.' | b'e' | b'E'))
}

/// Cells beside each other, found by the key in the record.
#[derive(Debug)]
pub struct Parts {
    columns: Columns,
    cells: Vec<Cell>,
}

impl Parts {
    #[must_use]
    pub fn new(columns: impl Into<Columns>) -> Self {
        let columns = columns.into();
        Parts { cells: columns.iter().map(|c| Cell::new(c.ty)).collect(), columns }
    }

    /// Reads the object that stands at the cursor into `row`. On an error nothing of the
    /// row may be kept: see [`Parts::truncate`].
    pub fn read(
        &mut self,
        row: usize,
        cursor: &mut Cursor<'_>,
        path: Option<&Path<'_>>,
        extra: &mut Extra,
    ) -> Result<(), JsonError> {
        let mut after = 0;
        let mut more = cursor.enter_object()?;
        while more {
            let key = cursor.key()?;
            let place = Path::below(path, &key);
            match self.find(&key, after) {
                Some(at) if self.cells[at].rows() <= row => {
                    after = at + 1;
                    self.cells[at].read(row, cursor, &place, extra)?;
                }
                _ => extra.add(&place, cursor.value()?),
            }
            more = cursor.comma_or(b'}', "expected `,` or `}`")?;
        }
        Ok(())
    }

    /// Where the column with this key stands. Records keep an order, so the search begins
    /// behind the key found before.
    fn find(&self, key: &str, after: usize) -> Option<usize> {
        let hit = |c: &Column| c.key == key;
        let from = after.min(self.columns.len());
        self.columns[from..]
            .iter()
            .position(hit)
            .map(|at| from + at)
            .or_else(|| self.columns[..from].iter().position(hit))
    }

    #[must_use]
    pub fn cell(&self, name: &str) -> Option<&Cell> {
        self.cell_at(self.columns.iter().position(|c| c.name == name)?)
    }

    #[must_use]
    pub fn cell_at(&self, at: usize) -> Option<&Cell> {
        self.cells.get(at)
    }

    /// See [`Cell::put_plain`].
    pub fn put_plain(&mut self, row: usize, at: usize, value: &str) -> bool {
        self.cells.get_mut(at).is_some_and(|cell| cell.put_plain(row, value))
    }

    pub fn truncate(&mut self, rows: usize) {
        self.cells.iter_mut().for_each(|cell| cell.truncate(rows));
    }

    #[must_use]
    pub fn bytes(&self) -> usize {
        self.cells.iter().map(Cell::bytes).sum()
    }

    pub fn finish(&mut self, rows: usize) -> Result<Vec<ArrayRef>, ArrowError> {
        self.cells.iter_mut().map(|cell| cell.finish(rows)).collect()
    }
}

#[derive(Debug)]
pub struct StructCell {
    parts: Parts,
    valid: Validity,
}

impl StructCell {
    fn new(columns: &'static [Column]) -> Self {
        StructCell { parts: Parts::new(columns), valid: Validity::default() }
    }

    fn read(
        &mut self,
        row: usize,
        cursor: &mut Cursor<'_>,
        path: &Path<'_>,
        extra: &mut Extra,
    ) -> Result<(), JsonError> {
        self.valid.pad(row);
        self.parts.read(row, cursor, Some(path), extra)?;
        self.valid.push();
        Ok(())
    }

    fn truncate(&mut self, rows: usize) {
        self.parts.truncate(rows);
        self.valid.truncate(rows);
    }

    fn finish(&mut self, rows: usize) -> Result<StructArray, ArrowError> {
        self.valid.pad(rows);
        let valid = self.valid.finish();
        StructArray::try_new(fields(&self.parts.columns), self.parts.finish(rows)?, valid)
    }
}

/// Which items belong to which row, of lists and maps under construction.
#[derive(Debug)]
struct Spans {
    /// Items so far.
    length: usize,
    offsets: Vec<i32>,
    valid: Validity,
}

impl Default for Spans {
    fn default() -> Self {
        Spans { length: 0, offsets: vec![0], valid: Validity::default() }
    }
}

impl Spans {
    fn pad(&mut self, row: usize) {
        if self.valid.pad(row) > 0 {
            self.offsets.resize(row + 1, offset(self.length));
        }
    }

    /// The row has the items that were added since the one before.
    fn close(&mut self) {
        self.offsets.push(offset(self.length));
        self.valid.push();
    }

    fn items(&self, row: usize) -> Range<usize> {
        let place = |at: usize| self.offsets.get(at).and_then(|&end| usize::try_from(end).ok());
        match (self.valid.is_valid(row), place(row), place(row + 1)) {
            (true, Some(from), Some(to)) => from..to,
            _ => 0..0,
        }
    }

    fn truncate(&mut self, rows: usize) {
        self.offsets.truncate(rows + 1);
        self.valid.truncate(rows);
        let last = self.offsets.last().copied().unwrap_or(0);
        self.length = usize::try_from(last).unwrap_or(0);
    }

    /// Offsets and nulls of `rows` rows, and how many items they have.
    fn finish(&mut self, rows: usize) -> (OffsetBuffer<i32>, Option<NullBuffer>, usize) {
        self.pad(rows);
        let offsets = std::mem::replace(&mut self.offsets, vec![0]);
        let offsets = OffsetBuffer::new(ScalarBuffer::from(offsets));
        (offsets, self.valid.finish(), std::mem::take(&mut self.length))
    }
}

/// A list of structs.
#[derive(Debug)]
pub struct ListCell {
    items: StructCell,
    spans: Spans,
}

impl ListCell {
    fn new(columns: &'static [Column]) -> Self {
        ListCell { items: StructCell::new(columns), spans: Spans::default() }
    }

    fn read(
        &mut self,
        row: usize,
        cursor: &mut Cursor<'_>,
        path: &Path<'_>,
        extra: &mut Extra,
    ) -> Result<(), JsonError> {
        self.spans.pad(row);
        let first = self.spans.length;
        let mut more = cursor.enter_array()?;
        while more {
            let item = self.spans.length;
            let index = (item - first).to_string();
            let place = Path::below(Some(path), &index);
            match cursor.kind() {
                Kind::Object => self.items.read(item, cursor, &place, extra)?,
                kind => {
                    let value = cursor.value()?;
                    if kind != Kind::Null {
                        extra.add(&place, value);
                    }
                    self.items.valid.pad(item + 1);
                }
            }
            self.spans.length += 1;
            more = cursor.comma_or(b']', "expected `,` or `]`")?;
        }
        self.spans.close();
        Ok(())
    }

    /// The texts of one part of the items in a row.
    pub fn texts<'a>(&'a self, row: usize, part: &str) -> impl Iterator<Item = &'a str> {
        let cell = self.items.parts.cell(part);
        self.spans.items(row).filter_map(move |item| cell.and_then(|cell| cell.text(item)))
    }

    fn truncate(&mut self, rows: usize) {
        self.spans.truncate(rows);
        self.items.truncate(self.spans.length);
    }

    fn finish(&mut self, rows: usize) -> Result<ListArray, ArrowError> {
        let (offsets, valid, length) = self.spans.finish(rows);
        let items = Arc::new(self.items.finish(length)?);
        ListArray::try_new(Arc::new(list_item(&self.items.parts.columns)), offsets, items, valid)
    }
}

fn offset(length: usize) -> i32 {
    i32::try_from(length).unwrap_or(i32::MAX)
}

/// Text to text.
#[derive(Debug, Default)]
pub struct MapCell {
    keys: Texts,
    values: Texts,
    spans: Spans,
}

impl MapCell {
    /// A key that comes again goes to `_extra`: readers refuse maps with one key twice.
    fn read(
        &mut self,
        row: usize,
        cursor: &mut Cursor<'_>,
        path: &Path<'_>,
        extra: &mut Extra,
    ) -> Result<(), JsonError> {
        self.spans.pad(row);
        let mut seen: Vec<Cow<'_, str>> = Vec::new();
        let mut more = cursor.enter_object()?;
        while more {
            let key = cursor.key()?;
            let kind = cursor.kind();
            let value = cursor.value()?;
            if seen.contains(&key) {
                extra.add(&Path::below(Some(path), &key), value);
            } else {
                let item = self.spans.length;
                self.keys.put(item, &key);
                match kind {
                    Kind::Null => self.values.put_null(item),
                    Kind::String => self.values.put(item, &unquote(value)),
                    _ => self.values.put(item, value),
                }
                self.spans.length += 1;
                seen.push(key);
            }
            more = cursor.comma_or(b'}', "expected `,` or `}`")?;
        }
        self.spans.close();
        Ok(())
    }

    fn truncate(&mut self, rows: usize) {
        self.spans.truncate(rows);
        self.keys.truncate(self.spans.length);
        self.values.truncate(self.spans.length);
    }

    fn finish(&mut self, rows: usize) -> Result<MapArray, ArrowError> {
        let (offsets, valid, length) = self.spans.finish(rows);
        let entries_field = map_entries();
        let arrow::datatypes::DataType::Struct(entry_fields) = entries_field.data_type() else {
            return Err(ArrowError::SchemaError("map entries are a struct".to_owned()));
        };
        let keys = self.keys.finish(length)?;
        let columns: Vec<ArrayRef> = vec![Arc::new(keys), Arc::new(self.values.finish(length)?)];
        let entries = StructArray::try_new(entry_fields.clone(), columns, None)?;
        MapArray::try_new(Arc::new(entries_field), offsets, entries, valid, false)
    }
}
