//! The demo: deterministic, counted, and its questions answered.

use kura_demo::{Command, Demo, Options};

use crate::program::{DEMO, DEMO_ARGS, ok, text};

fn demo() -> Demo {
    Demo::new(Options { seed: 1, days: 3, events: 5_000, ..Options::default() })
}

#[test]
fn the_lake_holds_what_was_made() {
    let demo = demo();
    let totals = demo.totals();
    let lake = DEMO.lake();
    let count = |statement: &str| -> u64 {
        let out = ok(&["--lake", text(&lake), "sql", statement, "-o", "tsv"]).stdout;
        out.lines().nth(1).expect("a row").parse().expect("a number")
    };
    assert_eq!(count("select count(*) from cloudtrail"), totals.unique_records);
    assert_eq!(count("select count(distinct eventid) from cloudtrail"), totals.unique_records);
    for (table, folder) in [("vpcflow", "/vpcflowlogs/"), ("alb", "/elasticloadbalancing/")] {
        let made = demo.network_objects().filter(|object| object.key.contains(folder));
        let lines: u64 = made.map(|object| object.events).sum();
        assert!(lines > 1_000, "{lines} lines of {table}");
        assert_eq!(count(&format!("select count(*) from {table}")), lines);
        assert_eq!(count(&format!("select count(*) from {table} where _extra is not null")), 0);
    }
    // What a table's format has nothing for is no field to look into.
    let flows = ok(&["--lake", text(&lake), "tables", "vpcflow", "-o", "json"]).stdout;
    let columns: Vec<serde_json::Value> = serde_json::from_str(&flows).expect("JSON");
    let role = |name: &str| {
        let column = columns.iter().find(|column| column["column"] == name).expect("a column");
        column["role"].as_str()
    };
    assert_eq!((role("_principal"), role("_addr")), (None, Some("address")));
    let thief = "select count(*) from vpcflow where srcaddr = '192.0.2.44' and dstport = 22";
    assert!(count(&format!("{thief} and action = 'REJECT'")) > 0, "somebody knocks");
    assert!(count(&format!("{thief} and action = 'ACCEPT'")) > 0, "and comes in");
    let failed = "select count(*) from alb where elb_status_code = 503";
    assert!(count(failed) > 0, "orders fail while their database is gone");
    // A key that comes twice in one object lands in `_extra`: the made-up records have none.
    assert_eq!(count("select count(*) from cloudtrail where _extra like '%invokedBy%'"), 0);
}

#[test]
fn the_five_questions_have_the_answers_of_the_story() {
    let questions = demo().questions();
    assert_eq!(questions.len(), 5);
    let lake = DEMO.lake();
    for question in questions {
        let (out, has_header) = match &question.command {
            Command::Sql(sql) => {
                (ok(&["--lake", text(&lake), "sql", sql, "-o", "tsv"]).stdout, true)
            }
            Command::Search { query, since, until } => {
                let args = [
                    "--lake",
                    text(&lake),
                    "search",
                    query,
                    "--since",
                    since,
                    "--until",
                    until,
                    "-n",
                    "1000",
                    "-o",
                    "jsonl",
                ];
                (events(&ok(&args).stdout), false)
            }
        };
        let rows: Vec<Vec<String>> = out
            .lines()
            .skip(usize::from(has_header))
            .map(|line| line.split('\t').map(str::to_owned).collect())
            .collect();
        assert_eq!(rows, question.answer, "{}", question.title_en);
        let sql_of = match &question.command {
            Command::Sql(sql) => sql,
            Command::Search { query, .. } => query,
        };
        assert!(DEMO.output.contains(sql_of.as_str()), "the demo prints its questions");
    }
}

/// Time, name, principal and address of each event, oldest first.
fn events(jsonl: &str) -> String {
    let mut lines: Vec<String> = jsonl
        .lines()
        .map(|line| {
            let event: serde_json::Value = serde_json::from_str(line).expect("an event");
            let part = |value: &serde_json::Value| value.as_str().unwrap_or("").to_owned();
            [
                part(&event["eventtime"]),
                part(&event["eventname"]),
                part(&event["useridentity"]["arn"]),
                part(&event["sourceipaddress"]),
            ]
            .join("\t")
        })
        .collect();
    lines.reverse();
    lines.join("\n")
}

#[test]
fn a_second_run_goes_on_and_another_story_is_refused() {
    let folder = DEMO.lake();
    let folder = text(folder.parent().expect("a folder"));
    let args: Vec<&str> = ["demo", "--dir", folder].into_iter().chain(DEMO_ARGS).collect();
    let again = ok(&args);
    assert!(again.stderr.contains("are there already"), "{}", again.stderr);
    assert!(again.stderr.contains("0 records = 0 stored"), "{}", again.stderr);
    let other = crate::program::run(&["demo", "--dir", folder, "--seed", "2", "--no-serve"]);
    assert_eq!(other.code, Some(2), "{}", other.stderr);
}
