//! Access logs of web servers in the common and combined forms, as nginx and Apache write them.

use std::borrow::Cow;

use kura_core::table::column;

use super::delimited::{Field, Layout, OrderedFormat, Splitting, TimeForm, at_least, clf_time_at};
use super::{Description, FlatCopy};
use crate::columns::{Column, ColumnType, Role};
use crate::reject::Reject;

const NAME: &str = "webaccess";

const LAYOUT: Layout =
    Layout { table: NAME, columns: COLUMNS, time: TimeForm::Clf, splitting: Splitting::AccessLog };

/// The common form ends with the bytes sent.
const FIELDS_MIN: usize = 7;

pub const FORMAT: OrderedFormat = OrderedFormat {
    description: Description {
        name: Cow::Borrowed(NAME),
        title: "Web server access logs (nginx, Apache)",
        about: include_str!("webaccess.md"),
        source: "https://httpd.apache.org/docs/current/logs.html#accesslog",
        sample: r#"192.0.2.1 - - [20/Nov/2026:19:01:01 +0900] "GET /shop/{n}?b=c HTTP/1.1" 200 {n} "https://www.example.com/" "Mozilla/5.0 (X11; Linux x86_64)""#,
        columns: Cow::Borrowed(COLUMNS),
        statistics: &[column::TIME, "status"],
        needles: &[column::ADDR, "request_uri", "remote_user"],
        distinct: &[],
        views: &[],
        examples: &[
            (
                "Errors by path",
                "SELECT request_uri, status, count(*) AS requests FROM webaccess\nWHERE status >= 500 GROUP BY 1, 2 ORDER BY 3 DESC LIMIT 20",
            ),
            (
                "Requests by hour",
                "SELECT date_trunc('hour', _time) AS hour, count(*) AS requests FROM webaccess GROUP BY 1 ORDER BY 1",
            ),
        ],
        flat_copies: &[
            FlatCopy { path: &["remote_addr"], column: column::ADDR },
            FlatCopy { path: &["remote_user"], column: column::PRINCIPAL },
        ],
    },
    layout: LAYOUT,
    fields: FIELDS,
    check,
    key: |_| None,
};

fn check(_line: &str, fields: &[&str]) -> Result<bool, Reject> {
    at_least(FIELDS_MIN, fields)?;
    clf_time_at(3, fields).map(|()| true)
}

/// Named as nginx names its variables.
const COLUMNS: &[Column] = &[
    Column::text("remote_addr", "", "Who asked: an address, or a name.").role(Role::Address),
    Column::text("remote_ident", "", "The client's identity, if it was asked for: hardly ever."),
    Column::text("remote_user", "", "The user who logged in.").role(Role::Principal),
    Column::text(
        "time_local",
        "",
        "When the request came or was answered, as written; also `_time`.",
    )
    .role(Role::Time),
    Column::text("request_method", "", "The method.").role(Role::Facet),
    Column::text("request_uri", "", "The path and the query.").role(Role::Resource),
    Column::text("server_protocol", "", "The protocol."),
    Column::new("status", "", ColumnType::Int, "The status.").role(Role::Facet),
    Column::new("body_bytes_sent", "", ColumnType::Long, "Bytes of the answer's body."),
    Column::text("http_referer", "", "The page that led there."),
    Column::text("http_user_agent", "", "The program that asked.").role(Role::Facet),
    Column::text(
        "http_x_forwarded_for",
        "",
        "Proxies before, where a tenth field or the line's beginning says so.",
    ),
    Column::text("virtual_host", "", "The site asked for, where the line begins with it.")
        .role(Role::Facet),
];

/// The fields of a line, in their order.
const FIELDS: &[Field] = &[
    Field::Client(["remote_addr", "http_x_forwarded_for", "virtual_host"]),
    Field::Column("remote_ident"),
    Field::Column("remote_user"),
    Field::Column("time_local"),
    Field::Request(["request_method", "request_uri", "server_protocol"]),
    Field::Column("status"),
    Field::Column("body_bytes_sent"),
    Field::Column("http_referer"),
    Field::Column("http_user_agent"),
    Field::Column("http_x_forwarded_for"),
];

#[cfg(test)]
#[path = "webaccess_tests.rs"]
mod tests;
