//! What an import would make of objects, without storing anything.

use std::collections::BTreeMap;
use std::sync::Arc;

use kura_core::counts::Counts;
use kura_core::table::Rows;
use kura_core::time::Micros;
use kura_formats::{Format, quarantine};

use crate::import::ImportError;
use crate::object::{ObjectReader, Piece, ReadOptions};
use crate::pipeline::Work;
use crate::report::{Note, Silent};
use crate::source;

/// Some rows of each table, those of quarantine last, and how many there are in all.
#[derive(Debug, Default)]
pub struct Preview {
    pub rows: Vec<Rows>,
    pub counts: Counts,
    pub notes: Vec<Note>,
}

/// Reads the objects; of each table so many rows are kept.
///
/// # Errors
/// If what was named is not there.
pub fn preview(
    sources: &[String],
    format: Option<Arc<dyn Format>>,
    rows_max: usize,
    now: Micros,
    work: &Work,
) -> Result<Preview, ImportError> {
    let files = source::find(sources)?.files;
    let options = ReadOptions {
        format,
        catalogue: work.catalogue.clone(),
        arrival: now,
        inflate: work.inflate,
        frames: work.frames,
        piece_bytes: work.piece_bytes(),
    };
    let mut preview = Preview::default();
    let mut seen = BTreeMap::new();
    let mut send = |piece| {
        preview.add(piece, rows_max, &mut seen);
        Ok(())
    };
    let mut reader = ObjectReader::new(options, Arc::new(Silent), &mut send);
    let read = files.iter().try_for_each(|file| reader.read(file));
    read.and_then(|()| reader.finish()).map_err(|_| ImportError::Decoder)?;
    preview.rows.sort_by_key(|rows| *rows.table == *quarantine::NAME);
    Ok(preview)
}

impl Preview {
    fn add(&mut self, piece: Piece, rows_max: usize, seen: &mut BTreeMap<Arc<str>, usize>) {
        for rows in piece.rows {
            let seen = seen.entry(rows.table.clone()).or_default();
            let here = rows.batch.num_rows();
            let shown = here.min(rows_max.saturating_sub(*seen));
            *seen += here;
            match *rows.table == *quarantine::NAME {
                true => self.counts.quarantined += here as u64,
                false => self.counts.stored += here as u64,
            }
            if shown > 0 {
                self.rows.push(Rows { batch: rows.batch.slice(0, shown), ..rows });
            }
        }
        for done in piece.done {
            self.counts += done.counts;
            self.notes.extend(done.notes);
        }
    }
}
