//! Walking through the frames of one file, past whatever is damaged.

use std::io;
use std::ops::Range;

use kura_core::disk::DiskFile;

use super::frame::{HEADER_BYTES, Header, next_magic};

/// Read at a time.
const READ_BYTES: usize = 1 << 20;

/// What comes next in a segment.
pub enum Found<'a> {
    Frame {
        header: Header,
        payload: &'a [u8],
        bytes: Range<u64>,
    },
    /// Bytes up to the next whole frame, or to the end.
    Damaged(Range<u64>),
}

/// Walks through the frames of one file.
#[derive(Debug)]
pub struct Scanner {
    file: Box<dyn DiskFile>,
    /// Where the next frame begins.
    at: u64,
    /// No byte from here on is looked at.
    limit: u64,
    buffer: Vec<u8>,
    /// Where in the file the buffer begins.
    base: u64,
    /// Behind the last record that a whole header told of, though its payload is damaged.
    known_end: Option<u64>,
}

impl Scanner {
    pub fn new(file: Box<dyn DiskFile>, at: u64) -> Self {
        Scanner { file, at, limit: 0, buffer: Vec::new(), base: at, known_end: None }
    }

    pub fn set_limit(&mut self, limit: u64) {
        self.limit = limit;
    }

    pub fn known_end(&self) -> Option<u64> {
        self.known_end
    }

    /// Bytes of the file, whatever they are.
    pub fn read(&self, bytes: Range<u64>) -> io::Result<Vec<u8>> {
        let mut content = vec![0; usize::try_from(bytes.end - bytes.start).unwrap_or(0)];
        let read = self.file.read_at(bytes.start, &mut content)?;
        content.truncate(read);
        Ok(content)
    }

    pub fn next(&mut self) -> io::Result<Option<Found<'_>>> {
        if self.at >= self.limit {
            return Ok(None);
        }
        let from = self.at;
        match self.frame_at(from)? {
            Looked::Whole(header) => {
                let length = HEADER_BYTES as u64 + u64::from(header.payload_bytes);
                self.at = from + length;
                let start = self.offset(from) + HEADER_BYTES;
                let payload = &self.buffer[start..start + header.payload_bytes as usize];
                Ok(Some(Found::Frame { header, payload, bytes: from..self.at }))
            }
            Looked::Damaged(Some(header)) => {
                // The header is whole: the next frame begins where it says.
                self.known_end = self.known_end.max(Some(header.end()));
                let length = HEADER_BYTES as u64 + u64::from(header.payload_bytes);
                self.at = (from + length).min(self.limit);
                // Unless what it says was never written.
                if self.at == self.limit {
                    self.at = self.next_whole(from + 1)?;
                }
                Ok(Some(Found::Damaged(from..self.at)))
            }
            Looked::Damaged(None) => {
                self.at = self.next_whole(from + 1)?;
                Ok(Some(Found::Damaged(from..self.at)))
            }
        }
    }

    /// The next place where a whole frame begins, or the end.
    fn next_whole(&mut self, mut from: u64) -> io::Result<u64> {
        while from < self.limit {
            self.fill(from, HEADER_BYTES)?;
            let start = self.offset(from);
            match next_magic(&self.buffer, start) {
                Some(at) => {
                    let at = self.base + at as u64;
                    if let Looked::Whole(_) = self.frame_at(at)? {
                        return Ok(at);
                    }
                    from = at + 1;
                }
                // The magic may lie across the buffer's end.
                None => {
                    from = (self.base + self.buffer.len() as u64).saturating_sub(3).max(from + 1)
                }
            }
        }
        Ok(self.limit)
    }

    fn frame_at(&mut self, at: u64) -> io::Result<Looked> {
        self.fill(at, HEADER_BYTES)?;
        let start = self.offset(at);
        let Some(header) = self.buffer.get(start..).and_then(Header::read) else {
            return Ok(Looked::Damaged(None));
        };
        let length = HEADER_BYTES + header.payload_bytes as usize;
        if at + length as u64 > self.limit {
            return Ok(Looked::Damaged(Some(header)));
        }
        self.fill(at, length)?;
        let start = self.offset(at) + HEADER_BYTES;
        let payload = self.buffer.get(start..start + header.payload_bytes as usize);
        Ok(match payload.is_some_and(|payload| header.fits(payload)) {
            true => Looked::Whole(header),
            false => Looked::Damaged(Some(header)),
        })
    }

    fn offset(&self, at: u64) -> usize {
        usize::try_from(at.saturating_sub(self.base)).unwrap_or(usize::MAX).min(self.buffer.len())
    }

    /// Makes sure that the buffer has so many bytes from there on, as far as there are any.
    fn fill(&mut self, at: u64, bytes: usize) -> io::Result<()> {
        let held = self.base..self.base + self.buffer.len() as u64;
        if held.contains(&at) && at + bytes as u64 <= held.end {
            return Ok(());
        }
        let kept = match held.contains(&at) {
            true => self.offset(at),
            false => self.buffer.len(),
        };
        self.buffer.drain(..kept);
        self.base = at;
        let room = usize::try_from(self.limit - at.min(self.limit)).unwrap_or(usize::MAX);
        let wanted = bytes.max(READ_BYTES).min(room);
        let from = self.buffer.len();
        if wanted > from {
            self.buffer.resize(wanted, 0);
            let read = self.file.read_at(at + from as u64, &mut self.buffer[from..])?;
            self.buffer.truncate(from + read);
        }
        Ok(())
    }
}

enum Looked {
    Whole(Header),
    /// With the header, if that is whole.
    Damaged(Option<Header>),
}
