//! The shapes of the HTTP API, in plain types. The OpenAPI file derives from them.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// What answering cost.
#[derive(Debug, Clone, Copy, Default, Serialize, ToSchema)]
pub struct Stats {
    /// Rows of the answer.
    pub rows: u64,
    pub seconds: f64,
    /// Bytes read of data files.
    pub bytes_scanned: u64,
    /// Bytes of all data files of the tables asked.
    pub bytes_total: u64,
    pub files_scanned: u64,
    /// Files that planning left out.
    pub files_pruned: u64,
    pub files_total: u64,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Column {
    pub name: String,
    /// As Athena writes it: `string`, `timestamp`, `struct` and so on.
    #[serde(rename = "type")]
    pub type_name: String,
    /// What the column is in this table: `time`, `account`, `principal`, `address` and so on.
    #[schema(required)]
    pub role: Option<String>,
    /// The column holds JSON text.
    pub json: bool,
    /// The column's top values tell something.
    pub facet: bool,
}

#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum TableKind {
    Table,
    View,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Table {
    pub name: String,
    pub kind: TableKind,
    pub rows: u64,
    pub files: u64,
    pub bytes: u64,
    /// Smallest `_time`, RFC 3339.
    #[schema(required)]
    pub min_time: Option<String>,
    /// Largest `_time`, RFC 3339.
    #[schema(required)]
    pub max_time: Option<String>,
    pub columns: Vec<Column>,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Tables {
    pub tables: Vec<Table>,
}

#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SqlRequest {
    /// One reading statement.
    pub statement: String,
    /// At most so many rows (10,000 at most, 1,000 if not said).
    pub limit: Option<usize>,
    /// Give up after this long (300 at most, 60 if not said).
    pub timeout_seconds: Option<u64>,
    /// A name to cancel it by; made up if not given.
    pub query_id: Option<String>,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ResultColumn {
    pub name: String,
    #[serde(rename = "type")]
    pub type_name: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct SqlResponse {
    pub query_id: String,
    pub columns: Vec<ResultColumn>,
    /// One array per row, one value per column. Integers that JSON readers round are text.
    #[schema(value_type = Vec<Vec<serde_json::Value>>)]
    pub rows: Vec<Vec<serde_json::Value>>,
    /// There were more rows than `limit`.
    pub truncated: bool,
    pub stats: Stats,
}

/// What a search is about; shared by search, histogram and fields.
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub struct Scope {
    /// `cloudtrail` if not given.
    pub table: Option<String>,
    /// Words, "phrases", `field:value`, `-not`.
    #[serde(default)]
    pub query: String,
    /// RFC 3339, a date, or how long ago (`24h`); unbounded if not given.
    pub since: Option<String>,
    /// The same; events before it.
    pub until: Option<String>,
    /// A name to cancel it by; made up if not given.
    pub query_id: Option<String>,
}

#[derive(Debug, Clone, Deserialize, ToSchema)]
pub struct SearchRequest {
    #[serde(flatten)]
    pub scope: Scope,
    /// At most so many events (1,000 at most, 100 if not said).
    pub limit: Option<usize>,
    /// `next_cursor` of the answer before.
    pub cursor: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct SearchResponse {
    pub query_id: String,
    pub table: String,
    #[schema(required)]
    pub since: Option<String>,
    #[schema(required)]
    pub until: Option<String>,
    /// Newest first; every column that is not null.
    #[schema(value_type = Vec<std::collections::HashMap<String, serde_json::Value>>)]
    pub events: Vec<serde_json::Value>,
    #[schema(required)]
    pub next_cursor: Option<String>,
    pub stats: Stats,
}

#[derive(Debug, Clone, Deserialize, ToSchema)]
pub struct HistogramRequest {
    #[serde(flatten)]
    pub scope: Scope,
    /// About so many buckets (500 at most, 60 if not said); steps are round.
    pub buckets: Option<usize>,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Bucket {
    /// Where it begins, RFC 3339.
    pub time: String,
    pub count: u64,
    /// Of these, with an error code.
    pub errors: u64,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct HistogramResponse {
    pub query_id: String,
    /// Where the first bucket begins.
    pub since: String,
    /// Where the last bucket ends.
    pub until: String,
    pub step_seconds: i64,
    pub buckets: Vec<Bucket>,
    pub total: u64,
    pub stats: Stats,
}

#[derive(Debug, Clone, Deserialize, ToSchema)]
pub struct FieldsRequest {
    #[serde(flatten)]
    pub scope: Scope,
    /// Columns, parts of structs, paths into JSON; 30 at most.
    pub fields: Vec<String>,
    /// At most so many values of each (100 at most, 10 if not said).
    pub limit: Option<usize>,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct FieldValue {
    pub value: String,
    pub count: u64,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct FieldValues {
    pub name: String,
    /// Most frequent first.
    pub values: Vec<FieldValue>,
    /// Events without a value.
    pub missing: u64,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct FieldsResponse {
    pub query_id: String,
    pub total: u64,
    pub fields: Vec<FieldValues>,
    pub stats: Stats,
}

/// Which tables, and how much of each.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct SourcesRequest {
    /// One table; all if not given.
    pub table: Option<String>,
    /// At most so many of each table, those with most rows (1,001 at most, 100 if not said).
    pub limit: Option<usize>,
}

/// Where rows of a table come from.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Source {
    pub table: String,
    /// How the places of its objects begin: in AWS's layouts up to the folder of the service,
    /// else up to the object's folder, without folders of dates. `…` stands for all sources
    /// beyond the first 1,000.
    pub source: String,
    pub objects: u64,
    pub rows: u64,
    /// Smallest `_time`, RFC 3339.
    pub first_time: String,
    /// Largest `_time`, RFC 3339.
    pub last_time: String,
    /// Largest `_ingested`, RFC 3339.
    pub last_ingested: String,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SourcesResponse {
    /// By table, then those with most rows first.
    pub sources: Vec<Source>,
    /// Of some table there are more than `limit`.
    pub truncated: bool,
}

#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum DriftKind {
    /// The table has no such column, or the column no such part.
    Unknown,
    /// It has one, and the value did not fit it or was a second one.
    Misfit,
}

/// A field that lies in `_extra`.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct DriftField {
    pub table: String,
    /// The keys from the top of the record, joined with `.`; `*` stands for what in them is
    /// data. `…` stands for all fields beyond the first 1,000.
    pub field: String,
    pub kind: DriftKind,
    /// Rows that have it.
    pub rows: u64,
    /// `_origin` of the row read first.
    pub first_origin: String,
    /// When that was, RFC 3339.
    pub first_seen: String,
    /// When the row read last was, RFC 3339.
    pub last_seen: String,
    /// How the value in the row read first begins, as JSON.
    pub sample: String,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct DriftResponse {
    /// By table, then those in most rows first.
    pub fields: Vec<DriftField>,
    /// Of some table there are more than `limit`.
    pub truncated: bool,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RunningQuery {
    pub query_id: String,
    pub statement: String,
    /// RFC 3339.
    pub started: String,
    pub seconds: f64,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RunningQueries {
    pub queries: Vec<RunningQuery>,
}

/// Which rows are followed.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct TailRequest {
    /// The table; without it the first there is.
    pub table: Option<String>,
    /// In the words of a search.
    pub query: Option<String>,
    /// The id of the last event seen, to go on from; the header `Last-Event-ID` says the same.
    pub after: Option<String>,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct IngestResponse {
    /// Events in the request.
    pub records: u64,
    pub status: IngestStatus,
}

#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum IngestStatus {
    /// They are on disk.
    Stored,
    /// Events of this key were taken before.
    Known,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Health {
    pub status: String,
    pub version: String,
}
