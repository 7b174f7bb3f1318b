//! A lake as readers see it: its tables, and a snapshot of each.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use deltalake_core::DeltaTable;
use kura_core::clock::Clock;
use object_store::{ObjectStore, ObjectStoreExt, PutMode, PutOptions};
use serde::{Deserialize, Serialize};
use tokio::sync::Mutex;

use crate::busy::Busy;
use crate::delta::{self, TableSnapshot};
use crate::error::{Result, StoreError};
use crate::hot::Hot;
use crate::index::IndexFile;
use crate::location::Location;

/// The format of everything below `_kura`. A lake of another format is not touched.
pub const FORMAT_VERSION: u32 = 2;

/// `_kura/lake.json`.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct LakeFile {
    id: String,
    format_version: u32,
}

/// An open lake. Cheap to clone; snapshots are kept and brought up to date when asked for.
#[derive(Debug, Clone)]
pub struct Lake {
    location: Location,
    id: String,
    clock: Arc<dyn Clock>,
    tables: Arc<Mutex<HashMap<String, OpenTable>>>,
    hot: Hot,
    busy: Arc<Busy>,
    /// As which the tables' logs know the batches of this process's stream.
    stream: Arc<OnceLock<String>>,
}

#[derive(Debug)]
struct OpenTable {
    delta: DeltaTable,
    snapshot: Arc<TableSnapshot>,
}

impl Lake {
    /// Opens the lake that is there.
    pub async fn open(location: Location, clock: Arc<dyn Clock>) -> Result<Self> {
        match read_lake_file(&location).await? {
            Some(file) => Ok(Self::with_id(location, file.id, clock)),
            None => Err(StoreError::NoLake(location.name)),
        }
    }

    /// Opens the lake, making it if there is none.
    pub async fn open_or_create(location: Location, clock: Arc<dyn Clock>) -> Result<Self> {
        if let Some(file) = read_lake_file(&location).await? {
            return Ok(Self::with_id(location, file.id, clock));
        }
        let file =
            LakeFile { id: uuid::Uuid::new_v4().to_string(), format_version: FORMAT_VERSION };
        let bytes = serde_json::to_vec(&file).map_err(|e| StoreError::damaged("lake.json", e))?;
        let options = PutOptions { mode: PutMode::Create, ..PutOptions::default() };
        let path = location.path("_kura/lake.json");
        match location.store.put_opts(&path, bytes.into(), options).await {
            Ok(_) => Ok(Self::with_id(location, file.id, clock)),
            // Somebody else made it in between: theirs is the lake.
            Err(object_store::Error::AlreadyExists { .. }) => Self::open(location, clock).await,
            Err(error) => Err(error.into()),
        }
    }

    fn with_id(location: Location, id: String, clock: Arc<dyn Clock>) -> Self {
        Lake {
            location,
            id,
            clock,
            tables: Arc::default(),
            hot: Hot::default(),
            busy: Arc::default(),
            stream: Arc::default(),
        }
    }

    #[must_use]
    pub fn location(&self) -> &Location {
        &self.location
    }

    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    #[must_use]
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.clock
    }

    /// This node, short, as origins of what came by stream have it.
    #[must_use]
    pub fn node_name(&self) -> String {
        let name = self.stream.get().map_or("", |name| name.as_str());
        name.trim_start_matches("kura/").chars().take(8).collect()
    }

    /// As which the tables' logs know the batches of the stream, if there is one.
    #[must_use]
    pub fn stream(&self) -> Option<&str> {
        self.stream.get().map(String::as_str)
    }

    /// Rows that came by stream and are in no table yet.
    #[must_use]
    pub fn hot(&self) -> &Hot {
        &self.hot
    }

    /// Tables that this process writes to all the time.
    #[must_use]
    pub fn busy(&self) -> &Busy {
        &self.busy
    }

    /// The tables' logs know the batches of the stream as this one's from now on.
    pub fn set_stream(&self, application: String) {
        // There is one stream to a process.
        let _ = self.stream.set(application);
    }

    async fn snapshot_of(&self, table: &str, delta: &DeltaTable) -> Result<Arc<TableSnapshot>> {
        let mut snapshot = delta::snapshot(&self.location, table, delta)?;
        if let Some(application) = self.stream.get() {
            snapshot.flushed = delta::committed(delta, application).await?.unwrap_or(0);
        }
        Ok(Arc::new(snapshot))
    }

    /// The names of the tables, sorted.
    pub async fn tables(&self) -> Result<Vec<String>> {
        let folder = self.location.path("tables");
        let listed = self.location.store.list_with_delimiter(Some(&folder)).await?;
        let mut names: Vec<String> = listed
            .common_prefixes
            .iter()
            .filter_map(|path| path.filename().map(ToOwned::to_owned))
            .collect();
        names.sort();
        Ok(names)
    }

    /// The index of a data file, if it has one.
    pub async fn index(&self, table: &str, file: &str) -> Result<Option<IndexFile>> {
        let path = self.location.index_file(table, file);
        IndexFile::open(self.location.store.clone(), path).await
    }

    /// The table as it is now. The log is read on from the version known before.
    pub async fn snapshot(&self, table: &str) -> Result<Arc<TableSnapshot>> {
        let mut tables = self.tables.lock().await;
        if let Some(open) = tables.get_mut(table) {
            open.delta.update_state().await?;
            let version = open.delta.version().unwrap_or(0);
            if version != open.snapshot.version {
                open.snapshot = self.snapshot_of(table, &open.delta).await?;
            }
            return Ok(open.snapshot.clone());
        }
        // Only names that the lake lists: a name is never a path.
        if !self.tables().await?.iter().any(|name| name == table) {
            return Err(StoreError::NoTable(table.to_owned()));
        }
        let delta = delta::open(&self.location, table)
            .await?
            .ok_or_else(|| StoreError::NoTable(table.to_owned()))?;
        let snapshot = self.snapshot_of(table, &delta).await?;
        let open = OpenTable { delta, snapshot: snapshot.clone() };
        tables.insert(table.to_owned(), open);
        Ok(snapshot)
    }
}

async fn read_lake_file(location: &Location) -> Result<Option<LakeFile>> {
    let path = location.path("_kura/lake.json");
    let bytes = match location.store.get(&path).await {
        Ok(found) => found.bytes().await?,
        Err(object_store::Error::NotFound { .. }) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let file: LakeFile =
        serde_json::from_slice(&bytes).map_err(|e| StoreError::damaged(&path, e))?;
    match file.format_version == FORMAT_VERSION {
        true => Ok(Some(file)),
        false => Err(StoreError::OtherFormat {
            lake: location.name.clone(),
            found: file.format_version,
            known: FORMAT_VERSION,
        }),
    }
}
