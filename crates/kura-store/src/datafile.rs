//! Data files: sorted rows of one table and day, as Parquet, with index and statistics.

use std::collections::BTreeMap;
use std::io::Write;
use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, Date32Array, RecordBatch, new_null_array};
use arrow::compute::{CastOptions, cast_with_options};
use arrow::datatypes::{Schema, SchemaRef};
use arrow::util::display::FormatOptions;
use bytes::Bytes;
use futures::future::BoxFuture;
use futures::stream::BoxStream;
use futures::{FutureExt, StreamExt, TryStreamExt};
use kura_core::table::{TableSpec, column};
use kura_core::time::day_text;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ArrowReaderOptions;
use parquet::arrow::arrow_reader::{RowSelection, RowSelector};
use parquet::arrow::async_reader::AsyncFileReader;
use parquet::arrow::{ParquetRecordBatchStreamBuilder, ProjectionMask};
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::metadata::{
    PageIndexPolicy, ParquetMetaData, ParquetMetaDataReader, SortingColumn,
};
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::schema::types::ColumnPath;

use crate::error::{Result, StoreError};
use crate::index::{self, NeedlesBuilder, Records};
use crate::run::DayRows;
use crate::statistics::{Statistics, StatisticsBuilder};

const STRICT: CastOptions<'static> =
    CastOptions { safe: false, format_options: FormatOptions::new() };

/// Level 3 is a tenth smaller than 1 and costs a third more time in encoding; levels above
/// pay less.
const ZSTD_LEVEL: i32 = 1;
const ROW_GROUP_ROWS_MAX: usize = 64 << 10;
/// One row of all columns is read by a page of each.
const PAGE_ROWS_MAX: usize = 4 << 10;
/// Pages end where so many values were looked at.
const WRITE_BATCH_ROWS: usize = 1 << 10;
/// Rows put together and handed to the encoder at a time, or read and held: so many, unless
/// they are large.
const ROWS_AT_A_TIME: usize = 8 << 10;
const BYTES_AT_A_TIME: u64 = 16 << 20;

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

/// A data file under construction: sorted rows of one day come in, pieces of Parquet go to
/// `out`, and what index and log will say of them is gathered on the way.
pub struct FileWriter<W: Write + Send> {
    day: i32,
    parquet: ArrowWriter<W>,
    rows: usize,
    needles: BTreeMap<String, NeedlesBuilder>,
    statistics: StatisticsBuilder,
}

/// What there is to say of a data file that is written.
#[derive(Debug)]
pub struct Written<W> {
    pub out: W,
    pub index: Bytes,
    pub statistics: Statistics,
}

impl<W: Write + Send> FileWriter<W> {
    pub fn new(spec: &TableSpec, day: i32, out: W) -> Result<Self> {
        let stored = Arc::new(stored_schema(spec));
        let parquet = ArrowWriter::try_new(out, stored.clone(), Some(properties(spec, &stored)?))?;
        let needles = spec.needles.iter().map(|name| (name.clone(), NeedlesBuilder::default()));
        Ok(FileWriter {
            day,
            parquet,
            rows: 0,
            needles: needles.collect(),
            statistics: StatisticsBuilder::new(&spec.statistics),
        })
    }

    pub fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        for (name, needles) in &mut self.needles {
            if let Some(values) = batch.column_by_name(name) {
                needles.add(values, self.rows, ROW_GROUP_ROWS_MAX);
            }
        }
        self.statistics.add(batch);
        self.rows += batch.num_rows();
        self.parquet.write(&without_day(batch)?)?;
        Ok(())
    }

    /// `records` are those of the file, by id.
    pub fn finish(self, records: &Records) -> Result<Written<W>> {
        let out = self.parquet.into_inner()?;
        let needles = self.needles.into_iter().map(|(name, needles)| (name, needles.finish()));
        let index = index::encode(records, ROW_GROUP_ROWS_MAX, &needles.collect())
            .map_err(|e| StoreError::damaged("index", e))?;
        Ok(Written { out, index: index.into(), statistics: self.statistics.finish() })
    }
}

impl FileWriter<Vec<u8>> {
    /// The pieces of the file that are finished so far.
    pub fn take_bytes(&mut self) -> Vec<u8> {
        std::mem::take(self.parquet.inner_mut())
    }
}

/// Encodes the rows of one file.
pub fn encode(spec: &TableSpec, rows: &DayRows) -> Result<Encoded> {
    // The rows' own columns: the table may have more.
    let spec = &TableSpec { schema: rows.schema(spec), ..spec.clone() };
    let mut writer = FileWriter::new(spec, rows.day(), Vec::new())?;
    let at_a_time = rows_at_a_time(rows.len() as u64, rows.bytes());
    let mut from = 0;
    while from < rows.len() {
        let to = rows.len().min(from + at_a_time);
        writer.write(&rows.batch(from..to)?)?;
        from = to;
    }
    let day = writer.day;
    let Written { out, index, statistics } = writer.finish(&rows.records())?;
    Ok(Encoded { day, data: out.into(), index, statistics })
}

/// How many rows come to not much memory, if so many come to so many bytes.
fn rows_at_a_time(rows: u64, bytes: u64) -> usize {
    let row_bytes = bytes / rows.max(1) + 1;
    let fit = usize::try_from(BYTES_AT_A_TIME / row_bytes).unwrap_or(ROWS_AT_A_TIME);
    fit.clamp(1, ROWS_AT_A_TIME)
}

