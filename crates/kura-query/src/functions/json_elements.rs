//! `json_elements(json)`: the elements of a JSON array, each as JSON text, in a list.

use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, ListBuilder, StringArray, StringBuilder};
use arrow::datatypes::{DataType, Field};
use datafusion::common::{Result, exec_err};
use datafusion::logical_expr::{
    ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};
use kura_formats::json::Cursor;

#[derive(Debug, PartialEq, Eq, Hash)]
struct JsonElements {
    signature: Signature,
}

/// Null where the text is no JSON array.
#[must_use]
pub fn json_elements() -> Arc<ScalarUDF> {
    let signature = Signature::exact(vec![DataType::Utf8], Volatility::Immutable);
    Arc::new(ScalarUDF::new_from_impl(JsonElements { signature }))
}

impl ScalarUDFImpl for JsonElements {
    fn name(&self) -> &'static str {
        "json_elements"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::List(Arc::new(Field::new_list_field(DataType::Utf8, true))))
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let [json] = args.args.as_slice() else { return exec_err!("json_elements takes one text") };
        let json = json.to_array(args.number_rows)?;
        Ok(ColumnarValue::Array(lists(json.as_string::<i32>())))
    }
}

fn lists(json: &StringArray) -> ArrayRef {
    let mut lists = ListBuilder::new(StringBuilder::new());
    for text in json {
        let mut elements = Vec::new();
        let read = text.map(|text| Cursor::new(text).array(|value| elements.push(value)));
        let is_array = matches!(read, Some(Ok(())));
        if is_array {
            elements.iter().for_each(|element| lists.values().append_value(element));
        }
        lists.append(is_array);
    }
    Arc::new(lists.finish())
}
