//! Data files: sorted rows of one table and day, as Parquet, with index and statistics.

use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, RecordBatch, UInt32Array};
use arrow::compute::{SortColumn, concat_batches, lexsort_to_indices, take_record_batch};
use arrow::datatypes::Date32Type;
use bytes::Bytes;
use kura_core::table::{Rows, TableSpec, column, fingerprint};
use kura_core::time::day_text;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ArrowReaderOptions;
use parquet::arrow::arrow_reader::{ParquetRecordBatchReaderBuilder, RowSelection, RowSelector};
use parquet::arrow::async_reader::AsyncFileReader;
use parquet::arrow::{ParquetRecordBatchStreamBuilder, ProjectionMask};
use parquet::basic::{Compression, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::metadata::{
    PageIndexPolicy, ParquetMetaData, ParquetMetaDataReader, SortingColumn,
};
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::schema::types::ColumnPath;

use futures::future::BoxFuture;
use futures::{FutureExt, TryStreamExt};
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt};

use crate::error::{Result, StoreError};
use crate::index::{Entry, Index};
use crate::statistics::Statistics;

/// Level 3 is a tenth smaller than 1 and costs a third more time in encoding; levels above
/// pay less.
const ZSTD_LEVEL: i32 = 3;
const ROW_GROUP_ROWS_MAX: usize = 64 << 10;
/// Bloom filters cost memory while written: beyond this many distinct values per row group
/// they are as large as they are useful.
const BLOOM_VALUES_MAX: u64 = ROW_GROUP_ROWS_MAX as u64;

/// A data file that is encoded and not yet anywhere.
#[derive(Debug)]
pub struct Encoded {
    pub day: i32,
    pub data: Bytes,
    pub index: Bytes,
    pub statistics: Statistics,
}

/// The name of a new data file, within its table.
pub fn new_name(day: i32) -> String {
    format!("{}={}/{}.parquet", column::DAY, day_text(day), uuid::Uuid::new_v4())
}

/// Rows of one table as one batch.
pub fn gather(spec: &TableSpec, runs: &[Rows]) -> Result<(RecordBatch, Vec<u64>)> {
    let batch = concat_batches(&spec.schema, runs.iter().map(|rows| &rows.batch))?;
    let content = runs.iter().flat_map(|rows| rows.content.iter().copied()).collect();
    Ok((batch, content))
}

/// Sorts rows by day, time and arrival, and cuts them into days.
pub fn sorted_days(
    batch: &RecordBatch,
    content: &[u64],
) -> Result<Vec<(i32, RecordBatch, Vec<u64>)>> {
    if batch.num_rows() == 0 {
        return Ok(Vec::new());
    }
    let order = sort_order(batch)?;
    let sorted = take_record_batch(batch, &order)?;
    let content: Vec<u64> = order.values().iter().map(|&row| content[row as usize]).collect();
    let days = days_of(&sorted)?;
    let mut cut = Vec::new();
    let mut from = 0;
    while from < days.len() {
        let day = days[from];
        let rows = days[from..].partition_point(|&d| d == day);
        cut.push((day, sorted.slice(from, rows), content[from..from + rows].to_vec()));
        from += rows;
    }
    Ok(cut)
}

fn sort_order(batch: &RecordBatch) -> Result<UInt32Array> {
    let rows = u32::try_from(batch.num_rows()).unwrap_or(u32::MAX);
    let arrival: ArrayRef = Arc::new(UInt32Array::from_iter_values(0..rows));
    let by = |values: ArrayRef| SortColumn { values, options: None };
    let keys =
        [by(column_of(batch, column::DAY)?), by(column_of(batch, column::TIME)?), by(arrival)];
    Ok(lexsort_to_indices(&keys, None)?)
}

pub fn column_of(batch: &RecordBatch, name: &str) -> Result<ArrayRef> {
    batch
        .column_by_name(name)
        .cloned()
        .ok_or_else(|| StoreError::damaged(name, "a column that every table has is missing"))
}

pub fn days_of(batch: &RecordBatch) -> Result<Vec<i32>> {
    Ok(column_of(batch, column::DAY)?.as_primitive::<Date32Type>().values().to_vec())
}

/// Encodes the sorted rows of one day.
pub fn encode(spec: &TableSpec, day: i32, batch: &RecordBatch, content: &[u64]) -> Result<Encoded> {
    let stored = without_day(batch)?;
    let mut writer =
        ArrowWriter::try_new(Vec::new(), stored.schema(), Some(properties(spec, &stored)?))?;
    writer.write(&stored)?;
    let data = writer.into_inner()?;
    let ids = column_of(batch, column::ID)?;
    let ids = ids.as_string::<i32>();
    let entries = (0..batch.num_rows()).map(|row| Entry {
        id: fingerprint(ids.value(row).as_bytes()),
        content: content[row],
        row: u32::try_from(row).unwrap_or(u32::MAX),
    });
    let index =
        Index::new(entries.collect()).encode().map_err(|e| StoreError::damaged("index", e))?;
    let statistics = Statistics::of(batch, spec.statistics);
    Ok(Encoded { day, data: data.into(), index: index.into(), statistics })
}

/// The partition column is in the log and in the path, not in the file.
fn without_day(batch: &RecordBatch) -> Result<RecordBatch> {
    let keep: Vec<usize> = (0..batch.num_columns())
        .filter(|&at| batch.schema_ref().field(at).name() != column::DAY)
        .collect();
    Ok(batch.project(&keep)?)
}

