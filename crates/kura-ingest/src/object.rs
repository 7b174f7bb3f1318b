//! One object: opened, recognised, framed, decoded.
//!
//! Whatever it holds, it ends: in rows, in quarantined records, or in one note that names
//! it. Memory is bounded by one record and the rows gathered so far.

use std::fs::File;
use std::io::{self, Read};
use std::path::PathBuf;
use std::sync::Arc;

use arrow::error::ArrowError;
use kura_core::counts::Counts;
use kura_core::inflate::{InflateError, InflateLimits, Inflated};
use kura_core::origin::{Envelope, ObjectFacts, ObjectRef, Origin};
use kura_core::table::Rows;
use kura_core::time::Micros;
use kura_formats::formats::{Decoded, KeyFacts, RawRecord};
use kura_formats::framing::{Frame, FrameLimits, Framer};
use kura_formats::quarantine::Quarantine;
use kura_formats::recognise::{HEAD_BYTES, recognise_key};
use kura_formats::{Decoder, Format, Reason, Recognised, Reject, recognise};

use crate::report::{Note, NoteKind, Progress};
use crate::source::SourceFile;

const READ_BYTES: usize = 256 << 10;
/// As which `quarantine` knows what broke off before it said what it is.
const UNKNOWN: &str = "unknown";
/// An object whose records are odd is not tried anew for each of them.
const FRAMED_FIRST: u32 = 32;
/// Records between two looks at how much has gathered.
const CHECK_RECORDS: u64 = 64;

#[derive(Debug, Clone)]
pub struct ReadOptions {
    /// Said by the person; otherwise recognised.
    pub format: Option<Arc<dyn Format>>,
    pub arrival: Micros,
    pub inflate: InflateLimits,
    pub frames: FrameLimits,
    /// Rows gathered are handed on from this many bytes.
    pub piece_bytes: usize,
}

/// Rows, and the objects that end with them.
#[derive(Debug, Default)]
pub struct Piece {
    pub rows: Vec<Rows>,
    pub done: Vec<ObjectDone>,
    /// The last rows are of an object that goes on.
    pub mid_object: bool,
}

#[derive(Debug)]
pub struct ObjectDone {
    pub path: PathBuf,
    /// What the ledger learns: nothing where the object is to be read again next time.
    pub object: Option<ObjectRef>,
    pub counts: Counts,
    pub empty: bool,
    pub notes: Vec<Note>,
}

/// Nobody takes pieces any more: the import is over.
#[derive(Debug)]
pub struct Stopped;

/// Decodes objects one after the other, gathering their rows.
pub struct ObjectReader<'a> {
    options: ReadOptions,
    progress: Arc<dyn Progress>,
    send: &'a mut dyn FnMut(Piece) -> Result<(), Stopped>,
    /// One per format met so far.
    decoders: Vec<(Arc<dyn Format>, Box<dyn Decoder>)>,
    quarantine: Quarantine,
    piece: Piece,
    buffer: Vec<u8>,
}

/// What is known while an object is read.
struct Reading {
    facts: ObjectFacts,
    framer: Box<dyn Framer>,
    /// Of the decoder, among the reader's.
    decoder: usize,
    /// So many frames come before the next try to read ahead.
    framed_first: u32,
    records: u64,
    quarantined: u64,
    first_reject: Option<Reject>,
}

impl<'a> ObjectReader<'a> {
    pub fn new(
        options: ReadOptions,
        progress: Arc<dyn Progress>,
        send: &'a mut dyn FnMut(Piece) -> Result<(), Stopped>,
    ) -> Self {
        ObjectReader {
            options,
            progress,
            send,
            decoders: Vec::new(),
            quarantine: Quarantine::default(),
            piece: Piece::default(),
            buffer: vec![0; READ_BYTES],
        }
    }

