//! What a sender hands over by stream, and what it is told.
//!
//! An input frames bytes into a [`Delivery`] and hands it to an [`Intake`]; whatever that
//! answers, the input says in its protocol's own words. Behind the intake stands the WAL: what
//! it takes is on disk, synced, before the sender hears of it.

use std::fmt;
use std::sync::Mutex;
use std::sync::PoisonError;

use async_trait::async_trait;

use crate::time::Micros;

/// Records that came together, and are acknowledged or refused together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// The input's name: `forward`, `http`.
    pub input: String,
    /// Which of its streams: a tag, a path.
    pub stream: String,
    /// The sender's own name for the delivery: another one of that name is told that it is
    /// taken, and not kept.
    pub key: Option<String>,
    pub arrival: Micros,
    pub records: RawRecords,
}

/// Records as an input framed them, one behind the other: a JSON object each, or a text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RawRecords {
    bytes: Vec<u8>,
    /// Where each ends.
    ends: Vec<u32>,
    /// The sender's time of each, if it gave one.
    times: Vec<Option<Micros>>,
}

/// One of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StreamRecord<'a> {
    pub bytes: &'a [u8],
    pub time: Option<Micros>,
}

impl RawRecords {
    pub fn push(&mut self, bytes: &[u8], time: Option<Micros>) {
        self.bytes.extend_from_slice(bytes);
        self.end_record(time);
    }

    /// Where the next record is written, by whoever makes it piece by piece; see
    /// [`RawRecords::end_record`].
    pub fn buffer(&mut self) -> &mut Vec<u8> {
        &mut self.bytes
    }

    /// What was written since the last one is a record.
    pub fn end_record(&mut self, time: Option<Micros>) {
        self.ends.push(u32::try_from(self.bytes.len()).unwrap_or(u32::MAX));
        self.times.push(time);
    }

    /// Takes back what was written since the last record.
    pub fn abandon_record(&mut self) {
        self.bytes.truncate(self.ends.last().map_or(0, |&end| end as usize));
    }

    #[must_use]
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Bytes of all records.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.bytes.len()
    }

    pub fn iter(&self) -> impl ExactSizeIterator<Item = StreamRecord<'_>> {
        (0..self.len()).map(|at| {
            let from = at.checked_sub(1).map_or(0, |before| self.ends[before] as usize);
            let bytes = &self.bytes[from..self.ends[at] as usize];
            StreamRecord { bytes, time: self.times[at] }
        })
    }
}

/// What became of a delivery that was not refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    /// It is on disk.
    Stored,
    /// One of its key is, already.
    Known,
}

/// Why a delivery was not taken. Nothing of it was kept.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// There is no room, or not so fast: the sender is to try again, later.
    #[error("no room for more now; try again later")]
    Busy,
    /// The program is about to end: the sender is to try again, elsewhere or later.
    #[error("shutting down")]
    Closing,
    /// It will never be taken.
    #[error("{0}")]
    TooLarge(String),
    /// The disk refused it; trying again may help.
    #[error("not stored: {0}")]
    Failed(String),
}

/// Takes deliveries.
#[async_trait]
pub trait Intake: Send + Sync + fmt::Debug {
    /// Returns once the delivery survives whatever happens to the process and the machine.
    async fn take(&self, delivery: Delivery) -> Result<Taken, Refused>;
}

/// What waits before the gate of a [`MemoryIntake`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Waiting {
    pub deliveries: usize,
    /// Of their records.
    pub bytes: usize,
}

/// An intake that keeps deliveries in memory, for tests of inputs: it is as slow, or as full,
/// as it is told to be.
#[derive(Debug, Default)]
pub struct MemoryIntake {
    taken: Mutex<Vec<Delivery>>,
    refusals: Mutex<Vec<Refused>>,
    waiting: Mutex<Waiting>,
    /// Deliveries wait for a permit each, where somebody gives them out.
    pub gate: Option<std::sync::Arc<tokio::sync::Semaphore>>,
}

impl MemoryIntake {
    /// The next deliveries are refused like this, the first one first.
    pub fn refuse(&self, refusals: impl IntoIterator<Item = Refused>) {
        let mut all = self.refusals.lock().unwrap_or_else(PoisonError::into_inner);
        all.extend(refusals);
    }

    /// What waits for the gate now.
    pub fn waiting(&self) -> Waiting {
        *self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait(&self, bytes: usize) -> Waits<'_> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.deliveries += 1;
        waiting.bytes += bytes;
        Waits { intake: self, bytes }
    }

    /// What was taken so far.
    pub fn taken(&self) -> Vec<Delivery> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// A delivery that waits until this is dropped; its sender may give up.
struct Waits<'i> {
    intake: &'i MemoryIntake,
    bytes: usize,
}

impl Drop for Waits<'_> {
    fn drop(&mut self) {
        let mut waiting = self.intake.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.deliveries -= 1;
        waiting.bytes -= self.bytes;
    }
}

#[async_trait]
impl Intake for MemoryIntake {
    async fn take(&self, delivery: Delivery) -> Result<Taken, Refused> {
        if let Some(gate) = &self.gate {
            let _waits = self.wait(delivery.records.bytes());
            let permit = gate.acquire().await.map_err(|_| Refused::Closing)?;
            permit.forget();
        }
        {
            let mut refusals = self.refusals.lock().unwrap_or_else(PoisonError::into_inner);
            if !refusals.is_empty() {
                return Err(refusals.remove(0));
            }
        }
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let is_known = delivery.key.is_some() && taken.iter().any(|d| d.key == delivery.key);
        if is_known {
            return Ok(Taken::Known);
        }
        taken.push(delivery);
        Ok(Taken::Stored)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_lie_one_behind_the_other() {
        let mut records = RawRecords::default();
        records.push(b"one", None);
        records.buffer().extend_from_slice(b"gone");
        records.abandon_record();
        records.push(b"", Some(7));
        records.push(b"three", None);
        let seen: Vec<_> = records.iter().map(|record| (record.bytes, record.time)).collect();
        assert_eq!(seen, [(&b"one"[..], None), (b"", Some(7)), (b"three", None)]);
        assert_eq!(records.bytes(), 8);
    }
}
