//! Delta tables: created, opened, read as snapshots, appended to exactly once.
//!
//! Kura writes its own Parquet files and plans its own scans; what Delta gives is the log:
//! which files are the table, atomically. Tables stay at reader 1 / writer 2, the versions
//! every engine reads.

use std::collections::{BTreeMap, HashMap, HashSet};

use arrow::datatypes::SchemaRef;
use deltalake_core::kernel::engine::arrow_conversion::TryIntoKernel;
use deltalake_core::kernel::transaction::{CommitBuilder, CommitProperties};
use deltalake_core::kernel::{Action, Add, DataType, Remove, StructField, StructType, Transaction};
use deltalake_core::operations::create::CreateBuilder;
use deltalake_core::protocol::checkpoints::cleanup_expired_logs_for;
use deltalake_core::protocol::{DeltaOperation, SaveMode};
use deltalake_core::{DeltaTable, DeltaTableBuilder};
use futures::TryStreamExt;
use kura_core::causes::WithCauses;
use kura_core::clock::{Clock, SystemClock};
use kura_core::table::{TableSpec, column};
use kura_core::time::{MICROS_PER_SECOND, Micros, day_text, parse_day};
use object_store::ObjectStore;
use object_store::path::Path;

use crate::error::{Result, StoreError};
use crate::location::Location;
use crate::manifest::{ManifestFile, ManifestTable};
use crate::statistics::{ColumnRange, Statistics};

/// One version of a table: its schema and the files it is made of.
#[derive(Debug, Clone)]
pub struct TableSnapshot {
    pub name: String,
    pub version: u64,
    /// Every column, the partition included.
    pub schema: SchemaRef,
    pub files: Vec<DataFile>,
    /// The last batch of this process's stream that it has; 0 for none.
    pub flushed: i64,
}

#[derive(Debug, Clone)]
pub struct DataFile {
    /// Within the table.
    pub name: String,
    /// In the store.
    pub path: Path,
    pub size: u64,
    pub rows: u64,
    pub day: i32,
    pub columns: BTreeMap<String, ColumnRange>,
    /// Smallest and largest `_time`.
    pub times: Option<(Micros, Micros)>,
}

impl TableSnapshot {
    /// A table that is not there yet.
    #[must_use]
    pub fn empty(spec: &TableSpec) -> Self {
        TableSnapshot {
            name: spec.name.to_string(),
            version: 0,
            schema: spec.schema.clone(),
            files: Vec::new(),
            flushed: 0,
        }
    }

    #[must_use]
    pub fn rows(&self) -> u64 {
        self.files.iter().map(|file| file.rows).sum()
    }

    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.files.iter().map(|file| file.size).sum()
    }

    /// Smallest and largest `_time` of all rows.
    #[must_use]
    pub fn times(&self) -> Option<(Micros, Micros)> {
        self.files.iter().filter_map(|file| file.times).reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)))
    }
}

/// How often Delta writes a checkpoint, and how long its log is kept. Whoever else cleans a
/// table's log is to keep it as long as Kura does: see [`LogKept`].
const CONFIGURATION: [(&str, &str); 4] = [
    ("delta.checkpointInterval", "50"),
    ("delta.logRetentionDuration", "interval 10 minutes"),
    ("delta.deletedFileRetentionDuration", "interval 7 days"),
    ("delta.enableExpiredLogCleanup", "true"),
];

/// After so many versions the log is looked at for what need not be kept.
const LOG_LOOK_VERSIONS: u64 = 50;

/// What is kept of a table's log: a busy stream commits every second, and every reader lists
/// the log. At least so many versions,
#[derive(Debug, Clone, Copy)]
struct LogKept {
    versions: u64,
    /// and those of so many minutes, for readers that are about to go on from one of them.
    minutes: i64,
}

impl Default for LogKept {
    fn default() -> Self {
        LogKept { versions: 200, minutes: 10 }
    }
}

fn builder(location: &Location, table: &str) -> Result<DeltaTableBuilder> {
    let url = location.table_url(table)?;
    Ok(DeltaTableBuilder::from_url(url.clone())?.with_storage_backend(location.store.clone(), url))
}

/// The table at its newest version, or `None` if there is none.
pub async fn open(location: &Location, table: &str) -> Result<Option<DeltaTable>> {
    let log = location.table_path(table).join("_delta_log");
    if location.store.list(Some(&log)).try_next().await?.is_none() {
        return Ok(None);
    }
    Ok(Some(builder(location, table)?.load().await?))
}

/// The table, made if there is none, with all columns of its specification: those that it
/// lacks are added to it.
pub async fn open_or_create(location: &Location, spec: &TableSpec) -> Result<DeltaTable> {
    let schema: StructType = spec.schema.as_ref().try_into_kernel()?;
    if let Some(delta) = open(location, &spec.name).await? {
        return add_columns(delta, &spec.name, &schema).await;
    }
    let log_store = builder(location, &spec.name)?.build_storage()?;
    let created = CreateBuilder::new()
        .with_log_store(log_store)
        .with_table_name(spec.name.as_ref())
        .with_columns(schema.fields().cloned())
        .with_partition_columns([column::DAY])
        .with_configuration(
            CONFIGURATION.map(|(key, value)| (key.to_owned(), Some(value.to_owned()))),
        )
        .await?;
    Ok(created)
}

