//! Files of this node, behind a trait: what is written is there after [`DiskFile::sync`] and
//! not before, and a name after [`Disk::sync_folder`].
//!
//! [`LocalDisk`] is the machine's; [`SimulatedDisk`] forgets, tears and refuses as disks do.

use std::fmt;
use std::fs::{self, File};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;

pub use simulated::{Faults, SimulatedDisk};

mod simulated;

pub trait Disk: Send + Sync + fmt::Debug {
    /// The names of the files in a folder, sorted.
    fn list(&self, folder: &Path) -> io::Result<Vec<String>>;
    /// Makes the folder, and those above it.
    fn make_folder(&self, folder: &Path) -> io::Result<()>;
    /// Makes names that were made and removed in the folder last.
    fn sync_folder(&self, folder: &Path) -> io::Result<()>;
    /// A new file; its name must be free.
    fn create(&self, file: &Path) -> io::Result<Box<dyn DiskFile>>;
    fn open(&self, file: &Path) -> io::Result<Box<dyn DiskFile>>;
    fn remove(&self, file: &Path) -> io::Result<()>;
}

pub trait DiskFile: Send + Sync + fmt::Debug {
    fn size(&self) -> io::Result<u64>;
    /// Fewer bytes than asked for only where the file ends.
    fn read_at(&self, at: u64, buffer: &mut [u8]) -> io::Result<usize>;
    fn write_at(&self, at: u64, bytes: &[u8]) -> io::Result<()>;
    /// Cuts the file off there.
    fn truncate(&self, size: u64) -> io::Result<()>;
    /// Returns once all that was written survives a loss of power.
    fn sync(&self) -> io::Result<()>;
}

/// The machine's own.
#[derive(Debug, Clone, Copy, Default)]
pub struct LocalDisk;

impl Disk for LocalDisk {
    fn list(&self, folder: &Path) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            if entry.file_type()?.is_file() {
                names.push(entry.file_name().to_string_lossy().into_owned());
            }
        }
        names.sort();
        Ok(names)
    }

    fn make_folder(&self, folder: &Path) -> io::Result<()> {
        crate::storage::make_folders_synced(folder)
    }

    fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        File::open(folder)?.sync_all()
    }

    fn create(&self, file: &Path) -> io::Result<Box<dyn DiskFile>> {
        let file = File::options().read(true).write(true).create_new(true).open(file)?;
        Ok(Box::new(LocalFile(file)))
    }

    fn open(&self, file: &Path) -> io::Result<Box<dyn DiskFile>> {
        Ok(Box::new(LocalFile(File::options().read(true).write(true).open(file)?)))
    }

    fn remove(&self, file: &Path) -> io::Result<()> {
        fs::remove_file(file)
    }
}

#[derive(Debug)]
struct LocalFile(File);

impl DiskFile for LocalFile {
    fn size(&self) -> io::Result<u64> {
        Ok(self.0.metadata()?.len())
    }

    fn read_at(&self, at: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let mut filled = 0;
        while filled < buffer.len() {
            match self.0.read_at(&mut buffer[filled..], at + filled as u64) {
                Ok(0) => break,
                Ok(read) => filled += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(filled)
    }

    fn write_at(&self, at: u64, bytes: &[u8]) -> io::Result<()> {
        self.0.write_all_at(bytes, at)
    }

    fn truncate(&self, size: u64) -> io::Result<()> {
        self.0.set_len(size)
    }

    fn sync(&self) -> io::Result<()> {
        self.0.sync_data()
    }
}
