//! JSON records in which programs say one thing under several keys: of a column's keys the
//! best that has a value feeds it.

use super::converted::Row;
use crate::extra::Path;
use crate::json::{Cursor, Kind, kind_of};
use crate::reject::{Reason, Reject};

/// Columns and their keys, the best first. `a.b` is the key `b` of the object `a`, or one that
/// is written so; an object with such keys is looked into and is no value itself; capitals and small letters are the same.
pub type Aliases = &'static [(&'static str, &'static [&'static str])];

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
    keys: Vec<String>,
    value: &'a str,
}

struct Gathering<'a, 'r, 'f> {
    aliases: Aliases,
    best: Vec<Option<Candidate<'a>>>,
    row: &'r mut Row<'f>,
    rest: Rest,
}

/// Fills the row from the object that `text` is.
pub fn fill(row: &mut Row<'_>, text: &str, aliases: Aliases, rest: Rest) -> Result<(), Reject> {
    let best = aliases.iter().map(|_| None).collect();
    let mut gathering = Gathering { aliases, best, row, rest };
    let mut cursor = Cursor::new(text);
    let entered = gathering.object(&mut cursor, &mut Vec::new());
    entered
        .and_then(|()| cursor.end())
        .map_err(|error| Reject::new(Reason::BrokenJson, error.to_string()))?;
    for ((column, _), best) in aliases.iter().zip(gathering.best) {
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
    keys: &[String],
    above: Option<&Path<'_>>,
    call: &mut dyn FnMut(&Path<'_>) -> T,
) -> T {
    match keys {
        [key, rest @ ..] if !rest.is_empty() => {
            with_path(rest, Some(&Path::below(above, key)), call)
        }
        _ => call(&Path::below(above, keys.first().map_or("", String::as_str))),
    }
}

impl<'a> Gathering<'a, '_, '_> {
    fn object(
        &mut self,
        cursor: &mut Cursor<'a>,
        above: &mut Vec<String>,
    ) -> Result<(), crate::json::JsonError> {
        let mut more = cursor.enter_object()?;
        while more {
            let key = cursor.key()?.into_owned();
            above.push(key);
            let name = above.join(".");
            let leads_on = cursor.kind() == Kind::Object && self.leads_on(&name);
            match self.find(&name) {
                _ if leads_on => self.object(cursor, above)?,
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
            more = cursor.comma_or(b'}', "expected `,` or `}`")?;
        }
        Ok(())
    }

    /// The column that a key feeds, and how good the key is.
    fn find(&self, name: &str) -> Option<(usize, usize)> {
        self.aliases.iter().enumerate().find_map(|(at, (_, keys))| {
            Some((at, keys.iter().position(|key| key.eq_ignore_ascii_case(name))?))
        })
    }

    /// Whether keys stand below this one.
    fn leads_on(&self, name: &str) -> bool {
        let below = |key: &&str| {
            key.as_bytes().get(name.len()) == Some(&b'.')
                && key.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name))
        };
        self.aliases.iter().any(|(_, keys)| keys.iter().any(below))
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

    fn keep(&mut self, keys: &[String], value: &str) {
        if self.rest == Rest::Keep {
            with_path(keys, None, &mut |path| self.row.keep(path, value));
        }
    }
}
