//! What one question sees: the lake's tables, each at one version, and the views that
//! AWS's pages name. Tables are opened when a statement names them.

use std::collections::HashMap;
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use async_trait::async_trait;
use datafusion::catalog::{
    CatalogProvider, CatalogProviderList, MemoryCatalogProvider, MemoryCatalogProviderList,
    MemorySchemaProvider, SchemaProvider, TableProvider,
};
use datafusion::common::DataFusionError;
use datafusion::datasource::ViewTable;
use datafusion::execution::SessionState;
use datafusion::logical_expr::TableType;
use kura_core::time::Micros;
use kura_formats::columns::KURA_COLUMNS;
use kura_formats::formats::{self, Format, View};
use kura_formats::known_table;
use kura_store::hot::HotView;
use kura_store::{StoreError, TableSnapshot};
use tokio::sync::Mutex;

use crate::error::{QueryError, Result};
use crate::hot_rows;
use crate::near::did_you_mean;
use crate::provider::{Files, SnapshotTable};
use crate::statement;
use crate::stats::Collector;

pub const CATALOG: &str = "kura";
pub const SCHEMA: &str = "lake";

/// How the names of Security Lake's databases and tables begin.
pub const SECURITY_LAKE_DATABASE: &str = "amazon_security_lake_glue_db";
const SECURITY_LAKE_TABLE: &str = "amazon_security_lake_table_";

/// How predicates on nested parts are treated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FlatCopies {
    Used,
    /// For tests that compare the answers.
    Ignored,
}

/// Views by name: the columns of the table that each was planned over, and its own.
pub type PlannedViews = HashMap<&'static str, (SchemaRef, SchemaRef)>;

/// The tables as one question sees them.
#[derive(Debug)]
pub struct Tables {
    files: Files,
    names: Vec<String>,
    /// Functions and options, without tables: views are planned with it.
    bare: SessionState,
    flat_copies: FlatCopies,
    collector: Arc<Collector>,
    /// What came by stream and is in no table yet: taken before any table's version is.
    hot: HotView,
    /// The version each table has in this question.
    seen: Mutex<HashMap<String, Arc<TableSnapshot>>>,
}

impl Tables {
    pub async fn of(
        files: Files,
        bare: SessionState,
        flat_copies: FlatCopies,
        collector: Arc<Collector>,
    ) -> Result<Arc<Self>> {
        let hot = files.lake.hot().view();
        let mut names = files.lake.tables().await?;
        names.extend(hot.tables().map(|spec| spec.name.to_string()));
        names.sort();
        names.dedup();
        Ok(Arc::new(Tables {
            names,
            hot,
            files,
            bare,
            flat_copies,
            collector,
            seen: Mutex::default(),
        }))
    }

