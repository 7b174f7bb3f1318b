//! Batches that are closed are folded, so that a start costs the same however old the lake is.
//!
//! 1. The manifests of a writer but for its newest are read, up to one that is open, and added
//!    to the writer's last fold; where that is full, to a new one that goes on from it;
//! 2. the fold is written: `_kura/batches/<writer>/<first>-<last>.json.zst`;
//! 3. what it holds is deleted: those manifests, and the fold that it was before.
//!
//! What lies there twice counts once ([`Batches`]). So a crash before 2 changes nothing, and what
//! one after it leaves is deleted the next time. Only the writer itself folds, between two of its
//! batches.
//!
//! [`Batches`]: super::Batches

use std::collections::VecDeque;
use std::sync::Arc;

use futures::stream::{self, BoxStream};
use futures::{StreamExt, TryStreamExt};
use kura_core::counts::Counts;
use kura_core::time::Micros;
use object_store::{ObjectStore, ObjectStoreExt};
use serde::{Deserialize, Serialize};

use super::names::{Name, list_of};
use super::{Manifest, ManifestObject, State};
use crate::error::{Result, StoreError};
use crate::location::Location;
use crate::wal::{Cursor, KEYS_MAX, KeyHash};

/// A fold of so many objects is full: it is some 20 MB, before it is compressed.
const OBJECTS_MAX: usize = 100_000;
/// Manifests that are read at a time.
const READS: usize = 4;
const ZSTD_LEVEL: i32 = 3;

/// What is kept of closed batches: of one, or of many that follow one another.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Fold {
    pub writer: String,
    pub first: i64,
    pub last: i64,
    /// When the last of them was begun.
    pub created: Micros,
    /// Of all of them.
    pub counts: Counts,
    /// In the order of the batches.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub objects: Vec<FoldedObjects>,
    /// Where the log's reader was at the end of the last stretch,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wal: Option<Cursor>,
    /// and the newest of the senders' keys up to there, those of earlier folds included.
    #[serde(default, skip_serializing_if = "VecDeque::is_empty")]
    pub keys: VecDeque<KeyHash>,
}

/// Objects, and what they were said to be.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FoldedObjects {
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub read_as: String,
    pub objects: Vec<ManifestObject>,
}

/// Where the log's reader was at the end of this writer's last batch, and the newest of the
/// senders' keys.
pub async fn stretches(location: &Location, writer: &str) -> Result<(Cursor, Vec<KeyHash>)> {
    let batches = list_of(location, writer).await?;
    let names = batches.folds.last().into_iter().chain(&batches.manifests);
    let mut reading = read_all(location, names);
    let mut all: Option<Fold> = None;
    while let Some(Some(batch)) = reading.try_next().await? {
        all = Some(match all {
            Some(all) => all.with(batch),
            None => batch,
        });
    }
    let stretch = all.map(|all| (all.wal.unwrap_or_default(), all.keys.into()));
    Ok(stretch.unwrap_or_default())
}

/// Folds the batches of a writer but for the newest `left`, once there are as many others.
pub async fn fold(location: &Location, writer: &str, left: usize) -> Result<()> {
    let batches = list_of(location, writer).await?;
    let foldable = batches.manifests.len().saturating_sub(left);
    if foldable > 0 && foldable >= left {
        let names = batches.folds.last().into_iter().chain(&batches.manifests[..foldable]);
        let mut reading = read_all(location, names);
        let mut fold: Option<Fold> = None;
        while let Some(Some(batch)) = reading.try_next().await? {
            fold = Some(match fold {
                Some(full) if full.is_full() => full.put(location).await?.followed_by(batch),
                Some(fold) => fold.with(batch),
                None => batch,
            });
        }
        if let Some(fold) = fold {
            fold.put(location).await?;
        }
    }
    delete_leftovers(location, writer).await
}

async fn delete_leftovers(location: &Location, writer: &str) -> Result<()> {
    let leftovers = list_of(location, writer).await?.leftovers;
    let paths = stream::iter(leftovers.into_iter().map(|name| Ok(name.path)));
    let mut deleted = location.store.delete_stream(paths.boxed());
    while deleted.try_next().await?.is_some() {}
    Ok(())
}

fn read_all<'a>(
    location: &'a Location,
    names: impl Iterator<Item = &'a Name> + Send + 'a,
) -> BoxStream<'a, Result<Option<Fold>>> {
    stream::iter(names).map(|name| read(&location.store, name)).buffered(READS).boxed()
}

/// What is kept of the batches of this name; nothing of one that is open.
pub async fn read(store: &Arc<dyn ObjectStore>, name: &Name) -> Result<Option<Fold>> {
    if !name.is_fold {
        let manifest = super::read(store, name).await?;
        return Ok((manifest.state == State::Closed).then(|| Fold::from(manifest)));
    }
    let bytes = store.get(&name.path).await?.bytes().await?;
    let path = name.path.clone();
    let unfold = move || {
        let json = zstd::decode_all(&bytes[..]).map_err(|e| StoreError::damaged(&path, e))?;
        serde_json::from_slice(&json).map_err(|e| StoreError::damaged(&path, e))
    };
    tokio::task::spawn_blocking(unfold).await?.map(Some)
}

impl From<Manifest> for Fold {
    fn from(manifest: Manifest) -> Self {
        let Manifest { writer, number, created, counts, read_as, objects, wal, keys, .. } =
            manifest;
        let objects = match objects.is_empty() {
            true => Vec::new(),
            false => vec![FoldedObjects { read_as, objects }],
        };
        let (first, last) = (number, number);
        Fold { writer, first, last, created, counts, objects, wal, keys: keys.into() }
    }
}

impl Fold {
    /// With what comes behind it.
    fn with(mut self, next: Fold) -> Self {
        (self.last, self.created) = (next.last, next.created);
        self.counts += next.counts;
        for more in next.objects {
            match self.objects.last_mut() {
                Some(last) if last.read_as == more.read_as => last.objects.extend(more.objects),
                _ => self.objects.push(more),
            }
        }
        self.wal = next.wal.or(self.wal);
        self.keys.extend(next.keys);
        let beyond = self.keys.len().saturating_sub(KEYS_MAX);
        self.keys.drain(..beyond);
        self
    }

    /// The fold behind this one, which begins with `next`.
    fn followed_by(self, next: Fold) -> Self {
        let (counts, objects) = Default::default();
        Fold { first: next.first, counts, objects, ..self }.with(next)
    }

    fn is_full(&self) -> bool {
        self.objects.iter().map(|read| read.objects.len()).sum::<usize>() >= OBJECTS_MAX
    }

    async fn put(self, location: &Location) -> Result<Self> {
        let name = format!("{:020}-{:020}.json.zst", self.first, self.last);
        let path = location.path(&format!("_kura/batches/{}/{name}", self.writer));
        let encode = move || {
            let json = serde_json::to_vec(&self).map_err(|e| StoreError::damaged(&name, e))?;
            let bytes = zstd::encode_all(&json[..], ZSTD_LEVEL);
            Ok::<_, StoreError>((self, bytes.map_err(|e| StoreError::damaged(&name, e))?))
        };
        let (fold, bytes) = tokio::task::spawn_blocking(encode).await??;
        location.store.put(&path, bytes.into()).await?;
        Ok(fold)
    }
}

#[cfg(test)]
mod tests;
