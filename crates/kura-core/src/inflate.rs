//! Compressed bytes, opened with care: gzip and zstd are told by their first bytes, never
//! by the name, and what comes out is capped, never trusted to a declared length.

use std::io::{self, BufRead, BufReader, Read};

use flate2::bufread::MultiGzDecoder;

use crate::size::{GIB, MIB};

/// Caps on what one object may inflate to.
#[derive(Debug, Clone, Copy)]
pub struct InflateLimits {
    /// Bytes that may come out in all.
    pub bytes_max: u64,
    /// Bytes out per byte in. Logs reach 100; zeros reach 1,030.
    pub ratio_max: u64,
    /// The ratio counts only beyond this many bytes: a tiny object may be all alike.
    pub ratio_from: u64,
    /// The largest zstd window, as a power of two: it is memory.
    pub zstd_window_log_max: u32,
}

impl Default for InflateLimits {
    fn default() -> Self {
        InflateLimits {
            bytes_max: 64 * GIB,
            ratio_max: 400,
            ratio_from: 64 * MIB,
            zstd_window_log_max: 27,
        }
    }
}

/// Why an object's bytes end before the object does.
#[derive(Debug, thiserror::Error)]
pub enum InflateError {
    /// The bytes themselves cannot be had: no record of it may be believed lost.
    #[error("cannot be read: {0}")]
    Unreadable(#[source] io::Error),
    /// The bytes are there and are not what they claim to be.
    #[error("{0}")]
    Corrupt(String),
}

/// An object's plain bytes.
pub struct Inflated {
    reader: Box<dyn Read + Send>,
    limits: InflateLimits,
    compressed_bytes: u64,
    bytes_out: u64,
    encoding: &'static str,
}

impl std::fmt::Debug for Inflated {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Inflated").field("encoding", &self.encoding).finish_non_exhaustive()
    }
}

const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];
const ZSTD_MAGIC: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];
const READ_BUFFER_BYTES: usize = 128 << 10;

impl Inflated {
    /// Opens `source`, whose size as it lies is `compressed_bytes`.
    pub fn open(
        source: impl Read + Send + 'static,
        compressed_bytes: u64,
        limits: InflateLimits,
    ) -> Result<Self, InflateError> {
        let mut source = BufReader::with_capacity(READ_BUFFER_BYTES, source);
        let head = source.fill_buf().map_err(InflateError::Unreadable)?;
        let (mut reader, encoding): (Box<dyn Read + Send>, _) = if head.starts_with(&GZIP_MAGIC) {
            (Box::new(MultiGzDecoder::new(source)), "gzip")
        } else if head.starts_with(&ZSTD_MAGIC) {
            let mut decoder = zstd::stream::read::Decoder::with_buffer(source)
                .map_err(InflateError::Unreadable)?;
            decoder.window_log_max(limits.zstd_window_log_max).map_err(InflateError::Unreadable)?;
            (Box::new(decoder), "zstd")
        } else {
            (Box::new(source), "plain")
        };
        if encoding != "plain" {
            reader = inflated_again(reader);
        }
        Ok(Inflated { reader, limits, compressed_bytes, bytes_out: 0, encoding })
    }

    /// Reads some bytes into `buffer`; 0 is the end.
    pub fn read(&mut self, buffer: &mut [u8]) -> Result<usize, InflateError> {
        let read = loop {
            match self.reader.read(buffer) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(self.classify(error)),
                Ok(read) => break read,
            }
        };
        self.bytes_out += read as u64;
        self.check_caps()?;
        Ok(read)
    }

    fn check_caps(&self) -> Result<(), InflateError> {
        if self.encoding == "plain" {
            return Ok(());
        }
        if self.bytes_out > self.limits.bytes_max {
            return Err(InflateError::Corrupt(format!(
                "inflates to more than {} bytes",
                self.limits.bytes_max
            )));
        }
        let ratio = self.bytes_out / self.compressed_bytes.max(1);
        if self.bytes_out > self.limits.ratio_from && ratio > self.limits.ratio_max {
            return Err(InflateError::Corrupt(format!(
                "inflates to more than {} times its size",
                self.limits.ratio_max
            )));
        }
        Ok(())
    }

    /// A decoder says `InvalidData`, `InvalidInput`, `UnexpectedEof` (flate2) or `Other`
    /// (zstd) of bytes it cannot make sense of; every other kind is the disk speaking.
    fn classify(&self, error: io::Error) -> InflateError {
        use io::ErrorKind::{InvalidData, InvalidInput, Other, UnexpectedEof};
        let corrupt = matches!(error.kind(), InvalidData | InvalidInput | UnexpectedEof | Other)
            && error.raw_os_error().is_none();
        match corrupt && self.encoding != "plain" {
            true => InflateError::Corrupt(format!("broken {}: {error}", self.encoding)),
            false => InflateError::Unreadable(error),
        }
    }
}

