//! The index file of a data file: which records it holds, by hash, sorted.
//!
//! Layout, little-endian, the whole compressed with zstd:
//! ```text
//! magic "KIDX"  version u32  rows u32
//! ids      u64 × rows   hash of `_id`, ascending
//! contents u64 × rows   hash of the record as received
//! places   u32 × rows   row in the data file
//! ```
//! A hash found is a hint: the real `_id` in the data file decides.

use crate::error::{Result, StoreError};

const MAGIC: &[u8; 4] = b"KIDX";
const VERSION: u32 = 1;
const HEADER_BYTES: usize = 12;
const ROW_BYTES: usize = 20;
const ZSTD_LEVEL: i32 = 1;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry {
    pub id: u64,
    pub content: u64,
    pub row: u32,
}

/// Sorted by id.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Index(Vec<Entry>);

impl Index {
    pub fn new(mut entries: Vec<Entry>) -> Self {
        entries.sort_unstable();
        Index(entries)
    }

    pub fn entries(&self) -> &[Entry] {
        &self.0
    }

    /// Every row whose id has this hash.
    pub fn find(&self, id: u64) -> &[Entry] {
        let from = self.0.partition_point(|entry| entry.id < id);
        let to = from + self.0[from..].partition_point(|entry| entry.id == id);
        &self.0[from..to]
    }

    pub fn encode(&self) -> std::io::Result<Vec<u8>> {
        let mut out = Vec::with_capacity(HEADER_BYTES + ROW_BYTES * self.0.len());
        out.extend_from_slice(MAGIC);
        out.extend_from_slice(&VERSION.to_le_bytes());
        out.extend_from_slice(&u32::try_from(self.0.len()).unwrap_or(u32::MAX).to_le_bytes());
        self.0.iter().for_each(|e| out.extend_from_slice(&e.id.to_le_bytes()));
        self.0.iter().for_each(|e| out.extend_from_slice(&e.content.to_le_bytes()));
        self.0.iter().for_each(|e| out.extend_from_slice(&e.row.to_le_bytes()));
        zstd::encode_all(&out[..], ZSTD_LEVEL)
    }

    pub fn decode(path: &str, bytes: &[u8]) -> Result<Self> {
        let plain = zstd::decode_all(bytes).map_err(|e| StoreError::damaged(path, e))?;
        Self::parse(&plain).ok_or_else(|| StoreError::damaged(path, "not an index file"))
    }

    fn parse(plain: &[u8]) -> Option<Self> {
        let word = |at: usize| Some(u32::from_le_bytes(plain.get(at..at + 4)?.try_into().ok()?));
        if plain.get(..4)? != MAGIC || word(4)? != VERSION {
            return None;
        }
        let rows = usize::try_from(word(8)?).ok()?;
        if plain.len() != HEADER_BYTES + ROW_BYTES * rows {
            return None;
        }
        let long = |at: usize| Some(u64::from_le_bytes(plain.get(at..at + 8)?.try_into().ok()?));
        let entry = |n: usize| {
            Some(Entry {
                id: long(HEADER_BYTES + 8 * n)?,
                content: long(HEADER_BYTES + 8 * (rows + n))?,
                row: word(HEADER_BYTES + 16 * rows + 4 * n)?,
            })
        };
        (0..rows).map(entry).collect::<Option<Vec<_>>>().map(Index)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_encoded_is_found_again() {
        let entry = |id, content, row| Entry { id, content, row };
        let index = Index::new(vec![entry(9, 1, 0), entry(3, 2, 1), entry(9, 3, 2)]);
        let bytes = index.encode().expect("to memory");
        let read = Index::decode("i", &bytes).expect("just written");
        assert_eq!(read, index);
        assert_eq!(read.find(9), [entry(9, 1, 0), entry(9, 3, 2)]);
        assert_eq!(read.find(4), []);
        assert!(Index::decode("i", &bytes[..bytes.len() - 3]).is_err());
        assert!(Index::decode("i", b"").is_err());
    }
}
