//! From the log to hot chunks: each record is recognised by itself and decoded, once.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use kura_core::causes::WithCauses;
use kura_core::counts::Counts;
use kura_core::origin::{Envelope, ObjectFacts};
use kura_core::table::TableSpec;
use kura_core::time::{MICROS_PER_SECOND, Micros};
use kura_formats::formats::RawRecord;
use kura_formats::joining::{Joined, Joiner, Piece};
use kura_store::Lake;
use kura_store::hot::Chunk;
use kura_store::wal::{Cursor, KeyHash, Reader, StoredDelivery};
use kura_store::writer::Stretch;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::{Aside, Read, StreamCounters, StreamOptions};
use crate::decoders::{Decoders, Messages, Tally};

/// Rows of so many bytes become a chunk.
const CHUNK_BYTES: usize = 8 << 20;
/// Records that come within this time share a chunk; they are searched so much later.
const GATHER: Duration = Duration::from_millis(50);
/// Between two looks at whether there is something to do, where nothing says so.
const IDLE: Duration = Duration::from_secs(60);
/// Between two attempts to read a log that could not be read.
const READ_AGAIN: Duration = Duration::from_secs(1);
/// Keys that are remembered; as many as the log knows.
const KEYS_MAX: usize = 1_000_000;

pub struct Decoding {
    lake: Lake,
    reader: Reader,
    decoders: Decoders,
    joiner: Joiner,
    /// Before this nothing is let go: after a restart its rest may be on its way.
    joins_until: Micros,
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

/// Whole records on their way into the decoders.
struct Records<'a> {
    decoders: &'a mut Decoders,
    node: &'a str,
    messages: Messages,
    facts: ObjectFacts,
    /// Of which stream the facts are.
    stream: String,
    counts: Counts,
}

impl<'a> Records<'a> {
    fn new(decoders: &'a mut Decoders, node: &'a str) -> Self {
        let (messages, facts, counts) = Default::default();
        Records { decoders, node, messages, facts, stream: String::new(), counts }
    }

    fn decode(&mut self, joined: &Joined<'_>) {
        if self.stream != joined.stream {
            self.stream = joined.stream.to_owned();
            let (input, stream) = self.stream.split_once('/').unwrap_or_default();
            self.facts.uri = format!("{input}://{}/{}", self.node, stream.replace('#', "%23"));
            self.facts.envelope =
                Envelope { source: Some(stream.to_owned()), ..Envelope::default() };
        }
        (self.facts.arrival, self.facts.time) = (joined.arrival, joined.time);
        let (bytes, number) = (joined.bytes, joined.sequence());
        let raw = RawRecord { bytes, number, compact: false };
        let mut tally = Tally::default();
        self.decoders.streamed(raw, &mut self.messages, &mut self.facts, &mut tally);
        self.counts.records += tally.records;
        self.counts.bytes += bytes.len() as u64;
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
        let wait = i64::try_from(options.joining.parts_seconds).unwrap_or(i64::MAX / 2_000_000);
        let mut seen = SeenKeys::default();
        for key in keys {
            seen.add(key);
        }
        Decoding {
            lake: lake.clone(),
            reader,
            decoders: Decoders::new(options.work.catalogue.clone(), options.work.frames, None),
            joiner: Joiner::new(&options.joining),
            joins_until: lake.clock().now() + wait * MICROS_PER_SECOND,
            specs,
            hot_bytes_max: options.hot_bytes_max,
            node: lake.node_name(),
            cursor,
            seen,
            counters,
            gathered: Gathered::default(),
        }
    }

    /// The first record that was not read yet.
    pub fn next(&self) -> u64 {
        self.cursor.next
    }

    /// Reads what nobody sent: patterns are compiled when somebody first reads with them, and
    /// that is not to be the first event's wait.
    pub fn warm(&mut self) {
        for bytes in [&b"a line"[..], br#"{"level":"info","message":"a line"}"#] {
            let raw = RawRecord { bytes, number: 1, compact: false };
            let (mut facts, mut messages, mut tally) = Default::default();
            self.decoders.streamed(raw, &mut messages, &mut facts, &mut tally);
        }
        // Rows that are thrown away.
        let _ = self.decoders.finish();
    }

