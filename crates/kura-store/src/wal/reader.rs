//! Reading the log while it grows: deliveries from a cursor on, as far as they are synced.

use std::io;
use std::sync::Arc;

use kura_core::disk::Disk;

use super::frame::{SEGMENT_HEADER_BYTES, StoredDelivery};
use super::log::{Log, Segment, Segments};
use super::scanner::{Found, Scanner};

/// Reads deliveries in their order, while the log grows.
#[derive(Debug)]
pub struct Reader {
    disk: Arc<dyn Disk>,
    segments: Segments,
    /// Deliveries that end before this one are passed over.
    from: u64,
    /// The segment being read: the number of its first record.
    open: Option<(u64, Scanner)>,
}

impl Reader {
    /// A reader that begins with the delivery that holds record `from`.
    #[must_use]
    pub fn new(log: &Log, from: u64) -> Self {
        let (disk, segments) = (log.disk().clone(), log.segments().clone());
        Reader { disk, segments, from, open: None }
    }

    /// The next delivery, if one more is synced.
    ///
    /// # Errors
    /// If the disk cannot be read.
    pub fn read(&mut self) -> io::Result<Option<StoredDelivery>> {
        loop {
            let Some((first, mut scanner)) = self.open.take() else {
                let Some(segment) = self.segment_after(None) else { return Ok(None) };
                self.open = Some(self.open_segment(&segment)?);
                continue;
            };
            // In this order: where there is a next one, this one has its last size.
            let next = self.segment_after(Some(first));
            let readable = self.readable(first);
            readable.inspect(|&readable| scanner.set_limit(readable));
            if let Some(delivery) = self.next_in(&mut scanner)? {
                self.open = Some((first, scanner));
                return Ok(Some(delivery));
            }
            match next {
                Some(next) => self.open = Some(self.open_segment(&next)?),
                None => {
                    self.open = Some((first, scanner));
                    return Ok(None);
                }
            }
        }
    }

    fn next_in(&mut self, scanner: &mut Scanner) -> io::Result<Option<StoredDelivery>> {
        while let Some(found) = scanner.next()? {
            let Found::Frame { header, payload, .. } = found else { continue };
            if header.end() <= self.from || self.segments.was_refused(header.first) {
                continue;
            }
            if let Some(delivery) = header.delivery(payload) {
                self.from = header.end();
                return Ok(Some(delivery));
            }
        }
        Ok(None)
    }

    fn readable(&self, first: u64) -> Option<u64> {
        let segments = self.segments.lock();
        segments.iter().find(|segment| segment.first == first).map(|segment| segment.readable)
    }

    /// The segment that comes next, or the first that may hold what is wanted.
    fn segment_after(&self, first: Option<u64>) -> Option<Segment> {
        let segments = self.segments.lock();
        let mut candidates = segments.iter();
        match first {
            Some(first) => candidates.find(|segment| segment.first > first).cloned(),
            None => candidates
                .find(|segment| segment.end > self.from)
                .or_else(|| segments.back())
                .cloned(),
        }
    }

    fn open_segment(&self, segment: &Segment) -> io::Result<(u64, Scanner)> {
        let file = self.disk.open(&segment.path)?;
        let mut scanner = Scanner::new(file, SEGMENT_HEADER_BYTES as u64);
        scanner.set_limit(segment.readable);
        Ok((segment.first, scanner))
    }
}
