//! SQL statements: those in `*.slt` with their answers, and what answers alone do not show.

use std::path::Path;
use std::time::Duration;

use futures::StreamExt;
use kura_core::identity::Identity;
use kura_query::{Answer, Engine, ErrorKind, QueryError, QueryOptions, Stats, TableKind};
use tokio_util::sync::CancellationToken;

use crate::support::{TestLake, empty_lake, events, lake_of, lines};

pub async fn ask(engine: &Engine, sql: &str) -> Result<(Vec<String>, Stats), QueryError> {
    let answer: Answer = engine.sql(&Identity::local(), sql, &QueryOptions::default()).await?;
    let (batches, stats) = answer.collect().await?;
    Ok((lines(&batches), stats))
}

/// Runs the statements of one file. A case is a statement, `----`, its rows (or `error: …`
/// and `hint: …`), and a blank line.
pub async fn run_file(lake: &TestLake, path: &Path) {
    let text = std::fs::read_to_string(path).expect("a file of statements");
    for case in text.split("\n\n").filter(|case| !case.trim().is_empty()) {
        let case: Vec<&str> = case.lines().filter(|line| !line.starts_with('#')).collect();
        let case = case.join("\n");
        let Some((sql, expected)) = case.split_once("\n----") else {
            assert!(case.trim().is_empty(), "{}: no `----` after\n{case}", path.display());
            continue;
        };
        let found = match ask(&lake.engine, sql.trim()).await {
            Ok((lines, _)) => lines.join("\n"),
            Err(error) => {
                let hint = error.hint().map(|hint| format!("\nhint: {hint}")).unwrap_or_default();
                format!("error: {error}{hint}")
            }
        };
        assert_eq!(found, expected.trim(), "{}:\n{sql}", path.display());
    }
}

#[tokio::test]
async fn statements_give_their_answers() {
    let lake = lake_of(&events::three_days()).await;
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/statements");
    let mut files = 0;
    for entry in std::fs::read_dir(folder).expect("the folder of statements") {
        let path = entry.expect("a file").path();
        if path.extension().is_some_and(|extension| extension == "slt") {
            run_file(&lake, &path).await;
            files += 1;
        }
    }
    assert!(files >= 4, "the files of statements were not found");
}

#[tokio::test]
async fn counts_come_from_the_log_alone() {
    let lake = lake_of(&events::three_days()).await;
    for (sql, expected, pruned) in [
        ("SELECT count(*) FROM cloudtrail", "270", 0),
        ("SELECT count(*) FROM cloudtrail WHERE day = '2026-11-19'", "90", 2),
        ("SELECT max(_time) FROM cloudtrail", "2026-11-20T22:15:00Z", 0),
        ("SELECT count(*) FROM cloudtrail_logs WHERE timestamp = '2026/11/19'", "90", 2),
    ] {
        let (lines, stats) = ask(&lake.engine, sql).await.expect(sql);
        assert_eq!(lines, [expected], "{sql}");
        assert_eq!((stats.bytes_scanned, stats.files_scanned), (0, 0), "{sql}");
        assert_eq!((stats.files_pruned, stats.files_total), (pruned, 3), "{sql}");
        assert!(stats.bytes_total > 0);
    }
}

