//! Which objects a table's rows came from.

use std::collections::BTreeMap;

use arrow::array::{AsArray, BooleanArray, RecordBatch};
use arrow::datatypes::TimestampMicrosecondType;
use futures::TryStreamExt;
use kura_core::origin::uri_of;
use kura_core::table::column;
use kura_core::time::Micros;

use crate::datafile;
use crate::error::{Result, StoreError};
use crate::lake::Lake;
use crate::run::column_of;

/// Rows of this table are not stored records but set-aside ones.
pub const QUARANTINE: &str = "quarantine";
/// Its column that names the table a record was meant for.
const FORMAT: &str = "format";

/// The objects of a table's rows, and of what was set aside of them, each with the time when
/// it was first read. A table of which all was set aside is not there yet.
pub async fn origins(lake: &Lake, table: &str) -> Result<BTreeMap<String, Micros>> {
    let mut origins = BTreeMap::new();
    let mut is_there = false;
    for lies_in in [table, QUARANTINE] {
        let snapshot = match lake.snapshot(lies_in).await {
            Ok(snapshot) => snapshot,
            Err(StoreError::NoTable(_)) => continue,
            Err(error) => return Err(error),
        };
        is_there |= lies_in == table;
        for file in &snapshot.files {
            let store = lake.location().store.clone();
            let columns = [column::ORIGIN, column::INGESTED, FORMAT];
            let mut rows = datafile::columns_of(store, &file.path, file.size, &columns).await?;
            while let Some(batch) = rows.try_next().await? {
                add(&mut origins, &batch, &of_table(&batch, lies_in, table)?)?;
            }
        }
    }
    match is_there || !origins.is_empty() {
        true => Ok(origins),
        false => Err(StoreError::NoTable(table.to_owned())),
    }
}

fn add(
    origins: &mut BTreeMap<String, Micros>,
    batch: &RecordBatch,
    wanted: &BooleanArray,
) -> Result<()> {
    let times = column_of(batch, column::INGESTED)?;
    let times = times.as_primitive::<TimestampMicrosecondType>();
    let from = column_of(batch, column::ORIGIN)?;
    let from = from.as_string::<i32>();
    for row in (0..batch.num_rows()).filter(|&row| wanted.value(row)) {
        let (uri, read) = (uri_of(from.value(row)), times.value(row));
        match origins.get_mut(uri) {
            Some(first) => *first = read.min(*first),
            None => _ = origins.insert(uri.to_owned(), read),
        }
    }
    Ok(())
}

/// Which rows of a table are `table`'s own, or were meant for it.
pub(crate) fn of_table(batch: &RecordBatch, lies_in: &str, table: &str) -> Result<BooleanArray> {
    if lies_in != QUARANTINE || table == QUARANTINE {
        return Ok(BooleanArray::from(vec![true; batch.num_rows()]));
    }
    let formats = column_of(batch, FORMAT)?;
    Ok(formats.as_string::<i32>().iter().map(|format| Some(format == Some(table))).collect())
}
