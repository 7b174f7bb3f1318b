//! The table of what could not become a row: reason, origin and bytes, so that a mended
//! decoder can bring it home.

use std::sync::Arc;

use arrow::array::{ArrayRef, BinaryBuilder, Int64Builder, StringBuilder};
use arrow::error::ArrowError;
use kura_core::origin::{ObjectFacts, Origin};
use kura_core::table::{Rows, TableSpec, column, fingerprint, names};

use crate::columns::{Column, ColumnType, log_schema};
use crate::reject::Reject;
use crate::rows::{KuraCells, Needles};

pub const NAME: &str = "quarantine";

pub static COLUMNS: [Column; 5] = [
    Column::text("format", "", "The table the record was meant for."),
    Column::text("reason", "", "Why it is here, in one word.").role(crate::columns::Role::Facet),
    Column::text("detail", "", "Why, for a person."),
    Column::new(
        "size",
        "",
        ColumnType::Long,
        "Bytes of the record; `bytes` holds the first 64 KiB.",
    ),
    Column::new("bytes", "", ColumnType::Binary, "The record as it came."),
];

#[must_use]
pub fn table() -> TableSpec {
    TableSpec {
        name: NAME.into(),
        schema: log_schema(&COLUMNS),
        statistics: names(&[column::TIME, "format", "reason"]),
        needles: Vec::new(),
        distinct: Vec::new(),
    }
}

/// Rejected records on their way into the table.
#[derive(Debug, Default)]
pub struct Quarantine {
    format: StringBuilder,
    reason: StringBuilder,
    detail: StringBuilder,
    size: Int64Builder,
    bytes: BinaryBuilder,
    kura: KuraCells,
    content: Vec<u64>,
}

impl Quarantine {
    /// `sample` is what is kept of `length` bytes.
    pub fn add(
        &mut self,
        format: &str,
        reject: &Reject,
        sample: &[u8],
        length: u64,
        origin: Origin<'_>,
        facts: &ObjectFacts,
    ) {
        self.format.append_value(format);
        self.reason.append_value(reject.reason.word());
        self.detail.append_value(&reject.detail);
        self.size.append_value(i64::try_from(length).unwrap_or(i64::MAX));
        self.bytes.append_value(sample);
        // Its own time is not known: it lies on the day it arrived.
        let needles = Needles { time: Some(facts.arrival), ..Needles::default() };
        self.kura.append(&needles, origin, facts, None);
        self.content.push(fingerprint(sample));
    }

    #[must_use]
    pub fn rows(&self) -> usize {
        self.kura.rows()
    }

    #[must_use]
    pub fn bytes(&self) -> usize {
        self.kura.bytes() + self.bytes.values_slice().len() + 200 * self.rows()
    }

    pub fn finish(&mut self) -> Result<Rows, ArrowError> {
        let native: Vec<ArrayRef> = vec![
            Arc::new(self.format.finish()),
            Arc::new(self.reason.finish()),
            Arc::new(self.detail.finish()),
            Arc::new(self.size.finish()),
            Arc::new(self.bytes.finish()),
        ];
        let batch = self.kura.finish(table().schema, native)?;
        Ok(Rows { table: NAME.into(), batch, content: std::mem::take(&mut self.content) })
    }
}