#[tokio::test]
async fn predicates_leave_files_out() {
    let lake = lake_of(&events::three_days()).await;
    let arn = "arn:aws:iam::111111111111:root";
    for (filter, pruned, rows) in [
        ("_time >= '2026-11-20'".to_owned(), 2, 90),
        ("_time >= now() - INTERVAL '1' DAY".to_owned(), 2, 42),
        ("_time < '2026-11-18T00:00:00Z'".to_owned(), 3, 0),
        ("CAST(_time AS DATE) = DATE '2026-11-19'".to_owned(), 2, 90),
        ("eventtime >= '2026-11-20T00:00:00Z'".to_owned(), 2, 90),
        ("day BETWEEN '2026-11-19' AND '2026-11-20'".to_owned(), 1, 180),
        ("day = '2026-11-19' OR _time < '2026-11-18T01:00:00Z'".to_owned(), 1, 94),
        ("useridentity.accesskeyid = 'AKIA20261118'".to_owned(), 2, 18),
        ("useridentity['accesskeyid'] IN ('AKIA20261118', 'AKIA2')".to_owned(), 2, 18),
        ("useridentity.accesskeyid LIKE 'AKIA20261118%'".to_owned(), 1, 18),
        (format!("useridentity.arn = '{arn}' AND _time < '2026-11-19'"), 2, 9),
        ("sourceipaddress = '10.0.0.1'".to_owned(), 3, 0),
        ("awsregion > 'v'".to_owned(), 3, 0),
        ("recipientaccountid = '999999999999' OR useridentity.arn = 'zzz'".to_owned(), 3, 0),
        ("eventname = 'Zzz'".to_owned(), 3, 0),
    ] {
        let sql = format!("SELECT count(*), count(eventid) FROM cloudtrail WHERE {filter}");
        let (lines, stats) = ask(&lake.engine, &sql).await.expect(&sql);
        assert_eq!(lines, [format!("{rows} | {rows}")], "{filter}");
        assert_eq!(stats.files_pruned, pruned, "{filter}: {stats:?}");
        assert_eq!(stats.files_total, 3);
    }
}

/// Said again on flat columns or not, a predicate lets the same rows pass.
#[tokio::test]
async fn flat_copies_change_no_answer() {
    let lake = lake_of(&events::three_days()).await;
    let plain = lake.engine.clone().without_flat_copies();
    let parts = [
        ("useridentity.arn", "arn:aws:iam::111111111111:root"),
        ("useridentity.arn", "ec2.amazonaws.com"),
        ("useridentity.arn", "AIDAX"),
        ("useridentity.accesskeyid", "ASIA1"),
        ("sourceipaddress", "203.0.113.3"),
        ("awsregion", "us-east-1"),
        ("recipientaccountid", "222222222222"),
        ("eventid", "2026-11-19-003"),
    ];
    let mut predicates = Vec::new();
    for (part, value) in parts {
        for op in ["=", "<>", "<", "<=", ">", ">="] {
            predicates.push(format!("{part} {op} '{value}'"));
        }
        predicates.push(format!("'{value}' < {part}"));
        predicates.push(format!("{part} IN ('{value}', 'x')"));
        predicates.push(format!("{part} NOT IN ('{value}', 'x')"));
        predicates.push(format!("{part} LIKE '{}%'", &value[..4]));
        predicates.push(format!("{part} NOT LIKE '{}%'", &value[..4]));
        predicates.push(format!("NOT ({part} = '{value}')"));
        predicates.push(format!("({part} = '{value}') IS NOT TRUE"));
        predicates.push(format!("{part} IS NULL"));
        predicates.push(format!("{part} IS DISTINCT FROM '{value}'"));
        predicates.push(format!("coalesce({part}, 'none') = 'none'"));
        predicates.push(format!("{part} = '{value}' OR eventname = 'GetObject'"));
        predicates.push(format!("{part} = '{value}' AND NOT (eventname = 'GetObject')"));
        predicates.push(format!("NOT ({part} <> '{value}' OR useridentity.arn < 'b')"));
    }
    for predicate in predicates {
        let sql = format!("SELECT count(*), min(_id), max(_id) FROM cloudtrail WHERE {predicate}");
        let with = ask(&lake.engine, &sql).await.expect(&sql).0;
        assert_eq!(with, ask(&plain, &sql).await.expect(&sql).0, "{predicate}");
    }
}

