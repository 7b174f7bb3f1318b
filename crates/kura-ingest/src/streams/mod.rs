//! What comes by stream, from the log to the tables.
//!
//! ```text
//! inputs ─▶ WAL ─▶ (acknowledged)
//!            ├─▶ archiving ─▶ raw objects
//!            └─▶ decoding ─▶ hot chunks ─▶ searched
//!                                           └─▶ flushing ─▶ batch n ─▶ tables ─▶ the log is cut
//! ```
//! There is one log, and what is derived from it: the cursor of the decoder rides in the batch
//! that stores what it decoded, so that a restart goes on exactly behind it. Where the tables
//! are slow chunks gather, then the log grows, then senders wait; nothing is dropped.

mod retention;
mod archiving;
mod decoding;
mod flushing;
#[cfg(test)]
mod simulation;

pub use archiving::{RawMode, RawSettings};

use std::collections::HashMap;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use kura_core::counts::Counts;
use kura_core::disk::{Disk, LocalDisk};
use kura_core::intake::Intake;
use kura_core::table::TableSpec;
use kura_formats::joining::JoinRules;
use kura_store::hot::Hot;
use kura_store::wal::{Log, Reader, Replay, Wal, WalOptions, Writing};
use kura_store::{Lake, StoreError, Writer};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::import::tables;
use crate::pipeline::Work;
use archiving::{Archiving, archived};
use decoding::Decoding;
use flushing::Flushing;
use retention::Retention;

#[derive(Debug, Clone)]
pub struct StreamOptions {
    pub work: Work,
    pub wal: WalOptions,
    /// How records that came in pieces are put together.
    pub joining: JoinRules,
    /// Whether and how what comes is archived as it came.
    pub raw: RawSettings,
    /// Rows become a batch once they have waited so long,
    pub flush_age: Duration,
    /// or once there are so many bytes of them.
    pub flush_bytes: usize,
    /// Decoding waits while so many bytes of rows do.
    pub hot_bytes_max: usize,
}

impl StreamOptions {
    #[must_use]
    pub fn new(work: Work) -> Self {
        let run = usize::try_from(work.memory.run).unwrap_or(usize::MAX);
        StreamOptions {
            work,
            wal: WalOptions { memory_bytes_max: (run / 2).max(1 << 20), ..WalOptions::default() },
            joining: JoinRules::default(),
            raw: RawSettings::default(),
            flush_age: Duration::from_secs(120),
            flush_bytes: run,
            // The rows of a batch are held until it is committed, while others come.
            hot_bytes_max: run.saturating_mul(2),
        }
    }
}

