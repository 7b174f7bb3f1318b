//! A disk in memory that behaves as badly as disks may: what was not synced is lost, kept or
//! torn in a crash, names come and go with their folder's sync, writes run out of room, and a
//! failed sync has thrown away what it was to keep.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{Disk, DiskFile};

/// What is kept or lost as a whole when the power goes.
const SECTOR_BYTES: usize = 512;

/// What goes wrong from now on; each holds until it is set otherwise.
#[derive(Debug, Clone, Copy, Default)]
pub struct Faults {
    /// So many writes and syncs succeed; then everything fails, as if the process had died.
    pub operations_left: Option<u64>,
    /// Bytes that still have room.
    pub room: Option<u64>,
    /// Syncs of files fail, and what they were to keep is lost.
    pub sync_fails: bool,
}

/// Cheap to clone; clones are the same disk.
#[derive(Debug, Clone, Default)]
pub struct SimulatedDisk(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    /// Names as the running program sees them.
    names: BTreeMap<PathBuf, usize>,
    /// Names that a crash leaves.
    synced_names: BTreeMap<PathBuf, usize>,
    files: Vec<Content>,
    faults: Faults,
}

#[derive(Debug, Default)]
struct Content {
    /// As the running program reads it.
    now: Vec<u8>,
    /// What a crash leaves for certain.
    synced: Vec<u8>,
}

#[derive(Debug)]
struct SimulatedFile {
    disk: SimulatedDisk,
    number: usize,
}

fn gone(what: &str) -> io::Error {
    io::Error::other(format!("simulated: {what}"))
}

impl SimulatedDisk {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn set_faults(&self, faults: Faults) {
        self.state().faults = faults;
    }

    /// The power goes, and comes back. Of what was not synced, `is_kept` says sector by sector
    /// whether it reached the disk; of names that were not, whether they did.
    pub fn crash(&self, mut is_kept: impl FnMut() -> bool) {
        let mut state = self.state();
        state.faults = Faults::default();
        let State { names, synced_names, files, .. } = &mut *state;
        for content in files.iter_mut() {
            content.crash(&mut is_kept);
        }
        let all: Vec<PathBuf> = names.keys().chain(synced_names.keys()).cloned().collect();
        for name in all {
            let (now, synced) = (names.get(&name).copied(), synced_names.get(&name).copied());
            if now != synced && is_kept() {
                match now {
                    Some(number) => synced_names.insert(name, number),
                    None => synced_names.remove(&name),
                };
            }
        }
        *names = synced_names.clone();
    }

    /// Flips bits of a file, synced as it is.
    pub fn rot(&self, file: &Path, at: usize, mask: u8) {
        let mut state = self.state();
        if let Some(&number) = state.names.get(file) {
            for bytes in state.files[number].both() {
                if let Some(byte) = bytes.get_mut(at) {
                    *byte ^= mask;
                }
            }
        }
    }

    /// Cuts a file off, synced as it is.
    pub fn cut(&self, file: &Path, size: usize) {
        let mut state = self.state();
        if let Some(&number) = state.names.get(file) {
            state.files[number].both().into_iter().for_each(|bytes| bytes.truncate(size));
        }
    }

    #[must_use]
    pub fn content(&self, file: &Path) -> Option<Vec<u8>> {
        let state = self.state();
        state.names.get(file).map(|&number| state.files[number].now.clone())
    }
}

impl Content {
    fn both(&mut self) -> [&mut Vec<u8>; 2] {
        [&mut self.now, &mut self.synced]
    }

    fn crash(&mut self, is_kept: &mut impl FnMut() -> bool) {
        // How long the file is, is written like a sector.
        if self.now.len() != self.synced.len() && is_kept() {
            self.synced.resize(self.now.len(), 0);
        }
        let sectors = self.synced.chunks_mut(SECTOR_BYTES).zip(self.now.chunks(SECTOR_BYTES));
        for (synced, now) in sectors {
            let length = synced.len().min(now.len());
            if synced[..length] != now[..length] && is_kept() {
                synced[..length].copy_from_slice(&now[..length]);
            }
        }
        self.now = self.synced.clone();
    }
}

