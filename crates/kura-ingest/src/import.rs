//! An import: what was named becomes rows in the lake, once.
//!
//! ```text
//! objects, sorted ─▶ chunks ─▶ decoders (threads) ─▶ pieces, in the order of the chunks ─▶ writer
//! ```
//! The order is kept so that the outcome does not depend on timing: of two copies of a
//! record the first by name is stored, however many threads there are, and an import that
//! was killed and begun again ends with the same tables as one that was not.

use std::sync::{Arc, Mutex, mpsc};

use kura_core::inflate::InflateLimits;
use kura_core::memory::MemoryPlan;
use kura_core::origin::ObjectRef;
use kura_core::table::TableSpec;
use kura_formats::formats::Finder;
use kura_formats::framing::FrameLimits;
use kura_formats::{Format, formats, quarantine};
use kura_store::{Lake, StoreError, Writer};
use tokio_util::sync::CancellationToken;

use crate::object::{ObjectDone, ObjectReader, Piece, ReadOptions, Stopped};
use crate::report::{Note, NoteKind, Progress, Report};
use crate::sample;
use crate::source::{self, Found, SourceError, SourceFile};

/// A chunk is what one decoder takes at a time: small objects share one set of columns.
const CHUNK_BYTES: u64 = 4 << 20;
const CHUNK_OBJECTS: usize = 1_024;
/// A column of a piece stays far below the 2 GiB that its 32-bit offsets reach.
const PIECE_BYTES_MAX: usize = 256 << 20;
/// Pieces of one chunk that may wait for the writer.
const PIECES_WAITING: usize = 1;

#[derive(Debug, Clone)]
pub struct ImportOptions {
    pub sources: Vec<String>,
    /// What every object holds; `None` recognises it.
    pub format: Option<Arc<dyn Format>>,
    /// Objects hold JSON records of any kind, which go into this table.
    pub table: Option<String>,
    pub threads: usize,
    pub memory: MemoryPlan,
    pub inflate: InflateLimits,
    pub frames: FrameLimits,
    /// Ends the import where it is; what was committed stays.
    pub cancel: CancellationToken,
}

