//! Object stores that keep their word.
//!
//! [`SyncedStore`] is the local disk with the promise that object_store's own
//! `LocalFileSystem` does not make: when `put` returns, the object and the folder entries
//! leading to it survive a power cut, and no reader ever sees half an object.
//! [`FaultyStore`] wraps any store and stops at its n-th write, for crash tests;
//! [`SimulatedStore`] is one in memory that refuses, forgets to answer and dawdles.

use std::fmt;
use std::fs::{self, File};
use std::io::{self, Seek, SeekFrom, Write};
use std::path::{Path as FsPath, PathBuf};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::SystemTime;

use async_trait::async_trait;
use futures::StreamExt;
use futures::stream::BoxStream;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{
    CopyOptions, Error, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta,
    ObjectStore, ObjectStoreExt, PutMode, PutMultipartOptions, PutOptions, PutPayload, PutResult,
    Result, UploadPart,
};

pub use simulated::{SimulatedStore, StoreFault, StoreFaults};

mod simulated;

/// The whole local file system as an object store (paths are absolute), synced.
#[derive(Debug, Clone)]
pub struct SyncedStore {
    inner: Arc<LocalFileSystem>,
}

impl Default for SyncedStore {
    fn default() -> Self {
        SyncedStore { inner: Arc::new(LocalFileSystem::new()) }
    }
}

impl fmt::Display for SyncedStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SyncedStore")
    }
}

const STORE: &str = "SyncedStore";

fn store_error(path: &FsPath, error: io::Error) -> Error {
    let path_text = path.display().to_string();
    match error.kind() {
        io::ErrorKind::AlreadyExists => {
            Error::AlreadyExists { path: path_text, source: Box::new(error) }
        }
        io::ErrorKind::NotFound => Error::NotFound { path: path_text, source: Box::new(error) },
        io::ErrorKind::PermissionDenied => {
            Error::PermissionDenied { path: path_text, source: Box::new(error) }
        }
        kind => Error::Generic {
            store: STORE,
            source: Box::new(io::Error::new(kind, format!("{path_text}: {error}"))),
        },
    }
}

/// 1. the bytes go to a staging file beside the target (a name that listings leave out),
/// 2. the staging file is synced,
/// 3. it takes the target's name: by rename, or by link where the name must be free,
/// 4. the folder is synced, and every folder that had to be made.
fn put_synced(target: &FsPath, payload: &PutPayload, create: bool) -> io::Result<()> {
    let folder = target.parent().ok_or(io::ErrorKind::InvalidInput)?;
    let made = make_folders(folder)?;
    let staging = staging_beside(target);
    let placed = write_synced(&staging, payload).and_then(|()| match create {
        true => fs::hard_link(&staging, target).and_then(|()| fs::remove_file(&staging)),
        false => fs::rename(&staging, target),
    });
    if let Err(error) = placed {
        // Best effort: a staging file left behind is never listed, and collected as an orphan.
        let _ = fs::remove_file(&staging);
        return Err(error);
    }
    sync_folder(folder)?;
    made.iter().try_for_each(|parent| sync_folder(parent))
}

/// Removes staging files below `folder` that were not written to since `before`: their
/// writers died. Returns how many.
pub fn remove_stale_staging(folder: &FsPath, before: SystemTime) -> u64 {
    let mut removed = 0;
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        let entries = fs::read_dir(folder).into_iter().flatten().flatten();
        for entry in entries {
            let Ok(metadata) = entry.metadata() else { continue };
            if metadata.is_dir() {
                folders.push(entry.path());
            } else if is_staging(&entry.path())
                && metadata.modified().is_ok_and(|changed| changed < before)
            {
                removed += u64::from(fs::remove_file(entry.path()).is_ok());
            }
        }
    }
    removed
}

/// `name#digits`.
fn is_staging(path: &FsPath) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name.rsplit_once('#').is_some_and(|(name, number)| {
        !name.is_empty() && !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit())
    })
}

/// A name that listings leave out.
fn staging_beside(target: &FsPath) -> PathBuf {
    let mut staging = target.as_os_str().to_owned();
    staging.push(format!("#{}", uuid::Uuid::new_v4().as_u128() >> 64));
    PathBuf::from(staging)
}

fn write_synced(path: &FsPath, payload: &PutPayload) -> io::Result<()> {
    let mut file = File::options().write(true).create_new(true).open(path)?;
    for bytes in payload {
        file.write_all(bytes)?;
    }
    file.sync_all()
}

/// Makes `folder` and those above it; returns the folders that gained an entry.
fn make_folders(folder: &FsPath) -> io::Result<Vec<PathBuf>> {
    let missing: Vec<&FsPath> = folder.ancestors().take_while(|f| !f.exists()).collect();
    if missing.is_empty() {
        return Ok(Vec::new());
    }
    fs::create_dir_all(folder)?;
    Ok(missing.iter().filter_map(|f| f.parent().map(FsPath::to_path_buf)).collect())
}

