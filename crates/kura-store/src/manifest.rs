//! Batch manifests: what becomes visible together, written down before the first table
//! commit, so that a batch begun is finished and never guessed.
//!
//! `_kura/batches/<writer>/<number>.json`, first open, then closed. An open manifest names
//! every data file (all of them durable by then) and every object; a closed one names the
//! objects, and is what the ledger is rebuilt from. Of a writer only the last may be open. Old
//! ones are folded ([`fold`]).

use std::sync::Arc;

use kura_core::counts::Counts;
use kura_core::time::Micros;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt, PutMode, PutOptions};
use serde::{Deserialize, Serialize};

use crate::error::{Result, StoreError};
use crate::location::Location;
use crate::wal::{Cursor, KeyHash};

mod folds;
mod names;

pub use folds::{Fold, fold, read as read_closed, stretches};
pub use names::{Name, list};

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

pub async fn read(store: &Arc<dyn ObjectStore>, name: &Name) -> Result<Manifest> {
    let bytes = store.get(&name.path).await?.bytes().await?;
    serde_json::from_slice(&bytes).map_err(|e| StoreError::damaged(&name.path, e))
}
