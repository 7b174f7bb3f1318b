//! VPC flow logs: which addresses spoke with which, how much, and whether they were let.

use std::borrow::Cow;

use kura_core::table::column;

use super::delimited::{DelimitedDecoder, Layout, Lines, Place, Splitting, TimeForm};
use super::{
    Decoder, Description, FlatCopy, Format, Head, HeadSays, KeyFacts, KeySays, Select, View,
    key_time, ocsf,
};
use crate::columns::{Column, ColumnType, Role};
use crate::framing::Framing;
use crate::reject::{Reason, Reject};

#[derive(Debug)]
pub struct VpcFlow;

const NAME: &str = "vpcflow";

const LAYOUT: Layout = Layout {
    table: NAME,
    columns: COLUMNS,
    time: TimeForm::EpochSeconds,
    splitting: Splitting::Blanks,
};

static DESCRIPTION: Description = Description {
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
                "_region AS aws_region, to_char(\"day\", '%Y') AS year, to_char(\"day\", '%m') AS month, \
                 to_char(\"day\", '%d') AS \"day\", to_char(\"day\", '%Y/%m/%d') AS \"date\"",
            ),
        },
        ocsf::VPC_FLOW,
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
};

impl Format for VpcFlow {
    fn description(&self) -> &Description {
        &DESCRIPTION
    }

    fn recognise_key(&self, path: &str) -> Option<KeySays> {
        let name = path.rsplit(['/', '\\']).next()?;
        let (account, rest) = name.split_once("_vpcflowlogs_")?;
        let mut parts = rest.split('_');
        let region = parts.next()?.to_owned();
        let time = parts.nth(1).and_then(key_time);
        let account = Some(account.to_owned());
        Some(KeySays::Records(KeyFacts { account, region: Some(region), time }))
    }

    fn recognise_head(&self, head: &Head<'_>) -> Option<HeadSays> {
        let fields = LAYOUT.splitting.split(head.line);
        let known = is_header(&fields) || looks_like_default(&fields);
        known.then_some(HeadSays::Records)
    }

    fn framing(&self) -> Framing {
        Framing::Lines
    }

    fn decoder(&self) -> Box<dyn Decoder> {
        let lines = FlowLines { header: default_header(), headed: false };
        Box::new(DelimitedDecoder::new(LAYOUT, lines))
    }
}

/// Fields of version 2, in the order in which they come where no header says otherwise.
const DEFAULT_FIELDS: usize = 14;

/// Athena's columns in the order of its page; then versions 6 to 8, in the order in which
/// AWS added them. A field's key is its column's name with hyphens.
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
    long("end", "Last packet of the window, in seconds since 1970."),
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
    text("tgw_id", "The transit gateway."),
    text("tgw_attachment_id", "Its attachment."),
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

/// Fields come in the order of the last header, which may stand anywhere in an object.
#[derive(Debug)]
struct FlowLines {
    header: Vec<Place>,
    /// The object said its order itself.
    headed: bool,
}

fn default_header() -> Vec<Place> {
    (0..DEFAULT_FIELDS).map(Place::Column).collect()
}

fn column_of(field: &str) -> Option<usize> {
    let same = |name: &str| {
        name.len() == field.len()
            && name.bytes().zip(field.bytes()).all(|(n, f)| n == f || (n == b'_' && f == b'-'))
    };
    COLUMNS.iter().position(|column| same(&column.name))
}

/// A line of names: most of them known, and none that only a value could be.
fn is_header(fields: &[&str]) -> bool {
    let name = |field: &&&str| {
        field.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-_".contains(&b))
    };
    let known = fields.iter().filter(|field| column_of(field).is_some()).count();
    known > 0 && 2 * known >= fields.len() && fields.iter().filter(name).count() == fields.len()
}

/// `2 123456789012 eni-…`: version 2 without a header.
fn looks_like_default(fields: &[&str]) -> bool {
    let [version, account, interface, ..] = fields else { return false };
    fields.len() == DEFAULT_FIELDS
        && *version == "2"
        && (*account == "unknown" || account.bytes().all(|b| b.is_ascii_digit()))
        && interface.starts_with("eni-")
}

impl Lines for FlowLines {
    fn begin(&mut self) {
        if std::mem::take(&mut self.headed) {
            self.header = default_header();
        }
    }

    fn places(&mut self, _line: &str, fields: &[&str]) -> Result<Option<&[Place]>, Reject> {
        if fields.first().is_some_and(|first| !first.starts_with(|c: char| c.is_ascii_digit()))
            && is_header(fields)
        {
            let place = |field: &&str| {
                column_of(field).map_or_else(|| Place::Other((*field).to_owned()), Place::Column)
            };
            self.header = fields.iter().map(place).collect();
            self.headed = true;
            return Ok(None);
        }
        self.check(fields).map(|()| Some(&self.header[..]))
    }
}

impl FlowLines {
    fn check(&self, fields: &[&str]) -> Result<(), Reject> {
        let refuse = |detail| Err(Reject::new(Reason::NotAnEvent, detail));
        if fields.len() < self.header.len() {
            return refuse(format!("{} fields where {} belong", fields.len(), self.header.len()));
        }
        if !self.headed && !fields.first().is_some_and(|v| v.bytes().all(|b| b.is_ascii_digit())) {
            return refuse("no header, and not a line of version 2".to_owned());
        }
        if !self.headed && fields.len() > DEFAULT_FIELDS {
            return refuse(format!(
                "{} fields and no header that names them: version 2 has {DEFAULT_FIELDS}",
                fields.len()
            ));
        }
        Ok(())
    }
}

#[cfg(test)]
#[path = "vpcflow_tests.rs"]
mod tests;
