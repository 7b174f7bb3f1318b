//! `kura import SOURCE…`

use std::sync::Arc;
use std::time::Instant;

use kura_core::counts::Counts;
use kura_core::size::ByteSize;
use kura_formats::{Catalogue, Format, check_found_name};
use kura_ingest::{ImportOptions, Report, import};
use kura_store::Lake;

use crate::cli::{Global, ImportArgs};
use crate::context::open_or_create_lake;
use crate::exit::{Exit, UsageError};
use crate::output::write_line;
use crate::progress::{Bar, interruptible};

pub async fn run(global: &Global, args: ImportArgs) -> anyhow::Result<Exit> {
    let mut options = ImportOptions::new(args.sources, global.memory_plan());
    options.work.threads = global.threads();
    options.work.catalogue = global.catalogue()?;
    options.format = match &args.format {
        None => None,
        Some(name) => Some(known_format(&options.work.catalogue, name)?),
    };
    if let Some(table) = &args.table {
        check_found_name(table).map_err(UsageError)?;
    }
    options.table = args.table;
    let lake = open_or_create_lake(global).await?;
    let report = import_with_progress(&lake, options).await?;
    if args.output.as_deref() == Some("json") {
        write_line(&serde_json::to_string(&report)?)?;
    }
    let nothing = report.counts.objects + report.counts.skipped_objects == report.empty_objects;
    if nothing {
        eprintln!("nothing to import was found");
    }
    let failed = report.counts.failed_objects > 0 || nothing;
    let strict = args.strict && report.counts.quarantined > 0;
    Ok(if failed || strict { Exit::Failed } else { Exit::Ok })
}

/// The format that a person named.
pub fn known_format(catalogue: &Catalogue, name: &str) -> Result<Arc<dyn Format>, UsageError> {
    catalogue.by_name(name).ok_or_else(|| {
        let known: Vec<&str> = catalogue.formats().map(|format| format.name()).collect();
        UsageError(format!("no format `{name}`; there are: {}", known.join(", ")))
    })
}

/// Imports with a bar on stderr and a summary behind it. Ctrl-C ends it cleanly.
pub async fn import_with_progress(lake: &Lake, options: ImportOptions) -> anyhow::Result<Report> {
    let started = Instant::now();
    let bar = Arc::new(Bar::new());
    let cancel = options.work.cancel.clone();
    let outcome = interruptible(cancel, import(lake, options, bar.clone())).await;
    bar.finish();
    let mut report = outcome?;
    report.counts.seconds = started.elapsed().as_secs_f64();
    summary(&report, &bar);
    Ok(report)
}

fn summary(report: &Report, bar: &Bar) {
    let counts = &report.counts;
    if bar.notes_hidden() > 0 {
        eprintln!("… and {} more such lines (`-o json` lists them)", bar.notes_hidden());
    }
    eprintln!(
        "{} objects read ({}), {} known already, {} with nothing to import, {} failed",
        counts.objects,
        ByteSize(counts.bytes),
        counts.skipped_objects,
        report.empty_objects,
        counts.failed_objects,
    );
    tell_records(counts);
}

/// The numbers that add up, in a line.
pub fn tell_records(counts: &Counts) {
    eprintln!(
        "{} records = {} stored + {} duplicates + {} quarantined ({} conflicting), {:.1} s",
        counts.records,
        counts.stored,
        counts.duplicates,
        counts.quarantined,
        counts.conflicting,
        counts.seconds,
    );
}
