//! A lake against a model of it: after any sequence of imports, repeats, crashes, late data
//! and compactions the lake holds what the model holds.
//!
//! The model is a set: every record that was ever named in an import, by id and content.

use std::collections::BTreeSet;
use std::sync::Arc;

use kura_core::storage::{FaultyStore, SyncedStore};
use kura_store::Location;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::inputs::{Folder, event};
use crate::lake::{TestLake, import_into};

const SEQUENCES: u64 = 12;
const STEPS: usize = 12;
/// Few ids, so that records meet again.
const IDS: u32 = 120;

#[derive(Debug)]
enum Step {
    Import,
    ImportThatDies { writes: i64 },
    Again,
    Compact,
    CompactThatDies { writes: i64 },
    Reparse,
    ReparseThatDies { writes: i64 },
    LoseLedger,
    Fold { left: u32 },
    FoldThatDies { writes: i64 },
}

fn step(random: &mut ChaCha8Rng) -> Step {
    match random.random_range(0..17) {
        0..=3 => Step::Import,
        4..=6 => Step::ImportThatDies { writes: random.random_range(0..25) },
        7 => Step::Again,
        8..=9 => Step::Compact,
        10 => Step::CompactThatDies { writes: random.random_range(0..6) },
        11 => Step::LoseLedger,
        12 => Step::Reparse,
        13 => Step::Fold { left: random.random_range(0..3) },
        14 => Step::FoldThatDies { writes: random.random_range(0..6) },
        _ => Step::ReparseThatDies { writes: random.random_range(0..30) },
    }
}

/// A record of one of three days, whose id and variant are its name: two variants of one id
/// are two records.
fn record(id: u32, variant: u32) -> String {
    let day = format!("2026-11-{:02}T", 18 + id % 3);
    let record = event(id).replace("2026-11-20T", &day);
    record.replace("DeleteDBInstance", &format!("Variant{variant}"))
}

/// An object of some records, some of them twice; what it holds goes into the model.
fn object(random: &mut ChaCha8Rng, model: &mut BTreeSet<(String, String)>) -> String {
    let count = random.random_range(1..40);
    let records = (0..count).map(|_| {
        let (id, variant) = (random.random_range(0..IDS), random.random_range(0..20) / 18);
        model.insert((format!("id-{id:04}"), format!("Variant{variant}")));
        record(id, variant)
    });
    format!("{{\"Records\":[{}]}}", records.collect::<Vec<_>>().join(","))
}

async fn dies(lake: &TestLake, folder: &Folder, writes: i64) {
    let store = FaultyStore::new(Arc::new(SyncedStore::default()), writes);
    let location = Location::folder_on(lake.path(), Arc::new(store)).expect("a folder");
    // With many writes it lives, which is as good.
    let _ = import_into(location, &[folder.name()]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn any_sequence_of_imports_crashes_and_compactions_gives_the_rows_of_the_model() {
    for seed in 0..SEQUENCES {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let (lake, folder) = (TestLake::new(), Folder::new());
        let mut model = BTreeSet::new();
        let mut done = Vec::new();
        for number in 0..STEPS {
            let step = step(&mut random);
            if matches!(step, Step::Import | Step::ImportThatDies { .. }) {
                for part in 0..random.random_range(1..4) {
                    let text = object(&mut random, &mut model);
                    folder.put(&format!("{number:02}-{part}.json"), text.as_bytes());
                }
            }
            match &step {
                Step::Import | Step::Again => {
                    let counts = lake.import(&folder).await.counts;
                    assert!(counts.adds_up(), "seed {seed} after {done:?}: {counts:?}");
                }
                Step::ImportThatDies { writes } => dies(&lake, &folder, *writes).await,
                Step::Compact if lake.has("cloudtrail").await => {
                    lake.compact("cloudtrail").await;
                    lake.collect("cloudtrail").await;
                }
                Step::CompactThatDies { writes } => {
                    let store = FaultyStore::new(Arc::new(SyncedStore::default()), *writes);
                    let _ = lake.compact_on(Arc::new(store)).await;
                }
                Step::Reparse if lake.has("cloudtrail").await => {
                    let counts = lake.reparse("cloudtrail").await.expect("a reparse").counts;
                    assert!(counts.adds_up(), "seed {seed} after {done:?}: {counts:?}");
                }
                Step::ReparseThatDies { writes } => {
                    let store = FaultyStore::new(Arc::new(SyncedStore::default()), *writes);
                    let _ = lake.reparse_on(Arc::new(store)).await;
                }
                Step::Compact | Step::Reparse => {}
                Step::Fold { left } => {
                    let store = Arc::new(SyncedStore::default());
                    lake.fold_on(store, *left).await.expect("folded");
                }
                Step::FoldThatDies { writes } => {
                    let store = FaultyStore::new(Arc::new(SyncedStore::default()), *writes);
                    let _ = lake.fold_on(Arc::new(store), 0).await;
                }
                Step::LoseLedger => _ = std::fs::remove_file(lake.data().join("meta.sqlite")),
            }
            done.push(step);
        }
        lake.import(&folder).await;
        let stored = lake.names("cloudtrail").await;
        let expected: Vec<(String, String)> = model.into_iter().collect();
        assert_eq!(stored, expected, "seed {seed} after {done:?}");
    }
}
