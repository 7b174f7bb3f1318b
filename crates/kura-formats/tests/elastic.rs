//! Kura's rows beside an independent parse of the same logs: Elastic's, as `*-expected.json`
//! lies beside each log in a folder of real ones.
//!
//! Neither logs nor parse are part of this project: where the folder is absent nothing is
//! compared. What is, field by field, stands in `elastic/<table>.tsv`, and in
//! `elastic/every_table.tsv` for all of them. Tabs stand between
//!
//! - the field, `a.b.c`, or `a.b.*` for all below it;
//! - the column whose value it is (a part of one: `useridentity.arn`; `b.*` for what `a.*`
//!   stands for; of `a|b` the one that is there), or `~` for what other columns say in another
//!   way, or `-` for what Kura has nothing of;
//! - for a column: the [`STEPS`] from our value to theirs, or nothing; else the reason;
//! - for a column whose value may differ: the reason.
//!
//! A field that is in neither file fails the test, and so does an event without a row that
//! `elastic/without_row.tsv` does not name. `elastic/sources.tsv` says which tables the logs
//! of a folder may be: others are compared if Kura recognises them and knows their table's
//! fields, and are listed in any case.

#[path = "elastic/decoded.rs"]
mod decoded;
#[path = "elastic/mapping.rs"]
mod mapping;
#[path = "elastic/steps.rs"]
mod steps;

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use kura_formats::formats::by_name;
use kura_formats::{Recognised, recognise};
use serde_json::Value;

use decoded::{Record, decoded};
use mapping::{Counterpart, Mapping, lines, text_of};
use steps::same;

/// Where logs lie that are not where they are looked for.
const FOLDER_VARIABLE: &str = "KURA_REAL_LOGS";
const EXPECTED: &str = "-expected.json";

#[test]
fn rows_say_what_elastic_says() {
    let Some(folder) = logs() else {
        eprintln!("skipped: no real logs beside the project, and no folder in `{FOLDER_VARIABLE}`");
        return;
    };
    let mut report = Report::default();
    let sources = Sources::read();
    for file in expected_files(&folder) {
        compare_file(&folder, &file, &sources, &mut report);
    }
    eprintln!("{report}");
    assert!(report.failures.is_empty(), "{}", report.failures.join("\n"));
}

fn logs() -> Option<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let folder = std::env::var_os(FOLDER_VARIABLE).map_or_else(beside, PathBuf::from);
    folder.is_dir().then_some(folder)
}

/// All below the folder, in order, as paths relative to it.
fn expected_files(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(at) = folders.pop() {
        for entry in fs::read_dir(&at).expect("a folder").flatten() {
            let path = entry.path();
            let relative = path.strip_prefix(folder).ok().and_then(Path::to_str);
            match relative {
                _ if path.is_dir() => folders.push(path),
                Some(name) if name.ends_with(EXPECTED) => found.push(name.to_owned()),
                _ => {}
            }
        }
    }
    found.sort();
    found
}

/// What is known of the logs beforehand.
struct Sources {
    /// Beginnings of paths, with the tables their logs may be.
    tables: Vec<(String, Vec<String>)>,
    /// Events that have no row: file, number and reason.
    without_row: Vec<(String, usize, String)>,
}

impl Sources {
    fn read() -> Self {
        let text = text_of("sources").expect("a list");
        let tables = lines(&text).map(|parts| {
            let [folder, tables] = parts[..] else { panic!("two parts: {parts:?}") };
            (folder.to_owned(), tables.split(' ').map(str::to_owned).collect())
        });
        let tables = tables.collect();
        let text = text_of("without_row").expect("a list");
        let without_row = lines(&text).map(|parts| {
            let [file, number, reason] = parts[..] else { panic!("three parts: {parts:?}") };
            (file.to_owned(), number.parse().expect("a number"), reason.to_owned())
        });
        let without_row = without_row.collect();
        Sources { tables, without_row }
    }

    fn tables(&self, file: &str) -> &[String] {
        let of_file = self.tables.iter().find(|(folder, _)| file.starts_with(folder));
        of_file.map_or(&[], |(_, tables)| tables)
    }

    fn is_without_row(&self, file: &str, number: usize) -> bool {
        self.without_row.iter().any(|(of, at, _)| of == file && *at == number)
    }
}

