//! The log's segments: opened and looked through after a crash, appended to, forgotten.
//!
//! One writer at a time, and no threads in here: a simulation drives it step by step.

use std::collections::VecDeque;
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use kura_core::disk::{Disk, DiskFile};

use super::Cursor;
use super::frame::{Frame, SEGMENT_HEADER_BYTES, read_segment_header, segment_header};
use super::keys::KeyHash;
use super::scanner::{Found, Scanner};

/// A segment is closed once it is this large: what a batch frees comes in such pieces.
const SEGMENT_BYTES: u64 = 64 << 20;
const SUFFIX: &str = ".wal";
/// Where damaged bytes are copied to, beside the segments.
const ASIDE: &str = "set-aside";

/// Bytes that are no deliveries any more, found at a start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Damage {
    pub segment: String,
    pub bytes: Range<u64>,
    /// The records that are gone, where what lies around says which. At the end of the last
    /// segment they are most likely ones that nobody was told of.
    pub records: Range<u64>,
}

/// What a start found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Replay {
    pub segments: u64,
    pub deliveries: u64,
    pub records: u64,
    /// The senders' keys of the deliveries that count.
    pub keys: Vec<KeyHash>,
    pub damage: Vec<Damage>,
}

impl Replay {
    /// Records that are known to be gone.
    #[must_use]
    pub fn records_lost(&self) -> u64 {
        self.damage.iter().map(|damage| damage.records.end - damage.records.start).sum()
    }
}

/// A file of the log, as readers know it.
#[derive(Debug, Clone)]
pub(super) struct Segment {
    pub first: u64,
    /// From here to `first` nothing was acknowledged: what segments before hold of it counts
    /// for nothing.
    pub refused: u64,
    pub path: PathBuf,
    /// Bytes that are synced.
    pub readable: u64,
    /// The sequence number behind its last record.
    pub end: u64,
}

/// The segments there are, shared with readers.
#[derive(Debug, Clone, Default)]
pub(super) struct Segments(Arc<Mutex<VecDeque<Segment>>>);

impl Segments {
    pub fn lock(&self) -> MutexGuard<'_, VecDeque<Segment>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether a delivery that begins there was refused, though its bytes may be found.
    pub fn was_refused(&self, first: u64) -> bool {
        self.lock().iter().any(|segment| (segment.refused..segment.first).contains(&first))
    }
}

#[derive(Debug)]
pub struct Log {
    disk: Arc<dyn Disk>,
    folder: PathBuf,
    segments: Segments,
    /// Open for appending, with the place to write at.
    active: Option<(Box<dyn DiskFile>, u64)>,
    /// The number that the next record gets.
    next: u64,
    /// From here to `next` nothing was acknowledged.
    refused: u64,
    buffer: Vec<u8>,
}

impl Log {
    /// Opens the log of a folder, looking through all that is in it. No record gets a number
    /// that its reader is past.
    ///
    /// # Errors
    /// If the disk cannot be read. What lies on it is never an error.
    pub fn open(disk: Arc<dyn Disk>, folder: &Path, cursor: &Cursor) -> io::Result<(Log, Replay)> {
        disk.make_folder(folder)?;
        let mut log = Log {
            disk,
            folder: folder.to_owned(),
            segments: Segments::default(),
            active: None,
            next: cursor.next.max(1),
            refused: cursor.next.max(1),
            buffer: Vec::new(),
        };
        let mut replay = Replay::default();
        let mut names = log.disk.list(folder)?;
        names.retain(|name| name.ends_with(SUFFIX));
        let (mut expected, mut keys) = (None, Vec::new());
        for name in &names {
            keys.append(&mut log.open_segment(name, &mut expected, &mut replay)?);
        }
        // A later segment says so: its sender is to try again.
        keys.retain(|(first, _)| !log.segments.was_refused(*first));
        replay.keys = keys.into_iter().map(|(_, key)| key).collect();
        if let Some(end) = expected {
            log.next = log.next.max(end);
            log.refused = end;
        }
        // Segments that were forgotten may have come back, and miss those that did not.
        if let Err(error) = log.forget(cursor.first_wanted()) {
            tracing::warn!(%error, "a segment of the log cannot be deleted; it is tried again");
        }
        for damage in &mut replay.damage {
            damage.records.start = damage.records.start.max(cursor.first_wanted());
            damage.records.end = damage.records.end.max(damage.records.start);
        }
        replay.damage.retain(|damage| !damage.bytes.is_empty() || !damage.records.is_empty());
        Ok((log, replay))
    }

