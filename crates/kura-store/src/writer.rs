//! The one writer of a lake: rows in, batches out, each visible once and all at once.
//!
//! A batch goes:
//! 1. rows gather until a run is full; the run loses what the lake has already, is sorted,
//!    cut into days and written as data files with their index files, which nobody sees yet;
//! 2. `commit` writes the rest, then the open manifest naming every file and object;
//! 3. each table gets one Delta commit, numbered, so that a repeat is seen as one;
//! 4. the manifest is closed, and the ledger learns the objects.
//!
//! Whatever a crash leaves behind: before 2 only files that nobody refers to (collected by
//! age); after 2 an open manifest, which the next writer finishes before anything else.

use std::collections::BTreeMap;

use deltalake_core::DeltaTable;
use kura_core::counts::Counts;
use kura_core::memory::MemoryPlan;
use kura_core::origin::ObjectRef;
use kura_core::table::{Rows, TableSpec};
use object_store::ObjectStoreExt;

use crate::datafile::{self, Encoded, take_content};
use crate::dedupe::{self, IndexCache, KnownFile};
use crate::delta::{self, DataFile};
use crate::error::{Result, StoreError};
use crate::lake::Lake;
use crate::lease::Lease;
use crate::ledger::Ledger;
use crate::location::Location;
use crate::manifest::{self, Manifest, ManifestFile, ManifestObject, ManifestTable, State};

/// Rows of this table are not stored records but set-aside ones.
const QUARANTINE: &str = "quarantine";

#[derive(Debug)]
pub struct Writer {
    lake: Lake,
    lease: Lease,
    ledger: Ledger,
    /// This node, as the tables' logs know it.
    id: String,
    number: i64,
    memory: MemoryPlan,
    specs: Vec<TableSpec>,
    tables: BTreeMap<&'static str, OpenTable>,
    cache: IndexCache,
    batch: Batch,
}

#[derive(Debug)]
struct OpenTable {
    spec: TableSpec,
    delta: DeltaTable,
    /// Of the version that `files` lists.
    version: u64,
    files: Vec<KnownFile>,
}

/// What is under way and visible to nobody.
#[derive(Debug, Default)]
struct Batch {
    objects: Vec<ManifestObject>,
    counts: Counts,
    gathered: BTreeMap<&'static str, Vec<Rows>>,
    gathered_bytes: usize,
    written: BTreeMap<&'static str, Vec<ManifestFile>>,
}

impl Writer {
    /// Becomes the writer: takes the lease, finishes what an earlier one began, and brings
    /// the ledger up to date. `specs` are the tables that may be written.
    pub async fn open(lake: Lake, specs: Vec<TableSpec>, memory: MemoryPlan) -> Result<Self> {
        let location = lake.location().clone();
        let id = node_id(&location)?;
        let lease = Lease::acquire(&location, &id, lake.clock().now()).await?;
        finish_open_manifests(&location).await?;
        let mut ledger = Ledger::open(&location.data.join("meta.sqlite"), lake.id())?;
        ledger.catch_up(&location).await?;
        let number = ledger.last_number(&id)?;
        let cache = IndexCache::new(usize::try_from(memory.decode / 2).unwrap_or(usize::MAX));
        Ok(Writer {
            lake,
            lease,
            ledger,
            id,
            number,
            memory,
            specs,
            tables: BTreeMap::new(),
            cache,
            batch: Batch::default(),
        })
    }

    /// Whether this version of the object is in the lake.
    pub fn knows(&self, object: &ObjectRef) -> Result<bool> {
        self.ledger.knows(object)
    }

    /// Adds rows to the batch under way. Returns what a full run came to.
    pub async fn add_rows(&mut self, rows: Rows) -> Result<()> {
        self.batch.gathered_bytes += rows.batch.get_array_memory_size();
        self.batch.gathered.entry(rows.table).or_default().push(rows);
        if self.batch.gathered_bytes as u64 >= self.memory.run {
            self.write_run().await?;
        }
        Ok(())
    }

