//! Kura's rows beside an independent parse of the same logs: Elastic's, as `*-expected.json`
//! lies beside each log in a folder of real ones.
//!
//! Neither logs nor parse are part of this project: where the folder is absent nothing is
//! compared. What is, field by field, stands in `<table>.tsv`, and in `every_table.tsv` for all
//! of them; before both comes `of_<source>.tsv`, if there is one, for what a shipper said of
//! the logs in one folder. Tabs stand between
//!
//! - the field, `a.b.c`, or `a.b.*` for all below it;
//! - the column whose value it is (a part of one: `useridentity.arn`; `b.*` for what `a.*`
//!   stands for; of `a|b` the one that is there), or `~` for what other columns say in another
//!   way, or `-` for what Kura has nothing of;
//! - for a column: the [`steps`] from our value to theirs, or nothing; else the reason;
//! - for a column whose value may differ: the reason.
//!
//! A field that is in no list fails the test, and so does an event without a row that
//! `without_row.tsv` does not name, and a row of another table than `tables.tsv` allows.

mod compared;
mod decoded;
mod mapping;
mod report;
mod steps;

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use compared::compare;
use decoded::{Record, decoded};
use mapping::{Lists, lines, text_of};
use report::Report;

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
    let known = Known::read();
    for file in expected_files(&folder) {
        compare_file(&folder, &file, &known, &mut report);
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
struct Known {
    /// Beginnings of paths, with the tables their logs may be.
    tables: Vec<(String, Vec<String>)>,
    /// Events that have no row: file, number and reason.
    without_row: Vec<(String, usize, String)>,
}

impl Known {
    fn read() -> Self {
        let text = text_of("tables").expect("a list");
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
        Known { tables, without_row }
    }

    fn may_be(&self, file: &str, table: &str) -> bool {
        let of_file = self.tables.iter().find(|(folder, _)| file.starts_with(folder));
        of_file.is_some_and(|(_, tables)| tables.iter().any(|known| known == table))
    }

    fn is_without_row(&self, file: &str, number: usize) -> bool {
        self.without_row.iter().any(|(of, at, _)| of == file && *at == number)
    }
}

fn compare_file(folder: &Path, file: &str, known: &Known, report: &mut Report) {
    let source = file.split('/').next().unwrap_or(file);
    let events = fs::read(folder.join(file)).expect("what is expected");
    let events = events_of(serde_json::from_slice(&events).expect("JSON"));
    let records = records_of(&folder.join(file.trim_end_matches(EXPECTED)));
    let tables = records.iter().filter(|record| record.row.is_ok()).map(|record| &record.table);
    for table in tables.filter(|table| !known.may_be(file, table)) {
        report.failures.push(format!("{file}: a row of `{table}`"));
    }
    let lists = Lists::of_source(source);
    let is_without_row = |number| known.is_without_row(file, number);
    let compared = compare(&lists, &events, &records, &is_without_row);
    report.add(source, file, &records, &compared);
}

/// Of the log, or of what Elastic's own frame around events holds, as a shipper writes it.
fn records_of(log: &Path) -> Vec<Record> {
    let bytes = fs::read(log).expect("the log");
    let framed: Option<Value> = serde_json::from_slice(&bytes).ok();
    let Some(events) = framed.as_ref().and_then(|frame| frame.get("events")?.as_array()) else {
        return decoded(log);
    };
    let lines: String = events.iter().map(|event| format!("{event}\n")).collect();
    let folder = tempfile::tempdir().expect("a folder");
    let unframed = folder.path().join("events.json");
    fs::write(&unframed, lines).expect("a file");
    decoded(&unframed)
}

/// The events of an expected file of either kind; where Elastic dropped one, it is null.
fn events_of(expected: Value) -> Vec<Value> {
    match expected {
        Value::Array(events) => events,
        Value::Object(mut object) => object.remove("expected").map_or(Vec::new(), events_of),
        _ => Vec::new(),
    }
}
