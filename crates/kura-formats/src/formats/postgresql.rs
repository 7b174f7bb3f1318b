//! PostgreSQL's server logs, as RDS and Aurora give them: lines with a prefix, or `csvlog`.

use std::borrow::Cow;
use std::sync::Arc;

use kura_core::table::column;

use super::pattern::{Also, PatternFormat, Patterns};
use super::places::{Reading, Within};
use super::rds_keys::rds_key;
use super::written_time::WrittenTime;
use super::{Description, FlatCopy, Format};
use crate::columns::{Column, ColumnType, Role};

const NAME: &str = "postgresql";

pub fn format() -> Arc<dyn Format> {
    PatternFormat::built_in_with(
        Patterns {
            description: DESCRIPTION,
            patterns: PATTERNS,
            begins: Some(BEGINS),
            time: WrittenTime::Forms(Cow::Borrowed(TIME_FORMS)),
            key: |path| rds_key(path, &["postgresql.log", "postgres.log"], Some("postgresql")),
            head: |_| true,
        },
        Also { within: WITHIN, ..Also::default() },
    )
}

const DESCRIPTION: Description = Description {
    name: Cow::Borrowed(NAME),
    title: "PostgreSQL logs (RDS, Aurora)",
    about: include_str!("postgresql.md"),
    source: "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_LogAccess.Concepts.PostgreSQL.html",
    sample: "2026-11-20 10:00:00 UTC:10.0.0.{n}(43210):app@shop:[{n}]:LOG:  duration: {n}.345 ms  statement: SELECT * FROM orders\n\tWHERE id = {n}",
    columns: Cow::Borrowed(COLUMNS),
    statistics: &[column::TIME, "error_severity", "duration_ms"],
    needles: &[
        column::ADDR,
        column::PRINCIPAL,
        "database_name",
        "sql_state_code",
        "session_id",
        "object_name",
    ],
    distinct: &[],
    views: &[],
    examples: &[
        (
            "The slowest statements",
            "SELECT _time, database_name, user_name, duration_ms, statement FROM postgresql\nWHERE duration_ms > 1000 ORDER BY duration_ms DESC LIMIT 20",
        ),
        (
            "Who failed to log in",
            "SELECT _addr, user_name, count(*) AS failures FROM postgresql\nWHERE error_severity = 'FATAL' AND message LIKE '%authentication failed%' GROUP BY 1, 2 ORDER BY 3 DESC",
        ),
    ],
    flat_copies: &[
        FlatCopy { path: &["remote_host"], column: column::ADDR },
        FlatCopy { path: &["user_name"], column: column::PRINCIPAL },
    ],
};

const TIME_FORMS: &[Cow<'static, str>] = &[Cow::Borrowed("%Y-%m-%d %H:%M:%S%.f %Z")];

/// `2026-11-20 10:00:00.123 UTC`.
macro_rules! time {
    () => {
        r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)? [A-Za-z0-9+-]+"
    };
}

/// What a line is, behind its prefix.
macro_rules! severity {
    () => {
        concat!(
            "(?:DEBUG[1-5]?|LOG|INFO|NOTICE|WARNING|ERROR|FATAL|PANIC",
            "|DETAIL|HINT|QUERY|CONTEXT|LOCATION|STATEMENT|BACKTRACE): "
        )
    };
}

/// `%t:%r:%u@%d:[%p]:`, which RDS writes. A user of a directory has an `@` in the name.
macro_rules! rds_prefix {
    () => {
        concat!(
            "^(?<log_time>",
            time!(),
            r"):(?<connection_from>[^()\n]*\(\d+\)|\[local\]|):",
            r"(?:\[unknown\]|(?<user_name>[^\n]*?))@(?:\[unknown\]|(?<database_name>[^@\n]*?))",
            r":\[(?<process_id>\d+)\]:"
        )
    };
}

