//! Columns of text and of numbers under construction.
//!
//! Unlike Arrow's own builders they know which row a value is for: rows that were left out
//! are nulls, so that a column which a record does not have costs nothing, and the rows of
//! a record that turns out to be broken can be taken back.

use arrow::array::{
    ArrowPrimitiveType, BooleanArray, BooleanBufferBuilder, PrimitiveArray, StringArray,
};
use arrow::buffer::{Buffer, NullBuffer, OffsetBuffer, ScalarBuffer};
use arrow::error::ArrowError;

/// Which rows have a value. Most columns have one in every row, or in hardly any: bits are
/// kept from the first null on.
#[derive(Debug, Default)]
pub struct Validity {
    rows: usize,
    bits: Option<BooleanBufferBuilder>,
}

impl Validity {
    #[must_use]
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Makes rows up to `row` nulls, if they have no value yet; returns how many.
    #[inline]
    pub fn pad(&mut self, row: usize) -> usize {
        let missing = row.saturating_sub(self.rows);
        if missing > 0 {
            self.append_nulls(missing);
        }
        missing
    }

    fn append_nulls(&mut self, missing: usize) {
        let bits = self.bits.get_or_insert_with(|| {
            let mut bits = BooleanBufferBuilder::new(self.rows + missing);
            bits.append_n(self.rows, true);
            bits
        });
        bits.append_n(missing, false);
        self.rows += missing;
    }

    /// The next row has a value.
    #[inline]
    pub fn push(&mut self) {
        if let Some(bits) = &mut self.bits {
            bits.append(true);
        }
        self.rows += 1;
    }

    #[must_use]
    #[inline]
    pub fn is_valid(&self, row: usize) -> bool {
        row < self.rows && self.bits.as_ref().is_none_or(|bits| bits.get_bit(row))
    }

    pub fn truncate(&mut self, rows: usize) {
        if rows < self.rows {
            self.rows = rows;
            if let Some(bits) = &mut self.bits {
                bits.truncate(rows);
            }
        }
    }

    /// `None` if no row is null.
    pub fn finish(&mut self) -> Option<NullBuffer> {
        self.rows = 0;
        self.bits.take().map(|mut bits| NullBuffer::new(bits.finish()))
    }
}

#[derive(Debug)]
pub struct Texts {
    text: String,
    /// One more than rows, beginning with 0.
    offsets: Vec<i32>,
    valid: Validity,
}

impl Default for Texts {
    fn default() -> Self {
        Texts { text: String::new(), offsets: vec![0], valid: Validity::default() }
    }
}

impl Texts {
    #[must_use]
    pub fn rows(&self) -> usize {
        self.valid.rows()
    }

    #[inline]
    pub fn pad(&mut self, row: usize) {
        if self.valid.pad(row) > 0 {
            self.offsets.resize(row + 1, self.end());
        }
    }

    #[inline]
    pub fn put(&mut self, row: usize, text: &str) {
        self.pad(row);
        self.text.push_str(text);
        self.close();
    }

    /// A text made of several, one behind the other.
    pub fn put_all(&mut self, row: usize, texts: &[&str]) {
        self.pad(row);
        texts.iter().for_each(|text| self.text.push_str(text));
        self.close();
    }

    pub fn put_option(&mut self, row: usize, text: Option<&str>) {
        if let Some(text) = text {
            self.put(row, text);
        }
    }

    pub fn put_null(&mut self, row: usize) {
        self.pad(row + 1);
    }

    #[inline]
    fn close(&mut self) {
        self.offsets.push(self.end());
        self.valid.push();
    }

    /// A piece of rows is handed on long before it holds 2 GiB.
    fn end(&self) -> i32 {
        i32::try_from(self.text.len()).unwrap_or(i32::MAX)
    }

    /// The text of a row; `None` for null.
    #[must_use]
    pub fn text(&self, row: usize) -> Option<&str> {
        if !self.valid.is_valid(row) {
            return None;
        }
        let from = usize::try_from(*self.offsets.get(row)?).ok()?;
        let to = usize::try_from(*self.offsets.get(row + 1)?).ok()?;
        self.text.get(from..to)
    }

    pub fn truncate(&mut self, rows: usize) {
        if rows < self.rows() {
            self.valid.truncate(rows);
            self.offsets.truncate(rows + 1);
            let end = self.offsets.last().map_or(0, |&end| usize::try_from(end).unwrap_or(0));
            self.text.truncate(end);
        }
    }

