//! The engine: one per process, holding what questions share (memory, disk to spill to,
//! footers read before), and none of what they do not.

use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use arrow::array::RecordBatch;
use chrono::DateTime;
use datafusion::datasource::object_store::ObjectStoreUrl;
use datafusion::execution::context::SQLOptions;
use datafusion::execution::memory_pool::{FairSpillPool, TrackConsumersPool};
use datafusion::execution::runtime_env::{RuntimeEnv, RuntimeEnvBuilder};
use datafusion::execution::{SessionState, SessionStateBuilder};
use datafusion::logical_expr::LogicalPlan;
use datafusion::physical_plan::{ExecutionPlan, execute_stream};
use datafusion::prelude::SessionConfig;
use datafusion::sql::parser::Statement;
use futures::TryStreamExt;
use kura_core::identity::Identity;
use kura_store::Lake;

use crate::answer::{Answer, QueryOptions, Run};
use crate::catalog::{
    self, CATALOG, FlatCopies, LakeSchema, PlannedViews, SCHEMA, SECURITY_LAKE_DATABASE, Tables,
};
use crate::error::Result;
use crate::functions;
use crate::functions::json::ArrowOperators;
use crate::needles::Indexes;
use crate::planning::on_deep_stack;
use crate::provider::Files;
use crate::statement;
use crate::stats::{Collector, Stats};
use crate::surveys::Surveys;

/// How many of the largest users of memory an error names.
const CONSUMERS_NAMED: NonZeroUsize = NonZeroUsize::new(3).expect("three is not zero");
/// The share of the memory that may be taken by what is kept of data files (footers), and as much
/// again of their indexes: an eighth.
const KEPT_SHARE: usize = 8;
const KEPT_BYTES_MAX: usize = 256 << 20;

/// Answers questions over one lake. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Engine {
    files: Files,
    /// Functions, options and shared resources; no tables.
    bare: Arc<SessionState>,
    flat_copies: FlatCopies,
    planned_views: Arc<Mutex<PlannedViews>>,
    surveys: Arc<Surveys>,
}

/// One question being asked: the tables it sees, and what it costs.
pub struct Question {
    pub tables: Arc<Tables>,
    pub state: SessionState,
    collector: Arc<Collector>,
    run: Run,
}

impl Engine {
    /// Over `lake`, with so much memory for all running questions, and so many threads for
    /// each.
    pub fn new(lake: Lake, memory_bytes: usize, threads: usize) -> Result<Self> {
        let store = store_url(&lake)?;
        let runtime = runtime(&lake, &store, memory_bytes)?;
        let mut state = SessionStateBuilder::new()
            .with_config(config(threads))
            .with_runtime_env(runtime)
            .with_default_features()
            .build();
        for function in functions::all() {
            datafusion::execution::FunctionRegistry::register_udf(&mut state, function)?;
        }
        let planner = Arc::new(ArrowOperators);
        datafusion::execution::FunctionRegistry::register_expr_planner(&mut state, planner)?;
        let indexes = Indexes::new(kept_bytes(memory_bytes));
        let files = Files { lake, store, indexes: Some(Arc::new(indexes)) };
        Ok(Engine {
            files,
            bare: Arc::new(state),
            flat_copies: FlatCopies::Used,
            planned_views: Arc::default(),
            surveys: Arc::default(),
        })
    }

    /// The same engine, scanning without the flat copies of nested parts: for tests that
    /// compare answers.
    #[must_use]
    pub fn without_flat_copies(mut self) -> Self {
        self.flat_copies = FlatCopies::Ignored;
        self
    }

    /// The same engine, scanning without looking into index files.
    #[must_use]
    pub fn without_index(mut self) -> Self {
        self.files.indexes = None;
        self
    }

    #[must_use]
    pub fn lake(&self) -> &Lake {
        &self.files.lake
    }

    pub(crate) fn planned_views(&self) -> MutexGuard<'_, PlannedViews> {
        self.planned_views.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is known of whole tables.
    pub(crate) fn surveys(&self) -> &Surveys {
        &self.surveys
    }

    /// Runs one statement that only reads.
    pub async fn sql(
        &self,
        who: &Identity,
        statement: &str,
        options: &QueryOptions,
    ) -> Result<Answer> {
        let mut question = self.question(who, options).await?;
        let (tables, state) = (question.tables.clone(), question.state.clone());
        let text = statement.to_owned();
        let planned = on_deep_stack(async move {
            let parsed = statement::parse(&text)?;
            check_tables(&tables, &state, &parsed).await?;
            let plan = state.statement_to_plan(parsed).await?;
            // The parser's word is not taken for it.
            let reads_only = SQLOptions::new()
                .with_allow_ddl(false)
                .with_allow_dml(false)
                .with_allow_statements(false);
            reads_only.verify_plan(&plan)?;
            physical(&state, plan).await
        });
        let plan = question.run.until(planned).await?;
        question.answer(plan)
    }

