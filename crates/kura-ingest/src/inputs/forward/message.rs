//! A message's bytes as what they say: tag, records, and whether an ack is wanted.
//!
//! There are four carriers: *Message* (one entry), *Forward* (a list of entries),
//! *PackedForward* (entries as one binary) and *CompressedPackedForward* (the same, compressed).

use std::borrow::Cow;
use std::io::Cursor;

use bytes::Bytes;
use kura_core::inflate::{InflateError, InflateLimits, Inflated};
use kura_core::intake::RawRecords;
use kura_core::time::{MICROS_PER_SECOND, Micros};
use xxhash_rust::xxh3::{xxh3_64_with_seed, xxh3_128_with_seed};

use super::super::InputLimits;
use super::Invalid;
use super::cut::Cut;
use super::json::Transcoder;
use super::msgpack::{Head, Reader};

/// A tag is a name, and a chunk an id; what is longer is neither.
const NAME_BYTES_MAX: u32 = 1_024;

/// JSON is longer than MessagePack, and control characters are six times as long.
const TEXT_PER_INFLATED_BYTE: usize = 4;

/// `RawRecords` counts its bytes in 32 bits.
const TEXT_BYTES_MAX: usize = 1 << 30;

/// Records inflate 5 to 20 times; the ratio counts where it begins to cost something.
const RATIO_FROM_BYTES: u64 = 4 << 20;
/// zstd asks for a window of 8 MiB at its highest ordinary level: it is memory.
const ZSTD_WINDOW_LOG_MAX: u32 = 23;

/// A message, read but for its records.
#[derive(Debug)]
pub(super) struct Message<'a> {
    pub tag: Cow<'a, str>,
    pub chunk: Option<Chunk<'a>>,
    bytes: &'a Bytes,
    carrier: Carrier<'a>,
}

/// The sender's id of a message that is to be acknowledged.
#[derive(Debug)]
pub(super) struct Chunk<'a> {
    /// As it came, since it is to go back like this.
    packed: &'a [u8],
    pub id: Cow<'a, str>,
}

