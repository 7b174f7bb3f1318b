//! Events beside the rows that were made of the same records.

use std::collections::BTreeMap;

use serde_json::Value;

use super::decoded::Record;
use super::mapping::{Counterpart, Lists, Mapping};

/// What came of comparing.
#[derive(Debug, Default, PartialEq)]
pub struct Compared {
    pub files: usize,
    pub events: usize,
    pub without_row: usize,
    /// Fields whose columns have their value.
    pub agree: usize,
    /// Fields that differ for a reason, or that other columns say in another way.
    pub explained: usize,
    pub differ: usize,
    pub without_counterpart: usize,
    /// Records that are no event.
    pub beyond: usize,
    pub failures: Vec<String>,
}

/// An event's leaves by their path.
type Fields = BTreeMap<String, Value>;

/// `is_without_row` tells of an event, by its number from 1, that it need not have one.
pub fn compare(
    lists: &Lists,
    events: &[Value],
    records: &[Record],
    is_without_row: &dyn Fn(usize) -> bool,
) -> Compared {
    let mut compared = Compared { files: 1, ..Compared::default() };
    let fields: Vec<Option<Fields>> = events.iter().map(fields_of).collect();
    let pairs = pairs(lists, &fields, records);
    for (at, fields) in fields.iter().enumerate() {
        let Some(fields) = fields else { continue };
        compared.events += 1;
        let number = at + 1;
        let row = pairs[at].map(|at| &records[at]).ok_or("no record is like it".to_owned());
        let row = row.and_then(|record| match &record.row {
            Ok(row) => Ok((record.table.as_str(), row)),
            Err(reason) => Err(reason.clone()),
        });
        match (row, is_without_row(number)) {
            (Ok((table, row)), false) => match lists.of(table) {
                Some(mapping) => compare_event(&mapping, number, fields, row, &mut compared),
                None => compared.failures.push(format!("`{table}` has no list")),
            },
            (Err(_), true) => compared.without_row += 1,
            (Err(reason), false) => {
                compared.failures.push(format!("event {number} has no row: {reason}"));
            }
            (Ok(_), true) => {
                compared.failures.push(format!("event {number} has a row that is not to be"));
            }
        }
    }
    compared.beyond = records.len() - pairs.iter().flatten().count();
    compared
}

/// The record that each event was made of. Where they are as many, they are so in order, else
/// it is the first one free that has the most in common with it.
fn pairs(lists: &Lists, events: &[Option<Fields>], records: &[Record]) -> Vec<Option<usize>> {
    let there = events.iter().filter(|event| event.is_some()).count();
    let mut taken = 0..records.len();
    if [events.len(), there].contains(&records.len()) {
        let counts = |event: &Option<Fields>| event.is_some() || events.len() == records.len();
        let at = |event| counts(event).then(|| taken.next()).flatten();
        return events.iter().map(at).collect();
    }
    let mut free = vec![true; records.len()];
    let best = |event: &Option<Fields>| {
        let event = event.as_ref()?;
        let common = |at: &usize| in_common(lists, event, &records[*at]);
        let most = (0..records.len()).filter(|at| free[*at]).rev().max_by_key(common);
        let most = most.filter(|at| common(at) > 0)?;
        free[most] = false;
        Some(most)
    };
    events.iter().map(best).collect()
}

/// How many fields say the same, more than a time alone.
fn in_common(lists: &Lists, event: &Fields, record: &Record) -> usize {
    let (Ok(row), Some(mapping)) = (&record.row, lists.of(&record.table)) else { return 0 };
    let mut compared = Compared::default();
    compare_event(&mapping, 0, event, row, &mut compared);
    compared.agree.saturating_sub(1)
}

fn fields_of(event: &Value) -> Option<Fields> {
    let mut fields = BTreeMap::new();
    flatten("", event, &mut fields);
    (!event.is_null()).then_some(fields)
}

/// Leaves by their path; an element of a list of objects is `list.0`.
fn flatten(path: &str, value: &Value, leaves: &mut Fields) {
    let below = |key: &str| match path {
        "" => key.to_owned(),
        path => format!("{path}.{key}"),
    };
    match value {
        Value::Object(parts) => {
            parts.iter().for_each(|(key, part)| flatten(&below(key), part, leaves));
        }
        Value::Array(items) if items.iter().any(Value::is_object) => {
            let items = items.iter().enumerate();
            items.for_each(|(at, item)| flatten(&below(&at.to_string()), item, leaves));
        }
        leaf => drop(leaves.insert(path.to_owned(), leaf.clone())),
    }
}

fn compare_event(
    mapping: &Mapping,
    number: usize,
    fields: &Fields,
    row: &Value,
    compared: &mut Compared,
) {
    for (field, expected) in fields {
        let verdicts = mapping.of(field).into_iter().map(|of| verdict(&of, expected, row));
        // One field may be several columns: the worst of them counts.
        let failure = match verdicts.max() {
            Some(Verdict::Agrees) => {
                compared.agree += 1;
                continue;
            }
            Some(Verdict::Explained) => {
                compared.explained += 1;
                continue;
            }
            Some(Verdict::WithoutCounterpart) => {
                compared.without_counterpart += 1;
                continue;
            }
            Some(Verdict::Differs(ours)) => format!("`{field}` is {expected}, and {ours}"),
            None => format!("`{field}` is in no list: {expected}"),
        };
        compared.differ += 1;
        compared.failures.push(format!("event {number}: {failure}"));
    }
}

/// The worst last.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Verdict {
    Agrees,
    WithoutCounterpart,
    Explained,
    /// Which column, and what it holds.
    Differs(String),
}

fn verdict(counterpart: &Counterpart, expected: &Value, row: &Value) -> Verdict {
    let (path, steps, may_differ) = match counterpart {
        Counterpart::Column { path, steps, may_differ } => (path, steps, *may_differ),
        Counterpart::SaidOtherwise => return Verdict::Explained,
        Counterpart::Nothing => return Verdict::WithoutCounterpart,
    };
    let ours = steps.apply(path.value_in(row));
    match ours {
        Some(ours) if steps.are_same(expected, &ours) => Verdict::Agrees,
        _ if may_differ => Verdict::Explained,
        Some(ours) => Verdict::Differs(format!("`{path}` {ours}")),
        None => Verdict::Differs(format!("`{path}` nothing")),
    }
}

#[cfg(test)]
#[path = "compared_tests.rs"]
mod tests;
