//! What is known of a table that lies in a lake, by its name and its columns.

use arrow::datatypes::Schema;
use kura_core::table::TableSpec;

use crate::columns::Columns;
use crate::formats::{self, FlatCopy, Format, Found};
use crate::quarantine;

#[derive(Debug, Clone)]
pub struct KnownTable {
    pub spec: TableSpec,
    /// The record's own columns.
    pub columns: Columns,
    pub flat_copies: &'static [FlatCopy],
}

/// A table that is no format's holds JSON records, whose columns were found.
#[must_use]
pub fn known_table(name: &str, schema: &Schema) -> KnownTable {
    match formats::by_name(name) {
        Some(format) => of_format(format.as_ref()),
        None if name == quarantine::NAME => KnownTable {
            spec: quarantine::table(),
            columns: (&quarantine::COLUMNS[..]).into(),
            flat_copies: &[],
        },
        None => of_format(&Found::of_table(name, schema)),
    }
}

fn of_format(format: &dyn Format) -> KnownTable {
    KnownTable {
        spec: format.table(),
        columns: format.columns(),
        flat_copies: format.flat_copies(),
    }
}
