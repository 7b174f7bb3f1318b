//! A log's records, each with its row as JSON, decoded as an import does.

use std::path::Path;
use std::sync::Arc;

use arrow::json::LineDelimitedWriter;
use kura_core::inflate::InflateLimits;
use kura_core::table::{Rows, column};
use kura_core::time::MICROS_PER_SECOND;
use kura_formats::framing::FrameLimits;
use kura_formats::{Catalogue, quarantine};
use kura_ingest::Silent;
use kura_ingest::object::{ObjectReader, Piece, ReadOptions};
use kura_ingest::source::find;
use serde_json::Value;

pub struct Record {
    pub table: String,
    /// Columns without nulls, or why there are none.
    pub row: Result<Value, String>,
}

/// In the order in which they stand in the log; what is no record (a header) is left out.
pub fn decoded(log: &Path) -> Vec<Record> {
    let options = ReadOptions {
        format: None,
        catalogue: Catalogue::default(),
        // 2026-11-20: where a year is not written, it is the one before.
        arrival: 1_795_132_800 * MICROS_PER_SECOND,
        inflate: InflateLimits::default(),
        frames: FrameLimits::default(),
        piece_bytes: usize::MAX,
    };
    let mut rows = Vec::new();
    let mut take = |piece: Piece| {
        rows.extend(piece.rows);
        Ok(())
    };
    let mut reader = ObjectReader::new(options, Arc::new(Silent), &mut take);
    for file in find(&[log.to_string_lossy().into_owned()]).expect("the log").files {
        reader.read(&file).expect("rows are taken");
    }
    reader.finish().expect("rows are taken");
    let mut records: Vec<(Vec<u64>, Record)> = rows.iter().flat_map(records_of).collect();
    records.sort_by(|(one, _), (other, _)| one.cmp(other));
    records.into_iter().map(|(_, record)| record).collect()
}

/// Each with its place in the log.
fn records_of(rows: &Rows) -> Vec<(Vec<u64>, Record)> {
    let mut lines = Vec::new();
    LineDelimitedWriter::new(&mut lines).write(&rows.batch).expect("to memory");
    let lines = serde_json::Deserializer::from_slice(&lines).into_iter::<Value>();
    let records = lines.map(|row| {
        let row = row.expect("JSON");
        let text = |name: &str| row[name].as_str().unwrap_or_default().to_owned();
        let place = place(&text(column::ORIGIN));
        match &*rows.table {
            quarantine::NAME => {
                let reason = format!("{}: {}", text("reason"), text("detail"));
                (place, Record { table: text("format"), row: Err(reason) })
            }
            table => (place, Record { table: table.to_owned(), row: Ok(row) }),
        }
    });
    records.collect()
}

/// `uri#3|cloudwatch.2` is the third record, and the second message in it.
fn place(origin: &str) -> Vec<u64> {
    let way = origin.rsplit_once('#').map_or("", |(_, way)| way);
    way.split(['|', '.']).filter_map(|part| part.parse().ok()).collect()
}
