//! `kura search WORDS…`

use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, RecordBatch};
use arrow::datatypes::{Field, Schema};
use kura_core::clock::{Clock, SystemClock};
use kura_core::identity::Identity;
use kura_core::time::parse_person_time;
use kura_query::{QueryOptions, SearchRequest};

use super::sql::cost;
use crate::cli::{Global, OutputFormat, SearchArgs};
use crate::context::open_engine;
use crate::exit::{Exit, UsageError};
use crate::output;
use crate::terminal::stdout_is_terminal;

/// What a person sees of an event; programs get all of it.
const SHOWN: [&str; 8] = [
    "_time",
    "eventname",
    "eventsource",
    "_principal",
    "_addr",
    "_account",
    "_region",
    "errorcode",
];

pub async fn run(global: &Global, args: SearchArgs) -> anyhow::Result<Exit> {
    let now = SystemClock.now();
    let time = |text: &Option<String>| {
        let parsed = text.as_deref().map(|t| parse_person_time(t, now)).transpose();
        parsed.map_err(|error| UsageError(error.to_string()))
    };
    let request = SearchRequest {
        table: Some(args.table),
        query: args.query.join(" "),
        since: time(&args.since)?,
        until: time(&args.until)?,
        limit: args.limit.max(1),
        cursor: None,
        options: QueryOptions::default(),
    };
    let engine = open_engine(global).await?;
    let answer = engine.search(&Identity::local(), &request).await?;
    let as_table = match args.output.output {
        Some(form) => form == OutputFormat::Table,
        None => stdout_is_terminal(),
    };
    let events = if as_table { shown(&answer.rows)? } else { answer.rows };
    output::write_batch(&events, args.output.output)?;
    if !args.quiet {
        eprintln!("{}", cost(&answer.stats));
        if answer.next_cursor.is_some() {
            eprintln!("the newest {}; there are more (`-n`, `--until`)", events.num_rows());
        }
    }
    Ok(Exit::Ok)
}

fn shown(events: &RecordBatch) -> anyhow::Result<RecordBatch> {
    let mut fields = Vec::new();
    let mut columns: Vec<ArrayRef> = Vec::new();
    for name in SHOWN {
        let Some(column) = events.column_by_name(name) else { continue };
        let column = match name {
            "_principal" => short_arns(column),
            _ => column.clone(),
        };
        fields.push(Field::new(name, column.data_type().clone(), true));
        columns.push(column);
    }
    if columns.is_empty() {
        return Ok(events.clone());
    }
    Ok(RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)?)
}

/// `arn:aws:sts::111122223333:assumed-role/ops/me` → `assumed-role/ops/me`: the account has
/// its own column.
fn short_arns(column: &ArrayRef) -> ArrayRef {
    let Some(texts) = column.as_string_opt::<i32>() else { return column.clone() };
    let short = |arn: &str| arn.splitn(6, ':').nth(5).unwrap_or(arn).to_owned();
    Arc::new(texts.iter().map(|arn| arn.map(short)).collect::<arrow::array::StringArray>())
}