impl ImportOptions {
    #[must_use]
    pub fn new(sources: Vec<String>, memory: MemoryPlan) -> Self {
        ImportOptions {
            sources,
            format: None,
            table: None,
            threads: std::thread::available_parallelism().map_or(1, usize::from),
            memory,
            inflate: InflateLimits::default(),
            frames: FrameLimits::default(),
            cancel: CancellationToken::new(),
        }
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
}

/// The tables that an import may write.
#[must_use]
pub fn tables() -> Vec<TableSpec> {
    let logs = formats::ALL.iter().map(|format| format.table());
    logs.chain([quarantine::table()]).collect()
}

pub async fn import(
    lake: &Lake,
    options: ImportOptions,
    progress: Arc<dyn Progress>,
) -> Result<Report, ImportError> {
    let found = source::find(&options.sources)?;
    let format = match &options.table {
        Some(table) => Some(found_format(lake, table, &found.files, &options).await?),
        None => options.format.clone(),
    };
    let mut specs = tables();
    specs.extend(format.iter().filter(|_| options.table.is_some()).map(|format| format.table()));
    let mut writer = Writer::open(lake.clone(), specs, options.memory).await?;
    let mut report = Report::default();
    let files = new_files(found, &writer, &mut report, progress.as_ref())?;
    progress.begin(files.len() as u64, files.iter().map(|f| f.object.size).sum());
    let read = ReadOptions {
        format,
        arrival: lake.clock().now(),
        inflate: options.inflate,
        frames: options.frames,
        piece_bytes: piece_bytes(&options),
    };
    let threads = options.threads.max(1);
    let mut pieces = spawn_decoders(chunks(files), read, threads, &progress);
    while let Some(mut chunk) = pieces.recv().await {
        while let Some(piece) = chunk.recv().await {
            if options.cancel.is_cancelled() {
                return Err(ImportError::Cancelled);
            }
            store(&mut writer, piece, &mut report, progress.as_ref()).await?;
        }
    }
    report.counts += writer.commit().await?;
    Ok(report)
}

/// The format of a table of JSON records: the columns it has, and those that objects add.
async fn found_format(
    lake: &Lake,
    table: &str,
    files: &[SourceFile],
    options: &ImportOptions,
) -> Result<Arc<dyn Format>, ImportError> {
    let schema = match lake.snapshot(table).await {
        Ok(snapshot) => Some(snapshot.schema.clone()),
        Err(StoreError::NoTable(_)) => None,
        Err(error) => return Err(error.into()),
    };
    let finder = Finder::new(table, schema.as_deref());
    let (files, inflate, frames) = (files.to_vec(), options.inflate, options.frames);
    let find = move || sample::find_columns(finder, &files, inflate, frames);
    let found = tokio::task::spawn_blocking(find).await.map_err(|_| ImportError::Decoder)?;
    Ok(Arc::new(found))
}

/// Every decoder holds one piece, one waits per chunk in flight, and the writer holds one.
fn piece_bytes(options: &ImportOptions) -> usize {
    let pieces = options.threads.max(1) as u64 * 4;
    usize::try_from(options.memory.decode / pieces)
        .map_or(PIECE_BYTES_MAX, |bytes| bytes.min(PIECE_BYTES_MAX))
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
    let mut files = Vec::with_capacity(found.files.len());
    for file in found.files {
        if writer.knows(&file.object)? {
            report.counts.skipped_objects += 1;
        } else {
            files.push(file);
        }
    }
    Ok(files)
}

fn tell(report: &mut Report, progress: &dyn Progress, note: Note) {
    progress.note(&note);
    report.note(note);
}

fn chunks(files: Vec<SourceFile>) -> Vec<Vec<SourceFile>> {
    let mut chunks: Vec<Vec<SourceFile>> = Vec::new();
    let mut bytes = u64::MAX;
    for file in files {
        let size = file.object.size;
        match chunks.last_mut() {
            Some(chunk) if bytes < CHUNK_BYTES && chunk.len() < CHUNK_OBJECTS => chunk.push(file),
            _ => {
                chunks.push(vec![file]);
                bytes = 0;
            }
        }
        bytes += size;
    }
    chunks
}

type Pieces = tokio::sync::mpsc::Receiver<Piece>;
type Job = (Vec<SourceFile>, tokio::sync::mpsc::Sender<Piece>);

/// Starts the decoders. What they make comes out in the order of the chunks: the receiver
/// of a chunk's pieces is handed out when the chunk is, and there are only so many.
fn spawn_decoders(
    chunks: Vec<Vec<SourceFile>>,
    options: ReadOptions,
    threads: usize,
    progress: &Arc<dyn Progress>,
) -> tokio::sync::mpsc::Receiver<Pieces> {
    let (hand_out, handed_out) = tokio::sync::mpsc::channel(threads);
    let (jobs, queue) = mpsc::sync_channel::<Job>(threads);
    let queue = Arc::new(Mutex::new(queue));
    for _ in 0..threads {
        let (queue, options, progress) = (queue.clone(), options.clone(), progress.clone());
        std::thread::spawn(move || decode_jobs(&queue, &options, &progress));
    }
    std::thread::spawn(move || {
        for chunk in chunks {
            let (sender, receiver) = tokio::sync::mpsc::channel(PIECES_WAITING);
            // Either end gone means that the import is over.
            if hand_out.blocking_send(receiver).is_err() || jobs.send((chunk, sender)).is_err() {
                return;
            }
        }
    });
    handed_out
}

fn decode_jobs(
    queue: &Mutex<mpsc::Receiver<Job>>,
    options: &ReadOptions,
    progress: &Arc<dyn Progress>,
) {
    loop {
        let job = match queue.lock() {
            Ok(queue) => queue.recv(),
            Err(_) => return,
        };
        let Ok((chunk, sender)) = job else { return };
        let mut send = |piece| sender.blocking_send(piece).map_err(|_| Stopped);
        let mut reader = ObjectReader::new(options.clone(), progress.clone(), &mut send);
        let read = chunk.iter().try_for_each(|file| reader.read(file));
        if read.and_then(|()| reader.finish()).is_err() {
            return;
        }
    }
}

async fn store(
    writer: &mut Writer,
    piece: Piece,
    report: &mut Report,
    progress: &dyn Progress,
) -> Result<(), ImportError> {
    for rows in piece.rows {
        writer.add_rows(rows).await?;
    }
    for ObjectDone { object, counts, empty, notes } in piece.done {
        report.empty_objects += u64::from(empty);
        notes.into_iter().for_each(|note| tell(report, progress, note));
        writer.add_object(object as Option<ObjectRef>, counts);
    }
    if !piece.mid_object && writer.is_full() {
        report.counts += writer.seal().await?;
    }
    Ok(())
}
