//! How far a table that is written anew has come: `_kura/rewrite/<table>.json`.
//!
//! It names the files that are written, which nobody sees yet. A rewrite that ended early goes
//! on from there, as long as the table is still the one that it began with.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::datatypes::SchemaRef;
use kura_core::counts::Counts;
use object_store::ObjectStoreExt;
use object_store::path::Path;
use serde::{Deserialize, Serialize};

use crate::delta::DataFile;
use crate::error::{Result, StoreError};
use crate::location::Location;
use crate::manifest::ManifestFile;

/// What a rewrite has come to.
#[derive(Debug)]
pub struct Rewrite {
    pub table: String,
    /// What is replaced, by table.
    pub base: BTreeMap<String, Base>,
    pub progress: Progress,
}

/// A version of a table.
#[derive(Debug)]
pub struct Base {
    pub version: u64,
    pub files: Vec<DataFile>,
    pub schema: SchemaRef,
}

/// A rewrite goes on only where all of this is the same.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Begun {
    /// Of the tables that are replaced.
    pub versions: BTreeMap<String, u64>,
    /// Of the objects that are read again, each with its version.
    pub objects: u64,
    /// The program, whose decoders they are.
    pub program: String,
}

/// `_kura/rewrite/<table>.json`.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Progress {
    /// What was begun: see [`Begun`].
    pub begun: Begun,
    pub files: BTreeMap<String, Vec<ManifestFile>>,
    pub counts: Counts,
    /// Rows of objects that are not read again: how many, once all of them are there.
    pub copied: Option<u64>,
    /// The last object whose rows are all there.
    pub last_object: Option<String>,
}

impl Rewrite {
    pub fn files(&self, table: &str) -> &[ManifestFile] {
        self.progress.files.get(table).map_or(&[], Vec::as_slice)
    }

    /// Files were written that hold what the objects up to the last one have.
    pub async fn note(
        &mut self,
        location: &Location,
        files: BTreeMap<Arc<str>, Vec<ManifestFile>>,
        counts: Counts,
        last_object: Option<String>,
    ) -> Result<()> {
        for (table, files) in files {
            self.progress.files.entry(table.to_string()).or_default().extend(files);
        }
        self.progress.counts += counts;
        self.progress.last_object = last_object.or(self.progress.last_object.take());
        self.save(location).await
    }

    pub fn path(&self, location: &Location) -> Path {
        location.path(&format!("_kura/rewrite/{}.json", self.table))
    }

    pub async fn save(&self, location: &Location) -> Result<()> {
        let path = self.path(location);
        let bytes =
            serde_json::to_vec(&self.progress).map_err(|e| StoreError::damaged(&path, e))?;
        location.store.put(&path, bytes.into()).await?;
        Ok(())
    }

    /// Begins, or takes up what an earlier one left: if it began with the same, and its files
    /// are still there.
    pub async fn begin(&mut self, location: &Location, objects: u64) -> Result<()> {
        let versions = self.base.iter().map(|(name, base)| (name.clone(), base.version)).collect();
        let program = env!("CARGO_PKG_VERSION").to_owned();
        let begun = Begun { versions, objects, program };
        let found = match location.store.get(&self.path(location)).await {
            Ok(found) => serde_json::from_slice::<Progress>(&found.bytes().await?).ok(),
            Err(object_store::Error::NotFound { .. }) => None,
            Err(error) => return Err(error.into()),
        };
        self.progress = match found {
            Some(found) if found.begun == begun && are_there(location, &found).await => found,
            _ => Progress { begun, ..Progress::default() },
        };
        Ok(())
    }
}

/// Collecting old files may have taken those of a rewrite that nobody went on with.
async fn are_there(location: &Location, progress: &Progress) -> bool {
    for (table, files) in &progress.files {
        for file in files {
            let known = location.store.head(&location.data_file(table, &file.path)).await;
            if known.is_err() {
                return false;
            }
        }
    }
    true
}
