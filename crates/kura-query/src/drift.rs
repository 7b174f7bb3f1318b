//! What no column took, per table: read once per version of a table, and of a version that
//! only added files, those alone.

use std::collections::HashSet;
use std::sync::Arc;

use datafusion::datasource::provider_as_source;
use datafusion::logical_expr::{LogicalPlan, LogicalPlanBuilder, ident};
use futures::StreamExt;
use kura_core::identity::Identity;
use kura_core::table::column;
use kura_formats::{known_table, quarantine};
use kura_store::{DataFile, TableSnapshot};

use crate::answer::QueryOptions;
use crate::catalog::Tables;
use crate::engine::Engine;
use crate::error::Result;
use crate::latest::Known;
use crate::leftovers::{Leftovers, Places};

/// All that is read of rows, and only of those that have the first.
const READ: [&str; 3] = [column::EXTRA, column::ORIGIN, column::INGESTED];

impl Engine {
    /// What no column took, of one table or of each; those that have nothing of the kind are
    /// named, too.
    pub async fn drift(
        &self,
        who: &Identity,
        table: Option<&str>,
        options: &QueryOptions,
    ) -> Result<Vec<(String, Arc<Leftovers>)>> {
        let mut all = Vec::new();
        for name in self.surveyed(who, table, options).await? {
            if name != quarantine::NAME {
                let leftovers = self.leftovers(who, &name, options).await?;
                all.extend(leftovers.map(|leftovers| (name, leftovers)));
            }
        }
        Ok(all)
    }

    /// What is known of a table's leftovers without reading: as it is, or as it was.
    #[must_use]
    pub fn known_drift(&self, table: &str) -> Option<Arc<Leftovers>> {
        self.surveys().leftovers.of(table).map(|known| known.found)
    }

    /// `None` of a table that is not there yet, and of one that Kura did not make.
    async fn leftovers(
        &self,
        who: &Identity,
        name: &str,
        options: &QueryOptions,
    ) -> Result<Option<Arc<Leftovers>>> {
        let mut question = self.question(who, options).await?;
        let latest = &self.surveys().leftovers;
        let _turn = question.until(async { Ok(latest.turn(name).await) }).await?;
        let Some(snapshot) = question.tables.snapshot(name).await? else { return Ok(None) };
        if let Some(leftovers) = latest.at(&snapshot) {
            return Ok(Some(leftovers));
        }
        if READ.iter().any(|name| snapshot.schema.field_with_name(name).is_err()) {
            return Ok(None);
        }
        let (mut leftovers, unread) = go_on(latest.of(name), &snapshot);
        if !unread.files.is_empty() {
            let known = known_table(name, &snapshot.schema);
            let places = Places::of_table(&known.columns, &snapshot.schema);
            let plan = rows_with_leftovers(&question.tables, unread)?;
            let mut answer = question.ask(plan).await?;
            while let Some(batch) = answer.next().await {
                leftovers.add(&batch?, &places);
            }
        }
        Ok(Some(latest.keep(snapshot, leftovers)))
    }

    /// The table asked for, or all that are there.
    pub(crate) async fn surveyed(
        &self,
        who: &Identity,
        table: Option<&str>,
        options: &QueryOptions,
    ) -> Result<Vec<String>> {
        let mut question = self.question(who, options).await?;
        let tables = question.tables.clone();
        match table {
            None => Ok(tables.names().to_vec()),
            Some(name) => {
                question.until(tables.snapshot_or_hint(name)).await?;
                Ok(vec![name.to_owned()])
            }
        }
    }
}

/// Leftovers to add to, and the files whose rows are not among them. Where files are gone
/// their rows are, or lie elsewhere: nothing of what was known holds.
fn go_on(known: Option<Known<Leftovers>>, now: &TableSnapshot) -> (Leftovers, TableSnapshot) {
    let mut unread = now.clone();
    let Some(known) = known.filter(|known| known.snapshot.schema == now.schema) else {
        return (Leftovers::default(), unread);
    };
    let read: HashSet<&str> = known.snapshot.files.iter().map(|file| &file.name[..]).collect();
    let is_read = |file: &DataFile| read.contains(&file.name[..]);
    if now.files.iter().filter(|file| is_read(file)).count() < read.len() {
        return (Leftovers::default(), unread);
    }
    unread.files.retain(|file| !is_read(file));
    (known.found.as_ref().clone(), unread)
}

fn rows_with_leftovers(tables: &Tables, of: TableSnapshot) -> Result<LogicalPlan> {
    let name = of.name.clone();
    let provider = tables.provider_of_files(Arc::new(of))?;
    let rows = LogicalPlanBuilder::scan(name, provider_as_source(provider), None)?;
    let rows = rows.filter(ident(column::EXTRA).is_not_null())?;
    Ok(rows.project(READ.map(ident))?.build()?)
}