    /// Returns the keys of its deliveries, each with the number of the first record.
    fn open_segment(
        &mut self,
        name: &str,
        expected: &mut Option<u64>,
        replay: &mut Replay,
    ) -> io::Result<Vec<(u64, KeyHash)>> {
        let path = self.folder.join(name);
        let file = self.disk.open(&path)?;
        let size = file.size()?;
        let mut head = vec![0; SEGMENT_HEADER_BYTES];
        let read = file.read_at(0, &mut head)?;
        let header = read_segment_header(&head[..read]);
        let named = name.strip_suffix(SUFFIX).and_then(|first| first.parse().ok());
        let (first, refused) = header.or(named.map(|first| (first, first))).unwrap_or_default();
        let mut found = Examined::default();
        // What came before ends where nothing was acknowledged any more.
        if let Some(before) = expected.filter(|_| header.is_some()) {
            if before < refused {
                found.damage(0..0, before..refused);
            }
            *expected = Some(before.max(first));
        }
        let mut scanner = Scanner::new(file, header.map_or(0, |_| SEGMENT_HEADER_BYTES as u64));
        scanner.set_limit(size);
        let from = expected.unwrap_or(first);
        found.frames(&mut scanner, from)?;
        *expected = Some(found.end.max(from));
        replay.deliveries += found.deliveries;
        replay.records += found.records;
        self.set_aside(name, &found.damages, &mut scanner)?;
        for (bytes, records) in found.damages {
            replay.damage.push(Damage { segment: name.to_owned(), bytes, records });
        }
        if found.deliveries == 0 {
            self.disk.remove(&path)?;
            return Ok(found.keys);
        }
        replay.segments += 1;
        let end = found.end;
        self.segments.lock().push_back(Segment { first, refused, path, readable: size, end });
        Ok(found.keys)
    }

    /// Copies damaged bytes to where somebody may look at them; best effort.
    fn set_aside(
        &self,
        name: &str,
        damages: &[(Range<u64>, Range<u64>)],
        scanner: &mut Scanner,
    ) -> io::Result<()> {
        let folder = self.folder.join(ASIDE);
        for (bytes, _) in damages.iter().filter(|(bytes, _)| !bytes.is_empty()) {
            self.disk.make_folder(&folder)?;
            let content = scanner.read(bytes.clone())?;
            let copy = self.disk.create(&folder.join(format!("{name}-{}", bytes.start)));
            // One of this name was copied at an earlier start.
            if let Ok(copy) = copy
                && let Err(error) = copy.write_at(0, &content)
            {
                tracing::warn!(%error, name, "damaged bytes of the log could not be copied");
            }
        }
        Ok(())
    }

    /// The number that the next record gets.
    #[must_use]
    pub fn next(&self) -> u64 {
        self.next
    }