    /// Names of the lake's tables.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// The views of the tables that are there, with their formats.
    pub fn views(&self) -> impl Iterator<Item = (&'static dyn Format, &'static View)> {
        let there = |format: &&Arc<dyn Format>| self.names.iter().any(|name| name == format.name());
        let of_format = |format: &'static Arc<dyn Format>| {
            format.description().views.iter().map(move |view| (format.as_ref(), view))
        };
        formats::ALL.iter().filter(there).flat_map(of_format)
    }

    /// The table's version in this question; `None` if it is not there (or not yet: a
    /// folder without a log).
    pub async fn snapshot(&self, name: &str) -> Result<Option<Arc<TableSnapshot>>> {
        if !self.names.iter().any(|known| known == name) {
            return Ok(None);
        }
        let mut seen = self.seen.lock().await;
        if let Some(snapshot) = seen.get(name) {
            return Ok(Some(snapshot.clone()));
        }
        match self.files.lake.snapshot(name).await {
            Ok(snapshot) => {
                seen.insert(name.to_owned(), snapshot.clone());
                Ok(Some(snapshot))
            }
            Err(StoreError::NoTable(_)) => match self.hot.spec(name) {
                None => Ok(None),
                Some(spec) => {
                    let snapshot = Arc::new(TableSnapshot::empty(spec));
                    seen.insert(name.to_owned(), snapshot.clone());
                    Ok(Some(snapshot))
                }
            },
            Err(error) => Err(error.into()),
        }
    }

    /// How many rows the table has, and their smallest and largest `_time`.
    pub fn extent(&self, snapshot: &TableSnapshot) -> (u64, Option<(Micros, Micros)>) {
        let (rows, times) = hot_rows::extent(self.hot.rows(&snapshot.name, snapshot.flushed));
        let all = times.into_iter().chain(snapshot.times());
        (snapshot.rows() + rows, all.reduce(|a, b| (a.0.min(b.0), a.1.max(b.1))))
    }

    /// The table, or what is near to its name.
    pub async fn snapshot_or_hint(&self, name: &str) -> Result<Arc<TableSnapshot>> {
        self.snapshot(name).await?.ok_or_else(|| self.no_table(name))
    }

    pub fn no_table(&self, name: &str) -> QueryError {
        let views: Vec<&str> = self.views().map(|(_, view)| view.name).collect();
        let all = || self.names.iter().map(String::as_str).chain(views.iter().copied());
        let of_security_lake = views.iter().find(|view| is_security_lakes(name, view));
        let hint = match did_you_mean(name, all()) {
            _ if let Some(view) = of_security_lake => {
                format!("here its name has no database and no Region: `{view}`")
            }
            Some(hint) => hint,
            None if self.names.is_empty() => {
                "the lake has no tables yet; `kura import` fills it".to_owned()
            }
            None => {
                let names: Vec<String> = all().map(|name| format!("`{name}`")).collect();
                format!("there are {}", names.join(", "))
            }
        };
        QueryError::NoTable { name: name.to_owned(), hint: Some(hint) }
    }

    /// The table to scan.
    pub fn provider(&self, snapshot: Arc<TableSnapshot>) -> Result<Arc<SnapshotTable>> {
        let (name, flushed) = (snapshot.name.clone(), snapshot.flushed);
        self.provider_with(snapshot, self.hot.rows(&name, flushed))
    }

    /// The same without what came by stream and is in no file yet: for answers that are kept
    /// with the table's version.
    pub fn provider_of_files(&self, snapshot: Arc<TableSnapshot>) -> Result<Arc<SnapshotTable>> {
        self.provider_with(snapshot, std::iter::empty())
    }

    fn provider_with<'a>(
        &self,
        snapshot: Arc<TableSnapshot>,
        hot: impl Iterator<Item = &'a RecordBatch>,
    ) -> Result<Arc<SnapshotTable>> {
        let copies = match self.flat_copies {
            FlatCopies::Used => known_table(&snapshot.name, &snapshot.schema).flat_copies,
            FlatCopies::Ignored => &[],
        };
        let (files, collector) = (self.files.clone(), self.collector.clone());
        Ok(Arc::new(SnapshotTable::new(snapshot, hot, files, copies, collector)?))
    }

    async fn view(
        &self,
        format: &dyn Format,
        view: &View,
    ) -> Result<Option<Arc<dyn TableProvider>>> {
        let Some(snapshot) = self.snapshot(format.name()).await? else { return Ok(None) };
        let statement = view_statement(&snapshot, view);
        let table = self.provider(snapshot)?;
        let schema = MemorySchemaProvider::new();
        schema.register_table(format.name().to_owned(), table)?;
        let state = with_tables(&self.bare, Arc::new(schema))?;
        let plan = state.statement_to_plan(statement::parse_view(&statement)?).await?;
        Ok(Some(Arc::new(ViewTable::new(plan, Some(statement)))))
    }
}

/// Whether `name` is what Security Lake calls the table whose view this is: with a Region.
fn is_security_lakes(name: &str, view: &str) -> bool {
    let source = view.strip_prefix(SECURITY_LAKE_TABLE);
    let with_region = name.strip_prefix(SECURITY_LAKE_TABLE);
    with_region.zip(source).is_some_and(|(name, source)| name.ends_with(source))
}

/// The statement of `view` over the columns that the table has at this version.
fn view_statement(snapshot: &TableSnapshot, view: &View) -> String {
    let native = snapshot.schema.fields().iter().map(|field| field.name().as_str());
    let native = native.filter(|name| !KURA_COLUMNS.iter().any(|kura| kura.name == *name));
    view.statement(&snapshot.name, native)
}

/// The session with these tables, and only these.
pub fn with_tables(bare: &SessionState, schema: Arc<dyn SchemaProvider>) -> Result<SessionState> {
    let catalog = MemoryCatalogProvider::new();
    catalog.register_schema(SCHEMA, schema)?;
    let catalogs = MemoryCatalogProviderList::new();
    catalogs.register_catalog(CATALOG.to_owned(), Arc::new(catalog));
    let mut state = bare.clone();
    state.register_catalog_list(Arc::new(catalogs));
    Ok(state)
}

/// Tables as DataFusion asks for them.
#[derive(Debug)]
pub struct LakeSchema(pub Arc<Tables>);

#[async_trait]
impl SchemaProvider for LakeSchema {
    fn table_names(&self) -> Vec<String> {
        let views = self.0.views().map(|(_, view)| view.name.to_owned());
        self.0.names.iter().cloned().chain(views).collect()
    }

    async fn table(
        &self,
        name: &str,
    ) -> std::result::Result<Option<Arc<dyn TableProvider>>, DataFusionError> {
        let boxed = |error: QueryError| DataFusionError::External(Box::new(error));
        if let Some(snapshot) = self.0.snapshot(name).await.map_err(boxed)? {
            return Ok(Some(self.0.provider(snapshot).map_err(boxed)?));
        }
        let view = self.0.views().find(|(_, view)| view.name == name);
        match view {
            Some((format, view)) => self.0.view(format, view).await.map_err(boxed),
            None => Ok(None),
        }
    }

    async fn table_type(
        &self,
        name: &str,
    ) -> std::result::Result<Option<TableType>, DataFusionError> {
        if self.0.names.iter().any(|known| known == name) {
            return Ok(Some(TableType::Base));
        }
        Ok(self.0.views().any(|(_, view)| view.name == name).then_some(TableType::View))
    }

    fn table_exist(&self, name: &str) -> bool {
        self.table_names().iter().any(|known| known == name)
    }
}