    #[must_use]
    pub fn bytes(&self) -> usize {
        self.text.len() + 4 * self.offsets.len()
    }

    /// The column, `rows` long; what comes next will be about as large.
    pub fn finish(&mut self, rows: usize) -> Result<StringArray, ArrowError> {
        self.pad(rows);
        let next = String::with_capacity(self.text.len());
        let bytes = Buffer::from_vec(std::mem::replace(&mut self.text, next).into_bytes());
        let mut next = Vec::with_capacity(self.offsets.len());
        next.push(0);
        let offsets = ScalarBuffer::from(std::mem::replace(&mut self.offsets, next));
        StringArray::try_new(OffsetBuffer::new(offsets), bytes, self.valid.finish())
    }
}

#[derive(Debug)]
pub struct Numbers<T: ArrowPrimitiveType> {
    values: Vec<T::Native>,
    valid: Validity,
}

impl<T: ArrowPrimitiveType> Default for Numbers<T> {
    fn default() -> Self {
        Numbers { values: Vec::new(), valid: Validity::default() }
    }
}

impl<T: ArrowPrimitiveType> Numbers<T> {
    #[must_use]
    pub fn rows(&self) -> usize {
        self.valid.rows()
    }

    pub fn pad(&mut self, row: usize) {
        if self.valid.pad(row) > 0 {
            self.values.resize(row, T::default_value());
        }
    }

    #[inline]
    pub fn put(&mut self, row: usize, value: T::Native) {
        self.pad(row);
        self.values.push(value);
        self.valid.push();
    }

    /// The number in a row; `None` for null.
    #[must_use]
    pub fn value(&self, row: usize) -> Option<T::Native> {
        self.values.get(row).copied().filter(|_| self.valid.is_valid(row))
    }

    pub fn truncate(&mut self, rows: usize) {
        self.values.truncate(rows);
        self.valid.truncate(rows);
    }

    #[must_use]
    pub fn bytes(&self) -> usize {
        size_of_val(&self.values[..])
    }

    pub fn finish(&mut self, rows: usize) -> Result<PrimitiveArray<T>, ArrowError> {
        self.pad(rows);
        let next = Vec::with_capacity(self.values.len());
        let values = ScalarBuffer::from(std::mem::replace(&mut self.values, next));
        PrimitiveArray::try_new(values, self.valid.finish())
    }
}

#[derive(Debug)]
pub struct Booleans {
    values: BooleanBufferBuilder,
    valid: Validity,
}

impl Default for Booleans {
    fn default() -> Self {
        Booleans { values: BooleanBufferBuilder::new(0), valid: Validity::default() }
    }
}

impl Booleans {
    #[must_use]
    pub fn rows(&self) -> usize {
        self.valid.rows()
    }

    pub fn pad(&mut self, row: usize) {
        self.values.append_n(self.valid.pad(row), false);
    }

    pub fn put(&mut self, row: usize, value: bool) {
        self.pad(row);
        self.values.append(value);
        self.valid.push();
    }

    pub fn truncate(&mut self, rows: usize) {
        if rows < self.rows() {
            self.values.truncate(rows);
            self.valid.truncate(rows);
        }
    }

    #[must_use]
    pub fn bytes(&self) -> usize {
        self.rows() / 8
    }

    pub fn finish(&mut self, rows: usize) -> BooleanArray {
        self.pad(rows);
        BooleanArray::new(self.values.finish(), self.valid.finish())
    }
}

#[cfg(test)]
mod tests {
    use arrow::array::Array;

    use super::*;

    #[test]
    fn rows_left_out_are_nulls_and_rows_can_be_taken_back() {
        let mut texts = Texts::default();
        texts.put(1, "one");
        texts.put_all(3, &["th", "ree"]);
        assert_eq!(
            (texts.text(0), texts.text(1), texts.text(3)),
            (None, Some("one"), Some("three"))
        );
        texts.truncate(2);
        assert_eq!((texts.rows(), texts.text(3)), (2, None));
        texts.put(2, "two");
        let column = texts.finish(4).expect("offsets ascend");
        assert_eq!(column.iter().collect::<Vec<_>>(), [None, Some("one"), Some("two"), None]);
        assert_eq!(texts.finish(1).expect("empty").null_count(), 1);
    }
}
