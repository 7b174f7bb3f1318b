//! What is known of a table that lies in a lake, by its name and its columns.

use std::sync::Arc;

use arrow::datatypes::Schema;
use kura_core::table::{TableSpec, column};

use crate::columns::Columns;
use crate::formats::{self, FlatCopy, Format, Found};
use crate::quarantine;

#[derive(Debug, Clone)]
pub struct KnownTable {
    pub spec: TableSpec,
    /// The record's own columns.
    pub columns: Columns,
    pub flat_copies: &'static [FlatCopy],
    /// Kura's columns that nothing fills.
    pub left_empty: Vec<&'static str>,
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
            left_empty: FLAT.to_vec(),
        },
        None => of_format(&Found::of_table(name, schema)),
    }
}

fn of_format(format: &dyn Format) -> KnownTable {
    let said = format.description();
    let spec = format.table();
    let is_needle = |name: &&str| spec.needles.iter().any(|needle| needle == name);
    let mut left_empty: Vec<&str> = FLAT.iter().copied().filter(|name| !is_needle(name)).collect();
    // What is found in records has no role in an account, and its objects no key of AWS's,
    // unless a person's own format says so.
    if formats::by_name(&said.name).is_none() {
        let others = [column::ACCOUNT, column::REGION, column::RESOURCE];
        left_empty.extend(others.into_iter().filter(|name| !is_needle(name)));
    }
    let (columns, flat_copies) = (said.columns.clone(), said.flat_copies);
    KnownTable { spec, columns, flat_copies, left_empty }
}

/// Flat columns that every table has, and that are needles where a format fills them.
const FLAT: [&str; 3] = [column::PRINCIPAL, column::ACCESSKEY, column::ADDR];

/// Whether a table of JSON records may have this name; if not, why.
pub fn check_found_name(name: &str) -> Result<(), String> {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    let begins = name.starts_with(|c: char| c.is_ascii_lowercase());
    if !begins || name.len() > 64 || !name.bytes().all(plain) {
        let rule = "a-z, 0-9 and _, beginning with a letter, at most 64";
        return Err(format!("`{name}` is no name for a table: {rule}"));
    }
    let is_view =
        |format: &Arc<dyn Format>| format.description().views.iter().any(|view| view.name == name);
    match formats::ALL.iter().find(|format| format.name() == name || is_view(format)) {
        Some(format) => Err(format!(
            "`{name}` holds {}: `--format {}` reads objects as such",
            format.description().title,
            format.name()
        )),
        None if name == quarantine::NAME => Err(format!("`{name}` is Kura's own")),
        None => Ok(()),
    }
}
