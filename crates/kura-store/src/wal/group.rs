//! The log as inputs see it: deliveries from many of them, one sync for all that came
//! meanwhile, and an answer to each.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use kura_core::intake::{Delivery, Intake, Refused, Taken};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot, watch};

use super::frame::{Frame, encode};
use super::keys::{Claim, KeyHash, Keys};
use super::log::Log;

/// Deliveries that wait for one sync.
const GROUP_BYTES: usize = 8 << 20;
/// Deliveries that wait to be written, in all.
const WAITING: usize = 1_024;

#[derive(Debug, Clone, Copy)]
pub struct WalOptions {
    /// On disk; over it senders wait.
    pub disk_bytes_max: u64,
    /// Of deliveries that are not written yet.
    pub memory_bytes_max: usize,
    /// How long a sender waits while the disk's share is full, before it is told so.
    pub room_wait: Duration,
}

impl Default for WalOptions {
    fn default() -> Self {
        WalOptions {
            disk_bytes_max: 4 << 30,
            memory_bytes_max: 64 << 20,
            room_wait: Duration::from_secs(10),
        }
    }
}

/// Cheap to clone. It ends when the last one is dropped.
#[derive(Debug, Clone)]
pub struct Wal {
    jobs: mpsc::Sender<Job>,
    keys: Keys,
    memory: Arc<Semaphore>,
    options: WalOptions,
    told: Told,
}

/// What the writing thread tells of itself.
#[derive(Debug, Clone)]
struct Told {
    /// The number behind the last record that is synced.
    synced: watch::Receiver<u64>,
    bytes: watch::Receiver<u64>,
}

enum Job {
    Append { frame: Frame, claim: Option<Claim>, _memory: OwnedSemaphorePermit, done: Done },
    Forget(u64),
}

type Done = oneshot::Sender<Result<(), Refused>>;

impl Wal {
    /// Begins to write to the log; `known` are keys of deliveries that are stored already.
    ///
    /// # Errors
    /// If no thread can be had.
    pub fn start(
        log: Log,
        known: impl IntoIterator<Item = KeyHash>,
        options: WalOptions,
    ) -> io::Result<Self> {
        let (wal, writing) = Wal::new(log, known, options);
        writing.start()?;
        Ok(wal)
    }

    /// The log as inputs see it, and what writes to it, which is to be started.
    pub fn new(
        log: Log,
        known: impl IntoIterator<Item = KeyHash>,
        options: WalOptions,
    ) -> (Self, Writing) {
        let keys = Keys::default();
        known.into_iter().for_each(|key| keys.add(key));
        let (jobs, queue) = mpsc::channel(WAITING);
        let (tell_synced, synced) = watch::channel(log.next());
        let (tell_bytes, bytes) = watch::channel(log.bytes());
        let writing = Writing { log, queue, tell_synced, tell_bytes };
        let memory = Arc::new(Semaphore::new(options.memory_bytes_max));
        (Wal { jobs, keys, memory, options, told: Told { synced, bytes } }, writing)
    }

    /// Changes whenever more is synced: the number behind the last record.
    #[must_use]
    pub fn synced(&self) -> watch::Receiver<u64> {
        self.told.synced.clone()
    }

    /// Changes whenever the log grows or shrinks: its bytes on disk.
    #[must_use]
    pub fn bytes(&self) -> watch::Receiver<u64> {
        self.told.bytes.clone()
    }

    /// No reader wants a record before this one any more.
    pub fn forget(&self, first_wanted: u64) {
        // Where the queue is full it is said again with the next batch; without the thread
        // there is nothing to forget for.
        let _ = self.jobs.try_send(Job::Forget(first_wanted));
    }

    async fn room(&self) -> Result<(), Refused> {
        let mut bytes = self.told.bytes.clone();
        let has_room = bytes.wait_for(|&bytes| bytes < self.options.disk_bytes_max);
        match tokio::time::timeout(self.options.room_wait, has_room).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(_)) => Err(Refused::Closing),
            Err(_) => Err(Refused::Busy),
        }
    }
}

