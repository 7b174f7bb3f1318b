//! A body of lines or JSON as records: what HTTP and stdin take.
//!
//! A line is a record, and blank ones are none. A body said to be JSON is an object, or a list
//! of them; there is no half of it: what is broken refuses the whole.

use kura_core::inflate::{InflateError, InflateLimits, Inflated};
use kura_core::intake::RawRecords;
use kura_formats::framing::{Frame, FrameLimits, Framing};

use super::InputLimits;

/// What a body is said to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BodyKind {
    Json,
    Lines,
}

/// How gzip and zstd begin.
const MAGICS: [&[u8]; 2] = [&[0x1f, 0x8b], &[0x28, 0xb5, 0x2f, 0xfd]];

/// Why a body has no records.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BodyError {
    #[error("{0}")]
    Invalid(String),
    #[error("{0}")]
    TooLarge(String),
}

impl BodyKind {
    /// By the media type: `application/json`; whatever else there is are lines.
    #[must_use]
    pub fn of(media_type: &str) -> Self {
        let essence = media_type.split(';').next().unwrap_or_default().trim();
        match essence.eq_ignore_ascii_case("application/json") {
            true => BodyKind::Json,
            false => BodyKind::Lines,
        }
    }
}

/// The records of a body. `is_compressed` bodies are told to be gzip or zstd by their bytes.
///
/// # Errors
/// If it is not what it is said to be, or beyond a cap.
pub fn records_of(
    body: Vec<u8>,
    kind: BodyKind,
    is_compressed: bool,
    limits: &InputLimits,
) -> Result<RawRecords, BodyError> {
    let body = if is_compressed { inflated(body, limits)? } else { body };
    match kind {
        BodyKind::Json => json_records(&body, limits),
        BodyKind::Lines => line_records(&body, limits),
    }
}

fn inflated(body: Vec<u8>, limits: &InputLimits) -> Result<Vec<u8>, BodyError> {
    // Plain bytes would pass as they are: rubbish, kept as lines.
    if !body.is_empty() && !MAGICS.iter().any(|magic| body.starts_with(magic)) {
        return Err(BodyError::Invalid("neither gzip nor zstd, as it is said to be".to_owned()));
    }
    let size = body.len() as u64;
    let caps =
        InflateLimits { bytes_max: limits.inflated_bytes_max as u64, ..InflateLimits::default() };
    let invalid = |error: InflateError| match error {
        InflateError::Corrupt(what) if what.starts_with("inflates to more") => {
            BodyError::TooLarge(what)
        }
        other => BodyError::Invalid(other.to_string()),
    };
    let mut content = Inflated::open(std::io::Cursor::new(body), size, caps).map_err(invalid)?;
    let (mut all, mut buffer) = (Vec::new(), vec![0; 64 << 10]);
    loop {
        match content.read(&mut buffer).map_err(invalid)? {
            0 => return Ok(all),
            read => all.extend_from_slice(&buffer[..read]),
        }
    }
}

fn line_records(body: &[u8], limits: &InputLimits) -> Result<RawRecords, BodyError> {
    let mut records = RawRecords::default();
    for line in body.split(|&byte| byte == b'\n') {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if !line.iter().all(u8::is_ascii_whitespace) {
            add(&mut records, line, limits)?;
        }
    }
    Ok(records)
}

fn json_records(body: &[u8], limits: &InputLimits) -> Result<RawRecords, BodyError> {
    let is_json = |byte: &u8| matches!(byte, b'{' | b'[');
    if !body.trim_ascii().first().is_none_or(is_json) {
        return Err(BodyError::Invalid("neither a JSON object nor a list of them".to_owned()));
    }
    let caps = FrameLimits { record_bytes_max: limits.body_bytes_max, ..FrameLimits::default() };
    let mut framer = Framing::Json { restart: None }.framer(caps);
    framer.feed(body);
    let mut records = RawRecords::default();
    while let Some(frame) = framer.next_frame().or_else(|| framer.finish()) {
        match frame {
            Frame::Record { range, .. } => {
                let bytes = &framer.bytes()[range];
                add(&mut records, bytes, limits)?;
            }
            Frame::Broken { number, reject, .. } => {
                let what = format!("record {number} is broken: {}", reject.detail);
                return Err(BodyError::Invalid(what));
            }
        }
    }
    Ok(records)
}

