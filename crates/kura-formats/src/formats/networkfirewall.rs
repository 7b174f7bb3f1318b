//! AWS Network Firewall: flows, alerts and TLS sessions, one record each.

use std::borrow::Cow;

use kura_core::table::column;
use kura_core::time::Micros;

use super::json_records::{JsonFormat, RECORDS};
use super::object_keys::{named, object_name};
use super::{DAY, Description, FlatCopy, Head, HeadSays, KeyFacts, KeySays, View};
use crate::columns::{Column, ColumnType, Role};
const NAME: &str = "networkfirewall";

pub const FORMAT: JsonFormat = JsonFormat {
    description: Description {
        name: Cow::Borrowed(NAME),
        title: "Network Firewall logs",
        about: include_str!("networkfirewall.md"),
        source: "https://docs.aws.amazon.com/network-firewall/latest/developerguide/firewall-logging-contents.html",
        sample: r#"{"firewall_name":"fw","availability_zone":"eu-west-1a","event_timestamp":"1763596800","event":{"timestamp":"2026-11-20T14:22:12.637611+0000","flow_id":{n},"event_type":"netflow","src_ip":"10.0.0.4","src_port":80,"dest_ip":"192.0.2.9","dest_port":443,"proto":"TCP","netflow":{"pkts":5,"bytes":{n},"start":"2026-11-20T14:22:00.000000+0000","end":"2026-11-20T14:22:12.000000+0000","age":12,"min_ttl":60,"max_ttl":64}}}"#,
        columns: Cow::Borrowed(COLUMNS),
        statistics: &[column::TIME, "event_timestamp", column::ACCOUNT, column::REGION],
        needles: &[column::ADDR, "firewall_name"],
        distinct: &[],
        views: &[View { name: "network_firewall_logs", select: DAY }],
        examples: &[
            (
                "Alerts by signature",
                "SELECT event.alert.signature, event.alert.action, count(*) AS alerts FROM networkfirewall\nWHERE event.event_type = 'alert' GROUP BY 1, 2 ORDER BY 3 DESC",
            ),
            (
                "Top talkers",
                "SELECT event.src_ip, event.dest_ip, sum(event.netflow.bytes) AS bytes FROM networkfirewall\nWHERE event.event_type = 'netflow' GROUP BY 1, 2 ORDER BY 3 DESC LIMIT 20",
            ),
        ],
        flat_copies: &[FlatCopy { path: &["event", "src_ip"], column: column::ADDR }],
    },
    columns: COLUMNS,
    required: &["firewall_name", "event"],
    restart: b"\"firewall_name\"",
    lists: RECORDS,
    key,
    head,
};

/// `<account>_network-firewall_<kind>_<region>_<firewall>_<time>_…`.
fn key(path: &str) -> Option<KeySays> {
    let (account, rest) = named(object_name(path), "network-firewall")?;
    let mut parts = rest.split('_').skip(1);
    let region = parts.next()?.to_owned();
    let time = parts.find_map(firewall_time);
    let (account, region) = (Some(account), Some(region));
    Some(KeySays::Records(KeyFacts { account, region, time }))
}

fn head(head: &Head<'_>) -> Option<HeadSays> {
    (head.has("firewall_name") && head.has("event")).then_some(HeadSays::Records)
}

/// `202611202140`, as this service dates its objects.
fn firewall_time(text: &str) -> Option<Micros> {
    let time = chrono::NaiveDateTime::parse_from_str(text, "%Y%m%d%H%M").ok()?;
    Some(time.and_utc().timestamp_micros())
}

const ALERT: &[Column] = &[
    Column::text("action", "action", "").role(Role::Facet),
    Column::new("signature_id", "signature_id", ColumnType::Long, ""),
    Column::new("rev", "rev", ColumnType::Int, ""),
    Column::text("signature", "signature", "").role(Role::Facet),
    Column::text("category", "category", ""),
    Column::new("severity", "severity", ColumnType::Int, ""),
    Column::new("gid", "gid", ColumnType::Int, ""),
];

const NETFLOW: &[Column] = &[
    Column::new("pkts", "pkts", ColumnType::Int, ""),
    Column::new("bytes", "bytes", ColumnType::Long, ""),
    Column::text("start", "start", ""),
    Column::text("end", "end", ""),
    Column::new("age", "age", ColumnType::Int, ""),
    Column::new("min_ttl", "min_ttl", ColumnType::Int, ""),
    Column::new("max_ttl", "max_ttl", ColumnType::Int, ""),
];

const TLS: &[Column] = &[
    Column::text("subject", "subject", ""),
    Column::text("issuerdn", "issuerdn", ""),
    Column::text("serial", "serial", ""),
    Column::text("fingerprint", "fingerprint", ""),
    Column::text("sni", "sni", "").role(Role::Facet),
    Column::text("version", "version", ""),
    Column::text("notbefore", "notbefore", ""),
    Column::text("notafter", "notafter", ""),
];

const EVENT: &[Column] = &[
    Column::text("timestamp", "timestamp", "").role(Role::Time),
    Column::new("flow_id", "flow_id", ColumnType::Long, ""),
    Column::text("event_type", "event_type", "").role(Role::Facet),
    Column::text("src_ip", "src_ip", "").role(Role::Address),
    Column::new("src_port", "src_port", ColumnType::Int, ""),
    Column::text("dest_ip", "dest_ip", "").role(Role::Facet),
    Column::new("dest_port", "dest_port", ColumnType::Int, "").role(Role::Facet),
    Column::text("proto", "proto", "").role(Role::Facet),
    Column::text("app_proto", "app_proto", ""),
    Column::text("sni", "sni", ""),
    Column::new("tls_inspected", "tls_inspected", ColumnType::Boolean, ""),
    Column::new("tx_id", "tx_id", ColumnType::Long, ""),
    Column::new("alert", "alert", ColumnType::Struct(ALERT), ""),
    Column::new("netflow", "netflow", ColumnType::Struct(NETFLOW), ""),
    Column::new("tls", "tls", ColumnType::Struct(TLS), ""),
    Column::json("tcp", "tcp", ""),
    Column::json("http", "http", ""),
    Column::new("icmp_type", "icmp_type", ColumnType::Int, ""),
    Column::new("icmp_code", "icmp_code", ColumnType::Int, ""),
    Column::text("direction", "direction", ""),
    Column::text("pkt_src", "pkt_src", ""),
    Column::json("verdict", "verdict", ""),
    Column::json("dns", "dns", ""),
    Column::json("tls_error", "tls_error", ""),
    Column::json("revocation_check", "revocation_check", ""),
];

/// Athena's columns.
const COLUMNS: &[Column] = &[
    Column::text("firewall_name", "firewall_name", "The firewall.").role(Role::Resource),
    Column::text("availability_zone", "availability_zone", "Where the endpoint is that saw it."),
    Column::text(
        "event_timestamp",
        "event_timestamp",
        "When it was written, in seconds since 1970, as text.",
    )
    .role(Role::Time),
    Column::new(
        "event",
        "event",
        ColumnType::Struct(EVENT),
        "What Suricata says of the flow, the alert or the TLS session.",
    ),
];

#[cfg(test)]
#[path = "networkfirewall_tests.rs"]
mod tests;
