//! JSON records in which programs say one thing under several keys: of a column's keys the
//! best that has a value feeds it.

use std::borrow::Cow;
use std::collections::HashMap;

use super::converted::Row;
use crate::extra::Path;
use crate::json::{Cursor, Kind, kind_of};
use crate::reject::{Reason, Reject};

/// Columns and their keys, the best first. `a.b` is the key `b` of the object `a`, or one that
/// is written so; an object with such keys is looked into and is no value itself; capitals and
/// small letters are the same.
pub type Keys = &'static [(&'static str, &'static [&'static str])];

/// Columns, and what is known of each key.
#[derive(Debug)]
pub struct Aliases {
    columns: Vec<&'static str>,
    /// By names in small letters.
    known: HashMap<String, Known>,
}

/// What is known of a key.
#[derive(Debug, Clone, Copy, Default)]
struct Known {
    /// The column that it feeds, and how good it is.
    feeds: Option<(usize, usize)>,
    /// Keys stand below it.
    leads_on: bool,
}

impl Aliases {
    pub fn new(of: Keys) -> Self {
        let mut known: HashMap<String, Known> = HashMap::new();
        for (at, (_, keys)) in of.iter().enumerate() {
            for (rank, key) in keys.iter().enumerate() {
                let key = key.to_ascii_lowercase();
                for (end, _) in key.match_indices('.') {
                    known.entry(key[..end].to_owned()).or_default().leads_on = true;
                }
                known.entry(key).or_default().feeds.get_or_insert((at, rank));
            }
        }
        Aliases { columns: of.iter().map(|(column, _)| *column).collect(), known }
    }
}

/// No text at all is no value.
const NOTHING: &str = "\"\"";

/// What becomes of values that feed no column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rest {
    Keep,
    /// They are kept elsewhere.
    Drop,
}

/// A value that may feed a column.
struct Candidate<'a> {
    /// How good its key is: 0 is the best.
    rank: usize,
    keys: Vec<Cow<'a, str>>,
    value: &'a str,
}

struct Gathering<'a, 'r, 'f> {
    aliases: &'r Aliases,
    best: Vec<Option<Candidate<'a>>>,
    row: &'r mut Row<'f>,
    rest: Rest,
    /// The key at hand with those above it, in small letters.
    name: String,
}

/// Fills the row from the object that `text` is.
pub fn fill(row: &mut Row<'_>, text: &str, aliases: &Aliases, rest: Rest) -> Result<(), Reject> {
    let best = aliases.columns.iter().map(|_| None).collect();
    let mut gathering = Gathering { aliases, best, row, rest, name: String::new() };
    let mut cursor = Cursor::new(text);
    let entered = gathering.object(&mut cursor, &mut Vec::new());
    entered
        .and_then(|()| cursor.end())
        .map_err(|error| Reject::new(Reason::BrokenJson, error.to_string()))?;
    for (column, best) in aliases.columns.iter().zip(gathering.best) {
        if let Some(candidate) = best {
            put(gathering.row, column, &candidate)?;
        }
    }
    Ok(())
}

fn put(row: &mut Row<'_>, column: &str, candidate: &Candidate<'_>) -> Result<(), Reject> {
    let value = candidate.value;
    if value == NOTHING {
        return Ok(());
    }
    let is_nested = matches!(kind_of(value), Kind::Object | Kind::Array);
    if is_nested && row.is_text(column) {
        row.put(column, value);
        return Ok(());
    }
    with_path(&candidate.keys, None, &mut |path| row.put_json(column, path, value))
}

/// Calls with the path that the keys are.
fn with_path<T>(
    keys: &[Cow<'_, str>],
    above: Option<&Path<'_>>,
    call: &mut dyn FnMut(&Path<'_>) -> T,
) -> T {
    match keys {
        [key, rest @ ..] if !rest.is_empty() => {
            with_path(rest, Some(&Path::below(above, key)), call)
        }
        _ => call(&Path::below(above, keys.first().map_or("", |key| key))),
    }
}

impl<'a> Gathering<'a, '_, '_> {
    fn object(
        &mut self,
        cursor: &mut Cursor<'a>,
        above: &mut Vec<Cow<'a, str>>,
    ) -> Result<(), crate::json::JsonError> {
        let mut more = cursor.enter_object()?;
        let length = self.name.len();
        while more {
            let key = cursor.key()?;
            let known = self.known(&key);
            above.push(key);
            match known.feeds {
                _ if known.leads_on && cursor.kind() == Kind::Object => {
                    self.name.push('.');
                    self.object(cursor, above)?;
                }
                Some((at, rank)) => {
                    let value = cursor.value()?;
                    self.compete(at, Candidate { rank, keys: above.clone(), value });
                }
                None => {
                    let value = cursor.value()?;
                    self.keep(above, value);
                }
            }
            above.pop();
            self.name.truncate(length);
            more = cursor.comma_or(b'}', "expected `,` or `}`")?;
        }
        Ok(())
    }

    /// What is known of the key that stands below those at hand; it is then one of them.
    fn known(&mut self, key: &str) -> Known {
        let from = self.name.len();
        self.name.push_str(key);
        if let Some(key) = self.name.get_mut(from..) {
            key.make_ascii_lowercase();
        }
        self.aliases.known.get(&self.name).copied().unwrap_or_default()
    }

    fn compete(&mut self, at: usize, new: Candidate<'a>) {
        let Some(best) = self.best.get_mut(at) else { return };
        let worth = |candidate: &Candidate<'_>| {
            (matches!(candidate.value, "null" | NOTHING), candidate.rank)
        };
        let lost = match best {
            Some(known) if worth(known) <= worth(&new) => Some(new),
            _ => best.replace(new),
        };
        if let Some(lost) = lost.filter(|lost| lost.value != "null") {
            self.keep(&lost.keys, lost.value);
        }
    }

    fn keep(&mut self, keys: &[Cow<'_, str>], value: &str) {
        if self.rest == Rest::Keep {
            with_path(keys, None, &mut |path| self.row.keep(path, value));
        }
    }
}
