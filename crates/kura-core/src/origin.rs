//! Where a record came from: the object, its number in it, and what was unwrapped on the way.

use std::fmt;

use crate::table::fingerprint;
use crate::time::Micros;

/// A stored thing that holds records: an S3 object, or a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectRef {
    /// `s3://bucket/key` or `file:///folder/name`.
    pub uri: String,
    /// Version or ETag; for a file its size, time of change and inode.
    pub version: String,
    /// Bytes as it lies.
    pub size: u64,
}

/// What is known of every record of an object before it is read.
#[derive(Debug, Clone, Default)]
pub struct ObjectFacts {
    pub uri: String,
    pub account: Option<String>,
    pub region: Option<String>,
    /// A time to fall back on, from the object's key.
    pub time: Option<Micros>,
    /// When it was read.
    pub arrival: Micros,
    /// Of the envelopes around the record at hand.
    pub envelope: Envelope,
}

/// What the envelopes around a message say of it: a log group, a container, a shipper.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Envelope {
    /// Those that were opened, the outermost first: `|firehose.2|cloudwatch.1`.
    pub way: String,
    /// The message's own id.
    pub id: Option<String>,
    /// What wrote it: a log group, a container, a file.
    pub source: Option<String>,
    /// Which of its streams: a log stream, `stderr`.
    pub stream: Option<String>,
    /// What else was said, as keys and JSON values; it goes to `_extra`.
    pub beside: Vec<(String, String)>,
}

/// `uri#number`, and `|wrapper` for each envelope that was opened.
#[derive(Debug, Clone, Copy)]
pub struct Origin<'a> {
    pub uri: &'a str,
    /// Counts from 1.
    pub number: u64,
    /// Envelopes that were opened before its decoder saw it: see [`Envelope::way`].
    pub way: &'a str,
    /// One that its decoder opened.
    pub wrapper: Option<&'static str>,
}

/// The object that a record's `_origin` names.
#[must_use]
pub fn uri_of(origin: &str) -> &str {
    origin.rsplit_once('#').map_or(origin, |(uri, _)| uri)
}

const PLACE_PREFIX: &[u8] = b"at-";
const PLACE_DIGITS: usize = 16;

/// Room for a [`place_id`].
pub type PlaceId = [u8; PLACE_PREFIX.len() + PLACE_DIGITS];

/// The id of a record that has none of its own: `at-` and a hash of where it lay.
pub fn place_id<'a>(origin: &str, room: &'a mut PlaceId) -> &'a str {
    let place = fingerprint(origin.as_bytes());
    let (prefix, digits) = room.split_at_mut(PLACE_PREFIX.len());
    prefix.copy_from_slice(PLACE_PREFIX);
    for (digit, shift) in digits.iter_mut().zip((0..64).step_by(4).rev()) {
        let nibble = u8::try_from(place >> shift & 0xf).unwrap_or(0);
        *digit = nibble + if nibble < 10 { b'0' } else { b'a' - 10 };
    }
    std::str::from_utf8(room).unwrap_or("")
}

/// Whether a record from there has no id of its own.
#[must_use]
pub fn is_place_id(id: &str, origin: &str) -> bool {
    id.as_bytes().starts_with(PLACE_PREFIX) && id == place_id(origin, &mut PlaceId::default())
}

impl fmt::Display for Origin<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}#{}{}", self.uri, self.number, self.way)?;
        match self.wrapper {
            Some(wrapper) => write!(f, "|{wrapper}"),
            None => Ok(()),
        }
    }
}
