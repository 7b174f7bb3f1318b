//! The use case of following the stream: rows as they come, no more of them than a person or a
//! connection can take, and said so where it is only a share.

use arrow::array::{Array, AsArray, BooleanArray, RecordBatch};
use arrow::compute::filter_record_batch;
use kura_core::identity::Identity;
use kura_core::table::{column, fingerprint};
use kura_core::time::{MICROS_PER_SECOND, Micros};
use kura_query::{Tail, TailRequest};
use serde_json::Value;

use crate::rows;
use crate::usecases::{Kura, Result};

/// Rows a second that one who follows is sent; of more, a share.
const ROWS_PER_SECOND: f64 = 2_000.0;
/// Rows in one event.
const ROWS_MAX: usize = 1_000;

/// What one who follows hears.
#[derive(Debug)]
pub enum Heard {
    Rows {
        table: String,
        events: Vec<Value>,
        position: String,
    },
    /// From now on this share is sent; 1 is all.
    Sampled {
        rate: f64,
        seen: u64,
        sent: u64,
    },
    /// Where it was to resume is held no more.
    Gap,
}

/// One who follows.
#[derive(Debug)]
pub struct Follower {
    kura: Kura,
    tail: Tail,
    rate: f64,
    /// When rows were last sent, and how many more may be sent at once.
    last: Micros,
    allowance: f64,
    waiting: std::collections::VecDeque<Heard>,
}

impl Kura {
    pub async fn tail(&self, who: &Identity, request: &TailRequest) -> Result<Follower> {
        let tail = self.engine.tail(who, request).await?;
        Ok(Follower {
            kura: self.clone(),
            tail,
            rate: 1.0,
            last: self.clock.now(),
            allowance: ROWS_PER_SECOND,
            waiting: Default::default(),
        })
    }
}

impl Follower {
    /// Waits for what is to be heard next.
    pub async fn next(&mut self) -> Result<Heard> {
        if std::mem::take(&mut self.tail.has_gap) {
            return Ok(Heard::Gap);
        }
        loop {
            if let Some(heard) = self.waiting.pop_front() {
                return Ok(heard);
            }
            let followed = self.tail.next().await?;
            let seen: usize = followed.rows.iter().map(RecordBatch::num_rows).sum();
            let rate = self.rate_for(seen);
            let sent: Vec<RecordBatch> = match rate < 1.0 {
                true => followed.rows.iter().map(|b| share(b, rate)).collect::<Result<_>>()?,
                false => followed.rows.clone(),
            };
            let count: usize = sent.iter().map(RecordBatch::num_rows).sum();
            self.allowance -= count as f64;
            if (rate - self.rate).abs() > f64::EPSILON {
                self.rate = rate;
                let (seen, sent) = (seen as u64, count as u64);
                self.waiting.push_back(Heard::Sampled { rate, seen, sent });
            }
            let mut passed = 0;
            for batch in sent {
                for from in (0..batch.num_rows()).step_by(ROWS_MAX) {
                    let part = batch.slice(from, ROWS_MAX.min(batch.num_rows() - from));
                    let (table, events) = (self.tail.table.clone(), rows::objects(&part)?);
                    // Of a share fewer rows are counted than were passed: a repeat is better
                    // than a gap.
                    passed += part.num_rows();
                    let position = match passed < count {
                        true => followed.position_after(passed),
                        false => followed.position.clone(),
                    };
                    self.waiting.push_back(Heard::Rows { table, events, position });
                }
            }
        }
    }

    /// Which share of so many rows may be sent, in steps that a person can read.
    fn rate_for(&mut self, seen: usize) -> f64 {
        let now = self.kura.clock.now();
        let seconds = (now - self.last).max(0) as f64 / MICROS_PER_SECOND as f64;
        self.last = now;
        self.allowance = (self.allowance + seconds * ROWS_PER_SECOND).min(ROWS_PER_SECOND);
        let share = self.allowance.max(1.0) / seen.max(1) as f64;
        const STEPS: [f64; 7] = [1.0, 0.5, 0.25, 0.1, 0.05, 0.01, 0.001];
        STEPS.into_iter().find(|&step| step <= share).unwrap_or(0.001)
    }
}

/// The rows whose ids fall into the share: of one record always the same.
fn share(batch: &RecordBatch, rate: f64) -> Result<RecordBatch> {
    let Some(ids) = batch.column_by_name(column::ID).and_then(|ids| ids.as_string_opt::<i32>())
    else {
        return Ok(batch.clone());
    };
    let is_in = |at: usize| {
        let place = fingerprint(ids.value(at).as_bytes()) as f64 / u64::MAX as f64;
        ids.is_valid(at) && place < rate
    };
    let picked: BooleanArray = (0..ids.len()).map(|at| Some(is_in(at))).collect();
    Ok(filter_record_batch(batch, &picked)?)
}
