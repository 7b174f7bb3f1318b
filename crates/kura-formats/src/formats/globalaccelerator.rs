//! Global Accelerator flow logs: which clients came over an accelerator, and who served them.

use std::borrow::Cow;
use std::net::IpAddr;

use kura_core::table::column;

use super::delimited::{Layout, Splitting, TimeForm, at_least, not_an_event};
use super::headed::{HeadedFormat, HeaderForm, Unheaded, is_header};
use super::object_keys::{is_account, named, object_name, time_in_name};
use super::{Description, FlatCopy, Head, KeyFacts, KeySays, Select, View};
use crate::columns::{Column, ColumnType, Role};
use crate::reject::Reject;

const NAME: &str = "globalaccelerator";

const LAYOUT: Layout = Layout {
    table: NAME,
    columns: COLUMNS,
    time: TimeForm::EpochSeconds,
    splitting: Splitting::Blanks,
};

/// Up to the status of the log: what follows came later.
const FIELDS_MIN: usize = 17;

pub const FORMAT: HeadedFormat = HeadedFormat {
    description: Description {
        name: Cow::Borrowed(NAME),
        title: "Global Accelerator flow logs",
        about: include_str!("globalaccelerator.md"),
        source: "https://docs.aws.amazon.com/global-accelerator/latest/dg/monitoring-global-accelerator.flow-logs.html",
        sample: "2.0 123456789012 1234abcd-abcd-1234-abcd-1234abcdef{n} 192.0.2.{n} 49{n} 198.51.100.1 443 10.0.0.{n} 443 TCP IPv4 20 {n} 1763596800 1763596810 ACCEPT OK 203.0.113.9 50{n} us-west-2 NRT51 INGRESS vpc-0a1b2c -",
        columns: Cow::Borrowed(COLUMNS),
        statistics: &[column::TIME, "starttime", column::ACCOUNT, column::REGION],
        needles: &[column::ADDR, "acceleratorid", "endpointip", "action"],
        distinct: &[],
        views: &[View {
            name: "aga_flow_logs",
            select: Select::Added("to_char(\"day\", '%Y/%m/%d') AS dt"),
        }],
        examples: &[
            (
                "Who was refused, and why?",
                "SELECT clientip, gipport, reject_reason, count(*) AS flows FROM globalaccelerator\nWHERE action = 'REJECT' GROUP BY 1, 2, 3 ORDER BY 4 DESC LIMIT 20",
            ),
            (
                "Bytes by location at the edge",
                "SELECT agaregion, sum(numbytes) AS bytes FROM globalaccelerator GROUP BY 1 ORDER BY 2 DESC",
            ),
        ],
        flat_copies: &[
            FlatCopy { path: &["clientip"], column: column::ADDR },
            FlatCopy { path: &["account"], column: column::ACCOUNT },
            FlatCopy { path: &["endpointregion"], column: column::REGION },
        ],
    },
    layout: LAYOUT,
    header: HeaderForm::Names,
    unheaded: Unheaded { orders: || vec![(0..COLUMNS.len()).collect()], order_of },
    named: &["accelerator_id", "client_ip"],
    key,
    head,
};

/// `AWSLogs/<account>/globalaccelerator/<region>/…/<account>_globalaccelerator_…_<time>_…`.
fn key(path: &str) -> Option<KeySays> {
    let name = object_name(path);
    let (account, rest) = named(name, NAME)?;
    let mut folders = path.split(['/', '\\']).skip_while(|folder| *folder != NAME).skip(1);
    let region = folders.next().filter(|region| region.contains('-') && *region != name);
    let (account, region) = (Some(account), region.map(str::to_owned));
    Some(KeySays::Records(KeyFacts { account, region, time: time_in_name(rest) }))
}

fn head(head: &Head<'_>) -> bool {
    let fields = head.fields(LAYOUT.splitting);
    let is_own = fields.contains(&"accelerator_id") && is_header(COLUMNS, &fields);
    is_own || order_of(&fields).is_ok()
}

/// `2.0 123456789012 <accelerator> <client> …`.
fn order_of(fields: &[&str]) -> Result<usize, Reject> {
    at_least(FIELDS_MIN, fields)?;
    let is_version = fields[0]
        .split_once('.')
        .is_some_and(|(major, minor)| major.parse::<u8>().is_ok() && minor.parse::<u8>().is_ok());
    let is_address = |field: &str| field == "-" || field.parse::<IpAddr>().is_ok();
    match is_version && is_account(fields[1]) && is_address(fields[3]) && is_address(fields[5]) {
        true => Ok(0),
        false => not_an_event("no version, account and addresses where they belong".to_owned()),
    }
}

/// Athena's columns, in the order of the fields; keys are the header's names.
const COLUMNS: &[Column] = &[
    text("version", "", "Version of the line's shape."),
    text("account", "aws_account_id", "The account of the accelerator.").role(Role::Account),
    text("acceleratorid", "accelerator_id", "The accelerator.").role(Role::Resource),
    text("clientip", "client_ip", "The client.").role(Role::Address),
    int("clientport", "client_port", "Its port."),
    text("gip", "gip", "The accelerator's address that the client used."),
    int("gipport", "gip_port", "Its port.").role(Role::Facet),
    text("endpointip", "endpoint_ip", "The endpoint that served it."),
    int("endpointport", "endpoint_port", "Its port."),
    text("protocol", "", "`TCP` or `UDP`.").role(Role::Facet),
    text("ipaddresstype", "ip_address_type", "`IPv4` or `IPv6`."),
    long("numpackets", "packets", "Packets in the window."),
    long("numbytes", "bytes", "Bytes in the window."),
    long("starttime", "start_time", "The window's beginning, in seconds since 1970; also `_time`.")
        .role(Role::Time),
    long("endtime", "end_time", "The window's end, in seconds since 1970.").role(Role::Time),
    text("action", "", "`ACCEPT` or `REJECT`.").role(Role::Facet),
    text("logstatus", "log_status", "`OK`, `NODATA`, or `SKIPDATA` where some were lost.")
        .role(Role::Facet),
    text("agasourceip", "globalaccelerator_source_ip", "The accelerator's address inside."),
    int("agasourceport", "globalaccelerator_source_port", "Its port."),
    text("endpointregion", "endpoint_region", "The endpoint's Region.").role(Role::Region),
    text("agaregion", "globalaccelerator_region", "The location at the edge.").role(Role::Facet),
    text("direction", "", "`INGRESS` or `EGRESS`.").role(Role::Facet),
    text("vpc_id", "", "The endpoint's VPC.").role(Role::Facet),
    text("reject_reason", "", "Why it was refused.").role(Role::Facet),
];

const fn text(name: &'static str, key: &'static str, about: &'static str) -> Column {
    Column::text(name, key, about)
}

const fn int(name: &'static str, key: &'static str, about: &'static str) -> Column {
    Column::new(name, key, ColumnType::Int, about)
}

const fn long(name: &'static str, key: &'static str, about: &'static str) -> Column {
    Column::new(name, key, ColumnType::Long, about)
}

#[cfg(test)]
#[path = "globalaccelerator_tests.rs"]
mod tests;
