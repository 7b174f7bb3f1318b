//! The log against a disk that tears, forgets, rots and fills up.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use kura_core::disk::{Disk, Faults, LocalDisk, SimulatedDisk};
use kura_core::intake::{Delivery, Intake, RawRecords, Refused, Taken};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::*;

const FOLDER: &str = "/wal";

fn delivery(name: &str, records: usize) -> Delivery {
    let mut all = RawRecords::default();
    for number in 0..records {
        let time = (number % 2 == 0).then_some(number as i64);
        all.push(format!("{name}-{number}").as_bytes(), time);
    }
    Delivery {
        input: "forward".to_owned(),
        stream: "app.web".to_owned(),
        key: (records > 1).then(|| name.to_owned()),
        arrival: 7,
        records: all,
    }
}

fn done(next: u64) -> Cursor {
    Cursor { next, pending: Vec::new() }
}

fn open(disk: &SimulatedDisk) -> (Log, Replay) {
    Log::open(Arc::new(disk.clone()), Path::new(FOLDER), &Cursor::default())
        .expect("the log always opens")
}

fn append(log: &mut Log, deliveries: &[Delivery]) -> std::io::Result<Vec<u64>> {
    let mut frames: Vec<_> = deliveries.iter().map(|d| encode(d).expect("small")).collect();
    log.append(&mut frames)
}

fn read_all(log: &Log) -> Vec<StoredDelivery> {
    let mut reader = Reader::new(log, 0);
    std::iter::from_fn(|| reader.read().expect("the disk can be read")).collect()
}

fn segments(disk: &SimulatedDisk) -> Vec<PathBuf> {
    let names = disk.list(Path::new(FOLDER)).expect("a folder");
    names.iter().map(|name| Path::new(FOLDER).join(name)).collect()
}

fn three() -> Vec<Delivery> {
    vec![delivery("one", 3), delivery("two", 1), delivery("three", 5)]
}

#[test]
fn what_is_appended_is_read_again_in_its_order_from_any_record_on() {
    let disk = SimulatedDisk::default();
    let (mut log, replay) = open(&disk);
    assert_eq!(replay, Replay::default());
    let mut reader = Reader::new(&log, 0);
    assert!(reader.read().expect("readable").is_none());
    assert_eq!(append(&mut log, &three()).expect("room"), [1, 4, 5]);
    let first = reader.read().expect("readable").expect("a delivery");
    assert_eq!((first.first, &first.delivery), (1, &three()[0]));
    drop(log);
    let (mut log, replay) = open(&disk);
    assert_eq!((replay.deliveries, replay.records, replay.damage.len()), (3, 9, 0));
    assert_eq!(append(&mut log, &[delivery("four", 1)]).expect("room"), [10]);
    let read: Vec<u64> = read_all(&log).iter().map(|stored| stored.first).collect();
    assert_eq!(read, [1, 4, 5, 10]);
    let mut reader = Reader::new(&log, 4);
    assert_eq!(reader.read().expect("readable").expect("a delivery").first, 4);
}

#[test]
fn segments_go_once_all_their_records_are_done_with_and_numbers_never_come_again() {
    let disk = SimulatedDisk::default();
    for _ in 0..3 {
        append(&mut open(&disk).0, &three()).expect("room");
    }
    let (mut log, _) = open(&disk);
    assert_eq!(segments(&disk).len(), 3);
    log.forget(18).expect("deleted");
    assert_eq!(segments(&disk).len(), 2);
    log.forget(19).expect("deleted");
    assert_eq!(read_all(&log)[0].first, 19);
    log.forget(28).expect("deleted");
    assert!(segments(&disk).is_empty());
    drop(log);
    let (mut log, _) =
        Log::open(Arc::new(disk.clone()), Path::new(FOLDER), &done(28)).expect("the log opens");
    assert_eq!(append(&mut log, &three()[..1]).expect("room"), [28]);
    assert_eq!(open(&disk).1.damage, []);
}

/// What a log cut off there says, and what is left of it.
#[test]
fn cut_off_at_each_byte_it_starts_and_has_all_that_is_whole() {
    let whole = SimulatedDisk::default();
    append(&mut open(&whole).0, &three()).expect("room");
    let file = segments(&whole).remove(0);
    let size = whole.content(&file).expect("a segment").len();
    let ends: Vec<usize> = {
        let frame = |d: &Delivery| encode(d).expect("small").len();
        let header = size - three().iter().map(frame).sum::<usize>();
        let sum = |end: &mut usize, d| {
            *end += frame(d);
            Some(*end)
        };
        three().iter().scan(header, sum).collect()
    };
    for cut in 0..=size {
        let disk = SimulatedDisk::default();
        append(&mut open(&disk).0, &three()).expect("room");
        disk.cut(&file, cut);
        let (mut log, replay) = open(&disk);
        let kept = ends.iter().filter(|&&end| end <= cut).count();
        assert_eq!(replay.deliveries as usize, kept, "cut at {cut}");
        let is_torn = cut > 0
            && !ends.contains(&cut)
            && cut != ends[0] - encode(&three()[0]).expect("small").len();
        assert_eq!(!replay.damage.is_empty(), is_torn, "cut at {cut}: {replay:?}");
        append(&mut log, &[delivery("after", 2)]).expect("room");
        let read = read_all(&log);
        let names: Vec<Delivery> = read.into_iter().map(|stored| stored.delivery).collect();
        let mut expected = three()[..kept].to_vec();
        expected.push(delivery("after", 2));
        assert_eq!(names, expected, "cut at {cut}");
    }
}

