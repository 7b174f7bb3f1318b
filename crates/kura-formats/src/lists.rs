//! Lists and maps of texts under construction, and what they have in common with lists of
//! structs: which items belong to which row.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use arrow::array::{ArrayRef, ListArray, MapArray, StructArray};
use arrow::buffer::{NullBuffer, OffsetBuffer, ScalarBuffer};
use arrow::error::ArrowError;

use crate::columns::{map_entries, texts_item};
use crate::extra::{Extra, Path};
use crate::json::{Cursor, JsonError, Kind, unquote};
use crate::texts::{Texts, Validity};

/// Which items belong to which row, of lists and maps under construction.
#[derive(Debug)]
pub struct Spans {
    /// Items so far.
    pub length: usize,
    pub offsets: Vec<i32>,
    pub valid: Validity,
}

impl Default for Spans {
    fn default() -> Self {
        Spans { length: 0, offsets: vec![0], valid: Validity::default() }
    }
}

impl Spans {
    pub fn pad(&mut self, row: usize) {
        if self.valid.pad(row) > 0 {
            self.offsets.resize(row + 1, offset(self.length));
        }
    }

    /// The row has the items that were added since the one before.
    pub fn close(&mut self) {
        self.offsets.push(offset(self.length));
        self.valid.push();
    }

    pub fn items(&self, row: usize) -> Range<usize> {
        let place = |at: usize| self.offsets.get(at).and_then(|&end| usize::try_from(end).ok());
        match (self.valid.is_valid(row), place(row), place(row + 1)) {
            (true, Some(from), Some(to)) => from..to,
            _ => 0..0,
        }
    }

    pub fn truncate(&mut self, rows: usize) {
        self.offsets.truncate(rows + 1);
        self.valid.truncate(rows);
        let last = self.offsets.last().copied().unwrap_or(0);
        self.length = usize::try_from(last).unwrap_or(0);
    }

    /// Offsets and nulls of `rows` rows, and how many items they have.
    pub fn finish(&mut self, rows: usize) -> (OffsetBuffer<i32>, Option<NullBuffer>, usize) {
        self.pad(rows);
        let offsets = std::mem::replace(&mut self.offsets, vec![0]);
        let offsets = OffsetBuffer::new(ScalarBuffer::from(offsets));
        (offsets, self.valid.finish(), std::mem::take(&mut self.length))
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
    pub spans: Spans,
}

impl MapCell {
    /// A key that comes again goes to `_extra`: readers refuse maps with one key twice.
    pub fn read(
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

    pub fn truncate(&mut self, rows: usize) {
        self.spans.truncate(rows);
        self.keys.truncate(self.spans.length);
        self.values.truncate(self.spans.length);
    }

    pub fn finish(&mut self, rows: usize) -> Result<MapArray, ArrowError> {
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

/// A list of texts.
#[derive(Debug, Default)]
pub struct TextsCell {
    items: Texts,
    pub spans: Spans,
}

impl TextsCell {
    /// What is no text is kept as it was written.
    pub fn read(&mut self, row: usize, cursor: &mut Cursor<'_>) -> Result<(), JsonError> {
        self.spans.pad(row);
        let mut more = cursor.enter_array()?;
        while more {
            let item = self.spans.length;
            match cursor.kind() {
                Kind::String => self.items.put(item, &cursor.text()?),
                kind => {
                    let value = cursor.value()?;
                    match kind {
                        Kind::Null => self.items.put_null(item),
                        _ => self.items.put(item, value),
                    }
                }
            }
            self.spans.length += 1;
            more = cursor.comma_or(b']', "expected `,` or `]`")?;
        }
        self.spans.close();
        Ok(())
    }

    /// Those in a row.
    pub fn texts(&self, row: usize) -> impl Iterator<Item = &str> {
        self.spans.items(row).filter_map(|item| self.items.text(item))
    }

    pub fn truncate(&mut self, rows: usize) {
        self.spans.truncate(rows);
        self.items.truncate(self.spans.length);
    }

    pub fn finish(&mut self, rows: usize) -> Result<ListArray, ArrowError> {
        let (offsets, valid, length) = self.spans.finish(rows);
        let items = Arc::new(self.items.finish(length)?);
        ListArray::try_new(Arc::new(texts_item()), offsets, items, valid)
    }
}

impl MapCell {
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.keys.bytes() + self.values.bytes() + 4 * self.spans.offsets.len()
    }
}

impl TextsCell {
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.items.bytes() + 4 * self.spans.offsets.len()
    }
}
