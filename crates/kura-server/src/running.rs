//! The questions being answered, by name, so that they can be listed and cancelled; and how
//! many may be at once.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use kura_core::clock::Clock;
use kura_core::time::{MICROS_PER_SECOND, Micros, rfc3339};
use tokio_util::sync::CancellationToken;

use crate::api::RunningQuery;

#[derive(Debug, Clone)]
pub struct Running {
    clock: Arc<dyn Clock>,
    queries: Arc<Mutex<HashMap<String, Entry>>>,
    queries_max: usize,
}

#[derive(Debug)]
struct Entry {
    statement: String,
    started: Micros,
    cancel: CancellationToken,
}

/// Why a question was not begun.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    TooMany(usize),
    NameInUse,
}

/// A question under way; it is off the list, and cancelled, when this is dropped.
#[derive(Debug)]
pub struct Ticket {
    pub query_id: String,
    pub cancel: CancellationToken,
    running: Running,
}

impl Running {
    pub fn new(clock: Arc<dyn Clock>, queries_max: usize) -> Self {
        Running { clock, queries: Arc::default(), queries_max }
    }

    pub fn begin(&self, query_id: Option<String>, statement: &str) -> Result<Ticket, Refused> {
        let query_id = query_id.unwrap_or_else(|| uuid::Uuid::new_v4().to_string());
        let cancel = CancellationToken::new();
        let mut queries = self.queries.lock().unwrap_or_else(PoisonError::into_inner);
        if queries.len() >= self.queries_max {
            return Err(Refused::TooMany(self.queries_max));
        }
        if queries.contains_key(&query_id) {
            return Err(Refused::NameInUse);
        }
        let entry = Entry {
            statement: statement.to_owned(),
            started: self.clock.now(),
            cancel: cancel.clone(),
        };
        queries.insert(query_id.clone(), entry);
        Ok(Ticket { query_id, cancel, running: self.clone() })
    }

    #[must_use]
    pub fn list(&self) -> Vec<RunningQuery> {
        let now = self.clock.now();
        let queries = self.queries.lock().unwrap_or_else(PoisonError::into_inner);
        let mut list: Vec<RunningQuery> = queries
            .iter()
            .map(|(query_id, entry)| RunningQuery {
                query_id: query_id.clone(),
                statement: entry.statement.clone(),
                started: rfc3339(entry.started),
                seconds: (now - entry.started) as f64 / MICROS_PER_SECOND as f64,
            })
            .collect();
        list.sort_by(|a, b| a.started.cmp(&b.started));
        list
    }

    /// `false` if there is no such question.
    #[must_use]
    pub fn cancel(&self, query_id: &str) -> bool {
        let queries = self.queries.lock().unwrap_or_else(PoisonError::into_inner);
        let found = queries.get(query_id);
        found.inspect(|entry| entry.cancel.cancel());
        found.is_some()
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.cancel.cancel();
        let mut queries = self.running.queries.lock().unwrap_or_else(PoisonError::into_inner);
        queries.remove(&self.query_id);
    }
}
