//! Searching: the rows that match, newest first, page by page.
//!
//! 1. Only time, id and origin of the page's rows are looked for: the newest, in that
//!    order, so rows of one time have an order too and no page repeats or skips one.
//! 2. The rows are read, from the oldest time of the page on: of wide rows only those few.

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::compute::concat_batches;
use arrow::datatypes::{SchemaRef, TimestampMicrosecondType};
use datafusion::logical_expr::{Expr, LogicalPlanBuilder, ident, lit};
use kura_core::identity::Identity;
use kura_core::table::column;
use kura_core::time::Micros;

use crate::answer::QueryOptions;
use crate::engine::Engine;
use crate::error::{QueryError, Result};
use crate::scope::{Scope, time};
use crate::stats::Stats;

/// A page is read by a person, or by a program that can ask for the next.
pub const LIMIT_MAX: usize = 10_000;

#[derive(Debug, Clone, Default)]
pub struct SearchRequest {
    /// The table to search; the first one there is, if none is named.
    pub table: Option<String>,
    pub query: String,
    /// The first time that counts.
    pub since: Option<Micros>,
    /// The first time that no longer counts.
    pub until: Option<Micros>,
    /// Rows of a page; at most [`LIMIT_MAX`].
    pub limit: usize,
    /// Where the page before ended.
    pub cursor: Option<String>,
    pub options: QueryOptions,
}

#[derive(Debug, Clone)]
pub struct SearchAnswer {
    /// The table that was searched.
    pub table: String,
    pub schema: SchemaRef,
    /// All columns of the rows, newest first.
    pub rows: RecordBatch,
    /// Where the next page begins, if there is one.
    pub next_cursor: Option<String>,
    pub stats: Stats,
}

impl Engine {
    pub async fn search(&self, who: &Identity, request: &SearchRequest) -> Result<SearchAnswer> {
        let mut question = self.question(who, &request.options).await?;
        let cursor = request.cursor.as_deref().map(Cursor::parse).transpose()?;
        let scope = Scope {
            table: request.table.as_deref(),
            query: &request.query,
            since: request.since,
            until: request.until,
        };
        let scoped = scope.resolve(&question.tables).await?;
        let mut matching = scoped.rows;
        if let Some(cursor) = &cursor {
            matching = matching.filter(cursor.not_before())?;
        }
        let schema: SchemaRef = matching.schema().inner().clone();
        let limit = request.limit.clamp(1, LIMIT_MAX);
        let skip = cursor.as_ref().map_or(0, |cursor| cursor.given);

        let keys = matching.clone().project(ORDER.map(ident))?;
        let keys = newest(keys, skip + limit + 1)?;
        let (batches, stats) = question.collect(keys.build()?).await?;
        let mut keys = Key::of(&batches);
        keys.drain(..skip.min(keys.len()));
        let more = keys.len() > limit;
        keys.truncate(limit);
        let Some(oldest) = keys.last() else {
            let rows = RecordBatch::new_empty(schema.clone());
            let table = scoped.snapshot.name.clone();
            return Ok(SearchAnswer { table, schema, rows, next_cursor: None, stats });
        };

        let page = matching.filter(ident(column::TIME).gt_eq(time(oldest.time)))?;
        let page = newest(page, skip + keys.len())?;
        let (batches, read) = question.collect(page.build()?).await?;
        let rows = concat_batches(&schema, &batches)?;
        let skip = skip.min(rows.num_rows());
        let rows = rows.slice(skip, rows.num_rows() - skip);
        let next_cursor = more.then(|| Cursor::after(&keys, cursor.as_ref()).to_string());
        let stats = Stats { rows: rows.num_rows() as u64, ..stats.and(read) };
        Ok(SearchAnswer { table: scoped.snapshot.name.clone(), schema, rows, next_cursor, stats })
    }
}

/// What rows are ordered by, descending.
const ORDER: [&str; 3] = [column::TIME, column::ID, column::ORIGIN];

fn newest(rows: LogicalPlanBuilder, limit: usize) -> Result<LogicalPlanBuilder> {
    let order = ORDER.map(|name| ident(name).sort(false, false));
    Ok(rows.sort_with_limit(order, Some(limit))?)
}

