//! The index file of a data file: which records it holds, and where its needles are.
//!
//! Everything is by hash, and a hash found is a hint: the real value in the data file
//! decides. What is in no index is not in the file. Readers fetch the head, then what they
//! need: a block for an id, a section for a column.
//!
//! Layout, little-endian; the head is everything before `records`:
//! ```text
//! magic "KIDX"  version u32  head bytes u32  rows u32  rows of a row group u32
//! blocks u32; per block     first id (5 bytes), stored bytes u32
//! columns u32; per column   length of name u16, name, stored bytes u32
//! records   per block of 1,024 records in the order of ids, each compressed with zstd:
//!             5 bytes of the hash of `_id`, in planes (all first bytes, all second bytes …,
//!             the most significant first: sorted, they hardly vary)
//!             u32 half of the hash of the record as received
//!             u32 row in the data file, in planes
//! columns   each compressed with zstd: count u32; 5 bytes of the hash of each distinct
//!             value, ascending, in planes; then per value a bit for each row group, if
//!             there are several
//! ```

use std::collections::BTreeMap;
use std::io::Read;
use std::ops::Range;
use std::sync::Arc;

use arrow::array::{Array, AsArray};
use bytes::Bytes;
use kura_core::table::fingerprint;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt};

use crate::error::{Result, StoreError};

const MAGIC: &[u8; 4] = b"KIDX";
const VERSION: u32 = 2;
const ZSTD_LEVEL: i32 = 1;
/// Of 64: of a million ids against a million, one in a million is met by chance.
const HASH_BITS: u32 = 40;
const HASH_BYTES: usize = 5;
const BLOCK_ROWS: usize = 1 << 10;
const RECORD_BYTES: usize = HASH_BYTES + 4 + 4;
/// Magic, version, and the length of the head.
const PREFIX_BYTES: usize = 12;
/// Read at first: the head of a file of a quarter of a million records fits.
const HEAD_BYTES: u64 = 4 << 10;

/// The hash under which a value is looked up: 40 bits.
#[must_use]
pub fn hash_of(value: &str) -> u64 {
    fingerprint(value.as_bytes()) >> (64 - HASH_BITS)
}

/// The half of a content's hash that is stored.
#[must_use]
pub fn half(content: u64) -> u32 {
    u32::try_from(content >> 32).unwrap_or(u32::MAX)
}

/// A content's hash of which only the stored half is known.
#[must_use]
pub fn whole(half: u32) -> u64 {
    u64::from(half) << 32
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry {
    pub id: u64,
    pub content: u32,
    pub row: u32,
}

/// The records of a file, by id.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Records(Vec<Entry>);

impl Records {
    pub fn new(mut entries: Vec<Entry>) -> Self {
        entries.sort_unstable();
        Records(entries)
    }

    pub fn entries(&self) -> &[Entry] {
        &self.0
    }

    pub fn into_entries(self) -> Vec<Entry> {
        self.0
    }

    /// Every row whose id has this hash.
    pub fn find(&self, id: u64) -> &[Entry] {
        let from = self.0.partition_point(|entry| entry.id < id);
        let to = from + self.0[from..].partition_point(|entry| entry.id == id);
        &self.0[from..to]
    }
}

/// The distinct values of one column, and the row groups that have them: a bit for each.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Needles {
    /// Ascending.
    hashes: Vec<u64>,
    /// So many bytes of bits for each of them, one behind the other.
    width: usize,
    bits: Vec<u8>,
}

/// Needles of a file that is being written, row group by row group.
#[derive(Debug, Default)]
pub struct NeedlesBuilder {
    /// A hash, and in the low bits the row group it is in.
    seen: Vec<u64>,
    /// Where those of the row group at hand begin, among which some are there twice.
    open: usize,
    group: usize,
}

const GROUP_BITS: u32 = 64 - HASH_BITS;

impl NeedlesBuilder {
    /// Notes the values of `array`, whose first row is the `first` of the file.
    pub fn add(&mut self, array: &dyn Array, first: usize, group_rows: usize) {
        let Some(texts) = array.as_string_opt::<i32>() else { return };
        let mut last = None;
        for (row, text) in texts.iter().enumerate() {
            let group = (first + row) / group_rows;
            if group != self.group {
                self.close_group(group);
                last = None;
            }
            if text.is_some() && text != last {
                let here = |text| hash_of(text) << GROUP_BITS | self.group as u64;
                self.seen.extend(text.map(here));
                last = text;
            }
        }
    }

