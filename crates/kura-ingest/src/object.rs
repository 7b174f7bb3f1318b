//! One object: opened, recognised, framed, decoded.
//!
//! Whatever it holds, it ends: in rows, in quarantined records, or in one note that names
//! it. Memory is bounded by one record and the rows gathered so far.

use std::path::PathBuf;
use std::sync::Arc;

use arrow::error::ArrowError;
use kura_core::counts::Counts;
use kura_core::inflate::{InflateError, InflateLimits};
use kura_core::origin::{Envelope, ObjectFacts, ObjectRef};
use kura_core::table::Rows;
use kura_core::time::Micros;
use kura_formats::formats::{KeyFacts, KeySays, RawRecord};
use kura_formats::framing::{Frame, FrameLimits, Framer};
use kura_formats::recognise::HEAD_BYTES;
use kura_formats::{Catalogue, Format, Reason, Recognised, Reject};

use crate::content::Content;
use crate::decoders::{Contents, Decoders, Tally, UNKNOWN, Unwrapping};
use crate::report::{Note, NoteKind, Progress};
use crate::source::SourceFile;

const READ_BYTES: usize = 256 << 10;
const TABLE: &str = "a table that no format knows: `--table NAME` stores it as one";
/// An object whose records are odd is not tried anew for each of them.
const FRAMED_FIRST: u32 = 32;
/// Records between two looks at how much has gathered.
const CHECK_RECORDS: u64 = 64;

#[derive(Debug, Clone)]
pub struct ReadOptions {
    /// What objects hold, by the person's word or because one table is read again; otherwise
    /// recognised among the catalogue's.
    pub format: Option<Arc<dyn Format>>,
    pub catalogue: Catalogue,
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
    decoders: Decoders,
    piece: Piece,
    buffer: Vec<u8>,
}

/// What is known while an object is read.
struct Reading {
    facts: ObjectFacts,
    framer: Box<dyn Framer>,
    contents: Contents,
    /// So many frames come before the next try to read ahead.
    framed_first: u32,
    tally: Tally,
}

impl<'a> ObjectReader<'a> {
    pub fn new(
        options: ReadOptions,
        progress: Arc<dyn Progress>,
        send: &'a mut dyn FnMut(Piece) -> Result<(), Stopped>,
    ) -> Self {
        let wanted = options.format.as_ref().map(|format| format.name().to_owned());
        ObjectReader {
            decoders: Decoders::new(options.catalogue.clone(), options.frames, wanted),
            options,
            progress,
            send,
            piece: Piece::default(),
            buffer: vec![0; READ_BYTES],
        }
    }

    /// Reads one object to its end.
    pub fn read(&mut self, file: &SourceFile) -> Result<(), Stopped> {
        let path = file.path.to_string_lossy();
        if self.options.format.is_none()
            && let Some(Recognised::Nothing(what)) = self.options.catalogue.recognise_key(&path)
        {
            self.progress.bytes(file.object.size);
            self.done_empty(file, &what, 0);
            return Ok(());
        }
        match self.open(file) {
            Ok(content) => self.read_open(file, content),
            Err(InflateError::Unreadable(error)) => {
                self.done_unreadable(file, &format!("cannot be read: {error}"), Counts::default());
                Ok(())
            }
            Err(InflateError::Corrupt(what)) => {
                let facts = self.facts(file, KeyFacts::default());
                self.done_corrupt(file, (UNKNOWN, 1), &facts, 0, what);
                Ok(())
            }
        }
    }

    /// Hands on what has gathered.
    pub fn finish(&mut self) -> Result<(), Stopped> {
        self.flush(false)
    }

    fn open(&self, file: &SourceFile) -> Result<Content, InflateError> {
        let progress = self.progress.clone();
        let told = move |bytes| progress.bytes(bytes);
        Content::open(&file.path, file.object.size, self.options.inflate, told)
    }

