//! A search as a predicate on a table: names to columns, their parts and paths into JSON.

use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use datafusion::common::ScalarValue;
use datafusion::functions::core::expr_fn::get_field;
use datafusion::logical_expr::{Expr, cast, ident, lit};
use kura_core::table::column;
use kura_core::time::parse_day;
use kura_formats::columns::{Column, ColumnType, Columns};
use kura_formats::known_table;
use kura_store::TableSnapshot;

use crate::error::{QueryError, Result};
use crate::functions::elements::{Wanted, any_element};
use crate::functions::json::json_search_text;
use crate::functions::words::{contains_phrase, holds_text};
use crate::near::did_you_mean;
use crate::terms::{Pattern, Term};

/// Columns that a word is not looked for in: where a record lay is not what it says, and
/// the others copy what other columns hold.
const NOT_SEARCHED: [&str; 5] =
    [column::ORIGIN, column::PRINCIPAL, column::ACCESSKEY, column::ADDR, column::RESOURCE];

/// The names of one table.
pub struct Names {
    schema: SchemaRef,
    native: Columns,
}

/// What a name leads to.
enum Place {
    Column(Expr, DataType),
    /// JSON text, and the keys in it.
    Json(Expr, Vec<String>),
    /// A list of structs, and the way to a part of its elements.
    Elements(Expr, Vec<String>),
}

impl Names {
    pub fn of(table: &TableSnapshot, schema: SchemaRef) -> Self {
        Names { schema, native: known_table(&table.name, &table.schema).columns }
    }

    /// The predicate of a search; never null.
    pub fn predicate(&self, term: &Term) -> Result<Expr> {
        Ok(match term {
            Term::Phrase(text) if text.is_empty() => lit(true),
            Term::Phrase(text) => contains_phrase(text, self.searched()),
            Term::Field { name, wanted } => self.field_predicate(name, wanted)?,
            // A row without the field does not have the value.
            Term::Not(term) => Expr::IsNotTrue(Box::new(self.predicate(term)?)),
            Term::All(terms) => {
                let all = terms.iter().map(|term| self.predicate(term));
                balanced(all.collect::<Result<_>>()?, Expr::and).unwrap_or_else(|| lit(true))
            }
            Term::Any(terms) => {
                let any = terms.iter().map(|term| self.predicate(term));
                balanced(any.collect::<Result<_>>()?, Expr::or).unwrap_or_else(|| lit(true))
            }
        })
    }

    /// The text of a field, for grouping by it.
    pub fn text_of(&self, name: &str) -> Result<Expr> {
        match self.place(name)? {
            Place::Column(expr, data_type) if data_type.is_string() => Ok(expr),
            Place::Column(expr, data_type) if !data_type.is_nested() => {
                Ok(cast(expr, DataType::Utf8))
            }
            Place::Json(expr, keys) => Ok(json_search_text(expr, &keys)),
            Place::Column(..) | Place::Elements(..) => Err(self.has_parts(name)),
        }
    }

    fn searched(&self) -> Vec<Expr> {
        let fields = self.schema.fields().iter();
        let searched = fields
            .filter(|field| holds_text(field.data_type()))
            .filter(|field| !NOT_SEARCHED.contains(&field.name().as_str()));
        searched.map(|field| ident(field.name())).collect()
    }

    fn field_predicate(&self, name: &str, wanted: &Pattern) -> Result<Expr> {
        let text = |expr: Expr| match wanted {
            Pattern::Present => expr.is_not_null(),
            Pattern::Exactly(text) => expr.eq(lit(text.as_str())),
            Pattern::Wildcard(pieces) => expr.like(lit(Pattern::to_like(pieces))),
        };
        match self.place(name)? {
            Place::Json(expr, keys) => Ok(text(json_search_text(expr, &keys))),
            Place::Elements(list, path) => {
                let wanted = match wanted {
                    Pattern::Present => Wanted::Present,
                    Pattern::Exactly(text) => Wanted::Exactly(text.clone()),
                    Pattern::Wildcard(pieces) => Wanted::Like(Pattern::to_like(pieces)),
                };
                Ok(any_element(list, path, wanted))
            }
            Place::Column(expr, _) if *wanted == Pattern::Present => Ok(expr.is_not_null()),
            Place::Column(expr, data_type) if data_type.is_string() => Ok(text(expr)),
            Place::Column(expr, DataType::Date32) => match wanted {
                Pattern::Exactly(day) if parse_day(day).is_some() => {
                    let day = ScalarValue::Date32(parse_day(day));
                    Ok(expr.eq(Expr::Literal(day, None)))
                }
                _ => Ok(text(cast(expr, DataType::Utf8))),
            },
            Place::Column(_, data_type) if data_type.is_nested() => Err(self.has_parts(name)),
            Place::Column(expr, _) => Ok(text(cast(expr, DataType::Utf8))),
        }
    }