    /// Adds an object whose rows have all been added; `counts` are its own, without what
    /// only the store can know (stored, duplicates, conflicting, quarantined).
    pub fn add_object(&mut self, object: Option<ObjectRef>, counts: Counts) {
        self.batch.counts += counts;
        if let Some(object) = object {
            let ObjectRef { uri, version, size } = object;
            self.batch.objects.push(ManifestObject { uri, version, size });
        }
    }

    /// Whether the batch holds so much that it should be committed at the next object's end.
    #[must_use]
    pub fn is_full(&self) -> bool {
        !self.batch.written.is_empty()
            || self.batch.gathered_bytes as u64 >= self.memory.run * 3 / 4
    }

    /// Makes the batch visible, all of it at once per table. Returns its counts.
    pub async fn commit(&mut self) -> Result<Counts> {
        self.write_run().await?;
        let batch = std::mem::take(&mut self.batch);
        if batch.objects.is_empty() && batch.written.is_empty() {
            return Ok(batch.counts);
        }
        let tables = batch.written.into_iter().map(|(table, files)| ManifestTable {
            table: table.to_owned(),
            rows: files.iter().map(|file| file.rows).sum(),
            files,
        });
        let mut manifest = Manifest {
            writer: self.id.clone(),
            number: self.number + 1,
            state: State::Open,
            created: self.lake.clock().now(),
            counts: batch.counts,
            objects: batch.objects,
            tables: tables.collect(),
        };
        self.lease.check().await?;
        manifest.create(self.lake.location()).await?;
        self.number = manifest.number;
        for table in &manifest.tables {
            self.lease.check().await?;
            if let Some(open) = self.tables.get_mut(table.table.as_str()) {
                let application = manifest.application();
                let location = self.lake.location();
                delta::append(location, &mut open.delta, &application, manifest.number, table)
                    .await?;
            }
        }
        manifest.close(self.lake.location()).await?;
        self.ledger.add(&manifest)?;
        Ok(manifest.counts)
    }

    /// Writes what has gathered as data files of the batch.
    async fn write_run(&mut self) -> Result<()> {
        let gathered = std::mem::take(&mut self.batch.gathered);
        self.batch.gathered_bytes = 0;
        for (table, runs) in gathered {
            self.write_table_run(table, runs).await?;
        }
        Ok(())
    }

    async fn write_table_run(&mut self, table: &'static str, runs: Vec<Rows>) -> Result<()> {
        self.refresh(table).await?;
        let Some(open) = self.tables.get_mut(table) else { return Ok(()) };
        let location = self.lake.location().clone();
        let (batch, content) = datafile::gather(&open.spec, &runs)?;
        drop(runs);
        let mut verdict =
            dedupe::judge(&location, &mut self.cache, &batch, &content, &open.files).await?;
        let keep = arrow::array::BooleanArray::from(std::mem::take(&mut verdict.keep));
        let kept = arrow::compute::filter_record_batch(&batch, &keep)?;
        let flags: Vec<bool> = keep.values().iter().collect();
        let content = take_content(&content, &flags);
        drop(batch);
        count(&mut self.batch.counts, table, kept.num_rows() as u64, &verdict);
        let spec = open.spec.clone();
        let work = move || encode_days(&spec, &kept, &content);
        let encoded = tokio::task::spawn_blocking(work).await??;
        let now = self.lake.clock().now();
        for file in encoded {
            let written = put(&location, table, file, now).await?;
            open.files.push(known(&location, table, &written.path, written.size, written.day));
            self.batch.written.entry(table).or_default().push(written);
        }
        Ok(())
    }

