//! Which files, and which rows of them, can hold the values that a filter asks for: told
//! from the index files, before a data file is opened.
//!
//! A filter that no row passes unless a column has one of some values is a *guarantee*
//! (DataFusion finds them, in conjunctions and disjunctions). For `_id` the index names the
//! rows, for a needle column the row groups; what is not named is not read.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use datafusion::common::ScalarValue;
use datafusion::datasource::physical_plan::parquet::{ParquetAccessPlan, RowGroupAccess};
use datafusion::parquet::arrow::arrow_reader::{RowSelection, RowSelector};
use datafusion::physical_expr::utils::{Guarantee, LiteralGuarantee, conjunction};
use datafusion::physical_plan::PhysicalExpr;
use futures::{StreamExt, TryStreamExt, stream};
use kura_core::table::column;
use kura_store::index::{Entry, Needles, hash_of};
use kura_store::{DataFile, IndexFile, Lake, StoreError};

/// More values than this are no needles.
const VALUES_MAX: usize = 256;
/// Index files read at a time.
const READS: usize = 16;
/// Heads of index files that are kept.
const HEADS_MAX: usize = 4_096;
/// What a column that is kept takes beside its values.
const COLUMN_BYTES: usize = 256;

/// A file that may hold rows that matter.
#[derive(Debug)]
pub struct Candidate {
    pub file: DataFile,
    /// What of it to read, where the index says more than "somewhere".
    pub access: Option<ParquetAccessPlan>,
}

/// Index files that were read before. Files never change under their name.
#[derive(Debug)]
pub struct Indexes {
    heads: Kept<String, Option<IndexFile>>,
    columns: Kept<(String, String), Option<Arc<Needles>>>,
}

/// What was read before, up to so much of it.
#[derive(Debug)]
struct Kept<K, V> {
    max: usize,
    held: Mutex<Held<K, V>>,
}

#[derive(Debug)]
struct Held<K, V> {
    values: HashMap<K, V>,
    weight: usize,
}

/// A column, and the hashes of the values of which it must have one.
struct Wanted {
    column: String,
    hashes: Vec<u64>,
}

/// Keeps the files that may hold rows passing `filters`, and the bytes read to know.
pub async fn by_index(
    lake: &Lake,
    indexes: &Indexes,
    table: &str,
    files: Vec<DataFile>,
    filters: &[Arc<dyn PhysicalExpr>],
) -> Result<(Vec<Candidate>, u64), StoreError> {
    let wanted = wanted(filters);
    if wanted.is_empty() {
        let all = files.into_iter().map(|file| Candidate { file, access: None });
        return Ok((all.collect(), 0));
    }
    let wanted = &wanted;
    let looked_up = stream::iter(files)
        .map(|file| async move { look_up(lake, indexes, table, file, wanted).await })
        .buffered(READS)
        .try_collect::<Vec<_>>()
        .await?;
    let bytes = looked_up.iter().map(|(_, bytes)| bytes).sum();
    Ok((looked_up.into_iter().filter_map(|(candidate, _)| candidate).collect(), bytes))
}

fn wanted(filters: &[Arc<dyn PhysicalExpr>]) -> Vec<Wanted> {
    if filters.is_empty() {
        return Vec::new();
    }
    let all = conjunction(filters.iter().cloned());
    let guarantees = LiteralGuarantee::analyze(&all).into_iter();
    let wanted = guarantees.filter_map(|LiteralGuarantee { column, guarantee, literals }| {
        let few = guarantee == Guarantee::In && literals.len() <= VALUES_MAX;
        let texts = literals.iter().filter(|_| few).map(text_of).collect::<Option<Vec<_>>>()?;
        let hashes: Vec<u64> = texts.into_iter().map(hash_of).collect();
        (!hashes.is_empty()).then(|| Wanted { column: column.name().to_owned(), hashes })
    });
    wanted.collect()
}

fn text_of(value: &ScalarValue) -> Option<&str> {
    value.try_as_str().flatten()
}

async fn look_up(
    lake: &Lake,
    indexes: &Indexes,
    table: &str,
    file: DataFile,
    wanted: &[Wanted],
) -> Result<(Option<Candidate>, u64), StoreError> {
    let (index, mut bytes) = indexes.open(lake, table, &file).await?;
    let Some(index) = index else { return Ok((Some(Candidate { file, access: None }), bytes)) };
    let mut groups = vec![true; index.groups()];
    let mut rows: Option<Vec<u32>> = None;
    for Wanted { column, hashes } in wanted {
        if column == column::ID {
            let (found, read) = find_all(&index, hashes).await?;
            bytes += read;
            rows = Some(match rows {
                Some(known) => known.into_iter().filter(|row| found.contains(row)).collect(),
                None => found,
            });
        } else {
            let (needles, read) = indexes.needles(&index, &file, column).await?;
            bytes += read;
            let Some(needles) = needles else { continue };
            let having = needles.groups(hashes, groups.len());
            groups.iter_mut().zip(having).for_each(|(keep, has)| *keep &= has);
        }
    }
    let access = match rows {
        Some(rows) => rows_plan(&index, &groups, &rows),
        None => groups_plan(&groups),
    };
    let candidate = access.map(|access| Candidate { file, access });
    Ok((candidate, bytes))
}

