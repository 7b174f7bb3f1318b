//! Arrow rows as JSON: events as objects, results as arrays.

use arrow::array::RecordBatch;
use arrow::datatypes::{Field, Schema};
use arrow::error::ArrowError;
use arrow::json::LineDelimitedWriter;
use arrow::json::writer::{LineDelimited, WriterBuilder};
use serde_json::Value;
use std::sync::Arc;

/// Beyond this, readers that hold numbers as doubles round.
const SAFE_INTEGER_MAX: u64 = 1 << 53;

/// Each row as an object, without its nulls.
pub fn objects(batch: &RecordBatch) -> Result<Vec<Value>, ArrowError> {
    let mut out = Vec::new();
    let mut writer = LineDelimitedWriter::new(&mut out);
    writer.write(batch)?;
    writer.finish()?;
    lines(&out).map(|line| serde_json::from_str(line).map_err(json_error)).collect()
}

/// Each row as an array of values in the order of the columns.
pub fn arrays(batch: &RecordBatch) -> Result<Vec<Vec<Value>>, ArrowError> {
    let numbered = with_numbered_columns(batch)?;
    let mut out = Vec::new();
    let mut writer =
        WriterBuilder::new().with_explicit_nulls(true).build::<_, LineDelimited>(&mut out);
    writer.write(&numbered)?;
    writer.finish()?;
    lines(&out)
        .map(|line| {
            let row: serde_json::Map<String, Value> =
                serde_json::from_str(line).map_err(json_error)?;
            Ok(row.into_iter().map(|(_, value)| exact(value)).collect())
        })
        .collect()
}

/// Statements may give several columns one name; objects cannot.
fn with_numbered_columns(batch: &RecordBatch) -> Result<RecordBatch, ArrowError> {
    let schema = batch.schema();
    let fields = schema.fields().iter().enumerate().map(|(at, field)| {
        Field::new(at.to_string(), field.data_type().clone(), field.is_nullable())
    });
    let schema = Schema::new(fields.collect::<Vec<_>>());
    RecordBatch::try_new_with_options(
        Arc::new(schema),
        batch.columns().to_vec(),
        &arrow::array::RecordBatchOptions::new().with_row_count(Some(batch.num_rows())),
    )
}

/// An integer that a browser would round becomes text.
fn exact(value: Value) -> Value {
    match &value {
        Value::Number(number) => {
            let size = number.as_i64().map(i64::unsigned_abs).or_else(|| number.as_u64());
            match size {
                Some(size) if size > SAFE_INTEGER_MAX => Value::String(number.to_string()),
                _ => value,
            }
        }
        _ => value,
    }
}

fn lines(out: &[u8]) -> impl Iterator<Item = &str> {
    // The writer escapes newlines within text: each line is a row.
    std::str::from_utf8(out).unwrap_or_default().lines()
}

fn json_error(error: serde_json::Error) -> ArrowError {
    ArrowError::ExternalError(Box::new(error))
}

#[cfg(test)]
mod tests {
    use arrow::array::{ArrayRef, Int64Array, StringArray};

    use super::*;

    #[test]
    fn rows_keep_their_columns_whatever_their_names() {
        let numbers: ArrayRef = Arc::new(Int64Array::from(vec![Some(1 << 60), None]));
        let texts: ArrayRef = Arc::new(StringArray::from(vec!["a\nb\u{2028}", "<script>"]));
        let schema = Schema::new(vec![
            Field::new("n", numbers.data_type().clone(), true),
            Field::new("n", texts.data_type().clone(), true),
        ]);
        let batch = RecordBatch::try_new(Arc::new(schema), vec![numbers, texts]).expect("rows");
        let rows = serde_json::to_string(&arrays(&batch).expect("JSON")).expect("JSON");
        assert_eq!(rows, "[[\"1152921504606846976\",\"a\\nb\u{2028}\"],[null,\"<script>\"]]");
        assert_eq!(objects(&batch.project(&[1]).expect("a column")).expect("JSON").len(), 2);
    }
}
