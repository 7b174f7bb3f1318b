//! The object that an `_origin` names, as an expression of plans; no statement names it.

use std::sync::Arc;

use arrow::array::{AsArray, StringArray};
use arrow::datatypes::DataType;
use datafusion::common::Result;
use datafusion::logical_expr::{
    ColumnarValue, Expr, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};
use kura_core::origin::uri_of;

#[derive(Debug, PartialEq, Eq, Hash)]
struct ObjectOf {
    signature: Signature,
}

/// The object of `origin`, a column of text.
#[must_use]
pub fn object_of(origin: Expr) -> Expr {
    let signature = Signature::exact(vec![DataType::Utf8], Volatility::Immutable);
    ScalarUDF::new_from_impl(ObjectOf { signature }).call(vec![origin])
}

impl ScalarUDFImpl for ObjectOf {
    fn name(&self) -> &'static str {
        "object_of"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Utf8)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let [origins] = &ColumnarValue::values_to_arrays(&args.args)?[..] else {
            return datafusion::common::exec_err!("`object_of` takes one column");
        };
        let origins = origins.as_string::<i32>();
        let objects = origins.iter().map(|origin| origin.map(uri_of));
        Ok(ColumnarValue::Array(Arc::new(objects.collect::<StringArray>())))
    }
}
