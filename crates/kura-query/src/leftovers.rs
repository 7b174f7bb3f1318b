//! What lies in `_extra`, field by field: gathered row by row, in memory that does not grow
//! with the table.
//!
//! 1. `_extra` is walked beside the table's columns. A key that no column has is one field,
//!    whatever lies below it; one that a column has leads into the parts of a struct, of a
//!    list's items or of a map, or is a value that the column did not take.
//! 2. What in a key is data is written `*`: the places of a list's items, the keys of a map,
//!    numbers, ids and addresses in unknown keys.
//! 3. Of each field are kept how many rows have it, the first of them, and when it was seen. So
//!    many fields are told from each other; all others are counted as one.

use std::collections::HashMap;
use std::net::IpAddr;

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::{Schema, TimestampMicrosecondType};
use kura_core::table::column;
use kura_core::time::Micros;
use kura_formats::columns::{Column, ColumnType};
use kura_formats::json::{Cursor, Kind, kind_of};
use serde::Serialize;

/// Fields told from each other in one table: far more than any format grows, and keys that are
/// data end here.
pub const FIELDS_MAX: usize = 1_000;
/// The field that stands for all others.
pub const OTHERS: &str = "…";
const SAMPLE_CHARS: usize = 80;
const KEY_CHARS_MAX: usize = 128;
/// What stands for the part of a key that is data.
const DATA: char = '*';

/// Why a value has no column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum DriftKind {
    /// There is none.
    Unknown,
    /// There is one: the value did not fit it, or was a second one.
    Misfit,
}

impl DriftKind {
    pub const ALL: [DriftKind; 2] = [DriftKind::Unknown, DriftKind::Misfit];

    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            DriftKind::Unknown => "unknown",
            DriftKind::Misfit => "misfit",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DriftField {
    /// Keys from the top of the record, joined with `.`; [`OTHERS`] stands for those beyond
    /// [`FIELDS_MAX`].
    pub field: String,
    pub kind: DriftKind,
    pub rows: u64,
    /// `_origin` of the row read first.
    pub first_origin: String,
    /// `_ingested` of the rows read first and last.
    pub first_seen: Micros,
    pub last_seen: Micros,
    /// How the value in the row read first begins.
    pub sample: String,
}

/// All that lies in a table's `_extra`.
#[derive(Debug, Clone, Default)]
pub struct Leftovers {
    /// By kind, then by name.
    fields: [HashMap<String, Seen>; 2],
    others: [Option<Seen>; 2],
    rows: [Rows; 2],
    /// The number of the row at hand.
    number: u64,
}

/// A count of rows, each once.
#[derive(Debug, Clone, Copy, Default)]
struct Rows {
    count: u64,
    last: u64,
}

#[derive(Debug, Clone)]
struct Seen {
    rows: Rows,
    first: (Micros, String),
    last: Micros,
    sample: String,
}

/// Where the leftovers at hand come from.
#[derive(Clone, Copy)]
struct Row<'a> {
    ingested: Micros,
    origin: &'a str,
}

impl Leftovers {
    /// Adds rows with [`column::EXTRA`], [`column::ORIGIN`] and [`column::INGESTED`].
    pub fn add(&mut self, batch: &RecordBatch, places: &Places) {
        let text = |name| batch.column_by_name(name).and_then(|c| c.as_string_opt::<i32>());
        let ingested = batch.column_by_name(column::INGESTED);
        let ingested = ingested.and_then(|c| c.as_primitive_opt::<TimestampMicrosecondType>());
        let (Some(extra), Some(origin), Some(ingested)) =
            (text(column::EXTRA), text(column::ORIGIN), ingested)
        else {
            return;
        };
        let mut path = String::new();
        for row in (0..batch.num_rows()).filter(|&row| extra.is_valid(row)) {
            self.number += 1;
            let from = Row { ingested: ingested.value(row), origin: origin.value(row) };
            self.walk(places, extra.value(row), &mut path, from);
        }
    }

    /// Those in most rows first, [`OTHERS`] last.
    #[must_use]
    pub fn fields(&self) -> Vec<DriftField> {
        let mut all = Vec::new();
        for (kind, fields) in DriftKind::ALL.into_iter().zip(&self.fields) {
            all.extend(fields.iter().map(|(name, seen)| seen.field(name, kind)));
        }
        all.sort_by(|a, b| (b.rows, &a.field, a.kind).cmp(&(a.rows, &b.field, b.kind)));
        for (kind, others) in DriftKind::ALL.into_iter().zip(&self.others) {
            all.extend(others.iter().map(|seen| DriftField {
                sample: format!("more than {FIELDS_MAX} fields: these rows have the others"),
                ..seen.field(OTHERS, kind)
            }));
        }
        all
    }

    /// How many fields there are of a kind, of those told from each other.
    #[must_use]
    pub fn count(&self, kind: DriftKind) -> u64 {
        self.fields[kind as usize].len() as u64
    }

    /// How many rows have a field of a kind.
    #[must_use]
    pub fn rows(&self, kind: DriftKind) -> u64 {
        self.rows[kind as usize].count
    }

