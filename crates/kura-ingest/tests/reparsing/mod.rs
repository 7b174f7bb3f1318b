//! A table made anew: what a decoder of yesterday left out or set aside is there, what cannot
//! be read again stays, and a death at any write changes nothing.

use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, new_null_array};
use arrow::error::ArrowError;
use kura_core::origin::ObjectFacts;
use kura_core::storage::{FaultyStore, SyncedStore};
use kura_core::table::Rows;
use kura_formats::formats::{Decoded, Description, Head, HeadSays, KeySays, RawRecord};
use kura_formats::framing::Framing;
use kura_formats::{Decoder, Format, Reason, Reject, formats};

use crate::inputs::{Folder, event, events};
use crate::lake::TestLake;

/// CloudTrail as an older version read it: it left `errorcode` and `eventname` out, and did
/// not understand records of `/9` minutes.
#[derive(Debug)]
pub struct Yesterday(pub Arc<dyn Format>);

struct YesterdayDecoder(Box<dyn Decoder>);

pub fn yesterday() -> Arc<dyn Format> {
    Arc::new(Yesterday(formats::by_name("cloudtrail").expect("a format")))
}

impl Decoder for YesterdayDecoder {
    fn decode(&mut self, record: RawRecord<'_>, facts: &ObjectFacts) -> Result<Decoded, Reject> {
        if record.text()?.contains("\"id-0009\"") {
            return Err(Reject::new(Reason::NotAnEvent, "not known yet"));
        }
        self.0.decode(record, facts)
    }

    fn rows(&self) -> usize {
        self.0.rows()
    }

    fn bytes(&self) -> usize {
        self.0.bytes()
    }

    fn finish(&mut self) -> Result<Rows, ArrowError> {
        let rows = self.0.finish()?;
        let schema = rows.batch.schema();
        let names = schema.fields().iter().map(|field| field.name().as_str());
        let left_out = |(name, values): (&str, &ArrayRef)| match name {
            "eventname" => new_null_array(values.data_type(), values.len()),
            _ => values.clone(),
        };
        let columns = names.zip(rows.batch.columns()).map(left_out).collect();
        Ok(Rows { batch: RecordBatch::try_new(schema.clone(), columns)?, ..rows })
    }
}

impl Format for Yesterday {
    fn description(&self) -> &Description {
        self.0.description()
    }
    fn recognise_key(&self, path: &str) -> Option<KeySays> {
        self.0.recognise_key(path)
    }
    fn recognise_head(&self, head: &Head<'_>) -> Option<HeadSays> {
        self.0.recognise_head(head)
    }
    fn framing(&self) -> Framing {
        self.0.framing()
    }
    fn decoder(&self) -> Box<dyn Decoder> {
        Box::new(YesterdayDecoder(self.0.decoder()))
    }
}

