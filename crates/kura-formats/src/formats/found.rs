//! JSON records of any kind: their columns are found in them, and kept in the table.
//!
//! - A key at the top of a record is a column, named in lower case; of keys that differ only
//!   in case the first is, and of more than [`FOUND_COLUMNS_MAX`] those that most records
//!   have; the others are left to `_extra`.
//! - Its type is what all values had when it was found: `bigint`, `double`, `boolean`, text,
//!   or JSON text where one of them was an object or a list. It never changes afterwards: a
//!   value that does not fit goes to `_extra`.
//! - What a column's name does not tell (the key, that its text is JSON, that it is the time)
//!   is kept as metadata of the table's column, so that a table is read without its records.

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use kura_core::table::{TableSpec, column, fingerprint, names};
use kura_core::time::parse_any_time;

use super::json_records::JsonDecoder;
use super::{Decoder, Description, Format, Head, HeadSays, KeySays};
use crate::columns::{Column, ColumnType, KURA_COLUMNS, Role, log_schema};
use crate::framing::Framing;
use crate::json::{Cursor, Kind, kind_of, unquote};

/// So many columns are found; what else records have goes to `_extra`.
pub const FOUND_COLUMNS_MAX: usize = 200;
/// So many keys are looked at before the columns are chosen.
const KEYS_MAX: usize = 4_096;
/// A longer key is no name for a column.
const NAME_BYTES_MAX: usize = 128;
/// A column with at most so many values is good to group by.
const FACET_VALUES_MAX: usize = 64;
/// Keys that hold the time, the likeliest first.
const TIME_KEYS: [&str; 12] = [
    "@timestamp",
    "timestamp",
    "time",
    "eventtime",
    "event_time",
    "datetime",
    "ts",
    "date",
    "created_at",
    "createdat",
    "logged_at",
    "t",
];

const KEY: &str = "kura.key";
const JSON: &str = "kura.json";
const ROLE: &str = "kura.role";
const NEEDLE: &str = "kura.needle";
/// Of `_origin`: the records are read as a section of a configuration says.
const OWN: &str = "kura.own";
/// Those that a table's columns may keep.
const ROLES: [Role; 11] = [
    Role::Time,
    Role::Account,
    Role::Region,
    Role::Principal,
    Role::AccessKey,
    Role::Address,
    Role::Resource,
    Role::Id,
    Role::Source,
    Role::Stream,
    Role::Facet,
];

/// Finds columns: first those that the table has, then those of the records it is shown.
#[derive(Debug)]
pub struct Finder {
    name: String,
    columns: Vec<Column>,
    needles: Vec<String>,
    new: Vec<Seen>,
    places: HashMap<String, usize>,
}

/// What the values under a new key were.
#[derive(Debug, Default)]
struct Seen {
    key: String,
    texts: u64,
    whole_numbers: u64,
    /// Whole ones that 64 bits do not hold.
    long_numbers: u64,
    numbers: u64,
    booleans: u64,
    nested: u64,
    times: u64,
    /// Hashes of the values, until there are too many.
    values: HashSet<u64>,
}

impl Finder {
    /// `schema` is the table's, if there is one.
    #[must_use]
    pub fn new(name: &str, schema: Option<&Schema>) -> Self {
        let columns = schema.map_or_else(Vec::new, columns_of);
        let needles = schema.map_or_else(Vec::new, needles_of);
        let (new, places) = (Vec::new(), HashMap::new());
        Finder { name: name.to_owned(), columns, needles, new, places }
    }

    /// Looks at a record; one that is broken tells what it can.
    pub fn add(&mut self, record: &str) {
        // The decoder says later what is wrong with it.
        let _ = Cursor::new(record).object(|key, value| self.value(&key, value));
    }

