//! `kura reparse TABLE`

use std::sync::Arc;
use std::time::Instant;

use kura_ingest::{ImportError, Work, reparse};
use kura_store::StoreError;

use crate::cli::{Global, ReparseArgs};
use crate::commands::import::tell_records;
use crate::context::open_lake;
use crate::exit::{Exit, UsageError};
use crate::output::write_line;
use crate::progress::{Bar, interruptible};

pub async fn run(global: &Global, args: ReparseArgs) -> anyhow::Result<Exit> {
    let lake = open_lake(global).await?;
    let mut work = Work::new(global.memory_plan());
    work.threads = global.threads();
    work.catalogue = global.catalogue()?;
    let started = Instant::now();
    let bar = Arc::new(Bar::new());
    let reparsing = reparse(&lake, &args.table, &work, bar.clone());
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
    if args.output.as_deref() == Some("json") {
        write_line(&serde_json::to_string(&report)?)?;
    }
    let counts = &report.counts;
    eprintln!(
        "{} objects read again, {} gone or changed since; {} rows copied as they are",
        counts.objects, report.gone_objects, report.copied,
    );
    tell_records(counts);
    Ok(Exit::Ok)
}
