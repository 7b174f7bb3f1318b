//! What answering cost: gathered per question, from planning and from the plan's metrics.

use std::collections::HashSet;
use std::sync::atomic::{AtomicU64, Ordering};

use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::metrics::MetricValue;
use serde::Serialize;

/// What a question read, and what it was spared.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Stats {
    /// Rows of the answer.
    pub rows: u64,
    /// Wall time.
    pub seconds: f64,
    /// Bytes read of data files and their indexes.
    pub bytes_scanned: u64,
    /// Bytes of all data files of the tables asked, once for each time a table is named.
    pub bytes_total: u64,
    /// Data files that something was read of.
    pub files_scanned: u64,
    /// Data files left out: while planning, or when opened, because none of their rows could matter.
    pub files_pruned: u64,
    pub files_total: u64,
}

impl Stats {
    /// Of two questions asked one after the other for one answer.
    #[must_use]
    pub(crate) fn and(self, next: Stats) -> Stats {
        Stats {
            rows: next.rows,
            seconds: self.seconds + next.seconds,
            bytes_scanned: self.bytes_scanned + next.bytes_scanned,
            bytes_total: self.bytes_total.max(next.bytes_total),
            files_scanned: self.files_scanned.max(next.files_scanned),
            files_pruned: self.files_pruned.min(next.files_pruned),
            files_total: self.files_total.max(next.files_total),
        }
    }
}

/// What the tables of one question report while it is planned.
#[derive(Debug, Default)]
pub struct Collector {
    files_total: AtomicU64,
    bytes_total: AtomicU64,
    files_pruned: AtomicU64,
    index_bytes: AtomicU64,
}

impl Collector {
    /// Forgets what was planned: the next plan of the same question counts for itself.
    pub fn reset(&self) {
        for count in [&self.files_total, &self.bytes_total, &self.files_pruned, &self.index_bytes] {
            count.store(0, Ordering::Relaxed);
        }
    }

    /// A scan was planned over a table of so many files.
    pub fn planned(&self, files_total: usize, bytes_total: u64, files_kept: usize) {
        self.files_total.fetch_add(files_total as u64, Ordering::Relaxed);
        self.bytes_total.fetch_add(bytes_total, Ordering::Relaxed);
        let pruned = files_total.saturating_sub(files_kept) as u64;
        self.files_pruned.fetch_add(pruned, Ordering::Relaxed);
    }

    /// So much was read of index files.
    pub fn index_read(&self, bytes: u64) {
        self.index_bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Adds what the plan's own metrics tell, now.
    #[must_use]
    pub fn stats(&self, plan: &dyn ExecutionPlan) -> Stats {
        let mut read = Read::default();
        read.visit(plan);
        let files_total = self.files_total.load(Ordering::Relaxed);
        let files_scanned = (read.files.len() as u64).min(files_total);
        let pruned = self.files_pruned.load(Ordering::Relaxed) + read.ranges_pruned;
        Stats {
            bytes_scanned: read.bytes + self.index_bytes.load(Ordering::Relaxed),
            bytes_total: self.bytes_total.load(Ordering::Relaxed),
            files_scanned,
            files_pruned: pruned.min(files_total - files_scanned),
            files_total,
            ..Stats::default()
        }
    }
}

/// What the scans of a plan say of themselves.
#[derive(Debug, Default)]
struct Read {
    bytes: u64,
    files: HashSet<String>,
    ranges_pruned: u64,
}

impl Read {
    fn visit(&mut self, plan: &dyn ExecutionPlan) {
        for metric in plan.metrics().iter().flat_map(|set| set.iter()) {
            match metric.value() {
                MetricValue::Count { name, count } if name == "bytes_scanned" => {
                    self.bytes += count.value() as u64;
                    let file = metric.labels().iter().find(|label| label.name() == "filename");
                    if let Some(file) = file.filter(|_| count.value() > 0) {
                        self.files.insert(file.value().to_owned());
                    }
                }
                MetricValue::PruningMetrics { name, pruning_metrics }
                    if name == "files_ranges_pruned_statistics" =>
                {
                    self.ranges_pruned += pruning_metrics.pruned() as u64;
                }
                _ => {}
            }
        }
        for child in plan.children() {
            self.visit(child.as_ref());
        }
    }
}
