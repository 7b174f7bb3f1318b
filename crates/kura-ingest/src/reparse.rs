//! A table's rows made anew from the objects they came from, after a decoder changed.
//!
//! Objects that are gone, or were changed since, cannot be read again: their rows stay as
//! they are. Readers see the table as it was until all of it is replaced at once; a reparse
//! that ended early goes on where it was.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use kura_core::counts::Counts;
use kura_core::origin::ObjectRef;
use kura_formats::{Format, quarantine};
use kura_store::{Lake, Writer, origins};
use serde::Serialize;

use crate::import::{ImportError, found_format, store};
use crate::object::Piece;
use crate::pipeline::{Decoded, Work};
use crate::report::{NoteKind, Progress, Report};
use crate::source::{self, SourceFile};

/// What a reparse came to. Its counts are those of the objects that were read again.
#[derive(Debug, Default, Serialize)]
pub struct ReparseReport {
    #[serde(flatten)]
    pub counts: Counts,
    /// Objects that cannot be read again.
    pub gone_objects: u64,
    /// Rows of theirs, and what else lies beside: copied as they are.
    pub copied: u64,
}

pub async fn reparse(
    lake: &Lake,
    table: &str,
    work: &Work,
    progress: Arc<dyn Progress>,
) -> Result<ReparseReport, ImportError> {
    if table == quarantine::NAME {
        return Err(ImportError::Quarantine);
    }
    let cancelled = || work.cancel.cancelled();
    let origins = unless(cancelled(), origins(lake, table)).await?;
    let known = origins.iter().filter_map(|(uri, &arrived)| source::known(uri, arrived));
    let mut files: Vec<SourceFile> = known.collect();
    let format = match work.catalogue.by_name(table) {
        Some(format) => format,
        None => found_format(lake, table, &files, work).await?,
    };
    let spec = format.table();
    let mut writer =
        Writer::rewriting(lake.clone(), spec, quarantine::table(), work.memory).await?;
    let mut unchanged = Vec::with_capacity(files.len());
    for file in files.drain(..) {
        if writer.knows_only(&file.object)? {
            let said = writer.was_read_as(&file.object, table)?;
            unchanged.push(SourceFile { said, ..file });
        }
    }
    let read_again: Vec<&ObjectRef> = unchanged.iter().map(|file| &file.object).collect();
    let mut report = ReparseReport {
        gone_objects: (origins.len() - read_again.len()) as u64,
        ..ReparseReport::default()
    };
    report.copied = unless(cancelled(), writer.copy_all_but(&read_again)).await?;
    let done = writer.resumes_after().unwrap_or_default().to_owned();
    let left = unchanged.iter().filter(|file| file.object.uri > done).cloned().collect();
    read(&mut writer, left, format, work, progress, lake).await?;
    if work.cancel.is_cancelled() {
        return Err(ImportError::Cancelled);
    }
    report.counts = writer.replace().await?;
    Ok(report)
}

/// What is given up in its middle was visible to nobody.
async fn unless<T>(
    cancelled: impl Future<Output = ()>,
    work: impl Future<Output = kura_store::Result<T>>,
) -> Result<T, ImportError> {
    tokio::select! {
        () = cancelled => Err(ImportError::Cancelled),
        done = work => Ok(done?),
    }
}

/// Adds the rows of the objects, as an import would.
async fn read(
    writer: &mut Writer,
    files: Vec<SourceFile>,
    format: Arc<dyn Format>,
    work: &Work,
    progress: Arc<dyn Progress>,
    lake: &Lake,
) -> Result<(), ImportError> {
    let now = lake.clock().now();
    let versions: HashMap<PathBuf, String> =
        files.iter().map(|file| (file.path.clone(), file.object.version.clone())).collect();
    let mut decoded = Decoded::begin(files, Some(format), now, work, &progress);
    while let Some(piece) = decoded.next().await {
        if work.cancel.is_cancelled() {
            return Err(ImportError::Cancelled);
        }
        check(&piece, &versions)?;
        store(writer, piece, &mut Report::default(), progress.as_ref()).await?;
    }
    Ok(())
}

/// What could be read once and cannot now, or is another thing now, would be lost.
fn check(piece: &Piece, versions: &HashMap<PathBuf, String>) -> Result<(), ImportError> {
    for done in &piece.done {
        let unreadable = done.notes.iter().find(|note| note.kind == NoteKind::Unreadable);
        let changed = || versions.get(&done.path) != source::version(&done.path).as_ref();
        let detail = match unreadable {
            Some(note) => note.detail.clone(),
            None if changed() => "it was changed while it was read".to_owned(),
            None => continue,
        };
        let object = done.path.display().to_string();
        return Err(ImportError::NotReadAgain { object, detail });
    }
    Ok(())
}
