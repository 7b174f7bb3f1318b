//! SQL functions on JSON text, with Trino's names and meaning, and the operators `->` and
//! `->>`.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Int64Array, StringArray, StringBuilder};
use arrow::datatypes::{DataType, Int64Type};
use datafusion::common::{DFSchema, DataFusionError, Result, ScalarValue, exec_err, plan_err};
use datafusion::logical_expr::planner::{ExprPlanner, PlannerResult, RawBinaryExpr};
use datafusion::logical_expr::{
    ColumnarValue, Expr, ExprSchemable, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature,
    Volatility, lit,
};
use datafusion::sql::sqlparser::ast::BinaryOperator;
use kura_formats::json::{Kind, kind_of, unquote};

use super::path::{self, Step};

/// How a function is told where to look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Address {
    /// By a JSON path.
    Path,
    /// By one key, or one index.
    Step,
    /// By keys however they are cased, one per line.
    AnyCase,
}

/// What a function makes of the value found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Output {
    /// JSON, as it was written.
    Json,
    /// The text of a scalar; null for objects and arrays.
    Scalar,
    /// The text of a scalar, the JSON of anything else.
    Text,
}

/// All the functions that look something up in JSON text.
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct JsonLookup {
    name: &'static str,
    address: Address,
    output: Output,
    signature: Signature,
}

impl JsonLookup {
    fn function(name: &'static str, address: Address, output: Output) -> Arc<ScalarUDF> {
        let signature = Signature::user_defined(Volatility::Immutable);
        Arc::new(ScalarUDF::new_from_impl(JsonLookup { name, address, output, signature }))
    }
}

/// `json_extract_scalar(json, path)`: the text of the scalar there.
#[must_use]
pub fn json_extract_scalar() -> Arc<ScalarUDF> {
    JsonLookup::function("json_extract_scalar", Address::Path, Output::Scalar)
}

/// `json_extract(json, path)`: the JSON there.
#[must_use]
pub fn json_extract() -> Arc<ScalarUDF> {
    JsonLookup::function("json_extract", Address::Path, Output::Json)
}

/// `json -> key`: the JSON there.
#[must_use]
pub fn json_get() -> Arc<ScalarUDF> {
    JsonLookup::function("json_get", Address::Step, Output::Json)
}

/// `json ->> key`: its text.
#[must_use]
pub fn json_get_text() -> Arc<ScalarUDF> {
    JsonLookup::function("json_get_text", Address::Step, Output::Text)
}

/// What the search language looks up: keys in any case.
pub fn json_search_text(json: Expr, keys: &[String]) -> Expr {
    JsonLookup::function("json_search_text", Address::AnyCase, Output::Text)
        .call(vec![json, lit(keys.join("\n"))])
}

impl ScalarUDFImpl for JsonLookup {
    fn name(&self) -> &str {
        self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Utf8)
    }

    fn coerce_types(&self, types: &[DataType]) -> Result<Vec<DataType>> {
        let [json, at] = types else {
            return plan_err!("{} takes two arguments: JSON text and where to look", self.name);
        };
        if !is_text(json) {
            return plan_err!("{} reads JSON text, not {json}", self.name);
        }
        match at {
            at if is_text(at) => Ok(vec![DataType::Utf8, DataType::Utf8]),
            at if at.is_integer() && self.address == Address::Step => {
                Ok(vec![DataType::Utf8, DataType::Int64])
            }
            at => plan_err!("{} is told where to look by text, not {at}", self.name),
        }
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let rows = args.number_rows;
        let [json, at] = args.args.as_slice() else {
            return exec_err!("{} takes two arguments", self.name);
        };
        let all_scalar = matches!((json, at), (ColumnarValue::Scalar(_), ColumnarValue::Scalar(_)));
        let rows = if all_scalar { 1 } else { rows };
        let json = json.to_array(rows)?;
        let json = json.as_string::<i32>();
        let found = match at {
            ColumnarValue::Scalar(at) => self.by_one(json, at)?,
            ColumnarValue::Array(at) => self.by_each(json, at)?,
        };
        if all_scalar {
            return Ok(ColumnarValue::Scalar(ScalarValue::try_from_array(&found, 0)?));
        }
        Ok(ColumnarValue::Array(found))
    }
}

