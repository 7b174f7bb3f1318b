//! Access logs in the W3C extended format, as IIS and others write them.

use std::borrow::Cow;

use kura_core::table::column;

use super::delimited::{Layout, Splitting, TimeForm, not_an_event};
use super::headed::{HeadedFormat, HeaderForm, Unheaded, w3c_fields};
use super::named_records::column_named;
use super::{Description, FlatCopy, Head};
use crate::columns::{Column, ColumnType, Role};

const NAME: &str = "iis";

const LAYOUT: Layout = Layout {
    table: NAME,
    columns: COLUMNS,
    time: TimeForm::DateAnd("time"),
    splitting: Splitting::Blanks,
};

pub const FORMAT: HeadedFormat = HeadedFormat {
    description: Description {
        name: Cow::Borrowed(NAME),
        title: "IIS and other W3C extended access logs",
        about: include_str!("iis.md"),
        source: "https://learn.microsoft.com/en-us/windows/win32/http/w3c-logging",
        sample: "#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) cs(Referer) sc-status sc-substatus sc-win32-status time-taken\n2026-11-20 21:57:56 10.0.0.9 GET /page/{n}.aspx id={n} 443 - 192.0.2.{n} Mozilla/5.0+(Windows+NT+10.0) https://www.example.com/ 200 0 0 {n}",
        columns: Cow::Borrowed(COLUMNS),
        statistics: &[column::TIME, "date", "sc_status"],
        needles: &[column::ADDR, column::PRINCIPAL, "cs_uri_stem", "cs_host"],
        distinct: &[],
        views: &[],
        examples: &[
            (
                "Errors by path",
                "SELECT cs_uri_stem, sc_status, sc_substatus, count(*) AS requests FROM iis\nWHERE sc_status >= 500 GROUP BY 1, 2, 3 ORDER BY 4 DESC LIMIT 20",
            ),
            (
                "The slowest pages",
                "SELECT cs_uri_stem, avg(time_taken) AS milliseconds, count(*) AS requests FROM iis\nGROUP BY 1 HAVING count(*) > 10 ORDER BY 2 DESC LIMIT 20",
            ),
        ],
        flat_copies: &[
            FlatCopy { path: &["c_ip"], column: column::ADDR },
            FlatCopy { path: &["cs_username"], column: column::PRINCIPAL },
        ],
    },
    layout: LAYOUT,
    header: HeaderForm::W3c,
    unheaded: Unheaded {
        orders: Vec::new,
        order_of: |_| not_an_event("no header that names the fields".to_owned()),
    },
    named: &["cs-uri-stem", "s-ip", "sc-win32-status"],
    key: |_| None,
    head,
};

/// Half of the fields at least are known, and one of them is a request's.
fn head(head: &Head<'_>) -> bool {
    let fields: Vec<&str> = w3c_fields(head).collect();
    let known = fields.iter().filter(|name| column_named(COLUMNS, name).is_some()).count();
    let is_of_request = |name: &&str| ["cs-method", "cs-uri-stem", "cs-uri"].contains(name);
    fields.iter().any(is_of_request) && 2 * known >= fields.len()
}

/// The fields that IIS knows, in its order; then some of other servers.
const COLUMNS: &[Column] = &[
    Column::new("date", "", ColumnType::Date, "The day the request was answered, UTC.")
        .role(Role::Time),
    text("time", "The time of day it was answered, UTC; with `date` it is `_time`."),
    text("s_sitename", "The site, by its number in the server."),
    text("s_computername", "The server.").role(Role::Facet),
    text("s_ip", "The server's address."),
    text("cs_method", "The method.").role(Role::Facet),
    text("cs_uri_stem", "The path.").role(Role::Resource),
    text("cs_uri_query", "The query."),
    Column::new("s_port", "", ColumnType::Int, "The server's port.").role(Role::Facet),
    text("cs_username", "The user who logged in.").role(Role::Principal),
    text("c_ip", "Who asked.").role(Role::Address),
    text("cs_version", "The version of HTTP."),
    Column::text("cs_user_agent", "cs(User-Agent)", "The program that asked, with + for blanks.")
        .role(Role::Facet),
    Column::text("cs_cookie", "cs(Cookie)", "The cookies."),
    Column::text("cs_referer", "cs(Referer)", "The page that led there."),
    text("cs_host", "The host that was asked for.").role(Role::Facet),
    Column::new("sc_status", "", ColumnType::Int, "The status.").role(Role::Facet),
    Column::new("sc_substatus", "", ColumnType::Int, "What kind of failure, in more detail."),
    long("sc_win32_status", "The error of Windows behind it, 0 for none."),
    long("sc_bytes", "Bytes of the answer."),
    long("cs_bytes", "Bytes of the request."),
    Column::new("time_taken", "", ColumnType::Double, "Milliseconds from request to answer."),
    Column::text("x_forwarded_for", "x-forwarded-for", "Proxies before."),
    text("cs_uri", "Path and query in one."),
    text("s_dns", "The server's name."),
    text("c_dns", "The client's name."),
    text("c_port", "The client's port."),
    text("sc_comment", "The status in words."),
];

const fn text(name: &'static str, about: &'static str) -> Column {
    Column::text(name, "", about)
}

const fn long(name: &'static str, about: &'static str) -> Column {
    Column::new(name, "", ColumnType::Long, about)
}

#[cfg(test)]
#[path = "iis_tests.rs"]
mod tests;
