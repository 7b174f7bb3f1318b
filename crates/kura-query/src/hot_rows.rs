//! Rows of a table that came by stream and are in no file yet, as a plan beside that of its
//! files.

use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, RecordBatch, new_null_array};
use arrow::compute::{cast, max, min};
use arrow::datatypes::{SchemaRef, TimestampMicrosecondType};
use datafusion::catalog::memory::MemorySourceConfig;
use datafusion::common::Result;
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_expr::utils::conjunction;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::expressions::Column;
use datafusion::physical_plan::filter::FilterExec;
use datafusion::physical_plan::projection::{ProjectionExec, ProjectionExpr};
use kura_core::table::column;
use kura_core::time::Micros;

/// The batches with exactly the columns of `schema`: those that a decoder of this version has
/// and the table does not are left out, and the other way round null.
pub fn aligned<'a>(
    batches: impl Iterator<Item = &'a RecordBatch>,
    schema: &SchemaRef,
) -> Result<Vec<RecordBatch>> {
    batches.map(|batch| align(batch, schema)).collect()
}

fn align(batch: &RecordBatch, schema: &SchemaRef) -> Result<RecordBatch> {
    let columns = schema.fields().iter().map(|field| -> Result<ArrayRef> {
        Ok(match batch.column_by_name(field.name()) {
            Some(column) if column.data_type() == field.data_type() => column.clone(),
            Some(column) => cast(column, field.data_type())?,
            None => new_null_array(field.data_type(), batch.num_rows()),
        })
    });
    Ok(RecordBatch::try_new(schema.clone(), columns.collect::<Result<_>>()?)?)
}

/// How many rows there are, and their smallest and largest `_time`.
pub fn extent<'a>(
    batches: impl Iterator<Item = &'a RecordBatch>,
) -> (u64, Option<(Micros, Micros)>) {
    let (mut rows, mut times) = (0, None);
    for batch in batches {
        rows += batch.num_rows() as u64;
        let column = batch.column_by_name(column::TIME);
        let column = column.and_then(|c| c.as_primitive_opt::<TimestampMicrosecondType>());
        let own = column.and_then(|times| Some((min(times)?, max(times)?)));
        times = own
            .into_iter()
            .chain(times)
            .reduce(|a: (Micros, Micros), b| (a.0.min(b.0), a.1.max(b.1)));
    }
    (rows, times)
}

/// Scans `rows`, which have the table's columns; `exact` are filters that nobody else asks.
pub fn scan(
    rows: &[RecordBatch],
    schema: &SchemaRef,
    exact: &[Arc<dyn PhysicalExpr>],
    projection: Option<&Vec<usize>>,
) -> Result<Arc<dyn ExecutionPlan>> {
    if exact.is_empty() {
        let source =
            MemorySourceConfig::try_new_exec(&[rows.to_vec()], schema.clone(), projection.cloned());
        return Ok(source?);
    }
    let all = MemorySourceConfig::try_new_exec(&[rows.to_vec()], schema.clone(), None)?;
    let filter: Arc<dyn ExecutionPlan> =
        Arc::new(FilterExec::try_new(conjunction(exact.to_vec()), all)?);
    let Some(projection) = projection else { return Ok(filter) };
    let column = |&at: &usize| {
        let name = schema.field(at).name();
        ProjectionExpr { expr: Arc::new(Column::new(name, at)), alias: name.clone() }
    };
    Ok(Arc::new(ProjectionExec::try_new(projection.iter().map(column), filter)?))
}
