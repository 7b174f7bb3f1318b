//! What the Delta log says of a data file: rows, and the smallest and largest values of the
//! columns that prune.

use std::collections::BTreeMap;

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::compute::{max, max_string, min, min_string};
use arrow::datatypes::{DataType, Int32Type, Int64Type, TimestampMicrosecondType};
use kura_core::time::{Micros, parse_log_time, rfc3339};
use serde_json::{Map, Value as Json};

/// Longer texts are cut in the log: a bound need not be a value.
const TEXT_BOUND_CHARS: usize = 48;

/// A bound.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    Text(String),
    Time(Micros),
    Number(i64),
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

/// Statistics of a file that is written piece by piece.
#[derive(Debug)]
pub struct StatisticsBuilder {
    names: Vec<String>,
    statistics: Statistics,
}

impl StatisticsBuilder {
    pub fn new(names: &[String]) -> Self {
        StatisticsBuilder { names: names.to_vec(), statistics: Statistics::default() }
    }

    pub fn add(&mut self, batch: &RecordBatch) {
        self.statistics.rows += batch.num_rows() as u64;
        for name in &self.names {
            if let Some(array) = batch.column_by_name(name) {
                let range = column_range(array);
                match self.statistics.columns.get_mut(name) {
                    Some(known) => known.widen(range),
                    None => _ = self.statistics.columns.insert(name.to_owned(), range),
                }
            }
        }
    }

    pub fn finish(mut self) -> Statistics {
        self.statistics.columns.values_mut().for_each(ColumnRange::cut);
        self.statistics
    }
}

impl ColumnRange {
    fn widen(&mut self, other: ColumnRange) {
        let pick = |a: Option<Value>, b: Option<Value>, low: bool| match (a, b) {
            (Some(a), Some(b)) => Some(if a.is_before(&b) == low { a } else { b }),
            (a, b) => a.or(b),
        };
        self.min = pick(self.min.take(), other.min, true);
        self.max = pick(self.max.take(), other.max, false);
        self.nulls = self.nulls.zip(other.nulls).map(|(a, b)| a + b);
    }

    /// A bound need not be a value: long texts are cut.
    fn cut(&mut self) {
        let prefix = |text: &str| {
            text.char_indices().nth(TEXT_BOUND_CHARS).map(|(at, _)| text[..at].to_owned())
        };
        if let Some(Value::Text(low)) = &mut self.min
            && let Some(shorter) = prefix(low)
        {
            *low = shorter;
        }
        if let Some(Value::Text(high)) = &mut self.max
            && let Some(shorter) = prefix(high)
        {
            // What was cut off is smaller than the largest character there is.
            *high = shorter + "\u{10ffff}";
        }
    }
}

impl Statistics {
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
            Some(Value::Number(_)) | None => None,
        };
        Some((time(&range.min)?, time(&range.max)?))
    }
}

impl Value {
    fn to_json(&self) -> Json {
        match self {
            Value::Text(text) => Json::String(text.clone()),
            Value::Time(time) => Json::String(rfc3339(*time)),
            Value::Number(number) => Json::from(*number),
        }
    }

    fn parse(json: &Json) -> Option<Self> {
        let text = json.as_str().map(|text| Value::Text(text.to_owned()));
        text.or_else(|| json.as_i64().map(Value::Number))
    }

    /// Of two values of one column.
    fn is_before(&self, other: &Value) -> bool {
        match (self, other) {
            (Value::Text(a), Value::Text(b)) => a <= b,
            (Value::Time(a), Value::Time(b)) | (Value::Number(a), Value::Number(b)) => a <= b,
            _ => false,
        }
    }
}

fn column_range(array: &dyn Array) -> ColumnRange {
    let nulls = Some(array.null_count() as u64);
    let (min, max) = match array.data_type() {
        DataType::Utf8 => {
            let texts = array.as_string::<i32>();
            let text = |bound: Option<&str>| bound.map(|text| Value::Text(text.to_owned()));
            (text(min_string(texts)), text(max_string(texts)))
        }
        DataType::Timestamp(..) => {
            let times = array.as_primitive::<TimestampMicrosecondType>();
            (min(times).map(Value::Time), max(times).map(Value::Time))
        }
        DataType::Int32 => {
            let numbers = array.as_primitive::<Int32Type>();
            let number = |n: Option<i32>| n.map(|n| Value::Number(n.into()));
            (number(min(numbers)), number(max(numbers)))
        }
        DataType::Int64 => {
            let numbers = array.as_primitive::<Int64Type>();
            (min(numbers).map(Value::Number), max(numbers).map(Value::Number))
        }
        _ => (None, None),
    };
    ColumnRange { min, max, nulls }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{ArrayRef, Int32Array, StringArray, TimestampMicrosecondArray};

    use super::*;

    #[test]
    fn bounds_hold_every_value_and_survive_the_log() {
        let long = "x".repeat(100);
        let texts: ArrayRef = Arc::new(StringArray::from(vec![Some("b"), None, Some(&long)]));
        let times: ArrayRef =
            Arc::new(TimestampMicrosecondArray::from(vec![3, -1, 2_000_000]).with_timezone("UTC"));
        let numbers: ArrayRef = Arc::new(Int32Array::from(vec![None, Some(7), Some(-7)]));
        let columns = [("t", texts), ("_time", times), ("n", numbers)];
        let batch = RecordBatch::try_from_iter_with_nullable(
            columns.map(|(name, values)| (name, values, true)),
        )
        .expect("rows");
        let mut builder =
            StatisticsBuilder::new(&kura_core::table::names(&["t", "_time", "n", "absent"]));
        builder.add(&batch.slice(0, 1));
        builder.add(&batch.slice(1, 2));
        let statistics = builder.finish();
        let read = Statistics::parse(&statistics.to_json());
        assert_eq!(read.rows, 3);
        assert_eq!(read.times("_time"), Some((-1, 2_000_000)));
        let range = &read.columns["t"];
        let Some(Value::Text(max)) = &range.max else { panic!("no bound") };
        assert!(max.as_str() > long.as_str() && max.chars().count() == TEXT_BOUND_CHARS + 1);
        assert_eq!((range.min.clone(), range.nulls), (Some(Value::Text("b".into())), Some(1)));
        assert_eq!(read.columns["n"].min, Some(Value::Number(-7)));
        assert_eq!(read.columns["n"].max, Some(Value::Number(7)));
        assert_eq!(Statistics::parse("rubbish"), Statistics::default());
    }
}
