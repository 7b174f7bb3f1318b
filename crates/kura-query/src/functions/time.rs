//! `from_iso8601_timestamp(text)`, as Trino calls it.

use std::sync::Arc;

use arrow::array::{AsArray, TimestampMicrosecondArray};
use arrow::datatypes::DataType;
use datafusion::common::{Result, ScalarValue, exec_err};
use datafusion::logical_expr::{
    ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};
use kura_core::table::timestamp_type;
use kura_core::time::parse_log_time;

#[derive(Debug, PartialEq, Eq, Hash)]
struct FromIso8601 {
    signature: Signature,
}

/// The time a text says; null where it says none. (Trino ends the statement there; one
/// damaged record among millions should not.)
#[must_use]
pub fn from_iso8601_timestamp() -> Arc<ScalarUDF> {
    let signature = Signature::exact(vec![DataType::Utf8], Volatility::Immutable);
    Arc::new(ScalarUDF::new_from_impl(FromIso8601 { signature }))
}

impl ScalarUDFImpl for FromIso8601 {
    fn name(&self) -> &'static str {
        "from_iso8601_timestamp"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(timestamp_type())
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        match args.args.as_slice() {
            [ColumnarValue::Scalar(text)] => {
                let time = text.try_as_str().flatten().and_then(parse_log_time);
                let zone = Some("UTC".into());
                Ok(ColumnarValue::Scalar(ScalarValue::TimestampMicrosecond(time, zone)))
            }
            [ColumnarValue::Array(texts)] => {
                let times =
                    texts.as_string::<i32>().iter().map(|text| text.and_then(parse_log_time));
                let times: TimestampMicrosecondArray = times.collect();
                Ok(ColumnarValue::Array(Arc::new(times.with_timezone("UTC"))))
            }
            _ => exec_err!("from_iso8601_timestamp takes one text"),
        }
    }
}
