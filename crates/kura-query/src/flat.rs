//! Predicates on nested parts, said again on the flat columns that hold copies of them.
//!
//! DataFusion prunes no nested fields, so for each predicate on `useridentity.arn` the
//! scan is given the same predicate on `_principal`. A flat column equals its part
//! *wherever the part is not null*, and may hold something else where it is; so only what
//! rejects nulls may be said again, and what is said again never replaces the original.

use datafusion::common::Column;
use datafusion::logical_expr::expr::{Case, InList, Like, ScalarFunction};
use datafusion::logical_expr::{BinaryExpr, Expr, Operator};
use kura_formats::formats::FlatCopy;

/// What `filter` implies for the flat columns, if anything.
#[must_use]
pub fn implied(filter: &Expr, copies: &[FlatCopy]) -> Option<Expr> {
    match filter {
        Expr::BinaryExpr(BinaryExpr { left, op: Operator::And, right }) => {
            match (implied(left, copies), implied(right, copies)) {
                (Some(left), Some(right)) => Some(left.and(right)),
                (left, right) => left.or(right),
            }
        }
        // One side may stay as it is: it still holds wherever it held.
        Expr::BinaryExpr(BinaryExpr { left, op: Operator::Or, right }) => {
            match (implied(left, copies), implied(right, copies)) {
                (None, None) => None,
                (flat_left, flat_right) => Some(
                    flat_left
                        .unwrap_or_else(|| (**left).clone())
                        .or(flat_right.unwrap_or_else(|| (**right).clone())),
                ),
            }
        }
        Expr::BinaryExpr(BinaryExpr { left, op, right }) if compares(*op) => {
            let comparison = |left: Expr, right: Expr| {
                Expr::BinaryExpr(BinaryExpr {
                    left: Box::new(left),
                    op: *op,
                    right: Box::new(right),
                })
            };
            match (flat_column(left, copies), flat_column(right, copies)) {
                (Some(column), None) if is_literal(right) => {
                    Some(comparison(column, (**right).clone()))
                }
                (None, Some(column)) if is_literal(left) => {
                    Some(comparison((**left).clone(), column))
                }
                _ => None,
            }
        }
        Expr::InList(InList { expr, list, negated: false }) if list.iter().all(is_literal) => {
            let column = flat_column(expr, copies)?;
            Some(column.in_list(list.clone(), false))
        }
        Expr::Like(like) if !like.negated && is_literal(&like.pattern) => {
            let column = flat_column(&like.expr, copies)?;
            Some(Expr::Like(Like { expr: Box::new(column), ..like.clone() }))
        }
        _ => None,
    }
}

fn compares(op: Operator) -> bool {
    use Operator::{Eq, Gt, GtEq, Lt, LtEq, NotEq};
    matches!(op, Eq | NotEq | Lt | LtEq | Gt | GtEq)
}

fn is_literal(expr: &Expr) -> bool {
    matches!(expr, Expr::Literal(value, _) if !value.is_null())
}

fn flat_column(expr: &Expr, copies: &[FlatCopy]) -> Option<Expr> {
    let path = path_of(expr)?;
    let copy = copies.iter().find(|copy| copy.path == path.as_slice())?;
    Some(Expr::Column(Column::new_unqualified(copy.column)))
}

/// The names that lead to a part, from its column on.
fn path_of(expr: &Expr) -> Option<Vec<&str>> {
    match expr {
        Expr::Column(column) => Some(vec![column.name()]),
        Expr::ScalarFunction(ScalarFunction { func, args }) if func.name() == "get_field" => {
            let (base, parts) = args.split_first()?;
            let mut path = path_of(base)?;
            for part in parts {
                match part {
                    Expr::Literal(name, _) => path.push(name.try_as_str().flatten()?),
                    _ => return None,
                }
            }
            Some(path)
        }
        // Null, or the part itself.
        Expr::Case(Case { expr: None, when_then_expr, else_expr: None }) => {
            match when_then_expr.as_slice() {
                [(_, part)] => path_of(part),
                _ => None,
            }
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use datafusion::functions::core::expr_fn::get_field;
    use datafusion::logical_expr::{col, lit};

    use super::*;

    const COPIES: [FlatCopy; 2] = [
        FlatCopy { path: &["useridentity", "arn"], column: "_principal" },
        FlatCopy { path: &["sourceipaddress"], column: "_addr" },
    ];

    fn check(filter: &Expr, expected: Option<&str>) {
        let found = implied(filter, &COPIES).map(|expr| expr.to_string());
        assert_eq!(found.as_deref(), expected, "{filter}");
    }

    #[test]
    fn what_rejects_nulls_is_said_again() {
        let arn = || get_field(col("useridentity"), "arn");
        check(&arn().eq(lit("x")), Some("_principal = Utf8(\"x\")"));
        check(&lit("x").gt(arn()), Some("Utf8(\"x\") > _principal"));
        check(&arn().not_eq(lit("x")), Some("_principal != Utf8(\"x\")"));
        check(&arn().in_list(vec![lit("x")], false), Some("_principal IN ([Utf8(\"x\")])"));
        check(&arn().like(lit("x%")), Some("_principal LIKE Utf8(\"x%\")"));
        check(
            &arn().eq(lit("x")).and(col("eventname").eq(lit("y"))),
            Some("_principal = Utf8(\"x\")"),
        );
        check(
            &arn().eq(lit("x")).or(col("eventname").eq(lit("y"))),
            Some("_principal = Utf8(\"x\") OR eventname = Utf8(\"y\")"),
        );
        check(
            &arn().eq(lit("x")).or(col("sourceipaddress").eq(lit("y"))),
            Some("_principal = Utf8(\"x\") OR _addr = Utf8(\"y\")"),
        );
    }

    #[test]
    fn a_part_shown_under_a_condition_is_the_part_where_it_is_shown() {
        use datafusion::logical_expr::when;
        let address = || col("sourceipaddress");
        let shown = when(col("eventname").eq(lit("y")), address());
        let case = shown.end().expect("a case");
        check(&case.clone().eq(lit("x")), Some("_addr = Utf8(\"x\")"));
        check(&case.is_null(), None);
        let other = when(col("eventname").eq(lit("y")), address()).otherwise(lit("x"));
        check(&other.expect("a case").eq(lit("x")), None);
    }

    #[test]
    fn what_nulls_may_pass_is_not() {
        let arn = || get_field(col("useridentity"), "arn");
        check(&arn().is_null(), None);
        check(&Expr::Not(Box::new(arn().eq(lit("x")))), None);
        check(&arn().in_list(vec![lit("x")], true), None);
        check(&arn().eq(col("eventname")), None);
        check(&arn().not_like(lit("x%")), None);
        check(&get_field(col("useridentity"), "type").eq(lit("Root")), None);
        check(&Expr::IsNotTrue(Box::new(arn().eq(lit("x")))), None);
    }
}
