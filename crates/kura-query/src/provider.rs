//! A snapshot as a table that DataFusion can scan: plain `DataSourceExec(ParquetSource)`
//! over the files that pruning leaves.
//!
//! 1. Filters on `day` alone are answered here, exactly, file by file.
//! 2. All filters, and what they imply for flat columns, prune files by their bounds.
//! 3. Values that they ask for are looked up in the index files, which name the row groups
//!    or the very rows.
//! 4. What they imply goes into the Parquet predicate, for row groups and pages; the filters
//!    themselves follow when DataFusion pushes them down.
//! 5. Rows that came by stream and are in no file yet are scanned beside them.
//! 6. The collector of the question is told what was left out.

use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use async_trait::async_trait;
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::stats::Precision;
use datafusion::common::{
    ColumnStatistics, DFSchema, DataFusionError, Result, ScalarValue, Statistics,
};
use datafusion::datasource::listing::PartitionedFile;
use datafusion::datasource::object_store::ObjectStoreUrl;
use datafusion::datasource::physical_plan::parquet::CachedParquetFileReaderFactory;
use datafusion::datasource::physical_plan::{FileGroup, FileScanConfigBuilder, ParquetSource};
use datafusion::datasource::source::DataSourceExec;
use datafusion::datasource::table_schema::TableSchema;
use datafusion::logical_expr::{Expr, TableProviderFilterPushDown, TableType};
use datafusion::physical_expr::utils::conjunction;
use datafusion::physical_plan::empty::EmptyExec;
use datafusion::physical_plan::union::UnionExec;
use datafusion::physical_plan::{ExecutionPlan, PhysicalExpr};
use kura_core::table::column;
use kura_formats::formats::FlatCopy;
use kura_store::{ColumnRange, DataFile, Lake, TableSnapshot, Value};
use object_store::ObjectMeta;

use crate::flat;
use crate::hot_rows;
use crate::needles::{self, Candidate, Indexes};
use crate::pruning::{self, known_rows};
use crate::readers::Readers;
use crate::stats::Collector;

/// Where files are read, and what is known of them.
#[derive(Debug, Clone)]
pub struct Files {
    pub lake: Lake,
    pub store: ObjectStoreUrl,
    /// `None` to scan without the index.
    pub indexes: Option<Arc<Indexes>>,
}

/// One version of a table, for one question.
#[derive(Debug)]
pub struct SnapshotTable {
    snapshot: Arc<TableSnapshot>,
    /// Rows that are in no file yet.
    hot: Vec<RecordBatch>,
    /// The files' columns, then the partition.
    schema: SchemaRef,
    in_files: TableSchema,
    files: Files,
    copies: &'static [FlatCopy],
    collector: Arc<Collector>,
}

impl SnapshotTable {
    /// `hot` are rows of the table that are in none of its files, `copies` the flat columns
    /// that predicates may be said again on.
    ///
    /// # Errors
    /// If a hot row has a column of another type than the table.
    pub fn new<'a>(
        snapshot: Arc<TableSnapshot>,
        hot: impl Iterator<Item = &'a RecordBatch>,
        files: Files,
        copies: &'static [FlatCopy],
        collector: Arc<Collector>,
    ) -> Result<Self> {
        let columns = snapshot.schema.fields().iter().filter(|field| field.name() != column::DAY);
        let in_files = Arc::new(Schema::new(columns.cloned().collect::<Vec<_>>()));
        let day = Arc::new(Field::new(column::DAY, DataType::Date32, false));
        let in_files = TableSchema::builder(in_files).with_table_partition_cols(vec![day]).build();
        let schema = in_files.table_schema().clone();
        let hot = hot_rows::aligned(hot, &schema)?;
        Ok(SnapshotTable { snapshot, hot, schema, in_files, files, copies, collector })
    }

    fn physical(
        &self,
        state: &dyn Session,
        filters: &[Expr],
    ) -> Result<Vec<Arc<dyn PhysicalExpr>>> {
        let schema = DFSchema::try_from(self.schema.clone())?;
        filters.iter().map(|filter| state.create_physical_expr(filter.clone(), &schema)).collect()
    }

    fn scan_of(
        &self,
        state: &dyn Session,
        files: &[Candidate],
        predicate: Option<Arc<dyn PhysicalExpr>>,
    ) -> Result<FileScanConfigBuilder> {
        let runtime = state.runtime_env();
        let readers = CachedParquetFileReaderFactory::new(
            runtime.object_store(&self.files.store)?,
            runtime.cache_manager.get_file_metadata_cache(),
        );
        let mut source = ParquetSource::new(self.in_files.clone())
            .with_table_parquet_options(state.table_options().parquet.clone())
            .with_parquet_file_reader_factory(Arc::new(Readers(readers)))
            .with_pushdown_filters(true)
            .with_reorder_filters(true);
        if let Some(predicate) = predicate {
            source = source.with_predicate(predicate);
        }
        let groups = self.file_groups(files, state.config().target_partitions());
        let kept: Vec<&DataFile> = files.iter().map(|candidate| &candidate.file).collect();
        Ok(FileScanConfigBuilder::new(self.files.store.clone(), Arc::new(source))
            .with_file_groups(groups)
            .with_statistics(table_statistics(&kept, &self.schema)))
    }

    async fn by_index(
        &self,
        files: Vec<DataFile>,
        filters: &[Arc<dyn PhysicalExpr>],
    ) -> Result<Vec<Candidate>> {
        let Some(indexes) = &self.files.indexes else {
            let all = files.into_iter().map(|file| Candidate { file, access: None });
            return Ok(all.collect());
        };
        let table = &self.snapshot.name;
        let (candidates, bytes) =
            needles::by_index(&self.files.lake, indexes, table, files, filters)
                .await
                .map_err(|error| DataFusionError::External(Box::new(error)))?;
        self.collector.index_read(bytes);
        Ok(candidates)
    }

    /// Files newest first, spread so that the groups are of about one size.
    fn file_groups(&self, files: &[Candidate], groups: usize) -> Vec<FileGroup> {
        let mut newest_first: Vec<&Candidate> = files.iter().collect();
        newest_first.sort_by_key(|Candidate { file, .. }| {
            std::cmp::Reverse((file.times.map(|t| t.1), file.day))
        });
        let groups = groups.clamp(1, files.len().max(1));
        let mut spread: Vec<(u64, Vec<PartitionedFile>)> = vec![(0, Vec::new()); groups];
        for file in newest_first {
            let Some(least) = spread.iter_mut().min_by_key(|(bytes, _)| *bytes) else { break };
            least.0 += file.file.size;
            least.1.push(partitioned_file(file, &self.schema));
        }
        spread.into_iter().map(|(_, files)| FileGroup::new(files)).collect()
    }
}

