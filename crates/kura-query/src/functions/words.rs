//! Whether a phrase stands anywhere in a row: every text of its columns, structs, lists and
//! maps included, is looked through at once, however its ASCII letters are cased.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, BooleanBufferBuilder, OffsetSizeTrait};
use arrow::datatypes::{ArrowNativeType, DataType, FieldRef};
use datafusion::common::{Result, exec_err};
use datafusion::logical_expr::{
    ColumnarValue, Expr, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};
use memchr::memmem::Finder;

#[derive(Debug, PartialEq, Eq, Hash)]
struct ContainsPhrase {
    /// In lower case.
    phrase: String,
    name: String,
    signature: Signature,
}

/// Whether one of `columns` contains `phrase`; never null.
#[must_use]
pub fn contains_phrase(phrase: &str, columns: Vec<Expr>) -> Expr {
    let phrase = phrase.to_ascii_lowercase();
    let name = format!("contains {phrase:?} in");
    let signature = Signature::variadic_any(Volatility::Immutable);
    ScalarUDF::new_from_impl(ContainsPhrase { phrase, name, signature }).call(columns)
}

/// Whether values of the type hold text to look through.
#[must_use]
pub fn holds_text(data_type: &DataType) -> bool {
    let any = |fields: &[FieldRef]| fields.iter().any(|field| holds_text(field.data_type()));
    match data_type {
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => true,
        DataType::Struct(parts) => any(parts),
        DataType::List(item) | DataType::Map(item, _) => holds_text(item.data_type()),
        _ => false,
    }
}

impl ScalarUDFImpl for ContainsPhrase {
    fn name(&self) -> &str {
        &self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Boolean)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let mut search = Search { finder: Finder::new(self.phrase.as_bytes()), folded: Vec::new() };
        let mut hits = Hits::none(args.number_rows);
        for column in &args.args {
            search.column(&column.to_array(args.number_rows)?, &mut hits)?;
        }
        Ok(ColumnarValue::Array(Arc::new(BooleanArray::new(hits.0.finish(), None))))
    }
}

/// Which rows are hit.
struct Hits(BooleanBufferBuilder);

impl Hits {
    fn none(rows: usize) -> Self {
        let mut bits = BooleanBufferBuilder::new(rows);
        bits.append_n(rows, false);
        Hits(bits)
    }
}

struct Search<'a> {
    finder: Finder<'a>,
    /// A column's bytes in lower case; kept, because columns are many.
    folded: Vec<u8>,
}

