//! The use cases: what one can ask, by whom, within which limits. Faces call these and
//! nothing below.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use arrow::array::RecordBatch;
use futures::StreamExt;
use kura_core::identity::Identity;
use kura_core::time::{Micros, ParseTimeError, parse_person_time, rfc3339};
use kura_query as query;
use kura_query::{Engine, QueryError, QueryOptions};
use kura_store::{StoreError, hot_wire};
use tokio_util::sync::CancellationToken;

use crate::api;
use crate::intake::{HttpIntake, Ways};
use crate::rows;
use crate::running::{Refused, Running, Ticket};

/// Caps on what one question may cost, each with what holds if nothing is said.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    pub queries_max: usize,
    pub statement_bytes_max: usize,
    pub rows_max: usize,
    /// Of an answer held in memory before it is sent.
    pub answer_bytes_max: usize,
    pub timeout_max: Duration,
    pub timeout_default: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            queries_max: 32,
            statement_bytes_max: 256 << 10,
            rows_max: 10_000,
            answer_bytes_max: 64 << 20,
            timeout_max: Duration::from_secs(300),
            timeout_default: Duration::from_secs(60),
        }
    }
}

const SQL_ROWS_DEFAULT: usize = 1_000;
const EVENTS_MAX: usize = 1_000;
const EVENTS_DEFAULT: usize = 100;
const BUCKETS_MAX: usize = 500;
const BUCKETS_DEFAULT: usize = 60;
const FIELDS_MAX: usize = 30;
const VALUES_MAX: usize = 100;
const VALUES_DEFAULT: usize = 10;

