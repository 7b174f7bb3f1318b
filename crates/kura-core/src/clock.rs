//! The clock, behind a trait: nobody else in Kura asks the machine for the time.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use crate::time::Micros;

pub trait Clock: Send + Sync + std::fmt::Debug {
    /// Microseconds since the epoch, UTC.
    fn now(&self) -> Micros;
}

#[derive(Debug, Default, Clone, Copy)]
pub struct SystemClock;

impl Clock for SystemClock {
    // The one place that asks the machine.
    #[allow(clippy::disallowed_methods)]
    fn now(&self) -> Micros {
        SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .ok()
            .and_then(|since| Micros::try_from(since.as_micros()).ok())
            .unwrap_or(0)
    }
}

/// A clock that stands where it was set: for tests and simulations.
#[derive(Debug)]
pub struct FixedClock(AtomicI64);

impl FixedClock {
    #[must_use]
    pub fn at(time: Micros) -> Self {
        FixedClock(AtomicI64::new(time))
    }

    pub fn set(&self, time: Micros) {
        self.0.store(time, Ordering::Relaxed);
    }
}

impl Clock for FixedClock {
    fn now(&self) -> Micros {
        self.0.load(Ordering::Relaxed)
    }
}
