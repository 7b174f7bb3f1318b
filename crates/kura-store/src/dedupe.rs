//! Which of some rows are in the table already, or come twice among themselves.
//!
//! Copies of a record share its id and its time, hence its day: only files of the days
//! touched are asked.
//! 1. within the run: same id, same content → the later one is a duplicate;
//! 2. against the files of the day: hashes of all their ids are held merged, each with the
//!    file it comes from; what is met is looked up in that file's index and verified on the
//!    ids in the data file;
//! 3. same id, other content everywhere it was met → kept, and counted as conflicting.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::sync::Arc;

use object_store::path::Path;

use crate::datafile;
use crate::error::{Result, StoreError};
use crate::index::{Entry, IndexFile, Records};
use crate::location::Location;
use crate::run::{DayRows, Key, Run};

/// Entries with one hash that are looked up in a data file: two records of one hash and
/// different ids are already one in a million.
const CANDIDATES_MAX: usize = 4;

/// A file of the table, committed or about to be.
#[derive(Debug, Clone)]
pub struct KnownFile {
    /// Within the table.
    pub name: String,
    pub path: Path,
    pub index: Path,
    pub size: u64,
    pub day: i32,
    /// Its rows while they are still being written.
    pub rows: Option<DayRows>,
}

#[derive(Debug, Default)]
pub struct Verdict {
    /// Rows to store, in the order of [`Key::by_id`].
    pub keep: Vec<Key>,
    pub duplicates: u64,
    pub conflicting: u64,
}

/// What a row met.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Met {
    Nothing,
    SameId,
    SameRecord,
}

/// All files of a table, and the hashes of their ids, by day.
#[derive(Debug)]
pub struct KnownFiles {
    files: HashMap<u32, KnownFile>,
    numbers: HashMap<Path, u32>,
    next: u32,
    days: BTreeMap<i32, DayIds>,
    /// In the order in which days were last asked for.
    recent: VecDeque<i32>,
    ids_max: usize,
    records: RecordsCache,
}

/// The hashes of a day's ids: few ascending lists, each about twice as long as the next.
#[derive(Debug, Default)]
struct DayIds {
    lists: Vec<Vec<Hit>>,
    files: HashSet<u32>,
}

/// A hash, and in the low bits the file it is in.
type Hit = u64;
const FILE_BITS: u32 = 24;

fn hit(id: u64, file: u32) -> Hit {
    id << FILE_BITS | u64::from(file)
}

fn id_of(hit: Hit) -> u64 {
    hit >> FILE_BITS
}

fn file_of(hit: Hit) -> u32 {
    u32::try_from(hit & ((1 << FILE_BITS) - 1)).unwrap_or(u32::MAX)
}

impl KnownFiles {
    /// Holds at most `bytes_max` of hashes.
    pub fn new(bytes_max: usize) -> Self {
        KnownFiles {
            files: HashMap::new(),
            numbers: HashMap::new(),
            next: 0,
            days: BTreeMap::new(),
            recent: VecDeque::new(),
            ids_max: bytes_max / size_of::<Hit>(),
            records: RecordsCache::new(bytes_max / 2),
        }
    }

    /// Makes `files` what is known. Days that lost a file are read anew when asked for.
    pub fn replace(&mut self, files: Vec<KnownFile>) {
        let paths: HashSet<&Path> = files.iter().map(|file| &file.path).collect();
        let gone: Vec<u32> = self
            .files
            .iter()
            .filter(|(_, file)| !paths.contains(&file.path))
            .map(|(&number, _)| number)
            .collect();
        for number in gone {
            if let Some(file) = self.files.remove(&number) {
                self.numbers.remove(&file.path);
                self.days.remove(&file.day);
            }
        }
        for file in files {
            if !self.numbers.contains_key(&file.path) {
                self.add(file);
            }
        }
    }

    fn add(&mut self, file: KnownFile) -> u32 {
        let number = self.next;
        self.next += 1;
        self.numbers.insert(file.path.clone(), number);
        self.files.insert(number, file);
        number
    }

    /// Adds a file; whoever asks for its day reads what is in it.
    pub fn add_unread(&mut self, file: KnownFile) {
        self.add(file);
    }

    /// Adds a file whose rows are at hand.
    pub fn add_new(&mut self, file: KnownFile, records: Records) {
        let day = file.day;
        let number = self.add(file);
        if let Some(ids) = self.days.get_mut(&day) {
            ids.add(number, records.entries().iter().map(|entry| entry.id));
        }
        self.records.put(number, Arc::new(records));
    }

    /// The file is written: its rows are now where its path says.
    pub fn written(&mut self, path: &Path, size: u64) {
        let known = self.numbers.get(path).and_then(|number| self.files.get_mut(number));
        if let Some(file) = known {
            file.size = size;
            file.rows = None;
        }
    }

