//! What searches, histograms and top values have in common: a table, a search, a stretch
//! of time.

use std::sync::Arc;

use datafusion::common::ScalarValue;
use datafusion::datasource::provider_as_source;
use datafusion::logical_expr::{Expr, LogicalPlanBuilder, ident};
use kura_core::table::column;
use kura_core::time::Micros;
use kura_formats::{formats, quarantine};
use kura_store::TableSnapshot;

use crate::catalog::Tables;
use crate::error::{QueryError, Result};
use crate::resolve::Names;
use crate::terms;

/// Which rows are meant.
pub struct Scope<'a> {
    pub table: Option<&'a str>,
    pub query: &'a str,
    /// The first time that counts.
    pub since: Option<Micros>,
    /// The first time that no longer counts.
    pub until: Option<Micros>,
}

/// The rows meant, as a plan to go on from.
pub struct Scoped {
    pub rows: LogicalPlanBuilder,
    pub snapshot: Arc<TableSnapshot>,
    pub names: Names,
}

impl Scope<'_> {
    pub async fn resolve(&self, tables: &Tables) -> Result<Scoped> {
        let term =
            terms::parse(self.query).map_err(|bad| QueryError::statement(bad.to_string()))?;
        let name = table_name(tables, self.table)?;
        let snapshot = tables.snapshot_or_hint(&name).await?;
        let provider = tables.provider(snapshot.clone())?;
        let names =
            Names::of(&snapshot, datafusion::catalog::TableProvider::schema(provider.as_ref()));
        let mut rows = LogicalPlanBuilder::scan(name.as_str(), provider_as_source(provider), None)?;
        if let Some(since) = self.since {
            rows = rows.filter(ident(column::TIME).gt_eq(time(since)))?;
        }
        if let Some(until) = self.until {
            rows = rows.filter(ident(column::TIME).lt(time(until)))?;
        }
        if term != terms::Term::All(Vec::new()) {
            rows = rows.filter(names.predicate(&term)?)?;
        }
        Ok(Scoped { rows, snapshot, names })
    }
}

/// The table asked for, the table under the view asked for, or the first that there is.
fn table_name(tables: &Tables, asked: Option<&str>) -> Result<String> {
    let is_there = |name: &str| tables.names().iter().any(|known| known == name);
    let Some(asked) = asked else {
        let logs = formats::ALL.iter().map(|format| format.name());
        let others = tables.names().iter().map(String::as_str).filter(|n| *n != quarantine::NAME);
        let first = logs.chain(others).find(|name| is_there(name));
        return first.map(ToOwned::to_owned).ok_or_else(|| tables.no_table(formats::ALL[0].name()));
    };
    let name = asked.to_ascii_lowercase();
    if is_there(&name) {
        return Ok(name);
    }
    let view = tables.views().find(|(_, view)| view.name == name);
    view.map(|(format, _)| format.name().to_owned()).ok_or_else(|| tables.no_table(asked))
}

#[must_use]
pub fn time(micros: Micros) -> Expr {
    Expr::Literal(ScalarValue::TimestampMicrosecond(Some(micros), Some("UTC".into())), None)
}
