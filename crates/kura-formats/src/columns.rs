//! How a format says what its columns are: name, type, meaning, role. Constant tables;
//! Arrow schema, Delta schema, reference page and the page's field list derive from them.

use std::borrow::Cow;
use std::sync::Arc;

use arrow::datatypes::{DataType, Field, Fields, Schema, SchemaRef};
use kura_core::table::{column, text, timestamp, timestamp_type};

/// The type of a column, or of a part of one.
#[derive(Debug, Clone, Copy)]
pub enum ColumnType {
    /// Text; a number or boolean is kept as it was written.
    Text,
    /// JSON of any shape, as text exactly as received.
    Json,
    Timestamp,
    Date,
    Int,
    Long,
    Double,
    Boolean,
    Binary,
    Struct(&'static [Column]),
    /// A list of structs.
    List(&'static [Column]),
    /// A list of texts.
    Texts,
    /// Text to text.
    Map,
}

/// What a column is good for beyond being read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    None,
    Time,
    Account,
    Region,
    Principal,
    AccessKey,
    Address,
    Resource,
    Id,
    /// What wrote the record, and in which of its streams: what an envelope says fills the
    /// column where the record itself does not.
    Source,
    Stream,
    /// Few values, good to group by: the page lists its top values.
    Facet,
}

impl Role {
    #[must_use]
    pub fn word(self) -> Option<&'static str> {
        Some(match self {
            Role::None => return None,
            Role::Time => "time",
            Role::Account => "account",
            Role::Region => "region",
            Role::Principal => "principal",
            Role::AccessKey => "accesskey",
            Role::Address => "address",
            Role::Resource => "resource",
            Role::Id => "id",
            Role::Source => "source",
            Role::Stream => "stream",
            Role::Facet => "facet",
        })
    }

    /// Whether top values of the column tell something.
    #[must_use]
    pub fn is_facet(self) -> bool {
        !matches!(self, Role::None | Role::Time | Role::Id)
    }
}

/// Columns beside each other: a format's constant table, or what was found in records.
pub type Columns = Cow<'static, [Column]>;

#[derive(Debug, Clone)]
pub struct Column {
    /// The name in the table: Athena's, lower case.
    pub name: Cow<'static, str>,
    /// The name in the record.
    pub key: Cow<'static, str>,
    pub ty: ColumnType,
    pub role: Role,
    /// What it means, for the reference page; one sentence.
    pub about: &'static str,
}

impl Column {
    #[must_use]
    pub const fn new(
        name: &'static str,
        key: &'static str,
        ty: ColumnType,
        about: &'static str,
    ) -> Self {
        let (name, key) = (Cow::Borrowed(name), Cow::Borrowed(key));
        Column { name, key, ty, role: Role::None, about }
    }

    #[must_use]
    pub const fn text(name: &'static str, key: &'static str, about: &'static str) -> Self {
        Column::new(name, key, ColumnType::Text, about)
    }

    #[must_use]
    pub const fn json(name: &'static str, key: &'static str, about: &'static str) -> Self {
        Column::new(name, key, ColumnType::Json, about)
    }

    #[must_use]
    pub const fn role(mut self, role: Role) -> Self {
        self.role = role;
        self
    }

    #[must_use]
    pub fn field(&self) -> Field {
        Field::new(self.name.as_ref(), self.ty.data_type(), true)
    }
}

impl ColumnType {
    #[must_use]
    pub fn data_type(self) -> DataType {
        match self {
            ColumnType::Text | ColumnType::Json => DataType::Utf8,
            ColumnType::Timestamp => timestamp_type(),
            ColumnType::Date => DataType::Date32,
            ColumnType::Int => DataType::Int32,
            ColumnType::Long => DataType::Int64,
            ColumnType::Double => DataType::Float64,
            ColumnType::Boolean => DataType::Boolean,
            ColumnType::Binary => DataType::Binary,
            ColumnType::Struct(parts) => DataType::Struct(fields(parts)),
            ColumnType::List(parts) => DataType::List(Arc::new(list_item(parts))),
            ColumnType::Texts => DataType::List(Arc::new(texts_item())),
            ColumnType::Map => DataType::Map(Arc::new(map_entries()), false),
        }
    }

