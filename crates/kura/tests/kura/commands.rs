//! Commands, output forms, exit codes, wrong input.

use crate::program::{DEMO, kura, ok, run, text};

fn sql(statement: &str, form: &str) -> String {
    ok(&["--lake", text(&DEMO.lake()), "sql", statement, "-o", form]).stdout
}

#[test]
fn every_output_form() {
    let statement = "select 1 as a, 'x,\"y\"' as b, cast(null as varchar) as c";
    assert_eq!(sql(statement, "jsonl"), "{\"a\":1,\"b\":\"x,\\\"y\\\"\"}\n");
    assert_eq!(sql(statement, "json"), "[\n{\"a\":1,\"b\":\"x,\\\"y\\\"\"}\n]\n");
    assert_eq!(sql(statement, "csv"), "a,b,c\n1,\"x,\"\"y\"\"\",\n");
    assert_eq!(sql("select 1 as a, 'x' as b", "tsv"), "a\tb\n1\tx\n");
    assert!(sql(statement, "table").contains("| a | b"));
    assert_eq!(sql("select 1 as a where false", "json"), "[]\n");
    assert_eq!(sql("select 1 as a where false", "csv"), "a\n");
    let run = kura()
        .args(["--lake", text(&DEMO.lake()), "sql", "select 1 as a", "-o", "parquet"])
        .output()
        .expect("kura runs");
    assert!(run.stdout.starts_with(b"PAR1") && run.stdout.ends_with(b"PAR1"));
}

#[test]
fn nested_columns_and_formulas_in_csv() {
    let all = sql("select * from cloudtrail limit 3", "csv");
    assert_eq!(all.lines().filter(|line| !line.is_empty()).count(), 4, "{all}");
    assert_eq!(sql("select '=1+1' as f, -1 as n", "csv"), "f,n\n'=1+1,-1\n");
}

