//! Access logs of Classic Load Balancers: one line per request or connection.

use std::borrow::Cow;

use kura_core::table::column;
use kura_core::time::parse_log_time;

use super::alb::{CONTROL_LINE, key_of};
use super::delimited::{Field, Layout, OrderedFormat, Splitting, TimeForm, at_least, not_an_event};
use super::{DAY, Description, FlatCopy, KeySays, Select, View};
use crate::columns::{Column, ColumnType, Role};
use crate::reject::Reject;

const NAME: &str = "elb";

const LAYOUT: Layout =
    Layout { table: NAME, columns: COLUMNS, time: TimeForm::Rfc3339, splitting: Splitting::Blanks };

/// The oldest lines end with the request.
const FIELDS_MIN: usize = 12;

pub const FORMAT: OrderedFormat = OrderedFormat {
    description: Description {
        name: Cow::Borrowed(NAME),
        title: "Classic Load Balancer access logs",
        about: include_str!("elb.md"),
        source: "https://docs.aws.amazon.com/elasticloadbalancing/latest/classic/access-log-collection.html",
        sample: r#"2026-11-20T23:39:43.945958Z my-lb 192.0.2.39:2817 10.0.0.1:80 0.000073 0.001048 0.000057 200 200 0 {n} "GET http://www.example.com:80/{n} HTTP/1.1" "curl/7.38.0" - -"#,
        columns: Cow::Borrowed(COLUMNS),
        statistics: &[column::TIME, "timestamp", column::ACCOUNT, column::REGION],
        needles: &[column::ADDR, "elb_response_code"],
        distinct: &["timestamp"],
        views: &[
            View { name: "elb_logs", select: DAY },
            View {
                name: "elb_logs_raw_native",
                select: Select::Added(
                    "\"timestamp\" AS request_timestamp, to_char(\"day\", '%Y/%m/%d') AS \"day\"",
                ),
            },
        ],
        examples: &[(
            "Errors by load balancer",
            "SELECT elb_name, elb_response_code, count(*) AS requests FROM elb\nWHERE elb_response_code >= '500' GROUP BY 1, 2 ORDER BY 3 DESC",
        )],
        flat_copies: &[FlatCopy { path: &["request_ip"], column: column::ADDR }],
    },
    layout: LAYOUT,
    fields: FIELDS,
    check,
    key,
};

fn key(path: &str) -> Option<KeySays> {
    // The name of a classic load balancer stands alone.
    key_of(path, "", |name| !["app.", "net.", "gwy."].iter().any(|kind| name.starts_with(kind)))
}

fn check(line: &str, fields: &[&str]) -> Result<bool, Reject> {
    if line.starts_with(CONTROL_LINE) {
        return Ok(false);
    }
    at_least(FIELDS_MIN, fields)?;
    let seconds = |at: usize| fields.get(at).is_some_and(|field| field.parse::<f64>().is_ok());
    match parse_log_time(fields[0]).is_some() && (4..7).all(seconds) {
        true => Ok(true),
        false => not_an_event("no time, or no processing times, where they belong".to_owned()),
    }
}

/// Athena's columns.
const COLUMNS: &[Column] = &[
    Column::text("timestamp", "", "When the client was answered, UTC, as written; also `_time`.")
        .role(Role::Time),
    Column::text("elb_name", "", "The load balancer.").role(Role::Resource),
    Column::text("request_ip", "", "Who asked.").role(Role::Address),
    Column::new("request_port", "", ColumnType::Int, "From which port."),
    Column::text("backend_ip", "", "The instance that answered."),
    Column::new("backend_port", "", ColumnType::Int, "At which port."),
    Column::new(
        "request_processing_time",
        "",
        ColumnType::Double,
        "Seconds until the instance was sent the request, -1 for never.",
    ),
    Column::new(
        "backend_processing_time",
        "",
        ColumnType::Double,
        "Seconds until the instance began to answer, -1 for never.",
    ),
    Column::new(
        "client_response_time",
        "",
        ColumnType::Double,
        "Seconds until the client was sent the answer, -1 for never.",
    ),
    Column::text("elb_response_code", "", "The status that the client got.").role(Role::Facet),
    Column::text("backend_response_code", "", "The status that the instance gave.")
        .role(Role::Facet),
    Column::new("received_bytes", "", ColumnType::Long, "Bytes of the request's body."),
    Column::new("sent_bytes", "", ColumnType::Long, "Bytes of the answer's body."),
    Column::text("request_verb", "", "The method.").role(Role::Facet),
    Column::text("url", "", "The URL asked for."),
    Column::text("protocol", "", "The protocol."),
    Column::text("user_agent", "", "The program that asked.").role(Role::Facet),
    Column::text("ssl_cipher", "", "The cipher."),
    Column::text("ssl_protocol", "", "The version of TLS."),
];

/// The fields of a line, in their order.
const FIELDS: &[Field] = &[
    Field::Column("timestamp"),
    Field::Column("elb_name"),
    Field::AddressPort("request_ip", "request_port"),
    Field::AddressPort("backend_ip", "backend_port"),
    Field::Column("request_processing_time"),
    Field::Column("backend_processing_time"),
    Field::Column("client_response_time"),
    Field::Column("elb_response_code"),
    Field::Column("backend_response_code"),
    Field::Column("received_bytes"),
    Field::Column("sent_bytes"),
    Field::Request(["request_verb", "url", "protocol"]),
    Field::Column("user_agent"),
    Field::Column("ssl_cipher"),
    Field::Column("ssl_protocol"),
];

#[cfg(test)]
#[path = "elb_tests.rs"]
mod tests;