/// A column's type never changes.
async fn add_columns(delta: DeltaTable, table: &str, wanted: &StructType) -> Result<DeltaTable> {
    let present = delta.snapshot()?.schema();
    for field in wanted.fields() {
        let known = present.field(field.name()).map(StructField::data_type);
        if let Some(known) = known.filter(|known| is_other_scalar(known, field.data_type())) {
            let what = format!("`{}` is {known} there, not {}", field.name(), field.data_type());
            return Err(StoreError::OtherColumn { table: table.to_owned(), what });
        }
    }
    let is_new = |field: &&StructField| present.field(field.name()).is_none();
    let new: Vec<StructField> = wanted.fields().filter(is_new).cloned().collect();
    if new.is_empty() {
        return Ok(delta);
    }
    Ok(delta.add_columns().with_fields(new).await?)
}

/// Parts of structs come and go with versions; those are compared by whoever reads them.
fn is_other_scalar(a: &DataType, b: &DataType) -> bool {
    let is_scalar = |of: &DataType| matches!(of, DataType::Primitive(_));
    (is_scalar(a) || is_scalar(b)) && a != b
}

/// What the loaded version of `delta` consists of.
pub fn snapshot(location: &Location, table: &str, delta: &DeltaTable) -> Result<TableSnapshot> {
    let state = delta.snapshot()?;
    let log = state.log_data();
    let files = log.iter().map(|view| {
        let name = view.path().into_owned();
        let statistics = Statistics::parse(view.stats().as_deref().unwrap_or_default());
        let partition = view.partition_values_map().remove(column::DAY).flatten();
        DataFile {
            path: location.data_file(table, &name),
            size: u64::try_from(view.size()).unwrap_or(0),
            rows: statistics.rows,
            day: partition.as_deref().and_then(parse_day).unwrap_or(0),
            times: statistics.times(column::TIME),
            columns: statistics.columns,
            name,
        }
    });
    Ok(TableSnapshot {
        name: table.to_owned(),
        version: state.version(),
        files: files.collect(),
        flushed: 0,
        schema: state.snapshot().arrow_schema(),
    })
}

fn add(file: &ManifestFile, data_change: bool) -> Action {
    let day = Some(day_text(file.day));
    Action::Add(Add {
        path: file.path.clone(),
        partition_values: HashMap::from([(column::DAY.to_owned(), day)]),
        size: i64::try_from(file.size).unwrap_or(i64::MAX),
        modification_time: file.written / 1_000,
        data_change,
        stats: Some(file.statistics.clone()),
        ..Add::default()
    })
}

/// The last batch of `application` that the loaded version of the table has.
pub async fn committed(delta: &DeltaTable, application: &str) -> Result<Option<i64>> {
    let log = delta.log_store();
    Ok(delta.snapshot()?.transaction_version(log.as_ref(), application).await?)
}

/// Adds a batch's files to a table, in the place of those that it removes, exactly once: batch
/// `number` of `application` is in the log's transactions, and a batch that is there already is
/// left alone.
///
/// A response lost on the way is no failure: the next attempt reads the log and finds it.
pub async fn append(
    location: &Location,
    delta: &mut DeltaTable,
    application: &str,
    number: i64,
    batch: &ManifestTable,
) -> Result<()> {
    delta.update_state().await?;
    if committed(delta, application).await?.is_some_and(|last| last >= number) {
        tracing::debug!(table = batch.table, number, "the batch is committed already");
        return Ok(());
    }
    let removed = remove(delta, &batch.table, batch.removed.iter().map(String::as_str), true)?;
    let mode = if removed.is_empty() { SaveMode::Append } else { SaveMode::Overwrite };
    let added = batch.files.iter().map(|file| add(file, true));
    let actions = removed.into_iter().map(Action::Remove).chain(added).collect();
    let operation = DeltaOperation::Write {
        mode,
        partition_by: Some(vec![column::DAY.to_owned()]),
        predicate: None,
    };
    let properties = CommitProperties::default()
        .with_application_transaction(Transaction::new(application, number));
    commit(delta, actions, operation, properties).await?;
    tracing::debug!(table = batch.table, number, lake = location.name, "batch committed");
    Ok(())
}

/// Replaces files by others holding the same rows. Fails if one of the files replaced was
/// replaced meanwhile.
pub async fn replace(
    delta: &mut DeltaTable,
    table: &str,
    old: &[DataFile],
    new: &[ManifestFile],
    target_size: u64,
) -> Result<()> {
    let removes = remove(delta, table, old.iter().map(|file| file.name.as_str()), false)?;
    let actions = removes
        .into_iter()
        .map(Action::Remove)
        .chain(new.iter().map(|file| add(file, false)))
        .collect();
    let target_size = i64::try_from(target_size).unwrap_or(i64::MAX);
    let operation = DeltaOperation::Optimize { predicate: None, target_size };
    commit(delta, actions, operation, CommitProperties::default()).await
}

