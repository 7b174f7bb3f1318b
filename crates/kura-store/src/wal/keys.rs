//! The senders' own names of deliveries: one that comes again is told that it is taken.
//!
//! The newest million are known. They are found again after a restart: those of deliveries
//! that are still in the log there, those of stored ones in the manifests of their batches.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use kura_core::table::fingerprint;
use serde::{Deserialize, Serialize};
use tokio::sync::watch;

/// So many are known.
pub const KEYS_MAX: usize = 1_000_000;

/// An input's name and a key of it, as a hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct KeyHash([u64; 2]);

impl KeyHash {
    #[must_use]
    pub fn new(input: &str, key: &str) -> Self {
        let (forth, back) = (format!("{input}\0{key}"), format!("{key}\0{input}"));
        KeyHash([fingerprint(forth.as_bytes()), fingerprint(back.as_bytes())])
    }
}

impl fmt::Display for KeyHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}{:016x}", self.0[0], self.0[1])
    }
}

impl From<KeyHash> for String {
    fn from(key: KeyHash) -> String {
        key.to_string()
    }
}

impl TryFrom<String> for KeyHash {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let half = |at: std::ops::Range<usize>| {
            text.get(at).and_then(|half| u64::from_str_radix(half, 16).ok())
        };
        match (half(0..16), half(16..32)) {
            (Some(first), Some(second)) if text.len() == 32 => Ok(KeyHash([first, second])),
            _ => Err(format!("`{text}` is no hash of a key")),
        }
    }
}

#[derive(Debug, Clone, Default)]
pub struct Keys(Arc<Mutex<Known>>);

#[derive(Debug, Default)]
struct Known {
    states: HashMap<KeyHash, State>,
    /// Of those that are stored, the oldest first.
    stored: VecDeque<KeyHash>,
}

#[derive(Debug)]
enum State {
    Stored,
    /// On its way; the channel closes once it is decided.
    Claimed(watch::Receiver<()>),
}

/// A key whose delivery is on its way. Dropped, it is free again.
#[derive(Debug)]
pub struct Claim {
    keys: Keys,
    key: KeyHash,
    _decided: watch::Sender<()>,
}

impl Keys {
    fn lock(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits while a delivery of this key is on its way; `None` if it is stored.
    pub async fn claim(&self, key: KeyHash) -> Option<Claim> {
        loop {
            let mut decided = {
                let mut known = self.lock();
                match known.states.get(&key) {
                    Some(State::Stored) => return None,
                    Some(State::Claimed(decided)) => decided.clone(),
                    None => {
                        let (sender, receiver) = watch::channel(());
                        known.states.insert(key, State::Claimed(receiver));
                        return Some(Claim { keys: self.clone(), key, _decided: sender });
                    }
                }
            };
            // It only ever closes.
            let _ = decided.changed().await;
        }
    }

    /// The delivery of this key is stored.
    pub fn add(&self, key: KeyHash) {
        let mut known = self.lock();
        if !matches!(known.states.insert(key, State::Stored), Some(State::Stored)) {
            known.stored.push_back(key);
        }
        while known.stored.len() > KEYS_MAX {
            if let Some(oldest) = known.stored.pop_front() {
                known.states.remove(&oldest);
            }
        }
    }
}

impl Claim {
    pub fn settle(self) {
        self.keys.add(self.key);
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        let mut known = self.keys.lock();
        if let Some(State::Claimed(_)) = known.states.get(&self.key) {
            known.states.remove(&self.key);
        }
    }
}