    /// Reads the ids of what files of the day are not in yet.
    async fn read_day(&mut self, location: &Location, day: i32) -> Result<()> {
        self.make_room(day);
        let known = self.days.entry(day).or_default();
        let missing: Vec<u32> = self
            .files
            .iter()
            .filter(|(number, file)| file.day == day && !known.files.contains(number))
            .map(|(&number, _)| number)
            .collect();
        for number in missing {
            let records = match self.files.get(&number) {
                Some(KnownFile { rows: Some(rows), .. }) => rows.records(),
                Some(file) => read_records(location, &file.index).await?,
                None => continue,
            };
            let ids = records.entries().iter().map(|entry| entry.id);
            self.days.entry(day).or_default().add(number, ids);
        }
        Ok(())
    }

    /// Lets go of days that were not asked for lately, until what is held is in bounds.
    fn make_room(&mut self, day: i32) {
        self.recent.retain(|&other| other != day);
        self.recent.push_back(day);
        let mut held: usize = self.days.values().map(DayIds::len).sum();
        while held > self.ids_max && self.recent.len() > 1 {
            let Some(oldest) = self.recent.pop_front() else { break };
            held -= self.days.remove(&oldest).map_or(0, |ids| ids.len());
        }
    }

    async fn records_of(&mut self, location: &Location, number: u32) -> Result<Arc<Records>> {
        if let Some(records) = self.records.get(number) {
            return Ok(records);
        }
        let records = match self.files.get(&number) {
            Some(KnownFile { rows: Some(rows), .. }) => rows.records(),
            Some(file) => read_records(location, &file.index).await?,
            None => Records::default(),
        };
        let records = Arc::new(records);
        self.records.put(number, records.clone());
        Ok(records)
    }
}

/// A data file is never without its index.
async fn read_records(location: &Location, path: &Path) -> Result<Records> {
    match IndexFile::open(location.store.clone(), path.clone()).await? {
        Some(index) => index.records().await,
        None => Err(StoreError::damaged(path, "the index file is gone")),
    }
}

impl DayIds {
    fn len(&self) -> usize {
        self.lists.iter().map(Vec::len).sum()
    }

    fn add(&mut self, file: u32, ids: impl Iterator<Item = u64>) {
        self.files.insert(file);
        let mut list: Vec<Hit> = ids.map(|id| hit(id, file)).collect();
        while self.lists.last().is_some_and(|last| last.len() < 2 * list.len()) {
            let Some(last) = self.lists.pop() else { break };
            list = merge(&last, &list);
        }
        self.lists.push(list);
    }

    /// What of `keys`, ascending by id, is met: the key's place, and the file.
    fn hits(&self, keys: &[Key]) -> Vec<(usize, u32)> {
        let mut hits = Vec::new();
        for list in &self.lists {
            let (mut from, mut last, mut files) = (0, None, Vec::new());
            for (at, key) in keys.iter().enumerate() {
                if last != Some(key.id) {
                    from += gallop(&list[from..], key.id);
                    let same = list[from..].iter().take_while(|hit| id_of(**hit) == key.id);
                    files.clear();
                    files.extend(same.map(|&hit| file_of(hit)));
                    files.dedup();
                    last = Some(key.id);
                }
                hits.extend(files.iter().map(|&file| (at, file)));
            }
        }
        hits
    }
}

fn merge(a: &[Hit], b: &[Hit]) -> Vec<Hit> {
    let mut merged = Vec::with_capacity(a.len() + b.len());
    let (mut a, mut b) = (a.iter().peekable(), b.iter().peekable());
    while let (Some(first), Some(second)) = (a.peek(), b.peek()) {
        let next = if first <= second { a.next() } else { b.next() };
        merged.extend(next);
    }
    merged.extend(a);
    merged.extend(b);
    merged
}

/// How many at the beginning of an ascending list are less than `id`: near ones are found
/// quickly.
fn gallop(list: &[Hit], id: u64) -> usize {
    let mut step = 1;
    while step < list.len() && id_of(list[step]) < id {
        step *= 2;
    }
    let from = step / 2;
    from + list[from..list.len().min(step + 1)].partition_point(|&hit| id_of(hit) < id)
}

/// The records of few files, by id.
#[derive(Debug)]
struct RecordsCache {
    held: VecDeque<(u32, Arc<Records>)>,
    entries: usize,
    entries_max: usize,
}

impl RecordsCache {
    fn new(bytes_max: usize) -> Self {
        let entries_max = bytes_max / size_of::<Entry>();
        RecordsCache { held: VecDeque::new(), entries: 0, entries_max }
    }

    fn get(&self, file: u32) -> Option<Arc<Records>> {
        self.held.iter().find(|(number, _)| *number == file).map(|(_, records)| records.clone())
    }

    fn put(&mut self, file: u32, records: Arc<Records>) {
        self.entries += records.entries().len();
        self.held.push_back((file, records));
        while self.entries > self.entries_max && self.held.len() > 1 {
            let Some((_, oldest)) = self.held.pop_front() else { break };
            self.entries -= oldest.entries().len();
        }
    }
}