    /// What Kura wrote is whole; an object that breaks off ends there.
    fn walk(&mut self, places: &Places, object: &str, path: &mut String, row: Row<'_>) {
        let above = path.len();
        let _ = Cursor::new(object).object(|key, value| {
            path.truncate(above);
            path.push_str(if above == 0 { "" } else { "." });
            match places.find(&key) {
                Some(place) => {
                    path.push_str(&key);
                    self.below(place, value, path, row);
                }
                None => {
                    path.push_str(&name_of(&key));
                    self.note(DriftKind::Unknown, path, value, row);
                }
            }
        });
        path.truncate(above);
    }

    fn below(&mut self, place: &Place, value: &str, path: &mut String, row: Row<'_>) {
        match &place.inside {
            Inside::Parts(parts) if first_key(value).is_some() => {
                self.walk(parts, value, path, row);
            }
            Inside::Items(parts) if first_key(value).is_some_and(|key| is_number(&key)) => {
                self.items(parts, value, path, row);
            }
            Inside::Keys if first_key(value).is_some() => {
                path.push('.');
                path.push(DATA);
                self.note(DriftKind::Misfit, path, value, row);
            }
            _ => self.note(DriftKind::Misfit, path, value, row),
        }
    }

    /// Leftovers of a list stand under the places of its items.
    fn items(&mut self, parts: &Places, items: &str, path: &mut String, row: Row<'_>) {
        path.push('.');
        path.push(DATA);
        let _ = Cursor::new(items).object(|_, item| match first_key(item) {
            Some(_) => self.walk(parts, item, path, row),
            None => self.note(DriftKind::Misfit, path, item, row),
        });
    }

    fn note(&mut self, kind: DriftKind, field: &str, value: &str, row: Row<'_>) {
        self.rows[kind as usize].add(self.number);
        let are_more = self.fields.iter().map(HashMap::len).sum::<usize>() >= FIELDS_MAX;
        let fields = &mut self.fields[kind as usize];
        if let Some(seen) = fields.get_mut(field) {
            seen.add(self.number, value, row);
        } else if are_more {
            let others = &mut self.others[kind as usize];
            others.get_or_insert_with(Seen::nowhere).add(self.number, value, row);
        } else {
            let seen = fields.entry(field.to_owned()).or_insert_with(Seen::nowhere);
            seen.add(self.number, value, row);
        }
    }
}

impl Rows {
    /// Whether the row is a new one.
    fn add(&mut self, number: u64) -> bool {
        let is_new = self.last != number;
        self.count += u64::from(is_new);
        self.last = number;
        is_new
    }
}

impl Seen {
    fn nowhere() -> Self {
        let first = (Micros::MAX, String::new());
        Seen { rows: Rows::default(), first, last: Micros::MIN, sample: String::new() }
    }

    fn add(&mut self, number: u64, value: &str, row: Row<'_>) {
        if !self.rows.add(number) {
            return;
        }
        self.last = self.last.max(row.ingested);
        if (row.ingested, row.origin) < (self.first.0, &self.first.1) {
            self.first = (row.ingested, row.origin.to_owned());
            self.sample = begin(value, SAMPLE_CHARS).to_owned();
        }
    }

    fn field(&self, name: &str, kind: DriftKind) -> DriftField {
        DriftField {
            field: name.to_owned(),
            kind,
            rows: self.rows.count,
            first_origin: self.first.1.clone(),
            first_seen: self.first.0,
            last_seen: self.last,
            sample: self.sample.clone(),
        }
    }
}

/// The columns of a table, or the parts of one, as keys of records find them.
#[derive(Debug)]
pub struct Places(Vec<Place>);

#[derive(Debug)]
struct Place {
    /// In lower case, as is the key: leftovers of keys that differ only in case are second
    /// values.
    name: String,
    key: String,
    inside: Inside,
}

#[derive(Debug)]
enum Inside {
    Nothing,
    /// Of a struct.
    Parts(Places),
    /// Of the structs in a list.
    Items(Places),
    /// Of a map: data, all of them.
    Keys,
}

impl Places {
    /// Of a table, which may lack what this version of its format has, and have what it lacks.
    #[must_use]
    pub fn of_table(columns: &[Column], schema: &Schema) -> Self {
        let mut places = Places::of(columns);
        places.0.retain(|place| schema.field_with_name(&place.name).is_ok());
        for field in schema.fields() {
            let name = field.name().to_lowercase();
            let is_there = places.0.iter().any(|place| place.name == name);
            if !is_there && name != column::DAY && !name.starts_with('_') {
                places.0.push(Place { key: name.clone(), name, inside: Inside::Nothing });
            }
        }
        places
    }

    fn of(columns: &[Column]) -> Self {
        let place = |column: &Column| Place {
            name: column.name.to_lowercase(),
            key: column.key.to_lowercase(),
            inside: match column.ty {
                ColumnType::Struct(parts) => Inside::Parts(Places::of(parts)),
                ColumnType::List(parts) => Inside::Items(Places::of(parts)),
                ColumnType::Map => Inside::Keys,
                _ => Inside::Nothing,
            },
        };
        Places(columns.iter().map(place).collect())
    }

