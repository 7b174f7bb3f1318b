//! VPC flow logs: which addresses spoke with which, how much, and whether they were let.

use std::borrow::Cow;

use kura_core::table::column;

use super::delimited::{Layout, Splitting, TimeForm, not_an_event};
use super::headed::{HeadedFormat, HeaderForm, Unheaded, is_header};
use super::named_records::column_named;
use super::object_keys::name_facts;
use super::{Description, FlatCopy, Head, KeySays, Select, View, ocsf_views};
use crate::columns::{Column, ColumnType, Role};
use crate::reject::Reject;

const NAME: &str = "vpcflow";

const LAYOUT: Layout = Layout {
    table: NAME,
    columns: COLUMNS,
    time: TimeForm::EpochSeconds,
    splitting: Splitting::Blanks,
};

pub const FORMAT: HeadedFormat = HeadedFormat {
    description: Description {
        name: Cow::Borrowed(NAME),
        title: "VPC flow logs",
        about: include_str!("vpcflow.md"),
        source: "https://docs.aws.amazon.com/vpc/latest/userguide/flow-log-records.html",
        sample: "2 123456789010 eni-1235b8ca 10.0.0.{n} 203.0.113.12 20641 22 6 20 {n} 1763596800 1763596860 ACCEPT OK",
        columns: Cow::Borrowed(COLUMNS),
        statistics: &[column::TIME, "start", column::ACCOUNT, column::REGION, "dstport"],
        needles: &[column::ADDR, "dstaddr", "interface_id", "action"],
        distinct: &[],
        views: &[
            View {
                name: "vpc_flow_logs",
                select: Select::Added(
                    "account_id AS account, interface_id AS interfaceid, srcaddr AS sourceaddress, \
                         dstaddr AS destinationaddress, srcport AS sourceport, dstport AS destinationport, \
                         packets AS numpackets, bytes AS numbytes, \"start\" AS starttime, \"end\" AS endtime, \
                         log_status AS logstatus, _region AS aws_region, to_char(\"day\", '%Y') AS year, to_char(\"day\", '%m') AS month, \
                         to_char(\"day\", '%d') AS \"day\", to_char(\"day\", '%Y/%m/%d') AS \"date\"",
                ),
            },
            ocsf_views::VPC_FLOW,
        ],
        examples: &[
            (
                "Who was refused, and at which port?",
                "SELECT srcaddr, dstport, count(*) AS flows FROM vpcflow\nWHERE action = 'REJECT' GROUP BY 1, 2 ORDER BY 3 DESC LIMIT 20",
            ),
            (
                "Top talkers",
                "SELECT srcaddr, dstaddr, sum(bytes) AS bytes FROM vpcflow\nWHERE log_status = 'OK' GROUP BY 1, 2 ORDER BY 3 DESC LIMIT 20",
            ),
        ],
        flat_copies: &[
            FlatCopy { path: &["srcaddr"], column: column::ADDR },
            FlatCopy { path: &["account_id"], column: column::ACCOUNT },
            FlatCopy { path: &["region"], column: column::REGION },
        ],
    },
    layout: LAYOUT,
    header: HeaderForm::Names,
    unheaded: Unheaded { orders, order_of },
    named: &["srcaddr", "dstaddr"],
    key,
    head,
};

/// `<account>_vpcflowlogs_<region>_<flow log>_<time>_…`, in folders of whatever names.
fn key(path: &str) -> Option<KeySays> {
    name_facts(path, "vpcflowlogs").map(KeySays::Records)
}

fn head(head: &Head<'_>) -> bool {
    let fields = head.fields(LAYOUT.splitting);
    is_header(COLUMNS, &fields) || looks_like_default(&fields) || is_of_transit_gateway(&fields)
}

/// Fields of version 2, in the order in which they come where no header says otherwise.
const DEFAULT_FIELDS: usize = 14;

