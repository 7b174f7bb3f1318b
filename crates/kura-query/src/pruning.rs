//! Which data files of a snapshot can hold rows that a filter lets pass: told from the
//! partition and from the bounds that the table's log keeps, without opening a file.
//!
//! The partition is never derived from `_time`: a record dated far off lies in the
//! partition of its arrival. Each file's own bounds of `_time` prune instead.

use std::collections::HashSet;
use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, Date32Array, Int64Array, RecordBatch, StringArray,
    TimestampMicrosecondArray, UInt64Array,
};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Schema, SchemaRef};
use datafusion::common::pruning::PruningStatistics;
use datafusion::common::{Column, Result, ScalarValue};
use datafusion::physical_expr::utils::conjunction;
use datafusion::physical_optimizer::pruning::PruningPredicateBuilder;
use datafusion::physical_plan::PhysicalExpr;
use kura_core::table::column;
use kura_store::{ColumnRange, DataFile, Value};

/// Keeps the files whose partition passes `filters`, which refer to nothing but `day`.
/// This is exact: the filters need not be asked again.
pub fn by_day(
    files: Vec<DataFile>,
    filters: &[Arc<dyn PhysicalExpr>],
    schema: &SchemaRef,
) -> Result<Vec<DataFile>> {
    if filters.is_empty() || files.is_empty() {
        return Ok(files);
    }
    // The filters know `day` by its place in the table, so it must stand there here, too.
    let days: ArrayRef = Arc::new(files.iter().map(|file| Some(file.day)).collect::<Date32Array>());
    let columns = schema.fields().iter().map(|field| match field.name().as_str() {
        column::DAY => days.clone(),
        _ => arrow::array::new_null_array(field.data_type(), files.len()),
    });
    let fields: Vec<_> =
        schema.fields().iter().map(|f| f.as_ref().clone().with_nullable(true)).collect();
    let rows = RecordBatch::try_new(Arc::new(Schema::new(fields)), columns.collect())?;
    let mut keep = vec![true; files.len()];
    for filter in filters {
        let passes = filter.evaluate(&rows)?.into_array(files.len())?;
        let passes = passes.as_boolean();
        for (at, keep) in keep.iter_mut().enumerate() {
            *keep &= passes.is_valid(at) && passes.value(at);
        }
    }
    Ok(files.into_iter().zip(keep).filter_map(|(file, keep)| keep.then_some(file)).collect())
}

/// Keeps the files whose bounds do not rule out that a row passes all of `filters`.
pub fn by_bounds(
    files: Vec<DataFile>,
    filters: &[Arc<dyn PhysicalExpr>],
    schema: &SchemaRef,
) -> Vec<DataFile> {
    if filters.is_empty() || files.is_empty() {
        return files;
    }
    // What cannot be turned into a question about bounds rules out nothing.
    let filter = conjunction(filters.iter().cloned());
    let predicate = PruningPredicateBuilder::new().with_file_schema(schema.clone()).build(filter);
    let Some(predicate) = predicate else { return files };
    let Ok(keep) = predicate.prune(&Bounds { files: &files, schema }) else { return files };
    files.into_iter().zip(keep).filter_map(|(file, keep)| keep.then_some(file)).collect()
}

/// What the table's log says of each file, as DataFusion asks for it.
struct Bounds<'a> {
    files: &'a [DataFile],
    schema: &'a SchemaRef,
}

impl Bounds<'_> {
    fn bounds(
        &self,
        column: &Column,
        of: impl Fn(&ColumnRange) -> Option<&Value>,
    ) -> Option<ArrayRef> {
        let field = self.schema.field_with_name(column.name()).ok()?;
        if column.name() == column::DAY {
            return Some(Arc::new(
                self.files.iter().map(|file| Some(file.day)).collect::<Date32Array>(),
            ));
        }
        let values = self.files.iter().map(|file| file.columns.get(column.name()).and_then(&of));
        bounds_array(values, field.data_type())
    }
}

impl PruningStatistics for Bounds<'_> {
    fn min_values(&self, column: &Column) -> Option<ArrayRef> {
        self.bounds(column, |range| range.min.as_ref())
    }

    fn max_values(&self, column: &Column) -> Option<ArrayRef> {
        self.bounds(column, |range| range.max.as_ref())
    }

    fn num_containers(&self) -> usize {
        self.files.len()
    }

    fn null_counts(&self, column: &Column) -> Option<ArrayRef> {
        let nulls = self.files.iter().map(|file| match column.name() {
            column::DAY => Some(0),
            name => file.columns.get(name)?.nulls,
        });
        Some(Arc::new(nulls.collect::<UInt64Array>()))
    }

    fn row_counts(&self) -> Option<ArrayRef> {
        Some(Arc::new(self.files.iter().map(known_rows).collect::<UInt64Array>()))
    }

    fn contained(&self, _: &Column, _: &HashSet<ScalarValue>) -> Option<BooleanArray> {
        None
    }
}

/// Rows of a file; a log entry without statistics says 0, which is no number of rows.
#[must_use]
pub fn known_rows(file: &DataFile) -> Option<u64> {
    (file.rows > 0).then_some(file.rows)
}

fn bounds_array<'a>(
    values: impl Iterator<Item = Option<&'a Value>>,
    data_type: &DataType,
) -> Option<ArrayRef> {
    match data_type {
        DataType::Timestamp(..) => {
            let times: TimestampMicrosecondArray =
                values.map(|value| value.and_then(time_of)).collect();
            cast(&times.with_timezone("UTC"), data_type).ok()
        }
        other if other.is_string() => {
            let texts: StringArray = values
                .map(|value| match value {
                    Some(Value::Text(text)) => Some(text.as_str()),
                    _ => None,
                })
                .collect();
            cast(&texts, data_type).ok()
        }
        other if other.is_integer() => {
            let numbers: Int64Array = values
                .map(|value| match value {
                    Some(Value::Number(number)) => Some(*number),
                    _ => None,
                })
                .collect();
            cast(&numbers, data_type).ok()
        }
        _ => None,
    }
}

/// The time a bound says; the log writes times as text.
#[must_use]
pub fn time_of(value: &Value) -> Option<i64> {
    match value {
        Value::Time(time) => Some(*time),
        Value::Number(_) => None,
        Value::Text(text) => kura_core::time::parse_log_time(text),
    }
}
