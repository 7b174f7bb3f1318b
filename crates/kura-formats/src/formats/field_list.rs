//! Fields that somebody chose: what lines without a header hold, said in `kura.toml`.
//!
//! CloudFront's real-time logs and flow logs in CloudWatch come with the fields that were
//! chosen and do not name them. A list names them; a line is one of it if it has as many
//! fields, and each could be what the list says.

use std::net::IpAddr;

use kura_core::time::{parse_any_time, parse_day};
use serde::Deserialize;

use super::delimited::Place;
use super::key_glob::KeyGlob;
use super::named_records::column_named;
use crate::columns::{Column, ColumnType, Role};

/// A section `[[fields.TABLE]]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FieldSection {
    /// The fields, in the order in which they come.
    pub columns: Vec<String>,
    /// A glob of the objects that hold such lines; without it the first line tells them.
    pub key: Option<String>,
    /// What stands between the fields, where it is not what the log has by itself.
    pub delimiter: Option<char>,
}

/// A list whose fields have found their columns.
#[derive(Debug, Clone)]
pub struct FieldList {
    key: Option<KeyGlob>,
    pub places: Vec<Place>,
    pub delimiter: Option<u8>,
    /// Fields whose values look like no text.
    shape: Vec<(usize, Fits)>,
}

type Fits = fn(&str) -> bool;

/// So many fields tell a line of the list from other lines.
const TELLING_MIN: usize = 2;

impl FieldSection {
    /// # Errors
    /// What in it cannot be, in a line for a person.
    pub fn build(&self, columns: &[Column]) -> Result<FieldList, String> {
        let place = |name: &String| {
            let unknown = || format!("no column for the field `{name}`");
            column_named(columns, name).ok_or_else(unknown)
        };
        let order = self.columns.iter().map(place).collect::<Result<Vec<_>, _>>()?;
        if let Some(at) = (1..order.len()).find(|&at| order[..at].contains(&order[at])) {
            return Err(format!("the field `{}` stands there twice", self.columns[at]));
        }
        let telling = |(at, &column): (usize, &usize)| Some((at, fits(&columns[column])?));
        let shape: Vec<_> = order.iter().enumerate().filter_map(telling).collect();
        if self.key.is_none() && shape.len() < TELLING_MIN {
            let why = "too few times, addresses and numbers to tell such a line: name a `key`";
            return Err(why.to_owned());
        }
        let delimiter = match self.delimiter {
            Some(delimiter) if !delimiter.is_ascii() || delimiter.is_ascii_alphanumeric() => {
                return Err(format!("`{delimiter}` is no delimiter"));
            }
            delimiter => delimiter.and_then(|delimiter| u8::try_from(delimiter).ok()),
        };
        Ok(FieldList {
            key: self.key.as_deref().map(KeyGlob::new).transpose()?,
            places: order.into_iter().map(Place::Column).collect(),
            delimiter,
            shape,
        })
    }
}

impl FieldList {
    pub fn has_key(&self, path: &str) -> bool {
        self.key.as_ref().is_some_and(|key| key.is_match(path))
    }

    pub fn has_count_of(&self, fields: &[&str]) -> bool {
        fields.len() == self.places.len()
    }

    /// Whether such a first line tells an object of the list: where no key is to do so.
    pub fn tells(&self, fields: &[&str]) -> bool {
        self.key.is_none() && self.takes(fields)
    }

    /// Whether a line of these fields looks like one of the list.
    pub fn takes(&self, fields: &[&str]) -> bool {
        let fits =
            |&(at, fits): &(usize, Fits)| ["-", ""].contains(&fields[at]) || fits(fields[at]);
        self.has_count_of(fields) && !self.shape.is_empty() && self.shape.iter().all(fits)
    }
}

fn fits(column: &Column) -> Option<Fits> {
    Some(match (column.ty, column.role) {
        (ColumnType::Int | ColumnType::Long, _) => |field| field.parse::<i64>().is_ok(),
        (ColumnType::Double, _) => |field| field.parse::<f64>().is_ok(),
        (ColumnType::Date, _) => |field| parse_day(field).is_some(),
        (_, Role::Time) => |field| parse_any_time(field).is_some(),
        (_, Role::Address) => |field| field.parse::<IpAddr>().is_ok(),
        _ => return None,
    })
}

#[cfg(test)]
#[path = "field_list_tests.rs"]
mod tests;
