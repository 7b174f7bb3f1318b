//! Following the stream: the rows of a table that a search finds, as they come.

use std::sync::Arc;

use arrow::array::{AsArray, RecordBatch};
use arrow::compute::filter_record_batch;
use arrow::datatypes::SchemaRef;
use datafusion::common::DFSchema;
use datafusion::physical_plan::PhysicalExpr;
use kura_core::identity::Identity;
use kura_formats::formats;
use kura_store::TableSnapshot;
use kura_store::hot::{Chunk, Hot};

use crate::answer::QueryOptions;
use crate::engine::Engine;
use crate::error::{QueryError, Result};
use crate::hot_rows;
use crate::resolve::Names;
use crate::terms;

/// Which rows are followed, and from where on.
#[derive(Debug, Clone, Default)]
pub struct TailRequest {
    pub table: Option<String>,
    pub query: String,
    /// Where somebody left off: see [`Tail::position`].
    pub resume: Option<String>,
}

/// Rows that came together.
#[derive(Debug)]
pub struct Followed {
    pub rows: Vec<RecordBatch>,
    /// Where to resume after them.
    pub position: String,
    /// Rows that came together with them, and were passed before.
    passed: usize,
}

/// A place in the stream as whoever follows is told of it: `NODE-NEXT`, behind the chunk that
/// ends before the record `NEXT`; `.AGAIN` where several do; `+ROWS`, if only so many of its
/// rows were passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Place {
    next: u64,
    again: u64,
    rows: Option<usize>,
}

impl Place {
    fn parse(text: &str) -> Option<Self> {
        let (chunk, rows) = match text.split_once('+') {
            Some((chunk, rows)) => (chunk, Some(rows.parse().ok()?)),
            None => (text, None),
        };
        let (next, again) = chunk.split_once('.').unwrap_or((chunk, "0"));
        Some(Place { next: next.parse().ok()?, again: again.parse().ok()?, rows })
    }

    fn of(node: &str, chunk: &Chunk) -> String {
        let next = chunk.cursor.next;
        match chunk.again {
            0 => format!("{node}-{next}"),
            again => format!("{node}-{next}.{again}"),
        }
    }
}

impl Followed {
    /// Where to resume after the first of them.
    #[must_use]
    pub fn position_after(&self, rows: usize) -> String {
        format!("{}+{}", self.position, self.passed + rows)
    }
}

/// One who follows.
#[derive(Debug)]
pub struct Tail {
    pub table: String,
    hot: Hot,
    node: String,
    schema: SchemaRef,
    predicate: Option<Arc<dyn PhysicalExpr>>,
    /// The last chunk seen.
    serial: u64,
    /// Rows of the next one that were seen.
    passed: usize,
    /// What was asked for is held no more: something was missed.
    pub has_gap: bool,
}

impl Engine {
    /// Begins to follow a table: the one asked for, or the first that there is.
    pub async fn tail(&self, who: &Identity, request: &TailRequest) -> Result<Tail> {
        let question = self.question(who, &QueryOptions::default()).await?;
        let term =
            terms::parse(&request.query).map_err(|bad| QueryError::statement(bad.to_string()))?;
        let snapshot = match &request.table {
            // A table that nothing has come for yet can be waited for.
            Some(name) if let Some(format) = formats::by_name(name) => {
                let there = question.tables.snapshot(name).await?;
                there.unwrap_or_else(|| Arc::new(TableSnapshot::empty(&format.table())))
            }
            Some(name) => question.tables.snapshot_or_hint(name).await?,
            None => {
                let name = question.tables.names().first().cloned().unwrap_or_default();
                question.tables.snapshot_or_hint(&name).await?
            }
        };
        let provider = question.tables.provider_of_files(snapshot.clone())?;
        let schema = datafusion::catalog::TableProvider::schema(provider.as_ref());
        let predicate = match term == terms::Term::All(Vec::new()) {
            true => None,
            false => {
                let expr = Names::of(&snapshot, schema.clone()).predicate(&term)?;
                let columns = DFSchema::try_from(schema.clone())?;
                Some(question.state.create_physical_expr(expr, &columns)?)
            }
        };
        let (hot, node) = (self.lake().hot().clone(), self.lake().node_name());
        let found = request.resume.as_ref().map(|position| {
            let own = position.strip_prefix(&node).and_then(|rest| rest.strip_prefix('-'));
            let place = own.and_then(Place::parse)?;
            let serial = hot.ending_at(place.next, place.again)?;
            Some(place.rows.map_or((serial, 0), |rows| (serial - 1, rows)))
        });
        let has_gap = found == Some(None);
        let (serial, passed) = found.flatten().unwrap_or_else(|| (hot.last(), 0));
        let table = snapshot.name.clone();
        Ok(Tail { table, hot, node, schema, predicate, serial, passed, has_gap })
    }
}

impl Tail {
    /// Waits for the next rows. Chunks without any are passed over.
    pub async fn next(&mut self) -> Result<Followed> {
        let mut came = self.hot.came();
        loop {
            came.borrow_and_update();
            let mut followed = None;
            for chunk in self.hot.after(self.serial) {
                self.has_gap |= chunk.serial > self.serial + 1;
                self.serial = chunk.serial;
                let passed = std::mem::take(&mut self.passed);
                let rows = without_first(self.matching(&chunk)?, passed);
                if !rows.is_empty() {
                    let position = Place::of(&self.node, &chunk);
                    followed = Some(Followed { rows, position, passed });
                    break;
                }
            }
            if let Some(followed) = followed {
                return Ok(followed);
            }
            // The sender lives as long as the lake is open.
            let _ = came.changed().await;
        }
    }

    fn matching(&self, chunk: &Chunk) -> Result<Vec<RecordBatch>> {
        let of_table = chunk.rows.iter().filter(|rows| *rows.table == *self.table);
        let aligned = hot_rows::aligned(of_table.map(|rows| &rows.batch), &self.schema)?;
        let Some(predicate) = &self.predicate else { return Ok(aligned) };
        let mut matching = Vec::new();
        for batch in aligned {
            let is_found = predicate.evaluate(&batch)?.into_array(batch.num_rows())?;
            let found = filter_record_batch(&batch, is_found.as_boolean())?;
            if found.num_rows() > 0 {
                matching.push(found);
            }
        }
        Ok(matching)
    }
}

fn without_first(batches: Vec<RecordBatch>, mut rows: usize) -> Vec<RecordBatch> {
    let mut left = Vec::new();
    for batch in batches {
        let from = rows.min(batch.num_rows());
        rows -= from;
        if from < batch.num_rows() {
            left.push(batch.slice(from, batch.num_rows() - from));
        }
    }
    left
}

#[cfg(test)]
mod tests {
    use super::Place;

    #[test]
    fn places_are_read_back() {
        for (text, expected) in [
            ("7", Some((7, 0, None))),
            ("7.2", Some((7, 2, None))),
            ("7.2+1000", Some((7, 2, Some(1000)))),
            ("7+1", Some((7, 0, Some(1)))),
            ("", None),
            ("7+", None),
            ("7.", None),
            ("-7", None),
        ] {
            let expected = expected.map(|(next, again, rows)| Place { next, again, rows });
            assert_eq!(Place::parse(text), expected, "{text}");
        }
    }
}