    /// Bytes on disk.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.segments.lock().iter().map(|segment| segment.readable).sum()
    }

    pub(super) fn segments(&self) -> &Segments {
        &self.segments
    }

    pub(super) fn disk(&self) -> &Arc<dyn Disk> {
        &self.disk
    }

    /// Appends deliveries and returns the numbers of their first records, once all of them are
    /// synced.
    ///
    /// # Errors
    /// If they may not be: none of them counts, then.
    pub fn append(&mut self, frames: &mut [Frame]) -> io::Result<Vec<u64>> {
        let group = self.next;
        let (file, at) = match self.active.take() {
            Some((file, at)) if at < SEGMENT_BYTES => (file, at),
            _ => self.begin_segment()?,
        };
        self.buffer.clear();
        let mut firsts = Vec::with_capacity(frames.len());
        for frame in frames {
            firsts.push(self.next);
            self.buffer.extend_from_slice(frame.numbered(self.next));
            self.next += frame.records();
        }
        if let Err(error) = file.write_at(at, &self.buffer).and_then(|()| file.sync()) {
            // Best effort: a later segment says that these numbers count for nothing.
            let _ = file.truncate(at);
            self.refused = self.refused.min(group);
            return Err(error);
        }
        let at = at + self.buffer.len() as u64;
        self.active = Some((file, at));
        if let Some(segment) = self.segments.lock().back_mut() {
            segment.readable = at;
            segment.end = self.next;
        }
        Ok(firsts)
    }

    fn begin_segment(&mut self) -> io::Result<(Box<dyn DiskFile>, u64)> {
        let path = self.folder.join(format!("{:020}{SUFFIX}", self.next));
        let file = match self.disk.create(&path) {
            // One that was begun and could not be finished.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                self.disk.remove(&path)?;
                self.disk.create(&path)?
            }
            created => created?,
        };
        let refused = self.refused.min(self.next);
        let header = segment_header(self.next, refused);
        file.write_at(0, &header)?;
        file.sync()?;
        self.disk.sync_folder(&self.folder)?;
        let (first, readable) = (self.next, header.len() as u64);
        let segment = Segment { first, refused, path, readable, end: first };
        self.segments.lock().push_back(segment);
        self.refused = u64::MAX;
        Ok((file, readable))
    }

    /// Deletes the segments that hold no record from `first_wanted` on.
    ///
    /// # Errors
    /// If one cannot be deleted; it is tried again the next time.
    pub fn forget(&mut self, first_wanted: u64) -> io::Result<()> {
        let is_done = |segment: &Segment| segment.end <= first_wanted;
        loop {
            let mut segments = self.segments.lock();
            let is_active = segments.len() == 1 && self.active.is_some();
            let Some(first) = segments.front().filter(|first| is_done(first) && !is_active) else {
                return Ok(());
            };
            self.disk.remove(&first.path)?;
            segments.pop_front();
        }
    }
}

/// What is in a segment.
#[derive(Debug, Default)]
struct Examined {
    deliveries: u64,
    records: u64,
    keys: Vec<(u64, KeyHash)>,
    end: u64,
    damages: Vec<(Range<u64>, Range<u64>)>,
}

impl Examined {
    fn damage(&mut self, bytes: Range<u64>, records: Range<u64>) {
        match self.damages.last_mut() {
            Some((last, gone)) if last.end == bytes.start && gone.is_empty() => {
                last.end = bytes.end;
                *gone = records;
            }
            _ => self.damages.push((bytes, records)),
        }
    }

    fn frames(&mut self, scanner: &mut Scanner, from: u64) -> io::Result<()> {
        let mut expected = from;
        while let Some(found) = scanner.next()? {
            match found {
                Found::Frame { header, payload, .. }
                    if let Some(stored) = header.delivery(payload) =>
                {
                    self.keys.extend(stored.key().map(|key| (header.first, key)));
                    if header.first > expected {
                        match self.damages.last_mut() {
                            Some((_, gone)) if gone.is_empty() => *gone = expected..header.first,
                            _ => self.damage(0..0, expected..header.first),
                        }
                    }
                    self.deliveries += 1;
                    self.records += u64::from(header.records);
                    expected = expected.max(header.end());
                }
                Found::Frame { bytes, .. } | Found::Damaged(bytes) => self.damage(bytes, 0..0),
            }
        }
        if let Some((_, gone)) = self.damages.last_mut()
            && let Some(end) = scanner.known_end()
            && gone.is_empty()
            && end > expected
        {
            *gone = expected..end;
            expected = end;
        }
        self.end = expected;
        Ok(())
    }
}