fn properties(spec: &TableSpec, stored: &RecordBatch) -> Result<WriterProperties> {
    let mut properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(ZSTD_LEVEL)?))
        .set_max_row_group_row_count(Some(ROW_GROUP_ROWS_MAX))
        .set_statistics_enabled(EnabledStatistics::Page)
        .set_created_by(concat!("kura ", env!("CARGO_PKG_VERSION")).to_owned());
    if let Ok(at) = stored.schema_ref().index_of(column::TIME) {
        let column_idx = i32::try_from(at).unwrap_or(0);
        let by_time = SortingColumn { column_idx, descending: false, nulls_first: false };
        properties = properties.set_sorting_columns(Some(vec![by_time]));
    }
    // Times and ids never repeat enough for a dictionary to pay.
    for name in [column::TIME, column::ID, column::ORIGIN] {
        properties = properties.set_column_dictionary_enabled(ColumnPath::from(name), false);
    }
    let values = (stored.num_rows() as u64).clamp(1, BLOOM_VALUES_MAX);
    for &name in spec.blooms {
        properties = properties
            .set_column_bloom_filter_enabled(ColumnPath::from(name), true)
            .set_column_bloom_filter_max_ndv(ColumnPath::from(name), values);
    }
    Ok(properties.build())
}

/// The real ids in some rows of a data file, in the order of `rows`, which ascend.
pub async fn read_ids(
    store: Arc<dyn ObjectStore>,
    path: &Path,
    size: u64,
    rows: &[u32],
) -> Result<Vec<String>> {
    let reader = FileReader { store, path: path.clone(), size };
    let builder = ParquetRecordBatchStreamBuilder::new(reader).await?;
    let mask = ProjectionMask::columns(builder.parquet_schema(), [column::ID]);
    let mut selectors = Vec::new();
    let mut at = 0usize;
    for &row in rows {
        let row = row as usize;
        selectors.push(RowSelector::skip(row - at));
        selectors.push(RowSelector::select(1));
        at = row + 1;
    }
    let stream =
        builder.with_projection(mask).with_row_selection(RowSelection::from(selectors)).build()?;
    let batches: Vec<RecordBatch> = stream.try_collect().await?;
    let mut ids = Vec::with_capacity(rows.len());
    for batch in &batches {
        ids.extend(batch.column(0).as_string::<i32>().iter().map(|id| id.unwrap_or("").to_owned()));
    }
    Ok(ids)
}

/// A data file as the Parquet reader asks for it: ranges of bytes.
struct FileReader {
    store: Arc<dyn ObjectStore>,
    path: Path,
    size: u64,
}

impl AsyncFileReader for FileReader {
    fn get_bytes(
        &mut self,
        range: std::ops::Range<u64>,
    ) -> BoxFuture<'_, parquet::errors::Result<Bytes>> {
        let read = async move { self.store.get_range(&self.path, range).await };
        read.map(|got| got.map_err(|e| ParquetError::External(Box::new(e)))).boxed()
    }

    fn get_metadata<'a>(
        &'a mut self,
        _options: Option<&'a ArrowReaderOptions>,
    ) -> BoxFuture<'a, parquet::errors::Result<Arc<ParquetMetaData>>> {
        let size = self.size;
        let read = async move {
            ParquetMetaDataReader::new()
                .with_page_index_policy(PageIndexPolicy::Optional)
                .load_and_finish(self, size)
                .await
        };
        read.map(|metadata| metadata.map(Arc::new)).boxed()
    }
}

/// All rows of a data file, with the `day` column that the file leaves out.
pub async fn read_rows(
    store: Arc<dyn ObjectStore>,
    spec: &TableSpec,
    path: &Path,
    day: i32,
) -> Result<RecordBatch> {
    let bytes = store.get(path).await?.bytes().await?;
    let reader = ParquetRecordBatchReaderBuilder::try_new(bytes)?.build()?;
    let parts = reader.collect::<std::result::Result<Vec<_>, _>>()?;
    let rows: usize = parts.iter().map(RecordBatch::num_rows).sum();
    let Some(first) = parts.first() else { return Ok(RecordBatch::new_empty(spec.schema.clone())) };
    let whole = concat_batches(&first.schema(), &parts)?;
    let columns = spec.schema.fields().iter().map(|field| {
        if field.name() == column::DAY {
            let days: ArrayRef = Arc::new(arrow::array::Date32Array::from_value(day, rows));
            return Ok(days);
        }
        match whole.column_by_name(field.name()) {
            Some(values) => Ok(arrow::compute::cast(values, field.data_type())?),
            None => Ok(arrow::array::new_null_array(field.data_type(), rows)),
        }
    });
    let columns = columns.collect::<Result<Vec<_>>>()?;
    Ok(RecordBatch::try_new(spec.schema.clone(), columns)?)
}

/// Rows a file holds by its own footer, and the bytes its columns come to uncompressed.
pub async fn footer(store: Arc<dyn ObjectStore>, path: &Path, size: u64) -> Result<(u64, u64)> {
    let reader = FileReader { store, path: path.clone(), size };
    let builder = ParquetRecordBatchStreamBuilder::new(reader).await?;
    let metadata = builder.metadata();
    let rows = u64::try_from(metadata.file_metadata().num_rows()).unwrap_or(0);
    let plain = metadata.row_groups().iter().map(|group| group.total_byte_size()).sum::<i64>();
    Ok((rows, u64::try_from(plain).unwrap_or(0)))
}

/// Picks entries by a list of rows.
pub fn take_content(content: &[u64], keep: &[bool]) -> Vec<u64> {
    content.iter().zip(keep).filter(|&(_, keep)| *keep).map(|(&c, _)| c).collect()
}