    /// Opens the table if it is not open, and lists its files anew if it changed.
    async fn refresh(&mut self, table: &'static str) -> Result<()> {
        let location = self.lake.location().clone();
        if !self.tables.contains_key(table) {
            let spec = self.specs.iter().find(|spec| spec.name == table);
            let spec = spec.ok_or_else(|| StoreError::NoTable(table.to_owned()))?.clone();
            let delta = delta::open_or_create(&location, &spec).await?;
            let open = OpenTable { spec, delta, version: u64::MAX, files: Vec::new() };
            self.tables.insert(table, open);
        }
        let Some(open) = self.tables.get_mut(table) else { return Ok(()) };
        open.delta.update_state().await?;
        let version = open.delta.version().unwrap_or(0);
        if version != open.version {
            let snapshot = delta::snapshot(&location, table, &open.delta)?;
            let file = |f: &DataFile| known(&location, table, &f.name, f.size, f.day);
            open.files = snapshot.files.iter().map(file).collect();
            // Files of the batch under way are not in the log and count all the same.
            let pending = self.batch.written.get(table).into_iter().flatten();
            open.files.extend(pending.map(|f| known(&location, table, &f.path, f.size, f.day)));
            open.version = version;
        }
        Ok(())
    }
}

fn count(counts: &mut Counts, table: &str, kept: u64, verdict: &dedupe::Verdict) {
    counts.duplicates += verdict.duplicates;
    match table {
        QUARANTINE => counts.quarantined += kept,
        _ => {
            counts.stored += kept;
            counts.conflicting += verdict.conflicting;
        }
    }
}

fn known(location: &Location, table: &str, name: &str, size: u64, day: i32) -> KnownFile {
    KnownFile {
        path: location.data_file(table, name),
        index: location.index_file(table, name),
        size,
        day,
    }
}

/// Sorts, cuts into days and encodes.
fn encode_days(
    spec: &TableSpec,
    batch: &arrow::array::RecordBatch,
    content: &[u64],
) -> Result<Vec<Encoded>> {
    let days = datafile::sorted_days(batch, content)?;
    days.iter().map(|(day, rows, content)| datafile::encode(spec, *day, rows, content)).collect()
}

/// Writes index and data file, in this order: a data file is never without its index.
pub(crate) async fn put(
    location: &Location,
    table: &str,
    file: Encoded,
    now: kura_core::time::Micros,
) -> Result<ManifestFile> {
    let path = datafile::new_name(file.day);
    let size = file.data.len() as u64;
    location.store.put(&location.index_file(table, &path), file.index.into()).await?;
    location.store.put(&location.data_file(table, &path), file.data.into()).await?;
    Ok(ManifestFile {
        path,
        day: file.day,
        size,
        rows: file.statistics.rows,
        statistics: file.statistics.to_json(),
        written: now,
    })
}

/// Finishes every batch that was begun: its files are all there, its commits may not be.
async fn finish_open_manifests(location: &Location) -> Result<()> {
    for name in manifest::list(location).await? {
        let mut manifest = manifest::read(&location.store, &name).await?;
        if manifest.state == State::Closed {
            continue;
        }
        tracing::info!(number = manifest.number, "finishing a batch that was begun");
        for table in &manifest.tables {
            let mut delta = delta::open(location, &table.table)
                .await?
                .ok_or_else(|| StoreError::NoTable(table.table.clone()))?;
            let application = manifest.application();
            delta::append(location, &mut delta, &application, manifest.number, table).await?;
        }
        manifest.close(location).await?;
    }
    Ok(())
}

/// This node's name in the tables' logs: made once, kept on its disk. A disk that is lost
/// takes the name with it; the next one counts its batches from the beginning.
fn node_id(location: &Location) -> Result<String> {
    let folder = &location.data;
    std::fs::create_dir_all(folder).map_err(|e| StoreError::disk(folder, e))?;
    let path = folder.join("node-id");
    match std::fs::read_to_string(&path) {
        Ok(id) if uuid::Uuid::parse_str(id.trim()).is_ok() => Ok(id.trim().to_owned()),
        _ => {
            let id = uuid::Uuid::new_v4().to_string();
            let staging = folder.join(format!("node-id.{id}"));
            std::fs::write(&staging, &id).map_err(|e| StoreError::disk(&staging, e))?;
            std::fs::rename(&staging, &path).map_err(|e| StoreError::disk(&path, e))?;
            Ok(id)
        }
    }
}
