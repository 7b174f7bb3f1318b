//! Access logs of Application Load Balancers: one line per request.

use std::borrow::Cow;

use kura_core::table::column;

use super::delimited::{Field, Layout, OrderedFormat, Splitting, TimeForm, at_least, not_an_event};
use super::object_keys::{name_facts, object_name};
use super::{DAY, Description, FlatCopy, KeySays, View};
use crate::columns::{Column, ColumnType, Role};
use crate::reject::Reject;

const NAME: &str = "alb";

const LAYOUT: Layout =
    Layout { table: NAME, columns: COLUMNS, time: TimeForm::Rfc3339, splitting: Splitting::Blanks };

/// Lines of 2016 have 25 fields; AWS has added to their end ever since.
const FIELDS_MIN: usize = 25;

pub const FORMAT: OrderedFormat = OrderedFormat {
    description: Description {
        name: Cow::Borrowed(NAME),
        title: "Application Load Balancer access logs",
        about: include_str!("alb.md"),
        source: "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-access-logs.html",
        sample: r#"https 2026-11-20T22:23:00.186641Z app/my-lb/50dc6c495c0c9188 192.0.2.7:{n} 10.0.0.1:80 0.086 0.048 0.037 200 200 0 {n} "GET https://www.example.com:443/shop/{n}?a=b HTTP/1.1" "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36" ECDHE-RSA-AES128-GCM-SHA256 TLSv1.2 arn:aws:elasticloadbalancing:us-east-2:123456789012:targetgroup/t/73e2 "Root=1-58337281-{n}" "www.example.com" "session-reused" 1 2026-11-20T22:22:48.364000Z "forward" "-" "-" "10.0.0.1:80" "200" "-" "-" TID_{n}"#,
        columns: Cow::Borrowed(COLUMNS),
        statistics: &[column::TIME, "time", column::ACCOUNT, column::REGION, "elb_status_code"],
        needles: &[column::ADDR, "trace_id", "target_status_code"],
        distinct: &["time", "trace_id", "request_creation_time", "conn_trace_id"],
        views: &[
            View { name: "alb_access_logs", select: DAY },
            View { name: "alb_logs", select: DAY },
        ],
        examples: &[
            (
                "Errors by hour",
                "SELECT date_trunc('hour', _time) AS hour, count(*) AS errors FROM alb\nWHERE elb_status_code >= 500 GROUP BY 1 ORDER BY 1",
            ),
            (
                "The slowest requests",
                "SELECT time, request_verb, request_url, target_processing_time FROM alb\nORDER BY target_processing_time DESC NULLS LAST LIMIT 20",
            ),
        ],
        flat_copies: &[FlatCopy { path: &["client_ip"], column: column::ADDR }],
    },
    layout: LAYOUT,
    fields: FIELDS,
    check,
    key,
};

fn key(path: &str) -> Option<KeySays> {
    key_of(path, "", |name| name.starts_with("app."))
}

/// What the name of a load balancer's object says:
/// `<prefix><account>_elasticloadbalancing_<region>_<load balancer>_<time>_…`, if the load
/// balancer is of this kind. The prefix tells its logs apart.
pub(super) fn key_of(path: &str, prefix: &str, is_of_kind: fn(&str) -> bool) -> Option<KeySays> {
    let name = object_name(path).strip_prefix(prefix)?;
    let facts = name_facts(name, "elasticloadbalancing")?;
    let balancer = name.splitn(4, '_').nth(3)?;
    is_of_kind(balancer).then_some(KeySays::Records(facts))
}

/// What a load balancer writes to see whether it may.
pub(super) const CONTROL_LINE: &str = "Enable AccessLog for ELB:";
const TYPES: [&str; 6] = ["http", "https", "h2", "grpcs", "ws", "wss"];