/// Where a row stands in the order.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Key {
    time: Micros,
    id: String,
    origin: String,
}

impl Key {
    fn of(batches: &[RecordBatch]) -> Vec<Key> {
        let mut keys = Vec::new();
        for batch in batches {
            let times = batch.column(0).as_primitive::<TimestampMicrosecondType>();
            let (ids, origins) =
                (batch.column(1).as_string::<i32>(), batch.column(2).as_string::<i32>());
            let text = |texts: &arrow::array::StringArray, row| match texts.is_null(row) {
                true => String::new(),
                false => texts.value(row).to_owned(),
            };
            keys.extend((0..batch.num_rows()).map(|row| Key {
                time: times.value(row),
                id: text(ids, row),
                origin: text(origins, row),
            }));
        }
        keys
    }
}

/// The last row that was given, and how many rows that stand at the same place were.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Cursor {
    key: Key,
    given: usize,
}

impl Cursor {
    fn after(page: &[Key], before: Option<&Cursor>) -> Cursor {
        let key = page.last().cloned().unwrap_or(Key {
            time: 0,
            id: String::new(),
            origin: String::new(),
        });
        let alike = page.iter().rev().take_while(|other| **other == key).count();
        let carried = before.filter(|before| alike == page.len() && before.key == key);
        Cursor { key, given: alike + carried.map_or(0, |before| before.given) }
    }

    /// Rows at the cursor's place or after it; those at its place were given before.
    fn not_before(&self) -> Expr {
        let Key { time: at, id, origin } = &self.key;
        let same_id = ident(column::ID).eq(lit(id)).and(ident(column::ORIGIN).lt_eq(lit(origin)));
        let same_time =
            ident(column::TIME).eq(time(*at)).and(ident(column::ID).lt(lit(id)).or(same_id));
        let after = ident(column::TIME).lt(time(*at)).or(same_time);
        // Said twice, because this alone prunes files.
        ident(column::TIME).lt_eq(time(*at)).and(after)
    }

    fn parse(text: &str) -> Result<Cursor> {
        let bad = || QueryError::statement("the cursor is none that a search gave");
        let mut parts = text.split('.');
        let mut next = || parts.next().ok_or_else(bad);
        let cursor = Cursor {
            key: Key {
                time: next()?.parse().map_err(|_| bad())?,
                id: from_hex(next()?).ok_or_else(bad)?,
                origin: from_hex(next()?).ok_or_else(bad)?,
            },
            given: next()?.parse().map_err(|_| bad())?,
        };
        let in_bounds = cursor.given <= 100 * LIMIT_MAX && parts.next().is_none();
        in_bounds.then_some(cursor).ok_or_else(bad)
    }
}

impl std::fmt::Display for Cursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Key { time, id, origin } = &self.key;
        write!(f, "{time}.{}.{}.{}", to_hex(id), to_hex(origin), self.given)
    }
}

fn to_hex(text: &str) -> String {
    text.bytes().map(|byte| format!("{byte:02x}")).collect()
}

fn from_hex(text: &str) -> Option<String> {
    let bytes = text.as_bytes().chunks(2).map(|pair| {
        let pair = std::str::from_utf8(pair).ok().filter(|pair| pair.len() == 2)?;
        u8::from_str_radix(pair, 16).ok()
    });
    String::from_utf8(bytes.collect::<Option<Vec<u8>>>()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_survives_its_text() {
        let key = Key { time: -5, id: "é.1".to_owned(), origin: "s3://a/b#1".to_owned() };
        let cursor = Cursor { key: key.clone(), given: 2 };
        assert_eq!(Cursor::parse(&cursor.to_string()).ok(), Some(cursor.clone()));
        let next = Cursor::after(&[key.clone(), key], Some(&cursor));
        assert_eq!(next.given, 4, "a page of nothing but rows alike goes on counting");
        for text in ["", "1", "x.00.00.1", "1.0.00.1", "1.zz.00.1", "1.00.00.1.1", "1.00.00.-1"] {
            assert!(Cursor::parse(text).is_err(), "{text}");
        }
    }
}