/// Takes files out of a table, with their rows.
pub async fn delete(delta: &mut DeltaTable, table: &str, old: &[DataFile]) -> Result<()> {
    let removes = remove(delta, table, old.iter().map(|file| file.name.as_str()), true)?;
    let actions = removes.into_iter().map(Action::Remove).collect();
    let operation = DeltaOperation::Delete { predicate: None };
    commit(delta, actions, operation, CommitProperties::default()).await
}

/// Fails if one of the files is not the table's any more.
fn remove<'a>(
    delta: &DeltaTable,
    table: &str,
    names: impl Iterator<Item = &'a str>,
    data_change: bool,
) -> Result<Vec<Remove>> {
    let mut names: HashSet<&str> = names.collect();
    if names.is_empty() {
        return Ok(Vec::new());
    }
    let log = delta.snapshot()?.log_data();
    let files = log.iter().filter(|view| names.contains(view.path().as_ref()));
    let files: Vec<_> = files.collect();
    let removes = files.iter().map(|view| view.remove_action(data_change)).collect();
    for file in &files {
        names.remove(file.path().as_ref());
    }
    match names.into_iter().next() {
        None => Ok(removes),
        Some(gone) => {
            let what = format!("`{gone}`, which was to be replaced, is not the table's any more");
            Err(StoreError::damaged(format!("tables/{table}"), what))
        }
    }
}

async fn commit(
    delta: &mut DeltaTable,
    actions: Vec<Action>,
    operation: DeltaOperation,
    properties: CommitProperties,
) -> Result<()> {
    let log_store = delta.log_store();
    // It would list the log at each commit.
    let properties = properties.with_cleanup_expired_logs(Some(false));
    CommitBuilder::from(properties)
        .with_actions(actions)
        .build(Some(delta.snapshot()?), log_store, operation)
        .await?;
    delta.update_state().await?;
    if delta.version().is_some_and(|version| version.is_multiple_of(LOG_LOOK_VERSIONS))
        && let Err(error) = clean_log(delta, LogKept::default()).await
    {
        tracing::warn!(error = %WithCauses(&error), "a table's log is as long as it was");
    }
    Ok(())
}

/// Deletes entries of the log that came before a checkpoint and need not be kept.
async fn clean_log(delta: &DeltaTable, kept: LogKept) -> Result<usize> {
    let version = delta.version().unwrap_or(0).saturating_sub(kept.versions);
    // The store says when an entry was written, by the world's clock.
    let before = SystemClock.now() - kept.minutes * 60 * MICROS_PER_SECOND;
    let log = delta.log_store();
    Ok(cleanup_expired_logs_for(version, log.as_ref(), before / 1_000, None).await?)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::datatypes::{DataType, Field, Schema};
    use object_store::memory::InMemory;

    use super::*;

    fn batch(number: i64) -> ManifestTable {
        let path = format!("day=2026-11-22/{number}.parquet");
        let statistics = r#"{"numRecords":1}"#.to_owned();
        let file = ManifestFile { path, day: 20_779, size: 1, rows: 1, statistics, written: 0 };
        ManifestTable { table: "t".to_owned(), rows: 1, files: vec![file], removed: Vec::new() }
    }

    #[tokio::test]
    async fn a_log_stays_short_and_who_read_its_beginning_goes_on() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let location = Location::folder_on(folder.path(), Arc::new(InMemory::new()));
        let location = location.expect("a folder");
        let url = location.url.as_str().replace("file:", "memory:").parse().expect("a URL");
        let location = Location { url, ..location };
        let fields = [(column::ID, DataType::Utf8), (column::DAY, DataType::Date32)];
        let fields = fields.map(|(name, data_type)| Field::new(name, data_type, true));
        let none = Vec::<String>::new;
        let spec = TableSpec {
            name: "t".into(),
            schema: Arc::new(Schema::new(fields.to_vec())),
            statistics: none(),
            needles: none(),
            distinct: none(),
        };
        let mut delta = open_or_create(&location, &spec).await.expect("made");
        let mut early = open(&location, "t").await.expect("read").expect("there");
        for number in 1..=105 {
            append(&location, &mut delta, "kura/w", number, &batch(number)).await.expect("stored");
        }
        let kept = LogKept { versions: 5, minutes: 0 };
        assert_eq!(clean_log(&delta, kept).await.expect("cleaned"), 100, "to a checkpoint");
        early.update_state().await.expect("gone on");
        let late = open(&location, "t").await.expect("read").expect("there");
        for delta in [&early, &late, &delta] {
            assert_eq!(snapshot(&location, "t", delta).expect("read").files.len(), 105);
            assert_eq!(committed(delta, "kura/w").await.expect("read"), Some(105));
        }
    }
}