    fn read_open(&mut self, file: &SourceFile, mut content: Content) -> Result<(), Stopped> {
        let mut head = Vec::new();
        let mut end = fill_head(&mut content, &mut head, &mut self.buffer);
        let (contents, facts) = match (self.recognise(file, &head), &end) {
            (Recognised::Records { format, facts }, _) => {
                (Contents::Records(self.decoders.of(&format)), facts)
            }
            (Recognised::Envelopes(envelope), _) => {
                let forced = self.options.format.clone().filter(|_| file.said);
                let unwrapping = Unwrapping::new(envelope, &file.path.to_string_lossy(), forced);
                (Contents::Envelopes(unwrapping), KeyFacts::default())
            }
            (Recognised::Nothing(_), Err(InflateError::Unreadable(error))) => {
                self.done_unreadable(file, &format!("cannot be read: {error}"), Counts::default());
                return Ok(());
            }
            // Bytes that break off before they say what they are.
            (Recognised::Nothing(_), Err(InflateError::Corrupt(what))) => {
                let facts = self.facts(file, KeyFacts::default());
                self.done_corrupt(file, (UNKNOWN, 1), &facts, 0, what.clone());
                return Ok(());
            }
            (Recognised::Nothing(_), Ok(_)) if content.is_table() && !head.is_empty() => {
                self.done_empty(file, TABLE, file.object.size);
                return Ok(());
            }
            (Recognised::Nothing(what), Ok(_)) => {
                self.done_empty(file, &what, file.object.size);
                return Ok(());
            }
        };
        let mut reading = self.begin(file, contents, facts);
        reading.framer.feed(&head);
        drop(head);
        self.frames(&mut reading)?;
        while let Ok(true) = end {
            end = match content.read(&mut self.buffer) {
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

    /// Envelopes are opened unless a person said that they are the records.
    fn recognise(&self, file: &SourceFile, head: &[u8]) -> Recognised {
        let path = file.path.to_string_lossy();
        let catalogue = &self.options.catalogue;
        let Some(format) = self.options.format.clone() else {
            return catalogue.recognise(&path, head);
        };
        let are_opened = !file.said || !format.is_general();
        let facts = match format.recognise_key(&path) {
            Some(KeySays::Records(facts)) => Some(facts),
            _ => None,
        };
        let envelopes = || catalogue.recognise_envelopes(&path, head);
        match (are_opened && facts.is_none()).then(envelopes).flatten() {
            Some(envelope) => Recognised::Envelopes(envelope),
            None => Recognised::Records { format, facts: facts.unwrap_or_default() },
        }
    }

    fn begin(&mut self, file: &SourceFile, contents: Contents, key: KeyFacts) -> Reading {
        let framing = match &contents {
            Contents::Records(decoder) => self.decoders.begin(*decoder),
            Contents::Envelopes(unwrapping) => unwrapping.envelope.framing(),
        };
        Reading {
            facts: self.facts(file, key),
            framer: framing.framer(self.options.frames),
            contents,
            framed_first: 0,
            tally: Tally::default(),
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

    /// Decodes every frame that is complete. A full piece is handed on.
    fn frames(&mut self, reading: &mut Reading) -> Result<(), Stopped> {
        let before = reading.tally.records;
        loop {
            self.ahead(reading);
            let Some(frame) = reading.framer.next_frame() else { break };
            self.frame(reading, frame)?;
        }
        self.progress.records(reading.tally.records - before);
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
        let Contents::Records(decoder) = reading.contents else { return };
        let Some(text) = reading.framer.ahead() else { return };
        let number = reading.framer.number() + 1;
        let (bytes, records) = self.decoders.decode_ahead(decoder, text, number, &reading.facts);
        if records > 0 {
            reading.framer.taken(bytes, records);
            reading.tally.records += records;
        } else {
            reading.framed_first = FRAMED_FIRST;
        }
    }

    fn frame(&mut self, reading: &mut Reading, frame: Frame) -> Result<(), Stopped> {
        let Reading { facts, framer, contents, tally, .. } = reading;
        let refused = match frame {
            Frame::Record { range, number, compact } => {
                let record = RawRecord { bytes: &framer.bytes()[range], number, compact };
                let read = self.decoders.record(record, contents, facts, tally);
                read.err().map(|reject| framer.refuse(reject))
            }
            broken @ Frame::Broken { .. } => Some(broken),
        };
        if let Some(Frame::Broken { range, number, length, reject }) = refused {
            let name = self.decoders.name(contents);
            let sample = (&framer.bytes()[range], length);
            self.decoders.set_aside(&name, reject, sample, number, (facts, tally));
        }
        // Adding up all columns takes as long as a column of the record: not for each.
        match tally.records.is_multiple_of(CHECK_RECORDS) && self.is_full() {
            true => self.flush(true),
            false => Ok(()),
        }
    }

    fn is_full(&self) -> bool {
        self.decoders.bytes() >= self.options.piece_bytes
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
                counts.records = reading.tally.records;
                self.done_unreadable(file, &format!("cannot be read: {error}"), counts);
                return Ok(());
            }
            Some(InflateError::Corrupt(what)) => {
                let name = self.decoders.name(&reading.contents);
                let number = reading.framer.number() + 1;
                let records = reading.tally.records;
                self.done_corrupt(file, (&name, number), &reading.facts, records, what);
                return Ok(());
            }
            None => {}
        }
        let before = reading.tally.records;
        while let Some(frame) = reading.framer.finish() {
            self.frame(&mut reading, frame)?;
            self.frames(&mut reading)?;
        }
        let Reading { mut facts, mut contents, mut tally, .. } = reading;
        self.decoders.end(&mut contents, &mut facts, &mut tally);
        self.progress.records(tally.records.saturating_sub(before));
        counts.records = tally.records;
        let notes = match (&tally.first_reject, tally.records) {
            (_, 0) => vec![note(NoteKind::Nothing, file, "no records".to_owned())],
            (Some(reject), _) => {
                let detail = format!(
                    "{} of {} records quarantined, the first: {} ({})",
                    tally.quarantined, tally.records, reject.reason, reject.detail
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
        (format, number): (&str, u64),
        facts: &ObjectFacts,
        records: u64,
        what: String,
    ) {
        let reject = Reject::new(Reason::Corrupt, what.clone());
        let mut tally = Tally { records, ..Tally::default() };
        self.decoders.set_aside(format, reject, (b"", 0), number, (facts, &mut tally));
        self.progress.records(tally.records - records);
        let (bytes, records) = (file.object.size, tally.records);
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

    fn flush(&mut self, mid_object: bool) -> Result<(), Stopped> {
        let mut piece = std::mem::take(&mut self.piece);
        piece.mid_object = mid_object;
        piece.rows = whole(self.decoders.finish())?;
        (self.send)(piece)
    }
}

/// Columns of one table always have one length; if not, nothing of it may be stored.
fn whole(rows: Result<Vec<Rows>, ArrowError>) -> Result<Vec<Rows>, Stopped> {
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
    content: &mut Content,
    head: &mut Vec<u8>,
    buffer: &mut [u8],
) -> Result<bool, InflateError> {
    while head.len() < HEAD_BYTES {
        match content.read(buffer)? {
            0 => return Ok(false),
            read => head.extend_from_slice(&buffer[..read]),
        }
    }
    Ok(true)
}
