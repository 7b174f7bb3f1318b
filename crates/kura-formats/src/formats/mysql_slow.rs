//! Slow query logs of MySQL, MariaDB and Percona Server, as RDS and Aurora give them.

use std::borrow::Cow;
use std::sync::Arc;

use kura_core::table::column;

use super::pattern::{Also, PatternFormat, Patterns};
use super::places::{Reading, Within};
use super::rds_keys::rds_key;
use super::written_time::WrittenTime;
use super::{Description, FlatCopy, Format};
use crate::columns::{Column, ColumnType, Role};

const NAME: &str = "mysql_slow";

pub fn format() -> Arc<dyn Format> {
    PatternFormat::built_in_with(
        Patterns {
            description: DESCRIPTION,
            patterns: PATTERNS,
            begins: Some(r"^(?:# (?:Time|User@Host): |.*, Version: .* started with:$)"),
            time: WrittenTime::Any,
            key: |path| rds_key(path, &["mysql-slowquery.log"], Some("slowquery")),
            head: |_| true,
        },
        Also {
            within: WITHIN,
            follows: Some("^# User@Host: "),
            skips: Some(SAYS_NOTHING),
            ..Also::default()
        },
    )
}

/// What a server writes into the slow and the general log when it opens them, and a time whose
/// statement went to the next file.
pub(super) const SAYS_NOTHING: &str =
    r"^(?:.*, Version: .* started with:\s*(?:\n|$)|# Time: [^\n]*\s*$)";

const DESCRIPTION: Description = Description {
    name: Cow::Borrowed(NAME),
    title: "MySQL and MariaDB slow query logs (RDS, Aurora)",
    about: include_str!("mysql_slow.md"),
    source: "https://dev.mysql.com/doc/refman/8.4/en/slow-query-log.html",
    sample: "# Time: 2026-11-20T10:00:00.{n}456Z\n# User@Host: app[app] @  [10.0.0.{n}]  Id: {n}\n# Query_time: 2.{n}227  Lock_time: 0.000002 Rows_sent: 1  Rows_examined: {n}\nuse shop;\nSET timestamp=1795168798;\nSELECT * FROM orders\nWHERE id = {n};",
    columns: Cow::Borrowed(COLUMNS),
    statistics: &[column::TIME, "query_time", "rows_examined"],
    needles: &[column::ADDR, column::PRINCIPAL, "db"],
    distinct: &[],
    views: &[],
    examples: &[
        (
            "The slowest statements",
            "SELECT _time, db, user_name, query_time, rows_examined, sql_text FROM mysql_slow\nORDER BY query_time DESC LIMIT 20",
        ),
        (
            "Time spent by user and database",
            "SELECT user_name, db, count(*) AS statements, sum(query_time) AS seconds FROM mysql_slow\nGROUP BY 1, 2 ORDER BY 4 DESC",
        ),
    ],
    flat_copies: &[
        FlatCopy { path: &["user_name"], column: column::PRINCIPAL },
        FlatCopy { path: &["db"], column: column::RESOURCE },
    ],
};

/// A time, who, remarks, then the statement with the settings before it.
const PATTERNS: &[&str] = &[concat!(
    r"(?s)^(?:# Time: (?<time>[^\n]*?)\s*\n)?",
    r"# User@Host: (?<user_host>[^\n]*?)(?:\s+Id: *(?<thread_id>\d+))?\s*(?:\n|$)",
    r"(?<remarks>(?:#[^\n]*(?:\n|$))*)",
    r"(?:use (?<use>[^\n]*?);\s*(?:\n|$))?",
    r"(?:SET (?<settings>(?:\w+=[^\n;]*?,)*)timestamp=(?<timestamp>[\d.]+);\s*(?:\n|$))?",
    "(?<sql_text>.*)$"
)];

const WITHIN: &[Within] = &[
    Within {
        of: "user_host",
        reading: Reading::Groups(
            r"^(?<priv_user>[^\[]*)\[(?<user_name>[^\]]*)\] @ *(?<host>[^\[ ]*) *\[(?<ip>[^\]]*)\]$",
        ),
    },
    Within { of: "use", reading: Reading::Groups("^`?(?<db>.*?)`?$") },
    Within {
        of: "remarks",
        reading: Reading::Groups(
            r"(?s)^(?<before>.*?)(?<explain># explain: (?:[^\n]*\n# explain: )*[^\n]*\n)(?<after>.*)$",
        ),
    },
    Within { of: "remarks", reading: Reading::Pairs(PAIR) },
    Within { of: "before", reading: Reading::Pairs(PAIR) },
    Within { of: "after", reading: Reading::Pairs(PAIR) },
    Within { of: "settings", reading: Reading::Pairs(r"(?<key>\w+)=(?<value>[^,]*),?") },
];

/// The value may be missing: `Schema:   Last_errno: 0`.
const PAIR: &str = r"(?<key>[A-Za-z]\w*):(?: (?<value>\S*)|\n|$)";

/// As MySQL's own table of its slow log, `mysql.slow_log`, names them, and more.
const COLUMNS: &[Column] = &[
    Column::new("timestamp", "", ColumnType::Long, "When the statement began, in seconds.")
        .role(Role::Time),
    Column::text("time", "", "When it was written, as written; with a zone also `_time`.")
        .role(Role::Time),
    Column::text("user_name", "", "Who logged in.").role(Role::Principal),
    Column::text("priv_user", "", "The user whose rights count."),
    Column::text("host", "", "The client's name, or `localhost`."),
    Column::text("ip", "", "The client's address.").role(Role::Address),
    Column::new("thread_id", "Thread_id", ColumnType::Long, "The connection."),
    Column::text("db", "Schema", "The database.").role(Role::Resource),
    Column::new("query_time", "Query_time", ColumnType::Double, "Seconds that it took."),
    Column::new("lock_time", "Lock_time", ColumnType::Double, "Seconds that it waited for locks."),
    Column::new("rows_sent", "Rows_sent", ColumnType::Long, "Rows sent to the client."),
    Column::new("rows_examined", "Rows_examined", ColumnType::Long, "Rows read."),
    Column::new("rows_affected", "Rows_affected", ColumnType::Long, "Rows changed."),
    Column::new("bytes_sent", "Bytes_sent", ColumnType::Long, "Bytes sent to the client."),
    Column::new("last_errno", "Last_errno", ColumnType::Int, "The number of its error; 0 is none."),
    Column::text("full_scan", "Full_scan", "Whether a table was read as a whole: `Yes`, `No`.")
        .role(Role::Facet),
    Column::text("full_join", "Full_join", "Whether tables were joined without an index."),
    Column::text("filesort", "Filesort", "Whether rows had to be sorted."),
    Column::text("explain", "", "MariaDB: how the statement was run, as written."),
    Column::text("sql_text", "", "The statement, as written."),
    Column::text("log_group", "", "The log group that it came from.").role(Role::Source),
    Column::text("log_stream", "", "The log stream that it came from.").role(Role::Stream),
];

#[cfg(test)]
#[path = "mysql_slow_tests.rs"]
mod tests;
