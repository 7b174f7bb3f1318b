//! People's own formats: the worked examples, and a table of one.

use std::path::Path;

use crate::program::{kura, ok, run, text};

fn examples() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/formats")
}

#[test]
fn every_example_is_read_without_a_reject() {
    let folder = examples();
    let (config, logs) = (folder.join("kura.toml"), folder.join("logs"));
    let args = ["--config", text(&config), "formats", "check", text(&logs), "-o", "csv"];
    let checked = ok(&args).stdout;
    let mut tables: Vec<&str> =
        checked.lines().skip(1).filter_map(|line| line.split(',').next()).collect();
    tables.dedup();
    assert_eq!(tables, ["billing", "door", "cloudfrontrealtime", "orders", "shop", "till"]);
    let sections = std::fs::read_to_string(&config).expect("the configuration");
    let named = ["\n[formats.", "\n[[fields."].map(|start| sections.matches(start).count());
    assert_eq!(named, [5, 1]);
}

#[test]
fn a_table_of_ones_own_format_lives_on_without_its_section() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let lake = folder.path().join("lake");
    let (lake, examples) = (text(&lake), examples());
    let (config, logs) = (examples.join("kura.toml"), examples.join("logs"));
    ok(&["--lake", lake, "--config", text(&config), "import", text(&logs), "--strict"]);
    let count = |statement: &str| {
        ok(&["--lake", lake, "sql", statement, "-o", "csv", "-q"]).stdout.replace('\n', " ")
    };
    let failed = "SELECT _principal, _account, status FROM shop WHERE status >= 500";
    assert_eq!(count(failed), "_principal,_account,status bob,123456789012,502 ");
    assert_eq!(count("SELECT sum(amount) AS s FROM till"), "s 12.5 ");
    let found = ok(&["--lake", lake, "search", "--table", "shop", "user:ann", "-o", "jsonl", "-q"]);
    assert_eq!(found.stdout.lines().count(), 1, "{}", found.stdout);
    let without = run(&["--lake", lake, "reparse", "shop"]);
    assert_eq!(without.code, Some(2), "{}", without.stderr);
    assert!(without.stderr.contains("[formats.shop]"), "{}", without.stderr);
    ok(&["--lake", lake, "--config", text(&config), "reparse", "shop"]);
    assert_eq!(count("SELECT count(*) AS n FROM shop"), "n 3 ");
}

#[test]
fn a_configuration_that_cannot_be_is_told() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("kura.toml");
    for (config, says) in [
        ("formats = 1", "invalid type"),
        ("[format.shop]", "unknown field `format`, expected one of"),
        ("[formats.shop]\nregexp = 'a'", "unknown field `regexp`"),
        ("[formats.shop]\nregex = '('", "[formats.shop]: `(`"),
        ("[formats.cloudtrail]\nregex = '(?<a>.)'", "holds AWS CloudTrail"),
        ("[[fields.alb]]\ncolumns = ['type']", "do not vary"),
        ("[[fields.shop]]\ncolumns = ['type']", "no such format"),
        ("[[fields.vpcflow]]\ncolumns = ['srcaddr', 'colour']", "no column for the field `colour`"),
        ("[[fields.vpcflow]]\ncolumns = ['srcaddr', 'srcaddr']", "twice"),
        ("[[fields.vpcflow]]\ncolumns = ['action', 'type']", "name a `key`"),
        ("[[fields.vpcflow]]\ncolumns = ['start', 'end']\ndelimiter = '|'", "between blanks"),
        ("[formats.quarantine]\nregex = '(?<a>.)'", "Kura's own"),
    ] {
        std::fs::write(&file, config).expect("to disk");
        // It stands where the person does.
        let output = kura().args(["formats"]).current_dir(folder.path()).output();
        let run = crate::program::finish(&output.expect("kura runs"));
        assert_eq!(run.code, Some(78), "{config}: {}", run.stderr);
        assert!(run.stderr.contains(says), "{config}: {}", run.stderr);
    }
    let absent = run(&["--config", "/no/such/kura.toml", "formats"]);
    assert_eq!(absent.code, Some(78), "{}", absent.stderr);
}

#[test]
fn what_was_set_aside_comes_home_once() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (config, lake) = (folder.path().join("kura.toml"), folder.path().join("lake"));
    let log = folder.path().join("app.log");
    std::fs::write(&log, "1 one\n2 two\nthree\n").expect("to disk");
    let section = |pattern: &str| {
        let text = format!("[formats.app]\nmatch = {{ key = 'app.log' }}\nregex = '{pattern}'\n");
        std::fs::write(&config, text).expect("to disk");
    };
    let kura = |args: &[&str]| {
        let all = [&["--lake", text(&lake), "--config", text(&config)][..], args].concat();
        ok(&all)
    };
    let rows = || {
        let statement =
            "SELECT (SELECT count(*) FROM app) AS a, (SELECT count(*) FROM quarantine) AS q";
        let csv = kura(&["sql", statement, "-o", "csv", "-q"]).stdout;
        csv.lines().nth(1).unwrap_or_default().to_owned()
    };
    section(r"^(?<number>\d) (?<word>\w+)$");
    kura(&["import", text(&log)]);
    assert_eq!(rows(), "2,1");
    section(r"^(?:(?<number>\d) )?(?<word>\w+)$");
    assert!(kura(&["reparse", "--quarantine"]).stderr.contains("3 records = 3 stored"));
    assert_eq!(rows(), "3,0");
    let again = kura(&["reparse", "--quarantine", "-o", "json"]);
    let counts: serde_json::Value = serde_json::from_str(&again.stdout).expect("one JSON object");
    assert_eq!(counts["objects"], 0, "{}", again.stdout);
    assert_eq!(rows(), "3,0");
}
