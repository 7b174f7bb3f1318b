//! A table written anew beside the one that readers see, from the objects that its rows came
//! from; then all of it takes the table's place at once.
//!
//! 1. rows whose object cannot be read again are copied;
//! 2. rows of the other objects are added as an import would, and judged against each other;
//! 3. batch by batch `_kura/rewrite/<table>.json` names the files that are written, and how
//!    far the objects have come: a rewrite that ended early goes on from there, as long as the
//!    table is still the same;
//! 4. one batch replaces the files of the table by the new ones.
//!
//! What was set aside of the same objects lies in `quarantine`, which is written anew with it.

use std::collections::{BTreeMap, HashSet};

use arrow::array::{AsArray, BooleanArray};
use arrow::compute::filter_record_batch;
use futures::TryStreamExt;
use kura_core::counts::Counts;
use kura_core::memory::MemoryPlan;
use kura_core::origin::{ObjectRef, uri_of};
use kura_core::table::{Rows, TableSpec, column, fingerprint};
use object_store::ObjectStoreExt;

use crate::datafile;
use crate::delta::{self, DataFile, TableSnapshot};
use crate::error::{Result, StoreError};
use crate::index::{IndexFile, whole};
use crate::lake::Lake;
use crate::manifest::{Manifest, ManifestTable, State};
use crate::origins::of_table;
use crate::rewrite::{Base, Progress, Rewrite};
use crate::run::column_of;
use crate::writer::Writer;

/// Rewriting a table with the writer: [`Writer::rewriting`], rows and objects as in an import,
/// [`Writer::replace`].
impl Writer {
    /// Becomes the writer, to write a table anew.
    pub async fn rewriting(
        lake: Lake,
        spec: TableSpec,
        quarantine: TableSpec,
        memory: MemoryPlan,
    ) -> Result<Self> {
        let location = lake.location().clone();
        let table = spec.name.to_string();
        let specs = vec![spec, quarantine];
        let mut writer = Writer::open(lake, specs.clone(), memory).await?;
        let mut base = BTreeMap::new();
        for spec in &specs {
            if delta::open(&location, &spec.name).await?.is_none() {
                continue;
            }
            // With the columns that it will have: those make a version of their own.
            let delta = delta::open_or_create(&location, spec).await?;
            let snapshot = delta::snapshot(&location, &spec.name, &delta)?;
            let TableSnapshot { version, files, schema, .. } = snapshot;
            let held = Base { version, files, schema };
            base.insert(spec.name.to_string(), held);
        }
        writer.rewrite = Some(Rewrite { table, base, progress: Progress::default() });
        Ok(writer)
    }

    /// The last object that an earlier rewrite had finished; what comes up to it is there.
    #[must_use]
    pub fn resumes_after(&self) -> Option<&str> {
        self.rewrite.as_ref()?.progress.last_object.as_deref()
    }

    /// Copies the rows of all objects but those that are read again. Returns how many.
    pub async fn copy_all_but(&mut self, read_again: &[&ObjectRef]) -> Result<u64> {
        let mut copied = 0;
        let Some(rewrite) = &mut self.rewrite else { return Ok(copied) };
        rewrite.begin(self.lake.location(), fingerprint_of(read_again)).await?;
        if let Some(copied) = rewrite.progress.copied {
            return Ok(copied);
        }
        let read_again: HashSet<&str> =
            read_again.iter().map(|object| object.uri.as_str()).collect();
        let of = rewrite.table.clone();
        let files: Vec<(String, DataFile)> = rewrite
            .base
            .iter()
            .flat_map(|(table, base)| base.files.iter().map(|file| (table.clone(), file.clone())))
            .collect();
        for (table, file) in files {
            copied += self.copy_file(&table, &file, &of, &read_again).await?;
        }
        self.commit().await?;
        if let Some(rewrite) = &mut self.rewrite {
            rewrite.progress.copied = Some(copied);
            // What was copied was not read.
            rewrite.progress.counts = Counts::default();
            rewrite.save(self.lake.location()).await?;
        }
        Ok(copied)
    }

