//! The SQL functions that Kura adds, in one list.

use std::sync::Arc;

use datafusion::logical_expr::ScalarUDF;

pub mod path;
pub mod json;
pub mod json_elements;
pub mod time;
pub mod trunc;
pub mod words;
pub mod elements;
pub mod origin;

/// Every function that a statement may name.
#[must_use]
pub fn all() -> Vec<Arc<ScalarUDF>> {
    vec![
        json::json_extract_scalar(),
        json::json_extract(),
        json::json_get(),
        json::json_get_text(),
        json_elements::json_elements(),
        time::from_iso8601_timestamp(),
        trunc::date_trunc(),
    ]
}