    /// Decodes until it is stopped and nothing is left in the log.
    pub async fn run(
        mut self,
        thread: Aside,
        mut synced: watch::Receiver<u64>,
        decoded: watch::Sender<u64>,
        stop: CancellationToken,
    ) {
        loop {
            let is_last = stop.is_cancelled();
            let end = *synced.borrow_and_update();
            loop {
                let reading = thread.run(self, move |this| this.read_some(end));
                let Some((this, read)) = reading.await else { return };
                self = this;
                self.hand_on().await;
                decoded.send_replace(self.cursor.next);
                match read {
                    Ok(Read::All) => break,
                    Ok(Read::Some) => {}
                    Err(error) => {
                        tracing::error!(%error, "the log cannot be read; it is tried again");
                        tokio::time::sleep(READ_AGAIN).await;
                    }
                }
            }
            if is_last {
                return;
            }
            tokio::select! {
                () = tokio::time::sleep(self.idle()) => {}
                // Closed, the log has ended: what is left is read once more.
                changed = synced.changed() => if changed.is_err() { stop.cancel() },
                () = stop.cancelled() => {}
            }
            tokio::select! {
                () = tokio::time::sleep(GATHER) => {}
                () = stop.cancelled() => {}
            }
        }
    }

    /// Decodes what is in the log, up to a chunk of it.
    pub(super) fn read_some(&mut self, end: u64) -> std::io::Result<Read> {
        while let Some(stored) = self.reader.read()? {
            self.decode(&stored);
            if self.decoders.bytes() >= CHUNK_BYTES {
                return Ok(Read::Some);
            }
        }
        // Numbers behind the last record that nobody got.
        self.cursor.next = self.cursor.next.max(end);
        self.expire();
        Ok(Read::All)
    }

    fn decode(&mut self, stored: &StoredDelivery) {
        let delivery = &stored.delivery;
        let records = delivery.records.len() as u64;
        let end = stored.first + records;
        self.gathered.first.get_or_insert(stored.first);
        // Of one that was read before a restart, only what was held back is wanted.
        let is_new = end > self.cursor.next;
        if let Some(key) = stored.key().filter(|_| is_new) {
            if !self.seen.add(key) {
                self.gathered.counts.records += records;
                self.gathered.counts.duplicates += records;
                self.cursor.next = end;
                return;
            }
            self.gathered.keys.push(key);
        }
        let stream = format!("{}/{}", delivery.input, delivery.stream);
        let mut records = Records::new(&mut self.decoders, &self.node);
        for (sequence, record) in (stored.first..).zip(delivery.records.iter()) {
            if self.cursor.wants(sequence) {
                let (bytes, time, arrival) = (record.bytes, record.time, delivery.arrival);
                let piece = Piece { sequence, stream: &stream, bytes, time, arrival };
                self.joiner.push(piece, &mut |joined| records.decode(&joined));
            }
        }
        let Records { counts, .. } = records;
        self.count(counts);
        self.cursor.next = self.cursor.next.max(end);
    }

    /// Lets go of pieces whose rest does not come.
    fn expire(&mut self) {
        let now = self.lake.clock().now();
        let is_due = self.joiner.next_expiry().is_some_and(|expiry| expiry <= now);
        if is_due && now >= self.joins_until {
            let mut records = Records::new(&mut self.decoders, &self.node);
            self.joiner.expire(now, &mut |joined| records.decode(&joined));
            let Records { counts, .. } = records;
            self.gathered.first.get_or_insert(self.cursor.next);
            self.count(counts);
        }
    }

    fn count(&mut self, counts: Counts) {
        self.gathered.counts += counts;
        self.counters.decoded.fetch_add(counts.records, Ordering::Relaxed);
    }

    /// How long there is nothing to do, if nothing comes.
    fn idle(&self) -> Duration {
        let now = self.lake.clock().now();
        let wait = self.joiner.next_expiry().map(|expiry| expiry.max(self.joins_until) - now);
        let wait = wait.map(|micros| Duration::from_micros(u64::try_from(micros).unwrap_or(0)));
        wait.unwrap_or(IDLE).clamp(GATHER, IDLE)
    }

    /// Makes a chunk of what was decoded, once there is room for it.
    pub(super) async fn hand_on(&mut self) {
        let Some(first) = self.gathered.first else { return };
        self.cursor.pending = self.joiner.pending();
        let rows = match self.decoders.finish() {
            Ok(rows) => rows,
            Err(error) => {
                tracing::error!(error = %WithCauses(&error), "rows that cannot be put together");
                Vec::new()
            }
        };
        let mut room = self.lake.hot().bytes();
        let most = self.hot_bytes_max;
        // It fails only when nobody holds rows any more.
        let _ = room.wait_for(|&bytes| bytes < most).await;
        let gathered = std::mem::take(&mut self.gathered);
        let arrived = self.lake.clock().now();
        let mut chunk = Chunk::new(rows, first, self.cursor.clone(), arrived);
        (chunk.keys, chunk.counts) = (gathered.keys, gathered.counts);
        let tables = chunk.rows.iter().filter_map(|rows| self.specs.get(&rows.table).cloned());
        let tables: Vec<TableSpec> = tables.collect();
        self.lake.hot().push(chunk, tables);
    }
}