#[derive(Debug, thiserror::Error)]
pub enum StreamError {
    #[error("the log")]
    Wal(#[from] io::Error),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What happened so far, for `/metrics`.
#[derive(Debug, Default)]
pub struct StreamCounters {
    /// Records that were made rows of, or set aside.
    pub decoded: AtomicU64,
    pub batches: AtomicU64,
    /// Attempts to make a batch that failed and were tried again.
    pub failures: AtomicU64,
    pub stored: AtomicU64,
    pub duplicates: AtomicU64,
    pub quarantined: AtomicU64,
}

impl StreamCounters {
    fn committed(&self, counts: &Counts) {
        let add = |counter: &AtomicU64, n| counter.fetch_add(n, Ordering::Relaxed);
        add(&self.batches, 1);
        add(&self.stored, counts.stored);
        add(&self.duplicates, counts.duplicates);
        add(&self.quarantined, counts.quarantined);
    }
}

/// A thread of its own for a reader of the log, where waiting for the disk holds up nobody. It is
/// always the same one, for which patterns keep what they found out.
struct Aside(mpsc::UnboundedSender<Box<dyn FnOnce() + Send>>);

impl Aside {
    fn new(name: &str) -> io::Result<Self> {
        let (sender, mut receiver) = mpsc::unbounded_channel::<Box<dyn FnOnce() + Send>>();
        let work = move || {
            while let Some(work) = receiver.blocking_recv() {
                work();
            }
        };
        std::thread::Builder::new().name(name.to_owned()).spawn(work)?;
        Ok(Aside(sender))
    }

    /// Works on a reader there. `None` if that panicked.
    async fn run<T: Send + 'static, R: Send + 'static>(
        &self,
        mut reader: T,
        work: impl FnOnce(&mut T) -> R + Send + 'static,
    ) -> Option<(T, R)> {
        let (tell, done) = oneshot::channel();
        let work = move || {
            let result = work(&mut reader);
            // Who asked may have been told to end.
            let _ = tell.send((reader, result));
        };
        self.0.send(Box::new(work)).ok()?;
        done.await.ok()
    }
}

/// How far a reader of the log came in one go.
enum Read {
    /// As far as it goes.
    All,
    Some,
}

/// The stream, as somebody sees it who watches. Cheap to clone.
#[derive(Debug, Clone)]
pub struct StreamWatch {
    pub counters: Arc<StreamCounters>,
    /// What the start found in the log.
    pub replay: Arc<Replay>,
    hot: Hot,
    wal_bytes: watch::Receiver<u64>,
    synced: watch::Receiver<u64>,
    decoded: watch::Receiver<u64>,
}

impl StreamWatch {
    /// Bytes of the log on disk.
    #[must_use]
    pub fn wal_bytes(&self) -> u64 {
        *self.wal_bytes.borrow()
    }

    /// Records that are acknowledged and cannot be searched yet.
    #[must_use]
    pub fn behind(&self) -> u64 {
        self.synced.borrow().saturating_sub(*self.decoded.borrow())
    }

    /// Bytes of rows that are in no table yet.
    #[must_use]
    pub fn hot_bytes(&self) -> u64 {
        *self.hot.bytes().borrow() as u64
    }
}

/// What a stream is made of, before any of it is at work.
struct Parts {
    wal: Wal,
    writing: Writing,
    replay: Replay,
    decoding: Decoding,
    archiving: Option<Archiving>,
    flushing: Flushing,
    counters: Arc<StreamCounters>,
}

impl Parts {
    /// Becomes the lake's writer of what comes by stream, and stands where the last one was.
    async fn open(
        lake: &Lake,
        options: &StreamOptions,
        disk: Arc<dyn Disk>,
    ) -> Result<Self, StreamError> {
        let specs = tables(&options.work.catalogue);
        let memory = options.work.memory;
        let mut writer = Writer::open_stream(lake.clone(), specs.clone(), memory).await?;
        let stretch = writer.stretches().await?;
        let folder = lake.location().data.join("wal");
        let archived = match options.raw.keeps_any() {
            true => archived(lake, &lake.node_name()).await?,
            false => u64::MAX,
        };
        let wanted = stretch.cursor.wanted_from(archived);
        let (log, replay) = Log::open(disk, &folder, &wanted)?;
        tell(&replay, &folder);
        let first_wanted = stretch.cursor.first_wanted();
        let reader = Reader::new(&log, first_wanted);
        let raw_reader = Reader::new(&log, archived);
        let stored = stretch.keys.iter().copied();
        let known: Vec<_> = stored.chain(replay.keys.iter().copied()).collect();
        let (wal, writing) = Wal::new(log, known, options.wal);

        let counters = Arc::new(StreamCounters::default());
        let specs: HashMap<Arc<str>, TableSpec> =
            specs.into_iter().map(|spec| (spec.name.clone(), spec)).collect();
        let decoding = Decoding::new(lake, options, reader, stretch, specs, counters.clone());
        let retention = Retention::new(wal.clone());
        let done = retention.reader(first_wanted);
        let archive = retention.reader(archived);
        let archiving = Archiving::new(lake, &options.raw, raw_reader, archived, archive);
        let flushing = Flushing::new(lake, options, writer, done, counters.clone());
        Ok(Parts { wal, writing, replay, decoding, archiving, flushing, counters })
    }
}

/// The stream of one node, at work.
#[derive(Debug)]
pub struct Streams {
    wal: Wal,
    watched: StreamWatch,
    stop: CancellationToken,
    readers: Vec<JoinHandle<()>>,
    flushing: JoinHandle<()>,
}

impl Streams {
    /// Becomes the lake's writer of what comes by stream, and goes on where the last one was.
    ///
    /// # Errors
    /// If somebody else writes to the lake, or the disk cannot be read.
    pub async fn start(lake: &Lake, options: StreamOptions) -> Result<Self, StreamError> {
        let parts = Parts::open(lake, &options, Arc::new(LocalDisk)).await?;
        let Parts { wal, writing, replay, decoding, archiving, flushing, counters } = parts;
        writing.start()?;
        let stop = CancellationToken::new();
        let (tell_decoded, decoded) = watch::channel(decoding.next());
        let thread = Aside::new("decode")?;
        let warm = thread.run(decoding, Decoding::warm).await;
        let (decoding, ()) = warm.ok_or_else(|| io::Error::other("decoding panicked"))?;
        let decoding = decoding.run(thread, wal.synced(), tell_decoded, stop.clone());
        let mut readers = vec![tokio::spawn(decoding)];
        if let Some(archiving) = archiving {
            let thread = Aside::new("archive")?;
            readers.push(tokio::spawn(archiving.run(thread, wal.synced(), stop.clone())));
        }
        let flushing = tokio::spawn(flushing.run(decoded.clone()));
        let watched = StreamWatch {
            counters,
            replay: Arc::new(replay),
            hot: lake.hot().clone(),
            wal_bytes: wal.bytes(),
            synced: wal.synced(),
            decoded,
        };
        Ok(Streams { wal, watched, stop, readers, flushing })
    }

    /// Takes deliveries.
    #[must_use]
    pub fn intake(&self) -> Arc<dyn Intake> {
        Arc::new(self.wal.clone())
    }

    #[must_use]
    pub fn watched(&self) -> &StreamWatch {
        &self.watched
    }

    /// Waits until everything that was acknowledged up to now can be searched.
    pub fn caught_up(&self) -> impl Future<Output = ()> + Send + use<> {
        let synced = *self.wal.synced().borrow();
        let mut decoded = self.watched.decoded.clone();
        async move {
            // It only fails once decoding ended, and then there is nothing to wait for.
            let _ = decoded.wait_for(|&decoded| decoded >= synced).await;
        }
    }

    /// Decodes what is in the log, makes a batch of all of it, and ends. Inputs are to be
    /// stopped before.
    pub async fn drain(mut self) {
        self.stop.cancel();
        for reader in std::mem::take(&mut self.readers) {
            if let Err(error) = reader.await {
                tracing::warn!(%error, "a reader of the log ended early; the next start goes on");
            }
        }
        if let Err(error) = self.flushing.await {
            tracing::warn!(%error, "the last batch was not made; the next start goes on with it");
        }
    }
}

fn tell(replay: &Replay, folder: &Path) {
    for damage in &replay.damage {
        tracing::warn!(
            folder = %folder.display(), segment = damage.segment,
            bytes = damage.bytes.end - damage.bytes.start,
            records = ?damage.records,
            "a part of the log is damaged; it was set aside"
        );
    }
    if replay.records > 0 {
        tracing::info!(records = replay.records, "going on with what the log holds");
    }
}
