//! The whole of the streams, lived through by seeds: what comes is logged, decoded, made batches
//! of, merged and archived by the real parts, step by step, on a disk, a store and a clock that
//! are simulated, with whatever may go wrong with them. The tables' logs are real ones.
//!
//! `KURA_SEED=17 cargo test -p kura-ingest --lib simulation` lives one life and tells its steps.

mod model;
mod world;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use world::World;

const SEEDS: u64 = 1_000;
/// Of so many lives that went wrong the steps are told.
const TOLD_MAX: usize = 3;

/// Whether all was well.
fn live(seed: u64, is_told: impl Fn(bool) -> bool) -> bool {
    let mut world = World::new(seed);
    let is_well = catch_unwind(AssertUnwindSafe(|| world.live())).is_ok();
    if is_told(is_well) {
        eprintln!("seed {seed}: {}", world.told());
    }
    is_well
}

#[test]
fn whatever_happens_each_record_is_there_once() {
    if let Some(seed) = std::env::var("KURA_SEED").ok().and_then(|seed| seed.parse().ok()) {
        assert!(live(seed, |_| true), "seed {seed}");
        return;
    }
    let (next, wrong) = (AtomicU64::new(0), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let seed @ ..SEEDS = next.fetch_add(1, Ordering::Relaxed) {
                    let few = || wrong.lock().expect("seeds").len() < TOLD_MAX;
                    if !live(seed, |is_well| !is_well && few()) {
                        wrong.lock().expect("seeds").push(seed);
                    }
                }
            });
        }
    });
    let wrong = wrong.into_inner().expect("seeds");
    assert!(wrong.is_empty(), "went wrong: {wrong:?}");
}
