//! Redshift's user activity log: every statement before it runs.

use std::borrow::Cow;
use std::sync::Arc;

use kura_core::table::column;

use super::pattern::{PatternFormat, Patterns};
use super::redshift_connection::key_of;
use super::written_time::WrittenTime;
use super::{Description, FlatCopy, Format};
use crate::columns::{Column, ColumnType, Role};

const NAME: &str = "redshift_useractivity";

pub fn format() -> Arc<dyn Format> {
    PatternFormat::built_in(Patterns {
        description: DESCRIPTION,
        patterns: PATTERNS,
        begins: Some(BEGINS),
        time: WrittenTime::Any,
        key: |path| key_of(path, "useractivitylog"),
        head: |_| true,
    })
}

const DESCRIPTION: Description = Description {
    name: Cow::Borrowed(NAME),
    title: "Redshift user activity logs",
    about: include_str!("redshift_useractivity.md"),
    source: "https://docs.aws.amazon.com/redshift/latest/mgmt/db-auditing.html",
    sample: "'2026-11-20T10:00:00Z UTC [ db=shop user=app pid={n} userid={n} xid={n} ]' LOG: SELECT *\nFROM orders WHERE id = {n};",
    columns: Cow::Borrowed(COLUMNS),
    statistics: &[column::TIME, "userid"],
    needles: &[column::ACCOUNT, column::PRINCIPAL, "db"],
    distinct: &[],
    views: &[],
    examples: &[
        (
            "Who changes rights",
            "SELECT _time, \"user\", db, query FROM redshift_useractivity\nWHERE query ILIKE 'grant %' OR query ILIKE 'revoke %' ORDER BY _time DESC LIMIT 100",
        ),
        (
            "Statements by user and database",
            "SELECT \"user\", db, count(*) AS statements FROM redshift_useractivity GROUP BY 1, 2 ORDER BY 3 DESC",
        ),
    ],
    flat_copies: &[
        FlatCopy { path: &["user"], column: column::PRINCIPAL },
        FlatCopy { path: &["db"], column: column::RESOURCE },
    ],
};

const PATTERNS: &[&str] = &[concat!(
    r"(?s)^'(?<recordtime>\d{4}-\d\d-\d\dT[\d:.]+Z) UTC \[ ?db=(?<db>[^\n]*?) user=(?<user>[^\n]*?) ",
    r"pid=(?<pid>[^\s\]]*) userid=(?<userid>[^\s\]]*) xid=(?<xid>[^\s\]]*)(?: (?<more>[^\]\n]+?))? ?\]' ",
    "(?:LOG: ?)?(?<query>.*)$"
)];

const BEGINS: &str = r"^'\d{4}-\d\d-\d\dT[\d:.]+Z UTC \[ ?db=";

/// As AWS's page names them.
const COLUMNS: &[Column] = &[
    Column::text("recordtime", "", "When, in UTC, as written; also `_time`.").role(Role::Time),
    Column::text("db", "", "The database.").role(Role::Resource),
    Column::text("user", "", "Who.").role(Role::Principal),
    Column::new("pid", "", ColumnType::Long, "The process that serves the session."),
    Column::new("userid", "", ColumnType::Long, "The user's number."),
    Column::new("xid", "", ColumnType::Long, "The transaction."),
    Column::text("query", "", "The statement, with its line feeds."),
    Column::text("log_group", "", "The log group that it came from.").role(Role::Source),
    Column::text("log_stream", "", "The log stream that it came from.").role(Role::Stream),
];

#[cfg(test)]
#[path = "redshift_useractivity_tests.rs"]
mod tests;
