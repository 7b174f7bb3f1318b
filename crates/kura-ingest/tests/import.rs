//! Folders in, tables out: every shape and every damage, again, after a crash at each
//! write, against a model, and on real logs.

mod elastic;
mod inputs;
mod lake;
mod model;
mod reparsing;
mod streaming;
mod wrapped;

use std::sync::Arc;

use inputs::{Folder, event, events, gzip};
use kura_core::storage::{FaultyStore, SyncedStore};
use kura_ingest::NoteKind;
use kura_store::Location;
use kura_store::upkeep::Done;
use lake::{TestLake, import_into};

#[tokio::test(flavor = "multi_thread")]
async fn every_shape_of_object_is_read() {
    let folder = Folder::new();
    folder.put("a/records.json", events(1..=3).as_bytes());
    folder.put("a/records.json.gz", &gzip(events(4..=6).as_bytes()));
    folder.put("b/array.json", format!("[{},\n{}]", event(7), event(8)).as_bytes());
    folder.put("b/lines.log", format!("{}\n{}\n", event(9), event(10)).as_bytes());
    folder.put("b/single.json", event(11).as_bytes());
    folder.put("b/zstd", &zstd::encode_all(events(12..=13).as_bytes(), 1).expect("to memory"));
    let envelope = r#"{"detail-type":"AWS API Call via CloudTrail","detail":EVENT}"#;
    folder.put("b/envelope.json", envelope.replace("EVENT", &event(14)).as_bytes());
    folder.put("c/digest.json", br#"{"digestStartTime":"t","logFiles":[]}"#);
    folder.put("AWSLogs/1/CloudTrail-Digest/x.json.gz", b"not what its folder says");
    folder.put(
        "c/insight.json",
        br#"{"Records":[{"eventType":"AwsCloudTrailInsight","insightDetails":{}}]}"#,
    );
    folder.put("c/readme.txt", b"nothing here");
    folder.put("c/empty.json", b"");

    let lake = TestLake::new();
    let report = lake.import(&folder).await;
    let counts = report.counts;
    assert_eq!((counts.records, counts.stored, counts.quarantined), (16, 16, 0), "{report:?}");
    assert_eq!((counts.objects, report.empty_objects, counts.failed_objects), (12, 3, 0));
    assert!(report.notes.iter().all(|note| note.kind == NoteKind::Nothing));
    let ids = lake.ids("cloudtrail").await;
    assert!(lake.has("cloudtrail_digests").await && lake.has("cloudtrail_insights").await);
    assert_eq!(ids, (1..=14).map(|n| format!("id-{n:04}")).collect::<Vec<_>>());

    let again = lake.import(&folder).await;
    assert_eq!(
        (again.counts.skipped_objects, again.counts.objects, again.counts.records),
        (9, 3, 0)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_in_two_objects_is_stored_once() {
    let folder = Folder::new();
    folder.put("a.json", events(1..=10).as_bytes());
    folder.put("b.json", events(5..=12).as_bytes());
    folder.put("c.json", format!("[ {} ]", event(5).replace(",", " , ")).as_bytes());
    let changed = event(6).replace("\"ops\"", "\"other\"");
    folder.put("d.json", format!("[{changed},{changed}]").as_bytes());
    let lake = TestLake::new();
    let counts = lake.import(&folder).await.counts;
    assert_eq!((counts.records, counts.stored), (21, 13));
    assert_eq!((counts.duplicates, counts.conflicting), (8, 1));

    // In a second import, against files instead of within the run.
    let more = Folder::new();
    more.put("e.json", events(10..=14).as_bytes());
    more.put("f.json", format!("[{changed}]").as_bytes());
    let counts = lake.import(&more).await.counts;
    assert_eq!((counts.records, counts.stored), (6, 2));
    assert_eq!((counts.duplicates, counts.conflicting), (4, 0));
    assert!(counts.adds_up());
}

/// Two trails into one bucket: the copies come when the first ones are written already, or
/// are just being written.
#[tokio::test(flavor = "multi_thread")]
async fn copies_that_come_runs_later_are_known() {
    let folder = Folder::new();
    let object = |numbers: std::ops::Range<u32>| {
        format!("[{}]", numbers.map(event).collect::<Vec<_>>().join(","))
    };
    // Each more than a run at the least memory there is.
    folder.put("a.json", object(0..9_000).as_bytes());
    folder.put("b.json", object(9_000..18_000).as_bytes());
    folder.put("c.json", object(0..9_000).as_bytes());
    folder.put("d.json", object(9_000..18_000).as_bytes());
    let lake = TestLake::new();
    let counts = lake.import_with_little_memory(&folder).await.counts;
    assert_eq!((counts.stored, counts.duplicates, counts.conflicting), (18_000, 18_000, 0));
}

/// Whoever writes one id into every record gets every record, in a time that grows with
/// their number only.
#[tokio::test(flavor = "multi_thread")]
async fn thousands_of_records_with_one_id_are_all_stored() {
    let same_id = |n: u32| event(1).replace("\"ops\"", &format!("\"ops-{n}\""));
    let object = |numbers: std::ops::Range<u32>| {
        format!("[{}]", numbers.map(same_id).collect::<Vec<_>>().join(","))
    };
    let folder = Folder::new();
    folder.put("a.json", object(0..20_000).as_bytes());
    let lake = TestLake::new();
    let counts = lake.import(&folder).await.counts;
    assert_eq!((counts.stored, counts.conflicting, counts.duplicates), (20_000, 19_999, 0));
    folder.put("b.json", object(10_000..30_000).as_bytes());
    let counts = lake.import(&folder).await.counts;
    assert_eq!((counts.stored, counts.conflicting, counts.duplicates), (10_000, 10_000, 10_000));
}

#[tokio::test(flavor = "multi_thread")]
async fn damage_costs_what_is_damaged() {
    let folder = Folder::new();
    let whole = gzip(events(1..=2000).as_bytes());
    folder.put("cut.json.gz", &whole[..whole.len() / 2]);
    folder.put("bomb.json.gz", &inputs::bomb());
    let huge = event(3001).replace("\"ops\"", &format!("\"{}\"", "x".repeat(100 << 20)));
    folder.put("huge.json", format!("[{},{huge},{}]", event(3000), event(3002)).as_bytes());
    let broken = "{\"eventVersion\":\"1.08\",\"eventID\":\"x\",\"oops\": nonsense}";
    folder.put(
        "broken.json",
        format!("{{\"Records\":[{},{broken},{}]}}", event(3010), event(3011)).as_bytes(),
    );
    folder.put("wrong-extension.gz", events(3020..=3021).as_bytes());
    let deep =
        event(3030).replace("\"ops\"", &format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000)));
    folder.put("deep.json", format!("[{deep},{}]", event(3031)).as_bytes());
    let nul = event(3040).replace("ops", "o\0s");
    folder.put("nul.json", format!("[{nul},{}]", event(3041)).as_bytes());
    let mut invalid = format!("[{},{}]", event(3050), event(3051)).into_bytes();
    let at = invalid.windows(3).position(|w| w == b"ops").expect("there");
    invalid[at] = 0xff;
    folder.put("utf8.json", &invalid);
    let far = event(3060).replace("2026-11-20", "9999-01-01");
    let past = event(3061).replace("2026-11-20T", "1970-01-01T");
    folder.put("far.json", format!("[{far},{past}]").as_bytes());
    let cases = event(3070).replace("\"eventName\"", "\"EventName\":\"A\",\"eventName\"");
    folder.put("case.json", cases.as_bytes());

    let lake = TestLake::new();
    let report = lake.import(&folder).await;
    let counts = report.counts;
    assert!(counts.adds_up(), "{counts:?}");
    let reasons = lake.quarantine_reasons().await;
    assert_eq!(
        reasons,
        [
            "broken_json",
            "broken_json",
            "corrupt",
            "corrupt",
            "invalid_utf8",
            "too_deep",
            "too_large"
        ],
        "{report:?}"
    );
    assert_eq!(counts.failed_objects, 2, "the cut one and the bomb");
    let ids = lake.ids("cloudtrail").await;
    let readable = ids.iter().filter(|id| id.as_str() < "id-3000").count();
    assert!(readable > 500 && readable < 2000, "{readable} of the cut object's records");
    let others: Vec<&str> = ids.iter().map(|id| &id[3..]).filter(|n| *n >= "3000").collect();
    assert_eq!(
        others,
        [
            "3000", "3002", "3010", "3011", "3020", "3021", "3031", "3041", "3051", "3060", "3061",
            "3070"
        ]
    );
    let days = lake.days("cloudtrail").await;
    assert_eq!(days.len(), 2, "far times lie in the day of arrival: {days:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unreadable_place_is_named_and_tried_again() {
    let folder = Folder::new();
    folder.put("good.json", events(1..=2).as_bytes());
    std::os::unix::fs::symlink("nowhere", folder.path().join("dangling.json")).expect("a link");
    let lake = TestLake::new();
    let report = lake.import(&folder).await;
    assert_eq!((report.counts.stored, report.counts.failed_objects), (2, 1));
    assert!(report.notes[0].object.ends_with("dangling.json"));
    assert!(lake.try_import("/no/such/place").await.is_err());
    assert!(lake.try_import(&folder.path().join("*.parquet").to_string_lossy()).await.is_err());
    let matched = lake.try_import(&folder.path().join("*ood.js?n").to_string_lossy()).await;
    assert_eq!(matched.expect("a match").counts.skipped_objects, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_ledger_is_built_again() {
    let folder = Folder::new();
    folder.put("a.json", events(1..=20).as_bytes());
    let lake = TestLake::new();
    lake.import(&folder).await;
    for name in ["meta.sqlite", "meta.sqlite-wal", "meta.sqlite-shm"] {
        let _ = std::fs::remove_file(lake.data().join(name));
    }
    let counts = lake.import(&folder).await.counts;
    assert_eq!((counts.skipped_objects, counts.stored), (1, 0));
    std::fs::write(lake.data().join("meta.sqlite"), "rubbish").expect("to disk");
    let counts = lake.import(&folder).await.counts;
    assert_eq!((counts.skipped_objects, counts.stored), (1, 0));
    // As an earlier version of Kura made it.
    let ledger = rusqlite::Connection::open(lake.data().join("meta.sqlite")).expect("SQLite");
    let earlier = "DROP TABLE ledger_object; PRAGMA user_version = 0;
        CREATE TABLE ledger_object (uri TEXT NOT NULL, version TEXT NOT NULL);";
    ledger.execute_batch(earlier).expect("SQLite");
    drop(ledger);
    let counts = lake.import(&folder).await.counts;
    assert_eq!((counts.skipped_objects, counts.stored), (1, 0));
}

/// The process dies at its n-th write, for every n until none is left: the next run ends
/// with the tables of a run that did not die.
#[tokio::test(flavor = "multi_thread")]
async fn a_crash_at_any_write_changes_nothing() {
    let folder = Folder::new();
    for n in 0..4 {
        folder.put(&format!("{n}.json"), events(n * 10..=n * 10 + 14).as_bytes());
    }
    folder.put("broken.json", format!("[{}, {{\"eventVersion\"]", event(90)).as_bytes());
    let reference = TestLake::new();
    reference.import(&folder).await;
    let expected = reference.contents().await;
    assert!(expected.len() > 40);
    for writes in 0.. {
        let lake = TestLake::new();
        let store = FaultyStore::new(Arc::new(SyncedStore::default()), writes);
        let location = Location::folder_on(lake.path(), Arc::new(store.clone())).expect("a folder");
        let crashed = import_into(location, &[folder.name()]).await;
        if crashed.is_ok() && store.writes_left() >= 0 {
            assert!(writes > 8, "only {writes} writes");
            break;
        }
        let report = lake.import(&folder).await;
        assert!(report.counts.adds_up());
        assert_eq!(lake.contents().await, expected, "died at write {writes}");
        let again = lake.import(&folder).await;
        assert_eq!(again.counts.records, 0, "died at write {writes}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_imported_is_known_from_folds_wherever_folding_died() {
    for writes in 0.. {
        let lake = TestLake::new();
        let folder = Folder::new();
        for n in 0..5 {
            folder.put(&format!("{n}.json"), events(n * 10..=n * 10 + 9).as_bytes());
            lake.import(&folder).await;
        }
        let store = FaultyStore::new(Arc::new(SyncedStore::default()), writes);
        let died = lake.fold_on(Arc::new(store), 2).await.is_err();
        std::fs::remove_file(lake.data().join("meta.sqlite")).expect("the ledger");
        let again = lake.import(&folder).await.counts;
        assert_eq!((again.skipped_objects, again.records), (5, 0), "died at write {writes}");
        folder.put("more.json", events(50..=59).as_bytes());
        assert_eq!(lake.import(&folder).await.counts.stored, 10, "died at write {writes}");
        assert_eq!(lake.rows("cloudtrail").await, 60);
        if !died {
            assert!(writes > 3, "only {writes} writes");
            assert_eq!(lake.batch_objects(), (1, 3));
            break;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn compaction_keeps_every_row_and_later_copies_are_still_known() {
    let lake = TestLake::new();
    let folder = Folder::new();
    for n in 0..6 {
        folder.put(&format!("{n}.json"), events(n * 10..=n * 10 + 14).as_bytes());
        lake.import(&folder).await;
    }
    let before = lake.contents().await;
    let report = lake.compact("cloudtrail").await;
    assert!(report.files_before > report.files_after, "{report:?}");
    assert_eq!(report.files_after, 1);
    assert_eq!(lake.contents().await, before);
    let copies = Folder::new();
    copies.put("copy.json", events(3..=40).as_bytes());
    let counts = lake.import(&copies).await.counts;
    assert_eq!((counts.records, counts.duplicates, counts.stored), (38, 38, 0));
    let second = lake.compact("cloudtrail").await;
    assert_eq!((second.files_before, second.files_after), (1, 1));
    assert!(lake.collect("cloudtrail").await > 0, "the originals go");
    assert_eq!(lake.contents().await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_at_any_write_of_compaction_changes_nothing() {
    for writes in 0.. {
        let lake = TestLake::new();
        let folder = Folder::new();
        for n in 0..3 {
            folder.put(&format!("{n}.json"), events(n * 10..=n * 10 + 9).as_bytes());
            lake.import(&folder).await;
        }
        let before = lake.contents().await;
        let store = FaultyStore::new(Arc::new(SyncedStore::default()), writes);
        let crashed = lake.compact_on(Arc::new(store.clone())).await.is_err();
        assert_eq!(lake.contents().await, before, "died at write {writes}");
        let report = lake.compact("cloudtrail").await;
        assert_eq!((report.files_after, report.rows), (1, 30));
        assert_eq!(lake.contents().await, before, "died at write {writes}");
        if !crashed {
            assert!(writes > 2, "only {writes} writes");
            break;
        }
    }
}

/// Two nodes on one lake: whoever took over last writes, the other stops before it commits.
#[tokio::test(flavor = "multi_thread")]
async fn a_writer_that_was_taken_over_commits_nothing() {
    let lake = TestLake::new();
    let mut first = lake.writer_on_node("first").await;
    let mut second = lake.writer_on_node("second").await;
    first.add_object(Some(lake::object("file:///a")), kura_core::counts::Counts::default());
    second.add_object(Some(lake::object("file:///b")), kura_core::counts::Counts::default());
    let fenced = first.commit().await.expect_err("the lease is gone");
    assert!(fenced.to_string().contains("taken over"), "{fenced}");
    second.commit().await.expect("the lease is held");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_writer_at_a_time() {
    let lake = TestLake::new();
    let folder = Folder::new();
    folder.put("a.json", events(1..=2).as_bytes());
    let writer = lake.writer().await;
    let refused = lake.try_import(&folder.name()).await.expect_err("the lake is being written");
    let source = std::error::Error::source(&refused).map(ToString::to_string);
    assert!(source.is_some_and(|s| s.contains("another Kura")), "{refused}");
    drop(writer);
    assert_eq!(lake.import(&folder).await.counts.stored, 2);
}

/// Real logs, where they lie beside the project.
#[tokio::test(flavor = "multi_thread")]
async fn real_logs_add_up() {
    let place = std::env::var("KURA_REAL_LOGS").unwrap_or_else(|_| {
        concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data").to_owned()
    });
    let place = std::path::Path::new(&place).join("cloudtrail");
    if !place.exists() {
        eprintln!("skipped: no real logs at {} (set KURA_REAL_LOGS)", place.display());
        return;
    }
    let lake = TestLake::new();
    let report = lake.try_import(&place.to_string_lossy()).await.expect("an import");
    let counts = report.counts;
    assert!(counts.adds_up(), "{counts:?}");
    assert!(counts.stored > 1_000 && counts.failed_objects == 0, "{report:#?}");
    assert_eq!(lake.ids("cloudtrail").await.len() as u64, counts.stored);
    let again = lake.try_import(&place.to_string_lossy()).await.expect("an import").counts;
    assert_eq!((again.stored, again.records), (0, 0));
}

/// A server's upkeep: days of many small files are merged, days of few are left, and while
/// somebody writes it waits.
#[tokio::test(flavor = "multi_thread")]
async fn upkeep_merges_what_pays_and_lets_others_write() {
    let lake = TestLake::new();
    let folder = Folder::new();
    for n in 0..9 {
        folder.put(&format!("{n}.json"), events(n * 10..=n * 10 + 14).as_bytes());
        lake.import(&folder).await;
    }
    folder.put("quiet.json", events(200..=201).replace("2026-11-20", "2026-11-19").as_bytes());
    lake.import(&folder).await;
    let before = lake.contents().await;
    let writer = lake.writer().await;
    assert_eq!(lake.upkeep().await, [], "somebody writes");
    drop(writer);
    let merged = Done::Merged { table: "cloudtrail".to_owned(), files: 9 };
    assert_eq!(lake.upkeep().await, [merged]);
    assert_eq!(lake.contents().await, before);
    assert_eq!(lake.upkeep().await, [], "two files of two days are few");
    folder.put("late.json", events(300..=301).as_bytes());
    assert_eq!(lake.import(&folder).await.counts.stored, 2);
}
