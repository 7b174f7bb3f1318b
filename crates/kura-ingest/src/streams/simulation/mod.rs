//! The whole of the streams, lived through by seeds: what comes is logged, decoded, made batches
//! of, merged and archived by the real parts, step by step, on a disk, a store and a clock that
//! are simulated, with whatever may go wrong with them. The tables' logs are real ones.
//!
//! `KURA_SEED=17 cargo test -p kura-ingest --lib simulation` lives one life, and tells its
//! steps if it goes wrong.

mod model;
mod world;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use world::World;

const SEEDS: u64 = 1_000;
/// Of so many lives that went wrong the steps are told.
const TOLD_MAX: usize = 3;

/// What happened, where not all was well.
fn live(seed: u64) -> Result<(), String> {
    let mut world = World::new(seed);
    let lived = catch_unwind(AssertUnwindSafe(|| world.live()));
    lived.map_err(|_| format!("seed {seed}: {}", world.told()))
}

#[test]
fn whatever_happens_each_record_is_there_once() {
    if let Some(seed) = std::env::var("KURA_SEED").ok().and_then(|seed| seed.parse().ok()) {
        live(seed).unwrap_or_else(|told| panic!("{told}"));
        return;
    }
    let (next, wrong) = (AtomicU64::new(0), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let seed @ ..SEEDS = next.fetch_add(1, Ordering::Relaxed) {
                    if let Err(told) = live(seed) {
                        wrong.lock().expect("lives").push((seed, told));
                    }
                }
            });
        }
    });
    let wrong = wrong.into_inner().expect("lives");
    let (seeds, told): (Vec<u64>, Vec<String>) = wrong.into_iter().unzip();
    let told = told.iter().take(TOLD_MAX).map(String::as_str).collect::<Vec<_>>().join("\n");
    assert!(seeds.is_empty(), "went wrong: {seeds:?}\n{told}");
}
