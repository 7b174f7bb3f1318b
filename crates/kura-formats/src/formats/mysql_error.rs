//! MySQL's and MariaDB's error logs, as RDS and Aurora give them.

use std::borrow::Cow;
use std::sync::{Arc, LazyLock};

use kura_core::table::column;
use regex::Regex;

use super::pattern::{Also, PatternFormat, Patterns};
use super::rds_keys::rds_key;
use super::written_time::WrittenTime;
use super::{Description, Format, Head};
use crate::columns::{Column, ColumnType, Role};

const NAME: &str = "mysql_error";

pub fn format() -> Arc<dyn Format> {
    PatternFormat::built_in_with(
        Patterns {
            description: DESCRIPTION,
            patterns: PATTERNS,
            begins: Some(BEGINS),
            time: WrittenTime::FirstOf(TIMES),
            key: |path| rds_key(path, &["mysql-error.log", "mysql-error-running.log"], None),
            head: is_marked,
        },
        Also { skips: Some("^-+ END OF LOG -+$"), ..Also::default() },
    )
}

const DESCRIPTION: Description = Description {
    name: Cow::Borrowed(NAME),
    title: "MySQL and MariaDB error logs (RDS, Aurora)",
    about: include_str!("mysql_error.md"),
    source: "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_LogAccess.MySQL.LogFileSize.html",
    sample: "2026-11-20T10:00:00.{n}456Z {n} [Warning] [MY-010055] [Server] IP address '10.0.0.{n}' could not be resolved",
    columns: Cow::Borrowed(COLUMNS),
    statistics: &[column::TIME, "prio"],
    needles: &["error_code", "subsystem"],
    distinct: &[],
    views: &[],
    examples: &[
        (
            "Errors by kind",
            "SELECT error_code, subsystem, count(*) AS errors, max(_time) AS last FROM mysql_error\nWHERE prio = 'ERROR' GROUP BY 1, 2 ORDER BY 3 DESC",
        ),
        (
            "When servers started and stopped",
            "SELECT _time, data FROM mysql_error\nWHERE data LIKE '%ready for connections%' OR data LIKE '%hutdown complete%' ORDER BY _time",
        ),
    ],
    flat_copies: &[],
};

const TIMES: &[WrittenTime] = &[WrittenTime::Any, WrittenTime::Forms(Cow::Borrowed(FORMS))];
const FORMS: &[Cow<'static, str>] =
    &[Cow::Borrowed("%y%m%d %H:%M:%S"), Cow::Borrowed("%Y-%m-%d %H:%M:%S")];

/// `2026-11-20T10:00:00.123456Z`, `2026-11-20 10:00:00`, `261120  9:00:00`.
macro_rules! time {
    () => {
        r"(?<logged>\d{4}-\d\d-\d\d[T ][ \d]\d:[\d:.]+(?:Z|[+-]\d\d:\d\d)?|\d{6} [ \d]\d:\d\d:\d\d)"
    };
}

/// One of these, near the beginning, tells such a log from others whose lines begin with a time.
const MARKS: &[&str] =
    &["[System] [", "[Note] ", "[Warning] ", "[ERROR] ", " InnoDB: ", " mysqld_safe "];
const MARK_AT_MAX: usize = 60;

/// Lines of the general log come first where MariaDB writes both into one file; so many of them
/// are looked at.
const LINES_MAX: usize = 50;
static ERROR_LINE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!("^", time!(), r" +\d+ \[[A-Za-z]+\] ")).expect("a pattern in the code")
});
static GENERAL_LINE: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(concat!("^", time!(), r"\t")).expect("a pattern in the code"));

fn is_marked(head: &Head<'_>) -> bool {
    let line = head.line.as_bytes();
    let begin = |mark: &str| line.get(..MARK_AT_MAX + mark.len() - 1).unwrap_or(line);
    MARKS.iter().any(|mark| memchr::memmem::find(begin(mark), mark.as_bytes()).is_some())
        || (GENERAL_LINE.is_match(head.line)
            && head.text.lines().take(LINES_MAX).any(|line| ERROR_LINE.is_match(line)))
}

const PATTERNS: &[&str] = &[
    // MySQL 8, 5.7, 5.6; MariaDB since 10.1: with a thread (in 5.6 a process).
    concat!(
        "(?s)^",
        time!(),
        r" +(?<thread_id>\d+) \[(?<prio>[A-Za-z]+)\]",
        r"(?: \[(?<error_code>MY-\d+)\])?(?: \[(?<subsystem>\w+)\])? ?(?<data>.*)$"
    ),
    // MySQL 5.5, and programs around the server.
    concat!(
        "(?s)^",
        time!(),
        r" +(?:\[(?<prio>[A-Za-z]+)\] |(?<program>mysqld\w*) |(?:[0-9a-f]{4,} )?(?<subsystem>InnoDB): )(?<data>.*)$"
    ),
    // What MariaDB's general log would hold.
    concat!("(?s)^", time!(), r"\t *(?<thread_id>\d+) (?<data>[A-Z].*)$"),
    concat!("(?s)^", time!(), r"[ \t]+(?<data>.*)$"),
];

const BEGINS: &str = concat!(
    r"^(?:(?:\d{4}-\d\d-\d\d[T ][ \d]\d:[\d:.]+(?:Z|[+-]\d\d:\d\d)?|\d{6} [ \d]\d:\d\d:\d\d)[ \t]",
    r"|-+ END OF LOG -+$)"
);

/// As MySQL's own table of its error log, `performance_schema.error_log`, names them.
const COLUMNS: &[Column] = &[
    Column::text("logged", "", "When it was written, as written; also `_time`.").role(Role::Time),
    Column::new("thread_id", "", ColumnType::Long, "The thread; in MySQL 5.6 the process."),
    Column::text("prio", "", "`System`, `Note`, `Warning`, `ERROR`.").role(Role::Facet),
    Column::text("error_code", "", "`MY-010055` and so on, since MySQL 8.").role(Role::Facet),
    Column::text("subsystem", "", "`Server`, `InnoDB`, `Repl`, since MySQL 8.").role(Role::Facet),
    Column::text("data", "", "What is said."),
    Column::text("log_group", "", "The log group that it came from.").role(Role::Source),
    Column::text("log_stream", "", "The log stream that it came from.").role(Role::Stream),
];

#[cfg(test)]
#[path = "mysql_error_tests.rs"]
mod tests;