/// The folder, and those above it, to stay.
pub(crate) fn make_folders_synced(folder: &FsPath) -> io::Result<()> {
    make_folders(folder)?.iter().try_for_each(|parent| sync_folder(parent))
}

fn sync_folder(folder: &FsPath) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

impl SyncedStore {
    fn file_path(&self, location: &Path) -> Result<PathBuf> {
        self.inner.path_to_filesystem(location)
    }

    async fn put_payload(&self, location: &Path, payload: PutPayload, create: bool) -> Result<()> {
        let target = self.file_path(location)?;
        let work = move || {
            put_synced(&target, &payload, create).map_err(|error| store_error(&target, error))
        };
        blocking(work).await
    }
}

#[async_trait]
impl ObjectStore for SyncedStore {
    async fn put_opts(
        &self,
        location: &Path,
        payload: PutPayload,
        options: PutOptions,
    ) -> Result<PutResult> {
        let create = match options.mode {
            PutMode::Create => true,
            PutMode::Overwrite => false,
            PutMode::Update(_) => {
                return Err(Error::NotImplemented {
                    operation: "`put_opts` with mode `PutMode::Update`".into(),
                    implementer: STORE.into(),
                });
            }
        };
        self.put_payload(location, payload, create).await?;
        Ok(PutResult { e_tag: None, version: None })
    }

    async fn put_multipart_opts(
        &self,
        location: &Path,
        _options: PutMultipartOptions,
    ) -> Result<Box<dyn MultipartUpload>> {
        let target = self.file_path(location)?;
        let upload = blocking(move || {
            SyncedUpload::begin(target.clone()).map_err(|error| store_error(&target, error))
        });
        Ok(Box::new(upload.await?))
    }

    async fn get_opts(&self, location: &Path, options: GetOptions) -> Result<GetResult> {
        self.inner.get_opts(location, options).await
    }

    fn delete_stream(
        &self,
        locations: BoxStream<'static, Result<Path>>,
    ) -> BoxStream<'static, Result<Path>> {
        self.inner.delete_stream(locations)
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        self.inner.list(prefix)
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        self.inner.list_with_delimiter(prefix).await
    }

    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
        let bytes = self.inner.get(from).await?.bytes().await?;
        let create = options.mode == object_store::CopyMode::Create;
        self.put_payload(to, bytes.into(), create).await
    }
}

/// Parts written to a staging file, each at its place, which takes the target's name at the
/// end.
#[derive(Debug)]
struct SyncedUpload {
    target: PathBuf,
    staging: PathBuf,
    file: Arc<Mutex<File>>,
    /// Folders that had to be made.
    made: Vec<PathBuf>,
    size: u64,
}

impl SyncedUpload {
    fn begin(target: PathBuf) -> io::Result<Self> {
        let folder = target.parent().ok_or(io::ErrorKind::InvalidInput)?;
        let made = make_folders(folder)?;
        let staging = staging_beside(&target);
        let file = File::options().write(true).create_new(true).open(&staging)?;
        Ok(SyncedUpload { target, staging, file: Arc::new(Mutex::new(file)), made, size: 0 })
    }
}

fn lock(file: &Mutex<File>) -> io::Result<MutexGuard<'_, File>> {
    file.lock().map_err(|_| io::Error::other("a write of the same file panicked"))
}

fn write_part(file: &Mutex<File>, at: u64, part: &PutPayload) -> io::Result<()> {
    let mut file = lock(file)?;
    file.seek(SeekFrom::Start(at))?;
    part.iter().try_for_each(|bytes| file.write_all(bytes))
}

#[async_trait]
impl MultipartUpload for SyncedUpload {
    fn put_part(&mut self, data: PutPayload) -> UploadPart {
        let at = self.size;
        self.size += data.content_length() as u64;
        let (file, target) = (self.file.clone(), self.target.clone());
        Box::pin(blocking(move || {
            write_part(&file, at, &data).map_err(|error| store_error(&target, error))
        }))
    }

    async fn complete(&mut self) -> Result<PutResult> {
        let (file, staging) = (self.file.clone(), self.staging.clone());
        let (target, made) = (self.target.clone(), self.made.clone());
        blocking(move || {
            let synced = lock(&file).and_then(|file| file.sync_all());
            synced
                .and_then(|()| fs::rename(&staging, &target))
                .and_then(|()| target.parent().map_or(Ok(()), sync_folder))
                .and_then(|()| made.iter().try_for_each(|parent| sync_folder(parent)))
                .map_err(|error| store_error(&target, error))
        })
        .await?;
        Ok(PutResult { e_tag: None, version: None })
    }

    async fn abort(&mut self) -> Result<()> {
        let staging = self.staging.clone();
        blocking(move || fs::remove_file(&staging).map_err(|error| store_error(&staging, error)))
            .await
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(|error| Error::JoinError { source: error })?
}

/// A store whose writes fail from the n-th on, as if the process had died there. What was
/// written before stays.
#[derive(Debug, Clone)]
pub struct FaultyStore {
    inner: Arc<dyn ObjectStore>,
    writes_left: Arc<AtomicI64>,
    /// Only the n-th fails, and it is done: its answer is what is lost.
    loses_answer: bool,
}

impl FaultyStore {
    #[must_use]
    pub fn new(inner: Arc<dyn ObjectStore>, writes: i64) -> Self {
        FaultyStore { inner, writes_left: Arc::new(AtomicI64::new(writes)), loses_answer: false }
    }

