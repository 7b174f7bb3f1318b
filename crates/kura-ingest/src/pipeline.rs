//! Objects decoded side by side, and what they hold handed on in their order.
//!
//! ```text
//! objects, sorted ─▶ chunks ─▶ decoders (threads) ─▶ pieces, in the order of the chunks
//! ```
//! The order is kept so that the outcome does not depend on timing: of two copies of a
//! record the first by name is stored, however many threads there are, and an import that
//! was killed and begun again ends with the same tables as one that was not.

use std::sync::{Arc, Mutex, mpsc};

use kura_core::inflate::InflateLimits;
use kura_core::memory::MemoryPlan;
use kura_core::time::Micros;
use kura_formats::framing::FrameLimits;
use kura_formats::{Catalogue, Format};
use tokio_util::sync::CancellationToken;

use crate::object::{ObjectReader, Piece, ReadOptions, Stopped};
use crate::report::Progress;
use crate::source::SourceFile;

/// A chunk is what one decoder takes at a time: small objects share one set of columns.
const CHUNK_BYTES: u64 = 4 << 20;
const CHUNK_OBJECTS: usize = 1_024;
/// A column of a piece stays far below the 2 GiB that its 32-bit offsets reach.
const PIECE_BYTES_MAX: usize = 256 << 20;
/// Pieces of one chunk that may wait for the writer.
const PIECES_WAITING: usize = 1;

/// With what an import works, and within which bounds.
#[derive(Debug, Clone)]
pub struct Work {
    pub threads: usize,
    pub memory: MemoryPlan,
    pub inflate: InflateLimits,
    pub frames: FrameLimits,
    /// The formats that objects are recognised among.
    pub catalogue: Catalogue,
    /// Ends it where it is; what was committed stays.
    pub cancel: CancellationToken,
}

impl Work {
    #[must_use]
    pub fn new(memory: MemoryPlan) -> Self {
        Work {
            threads: std::thread::available_parallelism().map_or(1, usize::from),
            memory,
            inflate: InflateLimits::default(),
            frames: FrameLimits::default(),
            catalogue: Catalogue::default(),
            cancel: CancellationToken::new(),
        }
    }

    /// Every decoder holds one piece, one waits per chunk in flight, and the writer holds one.
    pub(crate) fn piece_bytes(&self) -> usize {
        let pieces = self.threads.max(1) as u64 * 4;
        usize::try_from(self.memory.decode / pieces)
            .map_or(PIECE_BYTES_MAX, |bytes| bytes.min(PIECE_BYTES_MAX))
    }
}

/// What objects hold, in their order: the pieces of one chunk after those of another.
#[derive(Debug)]
pub struct Decoded {
    chunks: tokio::sync::mpsc::Receiver<Pieces>,
    chunk: Option<Pieces>,
}

impl Decoded {
    /// Begins to decode. `format` is what all objects hold; `None` recognises it. `now` is
    /// when they arrive, unless they did before.
    pub fn begin(
        files: Vec<SourceFile>,
        format: Option<Arc<dyn Format>>,
        now: Micros,
        work: &Work,
        progress: &Arc<dyn Progress>,
    ) -> Self {
        progress.begin(files.len() as u64, files.iter().map(|f| f.object.size).sum());
        let read = ReadOptions {
            format,
            catalogue: work.catalogue.clone(),
            arrival: now,
            inflate: work.inflate,
            frames: work.frames,
            piece_bytes: work.piece_bytes(),
        };
        let threads = work.threads.max(1);
        Decoded { chunks: spawn_decoders(chunks(files), &read, threads, progress), chunk: None }
    }

    pub async fn next(&mut self) -> Option<Piece> {
        loop {
            if let Some(chunk) = &mut self.chunk
                && let Some(piece) = chunk.recv().await
            {
                return Some(piece);
            }
            self.chunk = Some(self.chunks.recv().await?);
        }
    }
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
    options: &ReadOptions,
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