/// Athena's columns.
const COLUMNS: &[Column] = &[
    Column::text("type", "", "`http`, `https`, `h2`, `grpcs`, `ws` or `wss`.").role(Role::Facet),
    Column::text("time", "", "When the answer was given, UTC, as written; also `_time`.")
        .role(Role::Time),
    Column::text("elb", "", "The load balancer: `app/name/id`.").role(Role::Resource),
    Column::text("client_ip", "", "Who asked.").role(Role::Address),
    Column::new("client_port", "", ColumnType::Int, "From which port."),
    Column::text("target_ip", "", "The target that answered."),
    Column::new("target_port", "", ColumnType::Int, "At which port."),
    seconds(
        "request_processing_time",
        "Seconds until the target was sent the request, -1 for never.",
    ),
    seconds("target_processing_time", "Seconds until the target began to answer, -1 for never."),
    seconds(
        "response_processing_time",
        "Seconds until the client was sent the answer, -1 for never.",
    ),
    Column::new("elb_status_code", "", ColumnType::Int, "The status that the client got.")
        .role(Role::Facet),
    Column::text("target_status_code", "", "The status that the target gave.").role(Role::Facet),
    Column::new("received_bytes", "", ColumnType::Long, "Bytes of the request."),
    Column::new("sent_bytes", "", ColumnType::Long, "Bytes of the answer."),
    Column::text("request_verb", "", "The method.").role(Role::Facet),
    Column::text("request_url", "", "The URL asked for."),
    Column::text("request_proto", "", "The protocol."),
    Column::text("user_agent", "", "The program that asked.").role(Role::Facet),
    Column::text("ssl_cipher", "", "The cipher."),
    Column::text("ssl_protocol", "", "The version of TLS."),
    Column::text("target_group_arn", "", "The target group.").role(Role::Resource),
    Column::text("trace_id", "", "`X-Amzn-Trace-Id`."),
    Column::text("domain_name", "", "The name the client gave in TLS.").role(Role::Facet),
    Column::text("chosen_cert_arn", "", "The certificate shown."),
    Column::text("matched_rule_priority", "", "The rule that decided: 0 is the default."),
    Column::text("request_creation_time", "", "When the request came, UTC, as written."),
    Column::text("actions_executed", "", "What the rule did."),
    Column::text("redirect_url", "", "Where it was redirected to."),
    Column::text("lambda_error_reason", "", "Why a Lambda target or an action failed."),
    Column::text("target_port_list", "", "All targets tried, with their ports."),
    Column::text("target_status_code_list", "", "Their status codes."),
    Column::text("classification", "", "`Acceptable`, `Ambiguous` or `Severe`, for odd requests."),
    Column::text("classification_reason", "", "What is odd."),
    Column::text("conn_trace_id", "", "The connection: joins with the connection log."),
    Column::text("transformed_host", "", "The host after a rule changed it."),
    Column::text("transformed_uri", "", "The path after a rule changed it."),
    Column::text("request_transform_status", "", "Whether that change succeeded."),
];

/// The fields of a line, in their order.
const FIELDS: &[Field] = &[
    Field::Column("type"),
    Field::Column("time"),
    Field::Column("elb"),
    Field::AddressPort("client_ip", "client_port"),
    Field::AddressPort("target_ip", "target_port"),
    Field::Column("request_processing_time"),
    Field::Column("target_processing_time"),
    Field::Column("response_processing_time"),
    Field::Column("elb_status_code"),
    Field::Column("target_status_code"),
    Field::Column("received_bytes"),
    Field::Column("sent_bytes"),
    Field::Request(["request_verb", "request_url", "request_proto"]),
    Field::Column("user_agent"),
    Field::Column("ssl_cipher"),
    Field::Column("ssl_protocol"),
    Field::Column("target_group_arn"),
    Field::Column("trace_id"),
    Field::Column("domain_name"),
    Field::Column("chosen_cert_arn"),
    Field::Column("matched_rule_priority"),
    Field::Column("request_creation_time"),
    Field::Column("actions_executed"),
    Field::Column("redirect_url"),
    Field::Column("lambda_error_reason"),
    Field::Column("target_port_list"),
    Field::Column("target_status_code_list"),
    Field::Column("classification"),
    Field::Column("classification_reason"),
    Field::Column("conn_trace_id"),
    Field::Column("transformed_host"),
    Field::Column("transformed_uri"),
    Field::Column("request_transform_status"),
];

const fn seconds(name: &'static str, about: &'static str) -> Column {
    Column::new(name, "", ColumnType::Double, about)
}

fn check(line: &str, fields: &[&str]) -> Result<bool, Reject> {
    is_request(line, fields, &TYPES, FIELDS_MIN)
}

/// Whether a line is a request of one of these types, or the test of the bucket.
pub(super) fn is_request(
    line: &str,
    fields: &[&str],
    types: &[&str],
    fields_min: usize,
) -> Result<bool, Reject> {
    if line.starts_with(CONTROL_LINE) {
        return Ok(false);
    }
    match fields.first() {
        Some(kind) if types.contains(kind) => at_least(fields_min, fields).map(|()| true),
        Some(kind) => not_an_event(format!("`{kind}` is no type of request")),
        None => not_an_event("no fields".to_owned()),
    }
}

#[cfg(test)]
#[path = "alb_tests.rs"]
mod tests;
