//! Batch manifests: what becomes visible together, written down before the first table
//! commit, so that a batch begun is finished and never guessed.
//!
//! `_kura/batches/<writer>/<number>.json`, first open, then closed. An open manifest names
//! every data file (all of them durable by then) and every object; a closed one names the
//! objects, and is what the ledger is rebuilt from.

use std::sync::Arc;

use futures::TryStreamExt;
use kura_core::counts::Counts;
use kura_core::time::Micros;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt, PutMode, PutOptions};
use serde::{Deserialize, Serialize};

use crate::error::{Result, StoreError};
use crate::location::Location;
use crate::wal::{Cursor, KeyHash};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    pub writer: String,
    pub number: i64,
    pub state: State,
    pub created: Micros,
    pub counts: Counts,
    /// What the objects were said to be; empty where they were recognised.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub read_as: String,
    pub objects: Vec<ManifestObject>,
    /// Of a stretch of the log: where its reader is, once the batch is visible,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wal: Option<Cursor>,
    /// and the senders' keys in it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub keys: Vec<KeyHash>,
    /// Empty once closed: the tables' logs have them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tables: Vec<ManifestTable>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    Open,
    Closed,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManifestObject {
    pub uri: String,
    pub version: String,
    pub size: u64,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManifestTable {
    pub table: String,
    pub rows: u64,
    pub files: Vec<ManifestFile>,
    /// Files of the table whose place these take.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub removed: Vec<String>,
}

/// All that a Delta Add action says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManifestFile {
    pub path: String,
    pub day: i32,
    pub size: u64,
    pub rows: u64,
    pub statistics: String,
    pub written: Micros,
}

/// A writer as the tables' logs know it.
pub fn application(writer: &str) -> String {
    format!("kura/{writer}")
}

/// Batches whose keys are read again at a start.
const BATCHES_OF_KEYS: usize = 2_000;

/// Where the log's reader was at the end of this writer's last batch, and the senders' keys in
/// the last of its batches.
pub async fn stretches(location: &Location, writer: &str) -> Result<(Cursor, Vec<KeyHash>)> {
    let (mut cursor, mut keys) = (None, Vec::new());
    let names = list(location).await?;
    let own = names.iter().rev().filter(|name| name.writer == writer);
    for name in own.take(BATCHES_OF_KEYS) {
        let manifest = read(&location.store, name).await?;
        cursor = cursor.or(manifest.wal);
        keys.splice(0..0, manifest.keys);
    }
    Ok((cursor.unwrap_or_default(), keys))
}

impl Manifest {
    /// The application id of this writer's transactions in the tables' logs.
    pub fn application(&self) -> String {
        application(&self.writer)
    }

    fn path(&self, location: &Location) -> Path {
        location.path(&format!("_kura/batches/{}/{:020}.json", self.writer, self.number))
    }

    /// Writes the open manifest; its number must be free.
    pub async fn create(&self, location: &Location) -> Result<()> {
        self.put(location, PutMode::Create).await
    }

    /// Writes the manifest closed, over the open one.
    pub async fn close(&mut self, location: &Location) -> Result<()> {
        self.state = State::Closed;
        self.tables.clear();
        self.put(location, PutMode::Overwrite).await
    }

    async fn put(&self, location: &Location, mode: PutMode) -> Result<()> {
        let path = self.path(location);
        let bytes = serde_json::to_vec(self).map_err(|e| StoreError::damaged(&path, e))?;
        let options = PutOptions { mode, ..PutOptions::default() };
        location.store.put_opts(&path, bytes.into(), options).await?;
        Ok(())
    }
}

/// Writer and number of a manifest, by its path.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ManifestName {
    pub writer: String,
    pub number: i64,
    path: Path,
}

/// Every manifest of the lake, in order.
pub async fn list(location: &Location) -> Result<Vec<ManifestName>> {
    let folder = location.path("_kura/batches");
    let mut names: Vec<ManifestName> = location
        .store
        .list(Some(&folder))
        .try_filter_map(|object| async move { Ok(name_of(object.location)) })
        .try_collect()
        .await?;
    names.sort();
    Ok(names)
}

fn name_of(path: Path) -> Option<ManifestName> {
    let mut parts = path.parts().rev();
    let file = parts.next()?;
    let writer = parts.next()?.as_ref().to_owned();
    let number = file.as_ref().strip_suffix(".json")?.parse().ok()?;
    Some(ManifestName { writer, number, path })
}

pub async fn read(store: &Arc<dyn ObjectStore>, name: &ManifestName) -> Result<Manifest> {
    let bytes = store.get(&name.path).await?.bytes().await?;
    serde_json::from_slice(&bytes).map_err(|e| StoreError::damaged(&name.path, e))
}
