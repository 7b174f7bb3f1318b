//! From hot chunks to the tables: all that there is becomes a batch, by size or by age.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use kura_core::causes::WithCauses;
use kura_core::counts::Counts;
use kura_core::time::MICROS_PER_SECOND;
use kura_store::hot::Chunk;
use kura_store::wal::Cursor;
use kura_store::writer::Stretch;
use kura_store::{Lake, StoreError, Writer};
use tokio::sync::watch;

use super::retention::Done;
use super::{StreamCounters, StreamOptions};

/// Between two looks at the age of what waits.
const LOOK: Duration = Duration::from_millis(500);
/// Between two attempts to write to a lake that refuses: doubled up to the second one.
const AGAIN_FIRST: Duration = Duration::from_millis(500);
const AGAIN_LAST: Duration = Duration::from_secs(30);

pub struct Flushing {
    lake: Lake,
    pub(super) writer: Writer,
    done: Done,
    flush_age: Duration,
    flush_bytes: usize,
    counters: Arc<StreamCounters>,
    /// Where the batch ends that was tried to make, if nobody knows what became of it.
    unknown: Option<Cursor>,
}

impl Flushing {
    pub fn new(
        lake: &Lake,
        options: &StreamOptions,
        writer: Writer,
        done: Done,
        counters: Arc<StreamCounters>,
    ) -> Self {
        Flushing {
            lake: lake.clone(),
            writer,
            done,
            flush_age: options.flush_age,
            flush_bytes: options.flush_bytes,
            counters,
            unknown: None,
        }
    }

    /// Makes batches until decoding has ended (its end of the channel is closed), and one of
    /// what is left then.
    pub async fn run(mut self, mut decoded: watch::Receiver<u64>) {
        let mut bytes = self.lake.hot().bytes();
        let flush_bytes = self.flush_bytes;
        loop {
            let is_over = tokio::select! {
                _ = bytes.wait_for(|&bytes| bytes >= flush_bytes) => false,
                () = tokio::time::sleep(LOOK) => decoded.has_changed().is_err(),
            };
            decoded.borrow_and_update();
            if is_over || self.is_due() {
                self.flush().await;
            }
            if is_over {
                return;
            }
        }
    }

    fn is_due(&self) -> bool {
        let hot = self.lake.hot();
        let now = self.lake.clock().now();
        let age = hot.oldest().map(|oldest| (now - oldest) / MICROS_PER_SECOND);
        let is_old = age.is_some_and(|age| age >= self.flush_age.as_secs().cast_signed());
        is_old || *hot.bytes().borrow() >= self.flush_bytes
    }

    /// Makes one batch of everything there is, however often it takes.
    async fn flush(&mut self) {
        let mut again = AGAIN_FIRST;
        while let Err(error) = self.attempt().await {
            self.counters.failures.fetch_add(1, Ordering::Relaxed);
            tracing::warn!(
                error = %WithCauses(&error),
                "a batch could not be made; it is tried again"
            );
            tokio::time::sleep(again).await;
            again = (again * 2).min(AGAIN_LAST);
        }
    }

    /// Makes one batch of everything there is that the attempt before did not make one of.
    /// What became of that, the lake says, and nothing is sealed before it did: unknown is not
    /// failed.
    pub(super) async fn attempt(&mut self) -> Result<(), StoreError> {
        if let Some(cursor) = self.unknown.clone() {
            if self.recover().await?.covers(&cursor) {
                self.is_stored(&cursor);
            }
            self.unknown = None;
        }
        let chunks = self.lake.hot().seal(self.writer.next_number());
        let Some(last) = chunks.last() else { return Ok(()) };
        let cursor = last.cursor.clone();
        match self.store(&chunks).await {
            Ok(counts) => {
                self.counters.committed(&counts);
                self.is_stored(&cursor);
                Ok(())
            }
            Err(error) => {
                self.unknown = Some(cursor);
                Err(error)
            }
        }
    }

    fn is_stored(&mut self, cursor: &Cursor) {
        self.lake.hot().remove(self.writer.next_number() - 1);
        self.done.set(cursor.first_wanted());
    }

    async fn store(&mut self, chunks: &[Arc<Chunk>]) -> Result<Counts, StoreError> {
        let (mut counts, mut keys) = (Counts::default(), Vec::new());
        for chunk in chunks {
            for rows in &chunk.rows {
                self.writer.add_rows(rows.clone()).await?;
            }
            counts += chunk.counts;
            keys.extend_from_slice(&chunk.keys);
        }
        let cursor = chunks.last().map(|chunk| chunk.cursor.clone()).unwrap_or_default();
        self.writer.add_stretch(Stretch { cursor, keys }, counts);
        self.writer.commit().await
    }

    /// Finishes what was begun. Returns where the last batch ended.
    async fn recover(&mut self) -> Result<Cursor, StoreError> {
        self.writer.recover().await?;
        Ok(self.writer.stretches().await?.cursor)
    }
}