#[derive(Debug, Clone, Copy)]
enum Carrier<'a> {
    /// From the time on.
    Message(Reader<'a>),
    /// So many entries.
    Forward(u32, Reader<'a>),
    PackedForward(&'a [u8]),
    CompressedPackedForward(&'a [u8]),
}

impl<'a> Message<'a> {
    /// `None`: it says nothing, as old heartbeats do.
    pub(super) fn read(bytes: &'a Bytes) -> Result<Option<Self>, Invalid> {
        let mut reader = Reader::new(bytes);
        let count = match reader.head()? {
            Head::Nil => return Ok(None),
            Head::List(count) if count >= 2 => count,
            _ => return Err(Invalid::Unexpected("a message")),
        };
        let tag = name(&mut reader, "a tag")?;
        let second = reader;
        let (mut carrier, behind) = match reader.head()? {
            Head::List(entries) => {
                let carrier = Carrier::Forward(entries, reader);
                reader = second;
                reader.skip()?;
                (carrier, count - 2)
            }
            Head::Text(length) | Head::Bytes(length) => {
                (Carrier::PackedForward(reader.take(length)?), count - 2)
            }
            _ if count < 3 => return Err(Invalid::Unexpected("a record")),
            _ => {
                reader = second;
                reader.skip()?;
                reader.skip()?;
                (Carrier::Message(second), count - 3)
            }
        };
        let mut chunk = None;
        if behind > 0 {
            let option = Options::read(&mut reader)?;
            chunk = option.chunk;
            if let (true, Carrier::PackedForward(entries)) = (option.is_compressed, carrier) {
                carrier = Carrier::CompressedPackedForward(entries);
            }
        }
        Ok(Some(Message { tag: String::from_utf8_lossy(tag), chunk, bytes, carrier }))
    }

    /// Its records as JSON, all or none of them.
    pub(super) fn records(&self, limits: &InputLimits) -> Result<RawRecords, Invalid> {
        let chunk = self.chunk.as_ref().map_or("", |chunk| &*chunk.id);
        let seed = xxh3_64_with_seed(chunk.as_bytes(), self.tag.len() as u64);
        let mut entries = Entries::new(*limits, xxh3_64_with_seed(self.tag.as_bytes(), seed));
        match self.carrier {
            Carrier::Message(mut reader) => entries.entry(&mut reader)?,
            Carrier::Forward(count, mut reader) => {
                for _ in 0..count {
                    entries.listed(&mut reader)?;
                }
            }
            Carrier::PackedForward(packed) => entries.packed(packed)?,
            Carrier::CompressedPackedForward(packed) => {
                entries.packed(&inflated(self.bytes.slice_ref(packed), limits)?)?;
            }
        }
        Ok(entries.records)
    }
}

impl Chunk<'_> {
    /// What a sender is told once its message is safe: `{"ack": chunk}`.
    pub(super) fn ack(&self) -> Vec<u8> {
        // A map of one pair, and a text of three letters.
        [b"\x81\xa3ack", self.packed].concat()
    }
}

/// The text of a name.
fn name<'a>(reader: &mut Reader<'a>, what: &'static str) -> Result<&'a [u8], Invalid> {
    let text = reader.text(what)?;
    match text.len() > NAME_BYTES_MAX as usize {
        true => Err(Invalid::Unexpected(what)),
        false => Ok(text),
    }
}

/// What a sender says beside its entries. `size` is theirs to know.
#[derive(Debug, Default)]
struct Options<'a> {
    chunk: Option<Chunk<'a>>,
    is_compressed: bool,
}

impl<'a> Options<'a> {
    fn read(reader: &mut Reader<'a>) -> Result<Self, Invalid> {
        let mut options = Options::default();
        let count = match reader.head()? {
            Head::Nil => 0,
            Head::Map(count) => count,
            _ => return Err(Invalid::Unexpected("an option")),
        };
        for _ in 0..count {
            let key = reader.skip()?;
            let mut value = Reader::new(reader.skip()?);
            match Reader::new(key).text("an option").unwrap_or_default() {
                b"chunk" => options.chunk = Self::chunk(value)?,
                b"compressed" => options.is_compressed = Self::is_compressed(&mut value)?,
                _ => {}
            }
        }
        Ok(options)
    }

    fn chunk(mut value: Reader<'a>) -> Result<Option<Chunk<'a>>, Invalid> {
        let packed = value.rest();
        if Reader::new(packed).head()? == Head::Nil {
            return Ok(None);
        }
        let id = String::from_utf8_lossy(name(&mut value, "a chunk")?);
        Ok(Some(Chunk { packed, id }))
    }

    /// By what is gzip or zstd is told by the bytes themselves.
    fn is_compressed(value: &mut Reader<'a>) -> Result<bool, Invalid> {
        match value.text("a compression")? {
            b"gzip" | b"zstd" => Ok(true),
            b"text" => Ok(false),
            _ => Err(Invalid::Unexpected("a compression")),
        }
    }
}

/// Entries on their way to records.
#[derive(Debug)]
struct Entries {
    limits: InputLimits,
    transcoder: Transcoder,
    records: RawRecords,
    /// Entries read, those without a record too.
    count: usize,
    /// Tells equal records of different messages from each other where they are cut.
    seed: u64,
}

impl Entries {
    fn new(limits: InputLimits, seed: u64) -> Self {
        let text_bytes_max = limits.inflated_bytes_max.saturating_mul(TEXT_PER_INFLATED_BYTE);
        let text_bytes_max = text_bytes_max.min(TEXT_BYTES_MAX);
        let transcoder = Transcoder::new(limits.nesting_max, text_bytes_max);
        Entries { limits, transcoder, records: RawRecords::default(), count: 0, seed }
    }

    fn packed(&mut self, bytes: &[u8]) -> Result<(), Invalid> {
        let mut reader = Reader::new(bytes);
        while !reader.rest().is_empty() {
            self.listed(&mut reader)?;
        }
        Ok(())
    }

    /// An entry that is a list of its own: `[time, record]`.
    fn listed(&mut self, reader: &mut Reader<'_>) -> Result<(), Invalid> {
        let Head::List(count @ 2..) = reader.head()? else {
            return Err(Invalid::Unexpected("an entry"));
        };
        self.entry(reader)?;
        for _ in 2..count {
            reader.skip()?;
        }
        Ok(())
    }

    /// A time and a record.
    fn entry(&mut self, reader: &mut Reader<'_>) -> Result<(), Invalid> {
        self.count += 1;
        if self.count > self.limits.records_max || self.records.len() > self.limits.records_max {
            return Err(Invalid::TooManyRecords(self.limits.records_max));
        }
        let (time, metadata) = time_and_metadata(reader)?;
        let begin = self.records.bytes();
        if !self.transcoder.record(reader, metadata, self.records.buffer())? {
            return Ok(());
        }
        match self.records.bytes() - begin > self.limits.record_bytes_max {
            true => self.cut(begin, time),
            false => self.records.end_record(time),
        }
        Ok(())
    }

    /// Writes the record from `begin` anew, in parts.
    fn cut(&mut self, begin: usize, time: Option<Micros>) {
        let record = self.records.buffer().split_off(begin);
        let seed = xxh3_64_with_seed(&time.unwrap_or(0).to_le_bytes(), self.seed)
            .wrapping_add(self.count as u64);
        let id = format!("{:032x}", xxh3_128_with_seed(&record, seed));
        let mut whole = Vec::new();
        let fields = self.transcoder.fields();
        let cut = Cut::new(&record, fields, self.limits.record_bytes_max, &mut whole);
        cut.parts(|part| {
            part.write(&id, self.records.buffer());
            self.records.end_record(time);
        });
    }
}

/// An entry's time; Fluent Bit's entries have `[time, metadata]` in its place.
fn time_and_metadata<'a>(
    reader: &mut Reader<'a>,
) -> Result<(Option<Micros>, Option<&'a [u8]>), Invalid> {
    let before = *reader;
    let Head::List(count @ 1..) = reader.head()? else {
        *reader = before;
        return Ok((event_time(reader)?, None));
    };
    let time = event_time(reader)?;
    let mut metadata = None;
    for at in 1..count {
        let bytes = reader.skip()?;
        let is_some = matches!(Reader::new(bytes).head()?, Head::Map(1..));
        if at == 1 && is_some {
            metadata = Some(bytes);
        }
    }
    Ok((time, metadata))
}

/// Seconds, whole or not, or `EventTime`: extension 0 of seconds and nanoseconds. None at all
/// (0, too) is that of its arrival.
fn event_time(reader: &mut Reader<'_>) -> Result<Option<Micros>, Invalid> {
    let seconds = |seconds: i64| seconds.checked_mul(MICROS_PER_SECOND);
    let time = match reader.head()? {
        Head::Nil => None,
        Head::Unsigned(number) => i64::try_from(number).ok().and_then(seconds),
        Head::Signed(number) => seconds(number),
        Head::Single(number) => fractional(number.into()),
        Head::Double(number) => fractional(number),
        Head::Ext(0, 8) => {
            let (whole, nanos) = reader.take(8)?.split_first_chunk().ok_or(Invalid::Cut)?;
            let nanos = nanos.first_chunk().ok_or(Invalid::Cut)?;
            let micros = i64::from(u32::from_be_bytes(*nanos)) / 1_000;
            seconds(u32::from_be_bytes(*whole).into()).map(|time| time + micros)
        }
        _ => return Err(Invalid::Unexpected("a time")),
    };
    Ok(time.filter(|time| *time != 0))
}

fn fractional(seconds: f64) -> Option<Micros> {
    let micros = (seconds * 1e6).round();
    // What no `i64` holds is no time.
    (micros.abs() < 9e18).then_some(micros as Micros)
}

/// The entries of a compressed message; several members or frames in a row are one.
fn inflated(packed: Bytes, limits: &InputLimits) -> Result<Vec<u8>, Invalid> {
    let compressed_bytes = packed.len() as u64;
    let caps = InflateLimits {
        bytes_max: limits.inflated_bytes_max as u64,
        ratio_from: RATIO_FROM_BYTES,
        zstd_window_log_max: ZSTD_WINDOW_LOG_MAX,
        ..InflateLimits::default()
    };
    let broken = |error: InflateError| Invalid::NotInflated(error.to_string());
    let mut inflated =
        Inflated::open(Cursor::new(packed), compressed_bytes, caps).map_err(broken)?;
    let (mut out, mut piece) = (Vec::new(), vec![0; 64 << 10]);
    loop {
        match inflated.read(&mut piece).map_err(broken)? {
            0 => return Ok(out),
            read => out.extend_from_slice(piece.get(..read).unwrap_or_default()),
        }
    }
}
