//! Where the rows of tables come from, and what was set aside: counted once per version of a
//! table.

use std::sync::Arc;

use arrow::array::{AsArray, RecordBatch};
use arrow::datatypes::{Int64Type, TimestampMicrosecondType};
use datafusion::datasource::provider_as_source;
use datafusion::functions_aggregate::expr_fn::{count, max, min};
use datafusion::logical_expr::{Expr, LogicalPlan, LogicalPlanBuilder, ident, lit};
use futures::StreamExt;
use kura_core::identity::Identity;
use kura_core::table::column;
use kura_formats::quarantine;
use kura_store::TableSnapshot;

use crate::answer::QueryOptions;
use crate::catalog::Tables;
use crate::engine::Engine;
use crate::error::Result;
use crate::functions::origin::object_of;
use crate::origins::{Object, Source, Sources};
use crate::surveys::Quarantined;

const READ: [&str; 3] = [column::ORIGIN, column::TIME, column::INGESTED];
const OBJECT: &str = "object";

impl Engine {
    /// Where the rows of one table come from, or of each.
    pub async fn sources(
        &self,
        who: &Identity,
        table: Option<&str>,
        options: &QueryOptions,
    ) -> Result<Vec<(String, Arc<Vec<Source>>)>> {
        let mut all = Vec::new();
        for name in self.surveyed(who, table, options).await? {
            let sources = self.sources_of(who, &name, options).await?;
            all.extend(sources.map(|sources| (name, sources)));
        }
        Ok(all)
    }

    /// `None` of a table that is not there yet, and of one that Kura did not make.
    async fn sources_of(
        &self,
        who: &Identity,
        name: &str,
        options: &QueryOptions,
    ) -> Result<Option<Arc<Vec<Source>>>> {
        let mut question = self.question(who, options).await?;
        let latest = &self.surveys().sources;
        let _turn = question.until(async { Ok(latest.turn(name).await) }).await?;
        let Some(snapshot) = question.tables.snapshot(name).await? else { return Ok(None) };
        if let Some(sources) = latest.at(&snapshot) {
            return Ok(Some(sources));
        }
        if READ.iter().any(|name| snapshot.schema.field_with_name(name).is_err()) {
            return Ok(None);
        }
        let plan = by_object(&question.tables, snapshot.clone())?;
        let mut answer = question.ask(plan).await?;
        let mut sources = Sources::default();
        while let Some(batch) = answer.next().await {
            objects(&batch?).for_each(|object| sources.add(object));
        }
        Ok(Some(latest.keep(snapshot, sources.finish())))
    }

    /// What was set aside, by the table it was meant for and the reason; counted anew if the
    /// table of it is another version by now.
    pub async fn count_quarantined(&self, who: &Identity, options: &QueryOptions) -> Result<()> {
        let mut question = self.question(who, options).await?;
        let latest = &self.surveys().quarantined;
        let Some(snapshot) = question.tables.snapshot(quarantine::NAME).await? else {
            return Ok(());
        };
        if latest.at(&snapshot).is_some() {
            return Ok(());
        }
        let by = ["format", "reason"].map(ident);
        let plan = scan(&question.tables, snapshot.clone())?
            .aggregate(by, [count(lit(1)).alias("rows")])?
            .sort(["format", "reason"].map(|name| ident(name).sort(true, false)))?
            .build()?;
        let (batches, _) = question.collect(plan).await?;
        latest.keep(snapshot, batches.iter().flat_map(quarantined).collect());
        Ok(())
    }

    /// What was set aside when it was counted last; empty before.
    #[must_use]
    pub fn known_quarantined(&self) -> Arc<Vec<Quarantined>> {
        let known = self.surveys().quarantined.of(quarantine::NAME);
        known.map(|known| known.found).unwrap_or_default()
    }
}

fn scan(tables: &Tables, snapshot: Arc<TableSnapshot>) -> Result<LogicalPlanBuilder> {
    let name = snapshot.name.clone();
    let source = provider_as_source(tables.provider_of_files(snapshot)?);
    Ok(LogicalPlanBuilder::scan(name, source, None)?)
}

/// A row per object: they may be many, and what groups them goes to disk where memory ends.
fn by_object(tables: &Tables, snapshot: Arc<TableSnapshot>) -> Result<LogicalPlan> {
    let object: Expr = object_of(ident(column::ORIGIN)).alias(OBJECT);
    let rows = scan(tables, snapshot)?;
    let rows = rows.project([object, ident(column::TIME), ident(column::INGESTED)])?;
    let counts = [
        count(lit(1)).alias("rows"),
        min(ident(column::TIME)).alias("first"),
        max(ident(column::TIME)).alias("last"),
        max(ident(column::INGESTED)).alias("ingested"),
    ];
    Ok(rows.aggregate([ident(OBJECT)], counts)?.build()?)
}

fn objects(batch: &RecordBatch) -> impl Iterator<Item = Object<'_>> {
    let uris = batch.column(0).as_string::<i32>();
    let rows = batch.column(1).as_primitive::<Int64Type>();
    let [first, last, ingested] =
        [2, 3, 4].map(|at| batch.column(at).as_primitive::<TimestampMicrosecondType>());
    (0..batch.num_rows()).map(move |row| Object {
        uri: uris.value(row),
        rows: rows.value(row).unsigned_abs(),
        times: (first.value(row), last.value(row)),
        ingested: ingested.value(row),
    })
}

fn quarantined(batch: &RecordBatch) -> impl Iterator<Item = Quarantined> {
    let [formats, reasons] = [0, 1].map(|at| batch.column(at).as_string::<i32>());
    let rows = batch.column(2).as_primitive::<Int64Type>();
    (0..batch.num_rows()).map(move |row| Quarantined {
        format: formats.value(row).to_owned(),
        reason: reasons.value(row).to_owned(),
        rows: rows.value(row).unsigned_abs(),
    })
}