    /// Follows a name with dots through columns, structs, lists and JSON.
    fn place(&self, name: &str) -> Result<Place> {
        let mut parts = name.split('.');
        let first = parts.next().unwrap_or_default();
        let (field, known) = self.column(first).ok_or_else(|| self.unknown(name))?;
        let mut expr = ident(field.name());
        let mut data_type = field.data_type().clone();
        let mut json = field.name() == column::EXTRA || known.is_some_and(is_json);
        let mut known = known;
        while let Some(part) = parts.next() {
            let rest = || -> Vec<String> {
                std::iter::once(part).chain(parts.clone()).map(str::to_owned).collect()
            };
            match &data_type {
                DataType::Struct(fields) => {
                    let field = fields.iter().find(|field| field.name().eq_ignore_ascii_case(part));
                    let field = field.ok_or_else(|| self.unknown(name))?.clone();
                    known = known.and_then(|column| part_of(column, field.name()));
                    json = known.is_some_and(is_json);
                    expr = get_field(expr, field.name().as_str());
                    data_type = field.data_type().clone();
                }
                DataType::List(item) => {
                    let path = element_path(item, &rest()).ok_or_else(|| self.unknown(name))?;
                    return Ok(Place::Elements(expr, path));
                }
                _ if json => return Ok(Place::Json(expr, rest())),
                _ => return Err(self.unknown(name)),
            }
        }
        Ok(Place::Column(expr, data_type))
    }

    fn column(&self, name: &str) -> Option<(&Field, Option<&Column>)> {
        let known = self
            .native
            .iter()
            .find(|c| c.name.eq_ignore_ascii_case(name) || c.key.eq_ignore_ascii_case(name));
        let name = known.map_or(name, |column| &column.name);
        let field = self.schema.fields().iter().find(|f| f.name().eq_ignore_ascii_case(name))?;
        Some((field, known))
    }

    fn unknown(&self, name: &str) -> QueryError {
        let mut names = Vec::new();
        flatten(&self.schema, &mut names);
        let near = did_you_mean(name, names.iter().map(String::as_str));
        let quoted = format!("to look for the text itself, put it in quotes: \"{name}:…\"");
        QueryError::with_hint(format!("no field `{name}`"), Some(near.unwrap_or(quoted)))
    }

    fn has_parts(&self, name: &str) -> QueryError {
        let mut names = Vec::new();
        flatten(&self.schema, &mut names);
        let prefix = format!("{}.", name.to_ascii_lowercase());
        let parts: Vec<String> = names
            .iter()
            .filter(|name| name.starts_with(&prefix))
            .map(|name| format!("`{name}`"))
            .collect();
        let hint = (!parts.is_empty()).then(|| format!("its parts are {}", parts.join(", ")));
        QueryError::with_hint(format!("`{name}` is not one text"), hint)
    }
}

fn is_json(column: &Column) -> bool {
    matches!(column.ty, ColumnType::Json)
}

fn part_of<'a>(column: &'a Column, name: &str) -> Option<&'a Column> {
    match column.ty {
        ColumnType::Struct(parts) | ColumnType::List(parts) => {
            parts.iter().find(|part| part.name == name)
        }
        _ => None,
    }
}

/// The way from a list's element to a text in it, as the schema spells it.
fn element_path(item: &Field, path: &[String]) -> Option<Vec<String>> {
    let mut data_type = item.data_type().clone();
    let mut spelled = Vec::with_capacity(path.len());
    for part in path {
        let DataType::Struct(fields) = &data_type else { return None };
        let field = fields.iter().find(|field| field.name().eq_ignore_ascii_case(part))?.clone();
        spelled.push(field.name().clone());
        data_type = field.data_type().clone();
    }
    (!data_type.is_nested()).then_some(spelled)
}

/// Every column, and every part of a struct or of a list's elements, with dots.
fn flatten(schema: &Schema, names: &mut Vec<String>) {
    fn add(name: String, data_type: &DataType, names: &mut Vec<String>) {
        let parts = match data_type {
            DataType::Struct(parts) => Some(parts),
            DataType::List(item) => match item.data_type() {
                DataType::Struct(parts) => Some(parts),
                _ => None,
            },
            _ => None,
        };
        for part in parts.into_iter().flatten() {
            add(format!("{name}.{}", part.name()), part.data_type(), names);
        }
        names.push(name);
    }
    for field in schema.fields() {
        add(field.name().clone(), field.data_type(), names);
    }
}

/// Joined as a tree that is as flat as can be: many terms do not nest deeply.
fn balanced(mut terms: Vec<Expr>, join: fn(Expr, Expr) -> Expr) -> Option<Expr> {
    while terms.len() > 1 {
        let mut pairs = terms.into_iter();
        let mut joined = Vec::new();
        while let Some(left) = pairs.next() {
            joined.push(match pairs.next() {
                Some(right) => join(left, right),
                None => left,
            });
        }
        terms = joined;
    }
    terms.pop()
}