#[tokio::test]
async fn what_does_not_read_is_refused() {
    let lake = lake_of(&events::three_days()[..1]).await;
    for sql in [
        "DROP TABLE cloudtrail",
        "INSERT INTO cloudtrail SELECT * FROM cloudtrail",
        "CREATE TABLE x AS SELECT 1",
        "CREATE EXTERNAL TABLE x STORED AS PARQUET LOCATION '/tmp'",
        "COPY (SELECT 1) TO '/tmp/x.csv'",
        "SET datafusion.execution.batch_size = 1",
        "EXPLAIN ANALYZE DELETE FROM cloudtrail",
        "WITH a AS (SELECT 1) INSERT INTO cloudtrail SELECT * FROM a",
        "SELECT * INTO x FROM cloudtrail",
        "PREPARE p AS SELECT 1",
    ] {
        let error = ask(&lake.engine, sql).await.expect_err(sql);
        assert_eq!(error.kind(), ErrorKind::NotAllowed, "{sql}: {error}");
    }
    for sql in ["SELECT 1; SELECT 2", "SELECT * FROM '/etc/passwd'", "SELECT"] {
        let error = ask(&lake.engine, sql).await.expect_err(sql);
        assert_eq!(error.kind(), ErrorKind::Statement, "{sql}: {error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn long_and_deep_statements_end_with_an_answer_or_an_error() {
    let lake = lake_of(&events::three_days()[..1]).await;
    let any = |n: usize, of: &str| {
        let terms = (0..n).map(|at| of.replace('#', &at.to_string()));
        let terms = terms.collect::<Vec<_>>().join(" OR ");
        format!("SELECT count(*) FROM cloudtrail WHERE {terms}")
    };
    // What is let through does not overflow the usual stack of a test, unoptimised.
    for of in ["eventname = 'x#'", "useridentity.arn LIKE '%x#%'"] {
        assert_eq!(ask(&lake.engine, &any(400, of)).await.expect("an answer").0, ["0"]);
    }
    let sum =
        |n: usize| format!("SELECT {} FROM cloudtrail", vec!["length(eventname)"; n].join("+"));
    assert!(ask(&lake.engine, &sum(400)).await.is_ok());
    let union = |n: usize| vec!["SELECT 1"; n].join(" UNION ALL ");
    assert_eq!(ask(&lake.engine, &union(100)).await.expect("an answer").0.len(), 100);
    for refused in [
        any(10_000, "eventname = 'x#'"),
        sum(10_000),
        union(10_000),
        format!("SELECT {}1{}", "(".repeat(100_000), ")".repeat(100_000)),
        format!("SELECT {}1{}", "(1+".repeat(50_000), ")".repeat(50_000)),
        format!("{}SELECT 1{}", "SELECT * FROM (".repeat(5_000), ")".repeat(5_000)),
        format!("SELECT {} true", "NOT ".repeat(50_000)),
        format!("SELECT {}1", "- ".repeat(50_000)),
        format!("SELECT a{} FROM cloudtrail", ".a".repeat(50_000)),
        format!("SELECT * FROM cloudtrail{}", ", cloudtrail".repeat(5_000)),
        format!("SELECT {}", "CASE WHEN true THEN ".repeat(20_000)),
        format!("SELECT '{}", "x".repeat(2 << 20)),
    ] {
        let error = ask(&lake.engine, &refused).await.expect_err(&refused[..40]);
        assert_eq!(error.kind(), ErrorKind::Statement, "{}: {error}", &refused[..40]);
    }
}

/// Takes a long time, and gives rows only at its end.
const ENDLESS: &str =
    "SELECT count(*) FROM range(10000000) a, range(10000000) b WHERE a.value * b.value % 7 = 8";

#[tokio::test(flavor = "multi_thread")]
async fn a_statement_ends_when_its_time_is_up() {
    let lake = lake_of(&events::three_days()[..1]).await;
    let timeout = Some(Duration::from_millis(300));
    let options = QueryOptions { timeout, ..QueryOptions::default() };
    let answer = lake.engine.sql(&Identity::local(), ENDLESS, &options).await;
    let error = match answer {
        Ok(answer) => answer.collect().await.expect_err("no time"),
        Err(error) => error,
    };
    assert_eq!(error.kind(), ErrorKind::Timeout);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_statement_ends_when_it_is_cancelled() {
    let lake = lake_of(&events::three_days()[..1]).await;
    let cancel = CancellationToken::new();
    let options = QueryOptions { timeout: None, cancel: cancel.clone() };
    let mut answer =
        lake.engine.sql(&Identity::local(), ENDLESS, &options).await.expect("it begins");
    // The first is running when the second is begun.
    let (ended, ()) = tokio::join!(answer.next(), async { cancel.cancel() });
    let error = ended.expect("an end").expect_err("cancelled");
    assert_eq!(error.kind(), ErrorKind::Cancelled);
}

#[tokio::test]
async fn too_little_memory_is_said_to_be_that() {
    let lake = lake_of(&events::three_days()[..1]).await;
    let engine = Engine::new(lake.lake.clone(), 64 << 10, 2).expect("an engine");
    let sql = "SELECT array_agg(value::text || 'x') FROM range(1000000)";
    let error = ask(&engine, sql).await.expect_err("too much");
    assert_eq!(error.kind(), ErrorKind::Resources, "{error}");
    assert!(error.hint().is_some());
}

#[tokio::test]
async fn tables_and_views_are_told_with_their_columns() {
    let lake = lake_of(&events::three_days()).await;
    let tables = lake.engine.tables(&Identity::local()).await.expect("tables");
    let names: Vec<_> = tables.iter().map(|table| (table.name.as_str(), table.kind)).collect();
    let views = [
        "cloudtrail_logs",
        "amazon_security_lake_table_cloud_trail_mgmt_2_0",
        "amazon_security_lake_table_s3_data_2_0",
        "amazon_security_lake_table_lambda_execution_2_0",
    ];
    assert_eq!(names[0], ("cloudtrail", TableKind::Table));
    assert_eq!(names[1..], views.map(|view| (view, TableKind::View)));
    let table = &tables[0];
    assert_eq!((table.rows, table.files), (270, 3));
    assert!(table.bytes > 0 && table.min_time < table.max_time);
    let column = |name: &str| table.columns.iter().find(|c| c.name == name).expect(name);
    assert_eq!(column("_principal").role, Some("principal"));
    assert!(column("requestparameters").json && !column("eventname").json);
    assert!(column("useridentity.type").facet && column("eventname").facet);
    assert_eq!(column("useridentity").type_name, "struct");
    assert_eq!(column("day").type_name, "date");
    assert!(tables[1].columns.iter().any(|column| column.name == "year"));
    for view in &tables[1..] {
        assert!(view.columns.iter().all(|column| !column.name.starts_with('_')), "{}", view.name);
    }
    let part = |name: &str| tables[2].columns.iter().find(|c| c.name == name).expect(name);
    assert_eq!(part("actor.user.uid").type_name, "string");
    assert_eq!(
        (part("time_dt").type_name.as_str(), part("time").type_name.as_str()),
        ("timestamp", "bigint")
    );
    // Columns of the table by name only.
    assert_eq!((part("resources").about, part("resources").type_name.as_str()), ("", "array"));
}

#[tokio::test]
async fn an_empty_lake_says_so() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let lake = empty_lake(folder.path()).await;
    std::fs::create_dir_all(folder.path().join("tables")).expect("a folder");
    let engine = Engine::new(lake, 64 << 20, 1).expect("an engine");
    assert_eq!(engine.tables(&Identity::local()).await.expect("none"), []);
    let error = ask(&engine, "SELECT * FROM cloudtrail").await.expect_err("no table");
    assert_eq!(error.to_string(), "no table `cloudtrail` in this lake");
    assert!(error.hint().unwrap_or_default().contains("kura import"));
    assert_eq!(ask(&engine, "SELECT 1").await.expect("one").0, ["1"]);
}