#[test]
fn wherever_a_bit_flips_only_the_delivery_it_hits_is_gone_and_said_to_be() {
    let whole = SimulatedDisk::default();
    append(&mut open(&whole).0, &three()).expect("room");
    let file = segments(&whole).remove(0);
    let size = whole.content(&file).expect("a segment").len();
    let frames: Vec<usize> = three().iter().map(|d| encode(d).expect("small").len()).collect();
    let header = size - frames.iter().sum::<usize>();
    let firsts = [1, 4, 5, 10];
    for at in 0..size {
        let disk = SimulatedDisk::default();
        append(&mut open(&disk).0, &three()).expect("room");
        disk.rot(&file, at, 1 << (at % 8));
        let (log, replay) = open(&disk);
        let mut end = header;
        let hit = frames.iter().position(|frame| {
            end += frame;
            at < end && at >= header
        });
        let expected: Vec<u64> =
            (0..3).filter(|&number| Some(number) != hit).map(|number| firsts[number]).collect();
        let read: Vec<u64> = read_all(&log).iter().map(|stored| stored.first).collect();
        assert_eq!(read, expected, "flipped at {at}");
        assert_eq!(replay.damage.len(), 1, "flipped at {at}: {replay:?}");
        let lost = replay.damage[0].records.clone();
        match hit {
            // Nobody can say what a broken header at the very end was about.
            Some(2) if lost.is_empty() => assert!(at < size - frames[2] + 28, "flipped at {at}"),
            Some(hit) => assert_eq!(lost, firsts[hit]..firsts[hit + 1], "flipped at {at}"),
            None => assert!(lost.is_empty(), "flipped at {at}: {replay:?}"),
        }
    }
}

/// What a sender may hold the log to.
#[derive(Default)]
struct Model {
    acknowledged: Vec<(u64, Delivery)>,
    /// Refused, or answered by nobody: they may be there.
    unknown: Vec<Delivery>,
    made: usize,
}

impl Model {
    fn check(&self, log: &Log, from: u64, seed: u64) {
        let read = read_all(log);
        let mut numbers: Vec<u64> = read.iter().map(|stored| stored.first).collect();
        numbers.dedup();
        assert_eq!(numbers.len(), read.len(), "seed {seed}: a number twice");
        assert!(numbers.is_sorted(), "seed {seed}: {numbers:?}");
        for (first, delivery) in self.acknowledged.iter().filter(|(first, _)| *first >= from) {
            let found = read.iter().find(|stored| stored.first == *first);
            let found = found.map(|stored| &stored.delivery);
            assert_eq!(found, Some(delivery), "seed {seed}: {first} was acknowledged");
        }
        for stored in &read {
            let is_known = self.acknowledged.iter().any(|(_, d)| *d == stored.delivery)
                || self.unknown.contains(&stored.delivery);
            assert!(is_known, "seed {seed}: {stored:?} was never sent");
        }
    }
}

/// Appends, forgets, full disks, failing syncs and crashes at every write, by the seed.
fn live(seed: u64) {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let disk = SimulatedDisk::default();
    let (mut model, mut from) = (Model::default(), 0);
    for _ in 0..random.random_range(2..6) {
        let opened = Log::open(Arc::new(disk.clone()), Path::new(FOLDER), &done(from));
        let (mut log, replay) = opened.expect("the log always opens");
        assert!(
            replay.damage.iter().all(|damage| damage.records.is_empty()
                || model.acknowledged.iter().all(|(first, _)| !damage.records.contains(first))),
            "seed {seed}: {replay:?} says that what was acknowledged is gone"
        );
        model.check(&log, from, seed);
        let dies = random.random_bool(0.5).then(|| random.random_range(0..20));
        disk.set_faults(Faults { operations_left: dies, ..Faults::default() });
        for _ in 0..random.random_range(1..12) {
            if random.random_bool(0.2) {
                disk.set_faults(Faults {
                    operations_left: dies,
                    room: random.random_bool(0.5).then(|| random.random_range(0..400)),
                    sync_fails: random.random_bool(0.5),
                });
            }
            let mut group = Vec::new();
            for _ in 0..random.random_range(1..4) {
                model.made += 1;
                group.push(delivery(&format!("d{}", model.made), random.random_range(1..30)));
            }
            match append(&mut log, &group) {
                Ok(firsts) => model.acknowledged.extend(firsts.into_iter().zip(group)),
                Err(_) => model.unknown.extend(group),
            }
            if random.random_bool(0.2) {
                let done =
                    model.acknowledged.get(random.random_range(0..=model.acknowledged.len()));
                from = done.map_or(from, |(first, _)| from.max(*first));
                // It may fail like everything else.
                let _ = log.forget(from);
            }
            // What was refused does not count while the program runs.
            disk.set_faults(Faults { operations_left: dies, ..Faults::default() });
            let read = read_all(&log);
            assert!(
                read.iter()
                    .all(|stored| !model.unknown.contains(&stored.delivery)
                        || stored.first < log.next()),
                "seed {seed}"
            );
        }
        drop(log);
        let kept = random.random_range(0..=100);
        disk.crash(|| random.random_range(0..100) < kept);
    }
    let log =
        Log::open(Arc::new(disk), Path::new(FOLDER), &done(from)).expect("the log always opens").0;
    model.check(&log, from, seed);
}