    fn close_group(&mut self, next: usize) {
        self.group = next;
        let seen = &mut self.seen[self.open..];
        seen.sort_unstable();
        let mut kept = self.open;
        for at in self.open..self.seen.len() {
            if at == self.open || self.seen[at] != self.seen[kept - 1] {
                self.seen[kept] = self.seen[at];
                kept += 1;
            }
        }
        self.seen.truncate(kept);
        self.open = kept;
    }

    pub fn finish(mut self) -> Needles {
        let width = self.group / 8 + 1;
        self.close_group(0);
        // Each row group's are in order: this sort merges them.
        self.seen.sort();
        let mut needles = Needles { width, ..Needles::default() };
        for of_hash in self.seen.chunk_by(|a, b| a >> GROUP_BITS == b >> GROUP_BITS) {
            let from = needles.bits.len();
            needles.bits.resize(from + width, 0);
            for group in of_hash.iter().map(|seen| (seen & ((1 << GROUP_BITS) - 1)) as usize) {
                needles.bits[from + group / 8] |= 1 << (group % 8);
            }
            needles.hashes.extend(of_hash.first().map(|seen| seen >> GROUP_BITS));
        }
        needles
    }
}

impl Needles {
    /// The row groups that may have one of these values.
    #[must_use]
    pub fn groups(&self, hashes: &[u64], count: usize) -> Vec<bool> {
        let mut groups = vec![false; count];
        let found = hashes.iter().filter_map(|hash| self.hashes.binary_search(hash).ok());
        for bits in found.filter_map(|at| self.bits_at(at)) {
            for (at, group) in groups.iter_mut().enumerate() {
                *group |= bits.get(at / 8).is_some_and(|byte| byte & (1 << (at % 8)) != 0);
            }
        }
        groups
    }

    fn bits_at(&self, at: usize) -> Option<&[u8]> {
        self.bits.get(at * self.width..(at + 1) * self.width)
    }

    /// What they take in memory.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.hashes.len() * size_of::<u64>() + self.bits.len()
    }
}

/// An index file for a data file whose row groups, but for the last, have `group_rows`.
pub fn encode(
    records: &Records,
    group_rows: usize,
    needles: &BTreeMap<String, Needles>,
) -> std::io::Result<Vec<u8>> {
    let groups = records.entries().len().div_ceil(group_rows);
    let blocks = records.entries().chunks(BLOCK_ROWS);
    let packed_blocks = blocks
        .clone()
        .map(|block| pack(&encode_block(block)))
        .collect::<std::io::Result<Vec<_>>>()?;
    let packed_columns = needles
        .iter()
        .map(|(name, needles)| Ok((name, pack(&encode_needles(needles, groups))?)))
        .collect::<std::io::Result<Vec<_>>>()?;
    let mut head = Vec::new();
    let mut put = |number: usize| head.extend_from_slice(&word(number).to_le_bytes());
    [records.entries().len(), group_rows, packed_blocks.len()].into_iter().for_each(&mut put);
    for (block, packed) in blocks.zip(&packed_blocks) {
        let first = block.first().map_or(0, |entry| entry.id);
        head.extend_from_slice(&first.to_le_bytes()[..HASH_BYTES]);
        head.extend_from_slice(&word(packed.len()).to_le_bytes());
    }
    head.extend_from_slice(&word(packed_columns.len()).to_le_bytes());
    for (name, packed) in &packed_columns {
        head.extend_from_slice(&u16::try_from(name.len()).unwrap_or(u16::MAX).to_le_bytes());
        head.extend_from_slice(name.as_bytes());
        head.extend_from_slice(&word(packed.len()).to_le_bytes());
    }
    let mut out = MAGIC.to_vec();
    out.extend_from_slice(&VERSION.to_le_bytes());
    out.extend_from_slice(&word(PREFIX_BYTES + head.len()).to_le_bytes());
    out.extend_from_slice(&head);
    packed_blocks.iter().for_each(|packed| out.extend_from_slice(packed));
    packed_columns.iter().for_each(|(_, packed)| out.extend_from_slice(packed));
    Ok(out)
}

fn pack(plain: &[u8]) -> std::io::Result<Vec<u8>> {
    zstd::bulk::compress(plain, ZSTD_LEVEL)
}

