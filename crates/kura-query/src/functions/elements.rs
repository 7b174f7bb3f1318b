//! Whether an element of a list of structs has a part of some value: `resources.type:AWS::S3::Bucket`.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray};
use arrow::compute::cast;
use arrow::datatypes::DataType;
use datafusion::common::{Result, exec_err};
use datafusion::logical_expr::{
    ColumnarValue, Expr, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};

/// What the part must be.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Wanted {
    Present,
    Exactly(String),
    /// A `LIKE` pattern.
    Like(String),
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct AnyElement {
    /// The way from the element to its part.
    path: Vec<String>,
    wanted: Wanted,
    name: String,
    signature: Signature,
}

/// Whether one element of `list` has `wanted` at `path`; never null.
#[must_use]
pub fn any_element(list: Expr, path: Vec<String>, wanted: Wanted) -> Expr {
    let name = format!("any element whose {} is {wanted:?} in", path.join("."));
    let signature = Signature::any(1, Volatility::Immutable);
    ScalarUDF::new_from_impl(AnyElement { path, wanted, name, signature }).call(vec![list])
}

impl ScalarUDFImpl for AnyElement {
    fn name(&self) -> &str {
        &self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Boolean)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let [list] = args.args.as_slice() else { return exec_err!("one list is looked through") };
        let column = list.to_array(args.number_rows)?;
        let Some(list) = column.as_list_opt::<i32>() else {
            return exec_err!("what is looked through must be a list");
        };
        let found = self.elements(list.values())?;
        let rows = list.value_offsets().windows(2).enumerate().map(|(row, range)| {
            let mut elements = range[0] as usize..range[1] as usize;
            list.is_valid(row) && elements.any(|at| found.is_valid(at) && found.value(at))
        });
        Ok(ColumnarValue::Array(Arc::new(rows.map(Some).collect::<BooleanArray>())))
    }
}

impl AnyElement {
    /// Which of the elements, of all rows, are wanted.
    fn elements(&self, elements: &ArrayRef) -> Result<BooleanArray> {
        let mut values = elements.clone();
        for part in &self.path {
            let within = values.as_struct_opt().and_then(|parts| parts.column_by_name(part));
            match within {
                Some(part) => values = part.clone(),
                None => return exec_err!("an element has no part `{part}`"),
            }
        }
        let scalar = |text: &str| arrow::array::StringArray::new_scalar(text);
        Ok(match &self.wanted {
            Wanted::Present => arrow::compute::is_not_null(&values)?,
            Wanted::Exactly(text) => {
                arrow::compute::kernels::cmp::eq(&cast(&values, &DataType::Utf8)?, &scalar(text))?
            }
            Wanted::Like(pattern) => {
                arrow::compute::like(&cast(&values, &DataType::Utf8)?, &scalar(pattern))?
            }
        })
    }
}