impl JsonLookup {
    /// One place for all rows: what a statement writes, so it is read once.
    fn by_one(&self, json: &StringArray, at: &ScalarValue) -> Result<ArrayRef> {
        let steps = match at {
            ScalarValue::Utf8(Some(text)) => self.steps(text)?,
            ScalarValue::Int64(Some(index)) => index_step(*index),
            _ => return Ok(Arc::new(StringArray::new_null(json.len()))),
        };
        let mut out = StringBuilder::with_capacity(json.len(), json.len() * 8);
        for text in json {
            let found = text.and_then(|text| path::find(text, &steps));
            self.append(found, &mut out);
        }
        Ok(Arc::new(out.finish()))
    }

    fn by_each(&self, json: &StringArray, at: &ArrayRef) -> Result<ArrayRef> {
        let mut out = StringBuilder::new();
        for (row, text) in json.iter().enumerate() {
            if at.is_null(row) {
                out.append_null();
                continue;
            }
            let steps = match at.data_type() {
                DataType::Int64 => {
                    let indices: &Int64Array = at.as_primitive::<Int64Type>();
                    index_step(indices.value(row))
                }
                _ => self.steps(at.as_string::<i32>().value(row))?,
            };
            self.append(text.and_then(|text| path::find(text, &steps)), &mut out);
        }
        Ok(Arc::new(out.finish()))
    }

    fn steps(&self, text: &str) -> Result<Vec<Step>> {
        match self.address {
            Address::Path => {
                path::parse(text).map_err(|bad| DataFusionError::Execution(bad.to_string()))
            }
            Address::Step => Ok(vec![Step::Key(text.to_owned())]),
            Address::AnyCase => {
                Ok(text.lines().map(|key| Step::AnyCaseKey(key.to_owned())).collect())
            }
        }
    }

    fn append(&self, found: Option<&str>, out: &mut StringBuilder) {
        let Some(value) = found else { return out.append_null() };
        match (self.output, kind_of(value)) {
            (Output::Json, _) => out.append_value(value),
            (_, Kind::Null) | (Output::Scalar, Kind::Object | Kind::Array) => out.append_null(),
            (_, Kind::String) => out.append_value(unquote(value)),
            _ => out.append_value(value),
        }
    }
}

/// An index below zero leads nowhere.
fn index_step(index: i64) -> Vec<Step> {
    vec![Step::Index(usize::try_from(index).unwrap_or(usize::MAX))]
}

fn is_text(data_type: &DataType) -> bool {
    match data_type {
        DataType::Dictionary(_, values) => is_text(values),
        DataType::Null => true,
        other => other.is_string(),
    }
}

/// Plans `->` and `->>`: on JSON text as lookups, on structs as their parts.
#[derive(Debug)]
pub struct ArrowOperators;

impl ExprPlanner for ArrowOperators {
    fn plan_binary_op(
        &self,
        expr: RawBinaryExpr,
        schema: &DFSchema,
    ) -> Result<PlannerResult<RawBinaryExpr>> {
        let function = match expr.op {
            BinaryOperator::Arrow => json_get(),
            BinaryOperator::LongArrow => json_get_text(),
            _ => return Ok(PlannerResult::Original(expr)),
        };
        let RawBinaryExpr { left, right, .. } = expr;
        if let (Ok(DataType::Struct(_)), Some(part)) = (left.get_type(schema), literal_text(&right))
        {
            return Ok(PlannerResult::Planned(datafusion::functions::core::expr_fn::get_field(
                left,
                part.to_ascii_lowercase(),
            )));
        }
        Ok(PlannerResult::Planned(function.call(vec![left, right])))
    }
}

fn literal_text(expr: &Expr) -> Option<&str> {
    match expr {
        Expr::Literal(value, _) => value.try_as_str().flatten(),
        _ => None,
    }
}
