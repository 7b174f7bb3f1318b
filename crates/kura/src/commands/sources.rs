//! `kura sources`: where records come from, or what of them has no column.

use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, StringArray, TimestampMicrosecondArray, UInt64Array};
use kura_core::identity::Identity;
use kura_core::time::Micros;
use kura_query::{DriftField, QueryOptions, Source};

use crate::cli::{Global, SourcesArgs};
use crate::context::open_engine;
use crate::exit::Exit;
use crate::output;

pub async fn run(global: &Global, args: SourcesArgs) -> anyhow::Result<Exit> {
    let engine = open_engine(global).await?;
    let (who, options) = (Identity::local(), QueryOptions::default());
    let table = args.table.as_deref();
    let mut shown = Shown { limit: args.limit.max(1), hidden: 0 };
    let batch = match args.drift {
        true => {
            let tables = engine.drift(&who, table, &options).await?.into_iter();
            drift_batch(&shown.first(tables.map(|(name, left)| (name, left.fields()))))?
        }
        false => {
            let tables = engine.sources(&who, table, &options).await?.into_iter();
            sources_batch(&shown.first(tables.map(|(name, sources)| (name, sources.to_vec()))))?
        }
    };
    output::write_batch(&batch, args.output.output)?;
    if shown.hidden > 0 {
        eprintln!("there are {} more (`-n`, `--table`)", shown.hidden);
    }
    Ok(Exit::Ok)
}

/// How much of each table is shown, and how much is not.
struct Shown {
    limit: usize,
    hidden: usize,
}

impl Shown {
    fn first<T>(&mut self, tables: impl Iterator<Item = (String, Vec<T>)>) -> Vec<(String, T)> {
        let mut first = Vec::new();
        for (table, found) in tables {
            self.hidden += found.len().saturating_sub(self.limit);
            first.extend(found.into_iter().take(self.limit).map(|one| (table.clone(), one)));
        }
        first
    }
}

fn sources_batch(sources: &[(String, Source)]) -> anyhow::Result<RecordBatch> {
    let number = |of: fn(&Source) -> u64| numbers(sources.iter().map(|(_, s)| of(s)));
    let time = |of: fn(&Source) -> Micros| times(sources.iter().map(|(_, s)| of(s)));
    Ok(RecordBatch::try_from_iter([
        ("table", texts(sources.iter().map(|(table, _)| &table[..]))),
        ("source", texts(sources.iter().map(|(_, s)| &s.source[..]))),
        ("objects", number(|s| s.objects)),
        ("rows", number(|s| s.rows)),
        ("first_time", time(|s| s.first_time)),
        ("last_time", time(|s| s.last_time)),
        ("last_ingested", time(|s| s.last_ingested)),
    ])?)
}

fn drift_batch(fields: &[(String, DriftField)]) -> anyhow::Result<RecordBatch> {
    let text = |of: fn(&DriftField) -> &str| texts(fields.iter().map(|(_, f)| of(f)));
    let time = |of: fn(&DriftField) -> Micros| times(fields.iter().map(|(_, f)| of(f)));
    Ok(RecordBatch::try_from_iter([
        ("table", texts(fields.iter().map(|(table, _)| &table[..]))),
        ("field", text(|f| &f.field)),
        ("kind", text(|f| f.kind.word())),
        ("rows", numbers(fields.iter().map(|(_, f)| f.rows))),
        ("first_origin", text(|f| &f.first_origin)),
        ("first_seen", time(|f| f.first_seen)),
        ("last_seen", time(|f| f.last_seen)),
        ("sample", text(|f| &f.sample)),
    ])?)
}

fn texts<'a>(values: impl Iterator<Item = &'a str>) -> ArrayRef {
    Arc::new(StringArray::from_iter_values(values))
}

fn numbers(values: impl Iterator<Item = u64>) -> ArrayRef {
    Arc::new(UInt64Array::from_iter_values(values))
}

fn times(values: impl Iterator<Item = Micros>) -> ArrayRef {
    Arc::new(TimestampMicrosecondArray::from_iter_values(values).with_timezone("UTC"))
}
