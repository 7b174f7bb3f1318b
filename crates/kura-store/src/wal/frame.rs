//! Frames: one delivery each, with sums that tell whether it is whole; and finding the next
//! one after bytes that are not.

use kura_core::intake::{Delivery, RawRecords};
use kura_core::time::Micros;

use super::keys::KeyHash;

const MAGIC: [u8; 4] = *b"KwF1";
pub const HEADER_BYTES: usize = 28;
/// A length beyond this is no length: inputs cap what they deliver far below.
pub const PAYLOAD_BYTES_MAX: u32 = 256 << 20;

const SEGMENT_MAGIC: [u8; 8] = *b"KuraWAL1";
pub const SEGMENT_HEADER_BYTES: usize = 28;

/// A record without a time of its own.
const NO_TIME: i64 = i64::MIN;
const NO_KEY: u16 = u16::MAX;

/// A delivery on its way to the log: all but its sequence number.
#[derive(Debug)]
pub struct Frame {
    bytes: Vec<u8>,
    records: u32,
}

/// What a frame's header says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    pub first: u64,
    pub records: u32,
    pub payload_bytes: u32,
    payload_crc: u32,
}

/// A delivery as it was read back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredDelivery {
    /// The sequence number of its first record.
    pub first: u64,
    pub delivery: Delivery,
}

impl StoredDelivery {
    /// The sender's key, if it gave one.
    #[must_use]
    pub fn key(&self) -> Option<KeyHash> {
        let key = self.delivery.key.as_deref()?;
        Some(KeyHash::new(&self.delivery.input, key))
    }
}

/// Writes all of a frame but its sequence number. `None` if the delivery is too large for one.
#[must_use]
pub fn encode(delivery: &Delivery) -> Option<Frame> {
    let records = &delivery.records;
    let key = delivery.key.as_deref().unwrap_or_default();
    let mut bytes = Vec::with_capacity(HEADER_BYTES + 64 + records.bytes() + 12 * records.len());
    bytes.resize(HEADER_BYTES, 0);
    bytes.extend_from_slice(&delivery.arrival.to_le_bytes());
    for text in [&delivery.input, &delivery.stream] {
        bytes.extend_from_slice(&u32::try_from(text.len()).ok()?.to_le_bytes());
        bytes.extend_from_slice(text.as_bytes());
    }
    let key_bytes = match &delivery.key {
        None => NO_KEY,
        Some(key) => u16::try_from(key.len()).ok().filter(|&bytes| bytes != NO_KEY)?,
    };
    bytes.extend_from_slice(&key_bytes.to_le_bytes());
    bytes.extend_from_slice(key.as_bytes());
    for record in records.iter() {
        bytes.extend_from_slice(&record.time.unwrap_or(NO_TIME).to_le_bytes());
        bytes.extend_from_slice(&u32::try_from(record.bytes.len()).ok()?.to_le_bytes());
    }
    records.iter().for_each(|record| bytes.extend_from_slice(record.bytes));
    let payload = u32::try_from(bytes.len() - HEADER_BYTES).ok()?;
    if payload > PAYLOAD_BYTES_MAX {
        return None;
    }
    let count = u32::try_from(records.len()).ok()?;
    let crc = crc32fast::hash(&bytes[HEADER_BYTES..]);
    bytes[0..4].copy_from_slice(&MAGIC);
    bytes[4..8].copy_from_slice(&payload.to_le_bytes());
    bytes[16..20].copy_from_slice(&count.to_le_bytes());
    bytes[20..24].copy_from_slice(&crc.to_le_bytes());
    Some(Frame { bytes, records: count })
}

impl Frame {
    pub fn records(&self) -> u64 {
        self.records.into()
    }

    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    /// The bytes to write, for a delivery whose first record has this number.
    pub fn numbered(&mut self, first: u64) -> &[u8] {
        self.bytes[8..16].copy_from_slice(&first.to_le_bytes());
        let crc = crc32fast::hash(&self.bytes[..24]);
        self.bytes[24..28].copy_from_slice(&crc.to_le_bytes());
        &self.bytes
    }
}

