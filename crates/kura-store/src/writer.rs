//! The one writer of a lake: rows in, batches out, each visible once and all at once.
//!
//! A batch goes:
//! 1. rows gather until a run is full; the run loses what the lake has already, and is cut
//!    into days;
//! 2. the days are written as data files with their index files, which nobody sees yet, side
//!    by side, while the next run gathers;
//! 3. the open manifest names every file and object;
//! 4. each table gets one Delta commit, numbered, so that a repeat is seen as one;
//! 5. the manifest is closed, and the ledger learns the objects.
//!
//! Whatever a crash leaves behind: before 3 only files that nobody refers to (collected by
//! age); after 3 an open manifest, which the next writer finishes before anything else.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::Arc;

use deltalake_core::DeltaTable;
use kura_core::causes::WithCauses;
use kura_core::counts::Counts;
use kura_core::memory::MemoryPlan;
use kura_core::origin::ObjectRef;
use kura_core::table::{Rows, TableSpec};
use object_store::ObjectStoreExt;
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;

use crate::datafile::{self, Encoded};
use crate::dedupe::{self, KnownFile, KnownFiles};
use crate::delta;
use crate::error::{Result, StoreError};
use crate::lake::Lake;
use crate::lease::{Lease, Role};
use crate::ledger::Ledger;
use crate::location::Location;
use crate::manifest::{self, Fold, Manifest, ManifestFile, ManifestObject, ManifestTable, State};
use crate::origins::QUARANTINE;
use crate::rewrite::Rewrite;
use crate::run::{self, DayRows, Key, Run};
use crate::wal::{Cursor, KeyHash};

/// A commit costs some syncs: under a small memory limit several runs share one. What a
/// killed import has to read again is a batch at most.
const RUNS_PER_BATCH: u64 = 4;
const BATCH_BYTES: u64 = 512 << 20;
/// So many of the newest batches are not folded, so that folding is seldom. A start reads three
/// times as many manifests at most.
const UNFOLDED: u32 = 200;

#[derive(Debug)]
pub struct Writer {
    pub(crate) lake: Lake,
    lease: Lease,
    ledger: Ledger,
    /// This node, as the tables' logs know it.
    pub(crate) id: String,
    pub(crate) number: i64,
    /// What it writes comes by stream: no place of it ever comes twice.
    is_stream: bool,
    /// With this batch those that are older are folded again.
    folds_at: i64,
    memory: MemoryPlan,
    /// What the objects are said to be; empty where they are recognised.
    read_as: String,
    pub(crate) specs: Vec<TableSpec>,
    tables: BTreeMap<Arc<str>, OpenTable>,
    /// As many files are encoded at a time as there are cores.
    encoders: Arc<Semaphore>,
    batch: Batch,
    /// The batch before, whose last files are still being written.
    sealed: Option<Batch>,
    /// A table is written anew: batches are noted down until all of them take its place.
    pub(crate) rewrite: Option<Rewrite>,
}

#[derive(Debug)]
struct OpenTable {
    spec: TableSpec,
    delta: DeltaTable,
    /// Of the version that `files` lists.
    version: u64,
    files: KnownFiles,
}

/// What is under way and visible to nobody.
#[derive(Debug, Default)]
struct Batch {
    objects: Vec<ManifestObject>,
    counts: Counts,
    gathered: BTreeMap<Arc<str>, Vec<Rows>>,
    gathered_bytes: usize,
    /// Of all its rows, the written ones included.
    bytes: u64,
    /// Files that are being written.
    writing: Vec<Writing>,
    written: BTreeMap<Arc<str>, Vec<ManifestFile>>,
    /// What of the log is in it.
    stretch: Option<Stretch>,
}

/// A stretch of the log: where its reader is behind it, and the senders' keys in it.
#[derive(Debug, Clone, Default)]
pub struct Stretch {
    pub cursor: Cursor,
    pub keys: Vec<KeyHash>,
}

