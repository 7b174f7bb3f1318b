//! Query logs of public hosted zones in Route 53: one line per DNS query.

use std::borrow::Cow;
use std::net::IpAddr;

use kura_core::table::column;
use kura_core::time::parse_log_time;

use super::delimited::{Field, Layout, OrderedFormat, Splitting, TimeForm, at_least, not_an_event};
use super::{Description, FlatCopy};
use crate::columns::{Column, Role};
use crate::reject::Reject;

const NAME: &str = "route53";

const LAYOUT: Layout =
    Layout { table: NAME, columns: COLUMNS, time: TimeForm::Rfc3339, splitting: Splitting::Blanks };

/// All but the client's network.
const FIELDS_MIN: usize = 9;

pub const FORMAT: OrderedFormat = OrderedFormat {
    description: Description {
        name: Cow::Borrowed(NAME),
        title: "Route 53 query logs of public hosted zones",
        about: include_str!("route53.md"),
        source: "https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/query-logs.html",
        sample: "1.0 2026-11-20T08:16:02.{n}Z Z123412341234 www{n}.example.com A NOERROR UDP FRA6 192.0.2.{n} 198.51.100.0/24",
        columns: Cow::Borrowed(COLUMNS),
        statistics: &[column::TIME, "query_timestamp", "response_code"],
        needles: &[column::ADDR, "query_name", "hosted_zone_id"],
        distinct: &["query_timestamp"],
        views: &[],
        examples: &[
            (
                "Names that do not exist, and who asks for them",
                "SELECT query_name, resolver_ip, count(*) AS queries FROM route53\nWHERE response_code = 'NXDOMAIN' GROUP BY 1, 2 ORDER BY 3 DESC LIMIT 20",
            ),
            (
                "Queries by type and protocol",
                "SELECT query_type, protocol, count(*) AS queries FROM route53 GROUP BY 1, 2 ORDER BY 3 DESC",
            ),
        ],
        flat_copies: &[FlatCopy { path: &["resolver_ip"], column: column::ADDR }],
    },
    layout: LAYOUT,
    fields: FIELDS,
    check,
    // An export of a log group is named by whoever makes it.
    key: |_| None,
};

fn check(_line: &str, fields: &[&str]) -> Result<bool, Reject> {
    at_least(FIELDS_MIN, fields)?;
    let is_version = fields[0].parse::<f32>().is_ok();
    let is_zone = fields[2].starts_with('Z');
    let is_address = fields[8] == "-" || fields[8].parse::<IpAddr>().is_ok();
    match is_version && is_zone && is_address && parse_log_time(fields[1]).is_some() {
        true => Ok(true),
        false => not_an_event("no version, time, zone and address where they belong".to_owned()),
    }
}

const COLUMNS: &[Column] = &[
    Column::text("version", "", "Version of the line's shape."),
    Column::text("query_timestamp", "", "When it was answered, UTC, as written; also `_time`.")
        .role(Role::Time),
    Column::text("hosted_zone_id", "", "The hosted zone.").role(Role::Resource),
    Column::text("query_name", "", "The name asked for.").role(Role::Resource),
    Column::text("query_type", "", "The type asked for: `A`, `AAAA`, `MX` and so on.")
        .role(Role::Facet),
    Column::text("response_code", "", "`NOERROR`, `NXDOMAIN`, `SERVFAIL` and so on.")
        .role(Role::Facet),
    Column::text("protocol", "", "`TCP` or `UDP`.").role(Role::Facet),
    Column::text("edge_location", "", "The location at the edge that answered.").role(Role::Facet),
    Column::text("resolver_ip", "", "The resolver that asked.").role(Role::Address),
    Column::text("edns_client_subnet", "", "The network of whoever asked the resolver."),
    Column::text("log_group", "", "The log group, if an envelope tells it.").role(Role::Source),
    Column::text("log_stream", "", "The log stream, if an envelope tells it: zone and location.")
        .role(Role::Stream),
];

/// The fields of a line, in their order.
const FIELDS: &[Field] = &[
    Field::Column("version"),
    Field::Column("query_timestamp"),
    Field::Column("hosted_zone_id"),
    Field::Column("query_name"),
    Field::Column("query_type"),
    Field::Column("response_code"),
    Field::Column("protocol"),
    Field::Column("edge_location"),
    Field::Column("resolver_ip"),
    Field::Column("edns_client_subnet"),
];

#[cfg(test)]
#[path = "route53_tests.rs"]
mod tests;
