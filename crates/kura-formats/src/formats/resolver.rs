//! Route 53 Resolver query logs: which names were asked for from a VPC, and what was answered.

use std::borrow::Cow;

use kura_core::table::column;

use super::json_records::{JsonFormat, RECORDS};
use super::object_keys::{is_account, object_name, time_in_name};
use super::{DAY, Description, FlatCopy, Head, HeadSays, KeyFacts, KeySays, View, ocsf_views};
use crate::columns::{Column, ColumnType, Role};
const NAME: &str = "resolver";

pub const FORMAT: JsonFormat = JsonFormat {
    description: Description {
        name: Cow::Borrowed(NAME),
        title: "Route 53 Resolver query logs",
        about: include_str!("resolver.md"),
        source: "https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/resolver-query-logs-format.html",
        sample: r#"{"version":"1.100000","account_id":"123456789012","region":"eu-west-1","vpc_id":"vpc-1","query_timestamp":"2026-11-20T10:00:00Z","query_name":"{n}.example.com.","query_type":"A","query_class":"IN","rcode":"NOERROR","answers":[{"Rdata":"192.0.2.1","Type":"A","Class":"IN"}],"srcaddr":"10.0.0.4","srcport":"53123","transport":"UDP","srcids":{"instance":"i-{n}"}}"#,
        columns: Cow::Borrowed(COLUMNS),
        statistics: &[column::TIME, "query_timestamp", column::ACCOUNT, column::REGION, "rcode"],
        needles: &[column::ADDR, "query_name", "rcode", "firewall_rule_action"],
        distinct: &[],
        views: &[View { name: "r53_rlogs", select: DAY }, ocsf_views::ROUTE53],
        examples: &[
            (
                "Names that do not exist",
                "SELECT query_name, count(*) AS queries FROM resolver WHERE rcode = 'NXDOMAIN' GROUP BY 1 ORDER BY 2 DESC LIMIT 20",
            ),
            (
                "What DNS Firewall blocked",
                "SELECT query_timestamp, srcaddr, query_name FROM resolver\nWHERE firewall_rule_action = 'BLOCK' ORDER BY _time DESC LIMIT 100",
            ),
        ],
        flat_copies: &[
            FlatCopy { path: &["srcaddr"], column: column::ADDR },
            FlatCopy { path: &["account_id"], column: column::ACCOUNT },
            FlatCopy { path: &["region"], column: column::REGION },
        ],
    },
    columns: COLUMNS,
    required: &["query_name", "query_timestamp"],
    restart: b"\"version\"",
    lists: RECORDS,
    key,
    head,
};

/// `…/vpcdnsquerylogs/<vpc>/…/<vpc>_vpcdnsquerylogs_<account>_<time>_….log.gz`.
fn key(path: &str) -> Option<KeySays> {
    let (_, rest) = object_name(path).split_once("_vpcdnsquerylogs_")?;
    let (account, rest) = rest.split_once('_').filter(|(account, _)| is_account(account))?;
    let (account, time) = (Some(account.to_owned()), time_in_name(rest));
    Some(KeySays::Records(KeyFacts { account, time, ..KeyFacts::default() }))
}

fn head(head: &Head<'_>) -> Option<HeadSays> {
    (head.has("query_name") && head.has("query_timestamp")).then_some(HeadSays::Records)
}

const ANSWER: &[Column] = &[
    Column::text("rdata", "Rdata", ""),
    Column::text("type", "Type", ""),
    Column::text("class", "Class", ""),
];

const SOURCE_IDS: &[Column] = &[
    Column::text("instance", "instance", ""),
    Column::text("resolver_endpoint", "resolver_endpoint", ""),
    Column::text("resolver_network_interface", "resolver_network_interface", ""),
];

/// Athena's columns, and those of DNS Firewall.
const COLUMNS: &[Column] = &[
    Column::text("version", "version", "Version of the record's shape."),
    Column::text("account_id", "account_id", "The account that owns the VPC.").role(Role::Account),
    Column::text("region", "region", "The VPC's Region.").role(Role::Region),
    Column::text("vpc_id", "vpc_id", "The VPC the query came from.").role(Role::Resource),
    Column::text(
        "query_timestamp",
        "query_timestamp",
        "When it was asked, UTC, as written; also `_time`.",
    )
    .role(Role::Time),
    Column::text("query_name", "query_name", "The name asked for, with its last dot.")
        .role(Role::Facet),
    Column::text("query_type", "query_type", "`A`, `AAAA`, `MX` and so on.").role(Role::Facet),
    Column::text("query_class", "query_class", "`IN`, hardly ever another."),
    Column::text("rcode", "rcode", "`NOERROR`, `NXDOMAIN`, `SERVFAIL` and so on.")
        .role(Role::Facet),
    Column::new("answers", "answers", ColumnType::List(ANSWER), "What was answered."),
    Column::text("srcaddr", "srcaddr", "Who asked.").role(Role::Address),
    Column::new("srcport", "srcport", ColumnType::Int, "From which port."),
    Column::text("transport", "transport", "`UDP`, `TCP`, `DoH`."),
    Column::new(
        "srcids",
        "srcids",
        ColumnType::Struct(SOURCE_IDS),
        "The instance or endpoint that asked.",
    ),
    Column::text(
        "firewall_rule_action",
        "firewall_rule_action",
        "`ALERT` or `BLOCK`, if a rule of DNS Firewall acted.",
    )
    .role(Role::Facet),
    Column::text("firewall_rule_group_id", "firewall_rule_group_id", "Its rule group."),
    Column::text("firewall_domain_list_id", "firewall_domain_list_id", "Its list of domains."),
];

#[cfg(test)]
#[path = "resolver_tests.rs"]
mod tests;
