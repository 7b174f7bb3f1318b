//! From the log to hot chunks: each record is recognised by itself and decoded, once.

use std::collections::{HashMap, HashSet, VecDeque};
use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use kura_core::counts::Counts;
use kura_core::origin::{Envelope, ObjectFacts};
use kura_core::table::TableSpec;
use kura_formats::formats::RawRecord;
use kura_store::Lake;
use kura_store::hot::Chunk;
use kura_store::wal::{Cursor, KeyHash, Reader, StoredDelivery};
use kura_store::writer::Stretch;
use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::{StreamCounters, StreamOptions};
use crate::decoders::{Decoders, Messages, Tally};

/// Rows of so many bytes become a chunk.
const CHUNK_BYTES: usize = 8 << 20;
/// Records that come within this time share a chunk; they are searched so much later.
const GATHER: Duration = Duration::from_millis(50);
/// Between two attempts to read a log that could not be read.
const READ_AGAIN: Duration = Duration::from_secs(1);
/// Keys that are remembered; as many as the log knows.
const KEYS_MAX: usize = 1_000_000;

pub struct Decoding {
    lake: Lake,
    reader: Reader,
    decoders: Decoders,
    specs: HashMap<Arc<str>, TableSpec>,
    hot_bytes_max: usize,
    /// This node, in origins.
    node: String,
    cursor: Cursor,
    seen: SeenKeys,
    counters: Arc<StreamCounters>,
    gathered: Gathered,
}

/// What the next chunk is made of, beside the rows.
#[derive(Default)]
struct Gathered {
    first: Option<u64>,
    keys: Vec<KeyHash>,
    counts: Counts,
}

/// The keys of deliveries that were decoded: one that was refused, came to light after a crash
/// and was sent again is in the log twice.
#[derive(Default)]
struct SeenKeys {
    keys: HashSet<KeyHash>,
    oldest: VecDeque<KeyHash>,
}

impl SeenKeys {
    /// `false` if it was seen before.
    fn add(&mut self, key: KeyHash) -> bool {
        let is_new = self.keys.insert(key);
        if is_new {
            self.oldest.push_back(key);
        }
        if self.oldest.len() > KEYS_MAX
            && let Some(oldest) = self.oldest.pop_front()
        {
            self.keys.remove(&oldest);
        }
        is_new
    }
}

impl Decoding {
    pub fn new(
        lake: &Lake,
        options: &StreamOptions,
        reader: Reader,
        stretch: Stretch,
        specs: HashMap<Arc<str>, TableSpec>,
        counters: Arc<StreamCounters>,
    ) -> Self {
        let Stretch { cursor, keys } = stretch;
        let mut seen = SeenKeys::default();
        for key in keys {
            seen.add(key);
        }
        Decoding {
            lake: lake.clone(),
            reader,
            decoders: Decoders::new(options.work.catalogue.clone(), options.work.frames, None),
            specs,
            hot_bytes_max: options.hot_bytes_max,
            node: lake.node_name(),
            cursor,
            seen,
            counters,
            gathered: Gathered::default(),
        }
    }

    /// Decodes until it is stopped and nothing is left in the log.
    pub fn run(
        mut self,
        runtime: &Handle,
        mut synced: watch::Receiver<u64>,
        decoded: &watch::Sender<u64>,
        stop: &CancellationToken,
    ) {
        loop {
            let is_last = stop.is_cancelled();
            synced.borrow_and_update();
            if let Err(error) = self.read_all(runtime, decoded) {
                tracing::error!(%error, "the log cannot be read; it is tried again");
                runtime.block_on(tokio::time::sleep(READ_AGAIN));
                continue;
            }
            if is_last {
                return;
            }
            runtime.block_on(async {
                tokio::select! {
                    // Closed, the log has ended: what is left is read once more.
                    changed = synced.changed() => if changed.is_err() { stop.cancel() },
                    () = stop.cancelled() => return,
                }
                tokio::select! {
                    () = tokio::time::sleep(GATHER) => {}
                    () = stop.cancelled() => {}
                }
            });
        }
    }

    fn read_all(&mut self, runtime: &Handle, decoded: &watch::Sender<u64>) -> std::io::Result<()> {
        while let Some(stored) = self.reader.read()? {
            self.decode(&stored);
            if self.decoders.bytes() >= CHUNK_BYTES {
                self.hand_on(runtime);
                decoded.send_replace(self.cursor.next);
            }
        }
        self.hand_on(runtime);
        decoded.send_replace(self.cursor.next);
        Ok(())
    }

    fn decode(&mut self, stored: &StoredDelivery) {
        let delivery = &stored.delivery;
        let records = delivery.records.len() as u64;
        let end = stored.first + records;
        self.gathered.first.get_or_insert(stored.first);
        if let Some(key) = stored.key() {
            if !self.seen.add(key) {
                self.gathered.counts.records += records;
                self.gathered.counts.duplicates += records;
                self.cursor.next = end;
                return;
            }
            self.gathered.keys.push(key);
        }
        let stream = delivery.stream.replace('#', "%23");
        let mut facts = ObjectFacts {
            uri: format!("{}://{}/{stream}", delivery.input, self.node),
            arrival: delivery.arrival,
            envelope: Envelope { source: Some(delivery.stream.clone()), ..Envelope::default() },
            ..ObjectFacts::default()
        };
        let (mut messages, mut tally) = (Messages::default(), Tally::default());
        for (number, record) in (stored.first..).zip(delivery.records.iter()) {
            if !self.cursor.wants(number) {
                continue;
            }
            facts.time = record.time;
            let raw = RawRecord { bytes: record.bytes, number, compact: false };
            self.decoders.streamed(raw, &mut messages, &mut facts, &mut tally);
            self.gathered.counts.bytes += record.bytes.len() as u64;
        }
        self.gathered.counts.records += tally.records;
        self.counters.decoded.fetch_add(tally.records, Ordering::Relaxed);
        self.cursor.next = self.cursor.next.max(end);
    }

    /// Makes a chunk of what was decoded, once there is room for it.
    fn hand_on(&mut self, runtime: &Handle) {
        let Some(first) = self.gathered.first else { return };
        let rows = match self.decoders.finish() {
            Ok(rows) => rows,
            Err(error) => {
                tracing::error!(error = &error as &dyn Error, "rows that cannot be put together");
                Vec::new()
            }
        };
        let mut room = self.lake.hot().bytes();
        let most = self.hot_bytes_max;
        // It fails only when nobody holds rows any more.
        let _ = runtime.block_on(room.wait_for(|&bytes| bytes < most));
        let gathered = std::mem::take(&mut self.gathered);
        let arrived = self.lake.clock().now();
        let mut chunk = Chunk::new(rows, first, self.cursor.clone(), arrived);
        (chunk.keys, chunk.counts) = (gathered.keys, gathered.counts);
        let tables = chunk.rows.iter().filter_map(|rows| self.specs.get(&rows.table).cloned());
        let tables: Vec<TableSpec> = tables.collect();
        self.lake.hot().push(chunk, tables);
    }
}
