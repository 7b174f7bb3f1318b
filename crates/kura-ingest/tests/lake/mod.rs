//! A lake in a temporary folder, and a look into its tables that asks neither Kura's
//! engine nor anyone else's.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use arrow::array::{AsArray, RecordBatch};
use kura_core::clock::FixedClock;
use kura_core::memory::MemoryPlan;
use kura_core::origin::ObjectRef;
use kura_core::size::{ByteSize, MIB};
use kura_core::time::parse_log_time;
use kura_formats::Catalogue;
use kura_formats::{Format, formats, known_table};
use kura_ingest::import::tables;
use kura_ingest::{
    ImportError, ImportOptions, Note, Progress, ReparseReport, Report, Silent, Work, import,
    reparse,
};
use kura_store::compact::{CompactReport, collect, compact};
use kura_store::upkeep::{Done, Upkeep};
use kura_store::{Lake, Location, StoreError, TableSnapshot, Writer};
use object_store::{ObjectStore, ObjectStoreExt};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

pub struct TestLake(tempfile::TempDir);

fn memory() -> MemoryPlan {
    MemoryPlan::new(Some(ByteSize(256 * MIB)))
}

pub fn object(uri: &str) -> ObjectRef {
    ObjectRef { uri: uri.to_owned(), version: "1".to_owned(), size: 1 }
}

pub async fn import_into(location: Location, sources: &[String]) -> Result<Report, ImportError> {
    import_within(location, sources, memory()).await
}

async fn import_within(
    location: Location,
    sources: &[String],
    memory: MemoryPlan,
) -> Result<Report, ImportError> {
    let lake = lake_at(location).await?;
    import(&lake, ImportOptions::new(sources.to_vec(), memory), Arc::new(Silent)).await
}

/// A lake whose clock stands.
async fn lake_at(location: Location) -> Result<Lake, StoreError> {
    let now = parse_log_time("2026-11-21T00:00:00Z").expect("a time");
    Lake::open_or_create(location, Arc::new(FixedClock::at(now))).await
}

/// How many objects there are to read.
#[derive(Debug, Default)]
struct Objects(AtomicU64);

impl Progress for Objects {
    fn begin(&self, objects: u64, _bytes: u64) {
        self.0.store(objects, Ordering::Relaxed);
    }
    fn bytes(&self, _bytes: u64) {}
    fn records(&self, _records: u64) {}
    fn note(&self, _note: &Note) {}
}