    fn find(&self, key: &str) -> Option<&Place> {
        let key = key.to_lowercase();
        let hit = |place: &&Place| place.key == key || place.name == key;
        self.0.iter().find(hit).filter(|_| !key.is_empty())
    }
}

/// The first key of an object; `None` of one without keys, and of what is none.
fn first_key(value: &str) -> Option<String> {
    if kind_of(value) != Kind::Object {
        return None;
    }
    let mut cursor = Cursor::new(value);
    let has_keys = cursor.enter_object().is_ok_and(|has_keys| has_keys);
    has_keys.then(|| cursor.key().ok()).flatten().map(|key| key.into_owned())
}

/// An unknown key, with `*` for what in it is data.
fn name_of(key: &str) -> String {
    if is_number(key) || key.parse::<IpAddr>().is_ok() {
        return DATA.to_string();
    }
    let mut name = String::new();
    // Groups of an id stand behind each other.
    let mut is_in_id = false;
    for piece in begin(key, KEY_CHARS_MAX).split_inclusive(|c: char| !c.is_alphanumeric()) {
        let word = piece.trim_end_matches(|c: char| !c.is_alphanumeric());
        is_in_id = is_id(word) || (is_in_id && name.ends_with("*-") && is_hex(word));
        if !is_in_id {
            name.push_str(word);
        } else if name.ends_with("*-") {
            name.pop();
        } else {
            name.push(DATA);
        }
        name.push_str(&piece[word.len()..]);
    }
    name
}

/// Long numbers, hashes, and ids such as those of keys and roles.
fn is_id(word: &str) -> bool {
    let has_digit = word.bytes().any(|byte| byte.is_ascii_digit());
    let is_capital = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
    (word.len() >= 4 && is_number(word))
        || (word.len() >= 8 && is_hex(word))
        || (word.len() >= 16 && has_digit && word.bytes().all(is_capital))
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_hex(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// The first so many characters.
fn begin(text: &str, chars: usize) -> &str {
    text.char_indices().nth(chars).map_or(text, |(at, _)| &text[..at])
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{ArrayRef, StringArray, TimestampMicrosecondArray};

    use super::*;

    #[test]
    fn what_is_data_in_a_key_is_folded() {
        for (key, name) in [
            ("vpceId", "vpceId"),
            ("field_31", "field_31"),
            ("x-amz-sha256", "x-amz-sha256"),
            ("i-0123456789abcdef0", "i-*"),
            ("550e8400-e29b-41d4-a716-446655440000", "*"),
            ("vol-0a1b2c3d-backup", "vol-*-backup"),
            ("arn:aws:iam::111122223333:user/ann", "arn:aws:iam::*:user/ann"),
            ("AROAEXAMPLE123456789", "*"),
            ("17", "*"),
            ("192.0.2.1", "*"),
            ("2001:db8::1", "*"),
            ("日本", "日本"),
            ("", ""),
        ] {
            assert_eq!(name_of(key), name, "{key}");
        }
        assert_eq!(name_of(&"é".repeat(1_000)).chars().count(), KEY_CHARS_MAX);
    }

    #[test]
    fn beyond_so_many_fields_all_others_are_one() {
        let letter = |n: usize| char::from(b"ghijklmnopqrstuvwxyz"[n % 20]);
        let key = |n: usize| format!("{}{}{}", letter(n), letter(n / 20), letter(n / 400));
        let object = |from: usize| {
            let members: Vec<String> =
                (from..from + 700).map(|n| format!("\"{}\":{n}", key(n))).collect();
            format!("{{{}}}", members.join(","))
        };
        let mut left = Leftovers::default();
        let places = Places::of(&[]);
        for (row, from) in [0, 700, 700, 2_000].into_iter().enumerate() {
            left.add(&one_row(&object(from), row), &places);
        }
        let fields = left.fields();
        assert_eq!(fields.len(), FIELDS_MAX + 1);
        let others = fields.last().expect("a field");
        assert_eq!((others.field.as_str(), others.rows), (OTHERS, 3));
        assert_eq!((others.first_origin.as_str(), others.last_seen), ("o#1", 3));
        assert_eq!(left.count(DriftKind::Unknown), 1_000);
        assert_eq!((left.rows(DriftKind::Unknown), left.rows(DriftKind::Misfit)), (4, 0));
    }

    fn one_row(extra: &str, number: usize) -> RecordBatch {
        let text = |text: &str| -> ArrayRef { Arc::new(StringArray::from(vec![text])) };
        let ingested = TimestampMicrosecondArray::from(vec![number as i64]);
        RecordBatch::try_from_iter([
            (column::EXTRA, text(extra)),
            (column::ORIGIN, text(&format!("o#{number}"))),
            (column::INGESTED, Arc::new(ingested) as ArrayRef),
        ])
        .expect("a batch")
    }
}
