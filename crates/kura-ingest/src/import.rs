//! An import: what was named becomes rows in the lake, once.

use std::sync::Arc;

use kura_core::memory::MemoryPlan;
use kura_core::origin::ObjectRef;
use kura_core::table::TableSpec;
use kura_formats::formats::{Finder, is_own};
use kura_formats::{Catalogue, Format, quarantine};
use kura_store::{Lake, StoreError, Writer};

use crate::object::{ObjectDone, Piece};
use crate::pipeline::{Decoded, Work};
use crate::report::{Note, NoteKind, Progress, Report};
use crate::sample;
use crate::source::{self, Found, SourceError, SourceFile};

#[derive(Debug, Clone)]
pub struct ImportOptions {
    pub sources: Vec<String>,
    /// What every object holds; `None` recognises it.
    pub format: Option<Arc<dyn Format>>,
    /// Objects hold JSON records of any kind, which go into this table.
    pub table: Option<String>,
    pub work: Work,
}

impl ImportOptions {
    #[must_use]
    pub fn new(sources: Vec<String>, memory: MemoryPlan) -> Self {
        ImportOptions { sources, format: None, table: None, work: Work::new(memory) }
    }
}

#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    #[error(transparent)]
    Source(#[from] SourceError),
    #[error("storing")]
    Store(#[from] StoreError),
    #[error("stopped; what was committed stays, the same command goes on from there")]
    Cancelled,
    #[error("a decoder ended early")]
    Decoder,
    #[error("`{object}` cannot be read again ({detail}); the table stays as it is")]
    NotReadAgain { object: String, detail: String },
    #[error(
        "`{0}` holds records of a format of one's own: its section `[formats.{0}]` is not in the configuration"
    )]
    OwnFormat(String),
    #[error("`quarantine` is written anew with the tables that its records were meant for")]
    Quarantine,
}

/// The tables that an import may write.
#[must_use]
pub fn tables(catalogue: &Catalogue) -> Vec<TableSpec> {
    let logs = catalogue.formats().map(|format| format.table());
    logs.chain([quarantine::table()]).collect()
}

pub async fn import(
    lake: &Lake,
    options: ImportOptions,
    progress: Arc<dyn Progress>,
) -> Result<Report, ImportError> {
    let found = source::find(&options.sources)?;
    let tables = tables(&options.work.catalogue);
    let mut writer = Writer::open(lake.clone(), tables, options.work.memory).await?;
    // Nobody else adds columns now.
    let format = match &options.table {
        Some(table) => Some(found_format(lake, table, &found.files, &options.work).await?),
        None => options.format.clone(),
    };
    if let Some(format) = &format {
        writer.read_as(format.name(), format.table());
    }
    let mut report = Report::default();
    let files = new_files(found, &writer, &mut report, progress.as_ref())?;
    let now = lake.clock().now();
    let mut decoded = Decoded::begin(files, format, now, &options.work, &progress);
    while let Some(piece) = decoded.next().await {
        if options.work.cancel.is_cancelled() {
            return Err(ImportError::Cancelled);
        }
        store(&mut writer, piece, &mut report, progress.as_ref()).await?;
    }
    report.counts += writer.commit().await?;
    Ok(report)
}

/// The format of a table of JSON records: the columns it has, and those that objects add.
pub(crate) async fn found_format(
    lake: &Lake,
    table: &str,
    files: &[SourceFile],
    work: &Work,
) -> Result<Arc<dyn Format>, ImportError> {
    let schema = match lake.snapshot(table).await {
        Ok(snapshot) if is_own(&snapshot.schema) => {
            return Err(ImportError::OwnFormat(table.to_owned()));
        }
        Ok(snapshot) => Some(snapshot.schema.clone()),
        Err(StoreError::NoTable(_)) => None,
        Err(error) => return Err(error.into()),
    };
    let finder = Finder::new(table, schema.as_deref());
    let (files, inflate, frames) = (files.to_vec(), work.inflate, work.frames);
    let find = move || sample::find_columns(finder, &files, inflate, frames);
    let found = tokio::task::spawn_blocking(find).await.map_err(|_| ImportError::Decoder)?;
    Ok(Arc::new(found))
}

/// Leaves out what the lake has, and notes what cannot be looked into.
fn new_files(
    found: Found,
    writer: &Writer,
    report: &mut Report,
    progress: &dyn Progress,
) -> Result<Vec<SourceFile>, ImportError> {
    for (object, detail) in found.unreadable {
        report.counts.objects += 1;
        report.counts.failed_objects += 1;
        tell(report, progress, Note { kind: NoteKind::Unreadable, object, detail });
    }
    let known = writer.know(found.files.iter().map(|file| &file.object))?;
    report.counts.skipped_objects = known.iter().filter(|&&known| known).count() as u64;
    let files = found.files.into_iter().zip(known);
    Ok(files.filter(|(_, known)| !known).map(|(file, _)| file).collect())
}

fn tell(report: &mut Report, progress: &dyn Progress, note: Note) {
    progress.note(&note);
    report.note(note);
}

pub(crate) async fn store(
    writer: &mut Writer,
    piece: Piece,
    report: &mut Report,
    progress: &dyn Progress,
) -> Result<(), ImportError> {
    for rows in piece.rows {
        writer.add_rows(rows).await?;
    }
    for ObjectDone { object, counts, empty, notes, .. } in piece.done {
        report.empty_objects += u64::from(empty);
        notes.into_iter().for_each(|note| tell(report, progress, note));
        writer.add_object(object as Option<ObjectRef>, counts);
    }
    if !piece.mid_object && writer.is_full() {
        report.counts += writer.seal().await?;
    }
    Ok(())
}
