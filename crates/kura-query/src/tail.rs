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
        let (serial, has_gap) = match &request.resume {
            None => (hot.last(), false),
            Some(position) => {
                let own = position.strip_prefix(&node).and_then(|rest| rest.strip_prefix('-'));
                let found = own.and_then(|next| hot.ending_at(next.parse().ok()?));
                (found.unwrap_or_else(|| hot.last()), found.is_none())
            }
        };
        let table = snapshot.name.clone();
        Ok(Tail { table, hot, node, schema, predicate, serial, has_gap })
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
                let rows = self.matching(&chunk)?;
                if !rows.is_empty() {
                    let position = format!("{}-{}", self.node, chunk.cursor.next);
                    followed = Some(Followed { rows, position });
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
