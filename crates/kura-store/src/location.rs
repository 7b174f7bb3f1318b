//! Where a lake lies, and where in it everything lies.

use std::path::{Path as FsPath, PathBuf};
use std::sync::Arc;

use kura_core::storage::SyncedStore;
use object_store::ObjectStore;
use object_store::path::Path;
use url::Url;

use crate::error::{Result, StoreError};

/// A place for a lake: an object store, the prefix in it, and this node's own disk.
#[derive(Debug, Clone)]
pub struct Location {
    /// Rooted at the root of the storage: paths in it are whole.
    pub store: Arc<dyn ObjectStore>,
    pub prefix: Path,
    pub url: Url,
    /// This node's folder: ledger, locks, cache.
    pub data: PathBuf,
    /// As the person wrote it.
    pub name: String,
}

impl Location {
    /// `text` is a folder. (Lakes in S3 come with the S3 input.)
    pub fn parse(text: &str) -> Result<Self> {
        if text.contains("://") && !text.starts_with("file://") {
            let why = "lakes in object stores are not supported yet, name a folder";
            return Err(StoreError::Location(text.to_owned(), why.to_owned()));
        }
        Self::folder(FsPath::new(text.strip_prefix("file://").unwrap_or(text)))
    }

    /// A lake in a local folder, which need not exist.
    pub fn folder(folder: &FsPath) -> Result<Self> {
        Self::folder_on(folder, Arc::new(SyncedStore::default()))
    }

    /// A lake in a local folder that is reached through `store`: for tests with faults.
    pub fn folder_on(folder: &FsPath, store: Arc<dyn ObjectStore>) -> Result<Self> {
        let name = folder.display().to_string();
        let bad = |why: &str| StoreError::Location(name.clone(), why.to_owned());
        let absolute = std::path::absolute(folder).map_err(|e| bad(&e.to_string()))?;
        if absolute.is_file() {
            return Err(bad("it is a file"));
        }
        let prefix = Path::from_absolute_path(&absolute).map_err(|e| bad(&e.to_string()))?;
        let url = Url::from_directory_path(&absolute).map_err(|()| bad("not a path"))?;
        let data = absolute.join("_kura").join("node");
        Ok(Location { store, prefix, url, data, name })
    }

    /// `relative` within the lake, as a whole path of the store.
    #[must_use]
    pub fn path(&self, relative: &str) -> Path {
        relative.split('/').filter(|part| !part.is_empty()).fold(self.prefix.clone(), Path::join)
    }

    #[must_use]
    pub fn table_path(&self, table: &str) -> Path {
        self.path(&format!("tables/{table}"))
    }

    pub(crate) fn table_url(&self, table: &str) -> Result<Url> {
        self.url
            .join(&format!("tables/{table}/"))
            .map_err(|e| StoreError::Location(self.name.clone(), e.to_string()))
    }

    /// The whole path of a data file named by its table's log.
    #[must_use]
    pub fn data_file(&self, table: &str, file: &str) -> Path {
        self.path(&format!("tables/{table}/{file}"))
    }

    /// The index file beside a data file: the same name, elsewhere.
    pub(crate) fn index_file(&self, table: &str, file: &str) -> Path {
        let name = file.rsplit('/').next().unwrap_or(file).trim_end_matches(".parquet");
        self.path(&format!("_kura/index/{table}/{name}"))
    }
}
