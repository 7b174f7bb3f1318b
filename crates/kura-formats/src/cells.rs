//! JSON values into Arrow arrays, one [`Cell`] per column, following the column's type, in
//! one pass over the text: a value is checked, found its column, and copied as it is read.
//!
//! Nothing is dropped: what does not fit its column, and what no column knows, is handed to
//! [`Extra`] with its path. A record that breaks off in its middle is taken back.

use std::collections::HashMap;
use std::sync::Arc;

use arrow::array::{ArrayRef, ListArray, StructArray, new_null_array};
use arrow::datatypes::{
    DataType, Date32Type, Float64Type, Int32Type, Int64Type, TimestampMicrosecondType,
};
use arrow::error::ArrowError;
use kura_core::time::{parse_day, parse_log_time};

use crate::columns::{Column, ColumnType, Columns, fields, list_item};
use crate::extra::{Extra, Path};
use crate::json::{Cursor, JsonError, Kind, unquote};
use crate::lists::{MapCell, Spans, TextsCell};
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
    Date(Numbers<Date32Type>),
    Struct(StructCell),
    List(ListCell),
    Map(MapCell),
    Texts(TextsCell),
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
            ColumnType::Texts => Cell::Texts(TextsCell::default()),
            ColumnType::Date => Cell::Date(Numbers::default()),
            ColumnType::Text => Cell::Text(Texts::default()),
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
            Cell::Date(cell) => cell.rows(),
            Cell::Struct(cell) => cell.valid.rows(),
            Cell::List(cell) => cell.spans.valid.rows(),
            Cell::Map(cell) => cell.spans.valid.rows(),
            Cell::Texts(cell) => cell.spans.valid.rows(),
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
            (Cell::Texts(cell), Kind::Array) => cell.read(row, cursor)?,
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
        let is_number = || text.parse::<i64>().is_ok_and(|number| number.to_string() == text);
        match self {
            Cell::Int(_) | Cell::Long(_) if !is_number() => false,
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
            Cell::Date(cell) => parse_day(value).map(|day| cell.put(row, day)).is_some(),
            Cell::Struct(_) | Cell::List(_) | Cell::Map(_) | Cell::Texts(_) => false,
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
            Cell::Date(cell) => cell.pad(row + 1),
            Cell::Struct(cell) => _ = cell.valid.pad(row + 1),
            Cell::List(cell) => cell.spans.pad(row + 1),
            Cell::Map(cell) => cell.spans.pad(row + 1),
            Cell::Texts(cell) => cell.spans.pad(row + 1),
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
            Cell::Date(cell) => cell.truncate(rows),
            Cell::Struct(cell) => cell.truncate(rows),
            Cell::List(cell) => cell.truncate(rows),
            Cell::Map(cell) => cell.truncate(rows),
            Cell::Texts(cell) => cell.truncate(rows),
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

    /// The whole number in a row, days since 1970 for a date; `None` for null, and for what is
    /// none.
    #[must_use]
    pub fn whole(&self, row: usize) -> Option<i64> {
        match self {
            Cell::Int(cell) => cell.value(row).map(i64::from),
            Cell::Long(cell) => cell.value(row),
            Cell::Date(cell) => cell.value(row).map(i64::from),
            _ => None,
        }
    }

    /// Whether the row has a value.
    #[must_use]
    pub fn has(&self, row: usize) -> bool {
        match self {
            Cell::Text(_) | Cell::Json(_) => self.text(row).is_some(),
            Cell::Long(_) | Cell::Double(_) => self.number(row).is_some(),
            Cell::Struct(cell) => cell.valid.is_valid(row),
            _ => self.rows() > row,
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
            Cell::Date(cell) => cell.bytes(),
            Cell::Struct(cell) => cell.parts.bytes(),
            Cell::List(cell) => cell.items.parts.bytes() + 4 * cell.spans.offsets.len(),
            Cell::Map(cell) => cell.bytes(),
            Cell::Texts(cell) => cell.bytes(),
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
            Cell::Date(cell) => Arc::new(cell.finish(rows)?),
            Cell::Struct(cell) => Arc::new(cell.finish(rows)?),
            Cell::List(cell) => Arc::new(cell.finish(rows)?),
            Cell::Map(cell) => Arc::new(cell.finish(rows)?),
            Cell::Texts(cell) => Arc::new(cell.finish(rows)?),
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

    /// The name of the column there.
    #[must_use]
    pub fn name(&self, at: usize) -> Option<&str> {
        self.columns.get(at).map(|column| column.name.as_ref())
    }

    #[must_use]
    pub fn cell_at(&self, at: usize) -> Option<&Cell> {
        self.cells.get(at)
    }

    /// The cell that the places lead to, from these columns through parts of structs.
    #[must_use]
    pub fn cell_on(&self, path: &[usize]) -> Option<&Cell> {
        let (&at, rest) = path.split_first()?;
        match (self.cell_at(at)?, rest) {
            (cell, []) => Some(cell),
            (Cell::Struct(cell), rest) => cell.parts.cell_on(rest),
            _ => None,
        }
    }

    /// Hands on the texts in a row that the places lead to: one, or as many as the lists on the
    /// way have.
    pub fn texts_on<'a>(&'a self, row: usize, path: &[usize], take: &mut impl FnMut(&'a str)) {
        let Some((&at, rest)) = path.split_first() else { return };
        match (self.cell_at(at), rest) {
            (Some(Cell::Texts(cell)), []) => cell.texts(row).for_each(take),
            (Some(cell), []) => cell.text(row).into_iter().for_each(take),
            (Some(Cell::Struct(cell)), rest) => cell.parts.texts_on(row, rest, take),
            (Some(Cell::List(cell)), rest) => {
                let items = cell.spans.items(row);
                items.for_each(|item| cell.items.parts.texts_on(item, rest, take));
            }
            _ => {}
        }
    }

    /// See [`Cell::put_plain`]; a second value for one column does not fit it, either.
    pub fn put_plain(&mut self, row: usize, at: usize, value: &str) -> bool {
        let cell = self.cells.get_mut(at).filter(|cell| cell.rows() <= row);
        cell.is_some_and(|cell| cell.put_plain(row, value))
    }

    /// Puts a JSON value; one that does not fit the column, or a second one for it, is left
    /// over under `key`.
    pub fn put_json(
        &mut self,
        row: usize,
        at: usize,
        key: &Path<'_>,
        value: &str,
        extra: &mut Extra,
    ) -> Result<(), JsonError> {
        match self.cells.get_mut(at).filter(|cell| cell.rows() <= row) {
            Some(cell) => cell.read(row, &mut Cursor::new(value), key, extra),
            None => {
                extra.add(key, value);
                Ok(())
            }
        }
    }

    /// Takes back what one column has in the last row.
    pub fn take_back(&mut self, row: usize, at: usize) {
        if let Some(cell) = self.cells.get_mut(at) {
            cell.truncate(row);
        }
    }

    pub fn truncate(&mut self, rows: usize) {
        self.cells.iter_mut().for_each(|cell| cell.truncate(rows));
    }

    #[must_use]
    pub fn bytes(&self) -> usize {
        self.cells.iter().map(Cell::bytes).sum()
    }

    /// Columns without a value, which are most of some formats', are one for each type.
    pub fn finish(&mut self, rows: usize) -> Result<Vec<ArrayRef>, ArrowError> {
        let mut nulls: HashMap<DataType, ArrayRef> = HashMap::new();
        let columns = self.columns.iter().zip(&mut self.cells).map(|(column, cell)| {
            if cell.rows() > 0 {
                return cell.finish(rows);
            }
            let of_type = nulls.entry(column.ty.data_type());
            Ok(of_type.or_insert_with_key(|ty| new_null_array(ty, rows)).clone())
        });
        columns.collect()
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
