//! Folds through crashes at each of their writes, of what is open, full and old.

use kura_core::clock::FixedClock;
use kura_core::memory::MemoryPlan;
use kura_core::origin::ObjectRef;
use kura_core::storage::{FaultyStore, SimulatedStore, SyncedStore};
use object_store::memory::InMemory;

use super::super::names::list;
use super::*;
use crate::Lake;
use crate::ledger::Ledger;
use crate::writer::Writer;

const WRITER: &str = "0c7d3a52-6d53-4bd4-9f52-6b2f2ac8a6f4";

struct Place {
    folder: tempfile::TempDir,
    store: Arc<dyn ObjectStore>,
}

impl Place {
    fn new(store: impl ObjectStore) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        Place { folder, store: Arc::new(store) }
    }

    fn location(&self) -> Location {
        self.location_on(self.store.clone())
    }

    fn location_on(&self, store: Arc<dyn ObjectStore>) -> Location {
        Location::folder_on(self.folder.path(), store).expect("a folder")
    }

    /// Makes batches, closed.
    async fn make(&self, numbers: impl Iterator<Item = i64>) {
        for number in numbers {
            batch(number).close(&self.location()).await.expect("written");
        }
    }

    async fn fold(&self, left: usize) {
        fold(&self.location(), WRITER, left).await.expect("folded");
    }

    /// What lies of the batches: folds, manifests and leftovers.
    async fn ranges(&self) -> [Vec<(i64, i64)>; 3] {
        let batches = list_of(&self.location(), WRITER).await.expect("a list");
        [batches.folds, batches.manifests, batches.leftovers]
            .map(|names| names.iter().map(|name| (name.first, name.last)).collect())
    }

    /// Whatever lies where, the lake knows of so many batches what each of them said.
    async fn check(&self, batches: i64, what: &str) {
        let location = self.location();
        let (cursor, keys) = stretches(&location, WRITER).await.expect("stretches");
        assert_eq!(cursor.next, 10 * batches.unsigned_abs(), "{what}");
        assert_eq!(keys, (1..=batches).map(key).collect::<Vec<_>>(), "{what}");

        let mut counts = Counts::default();
        let names = list_of(&location, WRITER).await.expect("a list");
        for name in names.after(0) {
            let fold = read(&location.store, name).await.expect("readable").expect("closed");
            counts += fold.counts;
        }
        let sum: i64 = (1..=batches).sum();
        assert!(counts.adds_up() && counts.stored == sum.unsigned_abs(), "{what}: {counts:?}");

        let place = tempfile::tempdir().expect("a temporary folder");
        let mut ledger = Ledger::open(&place.path().join("ledger"), "lake").expect("a ledger");
        ledger.catch_up(&location).await.expect("read");
        assert_eq!(ledger.last_number(WRITER).expect("a number"), batches, "{what}");
        for number in 1..=batches {
            let object = object(number);
            let know = |read_as| ledger.know(std::iter::once(&object), read_as).expect("known");
            assert_eq!((know(""), know(read_as(number))), (vec![true], vec![true]), "{what}");
            assert_eq!(know("another"), [false], "{what}");
        }
    }
}

fn key(number: i64) -> KeyHash {
    KeyHash::new("http", &number.to_string())
}

fn object(number: i64) -> ObjectRef {
    ObjectRef { uri: format!("file:///{number}"), version: "1".to_owned(), size: 1 }
}

fn read_as(number: i64) -> &'static str {
    if number % 3 == 0 { "syslog" } else { "" }
}

fn batch(number: i64) -> Manifest {
    let records = number.unsigned_abs();
    let ObjectRef { uri, version, size } = object(number);
    Manifest {
        writer: WRITER.to_owned(),
        number,
        state: State::Open,
        created: number,
        counts: Counts { records, stored: records, ..Counts::default() },
        read_as: read_as(number).to_owned(),
        objects: vec![ManifestObject { uri, version, size }],
        wal: Some(Cursor { next: 10 * records, pending: Vec::new() }),
        keys: vec![key(number)],
        tables: Vec::new(),
    }
}

#[tokio::test]
async fn wherever_a_fold_dies_nothing_is_lost_or_there_twice() {
    for loses_answer in [false, true] {
        for writes in 0.. {
            let place = Place::new(InMemory::new());
            place.make(1..=6).await;
            place.fold(2).await;
            place.make(7..=12).await;
            assert_eq!(place.ranges().await[0], [(1, 4)]);
            let store = match loses_answer {
                true => FaultyStore::losing_answer(place.store.clone(), writes),
                false => FaultyStore::new(place.store.clone(), writes),
            };
            let dies = place.location_on(Arc::new(store.clone()));
            let died = fold(&dies, WRITER, 3).await.is_err();
            let what = format!("died at write {writes}: {died}, {loses_answer}");
            place.check(12, &what).await;
            // Others were made, or none, before the next one folds.
            place.make(13..=15).await;
            place.fold(3).await;
            place.check(15, &what).await;
            place.fold(3).await;
            let [folds, manifests, leftovers] = place.ranges().await;
            assert_eq!(folds.len(), 1, "{what}: {folds:?}");
            assert!((3..6).contains(&manifests.len()), "{what}: {manifests:?}");
            assert!(leftovers.is_empty(), "{what}: {leftovers:?}");
            if !died {
                assert_eq!(writes, 7, "a fold, and what it holds");
                break;
            }
        }
    }
}

