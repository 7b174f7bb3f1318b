//! `kura compact [TABLE…]`

use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, StringArray, UInt64Array};
use kura_formats::known_table;
use kura_store::compact::{CompactReport, collect, compact};

use crate::cli::{CompactArgs, Global};
use crate::context::open_lake;
use crate::exit::{Exit, UsageError};
use crate::output;

pub async fn run(global: &Global, args: CompactArgs) -> anyhow::Result<Exit> {
    let lake = open_lake(global).await?;
    let present = lake.tables().await?;
    if let Some(absent) = args.tables.iter().find(|&name| !present.contains(name)) {
        return Err(
            UsageError(format!("no table `{absent}`; there are: {}", present.join(", "))).into()
        );
    }
    let chosen = |name: &str| args.tables.is_empty() || args.tables.iter().any(|t| t == name);
    let mut reports = Vec::new();
    for name in present.iter().filter(|name| chosen(name)) {
        let spec = known_table(name, &lake.snapshot(name).await?.schema).spec;
        reports.push(compact(&lake, &spec, global.memory_plan()).await?);
        let deleted = collect(&lake, name, i64::from(args.grace_days) * 86_400).await?;
        if deleted > 0 {
            eprintln!("{name}: {deleted} files beyond their grace deleted");
        }
    }
    output::write_batch(&batch(&reports)?, args.output.output)?;
    Ok(Exit::Ok)
}

fn batch(reports: &[CompactReport]) -> anyhow::Result<RecordBatch> {
    let number = |of: fn(&CompactReport) -> u64| -> ArrayRef {
        Arc::new(UInt64Array::from_iter_values(reports.iter().map(of)))
    };
    let names: ArrayRef =
        Arc::new(StringArray::from_iter_values(reports.iter().map(|r| r.table.as_str())));
    Ok(RecordBatch::try_from_iter([
        ("table", names),
        ("rows", number(|r| r.rows)),
        ("files_before", number(|r| r.files_before)),
        ("files_after", number(|r| r.files_after)),
        ("bytes_before", number(|r| r.bytes_before)),
        ("bytes_after", number(|r| r.bytes_after)),
    ])?)
}