    /// Reads one object to its end.
    pub fn read(&mut self, file: &SourceFile) -> Result<(), Stopped> {
        let path = file.path.to_string_lossy();
        if self.options.format.is_none()
            && let Some(Recognised::Nothing(what)) = recognise_key(&path)
        {
            self.progress.bytes(file.object.size);
            self.done_empty(file, &what, 0);
            return Ok(());
        }
        match self.open(file) {
            Ok(inflated) => self.read_open(file, inflated),
            Err(error) => {
                self.done_unreadable(file, &error.to_string(), Counts::default());
                Ok(())
            }
        }
    }

    /// Hands on what has gathered.
    pub fn finish(&mut self) -> Result<(), Stopped> {
        self.flush(false)
    }

    fn open(&self, file: &SourceFile) -> Result<Inflated, InflateError> {
        let source = File::open(&file.path).map_err(InflateError::Unreadable)?;
        let source = Counting { inner: source, progress: self.progress.clone() };
        Inflated::open(source, file.object.size, self.options.inflate)
    }

    fn read_open(&mut self, file: &SourceFile, mut inflated: Inflated) -> Result<(), Stopped> {
        let mut head = Vec::new();
        let mut end = fill_head(&mut inflated, &mut head, &mut self.buffer);
        let path = file.path.to_string_lossy().into_owned();
        let recognised = match self.options.format.clone() {
            Some(format) => {
                let facts = match format.recognise_key(&path) {
                    Some(kura_formats::formats::KeySays::Records(facts)) => facts,
                    _ => KeyFacts::default(),
                };
                Recognised::Records { format, facts }
            }
            None => recognise(&path, &head),
        };
        let (format, facts) = match (recognised, &end) {
            (Recognised::Records { format, facts }, _) => (format, facts),
            (Recognised::Nothing(_), Err(InflateError::Unreadable(error))) => {
                self.done_unreadable(file, &format!("cannot be read: {error}"), Counts::default());
                return Ok(());
            }
            // Bytes that break off before they say what they are.
            (Recognised::Nothing(_), Err(InflateError::Corrupt(what))) => {
                let facts = self.facts(file, KeyFacts::default());
                let origin = Origin { uri: &facts.uri, number: 1, way: "", wrapper: None };
                self.done_corrupt(file, UNKNOWN, origin, &facts, 0, what.clone());
                return Ok(());
            }
            (Recognised::Nothing(what), Ok(_)) => {
                self.done_empty(file, &what, file.object.size);
                return Ok(());
            }
        };
        let mut reading = self.begin(file, format, facts);
        reading.framer.feed(&head);
        drop(head);
        self.frames(&mut reading)?;
        while let Ok(true) = end {
            end = match inflated.read(&mut self.buffer) {
                Ok(0) => Ok(false),
                Ok(read) => {
                    reading.framer.feed(&self.buffer[..read]);
                    self.frames(&mut reading)?;
                    Ok(true)
                }
                Err(error) => Err(error),
            };
        }
        self.end(file, reading, end.err())
    }

    fn begin(&mut self, file: &SourceFile, format: Arc<dyn Format>, key: KeyFacts) -> Reading {
        let facts = self.facts(file, key);
        let framer = format.framing().framer(self.options.frames);
        let decoder = self.decoder_of(format);
        self.decoders[decoder].1.begin();
        Reading {
            facts,
            framer,
            decoder,
            framed_first: 0,
            records: 0,
            quarantined: 0,
            first_reject: None,
        }
    }

    fn facts(&self, file: &SourceFile, key: KeyFacts) -> ObjectFacts {
        ObjectFacts {
            uri: file.object.uri.clone(),
            account: key.account,
            region: key.region,
            time: key.time,
            arrival: file.arrived.unwrap_or(self.options.arrival),
            envelope: Envelope::default(),
        }
    }

    fn decoder_of(&mut self, format: Arc<dyn Format>) -> usize {
        let known = self.decoders.iter().position(|(known, _)| known.name() == format.name());
        known.unwrap_or_else(|| {
            let decoder = format.decoder();
            self.decoders.push((format, decoder));
            self.decoders.len() - 1
        })
    }

