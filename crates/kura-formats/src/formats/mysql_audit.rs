//! Audit logs of MariaDB's plugin (RDS for MySQL and MariaDB) and of Aurora's advanced auditing.

use std::borrow::Cow;
use std::sync::Arc;

use kura_core::table::column;

use super::pattern::{PatternFormat, Patterns};
use super::rds_keys::rds_key;
use super::written_time::WrittenTime;
use super::{Description, FlatCopy, Format};
use crate::columns::{Column, ColumnType, Role};

const NAME: &str = "mysql_audit";

pub fn format() -> Arc<dyn Format> {
    PatternFormat::built_in(Patterns {
        description: DESCRIPTION,
        patterns: PATTERNS,
        begins: Some(BEGINS),
        time: WrittenTime::FirstOf(TIMES),
        key: |path| rds_key(path, &["server_audit.log", "audit/audit.log"], None),
        head: |_| true,
    })
}

const DESCRIPTION: Description = Description {
    name: Cow::Borrowed(NAME),
    title: "MySQL and MariaDB audit logs (RDS, Aurora)",
    about: include_str!("mysql_audit.md"),
    source: "https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/AuroraMySQL.Auditing.html",
    sample: "20261120 10:00:00,ip-10-0-0-9,app,10.0.0.{n},{n},{n},QUERY,shop,'SELECT * FROM orders WHERE id = {n}',0,,",
    columns: Cow::Borrowed(COLUMNS),
    statistics: &[column::TIME, "operation", "retcode"],
    needles: &[column::ADDR, column::PRINCIPAL, "database", "operation"],
    distinct: &[],
    views: &[],
    examples: &[
        (
            "Failed logins",
            "SELECT host, username, count(*) AS failures FROM mysql_audit\nWHERE operation IN ('CONNECT', 'FAILED_CONNECT') AND retcode <> 0 GROUP BY 1, 2 ORDER BY 3 DESC",
        ),
        (
            "What a user asked for",
            "SELECT _time, host, \"database\", object FROM mysql_audit\nWHERE username = 'app' AND operation = 'QUERY' ORDER BY _time DESC LIMIT 100",
        ),
    ],
    flat_copies: &[
        FlatCopy { path: &["host"], column: column::ADDR },
        FlatCopy { path: &["username"], column: column::PRINCIPAL },
    ],
};

const TIMES: &[WrittenTime] =
    &[WrittenTime::Any, WrittenTime::Forms(Cow::Borrowed(&[Cow::Borrowed("%Y%m%d %H:%M:%S")]))];

const BEGINS: &str = r"^(?:\d{8} \d\d:\d\d:\d\d|\d{16}),[^,]*,[^,]*,[^,]*,\d+,\d+,[A-Z_]+,";

/// The seven fields that are always there. MariaDB 12 writes the port behind the host.
macro_rules! fields {
    () => {
        concat!(
            r"(?s)^(?<timestamp>\d{8} \d\d:\d\d:\d\d|\d{16}),(?<serverhost>[^,]*),",
            r"(?<username>[^,]*),(?<host>[^,:]*|[^,]*:[^,]*:[^,]*)(?::(?<port>\d+))?,",
            r"(?<connectionid>\d+),(?<queryid>\d+),(?<operation>[A-Z_]+),(?<database>[^,]*),"
        )
    };
}

/// What RDS for MySQL writes behind the end.
macro_rules! behind {
    () => {
        "(?:,(?<connection_type>[^,']*)(?:,(?<more>[^']*))?)?$"
    };
}

const PATTERNS: &[&str] = &[
    concat!(fields!(), r"'(?<object>.*)',(?<retcode>-?\d*)", behind!()),
    concat!(fields!(), r"(?<object>[^']*?),(?<retcode>-?\d*)", behind!()),
    // Broken off.
    concat!(fields!(), "'?(?<object>.*)$"),
];

/// As AWS's and MariaDB's pages name them.
const COLUMNS: &[Column] = &[
    Column::text("timestamp", "", "When it happened, as written; also `_time`.").role(Role::Time),
    Column::text("serverhost", "", "The instance.").role(Role::Facet),
    Column::text("username", "", "Who.").role(Role::Principal),
    Column::text("host", "", "From where.").role(Role::Address),
    Column::new("port", "", ColumnType::Int, "From which port, since MariaDB 12."),
    Column::new("connectionid", "", ColumnType::Long, "The connection."),
    Column::new("queryid", "", ColumnType::Long, "The statement; its records of tables have it, too."),
    Column::text(
        "operation",
        "",
        "`CONNECT`, `FAILED_CONNECT`, `DISCONNECT`, `QUERY`, `READ`, `WRITE`, `CREATE`, `ALTER`, `RENAME`, `DROP`.",
    )
    .role(Role::Facet),
    Column::text("database", "", "The database.").role(Role::Resource),
    Column::text("object", "", "The statement for `QUERY`, a table for others; as escaped there."),
    Column::new("retcode", "", ColumnType::Int, "The number of its error; 0 is none."),
    Column::text("connection_type", "", "RDS for MySQL: the way of the connection, if it is said."),
    Column::text("log_group", "", "The log group that it came from.").role(Role::Source),
    Column::text("log_stream", "", "The log stream that it came from.").role(Role::Stream),
];

#[cfg(test)]
#[path = "mysql_audit_tests.rs"]
mod tests;
