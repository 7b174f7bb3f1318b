//! A lake in a temporary folder, filled with made-up CloudTrail events: decoded by the
//! format's own decoder, written as Parquet, committed with Delta.

use std::path::Path;
use std::sync::Arc;

use arrow::array::{Array, AsArray, RecordBatch, TimestampMicrosecondArray};
use arrow::compute::take_record_batch;
use arrow::datatypes::{Date32Type, TimestampMicrosecondType};
use deltalake_core::kernel::transaction::{CommitBuilder, CommitProperties};
use deltalake_core::kernel::{Action, Add};
use deltalake_core::protocol::{DeltaOperation, SaveMode};
use kura_core::clock::FixedClock;
use kura_core::origin::ObjectFacts;
use kura_core::table::{Rows, TableSpec};
use kura_core::time::{day_text, parse_log_time, rfc3339};
use kura_formats::formats::{CloudTrail, RawRecord};
use kura_formats::{Decoder, Format};
use kura_query::Engine;
use kura_store::{Lake, Location, delta};
use parquet::arrow::ArrowWriter;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use serde_json::{Value, json};

pub mod events;

pub const NOW: &str = "2026-11-21T12:00:00Z";

/// A lake, its engine, and the folder that holds both for as long as they are used.
pub struct TestLake {
    pub engine: Engine,
    pub lake: Lake,
    _folder: tempfile::TempDir,
}

impl TestLake {
    pub fn new(engine: Engine, lake: Lake, folder: tempfile::TempDir) -> Self {
        TestLake { engine, lake, _folder: folder }
    }
}

/// A lake whose `cloudtrail` is made of one file per day and batch of events.
pub async fn lake_of(batches: &[Vec<Value>]) -> TestLake {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let lake = empty_lake(folder.path()).await;
    for events in batches {
        append(&lake, &CloudTrail.table(), decode(events)).await;
    }
    let engine = Engine::new(lake.clone(), 256 << 20, 2).expect("an engine");
    TestLake { engine, lake, _folder: folder }
}

pub async fn empty_lake(folder: &Path) -> Lake {
    let clock = Arc::new(FixedClock::at(parse_log_time(NOW).expect("a time")));
    let location = Location::folder(folder).expect("a folder");
    Lake::open_or_create(location, clock).await.expect("a lake")
}

fn decode(events: &[Value]) -> Rows {
    let mut decoder: Box<dyn Decoder> = CloudTrail.decoder();
    let facts = ObjectFacts {
        uri: "s3://logs/object.json.gz".to_owned(),
        arrival: parse_log_time(NOW).expect("a time"),
        ..ObjectFacts::default()
    };
    for (at, event) in events.iter().enumerate() {
        let bytes = event.to_string();
        let number = at as u64 + 1;
        let record = RawRecord { bytes: bytes.as_bytes(), number, compact: true };
        decoder.decode(record, &facts).expect("an event");
    }
    decoder.finish().expect("rows")
}

async fn append(lake: &Lake, spec: &TableSpec, rows: Rows) {
    let location = lake.location();
    std::fs::create_dir_all(Path::new(&location.name).join("tables").join(spec.name.as_ref()))
        .expect("a folder");
    let mut table = delta::open_or_create(location, spec).await.expect("a table");
    let days: Vec<i32> =
        rows.batch["day"].as_primitive::<Date32Type>().values().iter().copied().collect();
    let mut distinct = days.clone();
    distinct.sort_unstable();
    distinct.dedup();
    let mut actions = Vec::new();
    for day in distinct {
        let picked = (0..days.len() as u64).filter(|&row| days[row as usize] == day);
        let of_day = take_record_batch(&rows.batch, &picked.collect::<arrow::array::UInt64Array>());
        actions.push(write_file(lake, spec, day, &of_day.expect("rows")).await);
    }
    let operation =
        DeltaOperation::Write { mode: SaveMode::Append, partition_by: None, predicate: None };
    CommitBuilder::from(CommitProperties::default())
        .with_actions(actions)
        .build(Some(table.snapshot().expect("a snapshot")), table.log_store(), operation)
        .await
        .expect("a commit");
    table.update_state().await.expect("the log");
}

async fn write_file(lake: &Lake, spec: &TableSpec, day: i32, rows: &RecordBatch) -> Action {
    let order = arrow::compute::sort_to_indices(&rows["_time"], None, None).expect("an order");
    let rows = take_record_batch(rows, &order).expect("rows");
    let keep: Vec<usize> =
        (0..rows.num_columns()).filter(|&at| rows.schema_ref().field(at).name() != "day").collect();
    let stored = rows.project(&keep).expect("columns");
    let properties = WriterProperties::builder()
        .set_max_row_group_row_count(Some(64))
        .set_statistics_enabled(EnabledStatistics::Page);
    let mut writer = ArrowWriter::try_new(Vec::new(), stored.schema(), Some(properties.build()))
        .expect("a writer");
    writer.write(&stored).expect("rows");
    let bytes = writer.into_inner().expect("a file");
    let name = format!("day={}/{}.parquet", day_text(day), uuid::Uuid::new_v4());
    let path = lake.location().data_file(&spec.name, &name);
    let size = bytes.len() as i64;
    let store = lake.location().store.clone();
    object_store::ObjectStoreExt::put(&store, &path, bytes.into()).await.expect("stored");
    Action::Add(Add {
        path: name,
        partition_values: [("day".to_owned(), Some(day_text(day)))].into(),
        size,
        data_change: true,
        stats: Some(statistics(spec, &rows)),
        ..Add::default()
    })
}

/// As the store writes them: rows, bounds, nulls.
fn statistics(spec: &TableSpec, rows: &RecordBatch) -> String {
    let (mut min, mut max, mut nulls) = (json!({}), json!({}), json!({}));
    for name in &spec.statistics {
        let column = &rows[name];
        nulls[name] = column.null_count().into();
        if name == "_time" {
            let times: &TimestampMicrosecondArray =
                column.as_primitive::<TimestampMicrosecondType>();
            min[name] = rfc3339(arrow::compute::min(times).expect("a time")).into();
            max[name] = rfc3339(arrow::compute::max(times).expect("a time")).into();
        } else if let Some(low) = arrow::compute::min_string(column.as_string::<i32>()) {
            min[name] = low.into();
            max[name] = arrow::compute::max_string(column.as_string::<i32>()).into();
        }
    }
    json!({"numRecords": rows.num_rows(), "minValues": min, "maxValues": max, "nullCount": nulls})
        .to_string()
}

/// Rows as a person would write them down: cells with `|`, a line each.
pub fn lines(batches: &[RecordBatch]) -> Vec<String> {
    let options = arrow::util::display::FormatOptions::default().with_null("NULL");
    let mut lines = Vec::new();
    for batch in batches {
        let columns: Vec<_> = batch
            .columns()
            .iter()
            .map(|c| arrow::util::display::ArrayFormatter::try_new(c, &options).expect("shown"))
            .collect();
        for row in 0..batch.num_rows() {
            let cells: Vec<String> = columns.iter().map(|c| c.value(row).to_string()).collect();
            lines.push(cells.join(" | "));
        }
    }
    lines
}
