//! The values that fields have most often, of several fields in one scan.

use std::cmp::Reverse;

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Int64Type};
use datafusion::functions_aggregate::expr_fn::count;
use datafusion::logical_expr::{Expr, GroupingSet, LogicalPlan, ident, lit};
use futures::StreamExt;
use kura_core::identity::Identity;
use kura_core::time::Micros;
use serde::Serialize;

use crate::answer::QueryOptions;
use crate::engine::Engine;
use crate::error::{QueryError, Result};
use crate::scope::{Scope, Scoped};
use crate::stats::Stats;

pub const FIELDS_MAX: usize = 64;
pub const VALUES_MAX: usize = 1_000;
/// So many times the values asked for are held before the rare ones are let go.
const HELD_FACTOR: usize = 8;

#[derive(Debug, Clone, Default)]
pub struct FieldsRequest {
    pub table: Option<String>,
    pub query: String,
    pub since: Option<Micros>,
    pub until: Option<Micros>,
    /// Columns, parts (`useridentity.type`) and JSON paths (`requestparameters.bucketName`).
    pub fields: Vec<String>,
    /// Values of each field; at most [`VALUES_MAX`].
    pub limit: usize,
    pub options: QueryOptions,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ValueCount {
    pub value: String,
    pub count: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FieldValues {
    pub name: String,
    /// The most frequent first; of equally frequent ones, by their letters.
    pub values: Vec<ValueCount>,
    /// Rows that do not have the field.
    pub missing: u64,
}

#[derive(Debug, Clone, Serialize)]
pub struct FieldsAnswer {
    /// Rows that match.
    pub total: u64,
    pub fields: Vec<FieldValues>,
    pub stats: Stats,
}

impl Engine {
    pub async fn fields(&self, who: &Identity, request: &FieldsRequest) -> Result<FieldsAnswer> {
        if request.fields.is_empty() || request.fields.len() > FIELDS_MAX {
            return Err(QueryError::statement(format!("name 1 to {FIELDS_MAX} fields")));
        }
        let question = self.question(who, &request.options).await?;
        let scope = Scope {
            table: request.table.as_deref(),
            query: &request.query,
            since: request.since,
            until: request.until,
        };
        let plan = plan(scope.resolve(&question.tables).await?, &request.fields)?;
        let mut answer = question.ask(plan).await?;
        let mut top = Top::new(request.fields.len(), request.limit.clamp(1, VALUES_MAX));
        while let Some(batch) = answer.next().await {
            top.add(&batch?)?;
        }
        let total = top.all / request.fields.len() as u64;
        let stats = Stats { rows: total, ..answer.stats() };
        Ok(FieldsAnswer { total, fields: top.finish(&request.fields, total), stats })
    }
}

/// Counts each field by itself, in one scan: `GROUP BY GROUPING SETS ((f0), (f1), …)`.
fn plan(scoped: Scoped, fields: &[String]) -> Result<LogicalPlan> {
    let alias = |at: usize| format!("field{at}");
    let columns = fields.iter().enumerate();
    let columns: Vec<Expr> = columns
        .map(|(at, name)| Ok(scoped.names.text_of(name)?.alias(alias(at))))
        .collect::<Result<_>>()?;
    let rows = scoped.rows.project(columns)?;
    let sets = (0..fields.len()).map(|at| vec![ident(alias(at))]).collect();
    let by = Expr::GroupingSet(GroupingSet::GroupingSets(sets));
    let counted = rows.aggregate([by], [count(lit(1)).alias("rows")])?;
    let columns = (0..fields.len()).map(|at| ident(alias(at))).chain([ident("rows")]);
    Ok(counted.project(columns)?.build()?)
}

/// The most frequent values of each field, as groups come in.
struct Top {
    fields: Vec<Vec<ValueCount>>,
    /// Rows that have the field.
    present: Vec<u64>,
    limit: usize,
    /// Rows of all groups: each row counts once for each field.
    all: u64,
}

impl Top {
    fn new(fields: usize, limit: usize) -> Self {
        Top { fields: vec![Vec::new(); fields], present: vec![0; fields], limit, all: 0 }
    }

    /// A group belongs to the field whose column is not null; where all are null, rows
    /// without some field were counted, and they are told by what is left of the total.
    fn add(&mut self, batch: &RecordBatch) -> Result<()> {
        let counts = batch.column(self.fields.len()).as_primitive::<Int64Type>();
        self.all += counts.values().iter().map(|count| count.unsigned_abs()).sum::<u64>();
        for (at, held) in self.fields.iter_mut().enumerate() {
            let values = cast(batch.column(at), &DataType::Utf8)?;
            let values = values.as_string::<i32>();
            for row in (0..values.len()).filter(|&row| values.is_valid(row)) {
                let count = counts.value(row).unsigned_abs();
                self.present[at] += count;
                held.push(ValueCount { value: values.value(row).to_owned(), count });
            }
            if held.len() > HELD_FACTOR * self.limit.max(128) {
                keep_top(held, self.limit);
            }
        }
        Ok(())
    }

    fn finish(self, names: &[String], total: u64) -> Vec<FieldValues> {
        let limit = self.limit;
        let fields = self.fields.into_iter().zip(names).zip(self.present);
        let finished = fields.map(|((mut values, name), present)| {
            keep_top(&mut values, limit);
            FieldValues { name: name.clone(), values, missing: total.saturating_sub(present) }
        });
        finished.collect()
    }
}

fn keep_top(values: &mut Vec<ValueCount>, limit: usize) {
    values.sort_unstable_by(|a, b| (Reverse(a.count), &a.value).cmp(&(Reverse(b.count), &b.value)));
    values.truncate(limit);
}