/// Records of two days, some of them in two objects, one broken for every version.
fn logs() -> Folder {
    let folder = Folder::new();
    folder.put("a.json", events(1..=12).as_bytes());
    folder.put("b.json", events(8..=20).replace("T00:1", "T00:2").as_bytes());
    folder.put("c.json", events(30..=34).replace("2026-11-20", "2026-11-19").as_bytes());
    folder.put("d.json", format!("[{},{{\"eventVersion\":]", event(40)).as_bytes());
    folder
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reparse_gives_what_a_fresh_import_would() {
    let folder = logs();
    let (lake, fresh) = (TestLake::new(), TestLake::new());
    lake.import_as(&folder, yesterday()).await;
    fresh.import(&folder).await;
    let (before, expected) = (lake.contents().await, fresh.contents().await);
    assert_ne!(before, expected);
    let report = lake.reparse("cloudtrail").await.expect("a reparse");
    assert_eq!(lake.contents().await, expected);
    assert_eq!((report.counts.objects, report.gone_objects, report.copied), (4, 0, 0));
    assert!(report.counts.adds_up(), "{report:?}");
    let again = lake.import(&folder).await;
    assert_eq!((again.counts.skipped_objects, again.counts.records), (4, 0));
    lake.collect("cloudtrail").await;
    lake.compact("cloudtrail").await;
    assert_eq!(lake.contents().await, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_of_objects_that_are_gone_or_changed_stay() {
    let folder = logs();
    let lake = TestLake::new();
    lake.import_as(&folder, yesterday()).await;
    let other = Folder::new();
    let flow = "2 1 eni-1 10.0.0.1 10.0.0.2 1 22 6 20 9 1763596800 1763596860 ACCEPT OK";
    other.put("flows.log", format!("{flow}\n2 1 eni-1 - too short\n").as_bytes());
    lake.import(&other).await;
    let ids = lake.ids("cloudtrail").await;
    std::fs::remove_file(folder.path().join("c.json")).expect("to disk");
    folder.put("d.json", events(50..=51).as_bytes());
    let report = lake.reparse("cloudtrail").await.expect("a reparse");
    assert_eq!((report.counts.objects, report.gone_objects), (2, 2));
    // Six rows of theirs, two that were set aside of one, and a flow log's broken line.
    assert_eq!(report.copied, 9);
    let names = lake.names("cloudtrail").await;
    assert_eq!(names.len(), ids.len() + 1, "id-0009 came home");
    let nameless: Vec<&str> =
        names.iter().filter(|(_, name)| name.is_empty()).map(|(id, _)| id.as_str()).collect();
    assert_eq!(nameless, ["id-0030", "id-0031", "id-0032", "id-0033", "id-0034", "id-0040"]);
    assert_eq!(lake.quarantine_reasons().await, ["broken_json", "not_an_event", "truncated"]);
    assert!(lake.reparse("quarantine").await.is_err() && lake.reparse("nothing").await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_death_at_any_write_leaves_the_old_rows_or_the_new_ones() {
    let folder = logs();
    let fresh = TestLake::new();
    fresh.import(&folder).await;
    let expected = fresh.contents().await;
    for writes in 0.. {
        let lake = TestLake::new();
        lake.import_as(&folder, yesterday()).await;
        let before = lake.contents().await;
        let store = FaultyStore::new(Arc::new(SyncedStore::default()), writes);
        let died = lake.reparse_on(Arc::new(store.clone())).await.is_err();
        // Between the commits of two tables a death leaves one of them for the next writer.
        let left = lake.contents_of("cloudtrail").await;
        let is = |all: &[String]| {
            let trail = all.iter().filter(|line| line.starts_with("cloudtrail")).cloned();
            left == trail.collect::<Vec<_>>()
        };
        assert!(is(&before) || is(&expected), "died at write {writes}");
        let report = lake.reparse("cloudtrail").await.expect("a reparse");
        assert!(report.counts.adds_up(), "died at write {writes}: {report:?}");
        assert_eq!(lake.contents().await, expected, "died at write {writes}");
        if !died {
            assert!(writes > 8, "only {writes} writes");
            break;
        }
    }
}

/// More than a batch at the least memory there is, so that some are written before others.
fn large_logs() -> Folder {
    let folder = Folder::new();
    for n in 0..6 {
        let records = (n * 9_000..(n + 1) * 9_000).map(event).collect::<Vec<_>>();
        folder.put(&format!("{n}.json"), format!("[{}]", records.join(",")).as_bytes());
    }
    folder
}

fn dies_after(writes: i64) -> Arc<FaultyStore> {
    Arc::new(FaultyStore::new(Arc::new(SyncedStore::default()), writes))
}

/// What was written before it died is not read again.
#[tokio::test(flavor = "multi_thread")]
async fn a_reparse_goes_on_where_it_died() {
    let folder = large_logs();
    let lake = TestLake::new();
    lake.import_as(&folder, yesterday()).await;
    let (died, all) = lake.reparse_with_little_memory(dies_after(14)).await;
    assert!(died.is_err() && all == 6, "{died:?}, {all}");
    let (finished, left) = lake.reparse_with_little_memory(dies_after(i64::MAX)).await;
    let counts = finished.expect("a reparse").counts;
    assert!((1..6).contains(&left), "{left} objects were read again");
    assert_eq!((counts.objects, counts.stored), (6, 6 * 9_000));
    assert!(lake.names("cloudtrail").await.iter().all(|(_, name)| !name.is_empty()));
}

/// An object that was to be read again and is gone when the reparse goes on.
#[tokio::test(flavor = "multi_thread")]
async fn what_goes_away_after_a_reparse_died_stays() {
    let folder = large_logs();
    let lake = TestLake::new();
    lake.import_as(&folder, yesterday()).await;
    let (died, _) = lake.reparse_with_little_memory(dies_after(14)).await;
    assert!(died.is_err());
    std::fs::remove_file(folder.path().join("5.json")).expect("to disk");
    let (finished, left) = lake.reparse_with_little_memory(dies_after(i64::MAX)).await;
    let report = finished.expect("a reparse");
    assert_eq!((left, report.copied, report.counts.stored), (5, 9_000, 5 * 9_000));
    assert_eq!(lake.names("cloudtrail").await.len(), 6 * 9_000);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_of_which_all_was_set_aside_comes_home() {
    let folder = Folder::new();
    folder.put("a.json", events(9..=9).as_bytes());
    let lake = TestLake::new();
    let counts = lake.import_as(&folder, yesterday()).await.counts;
    assert_eq!((counts.stored, counts.quarantined), (0, 1));
    assert_eq!(lake.reparse("cloudtrail").await.expect("a reparse").counts.stored, 1);
    assert_eq!(lake.ids("cloudtrail").await, ["id-0009"]);
    assert_eq!(lake.quarantine_reasons().await.len(), 0);
}
