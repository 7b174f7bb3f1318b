//! The tables as others read them: delta-rs for Python, Polars, chdb and DuckDB agree with
//! Kura on counts and sums. `cargo xtask test` makes their environment and names it in
//! `KURA_PYTHON`.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::Path;
use std::process::Command;

use crate::program::{DEMO, ok, text};

type Facts = BTreeMap<String, serde_json::Value>;

fn kura_facts(lake: &Path) -> Facts {
    let statement = "select count(*) as rows, count(distinct _id) as distinct_ids, \
        cast(min(_time) as bigint) as min_time, cast(max(_time) as bigint) as max_time, \
        count(errorcode) as errors, count(case when readonly = 'true' then 1 end) as readonly_true, \
        count(case when useridentity.type = 'IAMUser' then 1 end) as iam_users, \
        sum(length(_id)) as sum_of_id_lengths, sum(cardinality(resources)) as resources_total, \
        sum(cardinality(useridentity.sessioncontext.webidfederationdata.attributes)) \
            as web_identity_attributes from cloudtrail";
    let line = ok(&["--lake", text(lake), "sql", statement, "-o", "jsonl"]).stdout;
    let mut facts: Facts = serde_json::from_str(&line).expect("one row");
    let days = "select cast(day as varchar) as day, count(*) as rows from cloudtrail group by 1";
    let lines = ok(&["--lake", text(lake), "sql", days, "-o", "jsonl"]).stdout;
    let by_day: BTreeMap<String, serde_json::Value> = lines
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).expect("a row"))
        .map(|row| (row["day"].as_str().expect("a day").to_owned(), row["rows"].clone()))
        .collect();
    facts.insert("rows_by_day".to_owned(), serde_json::to_value(by_day).expect("JSON"));
    facts
}

/// Fails where one of them reads other numbers than Kura.
#[track_caller]
fn assert_all_agree(python: &OsStr, lake: &Path, when: &str) {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/readers/read_table.py");
    let read = Command::new(python).args([script, text(lake), "cloudtrail"]).output();
    let output = read.expect("Python runs");
    let shown = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{shown}{}", String::from_utf8_lossy(&output.stderr));
    let readers: BTreeMap<String, Facts> = serde_json::from_str(&shown).expect("one object");
    assert!(readers.len() >= 3, "{readers:?}");
    let expected = kura_facts(lake);
    for (reader, facts) in readers {
        assert_eq!(facts, expected, "{reader}, {when}");
    }
}

#[test]
fn other_engines_read_the_same_numbers() {
    let Some(python) = std::env::var_os("KURA_PYTHON") else {
        eprintln!("skipped: `cargo xtask test` makes the Python environment and sets KURA_PYTHON");
        return;
    };
    let folder = tempfile::tempdir().expect("a temporary folder");
    let lake = folder.path().join("lake");
    // Days in halves of accounts: several files a day.
    for half in ["[0-4]*", "[5-9]*"] {
        let glob = format!("{}/AWSLogs/*/{half}/CloudTrail/**", text(&DEMO.bucket()));
        ok(&["--lake", text(&lake), "import", &glob]);
    }
    let files = || {
        let tables = ok(&["--lake", text(&lake), "tables", "-o", "jsonl"]).stdout;
        let tables = tables.lines().map(|line| serde_json::from_str(line).expect("a row"));
        let mut trail = tables.filter(|t: &serde_json::Value| t["table"] == "cloudtrail");
        trail.next().expect("the table")["files"].as_u64().expect("a number")
    };
    let (expected, imported) = (kura_facts(&lake), files());
    assert_all_agree(&python, &lake, "imported");
    for command in ["compact", "reparse"] {
        ok(&["--lake", text(&lake), command, "cloudtrail"]);
        assert_eq!(kura_facts(&lake), expected, "after {command}");
        assert_all_agree(&python, &lake, command);
        assert!(files() < imported, "{command} leaves fewer files");
    }
}