    fn value(&mut self, key: &str, value: &str) {
        let kind = kind_of(value);
        if kind == Kind::Null || self.columns.iter().any(|column| column.key == key) {
            return;
        }
        if let Some(seen) = self.places.get(key).and_then(|&at| self.new.get_mut(at)) {
            seen.add(kind, value);
        } else if self.new.len() < KEYS_MAX && key.len() <= NAME_BYTES_MAX {
            let mut seen = Seen { key: key.to_owned(), ..Seen::default() };
            seen.add(kind, value);
            self.places.insert(key.to_owned(), self.new.len());
            self.new.push(seen);
        }
    }

    /// The format of the table, with what was found.
    #[must_use]
    pub fn finish(mut self) -> Found {
        let mut taken: HashSet<String> =
            self.columns.iter().map(|column| column.name.to_string()).collect();
        self.keep_the_most_frequent();
        for seen in &self.new {
            let Some(name) = column_name(&seen.key).filter(|name| !taken.contains(name)) else {
                continue;
            };
            taken.insert(name.clone());
            self.columns.push(seen.column(name));
        }
        if !self.columns.iter().any(|column| column.role == Role::Time) {
            self.choose_time();
        }
        Found { needles: self.needles, ..Found::of_columns(&self.name, self.columns) }
    }

    /// As many keys as there is room for, in the order in which they came.
    fn keep_the_most_frequent(&mut self) {
        let room = FOUND_COLUMNS_MAX.saturating_sub(self.columns.len());
        let mut counts: Vec<u64> = self.new.iter().map(Seen::all).collect();
        counts.sort_unstable_by_key(|&count| Reverse(count));
        let least = counts.get(room).map_or(0, |&count| count);
        let mut ties = room - counts.iter().take(room).filter(|&&count| count > least).count();
        self.new.retain(|seen| {
            let is_tie = seen.all() == least && ties > 0;
            ties -= usize::from(is_tie);
            seen.all() > least || is_tie
        });
    }

    /// The likeliest key whose values are times, most of them.
    fn choose_time(&mut self) {
        let is_time = |seen: &&Seen| 2 * seen.times > seen.all();
        let place = |seen: &Seen| {
            let key = seen.key.to_ascii_lowercase();
            TIME_KEYS.iter().position(|known| *known == key)
        };
        let times = self.new.iter().filter(is_time);
        let Some(time) = times.filter(|s| place(s).is_some()).min_by_key(|s| place(s)) else {
            return;
        };
        if let Some(column) = self.columns.iter_mut().find(|column| column.key == time.key) {
            column.role = Role::Time;
        }
    }
}

impl Seen {
    fn add(&mut self, kind: Kind, value: &str) {
        let plain = unquote(value);
        match kind {
            Kind::Object | Kind::Array => self.nested += 1,
            Kind::Bool => self.booleans += 1,
            Kind::Number if value.parse::<i64>().is_ok() => self.whole_numbers += 1,
            Kind::Number if value.bytes().all(|b| b.is_ascii_digit() || b == b'-') => {
                self.long_numbers += 1;
            }
            Kind::Number => self.numbers += 1,
            _ => self.texts += 1,
        }
        self.times += u64::from(parse_any_time(&plain).is_some());
        if self.values.len() <= FACET_VALUES_MAX {
            self.values.insert(fingerprint(plain.as_bytes()));
        }
    }

    fn all(&self) -> u64 {
        let numbers = self.whole_numbers + self.long_numbers + self.numbers;
        self.texts + numbers + self.booleans + self.nested
    }

    fn column(&self, name: String) -> Column {
        let all = self.all();
        let ty = match self {
            Seen { nested: 1.., .. } => ColumnType::Json,
            Seen { booleans, .. } if *booleans == all => ColumnType::Boolean,
            Seen { whole_numbers, .. } if *whole_numbers == all => ColumnType::Long,
            Seen { whole_numbers, numbers, .. } if whole_numbers + numbers == all => {
                ColumnType::Double
            }
            _ => ColumnType::Text,
        };
        let few = self.values.len() <= FACET_VALUES_MAX && (self.values.len() as u64) < all;
        let is_facet = few && !matches!(ty, ColumnType::Json | ColumnType::Double);
        let role = if is_facet { Role::Facet } else { Role::None };
        Column { name: name.into(), key: self.key.clone().into(), ty, role, about: "" }
    }
}

