//! What a monitoring system is told: how large tables are, and of what takes a scan what was
//! found last. Being asked reads no data; scans are the background's.

use std::time::Duration;

use kura_core::causes::WithCauses;
use kura_core::identity::Identity;
use kura_query as query;
use kura_query::{DriftKind, QueryOptions, TableKind};

use crate::intake::Ways;
use crate::usecases::{Kura, Result};

/// A survey of large tables is followed by so many times its own length of rest.
const REST: u32 = 20;

#[derive(Debug, Clone)]
pub struct Metrics {
    pub version: &'static str,
    pub tables: Vec<TableSize>,
    /// As of the last survey; empty before, as is `drift`.
    pub quarantined: Vec<query::Quarantined>,
    pub drift: Vec<Drift>,
    /// What comes by stream, once it does.
    pub ways: Option<Ways>,
}

#[derive(Debug, Clone)]
pub struct TableSize {
    pub table: String,
    pub rows: u64,
    pub bytes: u64,
    pub files: u64,
}

#[derive(Debug, Clone)]
pub struct Drift {
    pub table: String,
    pub kind: &'static str,
    pub fields: u64,
    pub rows: u64,
}

impl Kura {
    pub async fn metrics(&self, who: &Identity) -> Result<Metrics> {
        let mut tables = self.engine.tables(who).await?;
        tables.retain(|info| info.kind == TableKind::Table);
        let mut drift = Vec::new();
        for info in &tables {
            let Some(leftovers) = self.engine.known_drift(&info.name) else { continue };
            drift.extend(DriftKind::ALL.map(|kind| Drift {
                table: info.name.clone(),
                kind: kind.word(),
                fields: leftovers.count(kind),
                rows: leftovers.rows(kind),
            }));
        }
        let size = |info: query::TableInfo| TableSize {
            table: info.name,
            rows: info.rows,
            bytes: info.bytes,
            files: info.files,
        };
        Ok(Metrics {
            version: env!("CARGO_PKG_VERSION"),
            tables: tables.into_iter().map(size).collect(),
            quarantined: self.engine.known_quarantined().to_vec(),
            drift,
            ways: self.ways().cloned(),
        })
    }

    /// Scans again and again what has changed, `every` so often, so that metrics can be told;
    /// never ends.
    pub async fn keep_surveyed(self, who: Identity, every: Duration) {
        loop {
            let clock = self.engine.lake().clock().clone();
            let begun = clock.now();
            if let Err(error) = self.survey(&who).await {
                tracing::warn!(error = %WithCauses(&error), "a survey; it is tried again");
            }
            let took = u64::try_from(clock.now() - begun).unwrap_or(0);
            tokio::time::sleep(every.max(Duration::from_micros(took) * REST)).await;
        }
    }

    /// What is wrong with one table is told and keeps nothing from the others.
    async fn survey(&self, who: &Identity) -> Result<()> {
        let options = QueryOptions::default();
        self.engine.count_quarantined(who, &options).await?;
        for info in self.engine.tables(who).await? {
            if info.kind == TableKind::View {
                continue;
            }
            if let Err(error) = self.engine.drift(who, Some(&info.name), &options).await {
                let table = info.name;
                tracing::warn!(error = %WithCauses(&error), table, "a survey; it is tried again");
            }
        }
        Ok(())
    }
}
