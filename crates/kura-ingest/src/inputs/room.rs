//! Room for what senders sent and nobody has stored yet: one share of the memory for all inputs.
//!
//! What comes is counted as it comes. Where the room is full, one sender at a time goes on beyond
//! it, so that what has begun can end; the others wait, and are not read on.

use std::sync::Arc;

use tokio::sync::{Mutex, OwnedMutexGuard, OwnedSemaphorePermit, Semaphore};

/// What is counted in.
const UNIT_BYTES: usize = 1 << 10;
const BYTES_DEFAULT: usize = 64 << 20;

#[derive(Debug, Clone)]
pub struct Room {
    units: Arc<Semaphore>,
    beyond: Arc<Mutex<()>>,
    /// What is being inflated and taken apart comes to more than is known before: as many at a
    /// time as there are cores.
    opening: Arc<Semaphore>,
}

/// What one sender takes of it, until this is dropped.
#[derive(Debug)]
pub struct Held {
    room: Room,
    bytes: usize,
    counted: Option<OwnedSemaphorePermit>,
    beyond: Option<OwnedMutexGuard<()>>,
}

impl Default for Room {
    fn default() -> Self {
        Room::new(BYTES_DEFAULT)
    }
}

impl Room {
    #[must_use]
    pub fn new(bytes_max: usize) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Room {
            units: Arc::new(Semaphore::new(bytes_max / UNIT_BYTES)),
            beyond: Arc::default(),
            opening: Arc::new(Semaphore::new(cores)),
        }
    }

    pub(super) fn hold(&self) -> Held {
        Held { room: self.clone(), bytes: 0, counted: None, beyond: None }
    }
}

impl Held {
    /// So many bytes more are held; waits until they may be. They are held, and not counted, where
    /// somebody stops waiting.
    pub async fn add(&mut self, bytes: usize) {
        self.bytes += bytes;
        if self.beyond.is_some() {
            return;
        }
        let missing = self.bytes.div_ceil(UNIT_BYTES).saturating_sub(self.units());
        let missing = u32::try_from(missing).unwrap_or(u32::MAX);
        let Room { units, beyond, .. } = &self.room;
        if let Ok(more) = units.clone().try_acquire_many_owned(missing) {
            return self.count(more);
        }
        tokio::select! {
            biased;
            Ok(more) = units.clone().acquire_many_owned(missing) => self.count(more),
            beyond = beyond.clone().lock_owned() => self.beyond = Some(beyond),
        }
    }

    fn count(&mut self, more: OwnedSemaphorePermit) {
        match &mut self.counted {
            Some(counted) => counted.merge(more),
            counted => *counted = Some(more),
        }
    }

    /// No more than so many bytes are held any more.
    pub fn shrink_to(&mut self, bytes: usize) {
        self.bytes = self.bytes.min(bytes);
        self.beyond = None;
        let surplus = self.units().saturating_sub(self.bytes.div_ceil(UNIT_BYTES));
        // Dropped, it is given back.
        let _ = self.counted.as_mut().and_then(|counted| counted.split(surplus));
    }

    /// Something is about to be inflated and taken apart. Who goes beyond the room waits for
    /// nobody.
    pub async fn opening(&self) -> Option<OwnedSemaphorePermit> {
        match &self.beyond {
            Some(_) => None,
            None => self.room.opening.clone().acquire_owned().await.ok(),
        }
    }

    fn units(&self) -> usize {
        self.counted.as_ref().map_or(0, OwnedSemaphorePermit::num_permits)
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;

    use super::*;

    #[tokio::test]
    async fn one_goes_on_beyond_the_room_and_the_others_wait() {
        let room = Room::new(10 * UNIT_BYTES);
        let [mut first, mut second, mut third] = [room.hold(), room.hold(), room.hold()];
        first.add(6 * UNIT_BYTES).await;
        second.add(3 * UNIT_BYTES + 1).await;
        assert_eq!(room.units.available_permits(), 0);
        second.add(100 * UNIT_BYTES).await;
        assert!(third.add(1).now_or_never().is_none(), "there is no room");
        assert!(first.add(UNIT_BYTES).now_or_never().is_none(), "nor for who was there before");
        // Who went beyond ends, and goes on to do so without anybody's leave.
        let slots = [first.opening().await, third.opening().await];
        assert!(second.opening().await.is_none());
        drop(slots);
        second.shrink_to(UNIT_BYTES);
        assert_eq!(room.units.available_permits(), 3);
        third.add(2 * UNIT_BYTES).await;
        assert!(third.beyond.is_none());
        // More than all of it, which is never free.
        drop((first, second));
        third.add(100 * UNIT_BYTES).await;
        drop(third);
        assert_eq!(room.units.available_permits(), 10);
    }
}