    /// A store that does every write and loses the answer to the one after so many.
    #[must_use]
    pub fn losing_answer(inner: Arc<dyn ObjectStore>, writes: i64) -> Self {
        FaultyStore { loses_answer: true, ..FaultyStore::new(inner, writes) }
    }

    /// How many more writes succeed; negative once one failed.
    #[must_use]
    pub fn writes_left(&self) -> i64 {
        self.writes_left.load(Ordering::SeqCst)
    }

    fn write(&self) -> Result<()> {
        let left = self.writes_left.fetch_sub(1, Ordering::SeqCst);
        if left > 0 || (self.loses_answer && left < 0) {
            return Ok(());
        }
        let source = io::Error::other("the injected fault");
        Err(Error::Generic { store: "FaultyStore", source: Box::new(source) })
    }
}

impl fmt::Display for FaultyStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FaultyStore({})", self.inner)
    }
}

#[async_trait]
impl ObjectStore for FaultyStore {
    async fn put_opts(
        &self,
        location: &Path,
        payload: PutPayload,
        options: PutOptions,
    ) -> Result<PutResult> {
        if self.loses_answer {
            let put = self.inner.put_opts(location, payload, options).await?;
            return self.write().map(|()| put);
        }
        self.write()?;
        self.inner.put_opts(location, payload, options).await
    }

    async fn put_multipart_opts(
        &self,
        location: &Path,
        options: PutMultipartOptions,
    ) -> Result<Box<dyn MultipartUpload>> {
        self.write()?;
        self.inner.put_multipart_opts(location, options).await
    }

    async fn get_opts(&self, location: &Path, options: GetOptions) -> Result<GetResult> {
        self.inner.get_opts(location, options).await
    }

    fn delete_stream(
        &self,
        locations: BoxStream<'static, Result<Path>>,
    ) -> BoxStream<'static, Result<Path>> {
        let store = self.clone();
        let allowed = locations.map(move |location| store.write().and(location));
        self.inner.delete_stream(allowed.boxed())
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        self.inner.list(prefix)
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        self.inner.list_with_delimiter(prefix).await
    }

    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
        if self.loses_answer {
            self.inner.copy_opts(from, to, options).await?;
            return self.write();
        }
        self.write()?;
        self.inner.copy_opts(from, to, options).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn puts_appear_whole_and_create_refuses_a_name_in_use() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let store = SyncedStore::default();
        let base = Path::from_absolute_path(folder.path()).expect("a path");
        let location = base.clone().join("a").join("b").join("object");
        let create = PutOptions { mode: PutMode::Create, ..PutOptions::default() };
        store.put_opts(&location, "one".into(), create.clone()).await.expect("a free name");
        let again = store.put_opts(&location, "two".into(), create).await;
        assert!(matches!(again, Err(Error::AlreadyExists { .. })));
        store.put(&location, "three".into()).await.expect("overwriting");
        let bytes = store.get(&location).await.expect("there").bytes().await.expect("readable");
        assert_eq!(&bytes[..], b"three");
        let names = fs::read_dir(folder.path().join("a/b")).expect("a folder").count();
        assert_eq!(names, 1, "no staging file stays");
    }

    #[tokio::test]
    async fn what_an_upload_that_was_killed_left_is_removed_once_it_is_old() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let store = SyncedStore::default();
        let base = Path::from_absolute_path(folder.path()).expect("a path");
        let mut upload = store.put_multipart(&base.clone().join("killed")).await.expect("begun");
        upload.put_part("part".into()).await.expect("to disk");
        std::mem::forget(upload);
        store.put(&base.join("whole"), "whole".into()).await.expect("to disk");
        let now = fs::metadata(folder.path()).and_then(|m| m.modified()).expect("a time");
        let hour = std::time::Duration::from_secs(3_600);
        assert_eq!(remove_stale_staging(folder.path(), now - hour), 0, "it may be under way");
        assert_eq!(remove_stale_staging(folder.path(), now + hour), 1);
        let names = fs::read_dir(folder.path()).expect("a folder").count();
        assert_eq!(names, 1);
    }

    #[tokio::test]
    async fn a_faulty_store_fails_from_its_nth_write_on() {
        let store = FaultyStore::new(Arc::new(object_store::memory::InMemory::new()), 1);
        let path = Path::from("x");
        assert!(store.put(&path, "1".into()).await.is_ok());
        assert!(store.put(&path, "2".into()).await.is_err());
        assert!(store.put(&path, "3".into()).await.is_err());
        assert_eq!(&store.get(&path).await.expect("there").bytes().await.expect("bytes")[..], b"1");
    }
}
