//! Ways in by stream, a file or folder each. What all of them promise:
//!
//! - a sender hears "taken" only after [`InputContext::deliver`] said so;
//! - "not now" is said in the protocol's own words, and the sender may try again;
//! - what is no record of the protocol ends a connection at most, never the listener;
//! - connections, bodies, what they inflate to, records and nesting have caps, and all of what
//!   waits to be stored has one [`Room`];
//! - after [`InputContext::stop`] no more is read, and what was delivered is answered.
//!
//! The context counts, so that no input can forget to. A suite runs all of this over every
//! [`Input`]: `kura-server/tests/contract`.

pub mod body;
pub mod forward;
pub mod http;
pub mod room;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use kura_core::clock::Clock;
use kura_core::intake::{Delivery, Intake, RawRecords, Refused, Taken};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;

use room::{Held, Room};

/// Which input: `[inputs.NAME]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Input {
    Forward,
    Http,
}

impl Input {
    pub const ALL: [Input; 2] = [Input::Forward, Input::Http];

    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Input::Forward => "forward",
            Input::Http => "http",
        }
    }
}

/// Caps on what one sender may cost.
#[derive(Debug, Clone, Copy)]
pub struct InputLimits {
    /// Connections at a time, or requests where many share one; more are turned away at once.
    pub connections_max: usize,
    /// Of one request or message, as it comes.
    pub body_bytes_max: usize,
    /// Of the same, inflated.
    pub inflated_bytes_max: usize,
    pub records_max: usize,
    /// Maps and lists in one another.
    pub nesting_max: usize,
    /// Of one record; longer ones are kept in parts.
    pub record_bytes_max: usize,
    /// How long a message, request or handshake that has begun may stand still.
    pub patience: Duration,
}

impl Default for InputLimits {
    fn default() -> Self {
        InputLimits {
            connections_max: 1_024,
            body_bytes_max: 16 << 20,
            inflated_bytes_max: 64 << 20,
            records_max: 100_000,
            nesting_max: 64,
            record_bytes_max: 1 << 20,
            patience: Duration::from_secs(60),
        }
    }
}

/// What an input has been through, for `/metrics`.
#[derive(Debug, Default)]
pub struct InputCounters {
    pub deliveries: AtomicU64,
    pub records: AtomicU64,
    pub bytes: AtomicU64,
    /// Deliveries whose key was known.
    pub known: AtomicU64,
    /// Deliveries that were to be tried again.
    pub refused: AtomicU64,
    /// Bodies and messages that were not the protocol's, or beyond a cap.
    pub invalid: AtomicU64,
    /// Connections open now, and turned away.
    pub connections: AtomicU64,
    pub turned_away: AtomicU64,
}

/// All that an input needs of the world.
#[derive(Debug, Clone)]
pub struct InputContext {
    /// The input's name.
    pub name: &'static str,
    pub limits: InputLimits,
    /// Cancelled once nothing more is to be read.
    pub stop: CancellationToken,
    clock: Arc<dyn Clock>,
    intake: Arc<dyn Intake>,
    counters: Arc<InputCounters>,
    connections: Arc<Semaphore>,
    room: Room,
}

/// A connection that counts as open until this is dropped.
#[derive(Debug)]
pub struct Connection {
    counters: Arc<InputCounters>,
    _permit: OwnedSemaphorePermit,
}

impl InputContext {
    pub fn new(
        input: Input,
        limits: InputLimits,
        intake: Arc<dyn Intake>,
        clock: Arc<dyn Clock>,
        stop: CancellationToken,
    ) -> Self {
        let connections = Arc::new(Semaphore::new(limits.connections_max));
        let name = input.name();
        let (counters, room) = Default::default();
        InputContext { name, limits, stop, clock, intake, counters, connections, room }
    }

    /// In a room that it shares with other inputs.
    #[must_use]
    pub fn within(self, room: Room) -> Self {
        InputContext { room, ..self }
    }

    /// For what one sender sends.
    #[must_use]
    pub fn hold(&self) -> Held {
        self.room.hold()
    }

    #[must_use]
    pub fn counters(&self) -> &InputCounters {
        &self.counters
    }

    /// Keeps the records. `key` is the sender's own name for them.
    pub async fn deliver(
        &self,
        stream: &str,
        key: Option<String>,
        records: RawRecords,
    ) -> Result<Taken, Refused> {
        if records.is_empty() {
            return Ok(Taken::Stored);
        }
        let (count, bytes) = (records.len() as u64, records.bytes() as u64);
        let (input, stream) = (self.name.to_owned(), stream.to_owned());
        let arrival = self.clock.now();
        let taken = self.intake.take(Delivery { input, stream, key, arrival, records }).await;
        let add = |counter: &AtomicU64, n| counter.fetch_add(n, Ordering::Relaxed);
        match &taken {
            Ok(Taken::Stored) => {
                add(&self.counters.deliveries, 1);
                add(&self.counters.records, count);
                add(&self.counters.bytes, bytes);
            }
            Ok(Taken::Known) => {
                add(&self.counters.known, 1);
            }
            Err(_) => {
                add(&self.counters.refused, 1);
            }
        }
        taken
    }

    /// A connection was made; `None` if there are too many.
    #[must_use]
    pub fn connect(&self) -> Option<Connection> {
        let Ok(permit) = self.connections.clone().try_acquire_owned() else {
            self.counters.turned_away.fetch_add(1, Ordering::Relaxed);
            return None;
        };
        self.counters.connections.fetch_add(1, Ordering::Relaxed);
        Some(Connection { counters: self.counters.clone(), _permit: permit })
    }

    /// Something came that is not the protocol's.
    pub fn invalid(&self) {
        self.counters.invalid.fetch_add(1, Ordering::Relaxed);
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.counters.connections.fetch_sub(1, Ordering::Relaxed);
    }
}
