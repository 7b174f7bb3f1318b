//! `kura reparse TABLE`, `kura reparse --quarantine`

use std::sync::Arc;
use std::time::Instant;

use arrow::array::AsArray;
use arrow::compute::cast;
use arrow::datatypes::{DataType, Int64Type};
use futures::StreamExt;
use kura_core::identity::Identity;
use kura_formats::{Catalogue, quarantine};
use kura_ingest::{ImportError, ReparseReport, Work, reparse};
use kura_query::QueryOptions;
use kura_store::{Lake, StoreError};

use crate::cli::{Global, ReparseArgs};
use crate::commands::import::tell_records;
use crate::context::{engine, open_lake};
use crate::exit::{Exit, UsageError};
use crate::output::write_line;
use crate::progress::{Bar, interruptible};

pub async fn run(global: &Global, args: ReparseArgs) -> anyhow::Result<Exit> {
    let lake = open_lake(global).await?;
    let catalogue = global.catalogue()?;
    let tables = match args.table {
        Some(table) => vec![table],
        None => set_aside(global, &lake, &catalogue).await?,
    };
    let mut all = ReparseReport::default();
    for table in &tables {
        if tables.len() > 1 {
            eprintln!("`{table}`");
        }
        let report = one(global, &lake, &catalogue, table).await?;
        all.counts += report.counts;
        all.gone_objects += report.gone_objects;
        all.copied += report.copied;
    }
    if args.output.as_deref() == Some("json") {
        write_line(&serde_json::to_string(&all)?)?;
    }
    Ok(Exit::Ok)
}

async fn one(
    global: &Global,
    lake: &Lake,
    catalogue: &Catalogue,
    table: &str,
) -> anyhow::Result<ReparseReport> {
    let mut work = Work::new(global.memory_plan());
    work.threads = global.threads();
    work.catalogue = catalogue.clone();
    let started = Instant::now();
    let bar = Arc::new(Bar::new());
    let reparsing = reparse(lake, table, &work, bar.clone());
    let outcome = interruptible(work.cancel.clone(), reparsing).await;
    bar.finish();
    let mut report = match outcome {
        Err(ImportError::Store(StoreError::NoTable(name))) => {
            let present = lake.tables().await?.join(", ");
            return Err(UsageError(format!("no table `{name}`; there are: {present}")).into());
        }
        Err(error @ ImportError::Quarantine) => return Err(UsageError(error.to_string()).into()),
        outcome => outcome?,
    };
    report.counts.seconds = started.elapsed().as_secs_f64();
    eprintln!(
        "{} objects read again, {} gone or changed since; {} rows copied as they are",
        report.counts.objects, report.gone_objects, report.copied,
    );
    tell_records(&report.counts);
    Ok(report)
}

/// The tables whose records lie in quarantine. What broke before it was known for whose there
/// is none to be made anew of.
async fn set_aside(
    global: &Global,
    lake: &Lake,
    catalogue: &Catalogue,
) -> anyhow::Result<Vec<String>> {
    let present = lake.tables().await?;
    if !present.iter().any(|name| name == quarantine::NAME) {
        eprintln!("nothing was ever quarantined");
        return Ok(Vec::new());
    }
    let engine = engine(global, lake.clone())?;
    let statement = "SELECT format, count(*) AS records FROM quarantine GROUP BY 1 ORDER BY 1";
    let mut answer = engine.sql(&Identity::local(), statement, &QueryOptions::default()).await?;
    let mut tables = Vec::new();
    while let Some(batch) = answer.next().await {
        let batch = batch?;
        let formats = cast(batch.column(0), &DataType::Utf8)?;
        let records = cast(batch.column(1), &DataType::Int64)?;
        let records = records.as_primitive::<Int64Type>().values();
        for (format, records) in formats.as_string::<i32>().iter().zip(records) {
            let format = format.unwrap_or_default();
            match catalogue.by_name(format).is_some() || present.iter().any(|name| name == format) {
                true => tables.push(format.to_owned()),
                false => eprintln!("{records} records of `{format}` stay: it is no table"),
            }
        }
    }
    Ok(tables)
}