    /// Decodes every frame that is complete. A full piece is handed on.
    fn frames(&mut self, reading: &mut Reading) -> Result<(), Stopped> {
        let before = reading.records;
        loop {
            self.ahead(reading);
            let Some(frame) = reading.framer.next_frame() else { break };
            self.frame(reading, frame)?;
        }
        self.progress.records(reading.records - before);
        match self.is_full() {
            true => self.flush(true),
            false => Ok(()),
        }
    }

    /// Decodes what needs no framing.
    fn ahead(&mut self, reading: &mut Reading) {
        if reading.framed_first > 0 {
            reading.framed_first -= 1;
            return;
        }
        let Some(text) = reading.framer.ahead() else { return };
        let decoder = &mut self.decoders[reading.decoder].1;
        let number = reading.framer.number() + 1;
        let (bytes, records) = decoder.decode_ahead(text, number, &reading.facts);
        if records > 0 {
            reading.framer.taken(bytes, records);
            reading.records += records;
        } else {
            reading.framed_first = FRAMED_FIRST;
        }
    }

    fn frame(&mut self, reading: &mut Reading, frame: Frame) -> Result<(), Stopped> {
        let mut records = 1;
        let refused = match frame {
            Frame::Record { range, number, compact } => {
                let bytes = &reading.framer.bytes()[range];
                let decoder = &mut self.decoders[reading.decoder].1;
                match decoder.decode(RawRecord { bytes, number, compact }, &reading.facts) {
                    Ok(Decoded::Row) => None,
                    Ok(Decoded::Rows(rows)) => {
                        records = rows;
                        None
                    }
                    Ok(Decoded::Nothing) => return Ok(()),
                    Err(reject) => Some(reading.framer.refuse(reject)),
                }
            }
            broken @ Frame::Broken { .. } => Some(broken),
        };
        reading.records += records;
        if let Some(Frame::Broken { range, number, length, reject }) = refused {
            let sample = &reading.framer.bytes()[range];
            let origin = Origin {
                uri: &reading.facts.uri,
                number,
                way: &reading.facts.envelope.way,
                wrapper: None,
            };
            let name = self.decoders[reading.decoder].0.name();
            self.quarantine.add(name, &reject, sample, length, origin, &reading.facts);
            reading.quarantined += 1;
            reading.first_reject.get_or_insert(reject);
        }
        // Adding up all columns takes as long as a column of the record: not for each.
        match reading.records.is_multiple_of(CHECK_RECORDS) && self.is_full() {
            true => self.flush(true),
            false => Ok(()),
        }
    }

    fn is_full(&self) -> bool {
        self.bytes() >= self.options.piece_bytes
    }

    fn end(
        &mut self,
        file: &SourceFile,
        mut reading: Reading,
        error: Option<InflateError>,
    ) -> Result<(), Stopped> {
        let mut counts = Counts { objects: 1, bytes: file.object.size, ..Counts::default() };
        match error {
            // Read again next time; ids tell then what is here already.
            Some(InflateError::Unreadable(error)) => {
                counts.records = reading.records;
                self.done_unreadable(file, &format!("cannot be read: {error}"), counts);
                return Ok(());
            }
            Some(InflateError::Corrupt(what)) => {
                let name = self.decoders[reading.decoder].0.name().to_owned();
                let number = reading.framer.number() + 1;
                let origin = Origin {
                    uri: &reading.facts.uri,
                    number,
                    way: &reading.facts.envelope.way,
                    wrapper: None,
                };
                self.done_corrupt(file, &name, origin, &reading.facts, reading.records, what);
                return Ok(());
            }
            None => {}
        }
        let before = reading.records;
        while let Some(frame) = reading.framer.finish() {
            self.frame(&mut reading, frame)?;
            self.frames(&mut reading)?;
        }
        self.progress.records(reading.records.saturating_sub(before));
        counts.records = reading.records;
        let notes = match (&reading.first_reject, reading.records) {
            (_, 0) => vec![note(NoteKind::Nothing, file, "no records".to_owned())],
            (Some(reject), _) => {
                let detail = format!(
                    "{} of {} records quarantined, the first: {} ({})",
                    reading.quarantined, reading.records, reject.reason, reject.detail
                );
                vec![note(NoteKind::Quarantined, file, detail)]
            }
            (None, _) => Vec::new(),
        };
        self.done(file, counts, notes);
        Ok(())
    }

