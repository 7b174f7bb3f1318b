//! Byte sizes as people write them: `512MiB`, `4 GiB`, `100MB`, `65536`.

use std::fmt;
use std::str::FromStr;

use serde::Serialize;

/// A number of bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct ByteSize(pub u64);

pub const KIB: u64 = 1 << 10;
pub const MIB: u64 = 1 << 20;
pub const GIB: u64 = 1 << 30;

/// Suffixes in lower case, longest first so that `kib` is not read as `b`.
const UNITS: [(&str, u64); 9] = [
    ("kib", KIB),
    ("mib", MIB),
    ("gib", GIB),
    ("tib", GIB * 1024),
    ("kb", 1_000),
    ("mb", 1_000_000),
    ("gb", 1_000_000_000),
    ("tb", 1_000_000_000_000),
    ("b", 1),
];

#[derive(Debug, thiserror::Error)]
#[error("`{0}` is not a size; write it like `512MiB` or `4GiB`")]
pub struct ParseSizeError(String);

impl FromStr for ByteSize {
    type Err = ParseSizeError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let lower = text.trim().to_ascii_lowercase();
        let (number, factor) = UNITS
            .iter()
            .find_map(|(unit, factor)| Some((lower.strip_suffix(unit)?, *factor)))
            .unwrap_or((&lower, 1));
        let number: f64 = number.trim().parse().map_err(|_| ParseSizeError(text.to_owned()))?;
        let bytes = number * factor as f64;
        if !(0.0..=u64::MAX as f64 / 2.0).contains(&bytes) {
            return Err(ParseSizeError(text.to_owned()));
        }
        Ok(ByteSize(bytes as u64))
    }
}

impl fmt::Display for ByteSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (unit, factor) = match self.0 {
            0..KIB => return write!(f, "{} B", self.0),
            KIB..MIB => ("KiB", KIB),
            MIB..GIB => ("MiB", MIB),
            _ => ("GiB", GIB),
        };
        write!(f, "{:.1} {unit}", self.0 as f64 / factor as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_as_people_write_them() {
        for (text, bytes) in [
            ("512MiB", 512 * MIB),
            ("4 GiB", 4 * GIB),
            ("1.5k", 0),
            ("100mb", 100_000_000),
            ("65536", 65536),
            ("10B", 10),
            ("", 0),
            ("-1", 0),
            ("1e30GiB", 0),
            ("NaN", 0),
        ] {
            let parsed = text.parse::<ByteSize>().map_or(0, |size| size.0);
            assert_eq!(parsed, bytes, "{text}");
        }
        assert_eq!(ByteSize(1536).to_string(), "1.5 KiB");
    }
}