fn encode_block(entries: &[Entry]) -> Vec<u8> {
    let ids: Vec<u64> = entries.iter().map(|entry| entry.id).collect();
    let places: Vec<u64> = entries.iter().map(|entry| u64::from(entry.row)).collect();
    let mut out = planes(&ids, HASH_BYTES);
    entries.iter().for_each(|entry| out.extend_from_slice(&entry.content.to_le_bytes()));
    out.extend_from_slice(&planes(&places, size_of::<u32>()));
    out
}

fn word(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

fn encode_needles(needles: &Needles, groups: usize) -> Vec<u8> {
    let mut out = word(needles.hashes.len()).to_le_bytes().to_vec();
    out.extend_from_slice(&planes(&needles.hashes, HASH_BYTES));
    if groups > 1 {
        let width = groups.div_ceil(8);
        for bits in needles.bits.chunks_exact(needles.width.max(1)) {
            out.extend((0..width).map(|at| bits.get(at).copied().unwrap_or(0)));
        }
    }
    out
}

/// Numbers as byte planes, the most significant bytes first.
fn planes(numbers: &[u64], bytes: usize) -> Vec<u8> {
    let plane = |at: usize| numbers.iter().map(move |n| n.to_le_bytes()[at]);
    (0..bytes).rev().flat_map(plane).collect()
}

fn from_planes(planes: &[u8], count: usize, bytes: usize) -> Option<Vec<u64>> {
    if planes.len() != count.checked_mul(bytes)? {
        return None;
    }
    let mut numbers = vec![0u64; count];
    for plane in planes.chunks_exact(count.max(1)) {
        for (number, byte) in numbers.iter_mut().zip(plane) {
            *number = *number << 8 | u64::from(*byte);
        }
    }
    Some(numbers)
}

/// An index file, its head read.
#[derive(Debug, Clone)]
pub struct IndexFile {
    store: Arc<dyn ObjectStore>,
    path: Path,
    head: Head,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Head {
    rows: usize,
    group_rows: usize,
    /// First id, and where the block lies.
    blocks: Vec<(u64, Range<u64>)>,
    columns: BTreeMap<String, Range<u64>>,
    bytes: u64,
}

impl IndexFile {
    /// Reads the head. `None` if there is no such file.
    pub async fn open(store: Arc<dyn ObjectStore>, path: Path) -> Result<Option<Self>> {
        let mut bytes = match store.get_range(&path, 0..HEAD_BYTES).await {
            Ok(bytes) => bytes,
            Err(object_store::Error::NotFound { .. }) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let damaged = || StoreError::damaged(&path, "not an index file");
        let length = head_bytes(&bytes).ok_or_else(damaged)?;
        if length > bytes.len() as u64 {
            bytes = store.get_range(&path, 0..length).await?;
        }
        let head = Head::parse(&bytes).ok_or_else(damaged)?;
        Ok(Some(IndexFile { store, path, head }))
    }

    /// Row groups of the data file.
    #[must_use]
    pub fn groups(&self) -> usize {
        self.head.groups()
    }

    /// Rows of each of them, but for the last.
    #[must_use]
    pub fn group_rows(&self) -> usize {
        self.head.group_rows
    }

    /// Rows of the data file.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.head.rows
    }

    /// Bytes of the head, which were read.
    #[must_use]
    pub fn head_bytes(&self) -> u64 {
        self.head.bytes
    }

    fn damaged(&self, what: &str) -> StoreError {
        StoreError::damaged(&self.path, what)
    }

    /// Every record, by id.
    pub async fn records(&self) -> Result<Records> {
        let (Some((_, first)), Some((_, last))) =
            (self.head.blocks.first(), self.head.blocks.last())
        else {
            return Ok(Records::default());
        };
        let bytes = self.store.get_range(&self.path, first.start..last.end).await?;
        let mut entries = Vec::with_capacity(self.head.blocks.len() * BLOCK_ROWS);
        for (_, range) in &self.head.blocks {
            entries.extend(self.block(slice(&bytes, range, first.start))?);
        }
        Ok(Records(entries))
    }

    /// Every record whose id has this hash, and the bytes that were read to know.
    pub async fn find(&self, id: u64) -> Result<(Vec<Entry>, u64)> {
        // A hash may stand at the end of one block and at the beginning of the next.
        let from = self.head.blocks.partition_point(|(first, _)| *first < id).saturating_sub(1);
        let to = self.head.blocks.partition_point(|(first, _)| *first <= id);
        let Some(blocks) = self.head.blocks.get(from..to).filter(|blocks| !blocks.is_empty())
        else {
            return Ok((Vec::new(), 0));
        };
        let whole = blocks[0].1.start..blocks[blocks.len() - 1].1.end;
        let bytes = self.store.get_range(&self.path, whole.clone()).await?;
        let mut found = Vec::new();
        for (_, range) in blocks {
            let entries = self.block(slice(&bytes, range, whole.start))?;
            found.extend(entries.into_iter().filter(|entry| entry.id == id));
        }
        Ok((found, whole.end - whole.start))
    }

    fn block(&self, packed: Option<Bytes>) -> Result<Vec<Entry>> {
        let plain = packed.and_then(|packed| unpack(&packed, BLOCK_ROWS * RECORD_BYTES));
        let entries = plain.and_then(|plain| parse_block(&plain));
        entries.ok_or_else(|| self.damaged("a block of records that is none"))
    }

    /// The values of a column, and the bytes that were read; `None` if it is not indexed.
    pub async fn needles(&self, column: &str) -> Result<Option<(Needles, u64)>> {
        let Some(range) = self.head.columns.get(column) else { return Ok(None) };
        let packed = self.store.get_range(&self.path, range.clone()).await?;
        let limit = self.head.blocks.len() * BLOCK_ROWS;
        let limit = size_of::<u32>() + limit * (HASH_BYTES + self.head.groups().div_ceil(8));
        let needles = unpack(&packed, limit).and_then(|p| parse_needles(&p, self.head.groups()));
        let needles = needles.ok_or_else(|| self.damaged("a column that is none"))?;
        Ok(Some((needles, range.end - range.start)))
    }
}

/// What `range` is in bytes that were read from `start` on.
fn slice(bytes: &Bytes, range: &Range<u64>, start: u64) -> Option<Bytes> {
    let from = usize::try_from(range.start.checked_sub(start)?).ok()?;
    let to = usize::try_from(range.end.checked_sub(start)?).ok()?;
    (from <= to && to <= bytes.len()).then(|| bytes.slice(from..to))
}

/// At most `limit` bytes, whatever the packed bytes claim.
fn unpack(packed: &[u8], limit: usize) -> Option<Vec<u8>> {
    let mut plain = Vec::new();
    let decoder = zstd::Decoder::new(packed).ok()?;
    decoder.take(limit as u64).read_to_end(&mut plain).ok()?;
    Some(plain)
}

/// What the head says of its own length, if this is one.
fn head_bytes(bytes: &[u8]) -> Option<u64> {
    let mut rest = bytes.strip_prefix(MAGIC)?;
    (take_word(&mut rest)? == VERSION).then_some(())?;
    take_word(&mut rest).map(u64::from)
}

impl Head {
    fn groups(&self) -> usize {
        self.rows.div_ceil(self.group_rows.max(1))
    }

    fn parse(bytes: &[u8]) -> Option<Self> {
        let length = head_bytes(bytes)?;
        let mut rest = bytes.get(PREFIX_BYTES..usize::try_from(length).ok()?)?;
        let rows = usize::try_from(take_word(&mut rest)?).ok()?;
        let group_rows = usize::try_from(take_word(&mut rest)?).ok()?;
        let blocks = usize::try_from(take_word(&mut rest)?).ok()?;
        if blocks != rows.div_ceil(BLOCK_ROWS) || group_rows == 0 {
            return None;
        }
        let mut head = Head { rows, group_rows, bytes: length, ..Head::default() };
        let mut at = length;
        let mut range = |stored: u32| {
            let from = at;
            at += u64::from(stored);
            from..at
        };
        for _ in 0..blocks {
            let mut first = [0; 8];
            first[..HASH_BYTES].copy_from_slice(take(&mut rest, HASH_BYTES)?);
            let place = range(take_word(&mut rest)?);
            head.blocks.push((u64::from_le_bytes(first), place));
        }
        for _ in 0..take_word(&mut rest)? {
            let length = u16::from_le_bytes(take(&mut rest, 2)?.try_into().ok()?);
            let name = std::str::from_utf8(take(&mut rest, usize::from(length))?).ok()?;
            let place = range(take_word(&mut rest)?);
            head.columns.insert(name.to_owned(), place);
        }
        rest.is_empty().then_some(head)
    }
}

fn parse_block(plain: &[u8]) -> Option<Vec<Entry>> {
    let count = plain.len() / RECORD_BYTES;
    let (ids, rest) = plain.split_at_checked(count * HASH_BYTES)?;
    let (contents, places) = rest.split_at_checked(count * size_of::<u32>())?;
    let ids = from_planes(ids, count, HASH_BYTES)?;
    let places = from_planes(places, count, size_of::<u32>())?;
    let contents =
        contents.chunks_exact(4).map(|four| Some(u32::from_le_bytes(four.try_into().ok()?)));
    let entries = ids.into_iter().zip(contents).zip(places).map(|((id, content), place)| {
        Some(Entry { id, content: content?, row: u32::try_from(place).ok()? })
    });
    entries.collect()
}

fn parse_needles(mut rest: &[u8], groups: usize) -> Option<Needles> {
    let count = usize::try_from(take_word(&mut rest)?).ok()?;
    let hashes = take(&mut rest, count.checked_mul(HASH_BYTES)?)?;
    let hashes = from_planes(hashes, count, HASH_BYTES)?;
    let width = groups.div_ceil(8).max(1);
    let bits = match groups > 1 {
        true => take(&mut rest, count.checked_mul(width)?)?.to_vec(),
        false => vec![1; count],
    };
    Some(Needles { hashes, width, bits })
}

fn take<'a>(rest: &mut &'a [u8], length: usize) -> Option<&'a [u8]> {
    let (taken, left) = rest.split_at_checked(length)?;
    *rest = left;
    Some(taken)
}

