//! What is sent: messages of Fluentd's forward protocol (PackedForward), encoded once. Of each
//! one sent only the chunk's id and, per record, time, request and trace are written anew.

use std::fmt::Write;
use std::time::{SystemTime, UNIX_EPOCH};

pub const RECORDS: u64 = 1_000;
const TAG: &str = "bench.app";
const MARKER_TAG: &str = "bench.marker";
/// As long as Fluent Bit's, a hash in hexadecimal digits.
const ID_BYTES: usize = 32;
const ID_HEAD: [u8; 2] = [0xd9, ID_BYTES as u8];
/// `{"ack": id}`.
pub const ACK_BYTES: usize = 5 + ID_HEAD.len() + ID_BYTES;

const LEVELS: [&str; 8] = ["info", "info", "info", "info", "info", "debug", "warn", "error"];
const SERVICES: [&str; 6] = ["checkout", "orders", "payments", "catalogue", "sessions", "search"];
const METHODS: [&str; 4] = ["GET", "GET", "POST", "PUT"];
const PLACES: [&str; 5] = ["orders", "carts", "products", "customers", "sessions"];
const STATUSES: [u16; 8] = [200, 200, 200, 200, 201, 204, 404, 503];

/// A message, and where in it the numbers stand.
#[derive(Clone)]
pub struct Chunk {
    bytes: Vec<u8>,
    id: usize,
    times: Vec<usize>,
    /// Where request and trace of each record stand.
    names: Vec<[usize; 2]>,
    /// Of all its records, as JSON.
    pub json_bytes: usize,
}

impl Chunk {
    /// A thousand requests to a shop, others for each seed.
    pub fn new(seed: u64) -> Chunk {
        let mut numbers = Numbers(seed);
        let (mut entries, mut json_bytes) = (Entries::default(), 0);
        for _ in 0..RECORDS {
            json_bytes += entries.request(&mut numbers);
        }
        Chunk { json_bytes, ..Chunk::of(TAG, &entries) }
    }

    /// One record, by whose request it can be found again.
    pub fn marker(request: &str) -> Chunk {
        let mut entries = Entries::default();
        entries.begin(3);
        entries.field("level", "info");
        entries.field("message", "found by its request");
        entries.field("request_id", request);
        Chunk::of(MARKER_TAG, &entries)
    }

    fn of(tag: &str, entries: &Entries) -> Chunk {
        let mut bytes = vec![0x93];
        text(tag, &mut bytes);
        bytes.push(0xc6);
        bytes.extend_from_slice(&(entries.bytes.len() as u32).to_be_bytes());
        let from = bytes.len();
        bytes.extend_from_slice(&entries.bytes);
        bytes.push(0x81);
        text("chunk", &mut bytes);
        bytes.extend_from_slice(&ID_HEAD);
        let id = bytes.len();
        bytes.resize(id + ID_BYTES, b'0');
        let times = entries.times.iter().map(|at| at + from).collect();
        let names = entries.names.iter().map(|places| places.map(|at| at + from)).collect();
        Chunk { bytes, id, times, names, json_bytes: 0 }
    }

    /// The bytes of the chunk with this number; no other has its records.
    pub fn numbered(&mut self, number: u64) -> &[u8] {
        hex(number, &mut self.bytes[self.id..self.id + 16]);
        let now = event_time();
        for time in &self.times {
            self.bytes[*time..time + 8].copy_from_slice(&now);
        }
        for (record, [request, trace]) in (number * RECORDS..).zip(&self.names) {
            hex(record, &mut self.bytes[*request..request + 16]);
            hex(mixed(record), &mut self.bytes[*trace..trace + 16]);
        }
        &self.bytes
    }

    /// What is answered to the chunk that was numbered last.
    pub fn ack(&self) -> [u8; ACK_BYTES] {
        let mut ack = [0; ACK_BYTES];
        ack[..5].copy_from_slice(b"\x81\xa3ack");
        ack[5..].copy_from_slice(&self.bytes[self.id - ID_HEAD.len()..]);
        ack
    }
}

#[derive(Default)]
struct Entries {
    bytes: Vec<u8>,
    times: Vec<usize>,
    names: Vec<[usize; 2]>,
}

impl Entries {
    /// An entry of so many fields.
    fn begin(&mut self, fields: u8) {
        // A list of two: an extension of type 0 with eight bytes, and a map.
        self.bytes.extend_from_slice(&[0x92, 0xd7, 0x00]);
        self.times.push(self.bytes.len());
        self.bytes.extend_from_slice(&[0; 8]);
        self.bytes.push(0x80 | fields);
    }