/// The partition column is in the log and in the path, not in the file.
fn without_day(batch: &RecordBatch) -> Result<RecordBatch> {
    let keep: Vec<usize> = (0..batch.num_columns())
        .filter(|&at| batch.schema_ref().field(at).name() != column::DAY)
        .collect();
    Ok(batch.project(&keep)?)
}

fn stored_schema(spec: &TableSpec) -> Schema {
    let fields = spec.schema.fields().iter().filter(|field| field.name() != column::DAY);
    Schema::new(fields.cloned().collect::<Vec<_>>())
}

fn properties(spec: &TableSpec, stored: &Schema) -> Result<WriterProperties> {
    let mut properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(ZSTD_LEVEL)?))
        .set_max_row_group_row_count(Some(ROW_GROUP_ROWS_MAX))
        .set_data_page_row_count_limit(PAGE_ROWS_MAX)
        .set_write_batch_size(WRITE_BATCH_ROWS)
        .set_statistics_enabled(EnabledStatistics::Chunk)
        .set_created_by(concat!("kura ", env!("CARGO_PKG_VERSION")).to_owned());
    if let Ok(at) = stored.index_of(column::TIME) {
        let column_idx = i32::try_from(at).unwrap_or(0);
        let by_time = SortingColumn { column_idx, descending: false, nulls_first: false };
        properties = properties.set_sorting_columns(Some(vec![by_time]));
    }
    for name in &spec.statistics {
        let path = ColumnPath::from(name.as_str());
        properties = properties.set_column_statistics_enabled(path, EnabledStatistics::Page);
    }
    let plain = [(column::TIME, Encoding::DELTA_BINARY_PACKED)];
    // Ids are of one length, and origins begin alike.
    let texts = [(column::ID, Encoding::DELTA_LENGTH_BYTE_ARRAY)].into_iter();
    let texts = texts.chain([(column::ORIGIN, Encoding::DELTA_BYTE_ARRAY)]);
    let distinct = spec.distinct.iter();
    let distinct = distinct.map(|name| (name.as_str(), Encoding::DELTA_LENGTH_BYTE_ARRAY));
    for (name, encoding) in plain.into_iter().chain(texts).chain(distinct) {
        let path = ColumnPath::from(name);
        properties = properties
            .set_column_dictionary_enabled(path.clone(), false)
            .set_column_statistics_enabled(
                path.clone(),
                match name {
                    column::TIME => EnabledStatistics::Page,
                    _ => EnabledStatistics::None,
                },
            )
            .set_column_encoding(path, encoding);
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

/// Some columns of a data file, those of them that it has.
pub async fn columns_of(
    store: Arc<dyn ObjectStore>,
    path: &Path,
    size: u64,
    names: &[&str],
) -> Result<BoxStream<'static, Result<RecordBatch>>> {
    let reader = FileReader { store, path: path.clone(), size };
    let builder = ParquetRecordBatchStreamBuilder::new(reader).await?;
    let builder = builder.with_batch_size(ROWS_AT_A_TIME);
    let mask = ProjectionMask::columns(builder.parquet_schema(), names.iter().copied());
    Ok(builder.with_projection(mask).build()?.map_err(Into::into).boxed())
}

/// The rows of a data file.
pub struct StoredRows {
    pub rows: BoxStream<'static, Result<RecordBatch>>,
    /// At most so many come together.
    pub at_a_time: usize,
}

/// The rows of a data file, some at a time, with the `day` column that the file leaves out.
pub async fn rows_of(
    store: Arc<dyn ObjectStore>,
    spec: &TableSpec,
    path: &Path,
    size: u64,
    day: i32,
) -> Result<StoredRows> {
    let reader = FileReader { store, path: path.clone(), size };
    let builder = ParquetRecordBatchStreamBuilder::new(reader).await?;
    let (rows, bytes) = rows_and_bytes(builder.metadata());
    let at_a_time = rows_at_a_time(rows, bytes);
    let schema = spec.schema.clone();
    let rows = builder.with_batch_size(at_a_time).build()?;
    let rows = rows.map(move |batch| with_day(&schema, &batch?, day)).boxed();
    Ok(StoredRows { rows, at_a_time })
}

fn with_day(schema: &SchemaRef, stored: &RecordBatch, day: i32) -> Result<RecordBatch> {
    let rows = stored.num_rows();
    let columns = schema.fields().iter().map(|field| {
        if field.name() == column::DAY {
            let days: ArrayRef = Arc::new(Date32Array::from_value(day, rows));
            return Ok(days);
        }
        match stored.column_by_name(field.name()) {
            // What does not fit is an error, never a null.
            Some(values) => Ok(cast_with_options(values, field.data_type(), &STRICT)?),
            None => Ok(new_null_array(field.data_type(), rows)),
        }
    });
    let columns = columns.collect::<Result<Vec<_>>>()?;
    Ok(RecordBatch::try_new(schema.clone(), columns)?)
}

/// Rows a file holds by its own footer, and the bytes its columns come to uncompressed.
pub async fn footer(store: Arc<dyn ObjectStore>, path: &Path, size: u64) -> Result<(u64, u64)> {
    let reader = FileReader { store, path: path.clone(), size };
    let builder = ParquetRecordBatchStreamBuilder::new(reader).await?;
    Ok(rows_and_bytes(builder.metadata()))
}

fn rows_and_bytes(metadata: &ParquetMetaData) -> (u64, u64) {
    let rows = u64::try_from(metadata.file_metadata().num_rows()).unwrap_or(0);
    let plain = metadata.row_groups().iter().map(|group| group.total_byte_size()).sum::<i64>();
    (rows, u64::try_from(plain).unwrap_or(0))
}
