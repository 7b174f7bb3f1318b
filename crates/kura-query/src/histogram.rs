//! How many rows match, over time: in steps that people count in, aligned to UTC.

use std::collections::BTreeMap;

use arrow::array::{AsArray, RecordBatch};
use arrow::compute::cast;
use arrow::datatypes::{Int64Type, TimestampMicrosecondType};
use datafusion::common::ScalarValue;
use datafusion::functions::datetime::expr_fn::date_bin;
use datafusion::functions_aggregate::expr_fn::count;
use datafusion::logical_expr::{Expr, ident, lit};
use kura_core::identity::Identity;
use kura_core::table::{column, timestamp_type};
use kura_core::time::{MICROS_PER_DAY, MICROS_PER_SECOND, Micros};
use serde::Serialize;

use crate::answer::QueryOptions;
use crate::engine::Engine;
use crate::error::Result;
use crate::scope::{Scope, time};
use crate::stats::Stats;

/// More bars than a screen has points for.
pub const BUCKETS_MAX: usize = 2_000;
const DAY: i64 = 86_400;
const STEPS: [i64; 12] =
    [1, 5, 15, 60, 300, 900, 3_600, 3 * 3_600, 6 * 3_600, 12 * 3_600, DAY, 7 * DAY];
/// Weeks begin on a Monday; 1970 began on a Thursday.
const MONDAY: Micros = 4 * MICROS_PER_DAY;
/// The column whose presence makes a row an error.
const ERROR: &str = "errorcode";

#[derive(Debug, Clone, Default)]
pub struct HistogramRequest {
    pub table: Option<String>,
    pub query: String,
    /// The first time that counts; the table's first, if none is given.
    pub since: Option<Micros>,
    /// The first time that no longer counts; after the table's last, if none is given.
    pub until: Option<Micros>,
    /// At most so many buckets, and at most [`BUCKETS_MAX`].
    pub buckets: usize,
    pub options: QueryOptions,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Bucket {
    /// Its first moment.
    pub time: Micros,
    pub count: u64,
    /// Rows with an error code.
    pub errors: u64,
}

#[derive(Debug, Clone, Serialize)]
pub struct HistogramAnswer {
    pub since: Micros,
    pub until: Micros,
    pub step_seconds: i64,
    /// Every bucket between, the empty ones too.
    pub buckets: Vec<Bucket>,
    pub total: u64,
    pub stats: Stats,
}

impl Engine {
    pub async fn histogram(
        &self,
        who: &Identity,
        request: &HistogramRequest,
    ) -> Result<HistogramAnswer> {
        let mut question = self.question(who, &request.options).await?;
        let scope = Scope {
            table: request.table.as_deref(),
            query: &request.query,
            since: request.since,
            until: request.until,
        };
        let scoped = scope.resolve(&question.tables).await?;
        let (_, times) = question.tables.extent(&scoped.snapshot);
        let (first, last) = times.unwrap_or((0, 0));
        let since = request.since.unwrap_or(first);
        let until = request.until.unwrap_or(last.saturating_add(1)).max(since.saturating_add(1));
        let step = step_for(since, until, request.buckets.clamp(1, BUCKETS_MAX));

        let has_errors = scoped.snapshot.schema.field_with_name(ERROR).is_ok();
        let error =
            if has_errors { ident(ERROR) } else { Expr::Literal(ScalarValue::Int64(None), None) };
        let interval = ScalarValue::new_interval_mdn(0, 0, step * 1_000_000_000);
        let bin = date_bin(Expr::Literal(interval, None), ident(column::TIME), time(origin(step)));
        let plan = scoped
            .rows
            .aggregate(
                [bin.alias("bucket")],
                [count(lit(1)).alias("rows"), count(error).alias("errors")],
            )?
            .build()?;
        let (batches, stats) = question.collect(plan).await?;
        let found = read(&batches)?;
        let total = found.values().map(|(count, _)| count).sum();
        let stats = Stats { rows: total, ..stats };
        let buckets = fill(&found, since, until, step);
        Ok(HistogramAnswer { since, until, step_seconds: step, buckets, total, stats })
    }
}

fn origin(step: i64) -> Micros {
    if step % (7 * DAY) == 0 { MONDAY } else { 0 }
}

fn floor(at: Micros, step: i64) -> Micros {
    let size = step * MICROS_PER_SECOND;
    (at - origin(step)).div_euclid(size) * size + origin(step)
}

/// The smallest step that needs no more than `buckets` from `since` to `until`.
fn step_for(since: Micros, until: Micros, buckets: usize) -> i64 {
    let needed = |step: i64| {
        let size = i128::from(step * MICROS_PER_SECOND);
        let (since, until) = (i128::from(since), i128::from(until));
        let at = i128::from(origin(step));
        (until - 1 - at).div_euclid(size) - (since - at).div_euclid(size) + 1
    };
    let fits = |step: &i64| needed(*step) <= buckets as i128;
    if let Some(step) = STEPS.iter().copied().find(fits) {
        return step;
    }
    // Years of weeks: a far-off time in a record leads here.
    let mut step = 14 * DAY;
    while !fits(&step) && step < i64::MAX / (4 * MICROS_PER_SECOND) {
        step *= 2;
    }
    step
}

fn read(batches: &[RecordBatch]) -> Result<BTreeMap<Micros, (u64, u64)>> {
    let mut found = BTreeMap::new();
    for batch in batches {
        // Intervals make nanoseconds of it.
        let times = cast(batch.column(0), &timestamp_type())?;
        let times = times.as_primitive::<TimestampMicrosecondType>();
        let counts = batch.column(1).as_primitive::<Int64Type>();
        let errors = batch.column(2).as_primitive::<Int64Type>();
        for row in 0..batch.num_rows() {
            let entry: &mut (u64, u64) = found.entry(times.value(row)).or_default();
            entry.0 += counts.value(row).unsigned_abs();
            entry.1 += errors.value(row).unsigned_abs();
        }
    }
    Ok(found)
}

fn fill(
    found: &BTreeMap<Micros, (u64, u64)>,
    since: Micros,
    until: Micros,
    step: i64,
) -> Vec<Bucket> {
    let size = step * MICROS_PER_SECOND;
    let mut buckets = Vec::new();
    let mut at = floor(since, step);
    while at < until && buckets.len() < BUCKETS_MAX {
        let (count, errors) = found.get(&at).copied().unwrap_or_default();
        buckets.push(Bucket { time: at, count, errors });
        let Some(next) = at.checked_add(size) else { break };
        at = next;
    }
    buckets
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_the_smallest_that_fit() {
        let second = MICROS_PER_SECOND;
        for (span, buckets, step) in [
            (60 * second, 60, 1),
            (60 * second, 59, 5),
            (3_600 * second, 60, 60),
            (MICROS_PER_DAY, 24, 3_600),
            (7 * MICROS_PER_DAY, 60, 3 * 3_600),
            (90 * MICROS_PER_DAY, 90, DAY),
            (365 * MICROS_PER_DAY, 60, 7 * DAY),
            (1, 1, 1),
        ] {
            assert_eq!(step_for(0, span, buckets), step, "{span} in {buckets}");
        }
        let step = step_for(-62_000_000_000 * second, 253_000_000_000 * second, 100);
        assert!(step % (7 * DAY) == 0);
        assert_eq!(floor(0, 7 * DAY), MONDAY - 7 * MICROS_PER_DAY);
    }
}
