//! Compaction: many small files of a day become few large sorted ones.
//!
//! 1. files of one day that are small are packed into groups, up to the target size and to
//!    as many as may be open at a time; what is small still is packed again;
//! 2. a group is merged in the order of time, row by row: each file is sorted already, so
//!    that only the rows at hand are held. The merged file is read back, and its rows are
//!    counted against those of the originals;
//! 3. one commit replaces the originals; readers see the old files or the new one;
//! 4. originals are deleted after a grace period, with their index files, by `collect`.
//!
//! `compact` is what a person asks for; `compact_some` is what a server does by itself.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap, HashSet};
use std::time::{Duration, UNIX_EPOCH};

use arrow::array::{AsArray, RecordBatch};
use arrow::compute::interleave_record_batch;
use arrow::datatypes::TimestampMicrosecondType;
use deltalake_core::DeltaTable;
use deltalake_core::operations::vacuum::VacuumMode;
use futures::TryStreamExt;
use futures::stream::BoxStream;
use kura_core::memory::MemoryPlan;
use kura_core::storage::remove_stale_staging;
use kura_core::table::{TableSpec, column};
use kura_core::time::{MICROS_PER_SECOND, Micros};
use object_store::path::Path;
use object_store::{MultipartUpload, ObjectStore, ObjectStoreExt};
use serde::Serialize;

use crate::datafile::{self, FileWriter, Written};
use crate::delta::{self, DataFile, TableSnapshot};
use crate::error::{Result, StoreError};
use crate::index::{Entry, IndexFile, Records};
use crate::lake::Lake;
use crate::lease::{UPKEEP, is_streaming};
use crate::location::Location;
use crate::manifest::ManifestFile;
use crate::run::column_of;
use crate::writer::take_over;

const TARGET_BYTES: u64 = 256 << 20;
/// From so many small files of a day and about one size on a server merges them by itself: what
/// was merged is not merged again with each few that come.
const PAYS_FILES: usize = 6;
const TIERS: [u64; 2] = [6 << 20, 48 << 20];
/// What an open file holds at most: a page of each column, and the rows at hand.
const OPEN_FILE_BYTES: u64 = 24 << 20;
/// No batch is under way for longer.
const BATCH_SECONDS_MAX: i64 = 3_600;
/// Pieces in which a merged file goes to the store.
const PART_BYTES: usize = 8 << 20;

/// How large files become. Of each of its rows a merged file has ids and needles in memory until
/// its index is written, which is about as much as the row takes on disk.
#[derive(Debug, Clone, Copy)]
struct Sizes {
    /// A file from this size on is left alone.
    large: u64,
    target: u64,
}

impl Sizes {
    fn within(memory: MemoryPlan) -> Self {
        let target = TARGET_BYTES.min(memory.total / 2);
        Sizes { large: target / 2, target }
    }
}

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
    let lease = take_over(lake, "compact").await?;
    let mut delta = delta::open(location, &spec.name)
        .await?
        .ok_or_else(|| StoreError::NoTable(spec.name.to_string()))?;
    let before = delta::snapshot(location, &spec.name, &delta)?;
    // Every column that the table has, whoever added it.
    let spec = &TableSpec { schema: before.schema.clone(), ..spec.clone() };
    loop {
        let files = delta::snapshot(location, &spec.name, &delta)?.files;
        let small = small_files(&files, &[], Sizes::within(memory));
        let groups = groups(location, small, 2, memory).await?;
        if groups.is_empty() {
            break;
        }
        for group in groups {
            lease.check().await?;
            merge(lake, spec, &mut delta, &group).await?;
        }
    }
    let after = delta::snapshot(location, &spec.name, &delta)?;
    Ok(CompactReport {
        table: spec.name.to_string(),
        files_before: before.files.len() as u64,
        files_after: after.files.len() as u64,
        bytes_before: before.bytes(),
        bytes_after: after.bytes(),
        rows: after.rows(),
    })
}

/// Whether a day of the table has so many small files that merging them pays by itself.
#[must_use]
pub fn pays(table: &TableSnapshot, memory: MemoryPlan) -> bool {
    let small = small_files(&table.files, &TIERS, Sizes::within(memory));
    small.into_values().any(|files| files.len() >= PAYS_FILES)
}

/// Merges one group of a table's small files, if it pays, and lets go of the lease. Returns how
/// many files became one.
pub async fn compact_some(lake: &Lake, spec: &TableSpec, memory: MemoryPlan) -> Result<usize> {
    let location = lake.location();
    let lease = take_over(lake, UPKEEP).await?;
    let Some(mut delta) = delta::open(location, &spec.name).await? else { return Ok(0) };
    let table = delta::snapshot(location, &spec.name, &delta)?;
    let small = small_files(&table.files, &TIERS, Sizes::within(memory));
    let groups = groups(location, small, PAYS_FILES, memory).await?;
    let Some(group) = groups.into_iter().max_by_key(Vec::len) else { return Ok(0) };
    // Every column that the table has, whoever added it.
    let spec = TableSpec { schema: table.schema, ..spec.clone() };
    lease.check().await?;
    merge(lake, &spec, &mut delta, &group).await?;
    Ok(group.len())
}