#[derive(Debug)]
struct Writing {
    table: Arc<str>,
    file: JoinHandle<Result<ManifestFile>>,
    known: KnownFile,
}

impl Writer {
    /// Becomes the writer: takes the lease, finishes what an earlier one began, and brings
    /// the ledger up to date. `specs` are the tables that may be written.
    pub async fn open(lake: Lake, specs: Vec<TableSpec>, memory: MemoryPlan) -> Result<Self> {
        let location = lake.location().clone();
        let id = node_id(&location)?;
        let lease = take_over(&lake, &id).await?;
        Self::with(lake, id, lease, specs, memory).await
    }

    /// Becomes the writer of what comes by stream, beside those who import and merge in this
    /// process.
    pub async fn open_stream(
        lake: Lake,
        specs: Vec<TableSpec>,
        memory: MemoryPlan,
    ) -> Result<Self> {
        let node = node_id(lake.location())?;
        let now = lake.clock().now();
        let mut lease = Lease::acquire(lake.location(), Role::Stream, &node, now).await?;
        let id = format!("{node}-stream");
        finish_open_manifests(lake.location(), &lease, &id).await?;
        lease.share()?;
        let mut writer = Self::with(lake, id, lease, specs, memory).await?;
        writer.is_stream = true;
        writer.lake.set_stream(writer.application());
        writer.lake.hot().begin_after(writer.number);
        Ok(writer)
    }

    async fn with(
        lake: Lake,
        id: String,
        lease: Lease,
        specs: Vec<TableSpec>,
        memory: MemoryPlan,
    ) -> Result<Self> {
        let location = lake.location().clone();
        let mut ledger = Ledger::open(&location.data.join("meta.sqlite"), lake.id())?;
        ledger.catch_up(&location).await?;
        let number = ledger.last_number(&id)?;
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let mut writer = Writer {
            lake,
            lease,
            ledger,
            id,
            number,
            is_stream: false,
            folds_at: number,
            memory,
            read_as: String::new(),
            specs,
            tables: BTreeMap::new(),
            encoders: Arc::new(Semaphore::new(cores)),
            batch: Batch::default(),
            sealed: None,
            rewrite: None,
        };
        writer.fold_sometimes().await;
        Ok(writer)
    }

    /// After a failure: what was added and is in no batch is forgotten, and a batch that was
    /// begun is finished. What became of it, [`Writer::stretches`] says.
    pub async fn recover(&mut self) -> Result<()> {
        self.batch = Batch::default();
        self.sealed = None;
        self.tables.clear();
        self.lease.check().await?;
        finish_open_manifests(self.lake.location(), &self.lease, &self.id).await?;
        self.ledger.catch_up(self.lake.location()).await?;
        self.number = self.ledger.last_number(&self.id)?;
        Ok(())
    }

    fn application(&self) -> String {
        manifest::application(&self.id)
    }

    /// The number that the next batch gets.
    #[must_use]
    pub fn next_number(&self) -> i64 {
        self.number + 1
    }

    /// Where the log's reader was at the end of the last batch, and the keys of the last ones.
    pub async fn stretches(&mut self) -> Result<Stretch> {
        let (cursor, keys) = manifest::stretches(self.lake.location(), &self.id).await?;
        Ok(Stretch { cursor, keys })
    }

    /// The batch under way holds this stretch of the log; `counts` are its records.
    pub fn add_stretch(&mut self, stretch: Stretch, counts: Counts) {
        self.batch.counts += counts;
        self.batch.stretch = Some(stretch);
    }

    /// All objects are read as this, whatever they were read as before.
    pub fn read_as(&mut self, name: &str, spec: TableSpec) {
        self.read_as = name.to_owned();
        self.specs.retain(|known| known.name != spec.name);
        self.specs.push(spec);
    }

