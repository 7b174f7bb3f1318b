//! Rows that came by stream and are in no table yet: decoded, searchable, and held until a
//! batch with them is committed.
//!
//! A question takes a [`HotView`] first and the table's version then. A chunk is marked with
//! its batch's number before that is committed, and the version says which batches it has: so
//! every row is seen once, in the view or in the table, however the two race.

use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use arrow::array::RecordBatch;
use kura_core::counts::Counts;
use kura_core::table::{Rows, TableSpec};
use kura_core::time::Micros;
use tokio::sync::watch;

use crate::wal::{Cursor, KeyHash};

/// Of chunks that are in tables and kept for followers.
const PAST_BYTES: usize = 16 << 20;

/// In no batch yet.
const NO_BATCH: i64 = 0;

/// Rows that were decoded together, out of a stretch of the log.
#[derive(Debug)]
pub struct Chunk {
    pub rows: Vec<Rows>,
    /// The number of the first record it was made of.
    pub first: u64,
    /// Where the log's reader was behind it.
    pub cursor: Cursor,
    pub keys: Vec<KeyHash>,
    /// Records read for it, and their bytes.
    pub counts: Counts,
    pub arrived: Micros,
    pub bytes: usize,
    /// Counts the chunks of this process.
    pub serial: u64,
    /// How many chunks before it end with the same record: pieces that were let go of make a
    /// chunk, and no record was read for it.
    pub again: u64,
    batch: AtomicI64,
}

/// All chunks of a node's stream. Cheap to clone; empty where nothing comes by stream.
#[derive(Debug, Clone, Default)]
pub struct Hot(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    state: Mutex<State>,
    /// Bytes held.
    bytes: watch::Sender<usize>,
    /// The number of chunks that ever came.
    came: watch::Sender<u64>,
}

#[derive(Debug, Default)]
struct State {
    chunks: VecDeque<Arc<Chunk>>,
    /// Chunks that are in tables by now, for those who follow the stream.
    past: VecDeque<Arc<Chunk>>,
    past_bytes: usize,
    /// Tables that chunks have rows of; they may not be in the lake yet.
    specs: BTreeMap<Arc<str>, TableSpec>,
    bytes: usize,
    came: u64,
    /// The last batch that chunks were sealed as: the next ones are of the next.
    sealed: i64,
}

impl Default for Shared {
    fn default() -> Self {
        let (bytes, came) = (watch::Sender::new(0), watch::Sender::new(0));
        Shared { state: Mutex::default(), bytes, came }
    }
}

/// The chunks there are at one moment.
#[derive(Debug, Clone, Default)]
pub struct HotView {
    chunks: Vec<Arc<Chunk>>,
    specs: BTreeMap<Arc<str>, TableSpec>,
    sealed: i64,
}

impl Chunk {
    #[must_use]
    pub fn new(rows: Vec<Rows>, first: u64, cursor: Cursor, arrived: Micros) -> Self {
        let bytes = rows.iter().map(|rows| rows.batch.get_array_memory_size()).sum();
        let (keys, counts, batch) = (Vec::new(), Counts::default(), AtomicI64::new(NO_BATCH));
        Chunk { rows, first, cursor, keys, counts, arrived, bytes, serial: 0, again: 0, batch }
    }

    fn is_in(&self, flushed: i64) -> bool {
        let batch = self.batch.load(Ordering::Acquire);
        batch != NO_BATCH && batch <= flushed
    }
}

impl Hot {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a chunk; `specs` are of the tables that it has rows of.
    pub fn push(&self, mut chunk: Chunk, specs: impl IntoIterator<Item = TableSpec>) {
        let mut state = self.lock();
        for spec in specs {
            state.specs.insert(spec.name.clone(), spec);
        }
        state.bytes += chunk.bytes;
        state.came += 1;
        chunk.serial = state.came;
        let before = state.chunks.back().or(state.past.back());
        let same = before.filter(|before| before.cursor.next == chunk.cursor.next);
        chunk.again = same.map_or(0, |before| before.again + 1);
        state.chunks.push_back(Arc::new(chunk));
        self.tell(&state);
    }

    fn tell(&self, state: &State) {
        self.0.bytes.send_replace(state.bytes);
        self.0.came.send_replace(state.came);
    }

    /// What is held now.
    #[must_use]
    pub fn view(&self) -> HotView {
        let state = self.lock();
        let (chunks, specs) = (state.chunks.iter().cloned().collect(), state.specs.clone());
        HotView { chunks, specs, sealed: state.sealed }
    }