impl Search<'_> {
    /// Marks the rows of `column` that contain the phrase.
    fn column(&mut self, column: &ArrayRef, hits: &mut Hits) -> Result<()> {
        match column.data_type() {
            DataType::Utf8 => self.texts::<i32>(column, hits),
            DataType::LargeUtf8 => self.texts::<i64>(column, hits),
            DataType::Utf8View => self.views(column, hits),
            DataType::Struct(_) => {
                let mut found = Hits::none(column.len());
                for part in column.as_struct().columns() {
                    self.column(part, &mut found)?;
                }
                keep_valid(column, &found, hits);
            }
            DataType::List(item) if holds_text(item.data_type()) => {
                let list = column.as_list::<i32>();
                self.lists(column, list.values(), list.value_offsets(), hits)?;
            }
            DataType::Map(..) => {
                let map = column.as_map();
                let entries: ArrayRef = Arc::new(map.entries().clone());
                self.lists(column, &entries, map.value_offsets(), hits)?;
            }
            DataType::Dictionary(..) => return exec_err!("a dictionary column cannot be searched"),
            _ => {}
        }
        Ok(())
    }

    /// All rows' bytes lie side by side: they are searched as one, and a hit counts where it
    /// lies in one row.
    fn texts<O: OffsetSizeTrait>(&mut self, column: &ArrayRef, hits: &mut Hits) {
        let texts = column.as_string::<O>();
        let offsets = texts.value_offsets();
        let (first, last) = (offsets[0].as_usize(), offsets[texts.len()].as_usize());
        self.folded.clear();
        self.folded.extend_from_slice(&texts.value_data()[first..last]);
        self.folded.make_ascii_lowercase();
        let length = self.finder.needle().len();
        let (mut at, mut row) = (0, 0);
        while let Some(found) = self.folded.get(at..).and_then(|rest| self.finder.find(rest)) {
            let from = at + found;
            row += offsets[row + 1..].partition_point(|end| end.as_usize() - first <= from);
            if row >= texts.len() {
                break;
            }
            let end = offsets[row + 1].as_usize() - first;
            if from + length > end {
                // It reaches into the next row, so it is none.
                at = from + 1;
                continue;
            }
            if texts.is_valid(row) {
                hits.0.set_bit(row, true);
            }
            at = end;
        }
    }

    fn views(&mut self, column: &ArrayRef, hits: &mut Hits) {
        for (row, text) in column.as_string_view().iter().enumerate() {
            let Some(text) = text else { continue };
            self.folded.clear();
            self.folded.extend_from_slice(text.as_bytes());
            self.folded.make_ascii_lowercase();
            if self.finder.find(&self.folded).is_some() {
                hits.0.set_bit(row, true);
            }
        }
    }

    /// A list is hit where one of its items is.
    fn lists(
        &mut self,
        column: &ArrayRef,
        items: &ArrayRef,
        offsets: &[i32],
        hits: &mut Hits,
    ) -> Result<()> {
        let mut found = Hits::none(items.len());
        self.column(items, &mut found)?;
        for (row, range) in offsets.windows(2).enumerate() {
            let mut items = range[0].as_usize()..range[1].as_usize();
            if column.is_valid(row) && items.any(|item| found.0.get_bit(item)) {
                hits.0.set_bit(row, true);
            }
        }
        Ok(())
    }
}

fn keep_valid(column: &ArrayRef, found: &Hits, hits: &mut Hits) {
    for row in 0..column.len() {
        if found.0.get_bit(row) && column.is_valid(row) {
            hits.0.set_bit(row, true);
        }
    }
}

#[cfg(test)]
mod tests {
    use arrow::array::{StringArray, StringViewArray};

    use super::*;

    fn rows_hit(column: &ArrayRef, phrase: &str) -> Vec<bool> {
        let phrase = phrase.to_ascii_lowercase();
        let mut search = Search { finder: Finder::new(phrase.as_bytes()), folded: Vec::new() };
        let mut hits = Hits::none(column.len());
        search.column(column, &mut hits).expect("text");
        (0..column.len()).map(|row| hits.0.get_bit(row)).collect()
    }

    #[test]
    fn a_phrase_is_found_within_rows_and_not_across_them() {
        let texts = ["Root", "ro", "ot", "", "xROOTx root", "roroot"];
        let column: ArrayRef = Arc::new(StringArray::from(texts.to_vec()));
        assert_eq!(rows_hit(&column, "root"), [true, false, false, false, true, true]);
        assert_eq!(rows_hit(&column.slice(1, 4), "ROOT"), [false, false, false, true]);
        let view: ArrayRef = Arc::new(StringViewArray::from(texts.to_vec()));
        assert_eq!(rows_hit(&view, "root"), rows_hit(&column, "root"));
    }

    #[test]
    fn searching_all_rows_at_once_is_searching_each() {
        bolero::check!().with_type::<(Vec<Option<String>>, String)>().for_each(
            |(texts, phrase)| {
                let column: ArrayRef = Arc::new(StringArray::from(texts.clone()));
                let phrase = phrase.to_ascii_lowercase();
                if phrase.is_empty() {
                    return;
                }
                let expected: Vec<bool> = texts
                    .iter()
                    .map(|text| {
                        text.as_ref().is_some_and(|t| t.to_ascii_lowercase().contains(&phrase))
                    })
                    .collect();
                assert_eq!(rows_hit(&column, &phrase), expected);
            },
        );
    }
}