fn take_word(rest: &mut &[u8]) -> Option<u32> {
    Some(u32::from_le_bytes(take(rest, 4)?.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use arrow::array::StringArray;
    use object_store::memory::InMemory;

    use super::*;

    async fn open(bytes: Vec<u8>) -> Result<Option<IndexFile>> {
        let (store, path) = (Arc::new(InMemory::new()), Path::from("i"));
        store.put(&path, bytes.into()).await.expect("to memory");
        IndexFile::open(store, path).await
    }

    fn needles() -> Needles {
        let mut needles = NeedlesBuilder::default();
        needles.add(&StringArray::from(vec![Some("a"), None, Some("b")]), 0, 2);
        needles.add(&StringArray::from(vec![Some("a")]), 19, 2);
        needles.finish()
    }

    #[tokio::test]
    async fn what_is_encoded_is_found_again() {
        let high = (1 << HASH_BITS) - 1;
        let many = (0..5_000).map(|row| Entry { id: u64::from(row) << 20, content: row, row });
        let twice = [(high, 70_000), (high, 70_001)];
        let twice = twice.map(|(id, row)| Entry { id, content: u32::MAX, row });
        let records = Records::new(many.chain(twice).collect());
        let columns = BTreeMap::from([("_addr".to_owned(), needles())]);
        let bytes = encode(&records, 501, &columns).expect("to memory");
        let index = open(bytes).await.expect("just written").expect("there");
        assert_eq!(index.records().await.expect("blocks"), records);
        for entry in records.entries() {
            let (found, _) = index.find(entry.id).await.expect("a block");
            assert_eq!(found, records.find(entry.id));
        }
        assert_eq!(index.find(1).await.expect("a block").0, []);
        let (read, _) = index.needles("_addr").await.expect("a section").expect("indexed");
        assert_eq!(read, needles());
        assert!(index.needles("other").await.expect("none").is_none());
    }

    #[test]
    fn needles_name_their_row_groups() {
        let groups = |value: &str| {
            let groups = needles().groups(&[hash_of(value)], 10);
            groups.iter().enumerate().filter(|(_, hit)| **hit).map(|(at, _)| at).collect::<Vec<_>>()
        };
        assert_eq!((groups("a"), groups("b"), groups("c")), (vec![0, 9], vec![1], vec![]));
    }

    #[tokio::test]
    async fn damage_is_an_error_and_never_a_panic() {
        let records = Records::new(vec![Entry { id: 1, content: 2, row: 3 }]);
        let columns = BTreeMap::from([("_addr".to_owned(), needles())]);
        let bytes = encode(&records, 64, &columns).expect("to memory");
        for end in 0..bytes.len() {
            let index = open(bytes[..end].to_vec()).await;
            let whole = match index {
                Ok(Some(index)) => {
                    index.records().await.is_ok() && index.needles("_addr").await.is_ok()
                }
                _ => false,
            };
            assert!(!whole, "cut at {end}");
        }
        for at in 0..bytes.len() {
            let mut rotten = bytes.clone();
            rotten[at] ^= 0xff;
            if let Ok(Some(index)) = open(rotten).await {
                let _ = index.records().await;
                let _ = index.needles("_addr").await;
            }
        }
        let none = IndexFile::open(Arc::new(InMemory::new()), Path::from("none")).await;
        assert!(none.expect("no error").is_none());
    }
}
