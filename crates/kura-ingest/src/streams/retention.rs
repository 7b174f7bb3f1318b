//! Which records of the log are wanted by nobody any more: those that the tables have, and the
//! archive.

use std::sync::{Arc, Mutex, PoisonError};

use kura_store::wal::Wal;

/// How far each reader of the log is.
#[derive(Debug, Clone)]
pub struct Retention {
    wal: Wal,
    wanted: Arc<Mutex<Vec<u64>>>,
}

/// One reader's place.
#[derive(Debug, Clone)]
pub struct Done {
    retention: Retention,
    reader: usize,
}

impl Retention {
    pub fn new(wal: Wal) -> Self {
        Retention { wal, wanted: Arc::default() }
    }

    /// A reader that still wants all from here on.
    pub fn reader(&self, first_wanted: u64) -> Done {
        let mut wanted = self.wanted.lock().unwrap_or_else(PoisonError::into_inner);
        wanted.push(first_wanted);
        Done { retention: self.clone(), reader: wanted.len() - 1 }
    }
}

impl Done {
    /// The reader wants nothing before this record.
    pub fn set(&self, first_wanted: u64) {
        let Retention { wal, wanted } = &self.retention;
        let mut wanted = wanted.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(own) = wanted.get_mut(self.reader) {
            *own = first_wanted;
        }
        if let Some(&first) = wanted.iter().min() {
            wal.forget(first);
        }
    }
}