impl State {
    fn operation(&mut self) -> io::Result<()> {
        match &mut self.faults.operations_left {
            Some(0) => Err(gone("the process died")),
            Some(left) => {
                *left -= 1;
                Ok(())
            }
            None => Ok(()),
        }
    }
}

impl Disk for SimulatedDisk {
    fn list(&self, folder: &Path) -> io::Result<Vec<String>> {
        let state = self.state();
        let within = state.names.keys().filter(|name| name.parent() == Some(folder));
        let name = |path: &PathBuf| path.file_name().map(|n| n.to_string_lossy().into_owned());
        Ok(within.filter_map(name).collect())
    }

    fn make_folder(&self, _folder: &Path) -> io::Result<()> {
        self.state().operation()
    }

    fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        let mut state = self.state();
        state.operation()?;
        let State { names, synced_names, .. } = &mut *state;
        synced_names.retain(|name, _| name.parent() != Some(folder));
        let within = names.iter().filter(|(name, _)| name.parent() == Some(folder));
        synced_names.extend(within.map(|(name, &number)| (name.clone(), number)));
        Ok(())
    }

    fn create(&self, file: &Path) -> io::Result<Box<dyn DiskFile>> {
        let mut state = self.state();
        state.operation()?;
        if state.names.contains_key(file) {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        let number = state.files.len();
        state.files.push(Content::default());
        state.names.insert(file.to_owned(), number);
        Ok(Box::new(SimulatedFile { disk: self.clone(), number }))
    }

    fn open(&self, file: &Path) -> io::Result<Box<dyn DiskFile>> {
        let number = self.state().names.get(file).copied();
        let number = number.ok_or(io::ErrorKind::NotFound)?;
        Ok(Box::new(SimulatedFile { disk: self.clone(), number }))
    }

    fn remove(&self, file: &Path) -> io::Result<()> {
        let mut state = self.state();
        state.operation()?;
        state.names.remove(file).map(drop).ok_or_else(|| io::ErrorKind::NotFound.into())
    }
}

impl DiskFile for SimulatedFile {
    fn size(&self) -> io::Result<u64> {
        Ok(self.disk.state().files[self.number].now.len() as u64)
    }

    fn read_at(&self, at: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let state = self.disk.state();
        let from = usize::try_from(at).unwrap_or(usize::MAX);
        let rest = state.files[self.number].now.get(from..).unwrap_or_default();
        let length = rest.len().min(buffer.len());
        buffer[..length].copy_from_slice(&rest[..length]);
        Ok(length)
    }

    /// Where the room ends the write is torn.
    fn write_at(&self, at: u64, bytes: &[u8]) -> io::Result<()> {
        let mut state = self.disk.state();
        state.operation()?;
        let room = state.faults.room.unwrap_or(u64::MAX);
        let fits = bytes.len().min(usize::try_from(room).unwrap_or(usize::MAX));
        if let Some(room) = &mut state.faults.room {
            *room -= fits as u64;
        }
        let content = &mut state.files[self.number].now;
        let from = usize::try_from(at).unwrap_or(usize::MAX);
        if content.len() < from + fits {
            content.resize(from + fits, 0);
        }
        content[from..from + fits].copy_from_slice(&bytes[..fits]);
        match fits == bytes.len() {
            true => Ok(()),
            false => Err(io::ErrorKind::StorageFull.into()),
        }
    }

    fn truncate(&self, size: u64) -> io::Result<()> {
        let mut state = self.disk.state();
        state.operation()?;
        let size = usize::try_from(size).unwrap_or(usize::MAX);
        state.files[self.number].now.resize(size, 0);
        Ok(())
    }

    fn sync(&self) -> io::Result<()> {
        let mut state = self.disk.state();
        state.operation()?;
        let fails = state.faults.sync_fails;
        let content = &mut state.files[self.number];
        if fails {
            content.now = content.synced.clone();
            return Err(gone("the sync failed"));
        }
        content.synced = content.now.clone();
        Ok(())
    }
}
