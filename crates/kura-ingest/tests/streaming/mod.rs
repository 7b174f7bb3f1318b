//! What comes by stream, through crashes at each write of the store and lost answers.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use kura_core::clock::{Clock, SystemClock};
use kura_core::intake::{Delivery, RawRecords, Refused, Taken};
use kura_core::memory::MemoryPlan;
use kura_core::size::{ByteSize, MIB};
use kura_core::storage::{FaultyStore, SyncedStore};
use kura_ingest::Work;
use kura_ingest::streams::{StreamOptions, Streams};
use kura_store::{Lake, Location};
use object_store::ObjectStore;
use tokio::runtime::Runtime;

use crate::lake::TestLake;

const DELIVERIES: usize = 3;
const RECORDS: usize = 5;

fn runtime() -> Runtime {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    builder.worker_threads(2).enable_all().build().expect("a runtime")
}

fn delivery(stream: &str, key: Option<String>, records: &[String]) -> Delivery {
    let mut all = RawRecords::default();
    records.iter().for_each(|record| all.push(record.as_bytes(), None));
    let (input, stream) = ("http".to_owned(), stream.to_owned());
    Delivery { input, stream, key, arrival: SystemClock.now(), records: all }
}

fn numbered(number: usize) -> Delivery {
    let record = |n| format!(r#"{{"level":"info","delivery":{number},"n":{n}}}"#);
    let records: Vec<String> = (0..RECORDS).map(record).collect();
    delivery("app", Some(format!("key-{number}")), &records)
}

async fn start(folder: &Path, store: Arc<dyn ObjectStore>) -> Result<(Lake, Streams), String> {
    let location = Location::folder_on(folder, store).expect("a folder");
    let lake = Lake::open_or_create(location, Arc::new(SystemClock));
    let lake = lake.await.map_err(|error| error.to_string())?;
    let memory = MemoryPlan::new(Some(ByteSize(64 * MIB)));
    let options =
        StreamOptions { flush_age: Duration::ZERO, ..StreamOptions::new(Work::new(memory)) };
    let streams = Streams::start(&lake, options).await.map_err(|error| error.to_string())?;
    Ok((lake, streams))
}

fn healthy() -> Arc<dyn ObjectStore> {
    Arc::new(SyncedStore::default())
}

/// Sends everything, as often as a sender does that is told to try again.
async fn send_all(streams: &Streams) -> usize {
    let intake = streams.intake();
    let mut known = 0;
    for number in 0..DELIVERIES {
        loop {
            match intake.take(numbered(number)).await {
                Ok(taken) => {
                    known += usize::from(taken == Taken::Known);
                    break;
                }
                Err(Refused::Busy | Refused::Failed(_)) => {}
                Err(other) => panic!("{other}"),
            }
        }
        streams.caught_up().await;
    }
    known
}

async fn check_all_there_once(lake: &TestLake, what: &str) {
    let ids = lake.ids("jsonlog").await;
    assert_eq!(ids.len(), DELIVERIES * RECORDS, "{what}: {ids:?}");
    let mut distinct = ids.clone();
    distinct.dedup();
    assert_eq!(distinct, ids, "{what}");
}

#[test]
fn wherever_the_store_dies_each_record_is_stored_once() {
    let mut survived = 0;
    for writes in 0.. {
        let folder = TestLake::new();
        let path = folder.path().to_owned();
        let store = Arc::new(FaultyStore::new(healthy(), writes));
        let first = runtime();
        let is_done = first.block_on(async {
            let Ok((_lake, streams)) = start(&path, store.clone()).await else { return false };
            send_all(&streams).await;
            // Until a batch was made of all of it, or one could not be.
            let stored = || streams.watched().counters.stored.load(Ordering::Relaxed);
            while store.writes_left() >= 0 && stored() < (DELIVERIES * RECORDS) as u64 {
                tokio::task::yield_now().await;
            }
            store.writes_left() >= 0
        });
        // Everything stops where it is.
        first.shutdown_timeout(Duration::from_secs(10));
        runtime().block_on(async {
            let (_lake, streams) = start(&path, healthy()).await.expect("a start");
            send_all(&streams).await;
            streams.drain().await;
            check_all_there_once(&folder, &format!("after {writes} writes")).await;
        });
        survived += usize::from(is_done);
        if survived > 2 {
            assert!(writes > 5, "{writes} writes make no batch");
            return;
        }
    }
}

#[test]
fn an_answer_that_was_lost_is_looked_up_and_not_taken_for_a_failure() {
    for nth in 0..30 {
        let folder = TestLake::new();
        let store = Arc::new(FaultyStore::losing_answer(healthy(), nth));
        runtime().block_on(async {
            let (_lake, streams) = loop {
                match start(folder.path(), store.clone()).await {
                    Ok(started) => break started,
                    Err(_) => assert!(store.writes_left() < 0),
                }
            };
            send_all(&streams).await;
            streams.drain().await;
            check_all_there_once(&folder, &format!("the answer to write {nth}")).await;
        });
    }
}

#[test]
fn keys_are_known_from_folds() {
    let folder = TestLake::new();
    for left in [2, 1, 0] {
        runtime().block_on(async {
            let (_lake, streams) = start(folder.path(), healthy()).await.expect("a start");
            let known = send_all(&streams).await;
            assert_eq!(known, if left == 2 { 0 } else { DELIVERIES });
            // One more batch each time, and the log is empty.
            let more = delivery("more", None, &[format!(r#"{{"left":{left}}}"#)]);
            assert_eq!(streams.intake().take(more).await, Ok(Taken::Stored));
            streams.drain().await;
            folder.fold_stream(left).await.expect("folded");
        });
    }
    assert_eq!(folder.batch_objects(), (1, 0));
    runtime().block_on(async {
        let (_lake, streams) = start(folder.path(), healthy()).await.expect("a start");
        assert_eq!(send_all(&streams).await, DELIVERIES);
        streams.drain().await;
        assert_eq!(folder.rows("jsonlog").await, DELIVERIES * RECORDS + 3);
    });
}

#[test]
fn parts_of_a_line_that_a_restart_comes_between_are_one_record() {
    for is_keyed in [false, true] {
        parts_with_restarts_between(is_keyed);
    }
}

fn parts_with_restarts_between(is_keyed: bool) {
    let folder = TestLake::new();
    let part = |text: &str, ordinal: u32, last: bool| {
        format!(
            r#"{{"container_id":"c1","container_name":"/web","source":"stdout","log":"{text}","partial_message":"true","partial_id":"p1","partial_ordinal":"{ordinal}","partial_last":"{last}"}}"#
        )
    };
    let deliveries = [
        vec![part("one ", 1, false), r#"{"log":"whole","container_id":"c2"}"#.to_owned()],
        vec![part("two ", 2, false)],
        vec![part("three", 3, true)],
    ];
    for (number, records) in deliveries.iter().enumerate() {
        let key = is_keyed.then(|| format!("key-{number}"));
        runtime().block_on(async {
            let (_lake, streams) = start(folder.path(), healthy()).await.expect("a start");
            let taken = streams.intake().take(delivery("docker", key, records)).await;
            assert_eq!(taken, Ok(Taken::Stored));
            streams.drain().await;
        });
    }
    runtime().block_on(async {
        let mut texts = folder.texts("textlog", "message").await;
        texts.extend(folder.texts("jsonlog", "message").await);
        texts.sort();
        assert_eq!(texts, ["one two three", "whole"]);
        assert!(!folder.data().join("wal").join("set-aside").exists());
    });
}

#[test]
fn the_raw_archive_has_every_record_once_as_it_came() {
    let folder = TestLake::new();
    for number in 0..DELIVERIES {
        runtime().block_on(async {
            let (_lake, streams) = start(folder.path(), healthy()).await.expect("a start");
            streams.intake().take(numbered(number)).await.expect("taken");
            streams.drain().await;
        });
    }
    let mut lines: Vec<serde_json::Value> = Vec::new();
    for object in walkdir::WalkDir::new(folder.path().join("raw")) {
        let object = object.expect("an entry");
        if object.file_type().is_file() {
            let bytes = std::fs::read(object.path()).expect("readable");
            let mut text = String::new();
            let mut decoder = flate2::read::GzDecoder::new(&bytes[..]);
            std::io::Read::read_to_string(&mut decoder, &mut text).expect("gzip");
            lines.extend(text.lines().map(|line| serde_json::from_str(line).expect("JSON")));
        }
    }
    let mut sequences: Vec<u64> =
        lines.iter().filter_map(|line| line["sequence"].as_u64()).collect();
    sequences.sort_unstable();
    assert_eq!(sequences, (1..=(DELIVERIES * RECORDS) as u64).collect::<Vec<_>>());
    let first = lines.iter().find(|line| line["sequence"] == 1).expect("the first");
    assert_eq!(first["record"], r#"{"level":"info","delivery":0,"n":0}"#);
    assert_eq!((&first["stream"], &first["key"]), (&"app".into(), &"key-0".into()));
    let segments = std::fs::read_dir(folder.data().join("wal")).expect("a folder").count();
    assert_eq!(segments, 1, "the log is cut once both have it");
}