impl TestLake {
    pub fn new() -> Self {
        TestLake(tempfile::tempdir().expect("a temporary folder"))
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    pub fn data(&self) -> PathBuf {
        self.path().join("_kura/node")
    }

    fn location(&self) -> Location {
        Location::folder(self.path()).expect("a folder")
    }

    async fn lake(&self) -> Lake {
        let clock = Arc::new(kura_core::clock::SystemClock);
        Lake::open_or_create(self.location(), clock).await.expect("a lake")
    }

    pub async fn import(&self, folder: &crate::Folder) -> Report {
        self.try_import(&folder.name()).await.expect("an import")
    }

    pub async fn import_with_little_memory(&self, folder: &crate::Folder) -> Report {
        let memory = MemoryPlan::new(Some(ByteSize(64 * MIB)));
        import_within(self.location(), &[folder.name()], memory).await.expect("an import")
    }

    pub async fn import_as(&self, folder: &crate::Folder, format: Arc<dyn Format>) -> Report {
        let lake = lake_at(self.location()).await.expect("a lake");
        let options = ImportOptions {
            format: Some(format),
            ..ImportOptions::new(vec![folder.name()], memory())
        };
        import(&lake, options, Arc::new(Silent)).await.expect("an import")
    }

    pub async fn reparse(&self, table: &str) -> Result<ReparseReport, ImportError> {
        let lake = lake_at(self.location()).await.expect("a lake");
        reparse(&lake, table, &Work::new(memory()), Arc::new(Silent)).await
    }

    pub async fn reparse_on(
        &self,
        store: Arc<dyn ObjectStore>,
    ) -> Result<ReparseReport, ImportError> {
        let location = Location::folder_on(self.path(), store).expect("a folder");
        let lake = lake_at(location).await?;
        reparse(&lake, "cloudtrail", &Work::new(memory()), Arc::new(Silent)).await
    }

    /// What it came to, and how many objects it read.
    pub async fn reparse_with_little_memory(
        &self,
        store: Arc<dyn ObjectStore>,
    ) -> (Result<ReparseReport, ImportError>, u64) {
        let location = Location::folder_on(self.path(), store).expect("a folder");
        let lake = lake_at(location).await.expect("a lake");
        let work = Work::new(MemoryPlan::new(Some(ByteSize(64 * MIB))));
        let objects = Arc::new(Objects::default());
        let outcome = reparse(&lake, "cloudtrail", &work, objects.clone()).await;
        (outcome, objects.0.load(Ordering::Relaxed))
    }

    pub async fn try_import(&self, source: &str) -> Result<Report, ImportError> {
        import_into(self.location(), &[source.to_owned()]).await
    }

    pub async fn writer(&self) -> Writer {
        Writer::open(self.lake().await, tables(&Catalogue::default()), memory())
            .await
            .expect("a writer")
    }

    /// Folds all batches but the newest ones.
    pub async fn fold_on(&self, store: Arc<dyn ObjectStore>, left: u32) -> Result<(), StoreError> {
        let lake = lake_at(Location::folder_on(self.path(), store)?).await?;
        let mut writer = Writer::open(lake, tables(&Catalogue::default()), memory()).await?;
        writer.fold(left).await
    }

    /// The same of what comes by stream.
    pub async fn fold_stream(&self, left: u32) -> Result<(), StoreError> {
        let lake = lake_at(self.location()).await?;
        let mut writer = Writer::open_stream(lake, tables(&Catalogue::default()), memory()).await?;
        writer.fold(left).await
    }

    /// Objects that the batches lie in: folds, and manifests.
    pub fn batch_objects(&self) -> (usize, usize) {
        let names = walkdir::WalkDir::new(self.path().join("_kura/batches")).into_iter();
        let files = names.map(|name| name.expect("an entry")).filter(|n| n.file_type().is_file());
        let folds: Vec<bool> =
            files.map(|f| f.path().to_string_lossy().ends_with(".zst")).collect();
        let manifests = folds.iter().filter(|is_fold| !**is_fold).count();
        (folds.len() - manifests, manifests)
    }

    /// A writer with a disk of its own, as on another node.
    pub async fn writer_on_node(&self, node: &str) -> Writer {
        let data = self.path().join(format!("_kura/{node}"));
        let location = Location { data, ..self.location() };
        let clock = Arc::new(kura_core::clock::SystemClock);
        let lake = Lake::open_or_create(location, clock).await.expect("a lake");
        Writer::open(lake, tables(&Catalogue::default()), memory()).await.expect("a writer")
    }

    pub async fn compact_on(
        &self,
        store: Arc<dyn ObjectStore>,
    ) -> Result<CompactReport, StoreError> {
        let location = Location::folder_on(self.path(), store).expect("a folder");
        let lake = Lake::open(location, Arc::new(kura_core::clock::SystemClock)).await?;
        compact(&lake, &formats::by_name("cloudtrail").expect("a format").table(), memory()).await
    }

    pub async fn compact(&self, table: &str) -> CompactReport {
        let spec = tables(&Catalogue::default())
            .into_iter()
            .find(|spec| *spec.name == *table)
            .expect("a table");
        compact(&self.lake().await, &spec, memory()).await.expect("compaction")
    }

    /// One round of a server's upkeep: what it did.
    pub async fn upkeep(&self) -> Vec<Done> {
        let done = Mutex::new(Vec::new());
        let spec_of = |table: &TableSnapshot| known_table(&table.name, &table.schema).spec;
        let mut upkeep = Upkeep::new(self.lake().await, memory(), spec_of);
        let note = |what| done.lock().expect("nobody panicked").push(what);
        upkeep.round(&note).await.expect("a round");
        done.into_inner().expect("nobody panicked")
    }

    /// Collects without grace.
    pub async fn collect(&self, table: &str) -> u64 {
        collect(&self.lake().await, table, 0).await.expect("collecting")
    }

    async fn batches(&self, table: &str) -> Vec<RecordBatch> {
        let lake = self.lake().await;
        let Ok(snapshot) = lake.snapshot(table).await else { return Vec::new() };
        let mut batches = Vec::new();
        for file in &snapshot.files {
            let object = lake.location().store.get(&file.path).await.expect("a data file");
            let bytes = object.bytes().await.expect("readable");
            assert_eq!(bytes.len() as u64, file.size);
            let reader = ParquetRecordBatchReaderBuilder::try_new(bytes).expect("Parquet");
            let read: Vec<_> = reader.build().expect("Parquet").map(|b| b.expect("rows")).collect();
            let rows: usize = read.iter().map(RecordBatch::num_rows).sum();
            assert_eq!(rows as u64, file.rows, "the log tells the truth");
            batches.extend(read);
        }
        batches
    }

    pub async fn texts(&self, table: &str, column: &str) -> Vec<String> {
        let mut texts = Vec::new();
        for batch in self.batches(table).await {
            let values = batch.column_by_name(column).expect("a column").clone();
            texts.extend(values.as_string::<i32>().iter().map(|v| v.unwrap_or("").to_owned()));
        }
        texts.sort();
        texts
    }

    pub async fn rows(&self, table: &str) -> usize {
        self.batches(table).await.iter().map(RecordBatch::num_rows).sum()
    }

    pub async fn has(&self, table: &str) -> bool {
        self.lake().await.snapshot(table).await.is_ok()
    }

    /// Ids and names of events, sorted.
    pub async fn names(&self, table: &str) -> Vec<(String, String)> {
        let mut rows = Vec::new();
        for batch in self.batches(table).await {
            let texts = |column: &str| batch.column_by_name(column).expect("a column").clone();
            let (ids, names) = (texts("_id"), texts("eventname"));
            let pairs = ids.as_string::<i32>().iter().zip(names.as_string::<i32>().iter());
            let owned = |text: Option<&str>| text.unwrap_or_default().to_owned();
            rows.extend(pairs.map(|(id, name)| (owned(id), owned(name))));
        }
        rows.sort();
        rows
    }

    pub async fn ids(&self, table: &str) -> Vec<String> {
        self.texts(table, "_id").await
    }

    pub async fn quarantine_reasons(&self) -> Vec<String> {
        self.texts("quarantine", "reason").await
    }

    pub async fn days(&self, table: &str) -> Vec<i32> {
        let snapshot = self.lake().await.snapshot(table).await.expect("a table");
        let mut days: Vec<i32> = snapshot.files.iter().map(|file| file.day).collect();
        days.sort_unstable();
        days.dedup();
        days
    }

    /// Every row of both tables: id, origin, and the record's own columns in a line.
    pub async fn contents(&self) -> Vec<String> {
        let mut lines = self.contents_of("cloudtrail").await;
        lines.extend(self.contents_of("quarantine").await);
        lines
    }

    pub async fn contents_of(&self, table: &str) -> Vec<String> {
        let mut lines = Vec::new();
        for batch in self.batches(table).await {
            let mut out = Vec::new();
            let mut writer = arrow::json::LineDelimitedWriter::new(&mut out);
            writer.write(&batch).expect("to memory");
            let text = String::from_utf8(out).expect("text");
            lines.extend(text.lines().map(|line| format!("{table} {line}")));
        }
        lines.sort();
        lines
    }
}