    async fn copy_file(
        &mut self,
        table: &str,
        file: &DataFile,
        of: &str,
        read_again: &HashSet<&str>,
    ) -> Result<u64> {
        let location = self.lake.location().clone();
        let Some(spec) = self.specs.iter().find(|spec| *spec.name == *table) else {
            return Ok(0);
        };
        let schema = self.rewrite.as_ref().and_then(|rewrite| rewrite.base.get(table));
        let schema = schema.map_or_else(|| spec.schema.clone(), |base| base.schema.clone());
        // Every column that the table has, whoever added it.
        let spec = TableSpec { schema, ..spec.clone() };
        let index = location.index_file(table, &file.name);
        let index = IndexFile::open(location.store.clone(), index.clone())
            .await?
            .ok_or_else(|| StoreError::damaged(index, "the index file is gone"))?;
        let mut entries = index.records().await?.entries().to_vec();
        entries.sort_unstable_by_key(|entry| entry.row);
        let store = location.store.clone();
        let stored = datafile::rows_of(store, &spec, &file.path, file.size, file.day).await?;
        let mut rows = stored.rows;
        let (mut before, mut copied) = (0, 0);
        while let Some(batch) = rows.try_next().await? {
            let of_table = of_table(&batch, table, of)?;
            let from = column_of(&batch, column::ORIGIN)?;
            let from = from.as_string::<i32>();
            let stays = |row| !of_table.value(row) || !read_again.contains(uri_of(from.value(row)));
            let stays: BooleanArray = (0..batch.num_rows()).map(|row| Some(stays(row))).collect();
            let content = (0..batch.num_rows())
                .filter(|&row| stays.value(row))
                .map(|row| entries.get(before + row).map_or(0, |entry| whole(entry.content)))
                .collect();
            before += batch.num_rows();
            let batch = filter_record_batch(&batch, &stays)?;
            if batch.num_rows() > 0 {
                copied += batch.num_rows() as u64;
                self.add_rows(Rows { table: spec.name.clone(), batch, content }).await?;
            }
        }
        Ok(copied)
    }

    /// The new files take the place of the table's, all at once. Returns what the objects
    /// read came to, those of the rewrite that ended early included.
    pub async fn replace(&mut self) -> Result<Counts> {
        self.commit().await?;
        let Some(rewrite) = self.rewrite.take() else { return Ok(Counts::default()) };
        let state = rewrite.path(self.lake.location());
        let Rewrite { base, progress, .. } = rewrite;
        let mut tables: BTreeMap<String, ManifestTable> = BTreeMap::new();
        for (table, base) in base {
            let removed = base.files.into_iter().map(|file| file.name).collect();
            let changed = ManifestTable { table: table.clone(), removed, ..Default::default() };
            tables.insert(table, changed);
        }
        for (table, files) in progress.files {
            let changed = tables.entry(table.clone()).or_default();
            *changed = ManifestTable {
                table,
                rows: files.iter().map(|file| file.rows).sum(),
                files,
                removed: std::mem::take(&mut changed.removed),
            };
        }
        let manifest = Manifest {
            writer: self.id.clone(),
            number: self.number + 1,
            state: State::Open,
            created: self.lake.clock().now(),
            counts: Counts::default(),
            read_as: String::new(),
            objects: Vec::new(),
            wal: None,
            keys: Vec::new(),
            tables: tables.into_values().collect(),
        };
        self.make_visible(manifest).await?;
        self.lake.location().store.delete(&state).await?;
        Ok(progress.counts)
    }
}

/// Other objects, or other versions of them, are another rewrite.
fn fingerprint_of(objects: &[&ObjectRef]) -> u64 {
    let mut all = String::new();
    for object in objects {
        all.push_str(&object.uri);
        all.push('\n');
        all.push_str(&object.version);
        all.push('\n');
    }
    fingerprint(all.as_bytes())
}
