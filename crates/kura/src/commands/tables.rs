//! `kura tables [TABLE]`

use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, StringArray, UInt64Array};
use kura_core::identity::Identity;
use kura_core::time::rfc3339;
use kura_formats::formats::{self, Select};
use kura_query::{TableInfo, TableKind};

use crate::cli::{Global, TablesArgs};
use crate::context::{open_engine, open_lake};
use crate::exit::{Exit, UsageError};
use crate::output;

pub async fn run(global: &Global, args: TablesArgs) -> anyhow::Result<Exit> {
    let engine = open_engine(global).await?;
    let tables = engine.tables(&Identity::local()).await?;
    if args.ddl.is_some() {
        let lake = open_lake(global).await?;
        let location = args.location.as_deref().unwrap_or(lake.location().url.as_str());
        return write_ddl(&tables, location);
    }
    let batch = match &args.table {
        None => tables_batch(&tables)?,
        Some(name) => {
            let table = tables.iter().find(|table| &table.name == name);
            let names: Vec<&str> = tables.iter().map(|table| table.name.as_str()).collect();
            let unknown =
                || UsageError(format!("no table `{name}`; there are: {}", names.join(", ")));
            columns_batch(table.ok_or_else(unknown)?)?
        }
    };
    output::write_batch(&batch, args.output.output)?;
    Ok(Exit::Ok)
}

/// Athena reads columns and partitions out of the Delta log.
fn write_ddl(tables: &[TableInfo], location: &str) -> anyhow::Result<Exit> {
    let location = location.trim_end_matches('/');
    for table in tables.iter().filter(|table| table.kind == TableKind::Table) {
        let name = &table.name;
        output::write_line(&format!(
            "CREATE EXTERNAL TABLE `{name}`\nLOCATION '{location}/tables/{name}/'\n\
             TBLPROPERTIES ('table_type' = 'DELTA');\n"
        ))?;
        let Some(format) = formats::by_name(name) else { continue };
        let said = format.description();
        for view in said.views {
            let own = said.columns.iter().map(|column| column.name.as_ref());
            let statement = match view.select {
                // As Trino writes it.
                Select::Added(_) => view.statement(name, own).replace("to_char(", "date_format("),
                Select::Whole(_) => {
                    let why = "its structs and lists are not made in Athena's SQL";
                    output::write_line(&format!("-- no view \"{}\": {why}\n", view.name))?;
                    continue;
                }
            };
            output::write_line(&format!(
                "CREATE OR REPLACE VIEW \"{}\" AS\n{statement};\n",
                view.name
            ))?;
        }
    }
    Ok(Exit::Ok)
}

pub fn tables_batch(tables: &[TableInfo]) -> anyhow::Result<RecordBatch> {
    let text = |of: &dyn Fn(&TableInfo) -> Option<String>| -> ArrayRef {
        Arc::new(tables.iter().map(of).collect::<StringArray>())
    };
    let number = |of: fn(&TableInfo) -> u64| -> ArrayRef {
        Arc::new(UInt64Array::from_iter_values(tables.iter().map(of)))
    };
    let kind = |table: &TableInfo| match table.kind {
        TableKind::Table => "table",
        TableKind::View => "view",
    };
    Ok(RecordBatch::try_from_iter_with_nullable([
        ("table", text(&|t| Some(t.name.clone())), false),
        ("kind", text(&|t| Some(kind(t).to_owned())), false),
        ("rows", number(|t| t.rows), false),
        ("files", number(|t| t.files), false),
        ("bytes", number(|t| t.bytes), false),
        ("min_time", text(&|t| t.min_time.map(rfc3339)), true),
        ("max_time", text(&|t| t.max_time.map(rfc3339)), true),
    ])?)
}

pub fn columns_batch(table: &TableInfo) -> anyhow::Result<RecordBatch> {
    let names: StringArray = table.columns.iter().map(|c| Some(c.name.clone())).collect();
    let types: StringArray = table.columns.iter().map(|c| Some(c.type_name.clone())).collect();
    let roles: StringArray = table.columns.iter().map(|c| c.role).collect();
    Ok(RecordBatch::try_from_iter_with_nullable([
        ("column", Arc::new(names) as ArrayRef, false),
        ("type", Arc::new(types) as ArrayRef, false),
        ("role", Arc::new(roles) as ArrayRef, true),
    ])?)
}