/// `%l:%e:%s:%v:%x:%c:%q%a`, which RDS writes behind it if told to.
macro_rules! rds_details {
    () => {
        concat!(
            r"(?<session_line_num>\d+):(?<sql_state_code>[0-9A-Z]{5}):(?<session_start_time>",
            time!(),
            r"):(?<virtual_transaction_id>[^:\n]*):(?<transaction_id>\d*):",
            r"(?<session_id>[0-9a-f]+\.[0-9a-f]+):+(?<application_name>[^\n]*?):?"
        )
    };
}

/// A field of `csvlog`.
macro_rules! field {
    () => {
        r#"(?:"(?:[^"]|"")*")?,"#
    };
}

const PATTERNS: &[&str] = &[
    concat!("(?s)", rds_prefix!(), "(?:", rds_details!(), ")?(?<line>", severity!(), ".*)$"),
    // The servers of some countries have other words.
    concat!("(?s)", rds_prefix!(), r"(?<line>\p{Lu}{3,}: .*)$"),
    // `%m [%p] %q%u@%d/%a ` and what is left out of it.
    concat!(
        "(?s)^(?<log_time>",
        time!(),
        r") (?:\[(?<process_id>\d+)(?:-(?<session_line_num>\d+))?\]:? )?",
        r"(?:(?:\[unknown\]|(?<user_name>[^\s@]*))@(?:\[unknown\]|(?<database_name>[^\s/]*))",
        r"(?:/(?<application_name>[^\n]*?))? )?",
        "(?<line>",
        severity!(),
        ".*)$"
    ),
    concat!("(?s)^(?<csv>", time!(), ",", field!(), field!(), r"\d*,.*)$"),
];

/// Strict enough that a line of a statement, which `csvlog` does not indent, is hardly ever
/// taken for another record.
const BEGINS: &str = concat!(
    "^",
    time!(),
    r"(?::(?:[^()]*\(\d+\)|\[local\]|):.*@.*:\[\d+\]:",
    r"| (?:\[\d+(?:-\d+)?\]:? )?(?:[^\s@]*@[^\s/]*(?:/.*?)? )?",
    severity!(),
    "|,",
    field!(),
    field!(),
    r"\d*,",
    field!(),
    r"[0-9a-f]+\.[0-9a-f]+(?:,|$))",
);

const WITHIN: &[Within] = &[
    Within {
        of: "line",
        reading: Reading::Groups(
            "(?s)^(?<error_severity>STATEMENT): {1,2}(?<message>(?<query>.*))$",
        ),
    },
    Within {
        of: "line",
        reading: Reading::Groups(r"(?s)^(?<error_severity>\p{Lu}+\d?): {1,2}(?<message>.*)$"),
    },
    Within { of: "csv", reading: Reading::Fields(CSV_FIELDS) },
    Within {
        of: "connection_from",
        reading: Reading::Groups(
            r"^(?<remote_host>.*?)(?:\((?<remote_port>\d+)\)|:(?<port>\d+))?$",
        ),
    },
    Within { of: "port", reading: Reading::Groups("^(?<remote_port>.*)$") },
    Within {
        of: "message",
        reading: Reading::Groups(concat!(
            r"(?s)^duration: (?<duration_ms>[0-9.]+) ms",
            r"(?:  (?:statement|(?:parse|bind|execute) [^:]*): (?<statement>.*))?",
        )),
    },
    Within {
        of: "message",
        reading: Reading::Groups("(?s)^(?:statement|execute [^:]*): (?<statement>.*)$"),
    },
    Within { of: "message", reading: Reading::Groups("(?s)^AUDIT: (?<audit>.*)$") },
    Within { of: "audit", reading: Reading::Fields(AUDIT_FIELDS) },
];

/// As PostgreSQL's documentation names them: 23 until version 12, 24 in 13, 26 since 14.
const CSV_FIELDS: &[&str] = &[
    "log_time",
    "user_name",
    "database_name",
    "process_id",
    "connection_from",
    "session_id",
    "session_line_num",
    "command_tag",
    "session_start_time",
    "virtual_transaction_id",
    "transaction_id",
    "error_severity",
    "sql_state_code",
    "message",
    "detail",
    "hint",
    "internal_query",
    "internal_query_pos",
    "context",
    "query",
    "query_pos",
    "location",
    "application_name",
    "backend_type",
    "leader_pid",
    "query_id",
];

