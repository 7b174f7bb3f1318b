//! Access logs of Network Load Balancers: one line per TLS request.

use std::borrow::Cow;

use kura_core::table::column;

use super::alb::{is_request, key_of};
use super::delimited::{Field, Layout, OrderedFormat, Splitting, TimeForm};
use super::{DAY, Description, FlatCopy, KeySays, View};
use crate::columns::{Column, ColumnType, Role};
use crate::reject::Reject;

const NAME: &str = "nlb";

const LAYOUT: Layout =
    Layout { table: NAME, columns: COLUMNS, time: TimeForm::Rfc3339, splitting: Splitting::Blanks };

/// The oldest lines end with the domain's name.
const FIELDS_MIN: usize = 18;

pub const FORMAT: OrderedFormat = OrderedFormat {
    description: Description {
        name: Cow::Borrowed(NAME),
        title: "Network Load Balancer access logs",
        about: include_str!("nlb.md"),
        source: "https://docs.aws.amazon.com/elasticloadbalancing/latest/network/load-balancer-access-logs.html",
        sample: r#"tls 2.0 2026-11-20T22:23:00 net/my-nlb/c6e77e28c25b2234 g3d4b5e8bb8464cd 192.0.2.7:51341 10.0.0.9:443 5 2 98 {n} - arn:aws:acm:us-east-2:123456789012:certificate/2a10 - ECDHE-RSA-AES128-SHA tlsv12 - www.example.com h2 - "h2","http/1.1" 2026-11-20T22:22:55"#,
        columns: Cow::Borrowed(COLUMNS),
        statistics: &[column::TIME, "time", column::ACCOUNT, column::REGION],
        needles: &[column::ADDR, "domain_name"],
        distinct: &["time", "tls_connection_creation_time"],
        views: &[View { name: "nlb_tls_logs", select: DAY }],
        examples: &[(
            "Which versions of TLS are still spoken?",
            "SELECT tls_protocol_version, count(*) AS requests FROM nlb GROUP BY 1 ORDER BY 2 DESC",
        )],
        flat_copies: &[FlatCopy { path: &["client_ip"], column: column::ADDR }],
    },
    layout: LAYOUT,
    fields: FIELDS,
    check,
    key,
};

fn key(path: &str) -> Option<KeySays> {
    key_of(path, "", |name| name.starts_with("net."))
}

fn check(line: &str, fields: &[&str]) -> Result<bool, Reject> {
    is_request(line, fields, &["tls"], FIELDS_MIN)
}

/// Athena's columns.
const COLUMNS: &[Column] = &[
    Column::text("type", "", "`tls`."),
    Column::text("version", "", "Version of the line's shape."),
    Column::text("time", "", "When the connection ended, UTC, as written; also `_time`.")
        .role(Role::Time),
    Column::text("elb", "", "The load balancer: `net/name/id`.").role(Role::Resource),
    Column::text("listener_id", "", "The TLS listener."),
    Column::text("client_ip", "", "Who connected.").role(Role::Address),
    Column::new("client_port", "", ColumnType::Int, "From which port."),
    Column::text("target_ip", "", "The listener's own address."),
    Column::new("target_port", "", ColumnType::Int, "The listener's own port."),
    Column::new(
        "tcp_connection_time_ms",
        "",
        ColumnType::Double,
        "Milliseconds from the connection's beginning to its end.",
    ),
    Column::new(
        "tls_handshake_time_ms",
        "",
        ColumnType::Double,
        "Milliseconds of the TLS handshake, the client's share included.",
    ),
    Column::new("received_bytes", "", ColumnType::Long, "Bytes from the client, decrypted."),
    Column::new("sent_bytes", "", ColumnType::Long, "Bytes to the client, before encryption."),
    Column::new("incoming_tls_alert", "", ColumnType::Int, "The TLS alert the client sent."),
    Column::text("cert_arn", "", "The certificate shown.").role(Role::Resource),
    Column::text("certificate_serial", "", "Not in use."),
    Column::text("tls_cipher_suite", "", "The cipher agreed on.").role(Role::Facet),
    Column::text("tls_protocol_version", "", "The version of TLS.").role(Role::Facet),
    Column::text("tls_named_group", "", "Not in use."),
    Column::text("domain_name", "", "The name the client asked for in TLS.").role(Role::Facet),
    Column::text("alpn_fe_protocol", "", "The protocol agreed on with the client."),
    Column::text("alpn_be_protocol", "", "The protocol agreed on with the target."),
    Column::text("alpn_client_preference_list", "", "What the client offered, with commas."),
    Column::text("tls_connection_creation_time", "", "When the connection began, UTC, as written."),
];

/// The fields of a line, in their order.
const FIELDS: &[Field] = &[
    Field::Column("type"),
    Field::Column("version"),
    Field::Column("time"),
    Field::Column("elb"),
    Field::Column("listener_id"),
    Field::AddressPort("client_ip", "client_port"),
    Field::AddressPort("target_ip", "target_port"),
    Field::Column("tcp_connection_time_ms"),
    Field::Column("tls_handshake_time_ms"),
    Field::Column("received_bytes"),
    Field::Column("sent_bytes"),
    Field::Column("incoming_tls_alert"),
    Field::Column("cert_arn"),
    Field::Column("certificate_serial"),
    Field::Column("tls_cipher_suite"),
    Field::Column("tls_protocol_version"),
    Field::Column("tls_named_group"),
    Field::Column("domain_name"),
    Field::Column("alpn_fe_protocol"),
    Field::Column("alpn_be_protocol"),
    Field::List("alpn_client_preference_list"),
    Field::Column("tls_connection_creation_time"),
];

#[cfg(test)]
#[path = "nlb_tests.rs"]
mod tests;