fn compare_file(folder: &Path, file: &str, sources: &Sources, report: &mut Report) {
    let source = file.split('/').next().unwrap_or(file);
    let log = fs::read(folder.join(file.trim_end_matches(EXPECTED))).expect("the log");
    let events = fs::read(folder.join(file)).expect("what is expected of it");
    let events = events_of(serde_json::from_slice(&events).expect("JSON"));
    // Its name would say how people name such files, not what it holds.
    let recognised = match recognise("", &log) {
        Recognised::Records { format, .. } => Some(format.name().to_owned()),
        Recognised::Envelopes(_) | Recognised::Nothing(_) => None,
    };
    let may_be = sources.tables(file);
    let known = recognised.clone().filter(|name| may_be.is_empty() || may_be.contains(name));
    let table = known.as_ref().or(may_be.first());
    let Some(format) = table.and_then(|table| by_name(table)) else {
        return report.skip(source, "not decoded yet", events.len());
    };
    let Some(mapping) = Mapping::read(format.name()) else {
        let state = format!("`{}`, whose fields are not known yet", format.name());
        return report.skip(source, &state, events.len());
    };
    let records = decoded(format.as_ref(), &log);
    if known.is_none() && records.iter().any(|record| record.row.is_ok()) {
        let as_what = recognised.unwrap_or_else(|| "nothing".to_owned());
        report.failures.push(format!("{file}: `{}`, recognised as {as_what}", format.name()));
    }
    let is_without_row = |number| sources.is_without_row(file, number);
    let compared = compare(&mapping, &events, &records, &is_without_row);
    report.add(source, file, format.name(), &compared);
}

/// The events of an expected file of either kind; where Elastic dropped one, it is null.
fn events_of(expected: Value) -> Vec<Value> {
    match expected {
        Value::Array(events) => events,
        Value::Object(mut object) => object.remove("expected").map_or(Vec::new(), events_of),
        _ => Vec::new(),
    }
}

/// What came of comparing.
#[derive(Debug, Default, PartialEq)]
struct Compared {
    files: usize,
    events: usize,
    without_row: usize,
    /// Fields whose columns have their value.
    agree: usize,
    /// Fields that differ for a reason, or that other columns say in another way.
    explained: usize,
    without_counterpart: usize,
    /// Records that are no event.
    beyond: usize,
    failures: Vec<String>,
}

/// `is_without_row` tells of an event, by its number from 1, that it need not have one.
fn compare(
    mapping: &Mapping,
    events: &[Value],
    records: &[Record],
    is_without_row: &dyn Fn(usize) -> bool,
) -> Compared {
    let mut compared = Compared { files: 1, ..Compared::default() };
    let mut taken = vec![false; records.len()];
    for (at, event) in events.iter().enumerate().filter(|(_, event)| !event.is_null()) {
        let number = at + 1;
        compared.events += 1;
        let mut fields = BTreeMap::new();
        flatten("", event, &mut fields);
        let record = pair(&fields, at, events.len(), records, &taken);
        record.iter().for_each(|&at| taken[at] = true);
        let row = record.map_or(Err("no record is like it"), |at| match &records[at].row {
            Ok(row) => Ok(row),
            Err(reason) => Err(reason.as_str()),
        });
        match (row, is_without_row(number)) {
            (Ok(row), false) => compare_event(mapping, number, &fields, row, &mut compared),
            (Err(_), true) => compared.without_row += 1,
            (Err(reason), false) => {
                compared.failures.push(format!("event {number} has no row: {reason}"));
            }
            (Ok(_), true) => {
                compared.failures.push(format!("event {number} has a row that is not to be"));
            }
        }
    }
    compared.beyond = taken.iter().filter(|taken| !**taken).count();
    compared
}

/// The record an event was made of: by the text it was made of, where it says so; where it
/// does not, and the two are as many, by order.
fn pair(
    fields: &BTreeMap<String, Value>,
    at: usize,
    events: usize,
    records: &[Record],
    taken: &[bool],
) -> Option<usize> {
    let Some(original) = fields.get("event.original").and_then(Value::as_str) else {
        return (events == records.len()).then_some(at);
    };
    // Elastic joins lines where one begins in an unusual way.
    let begins = |text: &str| {
        let rest = original.trim().strip_prefix(text.trim());
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('\n'))
    };
    let free = records.iter().zip(taken).position(|(record, taken)| !taken && begins(&record.text));
    free.or_else(|| (events == records.len() && !taken[at]).then_some(at))
}