    /// Begins a question: each table it names is seen at one version.
    pub(crate) async fn question(
        &self,
        who: &Identity,
        options: &QueryOptions,
    ) -> Result<Question> {
        who.may_read()?;
        let mut run = Run::start(options);
        let collector = Arc::new(Collector::default());
        let mut bare = self.bare.as_ref().clone();
        let now = DateTime::from_timestamp_micros(self.lake().clock().now()).unwrap_or_default();
        let props = std::mem::take(bare.execution_props_mut());
        *bare.execution_props_mut() = props.with_query_execution_start_time(now);
        let tables = run
            .until(Tables::of(
                self.files.clone(),
                bare.clone(),
                self.flat_copies,
                collector.clone(),
            ))
            .await?;
        let state = catalog::with_tables(&bare, Arc::new(LakeSchema(tables.clone())))?;
        Ok(Question { tables, state, collector, run })
    }
}

impl Question {
    /// All rows that `plan` gives, and what they cost. For answers that are small.
    pub(crate) async fn collect(&mut self, plan: LogicalPlan) -> Result<(Vec<RecordBatch>, Stats)> {
        self.collector.reset();
        let before = self.run.seconds();
        let state = self.state.clone();
        let work = async {
            let context = state.task_ctx();
            let plan = on_deep_stack(async move { physical(&state, plan).await }).await?;
            let stream = execute_stream(plan.clone(), context)?;
            Ok((stream.try_collect::<Vec<_>>().await?, plan))
        };
        let (batches, plan) = self.run.until(work).await?;
        let stats = Stats {
            rows: batches.iter().map(|batch| batch.num_rows() as u64).sum(),
            seconds: self.run.seconds() - before,
            ..self.collector.stats(plan.as_ref())
        };
        Ok((batches, stats))
    }

    /// Waits for `work`, or for the end of what the question may take.
    pub(crate) async fn until<T>(&mut self, work: impl Future<Output = Result<T>>) -> Result<T> {
        self.run.until(work).await
    }

    /// Plans, and begins to answer.
    pub(crate) async fn ask(mut self, plan: LogicalPlan) -> Result<Answer> {
        let state = self.state.clone();
        let planned = on_deep_stack(async move { physical(&state, plan).await });
        let plan = self.run.until(planned).await?;
        self.answer(plan)
    }

    fn answer(self, plan: Arc<dyn ExecutionPlan>) -> Result<Answer> {
        let stream = execute_stream(plan.clone(), self.state.task_ctx())?;
        Ok(Answer::new(stream, plan, self.collector, self.run))
    }
}

async fn physical(state: &SessionState, plan: LogicalPlan) -> Result<Arc<dyn ExecutionPlan>> {
    Ok(state.create_physical_plan(&plan).await?)
}

/// Tables that are not there are told with a hint, which the planner cannot give.
async fn check_tables(tables: &Tables, state: &SessionState, statement: &Statement) -> Result<()> {
    for reference in state.resolve_table_references(statement)? {
        let ours = reference.schema().is_none_or(|schema| schema == SCHEMA);
        let name = reference.table();
        let known = state.table_functions().contains_key(name)
            || tables.snapshot(name).await?.is_some()
            || tables.views().any(|(_, view)| view.name == name);
        let security_lakes =
            reference.schema().is_some_and(|schema| schema.starts_with(SECURITY_LAKE_DATABASE));
        if (ours && !known) || security_lakes {
            return Err(tables.no_table(name));
        }
    }
    Ok(())
}

fn store_url(lake: &Lake) -> Result<ObjectStoreUrl> {
    let url = &lake.location().url;
    let root = format!("{}://{}", url.scheme(), url.authority());
    Ok(ObjectStoreUrl::parse(root)?)
}

fn runtime(lake: &Lake, store: &ObjectStoreUrl, memory_bytes: usize) -> Result<Arc<RuntimeEnv>> {
    let pool = TrackConsumersPool::new(FairSpillPool::new(memory_bytes), CONSUMERS_NAMED);
    let runtime = RuntimeEnvBuilder::new()
        .with_memory_pool(Arc::new(pool))
        .with_metadata_cache_limit(kept_bytes(memory_bytes))
        .build_arc()?;
    runtime.register_object_store(store.as_ref(), lake.location().store.clone());
    Ok(runtime)
}

/// What may be kept of footers, and as much of indexes.
fn kept_bytes(memory_bytes: usize) -> usize {
    (memory_bytes / KEPT_SHARE).min(KEPT_BYTES_MAX)
}

fn config(threads: usize) -> SessionConfig {
    let mut config = SessionConfig::new()
        .with_information_schema(true)
        .with_default_catalog_and_schema(CATALOG, SCHEMA)
        .with_create_default_catalog_and_schema(false)
        .with_target_partitions(threads.max(1));
    let options = config.options_mut();
    options.execution.time_zone = Some("UTC".into());
    options.execution.parquet.pushdown_filters = true;
    options.execution.parquet.reorder_filters = true;
    options.sql_parser.map_string_types_to_utf8view = false;
    config
}
