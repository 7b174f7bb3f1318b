//! Who may change a lake: one node at a time, and on it one who imports, merges or rewrites,
//! beside one who stores what comes by stream.
//!
//! Locks on this node's disk keep its processes apart and go with them, however those end. The
//! epoch keeps nodes apart: `_kura/lease/<epoch>.json` is created, never overwritten; whoever
//! created the highest is the node that writes, and every other one is fenced out at its next
//! look, which comes before each commit. Processes of one node share its epoch.

use std::fs::{File, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::path::Path;
use std::time::Duration;

use futures::TryStreamExt;
use kura_core::time::{Micros, rfc3339};
use object_store::{ObjectStore, ObjectStoreExt, PutMode, PutOptions};
use serde::{Deserialize, Serialize};

use crate::error::{Result, StoreError};
use crate::location::Location;

/// The holder that a server's upkeep is: one merge at most, so that others wait for it.
pub const UPKEEP: &str = "upkeep";
const UPKEEP_WAITS: u32 = 6_000;
const WAIT: Duration = Duration::from_millis(100);

/// What somebody is about to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role<'a> {
    /// Imports, merges or rewrites, under this name.
    Alone(&'a str),
    /// Stores what comes by stream.
    Stream,
}

#[derive(Debug)]
pub struct Lease {
    location: Location,
    epoch: u64,
    /// Nobody of this node had it before: what is open in the lake, nobody is at.
    pub is_first: bool,
    /// Held open: the locks end with them.
    _role: File,
    node: File,
}

/// `_kura/lease/<epoch>.json`
#[derive(Debug, Serialize, Deserialize)]
struct Holder {
    node: String,
    process: u32,
    acquired: String,
}

impl Role<'_> {
    fn lock_file(self) -> &'static str {
        match self {
            Role::Alone(_) => "writer.lock",
            Role::Stream => "stream.lock",
        }
    }

    /// As whoever comes meanwhile is told.
    fn word(self) -> &'static str {
        match self {
            Role::Alone(UPKEEP) => UPKEEP,
            Role::Alone(_) => "writer",
            Role::Stream => "server",
        }
    }
}

impl Lease {
    pub async fn acquire(
        location: &Location,
        role: Role<'_>,
        node: &str,
        now: Micros,
    ) -> Result<Self> {
        let role = wait_for_lock(location, role).await?;
        let path = location.data.join("node.lock");
        let disk = |error| StoreError::disk(&path, error);
        let lock = open(&path).map_err(disk)?;
        let is_alone = match lock.try_lock() {
            Ok(()) => true,
            Err(TryLockError::WouldBlock) => false,
            Err(TryLockError::Error(error)) => return Err(disk(error)),
        };
        // Whoever is about to begin an epoch holds the lock until it has.
        if !is_alone {
            shared(&lock).await.map_err(disk)?;
        }
        let current = highest(location).await?;
        let is_ours =
            !is_alone && holder(location, current).await?.is_some_and(|holder| holder.node == node);
        let epoch = match is_ours {
            true => current,
            // Nobody of this node has one, or another node has taken over from it.
            false => begin_epoch(location, node, now).await?,
        };
        let location = location.clone();
        Ok(Lease { location, epoch, is_first: !is_ours, _role: role, node: lock })
    }

    /// Lets others of this node in. Who is the first of them keeps them out until then, while it
    /// finishes what nobody is at.
    pub fn share(&mut self) -> Result<()> {
        let path = self.location.data.join("node.lock");
        self.is_first = false;
        self.node.lock_shared().map_err(|error| StoreError::disk(&path, error))
    }

    /// Fails if another node has taken over.
    pub async fn check(&self) -> Result<()> {
        match highest(&self.location).await? == self.epoch {
            true => Ok(()),
            false => Err(StoreError::Fenced),
        }
    }
}

/// Whether somebody of this node stores what comes by stream.
pub fn is_streaming(location: &Location) -> bool {
    let file = open(&location.data.join(Role::Stream.lock_file()));
    file.is_ok_and(|file| matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)))
}

/// Creates the next epoch; all before it are of no use any more.
async fn begin_epoch(location: &Location, node: &str, now: Micros) -> Result<u64> {
    loop {
        let epoch = highest(location).await? + 1;
        let acquired = rfc3339(now);
        let ours = Holder { node: node.to_owned(), process: std::process::id(), acquired };
        let path = epoch_path(location, epoch);
        let bytes = serde_json::to_vec(&ours).map_err(|e| StoreError::damaged(&path, e))?;
        let options = PutOptions { mode: PutMode::Create, ..PutOptions::default() };
        let is_ours = match location.store.put_opts(&path, bytes.into(), options).await {
            Ok(_) => true,
            // Nobody else of this node begins one: then it was written, and the answer lost.
            Err(object_store::Error::AlreadyExists { .. }) => {
                holder(location, epoch).await?.is_some_and(|holder| holder.node == node)
            }
            Err(error) => return Err(error.into()),
        };
        if is_ours {
            forget_before(location, epoch).await;
            return Ok(epoch);
        }
    }
}

/// Failing to delete them does no harm.
async fn forget_before(location: &Location, epoch: u64) {
    for earlier in epochs(location).await.unwrap_or_default() {
        if earlier < epoch {
            let _ = location.store.delete(&epoch_path(location, earlier)).await;
        }
    }
}

fn epoch_path(location: &Location, epoch: u64) -> object_store::path::Path {
    location.path(&format!("_kura/lease/{epoch:020}.json"))
}

async fn holder(location: &Location, epoch: u64) -> Result<Option<Holder>> {
    match location.store.get(&epoch_path(location, epoch)).await {
        Ok(found) => Ok(serde_json::from_slice(&found.bytes().await?).ok()),
        Err(object_store::Error::NotFound { .. }) => Ok(None),
        Err(error) => Err(error.into()),
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
async fn wait_for_lock(location: &Location, role: Role<'_>) -> Result<File> {
    for _ in 0..UPKEEP_WAITS {
        match lock(location, role) {
            Err(StoreError::Busy(holder))
                if role != Role::Alone(UPKEEP)
                    && (holder.contains(UPKEEP) || holder.is_empty()) =>
            {
                tokio::time::sleep(WAIT).await;
            }
            locked => return locked,
        }
    }
    lock(location, role)
}

async fn shared(lock: &File) -> io::Result<()> {
    loop {
        match lock.try_lock_shared() {
            Ok(()) => return Ok(()),
            Err(TryLockError::WouldBlock) => tokio::time::sleep(WAIT).await,
            Err(TryLockError::Error(error)) => return Err(error),
        }
    }
}

fn open(path: &Path) -> io::Result<File> {
    File::options().read(true).write(true).create(true).truncate(false).open(path)
}

fn lock(location: &Location, role: Role<'_>) -> Result<File> {
    let folder = &location.data;
    std::fs::create_dir_all(folder).map_err(|e| StoreError::disk(folder, e))?;
    let path = folder.join(role.lock_file());
    let disk = |error| StoreError::disk(&path, error);
    let mut file = open(&path).map_err(disk)?;
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
    write!(file, "{}, {}", std::process::id(), role.word()).map_err(disk)?;
    Ok(file)
}