#[async_trait]
impl Intake for Wal {
    async fn take(&self, delivery: Delivery) -> Result<Taken, Refused> {
        let claim = match &delivery.key {
            None => None,
            Some(key) => match self.keys.claim(KeyHash::new(&delivery.input, key)).await {
                Some(claim) => Some(claim),
                None => return Ok(Taken::Known),
            },
        };
        self.room().await?;
        let too_large = || Refused::TooLarge("more than the log holds in one piece".to_owned());
        let frame = encode(&delivery).ok_or_else(too_large)?;
        drop(delivery);
        // A delivery larger than all of the memory goes alone.
        let bytes = frame.len().min(self.options.memory_bytes_max);
        let permits = u32::try_from(bytes).unwrap_or(u32::MAX);
        let memory = self.memory.clone().acquire_many_owned(permits).await;
        let _memory = memory.map_err(|_| Refused::Closing)?;
        let (done, answer) = oneshot::channel();
        let job = Job::Append { frame, claim, _memory, done };
        self.jobs.send(job).await.map_err(|_| Refused::Closing)?;
        answer.await.map_err(|_| Refused::Closing)??;
        Ok(Taken::Stored)
    }
}

/// What owns the log, and does what is asked of it: on a thread, or step by step.
pub struct Writing {
    log: Log,
    queue: mpsc::Receiver<Job>,
    tell_synced: watch::Sender<u64>,
    tell_bytes: watch::Sender<u64>,
}

impl Writing {
    /// Writes on a thread of its own, until nobody holds the log any more.
    ///
    /// # Errors
    /// If no thread can be had.
    pub fn start(mut self) -> io::Result<()> {
        let run = move || {
            while let Some(job) = self.queue.blocking_recv() {
                self.group(job);
            }
        };
        std::thread::Builder::new().name("wal".to_owned()).spawn(run).map(drop)
    }

    /// Does what was asked for until now.
    pub fn run_waiting(&mut self) {
        while let Ok(job) = self.queue.try_recv() {
            self.group(job);
        }
    }

    /// All that waits behind a job shares a sync with it.
    fn group(&mut self, job: Job) {
        let (mut frames, mut waiting, mut bytes) = (Vec::new(), Vec::new(), 0);
        let mut next = Some(job);
        while let Some(job) = next {
            match job {
                Job::Append { frame, claim, _memory, done } => {
                    bytes += frame.len();
                    frames.push(frame);
                    waiting.push((claim, _memory, done));
                }
                Job::Forget(first_wanted) => self.forget(first_wanted),
            }
            next = (bytes < GROUP_BYTES).then(|| self.queue.try_recv().ok()).flatten();
        }
        if !frames.is_empty() {
            self.append(&mut frames, waiting);
        }
        self.tell_bytes.send_replace(self.log.bytes());
    }

    fn append(
        &mut self,
        frames: &mut [Frame],
        waiting: Vec<(Option<Claim>, OwnedSemaphorePermit, Done)>,
    ) {
        let appended = self.log.append(frames);
        if let Err(error) = &appended {
            tracing::warn!(%error, "the log cannot be written; senders are told to try again");
        }
        for (claim, _memory, done) in waiting {
            let answer = match &appended {
                Ok(_) => {
                    claim.into_iter().for_each(Claim::settle);
                    Ok(())
                }
                Err(error) => Err(Refused::Failed(error.to_string())),
            };
            // Who asked may have gone; what is stored is stored.
            let _ = done.send(answer);
        }
        if appended.is_ok() {
            self.tell_synced.send_replace(self.log.next());
        }
    }

    fn forget(&mut self, first_wanted: u64) {
        if let Err(error) = self.log.forget(first_wanted) {
            tracing::warn!(%error, "a segment of the log cannot be deleted; it is tried again");
        }
    }
}
