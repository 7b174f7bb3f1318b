//! Compaction: many small files of a day become few large sorted ones.
//!
//! 1. files of one day that are small are packed into groups, up to the target size and to
//!    what memory may hold;
//! 2. a group is read, merged, sorted, written, and read back: its rows are counted against
//!    those of the originals;
//! 3. one commit replaces the originals; readers see the old files or the new one;
//! 4. originals are deleted after a grace period, with their index files, by `collect`.

use std::collections::{BTreeMap, HashSet};

use deltalake_core::DeltaTable;
use deltalake_core::operations::vacuum::VacuumMode;
use futures::TryStreamExt;
use kura_core::memory::MemoryPlan;
use kura_core::table::{Rows, TableSpec};
use kura_core::time::{MICROS_PER_SECOND, Micros};
use object_store::{ObjectStore, ObjectStoreExt};
use serde::Serialize;

use crate::datafile;
use crate::delta::{self, DataFile};
use crate::error::{Result, StoreError};
use crate::index::Index;
use crate::lake::Lake;
use crate::lease::Lease;
use crate::location::Location;
use crate::writer::put;

/// A file from this size on is left alone.
const LARGE_BYTES: u64 = 128 << 20;
const TARGET_BYTES: u64 = 256 << 20;
/// Decoded rows take about this many times what they take uncompressed in the file, sorting
/// and encoding included.
const DECODED_FACTOR: u64 = 3;

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct CompactReport {
    pub table: String,
    pub files_before: u64,
    pub files_after: u64,
    pub bytes_before: u64,
    pub bytes_after: u64,
    pub rows: u64,
}

/// Compacts one table.
pub async fn compact(lake: &Lake, spec: &TableSpec, memory: MemoryPlan) -> Result<CompactReport> {
    let location = lake.location();
    let lease = Lease::acquire(location, "compact", lake.clock().now()).await?;
    let mut delta = delta::open(location, spec.name)
        .await?
        .ok_or_else(|| StoreError::NoTable(spec.name.to_owned()))?;
    let before = delta::snapshot(location, spec.name, &delta)?;
    for group in groups(location, &before.files, memory).await? {
        lease.check().await?;
        merge(lake, spec, &mut delta, &group).await?;
    }
    let after = delta::snapshot(location, spec.name, &delta)?;
    Ok(CompactReport {
        table: spec.name.to_owned(),
        files_before: before.files.len() as u64,
        files_after: after.files.len() as u64,
        bytes_before: before.bytes(),
        bytes_after: after.bytes(),
        rows: after.rows(),
    })
}

/// Groups of at least two files of one day, oldest rows first.
async fn groups(
    location: &Location,
    files: &[DataFile],
    memory: MemoryPlan,
) -> Result<Vec<Vec<DataFile>>> {
    let mut days: BTreeMap<i32, Vec<&DataFile>> = BTreeMap::new();
    for file in files.iter().filter(|file| file.size < LARGE_BYTES) {
        days.entry(file.day).or_default().push(file);
    }
    let plain_max = memory.total / 2 / DECODED_FACTOR;
    let mut groups = Vec::new();
    for mut day in days.into_values() {
        day.sort_by_key(|file| file.times);
        let (mut group, mut size, mut plain): (Vec<DataFile>, u64, u64) = (Vec::new(), 0, 0);
        for file in day {
            let (_, file_plain) =
                datafile::footer(location.store.clone(), &file.path, file.size).await?;
            if size + file.size > TARGET_BYTES || plain + file_plain > plain_max {
                groups.push(std::mem::take(&mut group));
                (size, plain) = (0, 0);
            }
            size += file.size;
            plain += file_plain;
            group.push(file.clone());
        }
        groups.push(group);
    }
    groups.retain(|group| group.len() > 1);
    Ok(groups)
}

async fn merge(
    lake: &Lake,
    spec: &TableSpec,
    delta: &mut DeltaTable,
    group: &[DataFile],
) -> Result<()> {
    let location = lake.location();
    let mut runs = Vec::with_capacity(group.len());
    for file in group {
        runs.push(read(location, spec, file).await?);
    }
    let table = spec.clone();
    let work = move || -> Result<_> {
        let (batch, content) = datafile::gather(&table, &runs)?;
        drop(runs);
        let days = datafile::sorted_days(&batch, &content)?;
        days.iter()
            .map(|(day, rows, content)| datafile::encode(&table, *day, rows, content))
            .collect::<Result<Vec<_>>>()
    };
    let encoded = tokio::task::spawn_blocking(work).await??;
    let mut written = Vec::new();
    let mut rows = 0;
    for file in encoded {
        let file = put(location, spec.name, file, lake.clock().now()).await?;
        let path = location.data_file(spec.name, &file.path);
        rows += datafile::footer(location.store.clone(), &path, file.size).await?.0;
        written.push(file);
    }
    let expected: u64 = group.iter().map(|file| file.rows).sum();
    if rows != expected {
        let what = format!("{rows} rows where the originals have {expected}; they stay");
        return Err(StoreError::damaged("compaction", what));
    }
    delta::replace(delta, group, &written, TARGET_BYTES).await
}

/// A file's rows, with the content hashes from its index, in the file's order.
async fn read(location: &Location, spec: &TableSpec, file: &DataFile) -> Result<Rows> {
    let batch = datafile::read_rows(location.store.clone(), spec, &file.path, file.day).await?;
    let path = location.index_file(spec.name, &file.name);
    let bytes = location.store.get(&path).await?.bytes().await?;
    let index = Index::decode(path.as_ref(), &bytes)?;
    let mut content = vec![0; batch.num_rows()];
    for entry in index.entries() {
        if let Some(place) = content.get_mut(entry.row as usize) {
            *place = entry.content;
        }
    }
    Ok(Rows { table: spec.name, batch, content })
}

/// Deletes files that no version within the grace period refers to: data files by Delta's
/// vacuum, then index files without a data file.
pub async fn collect(lake: &Lake, table: &str, grace_seconds: i64) -> Result<u64> {
    let location = lake.location();
    let lease = Lease::acquire(location, "collect", lake.clock().now()).await?;
    let delta =
        delta::open(location, table).await?.ok_or_else(|| StoreError::NoTable(table.to_owned()))?;
    lease.check().await?;
    let (_, metrics) = delta
        .vacuum()
        .with_mode(VacuumMode::Full)
        .with_retention_period(chrono::Duration::seconds(grace_seconds))
        .with_enforce_retention_duration(false)
        .await?;
    let before = lake.clock().now() - grace_seconds * MICROS_PER_SECOND;
    let indexes = collect_indexes(location, table, before).await?;
    Ok(metrics.files_deleted.len() as u64 + indexes)
}

async fn collect_indexes(location: &Location, table: &str, before: Micros) -> Result<u64> {
    let names: HashSet<String> = location
        .store
        .list(Some(&location.table_path(table)))
        .try_filter_map(|object| async move {
            let name = object.location.filename().unwrap_or_default();
            Ok(name.strip_suffix(".parquet").map(ToOwned::to_owned))
        })
        .try_collect()
        .await?;
    let folder = location.path(&format!("_kura/index/{table}"));
    let indexes: Vec<_> = location.store.list(Some(&folder)).try_collect().await?;
    let mut deleted = 0;
    for index in indexes {
        let orphan = index.location.filename().is_some_and(|name| !names.contains(name));
        if orphan && index.last_modified.timestamp_micros() < before {
            location.store.delete(&index.location).await?;
            deleted += 1;
        }
    }
    Ok(deleted)
}