    /// For each object, whether this version of it is in the lake.
    pub fn know<'a>(&self, objects: impl Iterator<Item = &'a ObjectRef>) -> Result<Vec<bool>> {
        self.ledger.know(objects, &self.read_as)
    }

    /// Whether this version of the object was said to be this when it was read.
    pub fn was_read_as(&self, object: &ObjectRef, name: &str) -> Result<bool> {
        Ok(self.ledger.know(std::iter::once(object), name)?.contains(&true))
    }

    /// Whether this is the only version of the object that the lake ever took in.
    pub fn knows_only(&self, object: &ObjectRef) -> Result<bool> {
        self.ledger.knows_only(object)
    }

    /// Adds rows to the batch under way.
    pub async fn add_rows(&mut self, rows: Rows) -> Result<()> {
        let bytes = rows.batch.get_array_memory_size();
        self.batch.gathered_bytes += bytes;
        self.batch.bytes += bytes as u64;
        self.batch.gathered.entry(rows.table.clone()).or_default().push(rows);
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

    /// Whether the batch holds so much that it should be sealed at the next object's end.
    #[must_use]
    pub fn is_full(&self) -> bool {
        let run = self.memory.run;
        let batch = (RUNS_PER_BATCH * run).min(BATCH_BYTES).max(run);
        self.batch.bytes >= batch * 3 / 4
    }

    /// Ends the batch and begins the next. It becomes visible while that one gathers, at
    /// the latest with `commit`. Returns the counts of what became visible meanwhile.
    pub async fn seal(&mut self) -> Result<Counts> {
        self.write_run().await?;
        let earlier = self.sealed.replace(std::mem::take(&mut self.batch));
        match earlier {
            Some(batch) => self.publish(batch).await,
            None => Ok(Counts::default()),
        }
    }

    /// Makes everything visible that was added. Returns the counts of what became visible.
    pub async fn commit(&mut self) -> Result<Counts> {
        let mut counts = self.seal().await?;
        self.finish_writing().await?;
        if let Some(batch) = self.sealed.take() {
            counts += self.publish(batch).await?;
        }
        Ok(counts)
    }

    /// Makes a batch visible whose files are all written, all of it at once per table.
    async fn publish(&mut self, batch: Batch) -> Result<Counts> {
        let is_empty = batch.objects.is_empty() && batch.written.is_empty();
        if is_empty && batch.stretch.is_none() {
            return Ok(batch.counts);
        }
        if let Some(rewrite) = &mut self.rewrite {
            self.lease.check().await?;
            let last_object = batch.objects.last().map(|object| object.uri.clone());
            let location = self.lake.location();
            rewrite.note(location, batch.written, batch.counts, last_object).await?;
            return Ok(batch.counts);
        }
        let tables = batch.written.into_iter().map(|(table, files)| ManifestTable {
            table: table.to_string(),
            rows: files.iter().map(|file| file.rows).sum(),
            files,
            removed: Vec::new(),
        });
        let manifest = Manifest {
            writer: self.id.clone(),
            number: self.number + 1,
            state: State::Open,
            created: self.lake.clock().now(),
            counts: batch.counts,
            read_as: self.read_as.clone(),
            objects: batch.objects,
            wal: batch.stretch.as_ref().map(|stretch| stretch.cursor.clone()),
            keys: batch.stretch.map(|stretch| stretch.keys).unwrap_or_default(),
            tables: tables.collect(),
        };
        self.make_visible(manifest).await
    }

    pub(crate) async fn make_visible(&mut self, mut manifest: Manifest) -> Result<Counts> {
        self.lease.check().await?;
        manifest.create(self.lake.location()).await?;
        for table in &manifest.tables {
            self.lease.check().await?;
            let location = self.lake.location().clone();
            let open = self.table(&table.table.as_str().into()).await?;
            let (application, number) = (manifest.application(), manifest.number);
            delta::append(&location, &mut open.delta, &application, number, table).await?;
            self.lake.busy().committed(&table.table);
        }
        manifest.close(self.lake.location()).await?;
        let batch = Fold::from(manifest);
        self.ledger.add(&batch)?;
        // Not before: while this one may be open, the next finds its number taken.
        self.number = batch.last;
        self.fold_sometimes().await;
        Ok(batch.counts)
    }

    /// Failing to does no harm; it is tried again later.
    async fn fold_sometimes(&mut self) {
        if self.number < self.folds_at {
            return;
        }
        if let Err(error) = self.fold(UNFOLDED).await {
            tracing::warn!(error = %WithCauses(&error), "old batches could not be folded");
        }
    }

    /// Folds the manifests of its batches but for the newest `left`, once there are as many
    /// others.
    pub async fn fold(&mut self, left: u32) -> Result<()> {
        self.folds_at = self.number + i64::from(left.max(1));
        self.lease.check().await?;
        manifest::fold(self.lake.location(), &self.id, left as usize).await
    }

    /// Begins to write what has gathered as data files of the batch, once the run before is
    /// written: one run gathers while one is written, and memory holds no more.
    async fn write_run(&mut self) -> Result<()> {
        let gathered = std::mem::take(&mut self.batch.gathered);
        self.batch.gathered_bytes = 0;
        let mut days = Vec::new();
        for (table, rows) in gathered {
            let judged = self.judge_run(&table, rows).await?;
            days.extend(judged.into_iter().map(|known| (table.clone(), known)));
        }
        self.finish_writing().await?;
        for (table, known) in days {
            self.begin_writing(table, known);
        }
        Ok(())
    }

    /// Leaves out what the table has; the rest, by day, is known from now on.
    async fn judge_run(&mut self, table: &Arc<str>, rows: Vec<Rows>) -> Result<Vec<KnownFile>> {
        self.refresh(table).await?;
        let Some(open) = self.tables.get_mut(table) else { return Ok(Vec::new()) };
        let location = self.lake.location();
        let (run, keys) = Run::new(rows)?;
        let is_new = |key: &Key| self.is_stream && run.is_by_place(key);
        let (new, keys): (Vec<Key>, Vec<Key>) = keys.into_iter().partition(is_new);
        let is_judged = !keys.is_empty();
        let mut verdict = dedupe::judge(location, &mut open.files, &run, keys).await?;
        verdict.keep.extend(new);
        count(&mut self.batch.counts, table, &verdict);
        let mut files = Vec::new();
        for rows in run::days(&run, verdict.keep) {
            let known = new_file(location, table, &rows);
            match is_judged {
                true => open.files.add_new(known.clone(), rows.records()),
                false => open.files.add_unread(known.clone()),
            }
            files.push(known);
        }
        Ok(files)
    }

    fn begin_writing(&mut self, table: Arc<str>, known: KnownFile) {
        let (Some(open), Some(rows)) = (self.tables.get(&table), known.rows.clone()) else {
            return;
        };
        let (spec, encoders) = (open.spec.clone(), self.encoders.clone());
        let (location, now) = (self.lake.location().clone(), self.lake.clock().now());
        let (name, of) = (known.name.clone(), table.clone());
        let file = tokio::spawn(async move {
            let permit = encoders.acquire_owned().await;
            let encoded = tokio::task::spawn_blocking(move || datafile::encode(&spec, &rows));
            let encoded = encoded.await??;
            drop(permit);
            put(&location, &of, name, encoded, now).await
        });
        self.batch.writing.push(Writing { table, file, known });
    }

    /// Waits for the files that are being written, of this batch and of the one before.
    async fn finish_writing(&mut self) -> Result<()> {
        for batch in self.sealed.iter_mut().chain([&mut self.batch]) {
            for Writing { table, file, known } in std::mem::take(&mut batch.writing) {
                let file = file.await??;
                if let Some(open) = self.tables.get_mut(&table) {
                    open.files.written(&known.path, file.size);
                }
                batch.written.entry(table).or_default().push(file);
            }
        }
        Ok(())
    }

    /// The table, opened if it is not open.
    async fn table(&mut self, table: &Arc<str>) -> Result<&mut OpenTable> {
        match self.tables.entry(table.clone()) {
            Entry::Occupied(open) => Ok(open.into_mut()),
            Entry::Vacant(place) => {
                let spec = self.specs.iter().find(|spec| spec.name == *table);
                let spec = spec.ok_or_else(|| StoreError::NoTable(table.to_string()))?.clone();
                let delta = delta::open_or_create(self.lake.location(), &spec).await?;
                let hashes = usize::try_from(self.memory.hashes).unwrap_or(usize::MAX);
                let files = KnownFiles::new(hashes);
                Ok(place.insert(OpenTable { spec, delta, version: u64::MAX, files }))
            }
        }
    }

    /// Opens the table, and lists its files anew if it changed.
    async fn refresh(&mut self, table: &Arc<str>) -> Result<()> {
        let location = self.lake.location().clone();
        self.table(table).await?;
        let Some(open) = self.tables.get_mut(table) else { return Ok(()) };
        open.delta.update_state().await?;
        let version = open.delta.version().unwrap_or(0);
        if version != open.version {
            let mut files: Vec<KnownFile> = match &self.rewrite {
                Some(rewrite) => {
                    let written = rewrite.files(table).iter();
                    written.map(|f| known(&location, table, &f.path, f.size, f.day)).collect()
                }
                None => {
                    let snapshot = delta::snapshot(&location, table, &open.delta)?;
                    let committed = snapshot.files.iter();
                    committed.map(|f| known(&location, table, &f.name, f.size, f.day)).collect()
                }
            };
            // Files of batches under way are not in the log and count all the same.
            for batch in self.sealed.iter().chain([&self.batch]) {
                let written = batch.written.get(table).into_iter().flatten();
                files.extend(written.map(|f| known(&location, table, &f.path, f.size, f.day)));
                let writing = batch.writing.iter().filter(|writing| writing.table == *table);
                files.extend(writing.map(|writing| writing.known.clone()));
            }
            open.files.replace(files);
            open.version = version;
        }
        Ok(())
    }
}

