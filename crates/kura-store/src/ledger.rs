//! Which objects are in the lake: an index, on this node, of what the manifests say.
//!
//! It is never the truth. When it is missing, damaged, behind or of another lake, it is
//! built again from the manifests.

use std::path::Path as FsPath;

use kura_core::origin::ObjectRef;
use rusqlite::{Connection, OptionalExtension, params};

use crate::error::{Result, StoreError};
use crate::location::Location;
use crate::manifest::{self, Fold};

const SCHEMA: &str = "
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = NORMAL;
    CREATE TABLE IF NOT EXISTS ledger_lake (id TEXT NOT NULL);
    CREATE TABLE IF NOT EXISTS ledger_writer (
        writer TEXT NOT NULL PRIMARY KEY, last_batch INTEGER NOT NULL
    ) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS ledger_object (
        uri TEXT NOT NULL, version TEXT NOT NULL, read_as TEXT NOT NULL,
        PRIMARY KEY (uri, version, read_as)
    ) WITHOUT ROWID;
";
/// Of this schema; 0 is a database just made.
const SCHEMA_VERSION: u32 = 3;
/// Somebody else may fold what is about to be read; so often it is looked for again.
const TRIES_MAX: usize = 3;

#[derive(Debug)]
pub struct Ledger {
    connection: Connection,
}

impl Ledger {
    /// Opens the ledger of the lake with this id; one that cannot be opened, or is of
    /// another lake, is put away and begun anew.
    pub fn open(file: &FsPath, lake_id: &str) -> Result<Self> {
        match Self::try_open(file, lake_id) {
            Ok(Some(ledger)) => Ok(ledger),
            Ok(None) | Err(StoreError::Ledger(_)) => {
                tracing::info!(file = %file.display(), "the ledger is built anew");
                remove(file)?;
                Self::try_open(file, lake_id)?
                    .ok_or_else(|| StoreError::damaged(file.display(), "of another lake"))
            }
            Err(error) => Err(error),
        }
    }

    fn try_open(file: &FsPath, lake_id: &str) -> Result<Option<Self>> {
        let connection = Connection::open(file)?;
        let version: u32 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
        let is_new: bool = connection.query_row(
            "SELECT count(*) = 0 FROM sqlite_master WHERE name = 'ledger_object'",
            [],
            |row| row.get(0),
        )?;
        if version != SCHEMA_VERSION && !is_new {
            return Ok(None);
        }
        connection.execute_batch(SCHEMA)?;
        connection.pragma_update(None, "user_version", SCHEMA_VERSION)?;
        let id: Option<String> =
            connection.query_row("SELECT id FROM ledger_lake", [], |row| row.get(0)).optional()?;
        match id {
            Some(id) if id != lake_id => return Ok(None),
            Some(_) => {}
            None => {
                connection.execute("INSERT INTO ledger_lake VALUES (?1)", [lake_id])?;
            }
        }
        Ok(Some(Ledger { connection }))
    }

    /// Reads every closed batch that is not in here yet.
    pub async fn catch_up(&mut self, location: &Location) -> Result<()> {
        for _ in 1..TRIES_MAX {
            match self.try_catch_up(location).await {
                Err(StoreError::Objects(object_store::Error::NotFound { .. })) => {}
                outcome => return outcome,
            }
        }
        self.try_catch_up(location).await
    }

    async fn try_catch_up(&mut self, location: &Location) -> Result<()> {
        for batches in manifest::list(location).await? {
            let last = self.last_number(&batches.writer)?;
            for name in batches.after(last) {
                // Behind an open one there is none that is closed.
                let Some(fold) = manifest::read_closed(&location.store, name).await? else { break };
                self.add(&fold)?;
            }
        }
        Ok(())
    }

    /// Adds closed batches, all of it or nothing. A writer's are added in order.
    pub fn add(&mut self, fold: &Fold) -> Result<()> {
        let transaction = self.connection.transaction()?;
        for read in &fold.objects {
            for object in &read.objects {
                transaction
                    .prepare_cached("INSERT OR IGNORE INTO ledger_object VALUES (?1, ?2, ?3)")?
                    .execute(params![object.uri, object.version, read.read_as])?;
            }
        }
        transaction.execute(
            "INSERT INTO ledger_writer VALUES (?1, ?2) ON CONFLICT (writer)
             DO UPDATE SET last_batch = max(last_batch, excluded.last_batch)",
            params![fold.writer, fold.last],
        )?;
        transaction.commit()?;
        Ok(())
    }

    /// For each object, whether this version of it is known, as what it is said to be now if
    /// that is said.
    pub fn know<'a>(
        &self,
        objects: impl Iterator<Item = &'a ObjectRef>,
        read_as: &str,
    ) -> Result<Vec<bool>> {
        // One transaction: each by itself takes and gives back a lock on the file.
        let transaction = self.connection.unchecked_transaction()?;
        let mut statement = transaction.prepare_cached(
            "SELECT 1 FROM ledger_object
             WHERE uri = ?1 AND version = ?2 AND (?3 = '' OR read_as = ?3)",
        )?;
        let known =
            |object: &ObjectRef| statement.exists(params![object.uri, object.version, read_as]);
        Ok(objects.map(known).collect::<std::result::Result<_, _>>()?)
    }

    /// Whether this is the only version of the object that was ever imported.
    pub fn knows_only(&self, object: &ObjectRef) -> Result<bool> {
        let mut statement = self.connection.prepare_cached(
            "SELECT max(version), count(DISTINCT version) FROM ledger_object WHERE uri = ?1",
        )?;
        let (version, versions): (Option<String>, u64) =
            statement.query_row([&object.uri], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(versions == 1 && version.as_ref() == Some(&object.version))
    }

    /// The highest number this writer closed.
    pub fn last_number(&self, writer: &str) -> Result<i64> {
        let last = self.connection.query_row(
            "SELECT last_batch FROM ledger_writer WHERE writer = ?1",
            [writer],
            |row| row.get(0),
        );
        Ok(last.optional()?.unwrap_or(0))
    }
}

fn remove(file: &FsPath) -> Result<()> {
    for suffix in ["", "-wal", "-shm"] {
        let mut name = file.as_os_str().to_owned();
        name.push(suffix);
        match std::fs::remove_file(&name) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(StoreError::disk(FsPath::new(&name), error));
            }
            _ => {}
        }
    }
    Ok(())
}
