//! Retention: whole days of a table that are too old leave it, by the table's log alone. Their
//! files go after the grace, with those that merging replaced.

use kura_core::time::{MICROS_PER_DAY, Micros};
use serde::Serialize;

use crate::delta::{self, DataFile};
use crate::error::{Result, StoreError};
use crate::lake::Lake;
use crate::writer::take_over;

/// What left a table, or would.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Expired {
    pub table: String,
    pub days: u64,
    pub files: u64,
    pub rows: u64,
    pub bytes: u64,
}

/// Takes the days that end before `before` out of the table; with `is_rehearsal` only says
/// which.
pub async fn expire(
    lake: &Lake,
    table: &str,
    before: Micros,
    is_rehearsal: bool,
) -> Result<Expired> {
    let first_kept = i32::try_from(before.div_euclid(MICROS_PER_DAY)).unwrap_or(i32::MIN);
    if is_rehearsal {
        let snapshot = lake.snapshot(table).await?;
        return Ok(expired(table, &too_old(&snapshot.files, first_kept)));
    }
    let location = lake.location();
    let lease = take_over(lake, "expire").await?;
    let mut delta =
        delta::open(location, table).await?.ok_or_else(|| StoreError::NoTable(table.to_owned()))?;
    let files = too_old(&delta::snapshot(location, table, &delta)?.files, first_kept);
    if !files.is_empty() {
        lease.check().await?;
        delta::delete(&mut delta, table, &files).await?;
    }
    Ok(expired(table, &files))
}

fn too_old(files: &[DataFile], first_kept: i32) -> Vec<DataFile> {
    files.iter().filter(|file| file.day < first_kept).cloned().collect()
}

fn expired(table: &str, files: &[DataFile]) -> Expired {
    let mut days: Vec<i32> = files.iter().map(|file| file.day).collect();
    days.sort_unstable();
    days.dedup();
    Expired {
        table: table.to_owned(),
        days: days.len() as u64,
        files: files.len() as u64,
        rows: files.iter().map(|file| file.rows).sum(),
        bytes: files.iter().map(|file| file.size).sum(),
    }
}