#[test]
fn statements_from_stdin_and_file_and_their_cost() {
    use std::io::Write;
    use std::process::Stdio;

    let mut child = kura()
        .args(["--lake", text(&DEMO.lake()), "sql", "-o", "csv"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("kura runs");
    let mut stdin = child.stdin.take().expect("a pipe");
    stdin.write_all(b"select 1 as a; -- one\nselect 2 as b;\n").expect("to the pipe");
    drop(stdin);
    let run = crate::program::finish(&child.wait_with_output().expect("kura ends"));
    assert_eq!(run.stdout, "a\n1\nb\n2\n", "{}", run.stderr);
    assert_eq!(run.stderr.matches(" rows, ").count(), 2, "{}", run.stderr);
    assert!(run.stderr.contains("scanned"), "{}", run.stderr);
}

#[test]
fn mistakes_are_told_with_an_exit_code() {
    let lake = DEMO.lake();
    let lake = text(&lake);
    for (args, code, says) in [
        (vec!["--lake", lake, "sql", "select nme from cloudtrail"], 1, "nme"),
        (vec!["--lake", lake, "sql", "select * from nothing"], 1, "no table `nothing`"),
        (vec!["--lake", lake, "sql", "drop table cloudtrail"], 1, "error: "),
        (vec!["--lake", lake, "sql", "copy cloudtrail to '/tmp/x'"], 1, "error: "),
        (vec!["--lake", lake, "sql", "selec 1"], 1, "error: "),
        (vec!["--lake", lake, "search", "nosuchfield:1"], 1, "nosuchfield"),
        (vec!["--lake", lake, "search", "x", "--since", "yesterday"], 2, "is not a time"),
        (vec!["--lake", lake, "tables", "nothing"], 2, "no table `nothing`"),
        (vec!["--lake", lake, "import", "/no/such/place"], 2, "no such file"),
        (vec!["--lake", lake, "import", "s3://bucket/x"], 2, "cannot be read yet"),
        (vec!["--lake", lake, "import", lake, "--format", "nothing"], 2, "no format"),
        (vec!["--lake", lake, "import", lake, "--table", "cloudtrail"], 2, "--format cloudtrail"),
        (vec!["--lake", lake, "import", lake, "--table", "my-app"], 2, "no name for a table"),
        (vec!["--lake", lake, "reparse", "nothing"], 2, "no table `nothing`"),
        (vec!["--lake", lake, "reparse", "quarantine"], 2, "with the tables"),
        (vec!["--lake", "/no/such/lake", "sql", "select 1"], 2, "no lake"),
        (vec!["--lake", lake, "--memory", "lots", "tables"], 2, "not a size"),
        (vec!["--lake", lake, "serve", "--listen", "0.0.0.0:0"], 2, "loopback"),
        (vec!["frobnicate"], 2, "frobnicate"),
    ] {
        let run = run(&args);
        assert_eq!(run.code, Some(code), "{args:?}: {}", run.stderr);
        assert!(run.stderr.contains(says), "{args:?}: {}", run.stderr);
        assert_eq!(run.stdout, "", "{args:?}");
    }
}

#[test]
fn an_import_says_what_it_came_to() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let lake = folder.path().join("lake");
    let logs = folder.path().join("logs");
    std::fs::create_dir(&logs).expect("to disk");
    let args = ["--lake", text(&lake), "import", text(&logs), "-o", "json"];
    let empty = run(&args);
    assert_eq!(empty.code, Some(1), "a folder without logs: {}", empty.stderr);

    let event = r#"{"eventVersion":"1.08","eventTime":"2026-11-20T00:00:00Z","eventID":"1","eventName":"A","eventSource":"s"}"#;
    std::fs::write(logs.join("a.json"), format!("{event}\n{{\"eventVersion\": broken}}\n{event}"))
        .expect("to disk");
    let run = ok(&args);
    let report: serde_json::Value = serde_json::from_str(&run.stdout).expect("one JSON object");
    for (name, value) in
        [("objects", 1), ("records", 3), ("stored", 1), ("duplicates", 1), ("quarantined", 1)]
    {
        assert_eq!(report[name], value, "{name}: {}", run.stdout);
    }
    assert!(run.stderr.contains("quarantine: "), "{}", run.stderr);
    let again: serde_json::Value = serde_json::from_str(&ok(&args).stdout).expect("JSON");
    assert_eq!((&again["skipped_objects"], &again["stored"]), (&1.into(), &0.into()));
    let quarantine =
        ok(&["--lake", text(&lake), "sql", "select reason from quarantine", "-o", "csv"]);
    assert_eq!(quarantine.stdout, "reason\nbroken_json\n");
    let by_reason = ok(&["--lake", text(&lake), "quarantine", "-o", "csv"]).stdout;
    assert!(by_reason.contains("\ncloudtrail,broken_json,1,1,"), "{by_reason}");
    let samples = ["--lake", text(&lake), "quarantine", "--reason", "broken_json", "-o", "jsonl"];
    let samples = ok(&samples).stdout;
    assert!(samples.contains(r#""bytes":"{\"eventVersion\": broken}""#), "{samples}");
}

#[test]
fn formats_are_listed_and_a_file_is_explained() {
    let formats = ok(&["formats", "-o", "csv"]).stdout;
    for name in ["cloudtrail,", "vpcflow,", "s3access,", "waf,"] {
        assert!(formats.contains(&format!("\n{name}")), "{formats}");
    }
    let folder = tempfile::tempdir().expect("a temporary folder");
    let explain = |name: &str, text: &str| {
        let file = folder.path().join(name);
        std::fs::write(&file, text).expect("to disk");
        let run = run(&["formats", "--explain", crate::program::text(&file)]);
        (run.code, run.stdout)
    };
    let named = "123456789012_vpcflowlogs_eu-west-1_fl-1_20261120T1000Z_1.log";
    let (code, says) = explain(named, "anything");
    assert_eq!(code, Some(0));
    assert_eq!(
        says,
        "vpcflow: VPC flow logs, by its name and folder; account 123456789012; Region eu-west-1\n"
    );
    let (code, says) = explain("x", "2 1 eni-1 10.0.0.1 10.0.0.2 1 22 6 20 9 1 2 ACCEPT OK\n");
    assert_eq!((code, says.as_str()), (Some(0), "vpcflow: VPC flow logs, by what it holds\n"));
    let (code, says) = explain("y", "hello\n");
    assert_eq!(code, Some(1), "{says}");
    assert!(says.starts_with("nothing to import: "), "{says}");
    assert_eq!(run(&["formats", "--explain", "/no/such/file"]).code, Some(2));
}

#[test]
fn tables_and_compact() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let lake = folder.path().join("lake");
    for half in ["2026-11-18", "2026-11-19", "2026-11-20"] {
        let day = half.replace('-', "/");
        let glob = format!("{}/AWSLogs/*/*/CloudTrail/*/{day}/*", text(&DEMO.bucket()));
        ok(&["--lake", text(&lake), "import", &glob]);
    }
    let count = |table: &str| {
        let statement = format!("select count(*), count(distinct _id) from {table}");
        ok(&["--lake", text(&lake), "sql", &statement, "-o", "csv"]).stdout
    };
    let before = count("cloudtrail");
    let compacted = ok(&["--lake", text(&lake), "compact", "-o", "csv"]).stdout;
    assert!(compacted.contains("cloudtrail,"), "{compacted}");
    assert_eq!(count("cloudtrail"), before);
    let tables = ok(&["--lake", text(&lake), "tables", "-o", "csv"]).stdout;
    assert!(
        tables.contains("cloudtrail,table,") && tables.contains("cloudtrail_logs,view,"),
        "{tables}"
    );
    let ddl = ["--lake", text(&lake), "tables", "--ddl", "athena", "--location", "s3://b/lake/"];
    let ddl = ok(&ddl).stdout;
    let table = "CREATE EXTERNAL TABLE `cloudtrail`\nLOCATION 's3://b/lake/tables/cloudtrail/'";
    assert!(ddl.contains(table), "{ddl}");
    assert!(ddl.contains("VIEW \"cloudtrail_logs\" AS\nSELECT \"eventversion\", "), "{ddl}");
    assert!(ddl.contains("date_format(\"day\", '%Y') AS year"), "{ddl}");
    let columns = ok(&["--lake", text(&lake), "tables", "cloudtrail", "-o", "csv"]).stdout;
    assert!(columns.contains("_principal,") && columns.contains("requestparameters,"), "{columns}");
}

#[test]
fn json_of_any_kind_has_the_columns_found_in_it() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let lake = folder.path().join("lake");
    let import = |name: &str, lines: &str| {
        let file = folder.path().join(name);
        std::fs::write(&file, lines).expect("to disk");
        let args = ["--lake", text(&lake), "import", text(&file), "--table", "app", "-o", "json"];
        serde_json::from_str::<serde_json::Value>(&ok(&args).stdout).expect("JSON")
    };
    let sql = |statement: &str| ok(&["--lake", text(&lake), "sql", statement, "-o", "csv"]).stdout;
    let first = import(
        "a.jsonl",
        "{\"time\":\"2026-11-20T10:00:00Z\",\"Level\":\"info\",\"ms\":3,\"requestId\":\"r-1\",\"ctx\":{\"user\":\"ann\"}}\n\
         {\"time\":\"2026-11-20T10:00:01Z\",\"Level\":\"error\",\"ms\":5,\"requestId\":\"r-2\",\"ctx\":{\"user\":\"bob\"}}\n\
         not json\n",
    );
    assert_eq!((&first["stored"], &first["quarantined"]), (&2.into(), &1.into()), "{first}");
    let second = import(
        "b.jsonl",
        "{\"time\":\"2026-11-21T10:00:00Z\",\"Level\":\"info\",\"ms\":\"slow\",\"ok\":true}\n",
    );
    assert_eq!(second["stored"], 1, "{second}");
    assert_eq!(
        sql("select day, level, ms, ok, ctx ->> 'user' as who, _extra from app order by _time"),
        "day,level,ms,ok,who,_extra\n\
         2026-11-20,info,3,,ann,\n\
         2026-11-20,error,5,,bob,\n\
         2026-11-21,info,,true,,\"{\"\"ms\"\":\"\"slow\"\"}\"\n"
    );
    assert_eq!(sql("select ms from app where requestid = 'r-2'"), "ms\n5\n");
    for search in ["ctx.user:bob", "requestId:r-2", "Level:error"] {
        let found =
            ok(&["--lake", text(&lake), "search", "--table", "app", search, "-o", "jsonl"]).stdout;
        assert_eq!(found.lines().count(), 1, "{search}: {found}");
    }
    let before = sql("select * from app order by _time");
    ok(&["--lake", text(&lake), "compact", "app"]);
    assert_eq!(sql("select * from app order by _time"), before);
    let reparsed = ok(&["--lake", text(&lake), "reparse", "app", "-o", "json"]).stdout;
    let reparsed: serde_json::Value = serde_json::from_str(&reparsed).expect("one JSON object");
    assert_eq!((&reparsed["stored"], &reparsed["gone_objects"]), (&3.into(), &0.into()));
    assert_eq!(sql("select * from app order by _time"), before);
    // Read as another table it is another reading.
    let file = folder.path().join("a.jsonl");
    ok(&["--lake", text(&lake), "import", text(&file), "--table", "other"]);
    assert_eq!(sql("select count(*) as n from other"), "n\n2\n");
    let columns = ok(&["--lake", text(&lake), "tables", "app", "-o", "csv"]).stdout;
    assert!(columns.contains("ok,boolean") && columns.contains("ms,bigint"), "{columns}");
}