const AUDIT_FIELDS: &[&str] = &[
    "audit_type",
    "statement_id",
    "substatement_id",
    "class",
    "command",
    "object_type",
    "object_name",
    "statement",
    "parameter",
];

const COLUMNS: &[Column] = &[
    Column::text("log_time", "", "When it was written, with its zone; also `_time`.")
        .role(Role::Time),
    Column::text("user_name", "", "The user of the session.").role(Role::Principal),
    Column::text("database_name", "", "The database of the session.").role(Role::Resource),
    Column::new("process_id", "", ColumnType::Int, "The process that served it."),
    Column::text("connection_from", "", "The client's host and port, as written."),
    Column::text("remote_host", "", "The client's address, or `[local]`.").role(Role::Address),
    Column::new("remote_port", "", ColumnType::Int, "The client's port."),
    Column::text("session_id", "", "The session, where that is written."),
    Column::new("session_line_num", "", ColumnType::Long, "The line's number in its session."),
    Column::text("command_tag", "", "What the session was doing: `SELECT`, `idle`.")
        .role(Role::Facet),
    Column::text("session_start_time", "", "When the session began, as written."),
    Column::text("virtual_transaction_id", "", "The transaction, in its process."),
    Column::new("transaction_id", "", ColumnType::Long, "The transaction; 0 is none."),
    Column::text("error_severity", "", "`LOG`, `ERROR`, `FATAL`, `DETAIL`, `STATEMENT` and so on.")
        .role(Role::Facet),
    Column::text("sql_state_code", "", "The SQLSTATE: `28P01` is a wrong password.")
        .role(Role::Facet),
    Column::text("message", "", "What is said, whole and as written."),
    Column::new("duration_ms", "", ColumnType::Double, "How long it took, in milliseconds."),
    Column::text("statement", "", "The statement that a message or an audit record names."),
    Column::text("detail", "", "More about an error."),
    Column::text("hint", "", "What might help."),
    Column::text("internal_query", "", "The statement of the server's own that failed."),
    Column::new("internal_query_pos", "", ColumnType::Int, "Where in it."),
    Column::text("context", "", "Where in a function it happened."),
    Column::text("query", "", "The user's statement that led to an error."),
    Column::new("query_pos", "", ColumnType::Int, "Where in it."),
    Column::text("location", "", "Where in PostgreSQL's source."),
    Column::text("application_name", "", "What the client calls itself.").role(Role::Facet),
    Column::text(
        "backend_type",
        "",
        "What kind of process: `client backend`, `autovacuum worker`.",
    )
    .role(Role::Facet),
    Column::new("leader_pid", "", ColumnType::Int, "The leader of a group of parallel workers."),
    Column::new("query_id", "", ColumnType::Long, "The statement's shape, as a number."),
    Column::text("audit_type", "", "pgaudit: `SESSION` or `OBJECT`.").role(Role::Facet),
    Column::new("statement_id", "", ColumnType::Long, "pgaudit: the statement's number."),
    Column::new("substatement_id", "", ColumnType::Long, "pgaudit: the number of a part of it."),
    Column::text("class", "", "pgaudit: `READ`, `WRITE`, `DDL`, `ROLE` and so on.")
        .role(Role::Facet),
    Column::text("command", "", "pgaudit: `SELECT`, `ALTER TABLE` and so on.").role(Role::Facet),
    Column::text("object_type", "", "pgaudit: `TABLE`, `VIEW` and so on."),
    Column::text("object_name", "", "pgaudit: its full name.").role(Role::Resource),
    Column::text("parameter", "", "pgaudit: the statement's parameters, or why there are none."),
    Column::text("log_group", "", "The log group that it came from.").role(Role::Source),
    Column::text("log_stream", "", "The log stream that it came from.").role(Role::Stream),
];

#[cfg(test)]
#[path = "postgresql_tests.rs"]
mod tests;