#[derive(Debug, thiserror::Error)]
pub enum UseCaseError {
    #[error(transparent)]
    Query(#[from] QueryError),
    #[error(transparent)]
    Time(#[from] ParseTimeError),
    #[error("{0}")]
    BadRequest(String),
    #[error("{0} questions are being answered already")]
    Busy(usize),
    #[error("no question `{0}` is being answered")]
    NoQuery(String),
    #[error("the answer")]
    Rows(#[from] arrow::error::ArrowError),
}

pub(crate) type Result<T> = std::result::Result<T, UseCaseError>;

/// Kura, as its faces see it.
#[derive(Debug, Clone)]
pub struct Kura {
    pub(crate) engine: Engine,
    running: Running,
    pub(crate) limits: Limits,
    pub(crate) clock: Arc<dyn kura_core::clock::Clock>,
    ways: Arc<OnceLock<Ways>>,
    /// What the log held at the start can be searched.
    is_ready: Arc<AtomicBool>,
    /// Commands of this node show it.
    pub(crate) node_token: Arc<str>,
    ending: CancellationToken,
}

impl Kura {
    #[must_use]
    pub fn new(engine: Engine, clock: Arc<dyn kura_core::clock::Clock>, limits: Limits) -> Self {
        let running = Running::new(clock.clone(), limits.queries_max);
        let (ways, is_ready, ending) = Default::default();
        let node_token = uuid::Uuid::new_v4().to_string().into();
        Kura { engine, running, limits, clock, ways, is_ready, node_token, ending }
    }

    /// From now on events are taken, too.
    pub fn open(&self, ways: Ways) {
        // They are opened once.
        let _ = self.ways.set(ways);
    }

    /// What a command of this node needs to see what this process sees: the rows that are in no
    /// table yet.
    pub fn hot_rows(&self) -> std::result::Result<Vec<u8>, StoreError> {
        let lake = self.engine.lake();
        hot_wire::write(&lake.hot().view(), lake.stream().unwrap_or_default())
    }

    /// Everything that was acknowledged before the start can be searched from now on.
    pub fn set_ready(&self) {
        self.is_ready.store(true, Ordering::Release);
    }

    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.is_ready.load(Ordering::Acquire)
    }

    /// What comes by stream; `None` before the log is open.
    #[must_use]
    pub fn ways(&self) -> Option<&Ways> {
        self.ways.get()
    }

    /// Takes events; `None` before the log is open.
    #[must_use]
    pub fn intake(&self) -> Option<&HttpIntake> {
        self.ways.get().map(|ways| &ways.http)
    }

    /// What a command of this node shows; nobody else is to know it.
    #[must_use]
    pub fn node_token(&self) -> &str {
        &self.node_token
    }

    /// Cancelled once answers without an end are to end.
    #[must_use]
    pub fn ending(&self) -> CancellationToken {
        self.ending.clone()
    }

    pub async fn tables(&self, who: &Identity) -> Result<api::Tables> {
        let tables = self.engine.tables(who).await?;
        Ok(api::Tables { tables: tables.into_iter().map(table).collect() })
    }

    pub async fn sql(&self, who: &Identity, request: api::SqlRequest) -> Result<api::SqlResponse> {
        if request.statement.len() > self.limits.statement_bytes_max {
            let most = self.limits.statement_bytes_max;
            return Err(UseCaseError::BadRequest(format!("a statement has at most {most} bytes")));
        }
        let ticket = self.begin(request.query_id, &request.statement)?;
        let limit = request.limit.unwrap_or(SQL_ROWS_DEFAULT).min(self.limits.rows_max);
        let timeout =
            request.timeout_seconds.map_or(self.limits.timeout_default, Duration::from_secs);
        let options = QueryOptions {
            timeout: Some(timeout.min(self.limits.timeout_max)),
            cancel: ticket.cancel.clone(),
        };
        let mut answer = self.engine.sql(who, &request.statement, &options).await?;
        let columns = answer.schema().fields().iter().map(|field| api::ResultColumn {
            name: field.name().clone(),
            type_name: field.data_type().to_string(),
        });
        let columns = columns.collect();
        let (mut all, mut truncated, mut bytes) = (Vec::new(), false, 0);
        while let Some(batch) = answer.next().await {
            let batch: RecordBatch = batch?;
            let room = limit - all.len();
            truncated = batch.num_rows() > room;
            let batch = batch.slice(0, batch.num_rows().min(room));
            bytes += batch.get_array_memory_size();
            all.extend(rows::arrays(&batch)?);
            truncated |= bytes > self.limits.answer_bytes_max;
            if truncated {
                break;
            }
        }
        let stats = api::Stats { rows: all.len() as u64, ..stats(answer.stats()) };
        Ok(api::SqlResponse {
            query_id: ticket.query_id.clone(),
            columns,
            rows: all,
            truncated,
            stats,
        })
    }

    pub async fn search(
        &self,
        who: &Identity,
        request: api::SearchRequest,
    ) -> Result<api::SearchResponse> {
        let span = self.span(&request.scope)?;
        let ticket = self.begin(request.scope.query_id, &request.scope.query)?;
        let asked = query::SearchRequest {
            table: request.scope.table,
            query: request.scope.query,
            since: span.0,
            until: span.1,
            limit: request.limit.unwrap_or(EVENTS_DEFAULT).clamp(1, EVENTS_MAX),
            cursor: request.cursor,
            options: self.options(&ticket),
        };
        let answer = self.engine.search(who, &asked).await?;
        Ok(api::SearchResponse {
            query_id: ticket.query_id.clone(),
            table: answer.table,
            since: span.0.map(rfc3339),
            until: span.1.map(rfc3339),
            events: rows::objects(&answer.rows)?,
            next_cursor: answer.next_cursor,
            stats: stats(answer.stats),
        })
    }

    pub async fn histogram(
        &self,
        who: &Identity,
        request: api::HistogramRequest,
    ) -> Result<api::HistogramResponse> {
        let span = self.span(&request.scope)?;
        let ticket = self.begin(request.scope.query_id, &request.scope.query)?;
        let asked = query::HistogramRequest {
            table: request.scope.table,
            query: request.scope.query,
            since: span.0,
            until: span.1,
            buckets: request.buckets.unwrap_or(BUCKETS_DEFAULT).clamp(1, BUCKETS_MAX),
            options: self.options(&ticket),
        };
        let answer = self.engine.histogram(who, &asked).await?;
        let bucket = |b: query::Bucket| api::Bucket {
            time: rfc3339(b.time),
            count: b.count,
            errors: b.errors,
        };
        Ok(api::HistogramResponse {
            query_id: ticket.query_id.clone(),
            since: rfc3339(answer.since),
            until: rfc3339(answer.until),
            step_seconds: answer.step_seconds,
            buckets: answer.buckets.into_iter().map(bucket).collect(),
            total: answer.total,
            stats: stats(answer.stats),
        })
    }

    pub async fn fields(
        &self,
        who: &Identity,
        request: api::FieldsRequest,
    ) -> Result<api::FieldsResponse> {
        if request.fields.len() > FIELDS_MAX {
            return Err(UseCaseError::BadRequest(format!("at most {FIELDS_MAX} fields at once")));
        }
        let span = self.span(&request.scope)?;
        let ticket = self.begin(request.scope.query_id, &request.scope.query)?;
        let asked = query::FieldsRequest {
            table: request.scope.table,
            query: request.scope.query,
            since: span.0,
            until: span.1,
            fields: request.fields,
            limit: request.limit.unwrap_or(VALUES_DEFAULT).clamp(1, VALUES_MAX),
            options: self.options(&ticket),
        };
        let answer = self.engine.fields(who, &asked).await?;
        let value = |v: query::ValueCount| api::FieldValue { value: v.value, count: v.count };
        let field = |f: query::FieldValues| api::FieldValues {
            name: f.name,
            values: f.values.into_iter().map(value).collect(),
            missing: f.missing,
        };
        Ok(api::FieldsResponse {
            query_id: ticket.query_id.clone(),
            total: answer.total,
            fields: answer.fields.into_iter().map(field).collect(),
            stats: stats(answer.stats),
        })
    }

    pub fn queries(&self, who: &Identity) -> Result<api::RunningQueries> {
        who.may_read().map_err(QueryError::from)?;
        Ok(api::RunningQueries { queries: self.running.list() })
    }

    pub fn cancel(&self, who: &Identity, query_id: &str) -> Result<()> {
        who.may_read().map_err(QueryError::from)?;
        match self.running.cancel(query_id) {
            true => Ok(()),
            false => Err(UseCaseError::NoQuery(query_id.to_owned())),
        }
    }

    pub(crate) fn begin(&self, query_id: Option<String>, statement: &str) -> Result<Ticket> {
        self.running.begin(query_id, statement).map_err(|refused| match refused {
            Refused::TooMany(most) => UseCaseError::Busy(most),
            Refused::NameInUse => UseCaseError::BadRequest("this `query_id` is in use".to_owned()),
        })
    }

    fn options(&self, ticket: &Ticket) -> QueryOptions {
        QueryOptions { timeout: Some(self.limits.timeout_default), cancel: ticket.cancel.clone() }
    }

    /// From and until when, as the person wrote it.
    fn span(&self, scope: &api::Scope) -> Result<(Option<Micros>, Option<Micros>)> {
        let now = self.clock.now();
        let time = |text: &Option<String>| -> Result<Option<Micros>> {
            let given = text.as_deref().filter(|t| !t.trim().is_empty());
            Ok(given.map(|t| parse_person_time(t, now)).transpose()?)
        };
        Ok((time(&scope.since)?, time(&scope.until)?))
    }
}

fn stats(stats: query::Stats) -> api::Stats {
    api::Stats {
        rows: stats.rows,
        seconds: stats.seconds,
        bytes_scanned: stats.bytes_scanned,
        bytes_total: stats.bytes_total,
        files_scanned: stats.files_scanned,
        files_pruned: stats.files_pruned,
        files_total: stats.files_total,
    }
}

fn table(info: query::TableInfo) -> api::Table {
    let column = |c: query::ColumnInfo| api::Column {
        name: c.name,
        type_name: c.type_name,
        role: c.role.map(str::to_owned),
        json: c.json,
        facet: c.facet,
    };
    api::Table {
        name: info.name,
        kind: match info.kind {
            query::TableKind::Table => api::TableKind::Table,
            query::TableKind::View => api::TableKind::View,
        },
        rows: info.rows,
        files: info.files,
        bytes: info.bytes,
        min_time: info.min_time.map(rfc3339),
        max_time: info.max_time.map(rfc3339),
        columns: info.columns.into_iter().map(column).collect(),
    }
}
