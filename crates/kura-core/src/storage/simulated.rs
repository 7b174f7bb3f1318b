//! An object store in memory that behaves as badly as stores may: it refuses for a while or for
//! ever, loses the answers to writes that it did, says of them that somebody else was first,
//! and takes its time, so that others come between.

use std::fmt;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use futures::StreamExt;
use futures::stream::BoxStream;
use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::{
    CopyMode, CopyOptions, Error, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta,
    ObjectStore, PutMode, PutMultipartOptions, PutOptions, PutPayload, PutResult, Result,
};

/// What is wrong with an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StoreFault {
    /// A write is not done, and said not to be.
    WriteRefused,
    /// As when the network is gone: reads fail, too.
    Unreachable,
    /// A write is done, and said not to be.
    AnswerLost,
    /// A write whose name had to be free is done, its answer lost, and tried again by the
    /// client: it is said that the name is taken.
    TriedTwice,
}

/// What goes wrong from now on.
#[derive(Debug, Clone, Copy)]
pub struct StoreFaults {
    /// So many operations that could fail go well before,
    pub after: u32,
    /// so many fail,
    pub lasts: u32,
    /// in this way.
    pub fault: StoreFault,
}

/// Cheap to clone; clones are the same store.
#[derive(Debug, Clone, Default)]
pub struct SimulatedStore {
    inner: Arc<InMemory>,
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    faults: Option<StoreFaults>,
    /// Operations wait up to so many turns of others.
    turns: u64,
    operations: u64,
}

fn refused() -> Error {
    let source = Box::new(io::Error::other("the simulated store refused"));
    Error::Generic { store: "SimulatedStore", source }
}

impl SimulatedStore {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is stored, as somebody sees it whom no fault meets.
    #[must_use]
    pub fn healthy(&self) -> Arc<dyn ObjectStore> {
        self.inner.clone()
    }

    pub fn set_faults(&self, faults: Option<StoreFaults>) {
        self.state().faults = faults;
    }

    /// Each operation waits for up to so many turns of others.
    pub fn set_turns(&self, turns: u64) {
        self.state().turns = turns;
    }

    async fn take_time(&self) {
        let turns = {
            let mut state = self.state();
            state.operations += 1;
            // Some more, some less.
            state.operations * 7 % 5 * state.turns / 4
        };
        for _ in 0..turns {
            tokio::task::yield_now().await;
        }
    }

    fn fault(&self, meets: impl Fn(StoreFault) -> bool) -> Option<StoreFault> {
        let mut state = self.state();
        let faults = state.faults.as_mut().filter(|faults| meets(faults.fault))?;
        match faults {
            StoreFaults { after: after @ 1.., .. } => {
                *after -= 1;
                None
            }
            StoreFaults { lasts: lasts @ 1.., fault, .. } => {
                *lasts -= 1;
                Some(*fault)
            }
            _ => None,
        }
    }

    async fn read(&self) -> Result<()> {
        self.take_time().await;
        match self.fault(|fault| fault == StoreFault::Unreachable) {
            None => Ok(()),
            Some(_) => Err(refused()),
        }
    }

    /// Does a write, or says that it did not, or both.
    async fn write<T>(
        &self,
        location: &Path,
        is_create: bool,
        write: impl Future<Output = Result<T>>,
    ) -> Result<T> {
        self.take_time().await;
        match self.fault(|fault| fault != StoreFault::TriedTwice || is_create) {
            None => write.await,
            Some(StoreFault::WriteRefused | StoreFault::Unreachable) => Err(refused()),
            Some(StoreFault::AnswerLost) => write.await.and(Err(refused())),
            Some(StoreFault::TriedTwice) => {
                write.await?;
                Err(Error::AlreadyExists { path: location.to_string(), source: refused().into() })
            }
        }
    }
}

impl fmt::Display for SimulatedStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SimulatedStore")
    }
}

#[async_trait]
impl ObjectStore for SimulatedStore {
    async fn put_opts(
        &self,
        location: &Path,
        payload: PutPayload,
        options: PutOptions,
    ) -> Result<PutResult> {
        let is_create = options.mode == PutMode::Create;
        self.write(location, is_create, self.inner.put_opts(location, payload, options)).await
    }

    async fn put_multipart_opts(
        &self,
        location: &Path,
        options: PutMultipartOptions,
    ) -> Result<Box<dyn MultipartUpload>> {
        self.write(location, false, self.inner.put_multipart_opts(location, options)).await
    }

    async fn get_opts(&self, location: &Path, options: GetOptions) -> Result<GetResult> {
        self.read().await?;
        self.inner.get_opts(location, options).await
    }

    fn delete_stream(
        &self,
        locations: BoxStream<'static, Result<Path>>,
    ) -> BoxStream<'static, Result<Path>> {
        let store = self.clone();
        let allowed = locations.map(move |location| {
            match store.fault(|fault| fault != StoreFault::TriedTwice) {
                None => location,
                Some(_) => Err(refused()),
            }
        });
        self.inner.delete_stream(allowed.boxed())
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        let (store, listed) = (self.clone(), self.inner.list(prefix));
        let begin = async move {
            match store.read().await {
                Ok(()) => listed,
                Err(error) => futures::stream::once(async { Err(error) }).boxed(),
            }
        };
        futures::stream::once(begin).flatten().boxed()
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        self.read().await?;
        self.inner.list_with_delimiter(prefix).await
    }

    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
        let is_create = options.mode == CopyMode::Create;
        self.write(to, is_create, self.inner.copy_opts(from, to, options)).await
    }
}
