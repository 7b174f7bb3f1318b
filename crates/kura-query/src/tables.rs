//! What tables there are: how much each holds, and what its columns are good for.

use std::sync::Arc;

use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use datafusion::catalog::SchemaProvider;
use kura_core::identity::Identity;
use kura_core::time::Micros;
use kura_formats::columns::{Column, ColumnType, Columns, KURA_COLUMNS, Role};
use kura_formats::formats::{Select, View};
use kura_formats::{KnownTable, known_table};
use kura_store::TableSnapshot;
use serde::Serialize;

use crate::answer::QueryOptions;
use crate::catalog::{LakeSchema, Tables};
use crate::engine::Engine;
use crate::error::Result;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum TableKind {
    Table,
    View,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TableInfo {
    pub name: String,
    pub kind: TableKind,
    pub rows: u64,
    pub files: u64,
    pub bytes: u64,
    /// The smallest and the largest `_time`.
    pub min_time: Option<Micros>,
    pub max_time: Option<Micros>,
    pub columns: Vec<ColumnInfo>,
}

/// A column, or a part of one: those follow their column, named with dots.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ColumnInfo {
    pub name: String,
    /// As Athena writes it: `string`, `timestamp`, `bigint`, `struct`, `array` …
    pub type_name: String,
    pub role: Option<&'static str>,
    /// Its text is JSON.
    pub json: bool,
    /// Few values, good to group by.
    pub facet: bool,
    /// What it means, in one sentence; may be empty.
    pub about: &'static str,
}

impl Engine {
    /// The lake's tables, then the views over them.
    pub async fn tables(&self, who: &Identity) -> Result<Vec<TableInfo>> {
        let question = self.question(who, &QueryOptions::default()).await?;
        let tables = &question.tables;
        let mut all = Vec::new();
        for name in tables.names() {
            if let Some(snapshot) = tables.snapshot(name).await? {
                let known = known_table(name, &snapshot.schema);
                let columns = columns_of(&known, &snapshot.schema);
                all.push(table_info(tables, &snapshot, name, TableKind::Table, columns));
            }
        }
        let views: Vec<_> = tables.views().collect();
        for (format, view) in views {
            let Some(snapshot) = tables.snapshot(format.name()).await? else { continue };
            let Some(schema) = self.schema_of_view(tables, view, &snapshot).await? else {
                continue;
            };
            let mut known = known_table(format.name(), &snapshot.schema);
            if let Select::Whole(_) = view.select {
                // What has a column's name need not be that column.
                known.columns = Columns::default();
            }
            let columns = columns_of(&known, &schema);
            all.push(table_info(tables, &snapshot, view.name, TableKind::View, columns));
        }
        Ok(all)
    }

    /// As planning tells it, or as it told it before over a table of the same columns: the
    /// longer views take some time.
    async fn schema_of_view(
        &self,
        tables: &Arc<Tables>,
        view: &'static View,
        snapshot: &TableSnapshot,
    ) -> Result<Option<SchemaRef>> {
        if let Some((over, schema)) = self.planned_views().get(view.name)
            && *over == snapshot.schema
        {
            return Ok(Some(schema.clone()));
        }
        let Some(provider) = LakeSchema(tables.clone()).table(view.name).await? else {
            return Ok(None);
        };
        let schema = provider.schema();
        self.planned_views().insert(view.name, (snapshot.schema.clone(), schema.clone()));
        Ok(Some(schema))
    }
}

fn table_info(
    tables: &Tables,
    snapshot: &TableSnapshot,
    name: &str,
    kind: TableKind,
    columns: Vec<ColumnInfo>,
) -> TableInfo {
    let (rows, times) = tables.extent(snapshot);
    TableInfo {
        name: name.to_owned(),
        kind,
        rows,
        files: snapshot.files.len() as u64,
        bytes: snapshot.bytes(),
        min_time: times.map(|times| times.0),
        max_time: times.map(|times| times.1),
        columns,
    }
}

fn columns_of(table: &KnownTable, schema: &Schema) -> Vec<ColumnInfo> {
    let mut infos = Vec::new();
    for field in schema.fields() {
        let mut known = table.columns.iter().chain(&KURA_COLUMNS);
        let known = known.find(|column| column.name == *field.name()).cloned();
        let is_empty = table.left_empty.iter().any(|name| name == field.name());
        let known = known.map(|column| if is_empty { column.role(Role::None) } else { column });
        describe(field.name(), field, known.as_ref(), &mut infos);
    }
    infos
}

fn describe(name: &str, field: &Field, known: Option<&Column>, infos: &mut Vec<ColumnInfo>) {
    infos.push(ColumnInfo {
        name: name.to_owned(),
        type_name: type_name(field.data_type()).to_owned(),
        role: known.and_then(|column| column.role.word()),
        json: known.is_some_and(|column| matches!(column.ty, ColumnType::Json)),
        facet: known.is_some_and(|column| column.role.is_facet()),
        about: known.map_or("", |column| column.about),
    });
    let DataType::Struct(parts) = field.data_type() else { return };
    let known_parts = match known.map(|column| column.ty) {
        Some(ColumnType::Struct(parts)) => parts,
        _ => &[],
    };
    for part in parts {
        let known = known_parts.iter().find(|column| column.name == *part.name());
        describe(&format!("{name}.{}", part.name()), part, known, infos);
    }
}

/// A type's name in Athena, without its parts.
#[must_use]
pub fn type_name(data_type: &DataType) -> &'static str {
    match data_type {
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => "string",
        DataType::Timestamp(..) => "timestamp",
        DataType::Date32 | DataType::Date64 => "date",
        DataType::Int64 | DataType::UInt64 => "bigint",
        DataType::Int32 | DataType::UInt32 => "integer",
        DataType::Float64 => "double",
        DataType::Boolean => "boolean",
        DataType::Binary | DataType::LargeBinary | DataType::BinaryView => "binary",
        DataType::Struct(_) => "struct",
        DataType::List(_) | DataType::LargeList(_) => "array",
        DataType::Map(..) => "map",
        _ => "other",
    }
}