/// A record longer than the limit is kept in parts, cut between characters.
fn add(records: &mut RawRecords, record: &[u8], limits: &InputLimits) -> Result<(), BodyError> {
    let mut rest = record;
    while rest.len() > limits.record_bytes_max {
        let is_border = |at: &usize| rest[*at] & 0xc0 != 0x80;
        let most = limits.record_bytes_max.max(1);
        let cut = (1..=most).rev().take(4).find(is_border).unwrap_or(most);
        let (part, after) = rest.split_at(cut);
        records.push(part, None);
        rest = after;
    }
    records.push(rest, None);
    match records.len() > limits.records_max {
        true => Err(BodyError::TooLarge(format!("more than {} records", limits.records_max))),
        false => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn read(body: &[u8], kind: BodyKind) -> Result<Vec<String>, BodyError> {
        let limits = InputLimits {
            record_bytes_max: 40,
            records_max: 4,
            inflated_bytes_max: 1_000,
            ..InputLimits::default()
        };
        let is_compressed = body.starts_with(&[0x1f, 0x8b]);
        let records = records_of(body.to_vec(), kind, is_compressed, &limits)?;
        Ok(records.iter().map(|r| String::from_utf8_lossy(r.bytes).into_owned()).collect())
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(bytes).expect("to memory");
        encoder.finish().expect("to memory")
    }

    #[test]
    fn lines_and_json() {
        use BodyKind::{Json, Lines};
        let texts = |all: &[&str]| Ok(all.iter().map(|&text| text.to_owned()).collect());
        let invalid = |what: &str| Err(BodyError::Invalid(what.to_owned()));
        let too_large = |what: &str| Err(BodyError::TooLarge(what.to_owned()));
        type Case<'a> = (&'a [u8], BodyKind, Result<Vec<String>, BodyError>);
        let cases: [Case<'_>; 11] = [
            (b"one\r\n\n  \n{\"a\":1}", Lines, texts(&["one", "{\"a\":1}"])),
            (b"", Lines, texts(&[])),
            (b"", Json, texts(&[])),
            (b"[]", Json, texts(&[])),
            (b" [{\"a\":1},\n{\"a\":[2]}]", Json, texts(&["{\"a\":1}", "{\"a\":[2]}"])),
            (b"{\"a\":1}\n{\"a\":2}", Json, texts(&["{\"a\":1}", "{\"a\":2}"])),
            (b"plain", Json, invalid("neither a JSON object nor a list of them")),
            (b"1\n2\n3\n4\n5", Lines, too_large("more than 4 records")),
            (&gzip(b"one\ntwo"), Lines, texts(&["one", "two"])),
            (&gzip(&[b'x'; 2_000]), Lines, too_large("inflates to more than 1000 bytes")),
            (
                "0123456789012345678901234567890123456789蔵".as_bytes(),
                Lines,
                texts(&["0123456789012345678901234567890123456789", "蔵"]),
            ),
        ];
        for (body, kind, expected) in cases {
            assert_eq!(read(body, kind), expected, "{}", String::from_utf8_lossy(body));
        }
        assert!(matches!(read(b"[{\"a\":1},{\"b\"", Json), Err(BodyError::Invalid(_))));
        assert!(matches!(
            records_of(b"one".to_vec(), Lines, true, &InputLimits::default()),
            Err(BodyError::Invalid(_))
        ));
        let broken = gzip(b"one\ntwo");
        assert!(matches!(read(&broken[..15], Lines), Err(BodyError::Invalid(_))));
    }
}