/// By day, and among which sizes they are.
type SmallFiles<'a> = BTreeMap<(i32, usize), Vec<&'a DataFile>>;

/// `tiers` are the sizes at which another tier begins, ascending.
fn small_files<'a>(files: &'a [DataFile], tiers: &[u64], sizes: Sizes) -> SmallFiles<'a> {
    let mut small = SmallFiles::new();
    for file in files.iter().filter(|file| file.size < sizes.large) {
        let tier = tiers.partition_point(|&from| from <= file.size);
        small.entry((file.day, tier)).or_default().push(file);
    }
    small
}

/// Groups of at least two files, where there are `files_min` of a day and tier, oldest rows first.
async fn groups(
    location: &Location,
    small: SmallFiles<'_>,
    files_min: usize,
    memory: MemoryPlan,
) -> Result<Vec<Vec<DataFile>>> {
    let days = small.into_values().filter(|day| day.len() >= files_min);
    let (open_max, target) = (memory.total / 4, Sizes::within(memory).target);
    let mut groups = Vec::new();
    for mut day in days {
        day.sort_by_key(|file| file.times);
        let (mut group, mut size, mut open): (Vec<DataFile>, u64, u64) = (Vec::new(), 0, 0);
        for file in day {
            let (_, plain) =
                datafile::footer(location.store.clone(), &file.path, file.size).await?;
            let held = plain.min(OPEN_FILE_BYTES);
            if size + file.size > target || (open + held > open_max && group.len() > 1) {
                groups.push(std::mem::take(&mut group));
                (size, open) = (0, 0);
            }
            size += file.size;
            open += held;
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
    let Some(day) = group.first().map(|file| file.day) else { return Ok(()) };
    let mut files = Vec::with_capacity(group.len());
    for file in group {
        files.push(OpenFile::open(location, spec, file).await?);
    }
    let name = datafile::new_name(day);
    let path = location.data_file(&spec.name, &name);
    let mut upload = Upload::begin(location.store.as_ref(), &path).await?;
    let written = write_merged(spec, day, &mut files, &mut upload).await;
    let Written { out, index, statistics } = match written {
        Ok(written) => written,
        Err(error) => {
            upload.abort().await;
            return Err(error);
        }
    };
    location.store.put(&location.index_file(&spec.name, &name), index.into()).await?;
    let size = upload.finish(out).await?;
    let (rows, _) = datafile::footer(location.store.clone(), &path, size).await?;
    let expected: u64 = group.iter().map(|file| file.rows).sum();
    if rows != expected {
        let what = format!("{rows} rows where the originals have {expected}; they stay");
        return Err(StoreError::damaged("compaction", what));
    }
    let file = ManifestFile {
        path: name,
        day,
        size,
        rows,
        statistics: statistics.to_json(),
        written: lake.clock().now(),
    };
    delta::replace(delta, &spec.name, group, &[file], TARGET_BYTES).await
}

/// Takes the earliest row of all files until there is none; what is finished of the merged
/// file goes to the upload.
async fn write_merged(
    spec: &TableSpec,
    day: i32,
    files: &mut [OpenFile],
    upload: &mut Upload,
) -> Result<Written<Vec<u8>>> {
    let mut writer = FileWriter::new(spec, day, Vec::new())?;
    let rows_at_a_time = files.iter().map(|file| file.rows_at_a_time).min().unwrap_or(1);
    let mut entries = Vec::with_capacity(files.iter().map(|file| file.entries.len()).sum());
    let mut earliest = BinaryHeap::new();
    for (number, file) in files.iter_mut().enumerate() {
        earliest.extend(file.time().await?.map(|time| Reverse((time, number))));
    }
    while !earliest.is_empty() {
        let mut picked = Picked::new(files);
        while picked.places.len() < rows_at_a_time
            && let Some(Reverse((_, number))) = earliest.pop()
        {
            let row = u32::try_from(entries.len()).unwrap_or(u32::MAX);
            let file = &mut files[number];
            entries.push(file.entry(row));
            picked.places.push((picked.current[number], file.at));
            file.at += 1;
            if let Some(time) = file.time().await? {
                earliest.push(Reverse((time, number)));
                picked.follow(number, file);
            }
        }
        let batches: Vec<&RecordBatch> = picked.batches.iter().collect();
        let rows = interleave_record_batch(&batches, &picked.places)?;
        let encode = move || writer.write(&rows).map(|()| writer);
        writer = tokio::task::spawn_blocking(encode).await??;
        upload.add(writer.take_bytes()).await?;
    }
    let finish = move || writer.finish(&Records::new(entries));
    tokio::task::spawn_blocking(finish).await?
}

/// Rows that are written next, and the batches in which they lie.
struct Picked {
    batches: Vec<RecordBatch>,
    /// Of each file, which of the batches is its own at present.
    current: Vec<usize>,
    places: Vec<(usize, usize)>,
}

impl Picked {
    fn new(files: &[OpenFile]) -> Self {
        let batches = files.iter().map(|file| file.batch.clone()).collect();
        Picked { batches, current: (0..files.len()).collect(), places: Vec::new() }
    }

    /// The file may have read on.
    fn follow(&mut self, number: usize, file: &OpenFile) {
        if file.at == 0 {
            self.current[number] = self.batches.len();
            self.batches.push(file.batch.clone());
        }
    }
}

/// A file that is merged: where it stands.
struct OpenFile {
    rows: BoxStream<'static, Result<RecordBatch>>,
    batch: RecordBatch,
    times: Vec<Micros>,
    /// The row at hand, in the batch and in the file.
    at: usize,
    before: usize,
    /// By row of the file.
    entries: Vec<Entry>,
    rows_at_a_time: usize,
}

impl OpenFile {
    async fn open(location: &Location, spec: &TableSpec, file: &DataFile) -> Result<Self> {
        let path = location.index_file(&spec.name, &file.name);
        let index = IndexFile::open(location.store.clone(), path.clone()).await?;
        let index = index.ok_or_else(|| StoreError::damaged(path, "the index file is gone"))?;
        let mut entries = index.records().await?.into_entries();
        entries.sort_unstable_by_key(|entry| entry.row);
        let store = location.store.clone();
        let stored = datafile::rows_of(store, spec, &file.path, file.size, file.day).await?;
        Ok(OpenFile {
            rows: stored.rows,
            batch: RecordBatch::new_empty(spec.schema.clone()),
            times: Vec::new(),
            at: 0,
            before: 0,
            entries,
            rows_at_a_time: stored.at_a_time,
        })
    }

    /// The time of the row at hand; reads on where the batch has ended.
    async fn time(&mut self) -> Result<Option<Micros>> {
        while self.at == self.times.len() {
            let Some(batch) = self.rows.try_next().await? else { return Ok(None) };
            self.before += self.times.len();
            self.at = 0;
            let times = column_of(&batch, column::TIME)?;
            self.times = times.as_primitive::<TimestampMicrosecondType>().values().to_vec();
            self.batch = batch;
        }
        Ok(Some(self.times[self.at]))
    }

    /// What the index says of the row at hand, which becomes `row` of the merged file.
    fn entry(&self, row: u32) -> Entry {
        let known = self.entries.get(self.before + self.at);
        known.map_or(Entry { id: 0, content: 0, row }, |entry| Entry { row, ..*entry })
    }
}

/// A file on its way into the store, in parts.
struct Upload {
    parts: Box<dyn MultipartUpload>,
    waiting: Vec<u8>,
    size: u64,
}

impl Upload {
    async fn begin(store: &dyn ObjectStore, path: &Path) -> Result<Self> {
        Ok(Upload { parts: store.put_multipart(path).await?, waiting: Vec::new(), size: 0 })
    }

    async fn add(&mut self, bytes: Vec<u8>) -> Result<()> {
        self.size += bytes.len() as u64;
        self.waiting.extend_from_slice(&bytes);
        if self.waiting.len() >= PART_BYTES {
            self.parts.put_part(std::mem::take(&mut self.waiting).into()).await?;
        }
        Ok(())
    }

    /// Returns the file's size.
    async fn finish(mut self, last: Vec<u8>) -> Result<u64> {
        self.add(last).await?;
        if !self.waiting.is_empty() {
            self.parts.put_part(self.waiting.into()).await?;
        }
        self.parts.complete().await?;
        Ok(self.size)
    }

    /// Best effort: parts that stay are never a file.
    async fn abort(mut self) {
        let _ = self.parts.abort().await;
    }
}

/// Deletes files that no version within the grace period refers to: data files by Delta's
/// vacuum, then index files without a data file.
pub async fn collect(lake: &Lake, table: &str, grace_seconds: i64) -> Result<u64> {
    let location = lake.location();
    let lease = take_over(lake, UPKEEP).await?;
    // Files of a batch of the stream that is under way belong to no version yet.
    let grace_seconds = match is_streaming(location) {
        true => grace_seconds.max(BATCH_SECONDS_MAX),
        false => grace_seconds,
    };
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
    Ok(metrics.files_deleted.len() as u64 + indexes + collect_staging(location, before))
}

/// Where the lake lies in a folder, what uploads left there that were killed.
fn collect_staging(location: &Location, before: Micros) -> u64 {
    let before = UNIX_EPOCH + Duration::from_micros(u64::try_from(before).unwrap_or(0));
    match location.url.to_file_path() {
        // Other places have paths, too.
        Ok(folder) if location.url.scheme() == "file" => remove_stale_staging(&folder, before),
        _ => 0,
    }
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use object_store::memory::InMemory;

    use super::*;

    #[test]
    fn where_the_lake_is_no_folder_nothing_of_this_machine_is_removed() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        std::fs::write(folder.path().join("somebody's#1"), "theirs").expect("written");
        let store = Arc::new(InMemory::new());
        let file = Location::folder_on(folder.path(), store).expect("a folder");
        let url = file.url.as_str().replace("file:", "memory:").parse().expect("a URL");
        let memory = Location { url, ..file.clone() };
        assert_eq!(collect_staging(&memory, Micros::MAX), 0);
        assert_eq!(collect_staging(&file, Micros::MAX), 1);
    }
}