/// Athena's columns in the order of its page; then versions 6 to 10, in the order in which
/// AWS added them. A field's name is its column's with hyphens.
const COLUMNS: &[Column] = &[
    int("version", "Version of the newest field in the line."),
    text("account_id", "The account that owns the source interface.").role(Role::Account),
    text("interface_id", "The network interface.").role(Role::Resource),
    text("srcaddr", "Where it came from.").role(Role::Address),
    text("dstaddr", "Where it went to.").role(Role::Facet),
    int("srcport", "The source port."),
    int("dstport", "The destination port.").role(Role::Facet),
    long("protocol", "IANA's number of the protocol: 6 is TCP, 17 UDP, 1 ICMP.").role(Role::Facet),
    long("packets", "Packets in the window."),
    long("bytes", "Bytes in the window."),
    long("start", "First packet of the window, in seconds since 1970; also `_time`.")
        .role(Role::Time),
    long("end", "Last packet of the window, in seconds since 1970.").role(Role::Time),
    text("action", "`ACCEPT` or `REJECT`.").role(Role::Facet),
    text("log_status", "`OK`, `NODATA`, or `SKIPDATA` where AWS lost some.").role(Role::Facet),
    text("vpc_id", "The VPC.").role(Role::Facet),
    text("subnet_id", "The subnet."),
    text("instance_id", "The instance that the interface belongs to.").role(Role::Resource),
    int("tcp_flags", "TCP flags seen in the window, or-ed: 2 SYN, 18 SYN-ACK, 1 FIN, 4 RST."),
    text("type", "`IPv4`, `IPv6` or `EFA`."),
    text("pkt_srcaddr", "The packet's own source, behind NAT."),
    text("pkt_dstaddr", "The packet's own destination, behind NAT."),
    text("region", "The interface's Region.").role(Role::Region),
    text("az_id", "The availability zone."),
    text("sublocation_type", "`wavelength`, `outpost` or `localzone`."),
    text("sublocation_id", "The sublocation."),
    text("pkt_src_aws_service", "The AWS service that `pkt_srcaddr` belongs to."),
    text("pkt_dst_aws_service", "The AWS service that `pkt_dstaddr` belongs to."),
    text("flow_direction", "`ingress` or `egress`.").role(Role::Facet),
    int("traffic_path", "The way out, for egress traffic."),
    text("resource_type", "`TransitGateway`, in a transit gateway's log."),
    text("tgw_id", "The transit gateway.").role(Role::Resource),
    text("tgw_attachment_id", "Its attachment.").role(Role::Resource),
    text("tgw_src_vpc_account_id", "The account of the source VPC."),
    text("tgw_dst_vpc_account_id", "The account of the destination VPC."),
    text("tgw_src_vpc_id", "The source VPC."),
    text("tgw_dst_vpc_id", "The destination VPC."),
    text("tgw_src_subnet_id", "The source subnet."),
    text("tgw_dst_subnet_id", "The destination subnet."),
    text("tgw_src_eni", "The source interface."),
    text("tgw_dst_eni", "The destination interface."),
    text("tgw_src_az_id", "The source availability zone."),
    text("tgw_dst_az_id", "The destination availability zone."),
    text("tgw_pair_attachment_id", "The other side's attachment."),
    long("packets_lost_no_route", "Packets lost for want of a route."),
    long("packets_lost_blackhole", "Packets lost in a black hole."),
    long("packets_lost_mtu_exceeded", "Packets lost for their size."),
    long("packets_lost_ttl_expired", "Packets lost for their age."),
    text("ecs_cluster_name", "The ECS cluster."),
    text("ecs_cluster_arn", "Its ARN."),
    text("ecs_container_instance_id", "The ECS container instance."),
    text("ecs_container_instance_arn", "Its ARN."),
    text("ecs_service_name", "The ECS service."),
    text("ecs_task_definition_arn", "The task's definition."),
    text("ecs_task_id", "The task."),
    text("ecs_task_arn", "Its ARN."),
    text("ecs_container_id", "The first container of the task."),
    text("ecs_second_container_id", "The second container of the task."),
    text("reject_reason", "Why it was refused: `BPA` for a block of public access."),
    text("resource_id", "The NAT gateway of a Region that the flow belongs to.")
        .role(Role::Resource),
    int(
        "encryption_status",
        "How it was encrypted: 0 not at all, 1 by Nitro, 2 by the application, 3 by both.",
    ),
];

const fn text(name: &'static str, about: &'static str) -> Column {
    Column::text(name, "", about)
}

const fn int(name: &'static str, about: &'static str) -> Column {
    Column::new(name, "", ColumnType::Int, about)
}

const fn long(name: &'static str, about: &'static str) -> Column {
    Column::new(name, "", ColumnType::Long, about)
}

/// The order of version 2, and that of a transit gateway's log.
fn orders() -> Vec<Vec<usize>> {
    let transit_gateway = TRANSIT_GATEWAY_FIELDS.split_ascii_whitespace();
    let transit_gateway = transit_gateway.filter_map(|name| column_named(COLUMNS, name));
    vec![(0..DEFAULT_FIELDS).collect(), transit_gateway.collect()]
}

const TRANSIT_GATEWAY_FIELDS: &str = "version resource-type account-id tgw-id tgw-attachment-id \
    tgw-src-vpc-account-id tgw-dst-vpc-account-id tgw-src-vpc-id tgw-dst-vpc-id tgw-src-subnet-id \
    tgw-dst-subnet-id tgw-src-eni tgw-dst-eni tgw-src-az-id tgw-dst-az-id tgw-pair-attachment-id \
    srcaddr dstaddr srcport dstport protocol packets bytes start end log-status type \
    packets-lost-no-route packets-lost-blackhole packets-lost-mtu-exceeded \
    packets-lost-ttl-expired tcp-flags region flow-direction pkt-src-aws-service \
    pkt-dst-aws-service";

fn is_number(field: &str) -> bool {
    !field.is_empty() && field.bytes().all(|byte| byte.is_ascii_digit())
}

/// `2 123456789012 eni-…`: version 2 without a header.
fn looks_like_default(fields: &[&str]) -> bool {
    let [version, account, interface, ..] = fields else { return false };
    fields.len() == DEFAULT_FIELDS
        && *version == "2"
        && (*account == "unknown" || is_number(account))
        && interface.starts_with("eni-")
}

/// `6 TransitGateway 123456789012 tgw-…`, up to `log-status` at least.
fn is_of_transit_gateway(fields: &[&str]) -> bool {
    let [version, kind, account, ..] = fields else { return false };
    fields.len() >= 26 && is_number(version) && *kind == "TransitGateway" && is_number(account)
}

fn order_of(fields: &[&str]) -> Result<usize, Reject> {
    let found = fields.len();
    match fields.first() {
        _ if is_of_transit_gateway(fields) => Ok(1),
        _ if found < DEFAULT_FIELDS => {
            not_an_event(format!("{found} fields where {DEFAULT_FIELDS} belong"))
        }
        Some(version) if !is_number(version) => {
            not_an_event("no header, and not a line of version 2".to_owned())
        }
        _ if found > DEFAULT_FIELDS => not_an_event(format!(
            "{found} fields and no header that names them: version 2 has {DEFAULT_FIELDS}"
        )),
        _ => Ok(0),
    }
}

#[cfg(test)]
#[path = "vpcflow_tests.rs"]
mod tests;
