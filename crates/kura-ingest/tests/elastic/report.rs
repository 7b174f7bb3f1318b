//! What the comparison came to, as a table for a person.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::compared::Compared;
use super::decoded::Record;

#[derive(Default)]
pub struct Report {
    /// By source, and the tables its logs became.
    sources: BTreeMap<(String, String), Compared>,
    pub failures: Vec<String>,
}

impl Report {
    pub fn add(&mut self, source: &str, file: &str, records: &[Record], other: &Compared) {
        let tables: BTreeSet<&str> = records.iter().map(|record| record.table.as_str()).collect();
        let tables = Vec::from_iter(tables).join(", ");
        let sum = self.sources.entry((source.to_owned(), tables)).or_default();
        sum.files += other.files;
        sum.events += other.events;
        sum.without_row += other.without_row;
        sum.agree += other.agree;
        sum.explained += other.explained;
        sum.differ += other.differ;
        sum.without_counterpart += other.without_counterpart;
        sum.beyond += other.beyond;
        self.failures.extend(other.failures.iter().map(|failure| format!("{file}: {failure}")));
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let heads = ["files", "events", "agree", "explained", "differ", "without counterpart"];
        writeln!(f, "{:<20} | {}", "source", heads.join(" | "))?;
        for ((source, tables), sum) in &self.sources {
            let counts = [
                sum.files,
                sum.events,
                sum.agree,
                sum.explained,
                sum.differ,
                sum.without_counterpart,
            ];
            write!(f, "{source:<20}")?;
            for (head, count) in heads.iter().zip(counts) {
                write!(f, " | {count:>width$}", width = head.len())?;
            }
            write!(f, " | {tables}")?;
            for (what, count) in [
                ("events without a row", sum.without_row),
                ("records without an event", sum.beyond),
            ] {
                if count > 0 {
                    write!(f, "; {what}: {count}")?;
                }
            }
            writeln!(f)?;
        }
        Ok(())
    }
}
