//! Which of some rows are in the table already, or come twice among themselves.
//!
//! Copies of a record share its id and its time, hence its day: only files of the days
//! touched are asked. Hashes in index files give the hints, real ids decide:
//! 1. within the run: same id, same content → the later one is a duplicate;
//! 2. against each file of the day: hash hits, verified on the ids in the data file;
//! 3. same id, other content everywhere it was met → kept, and counted as conflicting.

use std::collections::HashMap;
use std::sync::Arc;

use arrow::array::{AsArray, RecordBatch};
use kura_core::table::{column, fingerprint};
use object_store::path::Path;

use object_store::ObjectStoreExt;

use crate::datafile::{self, column_of, days_of};
use crate::error::Result;
use crate::index::{Entry, Index};
use crate::location::Location;

/// A file of the table, committed or about to be.
#[derive(Debug, Clone)]
pub struct KnownFile {
    pub path: Path,
    pub index: Path,
    pub size: u64,
    pub day: i32,
}

#[derive(Debug)]
pub struct Verdict {
    /// One per row.
    pub keep: Vec<bool>,
    pub duplicates: u64,
    pub conflicting: u64,
}

/// Index files read before, up to a number of bytes.
#[derive(Debug)]
pub struct IndexCache {
    indexes: HashMap<Path, Arc<Index>>,
    bytes: usize,
    bytes_max: usize,
}

impl IndexCache {
    pub fn new(bytes_max: usize) -> Self {
        IndexCache { indexes: HashMap::new(), bytes: 0, bytes_max }
    }

    pub async fn get(&mut self, location: &Location, path: &Path) -> Result<Arc<Index>> {
        if let Some(index) = self.indexes.get(path) {
            return Ok(index.clone());
        }
        let bytes = location.store.get(path).await?.bytes().await?;
        let index = Arc::new(Index::decode(path.as_ref(), &bytes)?);
        let size = size_of_val(index.entries());
        if self.bytes + size > self.bytes_max {
            self.indexes.clear();
            self.bytes = 0;
        }
        self.bytes += size;
        self.indexes.insert(path.clone(), index.clone());
        Ok(index)
    }
}

/// What a row met.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Met {
    Nothing,
    SameId,
    SameRecord,
}

pub async fn judge(
    location: &Location,
    cache: &mut IndexCache,
    batch: &RecordBatch,
    content: &[u64],
    files: &[KnownFile],
) -> Result<Verdict> {
    let ids = column_of(batch, column::ID)?;
    let ids: Vec<&str> = ids.as_string::<i32>().iter().map(|id| id.unwrap_or("")).collect();
    let hashes = ids.iter().map(|id| fingerprint(id.as_bytes())).collect();
    let records = Records { ids, hashes, content };
    let mut met = records.within();
    let mut by_day: HashMap<i32, Vec<usize>> = HashMap::new();
    for (row, day) in days_of(batch)?.into_iter().enumerate() {
        by_day.entry(day).or_default().push(row);
    }
    for file in files {
        let Some(rows) = by_day.get(&file.day) else { continue };
        let index = cache.get(location, &file.index).await?;
        records.against(location, file, &index, rows, &mut met).await?;
    }
    let count = |what| met.iter().filter(|&&m| m == what).count() as u64;
    Ok(Verdict {
        keep: met.iter().map(|&m| m != Met::SameRecord).collect(),
        duplicates: count(Met::SameRecord),
        conflicting: count(Met::SameId),
    })
}

/// The rows in question, one entry per row in each.
struct Records<'a> {
    ids: Vec<&'a str>,
    hashes: Vec<u64>,
    content: &'a [u64],
}

impl Records<'_> {
    fn compare(&self, row: usize, content: u64) -> Met {
        if self.content[row] == content { Met::SameRecord } else { Met::SameId }
    }

    fn within(&self) -> Vec<Met> {
        let mut first: HashMap<u64, Vec<usize>> = HashMap::with_capacity(self.ids.len());
        let mut met = Vec::with_capacity(self.ids.len());
        for row in 0..self.ids.len() {
            let same_hash = first.entry(self.hashes[row]).or_default();
            let verdict = same_hash
                .iter()
                .filter(|&&other| self.ids[other] == self.ids[row])
                .map(|&other| self.compare(row, self.content[other]))
                .max()
                .unwrap_or(Met::Nothing);
            if verdict != Met::SameRecord {
                same_hash.push(row);
            }
            met.push(verdict);
        }
        met
    }

    async fn against(
        &self,
        location: &Location,
        file: &KnownFile,
        index: &Index,
        rows: &[usize],
        met: &mut [Met],
    ) -> Result<()> {
        let mut hits: Vec<(Entry, usize)> = rows
            .iter()
            .filter(|&&row| met[row] != Met::SameRecord)
            .flat_map(|&row| index.find(self.hashes[row]).iter().map(move |&entry| (entry, row)))
            .collect();
        if hits.is_empty() {
            return Ok(());
        }
        hits.sort_unstable_by_key(|(entry, _)| entry.row);
        let mut places: Vec<u32> = hits.iter().map(|(entry, _)| entry.row).collect();
        places.dedup();
        let store = location.store.clone();
        let real = datafile::read_ids(store, &file.path, file.size, &places).await?;
        for (entry, row) in hits {
            let at = places.partition_point(|&place| place < entry.row);
            if real.get(at).is_some_and(|id| id == self.ids[row]) {
                met[row] = met[row].max(self.compare(row, entry.content));
            }
        }
        Ok(())
    }
}