#[async_trait]
impl TableProvider for SnapshotTable {
    fn schema(&self) -> SchemaRef {
        self.schema.clone()
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    fn statistics(&self) -> Option<Statistics> {
        if !self.hot.is_empty() {
            return None;
        }
        let files: Vec<&DataFile> = self.snapshot.files.iter().collect();
        Some(table_statistics(&files, &self.schema))
    }

    fn supports_filters_pushdown(
        &self,
        filters: &[&Expr],
    ) -> Result<Vec<TableProviderFilterPushDown>> {
        let how = |filter: &&Expr| match filter {
            filter if filter.is_volatile() || has_subquery(filter) => {
                TableProviderFilterPushDown::Unsupported
            }
            filter if is_of_day(filter) => TableProviderFilterPushDown::Exact,
            _ => TableProviderFilterPushDown::Inexact,
        };
        Ok(filters.iter().map(how).collect())
    }

    async fn scan(
        &self,
        state: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let (of_day, mut of_bounds): (Vec<Expr>, Vec<Expr>) =
            filters.iter().cloned().partition(is_of_day);
        let of_day = self.physical(state, &of_day)?;
        let files = pruning::by_day(self.snapshot.files.clone(), &of_day, &self.schema)?;

        let implied = |copies: &[FlatCopy]| -> Vec<Expr> {
            of_bounds.iter().filter_map(|filter| flat::implied(filter, copies)).collect()
        };
        // Row by row a flat copy is asked only where that is cheaper than asking the original.
        let nested: Vec<FlatCopy> =
            self.copies.iter().filter(|copy| copy.path.len() > 1).copied().collect();
        let predicate = self.physical(state, &implied(&nested))?;
        let implied = implied(self.copies);
        of_bounds.extend(implied);
        let of_bounds = self.physical(state, &of_bounds)?;
        let files = pruning::by_bounds(files, &of_bounds, &self.schema);
        let files = self.by_index(files, &of_bounds).await?;

        self.collector.planned(self.snapshot.files.len(), self.snapshot.bytes(), files.len());
        let hot = || hot_rows::scan(&self.hot, &self.schema, &of_day, projection);
        if files.is_empty() && !self.hot.is_empty() {
            return hot();
        }
        if files.is_empty() {
            let schema = match projection {
                Some(columns) => Arc::new(self.schema.project(columns)?),
                None => self.schema.clone(),
            };
            return Ok(Arc::new(EmptyExec::new(schema)));
        }
        let predicate = (!predicate.is_empty()).then(|| conjunction(predicate));
        let scan = self
            .scan_of(state, &files, predicate)?
            .with_limit(limit)
            .with_projection_indices(projection.cloned())?
            .build();
        let scan = DataSourceExec::from_data_source(scan);
        match self.hot.is_empty() {
            true => Ok(scan),
            false => UnionExec::try_new(vec![scan, hot()?]),
        }
    }
}

fn is_of_day(filter: &Expr) -> bool {
    let columns = filter.column_refs();
    columns.len() == 1 && columns.iter().all(|c| c.name() == column::DAY)
}

fn has_subquery(filter: &Expr) -> bool {
    use datafusion::common::tree_node::TreeNode;
    let is_one = |expr: &Expr| {
        Ok(matches!(
            expr,
            Expr::ScalarSubquery(_)
                | Expr::InSubquery(_)
                | Expr::Exists(_)
                | Expr::SetComparison(_)
                | Expr::OuterReferenceColumn(..)
        ))
    };
    filter.exists(is_one).unwrap_or(true)
}

fn partitioned_file(Candidate { file, access }: &Candidate, schema: &SchemaRef) -> PartitionedFile {
    let meta = ObjectMeta {
        location: file.path.clone(),
        // A data file's name is never used twice, so its age tells nothing.
        last_modified: chrono::DateTime::UNIX_EPOCH,
        size: file.size,
        e_tag: None,
        version: None,
    };
    let whole = PartitionedFile::new_from_meta(meta)
        .with_partition_values(vec![ScalarValue::Date32(Some(file.day))])
        .with_statistics(Arc::new(file_statistics(file, schema)));
    match access {
        Some(access) => whole.with_extension(access.clone()),
        None => whole,
    }
}

fn count(number: Option<u64>) -> Precision<usize> {
    number
        .and_then(|number| usize::try_from(number).ok())
        .map_or(Precision::Absent, Precision::Exact)
}

/// Bounds of one file. They prune it when it is opened, once a join or a `LIMIT` knows
/// what it needs; nobody takes them for values.
fn file_statistics(file: &DataFile, schema: &SchemaRef) -> Statistics {
    let of_column = |field: &Arc<Field>| {
        let Some(range) = file.columns.get(field.name()) else {
            return ColumnStatistics::new_unknown();
        };
        let bound = |value: &Option<Value>| {
            let scalar = value.as_ref().and_then(|value| scalar_of(value, field.data_type()));
            scalar.map_or(Precision::Absent, Precision::Exact)
        };
        ColumnStatistics {
            null_count: count(range.nulls),
            min_value: bound(&range.min),
            max_value: bound(&range.max),
            ..ColumnStatistics::new_unknown()
        }
    };
    let in_file = schema.fields().iter().filter(|field| field.name() != column::DAY);
    Statistics {
        num_rows: count(known_rows(file)),
        total_byte_size: Precision::Absent,
        column_statistics: in_file.map(of_column).collect(),
    }
}

fn scalar_of(value: &Value, data_type: &DataType) -> Option<ScalarValue> {
    let scalar = match (value, data_type) {
        (value, DataType::Timestamp(..)) => {
            ScalarValue::TimestampMicrosecond(Some(pruning::time_of(value)?), Some("UTC".into()))
        }
        (Value::Text(text), data_type) if data_type.is_string() => {
            ScalarValue::Utf8(Some(text.clone()))
        }
        (Value::Number(number), data_type) if data_type.is_integer() => {
            ScalarValue::Int64(Some(*number))
        }
        _ => return None,
    };
    scalar.cast_to(data_type).ok()
}

/// What all files together are known to hold: rows, nulls, the bounds of `_time` and
/// `day`. These are values: `count(*)` and `max(_time)` are answered from them.
fn table_statistics(files: &[&DataFile], schema: &SchemaRef) -> Statistics {
    let of_column = |field: &Arc<Field>| {
        let mut statistics = ColumnStatistics::new_unknown();
        statistics.null_count = nulls(files, field.name());
        let bounds = match field.name().as_str() {
            column::TIME => {
                let times = files.iter().map(|file| file.times).collect::<Option<Vec<_>>>();
                let times = times
                    .and_then(|all| all.into_iter().reduce(|a, b| (a.0.min(b.0), a.1.max(b.1))));
                let scalar =
                    |time| ScalarValue::TimestampMicrosecond(Some(time), Some("UTC".into()));
                times.map(|(min, max)| (scalar(min), scalar(max)))
            }
            column::DAY => {
                let scalar = |day| ScalarValue::Date32(Some(day));
                let days = || files.iter().map(|file| file.day);
                days().min().zip(days().max()).map(|(min, max)| (scalar(min), scalar(max)))
            }
            _ => None,
        };
        if let Some((min, max)) = bounds {
            statistics.min_value = Precision::Exact(min);
            statistics.max_value = Precision::Exact(max);
        }
        statistics
    };
    let rows = files.iter().map(|file| known_rows(file)).sum::<Option<u64>>();
    Statistics {
        num_rows: count(rows),
        total_byte_size: Precision::Absent,
        column_statistics: schema.fields().iter().map(of_column).collect(),
    }
}

fn nulls(files: &[&DataFile], name: &str) -> Precision<usize> {
    if name == column::DAY {
        return Precision::Exact(0);
    }
    let of_file = |file: &DataFile| {
        let ColumnRange { nulls, .. } = file.columns.get(name)?;
        *nulls
    };
    count(files.iter().map(|file| of_file(file)).sum::<Option<u64>>())
}