/// Firehose compresses what CloudWatch Logs had compressed already.
fn inflated_again(mut reader: Box<dyn Read + Send>) -> Box<dyn Read + Send> {
    let mut first = Vec::new();
    let read = reader.by_ref().take(GZIP_MAGIC.len() as u64).read_to_end(&mut first);
    let is_gzip = first == GZIP_MAGIC;
    let begun = io::Cursor::new(first);
    match read {
        Err(error) => Box::new(begun.chain(Failed(Some(error)))),
        Ok(_) if is_gzip => {
            let source = BufReader::with_capacity(READ_BUFFER_BYTES, begun.chain(reader));
            Box::new(MultiGzDecoder::new(source))
        }
        Ok(_) => Box::new(begun.chain(reader)),
    }
}

/// What was tried too early fails where it stands.
struct Failed(Option<io::Error>);

impl Read for Failed {
    fn read(&mut self, _buffer: &mut [u8]) -> io::Result<usize> {
        self.0.take().map_or(Ok(0), Err)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(bytes).expect("to memory");
        encoder.finish().expect("to memory")
    }

    fn read_all(bytes: Vec<u8>, limits: InflateLimits) -> (usize, Option<String>) {
        let size = bytes.len() as u64;
        let mut inflated = match Inflated::open(io::Cursor::new(bytes), size, limits) {
            Ok(inflated) => inflated,
            Err(error) => return (0, Some(error.to_string())),
        };
        let (mut total, mut buffer) = (0, vec![0; 1 << 16]);
        loop {
            match inflated.read(&mut buffer) {
                Ok(0) => return (total, None),
                Ok(read) => total += read,
                Err(error) => return (total, Some(error.to_string())),
            }
        }
    }

    #[test]
    fn plain_gzip_members_and_zstd_are_told_by_their_bytes() {
        let limits = InflateLimits::default();
        assert_eq!(read_all(b"abc".to_vec(), limits), (3, None));
        assert_eq!(read_all([gzip(b"abc"), gzip(b"de")].concat(), limits), (5, None));
        let twice = gzip(&[gzip(b"abc"), gzip(b"de")].concat());
        assert_eq!(read_all(twice, limits), (5, None));
        assert_eq!(read_all(gzip(b"a"), limits), (1, None));
        assert_eq!(read_all(gzip(b""), limits), (0, None));
        let zstd = zstd::encode_all(&b"abcdef"[..], 1).expect("to memory");
        assert_eq!(read_all(zstd, limits), (6, None));
        assert_eq!(read_all(Vec::new(), limits), (0, None));
    }

    #[test]
    fn a_cut_or_rotten_object_is_corrupt_and_not_unreadable() {
        let whole = gzip(&(0..60_000u32).flat_map(u32::to_le_bytes).collect::<Vec<_>>());
        let cut = whole[..whole.len() / 2].to_vec();
        let (read, error) = read_all(cut, InflateLimits::default());
        assert!(read > 0 && error.is_some_and(|e| e.starts_with("broken gzip")));
        let mut rotten = whole;
        let middle = rotten.len() / 2;
        rotten[middle..middle + 64].fill(0xff);
        assert!(read_all(rotten, InflateLimits::default()).1.is_some());
    }

    #[test]
    fn a_bomb_stops_at_its_cap() {
        let limits = InflateLimits { ratio_from: MIB, ..InflateLimits::default() };
        let (read, error) = read_all(gzip(&vec![0; 32 << 20]), limits);
        assert!(read < 16 << 20, "{read}");
        assert!(error.is_some_and(|e| e.contains("times its size")));
    }
}