    /// Changes with the bytes held.
    #[must_use]
    pub fn bytes(&self) -> watch::Receiver<usize> {
        self.0.bytes.subscribe()
    }

    /// Changes when a chunk comes.
    #[must_use]
    pub fn came(&self) -> watch::Receiver<u64> {
        self.0.came.subscribe()
    }

    /// When the oldest chunk arrived.
    #[must_use]
    pub fn oldest(&self) -> Option<Micros> {
        self.lock().chunks.front().map(|chunk| chunk.arrived)
    }

    /// All chunks, which are about to be batch `number`. Those of an attempt before are among
    /// them.
    #[must_use]
    pub fn seal(&self, number: i64) -> Vec<Arc<Chunk>> {
        let mut state = self.lock();
        state.sealed = number;
        state.chunks.iter().for_each(|chunk| chunk.batch.store(number, Ordering::Release));
        state.chunks.iter().cloned().collect()
    }

    /// The chunks after this one, as far as they are still held.
    #[must_use]
    pub fn after(&self, serial: u64) -> Vec<Arc<Chunk>> {
        let state = self.lock();
        let all = state.past.iter().chain(&state.chunks);
        all.filter(|chunk| chunk.serial > serial).cloned().collect()
    }

    /// The chunk that ends with the record before this one, and is the first, second … of those,
    /// as somebody saw it who followed the stream; `None` if it is held no more.
    #[must_use]
    pub fn ending_at(&self, next: u64, again: u64) -> Option<u64> {
        let state = self.lock();
        let mut all = state.past.iter().chain(&state.chunks).rev();
        all.find(|chunk| (chunk.cursor.next, chunk.again) == (next, again))
            .map(|chunk| chunk.serial)
    }

    /// The number of chunks that ever came.
    #[must_use]
    pub fn last(&self) -> u64 {
        self.lock().came
    }

    /// The next batch is the one after this.
    pub fn begin_after(&self, number: i64) {
        self.lock().sealed = number;
    }

    /// Holds these chunks, with the batches they are of, and nothing else: what another process
    /// holds.
    pub fn mirror(&self, chunks: Vec<(Chunk, i64)>, specs: Vec<TableSpec>) {
        let mut state = self.lock();
        state.bytes = chunks.iter().map(|(chunk, _)| chunk.bytes).sum();
        let marked = chunks.into_iter().map(|(chunk, batch)| {
            chunk.batch.store(batch, Ordering::Release);
            Arc::new(chunk)
        });
        state.chunks = marked.collect();
        state.specs = specs.into_iter().map(|spec| (spec.name.clone(), spec)).collect();
    }

    /// Lets go of the chunks of committed batches.
    pub fn remove(&self, flushed: i64) {
        let mut state = self.lock();
        while let Some(chunk) = state.chunks.front().filter(|chunk| chunk.is_in(flushed)) {
            state.bytes -= chunk.bytes;
            if let Some(chunk) = state.chunks.pop_front() {
                state.past_bytes += chunk.bytes;
                state.past.push_back(chunk);
            }
        }
        while state.past_bytes > PAST_BYTES {
            let Some(oldest) = state.past.pop_front() else { break };
            state.past_bytes -= oldest.bytes;
        }
        self.tell(&state);
    }
}

impl HotView {
    /// Tables that have rows, or had some.
    pub fn tables(&self) -> impl Iterator<Item = &TableSpec> {
        self.specs.values()
    }

    #[must_use]
    pub fn spec(&self, table: &str) -> Option<&TableSpec> {
        self.specs.get(table)
    }

    /// Rows of a table that its version does not have, which has batches up to `flushed`.
    pub fn rows(&self, table: &str, flushed: i64) -> impl Iterator<Item = &RecordBatch> {
        let beyond = self.chunks.iter().filter(move |chunk| !chunk.is_in(flushed));
        let of_table = beyond.flat_map(|chunk| chunk.rows.iter());
        of_table.filter(move |rows| *rows.table == *table).map(|rows| &rows.batch)
    }

    /// The batch that a chunk is in, or will be: all that is not sealed goes into the next one.
    #[must_use]
    pub fn batch_of(&self, chunk: &Chunk) -> i64 {
        match chunk.batch.load(Ordering::Acquire) {
            NO_BATCH => self.sealed + 1,
            batch => batch,
        }
    }

    /// All chunks, the oldest first.
    pub fn chunks(&self) -> impl Iterator<Item = &Arc<Chunk>> {
        self.chunks.iter()
    }
}
