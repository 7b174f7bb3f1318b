//! What the Delta log says of a data file: rows, and the smallest and largest values of the
//! columns that prune.

use std::collections::BTreeMap;

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::{DataType, TimestampMicrosecondType};
use kura_core::time::{Micros, parse_log_time, rfc3339};
use serde_json::{Map, Value as Json};

/// Longer texts are cut in the log: a bound need not be a value.
const TEXT_BOUND_CHARS: usize = 48;

/// A bound.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    Text(String),
    Time(Micros),
}

/// Bounds of one column in one file; `None` where the file says nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ColumnRange {
    pub min: Option<Value>,
    pub max: Option<Value>,
    pub nulls: Option<u64>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Statistics {
    pub rows: u64,
    pub columns: BTreeMap<String, ColumnRange>,
}

impl Statistics {
    /// Of `columns` in `batch`.
    pub fn of(batch: &RecordBatch, columns: &[&str]) -> Self {
        let ranges = columns.iter().filter_map(|&name| {
            let range = column_range(batch.column_by_name(name)?);
            Some((name.to_owned(), range))
        });
        Statistics { rows: batch.num_rows() as u64, columns: ranges.collect() }
    }

    /// As the Delta protocol writes them.
    pub fn to_json(&self) -> String {
        let (mut min, mut max, mut nulls) = (Map::new(), Map::new(), Map::new());
        for (name, range) in &self.columns {
            if let (Some(low), Some(high)) = (&range.min, &range.max) {
                min.insert(name.clone(), low.to_json());
                max.insert(name.clone(), high.to_json());
            }
            if let Some(count) = range.nulls {
                nulls.insert(name.clone(), count.into());
            }
        }
        serde_json::json!({
            "numRecords": self.rows, "minValues": min, "maxValues": max, "nullCount": nulls,
        })
        .to_string()
    }

    /// Reads what any Delta writer wrote; what it cannot read it does not know.
    pub fn parse(json: &str) -> Self {
        let Ok(all) = serde_json::from_str::<Json>(json) else { return Self::default() };
        let mut columns: BTreeMap<String, ColumnRange> = BTreeMap::new();
        let entries = |key: &str| all[key].as_object().cloned().unwrap_or_default();
        for (name, value) in entries("minValues") {
            columns.entry(name).or_default().min = Value::parse(&value);
        }
        for (name, value) in entries("maxValues") {
            columns.entry(name).or_default().max = Value::parse(&value);
        }
        for (name, value) in entries("nullCount") {
            columns.entry(name).or_default().nulls = value.as_u64();
        }
        Statistics { rows: all["numRecords"].as_u64().unwrap_or(0), columns }
    }

    /// The bounds of a time column.
    pub fn times(&self, column: &str) -> Option<(Micros, Micros)> {
        let range = self.columns.get(column)?;
        let time = |value: &Option<Value>| match value {
            Some(Value::Time(time)) => Some(*time),
            Some(Value::Text(text)) => parse_log_time(text),
            None => None,
        };
        Some((time(&range.min)?, time(&range.max)?))
    }
}

impl Value {
    fn to_json(&self) -> Json {
        match self {
            Value::Text(text) => Json::String(text.clone()),
            Value::Time(time) => Json::String(rfc3339(*time)),
        }
    }

    fn parse(json: &Json) -> Option<Self> {
        json.as_str().map(|text| Value::Text(text.to_owned()))
    }
}

fn column_range(array: &dyn Array) -> ColumnRange {
    let nulls = Some(array.null_count() as u64);
    let bounds = match array.data_type() {
        DataType::Utf8 => text_bounds(array),
        DataType::Timestamp(..) => {
            let times = array.as_primitive::<TimestampMicrosecondType>();
            arrow::compute::min(times)
                .zip(arrow::compute::max(times))
                .map(|(min, max)| (Value::Time(min), Value::Time(max)))
        }
        _ => None,
    };
    let (min, max) = bounds.unzip();
    ColumnRange { min, max, nulls }
}

fn text_bounds(array: &dyn Array) -> Option<(Value, Value)> {
    let texts = array.as_string::<i32>();
    let min = arrow::compute::min_string(texts)?;
    let max = arrow::compute::max_string(texts)?;
    let cut =
        |text: &str| text.char_indices().nth(TEXT_BOUND_CHARS).map(|(at, _)| text[..at].to_owned());
    let low = cut(min).unwrap_or_else(|| min.to_owned());
    // What was cut off is smaller than the largest character there is.
    let high = cut(max).map_or_else(|| max.to_owned(), |prefix| prefix + "\u{10ffff}");
    Some((Value::Text(low), Value::Text(high)))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{ArrayRef, StringArray, TimestampMicrosecondArray};

    use super::*;

    #[test]
    fn bounds_hold_every_value_and_survive_the_log() {
        let long = "x".repeat(100);
        let texts: ArrayRef = Arc::new(StringArray::from(vec![Some("b"), None, Some(&long)]));
        let times: ArrayRef =
            Arc::new(TimestampMicrosecondArray::from(vec![3, -1, 2_000_000]).with_timezone("UTC"));
        let batch = RecordBatch::try_from_iter([("t", texts), ("_time", times)]).expect("rows");
        let statistics = Statistics::of(&batch, &["t", "_time", "absent"]);
        let read = Statistics::parse(&statistics.to_json());
        assert_eq!(read.rows, 3);
        assert_eq!(read.times("_time"), Some((-1, 2_000_000)));
        let range = &read.columns["t"];
        let Some(Value::Text(max)) = &range.max else { panic!("no bound") };
        assert!(max.as_str() > long.as_str() && max.chars().count() == TEXT_BOUND_CHARS + 1);
        assert_eq!((range.min.clone(), range.nulls), (Some(Value::Text("b".into())), Some(1)));
        assert_eq!(Statistics::parse("rubbish"), Statistics::default());
    }
}
