//! `kura expire TABLE… --older-than AGE`

use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, StringArray, UInt64Array};
use kura_core::clock::{Clock, SystemClock};
use kura_core::time::parse_person_time;
use kura_store::expire::{Expired, expire};

use crate::cli::{ExpireArgs, Global};
use crate::context::open_lake;
use crate::exit::{Exit, UsageError};
use crate::output;

pub async fn run(global: &Global, args: ExpireArgs) -> anyhow::Result<Exit> {
    let before = parse_person_time(&args.older_than, SystemClock.now())
        .map_err(|error| UsageError(error.to_string()))?;
    let lake = open_lake(global).await?;
    let present = lake.tables().await?;
    if let Some(absent) = args.tables.iter().find(|&name| !present.contains(name)) {
        let present = present.join(", ");
        return Err(UsageError(format!("no table `{absent}`; there are: {present}")).into());
    }
    let mut all = Vec::new();
    for table in &args.tables {
        all.push(expire(&lake, table, before, args.dry_run).await?);
    }
    output::write_batch(&batch(&all)?, args.output.output)?;
    if args.dry_run {
        eprintln!("nothing was changed: without `--dry-run` these rows leave their tables");
    }
    Ok(Exit::Ok)
}

fn batch(all: &[Expired]) -> anyhow::Result<RecordBatch> {
    let number = |of: fn(&Expired) -> u64| -> ArrayRef {
        Arc::new(UInt64Array::from_iter_values(all.iter().map(of)))
    };
    let names: ArrayRef =
        Arc::new(StringArray::from_iter_values(all.iter().map(|e| e.table.as_str())));
    Ok(RecordBatch::try_from_iter([
        ("table", names),
        ("days", number(|e| e.days)),
        ("files", number(|e| e.files)),
        ("rows", number(|e| e.rows)),
        ("bytes", number(|e| e.bytes)),
    ])?)
}
