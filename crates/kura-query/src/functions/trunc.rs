//! `date_trunc(unit, time)` as DataFusion has it, at the speed of arithmetic for times in UTC,
//! which all of Kura's are: looking each of a million up in a calendar took a third of a second.

use std::sync::Arc;

use arrow::array::AsArray;
use arrow::datatypes::{DataType, FieldRef, TimeUnit, TimestampMicrosecondType};
use datafusion::common::Result;
use datafusion::functions::datetime::date_trunc as datafusions;
use datafusion::logical_expr::sort_properties::{ExprProperties, SortProperties};
use datafusion::logical_expr::{
    ColumnarValue, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature,
};
use kura_core::time::{MICROS_PER_DAY, MICROS_PER_SECOND, Micros};

#[derive(Debug, PartialEq, Eq, Hash)]
struct DateTrunc {
    inner: Arc<ScalarUDF>,
}

#[must_use]
pub fn date_trunc() -> Arc<ScalarUDF> {
    Arc::new(ScalarUDF::new_from_impl(DateTrunc { inner: datafusions() }))
}

/// Length and first beginning of a unit that is always as long.
fn unit(name: &str) -> Option<(Micros, Micros)> {
    Some(match name.to_ascii_lowercase().as_str() {
        "second" => (MICROS_PER_SECOND, 0),
        "minute" => (60 * MICROS_PER_SECOND, 0),
        "hour" => (3_600 * MICROS_PER_SECOND, 0),
        "day" => (MICROS_PER_DAY, 0),
        // 1970 began on a Thursday, weeks begin on Mondays.
        "week" => (7 * MICROS_PER_DAY, 4 * MICROS_PER_DAY),
        _ => return None,
    })
}

fn is_utc(data_type: &DataType) -> bool {
    matches!(data_type, DataType::Timestamp(TimeUnit::Microsecond, Some(zone)) if zone.as_ref() == "UTC")
}

impl ScalarUDFImpl for DateTrunc {
    fn name(&self) -> &'static str {
        "date_trunc"
    }

    fn aliases(&self) -> &[String] {
        self.inner.aliases()
    }

    fn signature(&self) -> &Signature {
        self.inner.signature()
    }

    fn return_type(&self, types: &[DataType]) -> Result<DataType> {
        self.inner.return_type(types)
    }

    fn return_field_from_args(&self, args: ReturnFieldArgs) -> Result<FieldRef> {
        self.inner.return_field_from_args(args)
    }

    fn output_ordering(&self, input: &[ExprProperties]) -> Result<SortProperties> {
        self.inner.output_ordering(input)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        if let [ColumnarValue::Scalar(name), ColumnarValue::Array(times)] = args.args.as_slice()
            && is_utc(times.data_type())
            && let Some((length, begin)) = name.try_as_str().flatten().and_then(unit)
        {
            let times = times.as_primitive::<TimestampMicrosecondType>();
            // A time too far off for the unit's beginning stays as it is.
            let floor = |time: Micros| {
                time.checked_sub((time.wrapping_sub(begin)).rem_euclid(length)).unwrap_or(time)
            };
            let floors = times.unary::<_, TimestampMicrosecondType>(floor).with_timezone("UTC");
            return Ok(ColumnarValue::Array(Arc::new(floors)));
        }
        self.inner.invoke_with_args(args)
    }
}

#[cfg(test)]
mod tests {
    use arrow::array::{Array, TimestampMicrosecondArray};
    use datafusion::common::ScalarValue;
    use datafusion::common::config::ConfigOptions;

    use super::*;

    /// Of the same times, what DataFusion makes of them and what this does.
    #[test]
    fn it_is_datafusions() {
        let times: Vec<Option<i64>> = [0, 1, -1, 1_763_596_800_123_456, -2_208_988_800_000_000]
            .into_iter()
            .flat_map(|time| (0..9).map(move |day| Some(time + day * MICROS_PER_DAY * 13 / 12)))
            .chain([None])
            .collect();
        let times: Arc<dyn Array> =
            Arc::new(TimestampMicrosecondArray::from(times).with_timezone("UTC"));
        for name in ["second", "minute", "HOUR", "day", "week", "month", "quarter", "year"] {
            let ask = |function: Arc<ScalarUDF>| {
                let field = arrow::datatypes::Field::new("t", times.data_type().clone(), true);
                let args = ScalarFunctionArgs {
                    args: vec![
                        ColumnarValue::Scalar(ScalarValue::from(name)),
                        ColumnarValue::Array(times.clone()),
                    ],
                    arg_fields: vec![
                        Arc::new(arrow::datatypes::Field::new("u", DataType::Utf8, false)),
                        Arc::new(field.clone()),
                    ],
                    number_rows: times.len(),
                    return_field: Arc::new(field),
                    config_options: Arc::new(ConfigOptions::default()),
                };
                let answer = function.invoke_with_args(args).expect("an answer");
                answer.into_array(times.len()).expect("an array")
            };
            assert_eq!(&ask(date_trunc()), &ask(datafusions()), "{name}");
        }
    }
}
