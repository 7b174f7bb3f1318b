//! `kura formats check SOURCE…`: rows and rejects of files, before anything is stored.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch, StringArray};
use arrow::json::LineDelimitedWriter;
use kura_core::clock::{Clock, SystemClock};
use kura_core::table::{Rows, column};
use kura_formats::quarantine;
use kura_ingest::preview::preview;
use kura_ingest::{NoteKind, Work};

use crate::cli::{CheckArgs, Global};
use crate::commands::import::{known_format, tell_records};
use crate::exit::Exit;
use crate::output;

/// Columns that say nothing of how a record was read.
const LEFT_OUT: [&str; 4] = [column::INGESTED, column::ORIGIN, column::DAY, column::ID];

pub fn run(global: &Global, args: &CheckArgs) -> anyhow::Result<Exit> {
    let mut work = Work::new(global.memory_plan());
    work.catalogue = global.catalogue()?;
    let format = match &args.format {
        None => None,
        Some(name) => Some(known_format(&work.catalogue, name)?),
    };
    let now = SystemClock.now();
    let found = preview(&args.sources, format, args.limit, now, &work)?;
    for note in found.notes.iter().filter(|note| note.kind != NoteKind::Quarantined) {
        eprintln!("{}: {}", note.object, note.detail);
    }
    let mut lines = Lines::default();
    for rows in &found.rows {
        match *rows.table == *quarantine::NAME {
            true => lines.add_rejects(rows),
            false => lines.add_rows(rows)?,
        }
    }
    output::write_batch(&lines.batch()?, args.output.output)?;
    tell_records(&found.counts);
    let is_clean = found.counts.stored > 0 && found.counts.quarantined == 0;
    Ok(if is_clean { Exit::Ok } else { Exit::Failed })
}

/// A line per row or reject.
#[derive(Default)]
struct Lines {
    table: Vec<String>,
    origin: Vec<String>,
    row: Vec<Option<String>>,
    reject: Vec<Option<String>>,
    bytes: Vec<Option<String>>,
}

impl Lines {
    fn add_rows(&mut self, rows: &Rows) -> anyhow::Result<()> {
        let schema = rows.batch.schema();
        let shown: Vec<usize> = (0..schema.fields().len())
            .filter(|&at| !LEFT_OUT.contains(&schema.field(at).name().as_str()))
            .collect();
        let mut text = Vec::new();
        LineDelimitedWriter::new(&mut text).write(&rows.batch.project(&shown)?)?;
        for (at, row) in String::from_utf8(text)?.lines().enumerate() {
            self.table.push(rows.table.to_string());
            self.origin.push(origin(&rows.batch, at));
            self.row.push(Some(row.to_owned()));
            self.reject.push(None);
            self.bytes.push(None);
        }
        Ok(())
    }

    fn add_rejects(&mut self, rows: &Rows) {
        let text = |name: &str, at: usize| text(&rows.batch, name, at);
        for at in 0..rows.batch.num_rows() {
            self.table.push(text("format", at));
            self.origin.push(origin(&rows.batch, at));
            self.row.push(None);
            self.reject.push(Some(format!("{}: {}", text("reason", at), text("detail", at))));
            let bytes = rows.batch.column_by_name("bytes").and_then(|c| c.as_binary_opt::<i32>());
            let bytes = bytes.map(|bytes| String::from_utf8_lossy(bytes.value(at)).into_owned());
            self.bytes.push(bytes);
        }
    }

    fn batch(self) -> anyhow::Result<RecordBatch> {
        let texts = |texts: Vec<String>| -> ArrayRef { Arc::new(StringArray::from(texts)) };
        let options =
            |texts: Vec<Option<String>>| -> ArrayRef { Arc::new(StringArray::from(texts)) };
        Ok(RecordBatch::try_from_iter([
            ("table", texts(self.table)),
            ("origin", texts(self.origin)),
            ("row", options(self.row)),
            ("reject", options(self.reject)),
            ("bytes", options(self.bytes)),
        ])?)
    }
}

fn text(batch: &RecordBatch, name: &str, at: usize) -> String {
    let column = batch.column_by_name(name).and_then(|column| column.as_string_opt::<i32>());
    column.filter(|column| column.is_valid(at)).map_or_else(String::new, |c| c.value(at).to_owned())
}

/// The object's name is enough, with the way in it.
fn origin(batch: &RecordBatch, at: usize) -> String {
    let origin = text(batch, column::ORIGIN, at);
    origin.rsplit('/').next().unwrap_or(&origin).to_owned()
}