/// A key as the name of a column: lower case, and nothing that other readers stumble over.
pub(super) fn column_name(key: &str) -> Option<String> {
    // Letters that have a case are told apart by some readers and not by others.
    let has_case = |c: char| c.is_lowercase() || c.is_uppercase();
    let plain = |c: char| match c {
        _ if c.is_ascii_alphanumeric() => c.to_ascii_lowercase(),
        _ if c.is_alphanumeric() && !has_case(c) => c,
        _ => '_',
    };
    let mut name: String = key.chars().map(plain).collect();
    if name.starts_with(|c: char| c.is_ascii_digit()) {
        name.insert(0, '_');
    }
    if KURA_COLUMNS.iter().any(|column| column.name == name) {
        name.push('_');
    }
    (!name.is_empty() && name.len() <= NAME_BYTES_MAX).then_some(name)
}

/// The found columns of a table, by its schema.
fn columns_of(schema: &Schema) -> Vec<Column> {
    let kura = |name: &str| KURA_COLUMNS.iter().any(|column| column.name == name);
    let fields = schema.fields().iter().filter(|field| !kura(field.name()));
    fields.filter_map(|field| column_of(field)).collect()
}

/// Those that a person named.
fn needles_of(schema: &Schema) -> Vec<String> {
    let named = schema.fields().iter().filter(|field| field.metadata().contains_key(NEEDLE));
    named.map(|field| field.name().clone()).collect()
}

fn column_of(field: &Field) -> Option<Column> {
    let said = |key: &str| field.metadata().get(key).map(String::as_str);
    let ty = match field.data_type() {
        DataType::Utf8 if said(JSON).is_some() => ColumnType::Json,
        DataType::Utf8 => ColumnType::Text,
        DataType::Int32 => ColumnType::Int,
        DataType::Int64 => ColumnType::Long,
        DataType::Timestamp(..) => ColumnType::Timestamp,
        DataType::Date32 => ColumnType::Date,
        DataType::Float64 => ColumnType::Double,
        DataType::Boolean => ColumnType::Boolean,
        _ => return None,
    };
    let role = ROLES.into_iter().find(|role| role.word() == said(ROLE));
    let name = field.name().clone();
    let key = said(KEY).map_or_else(|| name.clone(), str::to_owned);
    Some(Column {
        name: name.into(),
        key: key.into(),
        ty,
        role: role.unwrap_or(Role::None),
        about: "",
    })
}

/// A column as the table keeps it.
fn field_of(column: &Column, is_needle: bool) -> Field {
    let mut said = HashMap::new();
    if column.key != column.name {
        said.insert(KEY.to_owned(), column.key.to_string());
    }
    if matches!(column.ty, ColumnType::Json) {
        said.insert(JSON.to_owned(), "true".to_owned());
    }
    if is_needle {
        said.insert(NEEDLE.to_owned(), "true".to_owned());
    }
    if let Some(word) = column.role.word() {
        said.insert(ROLE.to_owned(), word.to_owned());
    }
    column.field().with_metadata(said)
}

/// The format of a table whose columns were found.
#[derive(Debug, Clone)]
pub struct Found {
    description: Description,
    /// Columns that a person said are looked up by value.
    needles: Vec<String>,
    /// How its records are read only the person's configuration says.
    pub(super) is_own: bool,
}

/// Whether the table with this schema is of a person's own format.
#[must_use]
pub fn is_own(schema: &Schema) -> bool {
    schema.field_with_name(column::ORIGIN).is_ok_and(|field| field.metadata().contains_key(OWN))
}

impl Found {
    /// Of a table that is there.
    #[must_use]
    pub fn of_table(name: &str, schema: &Schema) -> Self {
        let needles = needles_of(schema);
        let is_own = is_own(schema);
        Found { needles, is_own, ..Found::of_columns(name, columns_of(schema)) }
    }

