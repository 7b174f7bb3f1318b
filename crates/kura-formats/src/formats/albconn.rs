//! Connection logs of Application Load Balancers: one line per connection of a client.

use std::borrow::Cow;
use std::net::IpAddr;

use kura_core::table::column;
use kura_core::time::parse_log_time;

use super::alb::{CONTROL_LINE, key_of};
use super::delimited::{Field, Layout, OrderedFormat, Splitting, TimeForm, at_least, not_an_event};
use super::{DAY, Description, FlatCopy, KeySays, View};
use crate::columns::{Column, ColumnType, Role};
use crate::reject::Reject;

const NAME: &str = "albconn";

const LAYOUT: Layout =
    Layout { table: NAME, columns: COLUMNS, time: TimeForm::Rfc3339, splitting: Splitting::Blanks };

/// The oldest lines end with the verdict on the certificate.
const FIELDS_MIN: usize = 11;

pub const FORMAT: OrderedFormat = OrderedFormat {
    description: Description {
        name: Cow::Borrowed(NAME),
        title: "Application Load Balancer connection logs",
        about: include_str!("albconn.md"),
        source: "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-connection-logs.html",
        sample: r#"2026-11-20T22:23:00.186641Z 192.0.2.{n} 36{n} 443 TLSv1.3 TLS_AES_128_GCM_SHA256 4.{n} "CN=client{n}.example.com,O=Example,C=JP" NotBefore=2026-09-21T22:43:21Z;NotAfter=2027-06-17T22:43:21Z FEF257372D5C1{n} Success TID_3180a73013c8{n}"#,
        columns: Cow::Borrowed(COLUMNS),
        statistics: &[column::TIME, "time", column::ACCOUNT, column::REGION],
        needles: &[
            column::ADDR,
            column::PRINCIPAL,
            "leaf_client_cert_serial_number",
            "conn_trace_id",
        ],
        distinct: &["time", "conn_trace_id"],
        views: &[View { name: "alb_connection_logs", select: DAY }],
        examples: &[
            (
                "Whose certificate was refused, and why?",
                "SELECT leaf_client_cert_subject, tls_verify_status, count(*) AS connections FROM albconn\nWHERE tls_verify_status LIKE 'Failed%' GROUP BY 1, 2 ORDER BY 3 DESC",
            ),
            (
                "Which versions of TLS are still spoken?",
                "SELECT tls_protocol, tls_cipher, count(*) AS connections FROM albconn GROUP BY 1, 2 ORDER BY 3 DESC",
            ),
        ],
        flat_copies: &[
            FlatCopy { path: &["client_ip"], column: column::ADDR },
            FlatCopy { path: &["leaf_client_cert_subject"], column: column::PRINCIPAL },
        ],
    },
    layout: LAYOUT,
    fields: FIELDS,
    check,
    key,
};

fn key(path: &str) -> Option<KeySays> {
    key_of(path, "conn_log.", |_| true)
}

fn check(line: &str, fields: &[&str]) -> Result<bool, Reject> {
    if line.starts_with(CONTROL_LINE) || line.starts_with("Enable ConnectionLog") {
        return Ok(false);
    }
    at_least(FIELDS_MIN, fields)?;
    let is_port = |at: usize| fields[at].parse::<u16>().is_ok();
    let is_address = fields[1].parse::<IpAddr>().is_ok();
    match parse_log_time(fields[0]).is_some() && is_address && is_port(2) && is_port(3) {
        true => Ok(true),
        false => not_an_event("no time, address and two ports, where they belong".to_owned()),
    }
}

/// Athena's columns, and what came later.
const COLUMNS: &[Column] = &[
    Column::text(
        "time",
        "",
        "When the connection was made or failed, UTC, as written; also `_time`.",
    )
    .role(Role::Time),
    Column::text("client_ip", "", "Who connected.").role(Role::Address),
    Column::new("client_port", "", ColumnType::Int, "From which port."),
    Column::new("listener_port", "", ColumnType::Int, "To which port of the load balancer.")
        .role(Role::Facet),
    Column::text("tls_protocol", "", "The version of TLS.").role(Role::Facet),
    Column::text("tls_cipher", "", "The cipher.").role(Role::Facet),
    Column::new(
        "tls_handshake_latency",
        "",
        ColumnType::Double,
        "Seconds until the handshake was done.",
    ),
    Column::text("leaf_client_cert_subject", "", "Whom the client's certificate names.")
        .role(Role::Principal),
    Column::text("leaf_client_cert_validity", "", "From when until when that certificate is good."),
    Column::text("leaf_client_cert_serial_number", "", "Its serial number."),
    Column::text("tls_verify_status", "", "`Success`, or `Failed:` and why.").role(Role::Facet),
    Column::text("conn_trace_id", "", "The connection: joins with the access log."),
    Column::text("tls_keyexchange", "", "How keys were exchanged, where a line tells it.")
        .role(Role::Facet),
];

/// The fields of a line, in their order.
const FIELDS: &[Field] = &[
    Field::Column("time"),
    Field::Column("client_ip"),
    Field::Column("client_port"),
    Field::Column("listener_port"),
    Field::Column("tls_protocol"),
    Field::Column("tls_cipher"),
    Field::Column("tls_handshake_latency"),
    Field::Column("leaf_client_cert_subject"),
    Field::Column("leaf_client_cert_validity"),
    Field::Column("leaf_client_cert_serial_number"),
    Field::Column("tls_verify_status"),
    Field::Column("conn_trace_id"),
    Field::Column("tls_keyexchange"),
];

#[cfg(test)]
#[path = "albconn_tests.rs"]
mod tests;