async fn find_all(index: &IndexFile, hashes: &[u64]) -> Result<(Vec<u32>, u64), StoreError> {
    let (mut rows, mut bytes) = (Vec::new(), 0);
    for &hash in hashes {
        let (found, read) = index.find(hash).await?;
        rows.extend(found.iter().map(|Entry { row, .. }| *row));
        bytes += read;
    }
    rows.sort_unstable();
    rows.dedup();
    Ok((rows, bytes))
}

/// `None` if no row group matters, `Some(None)` if all do.
fn groups_plan(groups: &[bool]) -> Option<Option<ParquetAccessPlan>> {
    if groups.iter().all(|keep| *keep) {
        return Some(None);
    }
    let access = |keep: &bool| if *keep { RowGroupAccess::Scan } else { RowGroupAccess::Skip };
    let plan = ParquetAccessPlan::new(groups.iter().map(access).collect());
    groups.contains(&true).then_some(Some(plan))
}

/// Reads these rows and no others.
fn rows_plan(
    index: &IndexFile,
    groups: &[bool],
    rows: &[u32],
) -> Option<Option<ParquetAccessPlan>> {
    let mut plan = ParquetAccessPlan::new_none(groups.len());
    let mut any = false;
    for (at, _) in groups.iter().enumerate().filter(|(_, keep)| **keep) {
        let first = at * index.group_rows();
        let last = (first + index.group_rows()).min(index.rows());
        let inside: Vec<usize> = rows
            .iter()
            .map(|&row| row as usize)
            .filter(|row| (first..last).contains(row))
            .collect();
        if inside.is_empty() {
            continue;
        }
        any = true;
        let mut selectors = Vec::with_capacity(2 * inside.len() + 1);
        let mut next = first;
        for row in inside {
            selectors.push(RowSelector::skip(row - next));
            selectors.push(RowSelector::select(1));
            next = row + 1;
        }
        selectors.push(RowSelector::skip(last - next));
        plan.set(at, RowGroupAccess::Selection(RowSelection::from(selectors)));
    }
    any.then_some(Some(plan))
}

impl Indexes {
    /// Keeps at most `bytes_max` of columns.
    pub fn new(bytes_max: usize) -> Self {
        Indexes { heads: Kept::new(HEADS_MAX), columns: Kept::new(bytes_max) }
    }

    async fn open(
        &self,
        lake: &Lake,
        table: &str,
        file: &DataFile,
    ) -> Result<(Option<IndexFile>, u64), StoreError> {
        if let Some(known) = self.heads.get(&file.name) {
            return Ok((known, 0));
        }
        let index = lake.index(table, &file.name).await?;
        self.heads.put(file.name.clone(), index.clone(), 1);
        let bytes = index.as_ref().map_or(0, IndexFile::head_bytes);
        Ok((index, bytes))
    }

    async fn needles(
        &self,
        index: &IndexFile,
        file: &DataFile,
        column: &str,
    ) -> Result<(Option<Arc<Needles>>, u64), StoreError> {
        let key = (file.name.clone(), column.to_owned());
        if let Some(known) = self.columns.get(&key) {
            return Ok((known, 0));
        }
        let (needles, bytes) = match index.needles(column).await? {
            Some((needles, bytes)) => (Some(Arc::new(needles)), bytes),
            None => (None, 0),
        };
        let weight = needles.as_ref().map_or(0, |needles| needles.bytes());
        self.columns.put(key, needles.clone(), COLUMN_BYTES + weight);
        Ok((needles, bytes))
    }
}

impl<K: Hash + Eq, V: Clone> Kept<K, V> {
    fn new(max: usize) -> Self {
        Kept { max, held: Mutex::new(Held { values: HashMap::new(), weight: 0 }) }
    }

    fn lock(&self) -> MutexGuard<'_, Held<K, V>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn get(&self, key: &K) -> Option<V> {
        self.lock().values.get(key).cloned()
    }

    /// Whoever comes when it is full finds it empty: filling it again costs little.
    fn put(&self, key: K, value: V, weight: usize) {
        if weight > self.max {
            return;
        }
        let mut held = self.lock();
        if held.weight + weight > self.max {
            *held = Held { values: HashMap::new(), weight: 0 };
        }
        if held.values.insert(key, value).is_none() {
            held.weight += weight;
        }
    }
}