    /// One quarantined record stands for what could not be read behind the `records` before.
    fn done_corrupt(
        &mut self,
        file: &SourceFile,
        format: &str,
        origin: Origin<'_>,
        facts: &ObjectFacts,
        records: u64,
        what: String,
    ) {
        let reject = Reject::new(Reason::Corrupt, what.clone());
        self.quarantine.add(format, &reject, b"", 0, origin, facts);
        self.progress.records(1);
        let bytes = file.object.size;
        let records = records + 1;
        let counts = Counts { objects: 1, failed_objects: 1, bytes, records, ..Counts::default() };
        self.done(file, counts, vec![note(NoteKind::Corrupt, file, what)]);
    }

    fn done(&mut self, file: &SourceFile, counts: Counts, notes: Vec<Note>) {
        let empty = counts.records == 0;
        let object = Some(file.object.clone());
        let path = file.path.clone();
        self.piece.done.push(ObjectDone { path, object, counts, empty, notes });
    }

    /// Not in the ledger: a later version of Kura may know what it is.
    fn done_empty(&mut self, file: &SourceFile, what: &str, bytes: u64) {
        let counts = Counts { objects: 1, bytes, ..Counts::default() };
        let notes = vec![note(NoteKind::Nothing, file, what.to_owned())];
        let path = file.path.clone();
        self.piece.done.push(ObjectDone { path, object: None, counts, empty: true, notes });
    }

    fn done_unreadable(&mut self, file: &SourceFile, why: &str, counts: Counts) {
        let counts = Counts { objects: 1, failed_objects: 1, ..counts };
        let notes = vec![note(NoteKind::Unreadable, file, why.to_owned())];
        let path = file.path.clone();
        self.piece.done.push(ObjectDone { path, object: None, counts, empty: false, notes });
    }

    fn bytes(&self) -> usize {
        let decoders = self.decoders.iter().map(|(_, decoder)| decoder.bytes());
        decoders.sum::<usize>() + self.quarantine.bytes()
    }

    fn flush(&mut self, mid_object: bool) -> Result<(), Stopped> {
        let mut piece = std::mem::take(&mut self.piece);
        piece.mid_object = mid_object;
        for (_, decoder) in self.decoders.iter_mut().filter(|(_, decoder)| decoder.rows() > 0) {
            piece.rows.push(whole(decoder.finish())?);
        }
        if self.quarantine.rows() > 0 {
            piece.rows.push(whole(self.quarantine.finish())?);
        }
        (self.send)(piece)
    }
}

/// Columns of one table always have one length; if not, nothing of it may be stored.
fn whole(rows: Result<Rows, ArrowError>) -> Result<Rows, Stopped> {
    rows.map_err(|error| {
        tracing::error!(%error, "a decoder built columns that do not fit");
        Stopped
    })
}

fn note(kind: NoteKind, file: &SourceFile, detail: String) -> Note {
    Note { kind, object: file.path.display().to_string(), detail }
}

/// Reads until `head` is full: `Ok(true)` if the object goes on.
fn fill_head(
    inflated: &mut Inflated,
    head: &mut Vec<u8>,
    buffer: &mut [u8],
) -> Result<bool, InflateError> {
    while head.len() < HEAD_BYTES {
        match inflated.read(buffer)? {
            0 => return Ok(false),
            read => head.extend_from_slice(&buffer[..read]),
        }
    }
    Ok(true)
}

/// A file that tells how far it was read.
struct Counting {
    inner: File,
    progress: Arc<dyn Progress>,
}

impl Read for Counting {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.progress.bytes(read as u64);
        Ok(read)
    }
}