#[test]
fn whatever_happens_to_the_disk_what_was_acknowledged_is_there() {
    (0..1_000).for_each(live);
}

fn real(folder: &Path, options: WalOptions) -> Wal {
    let (log, _) =
        Log::open(Arc::new(LocalDisk), folder, &Cursor::default()).expect("the log opens");
    Wal::start(log, [], options).expect("a thread")
}

#[tokio::test]
async fn a_key_is_taken_once_and_free_again_where_its_delivery_failed() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let wal = real(folder.path(), WalOptions::default());
    let (first, second) =
        tokio::join!(wal.take(delivery("chunk", 2)), wal.take(delivery("chunk", 2)));
    let mut taken = [first.expect("taken"), second.expect("taken")];
    taken.sort_by_key(|taken| *taken == Taken::Known);
    assert_eq!(taken, [Taken::Stored, Taken::Known]);
    assert_eq!(wal.take(delivery("chunk", 2)).await, Ok(Taken::Known));
    let other = Delivery { input: "http".to_owned(), ..delivery("chunk", 2) };
    assert_eq!(wal.take(other).await, Ok(Taken::Stored));

    let disk = SimulatedDisk::default();
    let wal = Wal::start(open(&disk).0, [], WalOptions::default()).expect("a thread");
    disk.set_faults(Faults { room: Some(10), ..Faults::default() });
    let refused = wal.take(delivery("chunk", 2)).await;
    assert!(matches!(refused, Err(Refused::Failed(_))), "{refused:?}");
    disk.set_faults(Faults::default());
    assert_eq!(wal.take(delivery("chunk", 2)).await, Ok(Taken::Stored));
    let known = KeyHash::new("forward", "chunk");
    let wal = Wal::start(open(&disk).0, [known], WalOptions::default()).expect("a thread");
    assert_eq!(wal.take(delivery("chunk", 2)).await, Ok(Taken::Known));
}

#[test]
fn the_key_of_a_refused_delivery_is_free_after_a_restart() {
    let disk = SimulatedDisk::default();
    let (mut log, _) = open(&disk);
    append(&mut log, &[delivery("one", 2)]).expect("room");
    // Its bytes reach the disk, but nobody may believe it.
    disk.set_faults(Faults { operations_left: Some(1), ..Faults::default() });
    append(&mut log, &[delivery("two", 2)]).expect_err("the disk died");
    disk.set_faults(Faults::default());
    append(&mut log, &[delivery("three", 2)]).expect("room");
    disk.crash(|| true);
    let (log, replay) = open(&disk);
    let keys: Vec<KeyHash> = read_all(&log).iter().filter_map(StoredDelivery::key).collect();
    assert_eq!(keys, ["one", "three"].map(|name| KeyHash::new("forward", name)));
    assert_eq!(replay.keys, keys, "what is not read again is not known either");
}

#[test]
fn a_cursor_covers_those_that_its_reader_was_at() {
    let at = |next, pending: &[u64]| Cursor { next, pending: pending.to_vec() };
    let way = [at(1, &[]), at(5, &[2, 4]), at(5, &[4]), at(5, &[]), at(9, &[6, 7, 8])];
    for (which, before) in way.iter().enumerate() {
        for (other, cursor) in way.iter().enumerate() {
            assert_eq!(cursor.covers(before), other >= which, "{cursor:?} {before:?}");
        }
    }
}

#[tokio::test]
async fn senders_wait_while_the_log_is_full_and_are_told_so() {
    let disk = SimulatedDisk::default();
    let options = WalOptions {
        disk_bytes_max: 100,
        room_wait: std::time::Duration::ZERO,
        ..WalOptions::default()
    };
    let wal = Wal::start(open(&disk).0, [], options).expect("a thread");
    let mut synced = wal.synced();
    assert_eq!(wal.take(delivery("one", 9)).await, Ok(Taken::Stored));
    synced.wait_for(|&end| end == 10).await.expect("the thread lives");
    let mut bytes = wal.bytes();
    bytes.wait_for(|&bytes| bytes > 100).await.expect("the thread lives");
    assert_eq!(wal.take(delivery("two", 1)).await, Err(Refused::Busy));
}