    /// Returns how long it is as JSON.
    fn request(&mut self, numbers: &mut Numbers) -> usize {
        let from = self.bytes.len();
        let (method, place) = (numbers.of(&METHODS), numbers.of(&PLACES));
        let (status, ms) = (numbers.of(&STATUSES), (numbers.next() % 900) as u16);
        let mut path = format!("/api/v1/{place}/{}", numbers.next() % 1_000_000);
        if numbers.next().is_multiple_of(4) {
            let _ = write!(path, "?page={}", numbers.next() % 50);
        }
        self.begin(11);
        self.field("level", numbers.of(&LEVELS));
        self.field("service", numbers.of(&SERVICES));
        self.field("host", &format!("ip-10-0-{}-{}", numbers.next() % 8, numbers.next() % 250));
        self.field("method", method);
        self.field("path", &path);
        self.number("status", status);
        self.number("ms", ms);
        self.field("request_id", "0000000000000000");
        let request = self.bytes.len() - 16;
        self.field("trace_id", "00000000000000000000000000000000");
        let trace = self.bytes.len() - 16;
        self.field("user", &format!("user-{}", numbers.next() % 50_000));
        self.field("message", &format!("{method} {path} answered {status} in {ms} ms"));
        self.names.push([request, trace]);
        // Quotes and colons take what heads and the time take, and a little more.
        self.bytes.len() - from - 12 + 11 * 4
    }

    fn field(&mut self, key: &str, value: &str) {
        text(key, &mut self.bytes);
        text(value, &mut self.bytes);
    }

    fn number(&mut self, key: &str, value: u16) {
        text(key, &mut self.bytes);
        self.bytes.push(0xcd);
        self.bytes.extend_from_slice(&value.to_be_bytes());
    }
}

fn text(text: &str, out: &mut Vec<u8>) {
    match text.len() as u8 {
        short @ 0..32 => out.push(0xa0 | short),
        long => out.extend_from_slice(&[0xd9, long]),
    }
    out.extend_from_slice(text.as_bytes());
}

/// Sixteen digits, eight at once: this runs unoptimised under `cargo xtask`, and beside what is
/// measured.
fn hex(number: u64, out: &mut [u8]) {
    out[..8].copy_from_slice(&eight_digits(number >> 32));
    out[8..].copy_from_slice(&eight_digits(number & 0xffff_ffff));
}

fn eight_digits(number: u64) -> [u8; 8] {
    // A byte for each four bits,
    let bytes = (number | number << 16) & 0x0000_ffff_0000_ffff;
    let bytes = (bytes | bytes << 8) & 0x00ff_00ff_00ff_00ff;
    let bytes = (bytes | bytes << 4) & 0x0f0f_0f0f_0f0f_0f0f;
    // and those from ten on are letters.
    let letters = (bytes + 0x0606_0606_0606_0606) >> 4 & 0x0101_0101_0101_0101;
    (bytes + 0x3030_3030_3030_3030 + letters * 0x27).to_be_bytes()
}

/// Seconds and nanoseconds.
fn event_time() -> [u8; 8] {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    (now.as_secs() << 32 | u64::from(now.subsec_nanos())).to_be_bytes()
}

/// The same in every run.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(1);
        mixed(self.0)
    }

    fn of<T: Copy>(&mut self, values: &[T]) -> T {
        values[self.next() as usize % values.len()]
    }
}

/// SplitMix64.
fn mixed(number: u64) -> u64 {
    let mixed = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

#[cfg(test)]
mod tests {
    use super::{ACK_BYTES, Chunk, RECORDS, hex};

    #[test]
    fn only_numbers_and_times_change() {
        let mut chunk = Chunk::new(1);
        let first = chunk.numbered(1).to_vec();
        assert!(first.starts_with(b"\x93\xa9bench.app\xc6"));
        assert!(first.ends_with(b"\x81\xa5chunk\xd9\x20\x30\x30\x30\x30\x30\x30\x30\x30\x30\x30\x30\x30\x30\x30\x30\x31\x30\x30\x30\x30\x30\x30\x30\x30\x30\x30\x30\x30\x30\x30\x30\x30"));
        let second = chunk.numbered(2).to_vec();
        assert_eq!(first.len(), second.len());
        assert_ne!(first, second);
        let bytes = chunk.json_bytes / RECORDS as usize;
        assert!((290..330).contains(&bytes), "{bytes} bytes a record");
    }

    #[test]
    fn numbers_are_hexadecimal() {
        for number in [0, 1, 0x0123_4567_89ab_cdef, u64::MAX, 0xfedc_ba98_7654_3210] {
            let mut out = [0; 16];
            hex(number, &mut out);
            assert_eq!(std::str::from_utf8(&out), Ok(&format!("{number:016x}")[..]));
        }
    }

    #[test]
    fn an_ack_names_the_chunk() {
        let mut chunk = Chunk::marker("m-1");
        let bytes = chunk.numbered(0xab).to_vec();
        let ack = chunk.ack();
        assert_eq!(ack.len(), ACK_BYTES);
        assert!(ack.starts_with(b"\x81\xa3ack\xd9\x2000000000000000ab"));
        assert!(bytes.windows(3).any(|window| window == b"m-1"));
        let time = bytes.windows(3).position(|window| window == [0x92, 0xd7, 0]).unwrap();
        assert_ne!(bytes[time + 3..time + 7], [0; 4], "the time is set");
    }
}
