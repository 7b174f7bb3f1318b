//! What was found out about whole tables, each kept until more is known: what takes a scan is
//! asked for again and again, and read once per version of the table.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use kura_store::TableSnapshot;
use tokio::sync::OwnedMutexGuard;

/// Of each table what was found out last.
#[derive(Debug)]
pub struct Latest<T> {
    known: Mutex<HashMap<String, Known<T>>>,
    /// Who scans a table makes the others wait, who then find what they wanted.
    turns: Mutex<HashMap<String, Arc<tokio::sync::Mutex<()>>>>,
}

/// What was found, and in which version of the table.
#[derive(Debug)]
pub struct Known<T> {
    pub snapshot: Arc<TableSnapshot>,
    pub found: Arc<T>,
}

impl<T> Default for Latest<T> {
    fn default() -> Self {
        Latest { known: Mutex::default(), turns: Mutex::default() }
    }
}

impl<T> Clone for Known<T> {
    fn clone(&self) -> Self {
        Known { snapshot: self.snapshot.clone(), found: self.found.clone() }
    }
}

impl<T> Latest<T> {
    /// What is known of a table that is there, of this version or one before.
    pub fn of(&self, table: &str) -> Option<Known<T>> {
        locked(&self.known).get(table).cloned()
    }

    /// What is known of this very version.
    pub fn at(&self, snapshot: &TableSnapshot) -> Option<Arc<T>> {
        let known = self.of(&snapshot.name)?;
        (known.snapshot.version == snapshot.version).then_some(known.found)
    }

    pub fn keep(&self, snapshot: Arc<TableSnapshot>, found: T) -> Arc<T> {
        let (table, found) = (snapshot.name.clone(), Arc::new(found));
        locked(&self.known).insert(table, Known { snapshot, found: found.clone() });
        found
    }

    /// Waits until nobody else scans the table.
    pub async fn turn(&self, table: &str) -> OwnedMutexGuard<()> {
        let turn = locked(&self.turns).entry(table.to_owned()).or_default().clone();
        turn.lock_owned().await
    }
}

fn locked<V>(mutex: &Mutex<V>) -> MutexGuard<'_, V> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