fn count(counts: &mut Counts, table: &str, verdict: &dedupe::Verdict) {
    let kept = verdict.keep.len() as u64;
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
        name: name.to_owned(),
        path: location.data_file(table, name),
        index: location.index_file(table, name),
        size,
        day,
        rows: None,
    }
}

/// A file that is about to be written, under a name of its own.
fn new_file(location: &Location, table: &str, rows: &DayRows) -> KnownFile {
    let name = datafile::new_name(rows.day());
    KnownFile { rows: Some(rows.clone()), ..known(location, table, &name, 0, rows.day()) }
}

/// Writes index and data file, in this order: a data file is never without its index.
pub(crate) async fn put(
    location: &Location,
    table: &str,
    name: String,
    file: Encoded,
    now: kura_core::time::Micros,
) -> Result<ManifestFile> {
    let size = file.data.len() as u64;
    location.store.put(&location.index_file(table, &name), file.index.into()).await?;
    location.store.put(&location.data_file(table, &name), file.data.into()).await?;
    Ok(ManifestFile {
        path: name,
        day: file.day,
        size,
        rows: file.statistics.rows,
        statistics: file.statistics.to_json(),
        written: now,
    })
}

/// Becomes the one who may change the lake: nobody before left anything half done.
pub(crate) async fn take_over(lake: &Lake, name: &str) -> Result<Lease> {
    let (location, now) = (lake.location(), lake.clock().now());
    let node = node_id(location)?;
    let mut lease = Lease::acquire(location, Role::Alone(name), &node, now).await?;
    finish_open_manifests(location, &lease, &node).await?;
    lease.share()?;
    Ok(lease)
}

/// Finishes every batch that was begun: its files are all there, its commits may not be. Beside
/// others of this node only those of `writer`: theirs are under way. Only a writer's last batch
/// may not be closed.
async fn finish_open_manifests(location: &Location, lease: &Lease, writer: &str) -> Result<()> {
    for batches in manifest::list(location).await? {
        if !lease.is_first && writer != batches.writer {
            continue;
        }
        let Some(name) = batches.manifests.last() else { continue };
        let mut manifest = manifest::read(&location.store, name).await?;
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
