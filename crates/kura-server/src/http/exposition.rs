//! Metrics in Prometheus' text format, version 0.0.4: a handful of gauges, for which no library
//! is worth its weight.

use std::fmt::Write;
use std::sync::atomic::{AtomicU64, Ordering};

use kura_ingest::inputs::{InputContext, InputCounters};
use kura_ingest::streams::StreamWatch;

use crate::metrics::{Drift, Metrics, TableSize};

pub const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Name, meaning, and value.
type Gauge<T> = (&'static str, &'static str, fn(&T) -> u64);

#[must_use]
pub fn text(metrics: &Metrics) -> String {
    let mut page = Page::default();
    page.family("kura_build_info", "The Kura that answers, told by its label.");
    page.sample(&[("version", metrics.version)], 1);

    let sizes: [Gauge<TableSize>; 3] = [
        ("kura_table_rows", "Rows of the table.", |size| size.rows),
        ("kura_table_bytes", "Bytes of the table's data files.", |size| size.bytes),
        ("kura_table_files", "Data files of the table.", |size| size.files),
    ];
    for (name, about, value) in sizes {
        page.family(name, about);
        for size in &metrics.tables {
            page.sample(&[("table", &size.table)], value(size));
        }
    }

    let about = "Records set aside, by the table they were meant for, when last counted.";
    page.family("kura_quarantined_rows", about);
    for set in &metrics.quarantined {
        page.sample(&[("format", &set.format), ("reason", &set.reason)], set.rows);
    }

    let drifts: [Gauge<Drift>; 2] = [
        ("kura_drift_fields", "Fields without a column, when last counted.", |of| of.fields),
        ("kura_drift_rows", "Rows with such fields, when last counted.", |of| of.rows),
    ];
    for (name, about, value) in drifts {
        page.family(name, about);
        for drift in &metrics.drift {
            page.sample(&[("table", &drift.table), ("kind", drift.kind)], value(drift));
        }
    }
    if let Some(ways) = &metrics.ways {
        inputs(&mut page, &ways.inputs);
        stream(&mut page, &ways.stream);
    }
    page.out
}

type InputMetric = (&'static str, &'static str, fn(&InputCounters) -> &AtomicU64);
type StreamMetric = (&'static str, &'static str, fn(&StreamWatch) -> u64);

fn read(counter: &AtomicU64) -> u64 {
    counter.load(Ordering::Relaxed)
}

fn inputs(page: &mut Page, inputs: &[InputContext]) {
    let metrics: [InputMetric; 8] = [
        ("kura_input_deliveries_total", "Deliveries acknowledged.", |of| &of.deliveries),
        ("kura_input_records_total", "Records acknowledged.", |of| &of.records),
        ("kura_input_bytes_total", "Bytes of those.", |of| &of.bytes),
        ("kura_input_known_total", "Deliveries that came again.", |of| &of.known),
        ("kura_input_refused_total", "Deliveries to be tried again.", |of| &of.refused),
        ("kura_input_invalid_total", "Messages that were none, or beyond a cap.", |of| &of.invalid),
        ("kura_input_turned_away_total", "Connections beyond the cap.", |of| &of.turned_away),
        ("kura_input_connections", "Connections open.", |of| &of.connections),
    ];
    for (name, about, value) in metrics {
        page.family(name, about);
        for input in inputs {
            page.sample(&[("input", input.name)], read(value(input.counters())));
        }
    }
}

fn stream(page: &mut Page, watch: &StreamWatch) {
    let metrics: [StreamMetric; 12] = [
        ("kura_stream_decoded_total", "Records decoded.", |of| read(&of.counters.decoded)),
        ("kura_stream_batches_total", "Batches stored.", |of| read(&of.counters.batches)),
        ("kura_stream_failures_total", "Batches to be tried again.", |of| {
            read(&of.counters.failures)
        }),
        ("kura_stream_stored_total", "Records stored.", |of| read(&of.counters.stored)),
        ("kura_stream_duplicates_total", "Records there already.", |of| {
            read(&of.counters.duplicates)
        }),
        ("kura_stream_quarantined_total", "Records set aside.", |of| {
            read(&of.counters.quarantined)
        }),
        ("kura_stream_behind_records", "Acknowledged, and not searched yet.", StreamWatch::behind),
        ("kura_hot_bytes", "Bytes of rows that are in no table yet.", StreamWatch::hot_bytes),
        ("kura_wal_bytes", "Bytes of the log on disk.", StreamWatch::wal_bytes),
        ("kura_wal_replayed_records", "Records found in the log at the start.", |of| {
            of.replay.records
        }),
        ("kura_wal_damaged_parts", "Damaged parts of the log found at the start.", |of| {
            of.replay.damage.len() as u64
        }),
        ("kura_wal_lost_records", "Records known to be gone with those.", |of| {
            of.replay.records_lost()
        }),
    ];
    for (name, about, value) in metrics {
        page.family(name, about);
        page.sample(&[], value(watch));
    }
}

#[derive(Default)]
struct Page {
    out: String,
    family: &'static str,
    /// Not yet written: a family without samples is not told.
    head: Option<&'static str>,
}

impl Page {
    fn family(&mut self, name: &'static str, about: &'static str) {
        self.family = name;
        self.head = Some(about);
    }

    /// Writing to a string cannot fail.
    fn sample(&mut self, labels: &[(&str, &str)], value: u64) {
        let name = self.family;
        if let Some(about) = self.head.take() {
            let kind = if name.ends_with("_total") { "counter" } else { "gauge" };
            let _ = write!(self.out, "# HELP {name} {about}\n# TYPE {name} {kind}\n");
        }
        let labels: Vec<String> =
            labels.iter().map(|(name, value)| format!("{name}=\"{}\"", escaped(value))).collect();
        let _ = match labels.is_empty() {
            true => writeln!(self.out, "{name} {value}"),
            false => writeln!(self.out, "{name}{{{}}} {value}", labels.join(",")),
        };
    }
}

fn escaped(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use kura_query::Quarantined;

    use super::*;

    #[test]
    fn families_have_heads_and_values_of_labels_are_escaped() {
        let size = TableSize { table: "a\"b\\c\nd".to_owned(), rows: 3, bytes: 20, files: 1 };
        let set = Quarantined { format: "alb".to_owned(), reason: "too_large".to_owned(), rows: 2 };
        let metrics = Metrics {
            version: "1.2.3",
            tables: vec![size],
            quarantined: vec![set],
            drift: Vec::new(),
            ways: None,
        };
        let label = r#"{table="a\"b\\c\nd"}"#;
        assert_eq!(
            text(&metrics),
            format!(
                "# HELP kura_build_info The Kura that answers, told by its label.\n\
                 # TYPE kura_build_info gauge\n\
                 kura_build_info{{version=\"1.2.3\"}} 1\n\
                 # HELP kura_table_rows Rows of the table.\n\
                 # TYPE kura_table_rows gauge\n\
                 kura_table_rows{label} 3\n\
                 # HELP kura_table_bytes Bytes of the table's data files.\n\
                 # TYPE kura_table_bytes gauge\n\
                 kura_table_bytes{label} 20\n\
                 # HELP kura_table_files Data files of the table.\n\
                 # TYPE kura_table_files gauge\n\
                 kura_table_files{label} 1\n\
                 # HELP kura_quarantined_rows Records set aside, by the table they were meant for, when last counted.\n\
                 # TYPE kura_quarantined_rows gauge\n\
                 kura_quarantined_rows{{format=\"alb\",reason=\"too_large\"}} 2\n"
            )
        );
    }
}