    /// Of columns that are known.
    pub(super) fn of_columns(name: &str, columns: Vec<Column>) -> Self {
        let description = Description {
            name: name.to_owned().into(),
            title: "JSON records of any kind",
            about: "",
            source: "https://www.rfc-editor.org/rfc/rfc8259",
            sample: "",
            columns: columns.into(),
            statistics: &[column::TIME],
            needles: &[],
            distinct: &[],
            views: &[],
            examples: &[],
            flat_copies: &[],
        };
        Found { description, needles: Vec::new(), is_own: false }
    }

    /// Those of the columns with these keys, and Kura's that are filled by roles or in
    /// another way.
    pub(super) fn add_needles(&mut self, keys: &[String], filled: &[&str]) {
        let columns = &self.description.columns;
        let named = columns.iter().filter(|column| keys.iter().any(|key| column.key == *key));
        let has = |role: Role| columns.iter().any(|column| column.role == role);
        let of_roles = [
            (Role::Account, column::ACCOUNT),
            (Role::Region, column::REGION),
            (Role::Principal, column::PRINCIPAL),
            (Role::Address, column::ADDR),
            (Role::Resource, column::RESOURCE),
        ];
        let of_roles = of_roles.into_iter().filter(|(role, _)| has(*role)).map(|(_, name)| name);
        let named = named.map(|column| column.name.as_ref());
        let all: Vec<String> =
            named.chain(of_roles).chain(filled.iter().copied()).map(str::to_owned).collect();
        self.needles.extend(all);
    }

    pub(super) fn schema(&self) -> SchemaRef {
        let columns = &self.description.columns;
        let plain = log_schema(columns);
        let fields = plain.fields().iter().map(|field| {
            match columns.iter().find(|column| column.name == *field.name()) {
                Some(column) => Arc::new(field_of(column, self.is_needle(column))),
                None if self.needles.contains(field.name()) => marked(field, NEEDLE),
                None if self.is_own && field.name() == column::ORIGIN => marked(field, OWN),
                None => field.clone(),
            }
        });
        Arc::new(Schema::new(fields.collect::<Vec<_>>()))
    }
}

impl Found {
    fn is_needle(&self, column: &Column) -> bool {
        self.needles.iter().any(|needle| column.name == *needle)
    }
}

fn marked(field: &Field, mark: &str) -> Arc<Field> {
    let said = [(mark.to_owned(), "true".to_owned())];
    Arc::new(field.clone().with_metadata(said.into()))
}

/// Names that say that their values are looked up one by one.
fn is_id(column: &Column) -> bool {
    let names_one = ["id", "uuid", "arn"].iter().any(|end| column.name.ends_with(end));
    names_one && matches!(column.ty, ColumnType::Text)
}

impl Format for Found {
    fn description(&self) -> &Description {
        &self.description
    }

    /// Its needles and what its columns' names do not tell are found, too.
    fn table(&self) -> TableSpec {
        let ids = self.description.columns.iter().filter(|column| is_id(column));
        let ids = ids.filter(|column| !self.is_needle(column));
        TableSpec {
            name: self.name().into(),
            schema: self.schema(),
            statistics: names(&[column::TIME]),
            needles: ids
                .map(|column| column.name.to_string())
                .chain(self.needles.iter().cloned())
                .collect(),
            distinct: Vec::new(),
        }
    }

    fn recognise_key(&self, _path: &str) -> Option<KeySays> {
        None
    }

    fn recognise_head(&self, _head: &Head<'_>) -> Option<HeadSays> {
        None
    }

    fn is_general(&self) -> bool {
        true
    }

    fn framing(&self) -> Framing {
        Framing::Json { restart: None }
    }

    fn decoder(&self) -> Box<dyn Decoder> {
        Box::new(JsonDecoder::new(
            self.name(),
            self.schema(),
            self.description.columns.clone(),
            &[],
        ))
    }
}

#[cfg(test)]
#[path = "found_tests.rs"]
mod tests;