    /// The type as Athena's DDL writes it.
    #[must_use]
    pub fn athena(self) -> String {
        let list = |parts: &[Column]| {
            let parts = parts.iter().map(|c| format!("{}:{}", c.name, c.ty.athena()));
            parts.collect::<Vec<_>>().join(",")
        };
        match self {
            ColumnType::Text | ColumnType::Json => "string".to_owned(),
            ColumnType::Timestamp => "timestamp".to_owned(),
            ColumnType::Date => "date".to_owned(),
            ColumnType::Int => "int".to_owned(),
            ColumnType::Long => "bigint".to_owned(),
            ColumnType::Double => "double".to_owned(),
            ColumnType::Boolean => "boolean".to_owned(),
            ColumnType::Binary => "binary".to_owned(),
            ColumnType::Struct(parts) => format!("struct<{}>", list(parts)),
            ColumnType::List(parts) => format!("array<struct<{}>>", list(parts)),
            ColumnType::Texts => "array<string>".to_owned(),
            ColumnType::Map => "map<string,string>".to_owned(),
        }
    }
}

#[must_use]
pub fn fields(columns: &[Column]) -> Fields {
    columns.iter().map(Column::field).collect()
}

/// The names inside lists and maps are those that Delta's own Arrow conversion gives, so
/// that files and table schema agree to the letter.
#[must_use]
pub fn list_item(parts: &[Column]) -> Field {
    Field::new("element", DataType::Struct(fields(parts)), true)
}

#[must_use]
pub fn texts_item() -> Field {
    text("element", true)
}

#[must_use]
pub fn map_entries() -> Field {
    let entry = [text("key", false), text("value", true)];
    Field::new("key_value", DataType::Struct(entry.into_iter().collect()), false)
}

/// The schema of a log table: time first, then the record's own columns, then Kura's, the
/// partition last.
#[must_use]
pub fn log_schema(native: &[Column]) -> SchemaRef {
    let mut all = vec![timestamp(column::TIME, false)];
    all.extend(native.iter().map(Column::field));
    all.extend(KURA_COLUMNS.iter().skip(1).map(|c| match c.name.as_ref() {
        column::ID | column::ORIGIN => text(&c.name, false),
        column::INGESTED => timestamp(&c.name, false),
        column::DAY => Field::new(column::DAY, DataType::Date32, false),
        _ => text(&c.name, true),
    }));
    Arc::new(Schema::new(all))
}

/// Kura's columns, in the order of every log table.
pub static KURA_COLUMNS: [Column; 12] = [
    Column::new(
        "_time",
        "",
        ColumnType::Timestamp,
        "When it happened, by the record itself, else by the best that is known.",
    )
    .role(Role::Time),
    Column::text(
        "_account",
        "",
        "The account it happened in, from the record, else from the object's key.",
    )
    .role(Role::Account),
    Column::text("_region", "", "The Region, from the record, else from the object's key.")
        .role(Role::Region),
    Column::text("_principal", "", "Who did it, as a flat column.").role(Role::Principal),
    Column::text("_accesskey", "", "The access key it was signed with, as a flat column.")
        .role(Role::AccessKey),
    Column::text("_addr", "", "Where it came from: an address, or the name of a service.")
        .role(Role::Address),
    Column::text("_resource", "", "What it was done to: ARNs and names, joined with a space.")
        .role(Role::Resource),
    Column::text("_id", "", "The record's own id, else a hash of where it lay.").role(Role::Id),
    Column::text(
        "_origin",
        "",
        "The object and the number of the record in it, and each envelope that was opened.",
    ),
    Column::json(
        "_extra",
        "",
        "What has no column: unknown fields, values that do not fit, keys that differ only in case.",
    ),
    Column::new("_ingested", "", ColumnType::Timestamp, "When Kura read it."),
    Column::new("day", "", ColumnType::Date, "The partition: the day of `_time` in UTC."),
];
