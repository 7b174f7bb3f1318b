//! One memory limit for the process, divided up front.

use crate::size::{ByteSize, GIB, MIB};

/// What each part may hold. The rest of the limit is for what no pool sees: the program
/// itself, read buffers, the Delta log's state, the allocator's slack.
#[derive(Debug, Clone, Copy)]
pub struct MemoryPlan {
    pub total: u64,
    /// Decoded rows on their way to the store, over all decoders.
    pub decode: u64,
    /// Rows gathered for one sorted run, before it is written. Another one is written
    /// meanwhile.
    pub run: u64,
    /// Hashes of ids, by which duplicates are told, for each table that is written.
    pub hashes: u64,
    /// DataFusion's pool: over it queries spill.
    pub query: u64,
}

/// Below this nothing works well, and a smaller limit would be a promise not kept.
const TOTAL_MIN: u64 = 64 * MIB;
const TOTAL_DEFAULT_MAX: u64 = 4 * GIB;
/// Whatever is written at a time comes out of one run, and columns have 32-bit offsets.
const RUN_MAX: u64 = GIB;

impl MemoryPlan {
    /// `limit` as asked for, or a quarter of the machine, at most 4 GiB.
    #[must_use]
    pub fn new(limit: Option<ByteSize>) -> Self {
        let asked = limit.map_or_else(|| (machine_memory() / 4).min(TOTAL_DEFAULT_MAX), |l| l.0);
        let total = asked.max(TOTAL_MIN);
        // A run is held until it is written, while the next one gathers.
        MemoryPlan {
            total,
            decode: total / 8,
            run: (total / 8).min(RUN_MAX),
            hashes: total / 8,
            query: total / 2,
        }
    }
}

fn machine_memory() -> u64 {
    let meminfo = std::fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let kib = meminfo.lines().find_map(|line| {
        line.strip_prefix("MemTotal:")?.trim().strip_suffix("kB")?.trim().parse().ok()
    });
    kib.map_or(4 * GIB, |kib: u64| kib * 1024)
}