#[tokio::test]
async fn a_ledger_that_catches_up_while_batches_are_folded_misses_none() {
    for (turns, batches) in (0..20).flat_map(|turns| [(turns, 4), (turns, 9), (turns, 20)]) {
        let store = SimulatedStore::default();
        let place = Place::new(store.clone());
        place.make(1..=batches / 2).await;
        place.fold(1).await;
        place.make(batches / 2 + 1..=batches).await;
        store.set_turns(turns);
        let folder = tempfile::tempdir().expect("a temporary folder");
        let mut ledger = Ledger::open(&folder.path().join("ledger"), "lake").expect("a ledger");
        let location = place.location();
        let (caught_up, ()) = tokio::join!(ledger.catch_up(&location), place.fold(1));
        caught_up.unwrap_or_else(|error| panic!("{turns} turns, {batches}: {error}"));
        let objects: Vec<ObjectRef> = (1..=batches).map(object).collect();
        let known = ledger.know(objects.iter(), "").expect("known");
        assert!(!known.contains(&false), "{turns} turns, {batches}: {known:?}");
    }
}

#[tokio::test]
async fn nothing_is_folded_before_it_is_closed_or_worth_it() {
    let place = Place::new(InMemory::new());
    place.make(1..=3).await;
    place.fold(2).await;
    assert_eq!(place.ranges().await[0], [], "one that could be folded, and two that stay");
    batch(4).create(&place.location()).await.expect("written");
    place.make(5..=6).await;
    place.fold(0).await;
    let [folds, manifests, _] = place.ranges().await;
    assert_eq!((folds, manifests), (vec![(1, 3)], vec![(4, 4), (5, 5), (6, 6)]));
    batch(4).close(&place.location()).await.expect("written");
    place.check(6, "closed").await;
    place.fold(0).await;
    assert_eq!(place.ranges().await, [vec![(1, 6)], Vec::new(), Vec::new()]);
    place.check(6, "all are folded").await;
}

#[tokio::test]
async fn a_full_fold_is_left_alone_and_the_keys_go_on_in_the_next() {
    let place = Place::new(InMemory::new());
    for number in 1..=5 {
        let object = ManifestObject { uri: "file:///x".into(), version: "1".into(), size: 1 };
        let mut large = Manifest { objects: vec![object; OBJECTS_MAX / 2], ..batch(number) };
        large.close(&place.location()).await.expect("written");
    }
    place.fold(1).await;
    assert_eq!(place.ranges().await[..2], [vec![(1, 2), (3, 4)], vec![(5, 5)]]);
    place.make(6..=7).await;
    place.fold(1).await;
    assert_eq!(place.ranges().await[..2], [vec![(1, 2), (3, 4), (5, 6)], vec![(7, 7)]]);
    let (cursor, keys) = stretches(&place.location(), WRITER).await.expect("stretches");
    assert_eq!((cursor.next, keys), (70, (1..=7).map(key).collect()));
    let names = list_of(&place.location(), WRITER).await.expect("a list");
    let mut stored = Vec::new();
    for name in &names.folds {
        let fold = read(&place.store, name).await.expect("readable").expect("closed");
        stored.push(fold.counts.stored);
    }
    assert_eq!(stored, [1 + 2, 3 + 4, 5 + 6], "each batch counts in one");
}

#[test]
fn the_newest_million_of_keys_are_kept() {
    let many = Manifest { keys: vec![key(0); KEYS_MAX - 1], ..batch(2) };
    let all = Fold::from(batch(1)).with(many.into());
    assert_eq!((all.keys.len(), all.keys[0]), (KEYS_MAX, key(1)));
    let all = all.with(batch(3).into());
    let ends = (all.keys.front().copied(), all.keys.back().copied());
    assert_eq!((all.keys.len(), ends), (KEYS_MAX, (Some(key(0)), Some(key(3)))));
}

#[tokio::test]
async fn writers_have_folds_of_their_own() {
    let place = Place::new(InMemory::new());
    place.make(1..=4).await;
    for number in 1..=4 {
        let mut other = Manifest { writer: "other".to_owned(), ..batch(number) };
        other.close(&place.location()).await.expect("written");
    }
    place.fold(1).await;
    let all = list(&place.location()).await.expect("a list");
    let lengths = |at: usize| (all[at].folds.len(), all[at].manifests.len());
    assert_eq!((lengths(0), lengths(1)), ((1, 1), (0, 4)), "{all:?}");
}

/// One that was written to before there were folds, and what a start reads of it from then on.
#[tokio::test(flavor = "multi_thread")]
async fn the_first_writer_folds_an_old_lake_and_the_next_reads_little() {
    const BATCHES: i64 = 1_000;
    let place = Place::new(SyncedStore::default());
    let location = place.location();
    std::fs::create_dir_all(&location.data).expect("to disk");
    std::fs::write(location.data.join("node-id"), WRITER).expect("to disk");
    place.make(1..=BATCHES).await;
    let open = || async {
        let clock = Arc::new(FixedClock::at(0));
        let lake = Lake::open_or_create(location.clone(), clock).await.expect("a lake");
        Writer::open(lake, Vec::new(), MemoryPlan::new(None)).await
    };
    drop(open().await.expect("a writer"));
    let [folds, manifests, leftovers] = place.ranges().await;
    assert_eq!((folds, manifests.len(), leftovers), (vec![(1, 800)], 200, Vec::new()));
    place.check(BATCHES, "folded").await;

    // Nobody who knew them would miss what these said.
    let names = list_of(&location, WRITER).await.expect("a list");
    for name in names.after(0).filter(|name| name.last < BATCHES) {
        place.store.put(&name.path, "unreadable".into()).await.expect("written");
    }
    let writer = open().await.expect("a writer");
    assert_eq!(writer.next_number(), BATCHES + 1);
    let known = writer.know([object(1), object(BATCHES)].iter()).expect("known");
    assert_eq!(known, [true, true]);
}