/// Leaves by their path; an element of a list of objects is `list.0`.
fn flatten(path: &str, value: &Value, leaves: &mut BTreeMap<String, Value>) {
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
    fields: &BTreeMap<String, Value>,
    row: &Value,
    compared: &mut Compared,
) {
    for (field, expected) in fields {
        let verdicts = mapping.of(field).into_iter().map(|of| verdict(&of, expected, row));
        // One field may be several columns: the worst of them counts.
        match verdicts.max() {
            Some(Verdict::Agrees) => compared.agree += 1,
            Some(Verdict::Explained) => compared.explained += 1,
            Some(Verdict::WithoutCounterpart) => compared.without_counterpart += 1,
            Some(Verdict::Differs(ours)) => {
                let failure = format!("event {number}: `{field}` is {expected}, and {ours}");
                compared.failures.push(failure);
            }
            None => {
                let failure = format!("event {number}: `{field}` is in no list: {expected}");
                compared.failures.push(failure);
            }
        }
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
    let agrees = ours.as_ref().is_some_and(|ours| same(&steps.theirs(expected), ours));
    match ours {
        _ if agrees => Verdict::Agrees,
        _ if may_differ => Verdict::Explained,
        Some(ours) => Verdict::Differs(format!("`{path}` {ours}")),
        None => Verdict::Differs(format!("`{path}` nothing")),
    }
}

/// By source and table, or why there is none.
#[derive(Default)]
struct Report {
    sources: BTreeMap<(String, String), Compared>,
    failures: Vec<String>,
}

impl Report {
    fn skip(&mut self, source: &str, state: &str, events: usize) {
        let compared = Compared { files: 1, events, ..Compared::default() };
        self.sum(source, state, &compared);
    }

    fn add(&mut self, source: &str, file: &str, table: &str, compared: &Compared) {
        self.sum(source, &format!("`{table}`"), compared);
        self.failures.extend(compared.failures.iter().map(|failure| format!("{file}: {failure}")));
    }

    fn sum(&mut self, source: &str, state: &str, other: &Compared) {
        let sum = self.sources.entry((source.to_owned(), state.to_owned())).or_default();
        sum.files += other.files;
        sum.events += other.events;
        sum.without_row += other.without_row;
        sum.agree += other.agree;
        sum.explained += other.explained;
        sum.without_counterpart += other.without_counterpart;
        sum.beyond += other.beyond;
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let heads = ["files", "events", "agree", "explained", "without counterpart"];
        writeln!(f, "{:<20} | {}", "source", heads.join(" | "))?;
        for ((source, state), sum) in &self.sources {
            let counts = [sum.files, sum.events, sum.agree, sum.explained, sum.without_counterpart];
            write!(f, "{source:<20}")?;
            for (head, count) in heads.iter().zip(counts) {
                write!(f, " | {count:>width$}", width = head.len())?;
            }
            write!(f, " | {state}")?;
            for (what, count) in [
                ("events without a row", sum.without_row),
                ("records without an event", sum.beyond),
            ] {
                if count > 0 {
                    write!(f, ", {what}: {count}")?;
                }
            }
            writeln!(f)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FLOWS: &str = "2 123456789010 eni-1 192.0.2.1 192.0.2.2 40000 22 6 20 4249 1763596800 1763596860 ACCEPT OK\n\
        not a flow\n";

    fn compared(rules: &str, events: &[Value], is_without_row: &dyn Fn(usize) -> bool) -> Compared {
        let format = by_name("vpcflow").expect("a format");
        let records = decoded(format.as_ref(), FLOWS.as_bytes());
        compare(&Mapping::parse(&[rules]), events, &records, is_without_row)
    }

    #[test]
    fn what_agrees_is_counted_and_what_does_not_fails() {
        let rules = "source.ip\tsrcaddr\nsource.ip\t_addr\nnetwork.iana_number\tprotocol\ttext\n\
            event.start\tstart\tseconds\nevent.*\t-\tElastic's own\nevent.action\taction\tlower\n\
            network.transport\t~\tprotocol\nsource.port\tdstport\t\tours is the other one";
        let event = |text: &str| serde_json::from_str::<Value>(text).expect("JSON");
        let first = event(
            r#"{"source":{"ip":"192.0.2.1","port":40000},"network":{"iana_number":"6","transport":"tcp"},
                "event":{"start":"2025-11-20T00:00:00.000Z","action":"accept","kind":"event"}}"#,
        );
        let second = event(r#"{"event":{"original":"not a flow"}}"#);
        let good = compared(rules, &[first.clone(), second.clone()], &|number| number == 2);
        let expected = Compared {
            files: 1,
            events: 2,
            without_row: 1,
            agree: 4,
            explained: 2,
            without_counterpart: 1,
            ..Compared::default()
        };
        assert_eq!(good, expected);

        let wrong = [
            (rules.replace("source.ip\tsrcaddr", "source.ip\tdstaddr"), "`dstaddr` \"192.0.2.2\""),
            (rules.replace("\tlower", ""), "\"ACCEPT\""),
            (rules.replace("source.ip\tsrcaddr", "source.ip\tno_such_column"), "nothing"),
            (rules.replace("network.transport", "x"), "`network.transport` is in no list"),
        ];
        for (rules, said) in wrong {
            let failures = compared(&rules, &[first.clone(), second.clone()], &|n| n == 2).failures;
            assert!(failures.len() == 1 && failures[0].contains(said), "{failures:?}");
        }
        let failures = compared(rules, &[first.clone(), second], &|_| false).failures;
        assert!(failures.len() == 1 && failures[0].contains("event 2 has no row"), "{failures:?}");
        let failures = compared(rules, &[first.clone(), first], &|n| n == 1).failures;
        assert!(failures.len() == 2, "{failures:?}");
    }
}
