//! General query logs of MySQL and MariaDB, as RDS and Aurora give them.

use std::borrow::Cow;
use std::sync::Arc;

use kura_core::table::column;

use super::mysql_slow::SAYS_NOTHING;
use super::pattern::{Also, PatternFormat, Patterns};
use super::rds_keys::rds_key;
use super::written_time::WrittenTime;
use super::{Description, FlatCopy, Format};
use crate::columns::{Column, ColumnType, Role};

const NAME: &str = "mysql_general";

pub fn format() -> Arc<dyn Format> {
    PatternFormat::built_in_with(
        Patterns {
            description: DESCRIPTION,
            patterns: PATTERNS,
            begins: Some(BEGINS),
            time: WrittenTime::FirstOf(TIMES),
            key: |path| rds_key(path, &["mysql-general.log"], Some("general")),
            head: |_| true,
        },
        Also { skips: Some(SAYS_NOTHING), repeats_time: true, ..Also::default() },
    )
}

const DESCRIPTION: Description = Description {
    name: Cow::Borrowed(NAME),
    title: "MySQL and MariaDB general query logs (RDS, Aurora)",
    about: include_str!("mysql_general.md"),
    source: "https://dev.mysql.com/doc/refman/8.4/en/query-log.html",
    sample: "2026-11-20T10:00:00.{n}456Z\t   {n} Query\tSELECT * FROM orders\nWHERE id = {n}",
    columns: Cow::Borrowed(COLUMNS),
    statistics: &[column::TIME, "command_type"],
    needles: &[column::ADDR, column::PRINCIPAL, "db"],
    distinct: &[],
    views: &[],
    examples: &[
        (
            "Who connects",
            "SELECT user_name, host, db, count(*) AS connections FROM mysql_general\nWHERE command_type = 'Connect' GROUP BY 1, 2, 3 ORDER BY 4 DESC",
        ),
        (
            "What a connection did",
            "SELECT _time, command_type, argument FROM mysql_general WHERE thread_id = 42 ORDER BY _time",
        ),
    ],
    flat_copies: &[
        FlatCopy { path: &["host"], column: column::ADDR },
        FlatCopy { path: &["user_name"], column: column::PRINCIPAL },
    ],
};

const TIMES: &[WrittenTime] =
    &[WrittenTime::Any, WrittenTime::Forms(Cow::Borrowed(&[Cow::Borrowed("%y%m%d %H:%M:%S")]))];

/// A time, or two tabs where it is that of the record before; then the connection.
macro_rules! beginning {
    () => {
        concat!(
            r"^(?:(?<event_time>\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d)|",
            r"\d{6} [ \d]\d:\d\d:\d\d)|\t)\t *(?<thread_id>\d+) "
        )
    };
}

const PATTERNS: &[&str] = &[
    concat!(
        "(?s)",
        beginning!(),
        r"(?<command_type>Connect)\t(?<argument>(?<user_name>\S*?)@(?<host>\S*) ",
        r"(?:as \S* )?on (?<db>\S*)(?: using (?<connection_type>[^\n]*))?)$"
    ),
    concat!("(?s)", beginning!(), r"(?<command_type>[A-Z][A-Za-z ]*?)\s*(?:\t(?<argument>.*))?$"),
];

const BEGINS: &str = concat!(
    r"^(?:(?:\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d)|\d{6} [ \d]\d:\d\d:\d\d|\t)",
    r"\t *\d+ [A-Z][A-Za-z ]*(?:\t|$)|.*, Version: .* started with:$)"
);

/// As MySQL's own table of its general log, `mysql.general_log`, names them, and more.
const COLUMNS: &[Column] = &[
    Column::text("event_time", "", "When it came, as written; also `_time`.").role(Role::Time),
    Column::new("thread_id", "", ColumnType::Long, "The connection."),
    Column::text("command_type", "", "`Connect`, `Query`, `Execute`, `Quit` and so on.")
        .role(Role::Facet),
    Column::text("argument", "", "The statement, or what else belongs to the command."),
    Column::text("user_name", "", "Who connects; of `Connect` only.").role(Role::Principal),
    Column::text("host", "", "From where; of `Connect` only.").role(Role::Address),
    Column::text("db", "", "To which database; of `Connect` only.").role(Role::Resource),
    Column::text("connection_type", "", "`TCP/IP`, `SSL/TLS`, `Socket`; of `Connect` only."),
    Column::text("log_group", "", "The log group that it came from.").role(Role::Source),
    Column::text("log_stream", "", "The log stream that it came from.").role(Role::Stream),
];

#[cfg(test)]
#[path = "mysql_general_tests.rs"]
mod tests;
