//! Tables looked after while a server runs: small files become large ones, and what nobody
//! refers to any more is deleted after its grace.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use kura_core::causes::WithCauses;
use kura_core::memory::MemoryPlan;
use kura_core::table::TableSpec;
use kura_core::time::{MICROS_PER_DAY, Micros};

use serde::Deserialize;
use tokio::sync::watch;

use crate::compact::{collect, compact_some, pays};
use crate::delta::TableSnapshot;
use crate::error::{Result, StoreError};
use crate::expire::{Expired, expire};
use crate::lake::Lake;

/// How long files that were replaced stay for those who still read them.
pub const GRACE_DAYS: u32 = 7;

/// What upkeep did, for the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Done {
    Merged { table: String, files: usize },
    Deleted { table: String, files: u64 },
    Expired(Expired),
}

/// For how many days tables keep their rows; without a word for ever.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Retention {
    /// Of every table that `tables` does not name.
    pub default_days: Option<u32>,
    pub tables: BTreeMap<String, u32>,
}

impl Retention {
    fn days(&self, table: &str) -> Option<u32> {
        self.tables.get(table).copied().or(self.default_days)
    }
}

/// One lake's upkeep.
#[derive(Debug)]
pub struct Upkeep {
    lake: Lake,
    memory: MemoryPlan,
    spec_of: fn(&TableSnapshot) -> TableSpec,
    retention: watch::Receiver<Retention>,
    /// When files past their grace were last looked for.
    collected: Option<Micros>,
}

impl Upkeep {
    #[must_use]
    pub fn new(lake: Lake, memory: MemoryPlan, spec_of: fn(&TableSnapshot) -> TableSpec) -> Self {
        let (_, retention) = watch::channel(Retention::default());
        Upkeep { lake, memory, spec_of, retention, collected: None }
    }

    /// Rows leave their tables after so long, as it is said at that time.
    #[must_use]
    pub fn with_retention(self, retention: watch::Receiver<Retention>) -> Self {
        Upkeep { retention, ..self }
    }

    /// Looks after the tables again and again, `every` so often, and after the busy ones sooner;
    /// never ends.
    pub async fn run(mut self, every: Duration, done: impl Fn(Done)) {
        let mut rounds = tokio::time::interval(every);
        rounds.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let lake = self.lake.clone();
        loop {
            tokio::select! {
                _ = rounds.tick() => if let Err(error) = self.round(&done).await {
                    tracing::warn!(error = %WithCauses(&error), "upkeep; it is tried again");
                },
                busy = lake.busy().tables() => for name in busy {
                    self.try_look_after(&name, false, &done).await;
                },
            }
        }
    }

    /// One look at every table. While somebody else writes there is nothing to do; what is
    /// wrong with one table is told and keeps nothing from the others.
    pub async fn round(&mut self, done: &impl Fn(Done)) -> Result<()> {
        let now = self.lake.clock().now();
        let collects = self.collected.is_none_or(|last| now - last >= MICROS_PER_DAY);
        let mut is_done = true;
        for name in self.lake.tables().await? {
            is_done &= self.try_look_after(&name, collects, done).await;
        }
        if collects && is_done {
            self.collected = Some(now);
        }
        Ok(())
    }

    /// `false`: somebody else writes.
    async fn try_look_after(&self, name: &str, collects: bool, done: &impl Fn(Done)) -> bool {
        match self.look_after(name, collects, done).await {
            Ok(()) | Err(StoreError::NoTable(_)) => true,
            Err(StoreError::Busy(_) | StoreError::Fenced) => false,
            Err(error) => {
                tracing::warn!(error = %WithCauses(&error), table = name, "upkeep; it is tried again");
                true
            }
        }
    }

    async fn look_after(&self, name: &str, collects: bool, done: &impl Fn(Done)) -> Result<()> {
        let table = || name.to_owned();
        while let Some(snapshot) = self.that_pays(name).await? {
            let spec = (self.spec_of)(&snapshot);
            let files = compact_some(&self.lake, &spec, self.memory).await?;
            if files == 0 {
                break;
            }
            done(Done::Merged { table: table(), files });
        }
        let days = self.retention.borrow().days(name);
        if collects && let Some(days) = days {
            let before = self.lake.clock().now() - i64::from(days) * MICROS_PER_DAY;
            let expired = expire(&self.lake, name, before, false).await?;
            if expired.files > 0 {
                done(Done::Expired(expired));
            }
        }
        if collects {
            let files = collect(&self.lake, name, i64::from(GRACE_DAYS) * 86_400).await?;
            if files > 0 {
                done(Done::Deleted { table: table(), files });
            }
        }
        Ok(())
    }

    async fn that_pays(&self, name: &str) -> Result<Option<Arc<TableSnapshot>>> {
        let snapshot = self.lake.snapshot(name).await?;
        Ok(Some(snapshot).filter(|snapshot| pays(snapshot, self.memory)))
    }
}