impl Header {
    /// Reads a header that is whole.
    pub fn read(bytes: &[u8]) -> Option<Header> {
        let bytes = bytes.get(..HEADER_BYTES)?;
        let is_whole = bytes[..4] == MAGIC && crc32fast::hash(&bytes[..24]) == u32_at(bytes, 24)?;
        let header = Header {
            payload_bytes: u32_at(bytes, 4)?,
            first: u64_at(bytes, 8)?,
            records: u32_at(bytes, 16)?,
            payload_crc: u32_at(bytes, 20)?,
        };
        (is_whole && header.payload_bytes <= PAYLOAD_BYTES_MAX).then_some(header)
    }

    pub fn end(&self) -> u64 {
        self.first.saturating_add(self.records.into())
    }

    pub fn fits(&self, payload: &[u8]) -> bool {
        payload.len() == self.payload_bytes as usize && crc32fast::hash(payload) == self.payload_crc
    }

    /// The delivery in a payload that fits.
    pub fn delivery(&self, payload: &[u8]) -> Option<StoredDelivery> {
        let mut rest = payload;
        let arrival: Micros = i64::from_le_bytes(take(&mut rest, 8)?.try_into().ok()?);
        let input = take_text(&mut rest)?;
        let stream = take_text(&mut rest)?;
        let key = match u16::from_le_bytes(take(&mut rest, 2)?.try_into().ok()?) {
            NO_KEY => None,
            bytes => Some(text_of(take(&mut rest, bytes.into())?)?),
        };
        let mut heads = take(&mut rest, 12 * self.records as usize)?;
        let mut records = RawRecords::default();
        for _ in 0..self.records {
            let time = i64::from_le_bytes(take(&mut heads, 8)?.try_into().ok()?);
            let bytes = u32::from_le_bytes(take(&mut heads, 4)?.try_into().ok()?);
            records.push(take(&mut rest, bytes as usize)?, (time != NO_TIME).then_some(time));
        }
        let delivery = Delivery { input, stream, key, arrival, records };
        Some(StoredDelivery { first: self.first, delivery })
    }
}

/// Where behind `from` a frame may begin.
pub fn next_magic(bytes: &[u8], from: usize) -> Option<usize> {
    memchr::memmem::find(bytes.get(from..)?, &MAGIC).map(|at| from + at)
}

/// The first bytes of a segment.
pub fn segment_header(first: u64, refused: u64) -> Vec<u8> {
    let mut bytes = SEGMENT_MAGIC.to_vec();
    bytes.extend_from_slice(&first.to_le_bytes());
    bytes.extend_from_slice(&refused.to_le_bytes());
    let crc = crc32fast::hash(&bytes);
    bytes.extend_from_slice(&crc.to_le_bytes());
    bytes
}

/// `first` and `refused` of a segment whose header is whole.
pub fn read_segment_header(bytes: &[u8]) -> Option<(u64, u64)> {
    let bytes = bytes.get(..SEGMENT_HEADER_BYTES)?;
    let is_whole =
        bytes[..8] == SEGMENT_MAGIC && crc32fast::hash(&bytes[..24]) == u32_at(bytes, 24)?;
    is_whole.then_some((u64_at(bytes, 8)?, u64_at(bytes, 16)?))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    Some(u64::from_le_bytes(bytes.get(at..at + 8)?.try_into().ok()?))
}

fn take<'a>(rest: &mut &'a [u8], bytes: usize) -> Option<&'a [u8]> {
    let (taken, after) = rest.split_at_checked(bytes)?;
    *rest = after;
    Some(taken)
}

fn take_text(rest: &mut &[u8]) -> Option<String> {
    let bytes = u32::from_le_bytes(take(rest, 4)?.try_into().ok()?);
    text_of(take(rest, bytes as usize)?)
}

fn text_of(bytes: &[u8]) -> Option<String> {
    String::from_utf8(bytes.to_vec()).ok()
}