/// Judges all rows of a run.
pub async fn judge(
    location: &Location,
    known: &mut KnownFiles,
    run: &Run,
    mut keys: Vec<Key>,
) -> Result<Verdict> {
    keys.sort_unstable_by_key(Key::by_id);
    let mut met = within(run, &keys);
    let mut from = 0;
    for of_one_day in keys.chunk_by(|a, b| a.day == b.day) {
        let rows = from..from + of_one_day.len();
        from = rows.end;
        against(location, known, run, of_one_day, &mut met[rows]).await?;
    }
    let count = |what| met.iter().filter(|&&m| m == what).count() as u64;
    let (duplicates, conflicting) = (count(Met::SameRecord), count(Met::SameId));
    let kept = keys.into_iter().zip(met).filter(|(_, met)| *met != Met::SameRecord);
    Ok(Verdict { keep: kept.map(|(key, _)| key).collect(), duplicates, conflicting })
}

fn compare(a: u32, b: u32) -> Met {
    if a == b { Met::SameRecord } else { Met::SameId }
}

/// Copies among the rows themselves. Rows with one hash stand together; however many there
/// are, each is looked at once.
fn within(run: &Run, keys: &[Key]) -> Vec<Met> {
    let mut met = Vec::with_capacity(keys.len());
    for same_hash in keys.chunk_by(|a, b| (a.day, a.id) == (b.day, b.id)) {
        if let [_] = same_hash {
            met.push(Met::Nothing);
            continue;
        }
        let mut contents: HashMap<&str, HashSet<u32>> = HashMap::new();
        for key in same_hash {
            let known = contents.entry(run.id(key)).or_default();
            met.push(match (known.is_empty(), known.insert(key.content)) {
                (true, _) => Met::Nothing,
                (false, true) => Met::SameId,
                (false, false) => Met::SameRecord,
            });
        }
    }
    met
}

/// Copies in the files of the day.
async fn against(
    location: &Location,
    known: &mut KnownFiles,
    run: &Run,
    keys: &[Key],
    met: &mut [Met],
) -> Result<()> {
    let Some(day) = keys.first().map(|key| key.day) else { return Ok(()) };
    known.read_day(location, day).await?;
    let Some(ids) = known.days.get(&day) else { return Ok(()) };
    let mut by_file: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
    for (at, file) in ids.hits(keys) {
        if met[at] != Met::SameRecord {
            by_file.entry(file).or_default().push(at);
        }
    }
    for (number, rows) in by_file {
        let records = known.records_of(location, number).await?;
        let Some(file) = known.files.get(&number) else { continue };
        let mut hits: Vec<(u32, u32, usize)> = Vec::new();
        for at in rows {
            let entries = candidates(records.find(keys[at].id), keys[at].content);
            hits.extend(entries.map(|entry| (entry.row, entry.content, at)));
        }
        hits.sort_unstable();
        let real = real_ids(location, file, &hits).await?;
        for ((_, content, at), real) in hits.into_iter().zip(real) {
            if real == run.id(&keys[at]) {
                met[at] = met[at].max(compare(content, keys[at].content));
            }
        }
    }
    Ok(())
}

/// Of entries with one hash, in the order of their contents: those that may be the same
/// record, and some that may have the same id. A table full of one id stays cheap.
fn candidates(entries: &[Entry], content: u32) -> impl Iterator<Item = &Entry> {
    let from = entries.partition_point(|entry| entry.content < content);
    let same = entries[from..].iter().take_while(move |entry| entry.content == content);
    same.take(CANDIDATES_MAX).chain(entries.iter().take(CANDIDATES_MAX))
}

/// The ids that really stand in the rows met, a text per hit.
async fn real_ids(
    location: &Location,
    file: &KnownFile,
    hits: &[(u32, u32, usize)],
) -> Result<Vec<String>> {
    if let Some(rows) = &file.rows {
        let id = |row| rows.id(row).unwrap_or_default().to_owned();
        return Ok(hits.iter().map(|&(row, ..)| id(row)).collect());
    }
    let mut places: Vec<u32> = hits.iter().map(|&(row, ..)| row).collect();
    places.dedup();
    let store = location.store.clone();
    let ids = datafile::read_ids(store, &file.path, file.size, &places).await?;
    let place = |row: u32| places.partition_point(|&place| place < row);
    Ok(hits.iter().map(|&(row, ..)| ids.get(place(row)).cloned().unwrap_or_default()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_stay_few_and_every_hash_is_met() {
        let mut ids = DayIds::default();
        for file in 0..20u32 {
            ids.add(file, (0..50).map(|n| n * 20 + u64::from(file)));
        }
        assert!(ids.lists.len() <= 5, "{} lists", ids.lists.len());
        let key = |id| Key { day: 0, time: 0, batch: 0, row: 0, id, content: 0 };
        let keys: Vec<Key> = [0, 3, 399, 400, 999, 1_000].map(key).to_vec();
        let mut hits = ids.hits(&keys);
        hits.sort_unstable();
        assert_eq!(hits, [(0, 0), (1, 3), (2, 19), (3, 0), (4, 19)]);
    }
}
