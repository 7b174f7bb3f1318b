//! Where messages end in the bytes of a connection, found as the bytes come: a byte is looked at
//! once, however few come at a time.

use bytes::{Bytes, BytesMut};
use tokio::io::{AsyncRead, AsyncReadExt};

use super::Invalid;
use super::msgpack::Reader;

/// As much is read at a time.
const READ_BYTES: usize = 64 << 10;
/// A buffer that grew beyond this is given back once it is empty.
const KEPT_BYTES_MAX: usize = 256 << 10;

/// The bytes that came and are no whole message yet, or were not asked for.
#[derive(Debug)]
pub(super) struct Frames {
    buffer: BytesMut,
    bytes_max: usize,
    /// Up to where the message is understood; beyond the buffer, within a text that has not
    /// come in full.
    scanned: usize,
    /// Values that are to follow before the message is whole.
    left: u64,
}

impl Frames {
    /// Messages have `bytes_max` at most.
    pub(super) fn new(bytes_max: usize) -> Self {
        Frames { buffer: BytesMut::new(), bytes_max, scanned: 0, left: 1 }
    }

    /// As before, for messages of another size.
    pub(super) fn set_bytes_max(&mut self, bytes_max: usize) {
        self.bytes_max = bytes_max;
    }

    /// No message has begun that is not whole.
    pub(super) fn is_between(&self) -> bool {
        self.buffer.is_empty()
    }

    /// Bytes at hand.
    pub(super) fn bytes(&self) -> usize {
        self.buffer.len()
    }

    /// Waits for more bytes; 0 is the end.
    pub(super) async fn read(
        &mut self,
        stream: &mut (impl AsyncRead + Unpin),
    ) -> std::io::Result<usize> {
        if self.buffer.is_empty() && self.buffer.capacity() > KEPT_BYTES_MAX {
            self.buffer = BytesMut::new();
        }
        self.buffer.reserve(READ_BYTES);
        stream.read_buf(&mut self.buffer).await
    }

    /// The next message, if it is whole.
    pub(super) fn next(&mut self) -> Result<Option<Bytes>, Invalid> {
        while self.left > 0 {
            let Some(rest) = self.buffer.get(self.scanned..) else { return Ok(None) };
            let mut reader = Reader::new(rest);
            let head = match reader.head() {
                Err(Invalid::Cut) => return Ok(None),
                head => head?,
            };
            let head_bytes = rest.len() - reader.rest().len();
            self.scanned = self.scanned.saturating_add(head_bytes + head.payload() as usize);
            self.left = (self.left - 1).saturating_add(head.values());
            // A value has a byte at least.
            if (self.scanned as u64).saturating_add(self.left) > self.bytes_max as u64 {
                return Err(Invalid::TooLong(self.bytes_max));
            }
        }
        if self.scanned > self.buffer.len() {
            return Ok(None);
        }
        let message = self.buffer.split_to(self.scanned).freeze();
        (self.scanned, self.left) = (0, 1);
        Ok(Some(message))
    }
}
