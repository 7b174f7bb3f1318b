//! Rows gathered for one table, told apart by a key each: what is judged, sorted and cut
//! into days are the keys; the rows stay where they are until a file is written.

use std::ops::Range;
use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, RecordBatch, StringArray};
use arrow::compute::interleave_record_batch;
use arrow::datatypes::{Date32Type, SchemaRef, TimestampMicrosecondType};
use kura_core::origin::is_place_id;
use kura_core::table::{Rows, TableSpec, column};

use crate::error::{Result, StoreError};
use crate::index::{Entry, Records, half, hash_of};

/// One row. In this order keys are sorted for a file: by day and time, as they came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    pub day: i32,
    pub time: i64,
    /// Which of the batches, and which row in it: the order of arrival.
    pub batch: u32,
    pub row: u32,
    /// Hash of the id.
    pub id: u64,
    pub content: u32,
}

impl Key {
    /// In this order copies of a record stand together, the first to come first.
    pub fn by_id(&self) -> (i32, u64, u32, u32) {
        (self.day, self.id, self.batch, self.row)
    }
}

/// Where the rows lie.
#[derive(Debug)]
pub struct Run {
    batches: Vec<RecordBatch>,
    ids: Vec<StringArray>,
    origins: Vec<StringArray>,
}

impl Run {
    pub fn new(gathered: Vec<Rows>) -> Result<(Arc<Run>, Vec<Key>)> {
        let mut keys = Vec::with_capacity(gathered.iter().map(|rows| rows.content.len()).sum());
        let mut run = Run { batches: Vec::new(), ids: Vec::new(), origins: Vec::new() };
        for rows in gathered {
            let batch = u32::try_from(run.batches.len()).unwrap_or(u32::MAX);
            let ids = column_of(&rows.batch, column::ID)?.as_string::<i32>().clone();
            let origins = column_of(&rows.batch, column::ORIGIN)?.as_string::<i32>().clone();
            let days = column_of(&rows.batch, column::DAY)?;
            let times = column_of(&rows.batch, column::TIME)?;
            let days = days.as_primitive::<Date32Type>().values();
            let times = times.as_primitive::<TimestampMicrosecondType>().values();
            for (row, content) in (0u32..).zip(&rows.content) {
                let at = row as usize;
                let id = hash_of(ids.value(at));
                let (day, time, content) = (days[at], times[at], half(*content));
                keys.push(Key { day, time, batch, row, id, content });
            }
            run.batches.push(rows.batch);
            run.ids.push(ids);
            run.origins.push(origins);
        }
        Ok((Arc::new(run), keys))
    }

    /// The real id.
    pub fn id(&self, key: &Key) -> &str {
        self.ids[key.batch as usize].value(key.row as usize)
    }

    /// Whether the row has no id of its own, only its place.
    pub fn is_by_place(&self, key: &Key) -> bool {
        is_place_id(self.id(key), self.origins[key.batch as usize].value(key.row as usize))
    }
}

pub fn column_of(batch: &RecordBatch, name: &str) -> Result<ArrayRef> {
    batch
        .column_by_name(name)
        .cloned()
        .ok_or_else(|| StoreError::damaged(name, "a column that every table has is missing"))
}

/// The rows of one file: some of a run's, in the order in which they will lie.
#[derive(Debug, Clone)]
pub struct DayRows {
    run: Arc<Run>,
    keys: Arc<[Key]>,
}

/// Sorts what is left of a run and cuts it into days.
pub fn days(run: &Arc<Run>, mut keys: Vec<Key>) -> Vec<DayRows> {
    keys.sort_unstable();
    let of_one_day = keys.chunk_by(|a, b| a.day == b.day);
    of_one_day.map(|keys| DayRows { run: run.clone(), keys: keys.into() }).collect()
}

impl DayRows {
    pub fn day(&self) -> i32 {
        self.keys.first().map_or(0, |key| key.day)
    }

    pub fn schema(&self, spec: &TableSpec) -> SchemaRef {
        self.run.batches.first().map_or_else(|| spec.schema.clone(), RecordBatch::schema)
    }

    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// What the rows come to in memory, if they are as large as others of their run.
    pub fn bytes(&self) -> u64 {
        let bytes: usize = self.run.batches.iter().map(|b| b.get_array_memory_size()).sum();
        let rows: usize = self.run.batches.iter().map(RecordBatch::num_rows).sum();
        (bytes / rows.max(1) * self.len()) as u64
    }

    pub fn batch(&self, rows: Range<usize>) -> Result<RecordBatch> {
        let batches: Vec<&RecordBatch> = self.run.batches.iter().collect();
        let places: Vec<(usize, usize)> =
            self.keys[rows].iter().map(|key| (key.batch as usize, key.row as usize)).collect();
        Ok(interleave_record_batch(&batches, &places)?)
    }

    /// The real id of a row of the file.
    pub fn id(&self, row: u32) -> Option<&str> {
        self.keys.get(row as usize).map(|key| self.run.id(key))
    }

    pub fn records(&self) -> Records {
        let entry = |(row, key): (u32, &Key)| Entry { id: key.id, content: key.content, row };
        Records::new((0..).zip(self.keys.iter()).map(entry).collect())
    }
}
