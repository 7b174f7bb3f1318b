//! JSON records of a format whose native form is lines: values find their columns by the names
//! of fields, however those are written. Firehose, CloudWatch and Parquet deliver such rows.

use super::Head;
use super::table_rows::Fields;
use crate::columns::Column;
use crate::extra::Path;
use crate::json::{Cursor, Kind, kind_of, unquote};
use crate::reject::{Reason, Reject};

/// Keys that are remembered; records without end of different ones are looked up anew.
const KEYS_MAX: usize = 1_000;

/// Whether two names of a field are one, but for case and punctuation: `cs(User-Agent)`,
/// `cs_user_agent`.
pub fn is_same_name(one: &str, other: &str) -> bool {
    plain(one).eq(plain(other))
}

fn plain(name: &str) -> impl Iterator<Item = u8> {
    let plain = |byte: u8| match byte {
        b'-' | b'(' | b')' | b'.' | b'/' | b' ' => b'_',
        _ => byte.to_ascii_lowercase(),
    };
    name.trim_end_matches([')', ' ']).bytes().map(plain)
}

/// The column of a field with this name: its own, or that in the record.
pub fn column_named(columns: &[Column], name: &str) -> Option<usize> {
    let is_named = |own: &str| !own.is_empty() && is_same_name(own, name);
    columns.iter().position(|column| is_named(&column.name) || is_named(&column.key))
}

/// Whether an object begins with a JSON record of these columns: it has all of the `required`
/// ones, and most of its keys are known.
pub fn is_named_record(head: &Head<'_>, columns: &[Column], required: &[&str]) -> bool {
    let has = |name: &&str| head.entries.iter().any(|(key, _)| is_same_name(key, name));
    let known = head.entries.iter().filter(|(key, _)| column_named(columns, key).is_some());
    !required.is_empty() && required.iter().all(has) && 2 * known.count() >= head.entries.len()
}

/// The columns of the keys seen so far, in the order in which they came.
#[derive(Debug, Default)]
pub struct NamedKeys {
    seen: Vec<(String, Option<usize>)>,
}

impl NamedKeys {
    /// Reads the record into `row`. On an error nothing of the row is kept.
    pub fn read(
        &mut self,
        columns: &[Column],
        fields: &mut Fields,
        row: usize,
        text: &str,
    ) -> Result<(), Reject> {
        fields.extra.clear();
        let (mut number, mut known) = (0, 0);
        let mut cursor = Cursor::new(text);
        let read = cursor.object(|key, value| {
            let at = self.column(columns, number, &key);
            number += 1;
            known += usize::from(at.is_some());
            put(fields, row, at, &key, value);
        });
        let refused = match read.and_then(|()| cursor.end()) {
            Err(error) => Reject::new(Reason::BrokenJson, error.to_string()),
            Ok(()) if known == 0 => {
                Reject::new(Reason::NotAnEvent, "no field of a known name".to_owned())
            }
            Ok(()) => return Ok(()),
        };
        fields.parts.truncate(row);
        Err(refused)
    }

    /// Records keep an order: the key was most likely seen at this place.
    fn column(&mut self, columns: &[Column], number: usize, key: &str) -> Option<usize> {
        let there = self.seen.get(number).filter(|(seen, _)| seen == key);
        if let Some((_, at)) = there.or_else(|| self.seen.iter().find(|(seen, _)| seen == key)) {
            return *at;
        }
        let at = column_named(columns, key);
        if self.seen.len() < KEYS_MAX {
            self.seen.push((key.to_owned(), at));
        }
        at
    }
}

/// `-` and an empty text are no values, as in a line.
fn put(fields: &mut Fields, row: usize, at: Option<usize>, key: &str, value: &str) {
    let kind = kind_of(value);
    let plain = match kind {
        Kind::String => unquote(value),
        _ => value.into(),
    };
    if kind == Kind::Null || (kind == Kind::String && matches!(&*plain, "" | "-")) {
        return;
    }
    let is_plain = matches!(kind, Kind::String | Kind::Number | Kind::Bool);
    let fits = at.is_some_and(|at| is_plain && fields.parts.put_plain(row, at, &plain));
    if !fits {
        fields.extra.add(&Path::new(key), value);
    }
}

#[cfg(test)]
mod tests {
    use super::is_same_name;

    #[test]
    fn names_are_one_however_they_are_written() {
        for (one, other) in [
            ("cs(User-Agent)", "cs_user_agent"),
            ("timestamp(ms)", "timestamp_ms"),
            ("DistributionId", "distributionid"),
            ("x-edge-location", "x_edge_location"),
            ("a.b/c d", "a_b_c_d"),
        ] {
            assert!(is_same_name(one, other), "{one} {other}");
        }
        assert!(!is_same_name("c-ip", "c-ip-version"));
    }
}
