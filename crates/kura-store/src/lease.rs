//! One writer per lake: a lock on this node's disk, and an epoch in the lake.
//!
//! The lock keeps two processes of one node apart and goes with its process, however that
//! ends. The epoch keeps nodes apart: `_kura/lease/<epoch>.json` is created, never
//! overwritten; whoever created the highest is the writer, and everyone before is fenced
//! out at its next look, which comes before each commit.

use std::fs::{File, TryLockError};
use std::io::{Read, Seek, Write};
use std::time::Duration;

use futures::TryStreamExt;
use kura_core::time::{Micros, rfc3339};
use object_store::{ObjectStore, ObjectStoreExt, PutMode, PutOptions};

use crate::error::{Result, StoreError};
use crate::location::Location;

/// The holder that a server's upkeep is: one merge at most, so that others wait for it.
pub const UPKEEP: &str = "upkeep";
const UPKEEP_WAITS: u32 = 6_000;
const WAIT: Duration = Duration::from_millis(100);

#[derive(Debug)]
pub struct Lease {
    location: Location,
    epoch: u64,
    /// Held open: the lock ends with it.
    _lock: File,
}

impl Lease {
    pub async fn acquire(location: &Location, writer: &str, now: Micros) -> Result<Self> {
        let lock = wait_for_lock(location, writer).await?;
        loop {
            let epoch = highest(location).await? + 1;
            let holder = serde_json::json!({
                "writer": writer, "process": std::process::id(), "acquired": rfc3339(now),
            });
            let options = PutOptions { mode: PutMode::Create, ..PutOptions::default() };
            let path = location.path(&format!("_kura/lease/{epoch:020}.json"));
            let put = location.store.put_opts(&path, holder.to_string().into(), options).await;
            match put {
                Ok(_) => {
                    let lease = Lease { location: location.clone(), epoch, _lock: lock };
                    lease.forget_earlier().await;
                    return Ok(lease);
                }
                Err(object_store::Error::AlreadyExists { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Fails if somebody has taken over.
    pub async fn check(&self) -> Result<()> {
        match highest(&self.location).await? == self.epoch {
            true => Ok(()),
            false => Err(StoreError::Fenced),
        }
    }

    /// Earlier epochs are of no use. Failing to delete them does no harm.
    async fn forget_earlier(&self) {
        for epoch in epochs(&self.location).await.unwrap_or_default() {
            if epoch < self.epoch {
                let path = self.location.path(&format!("_kura/lease/{epoch:020}.json"));
                let _ = self.location.store.delete(&path).await;
            }
        }
    }
}

async fn epochs(location: &Location) -> Result<Vec<u64>> {
    let folder = location.path("_kura/lease");
    let objects: Vec<_> = location.store.list(Some(&folder)).try_collect().await?;
    let epoch = |name: &str| name.strip_suffix(".json")?.parse().ok();
    Ok(objects.iter().filter_map(|object| epoch(object.location.filename()?)).collect())
}

async fn highest(location: &Location) -> Result<u64> {
    Ok(epochs(location).await?.into_iter().max().unwrap_or(0))
}

/// Waits while upkeep holds the lock, ten minutes at most, and while whoever took it is about
/// to say who it is.
async fn wait_for_lock(location: &Location, writer: &str) -> Result<File> {
    for _ in 0..UPKEEP_WAITS {
        match lock(location, writer) {
            Err(StoreError::Busy(holder))
                if writer != UPKEEP && (holder.contains(UPKEEP) || holder.is_empty()) =>
            {
                tokio::time::sleep(WAIT).await;
            }
            locked => return locked,
        }
    }
    lock(location, writer)
}

fn lock(location: &Location, writer: &str) -> Result<File> {
    let folder = &location.data;
    std::fs::create_dir_all(folder).map_err(|e| StoreError::disk(folder, e))?;
    let path = folder.join("writer.lock");
    let disk = |error| StoreError::disk(&path, error);
    let mut file = File::options()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(&path)
        .map_err(disk)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let mut holder = String::new();
            file.read_to_string(&mut holder).map_err(disk)?;
            return Err(StoreError::Busy(match holder.trim() {
                "" => String::new(),
                holder => format!("process {holder}"),
            }));
        }
        Err(TryLockError::Error(error)) => return Err(disk(error)),
    }
    file.set_len(0).map_err(disk)?;
    file.rewind().map_err(disk)?;
    let role = if writer == UPKEEP { UPKEEP } else { "writer" };
    write!(file, "{}, {role}", std::process::id()).map_err(disk)?;
    Ok(file)
}
