//! Events in the Open Cybersecurity Schema Framework: Amazon Security Lake, and JSON lines.

use std::borrow::Cow;

use kura_core::table::column;
use kura_core::time::{MICROS_PER_DAY, parse_day};

use super::json_records::JsonFormat;
use super::object_keys::is_account;
use super::{Description, FlatCopy, Head, HeadSays, KeyFacts, KeySays};
use crate::columns::{Column, ColumnType, Role};

const NAME: &str = "ocsf";

pub const FORMAT: JsonFormat = JsonFormat {
    description: Description {
        name: Cow::Borrowed(NAME),
        title: "OCSF events (Security Lake)",
        about: include_str!("ocsf.md"),
        source: "https://docs.aws.amazon.com/security-lake/latest/userguide/open-cybersecurity-schema-framework.html",
        sample: r#"{"metadata":{"product":{"name":"CloudTrail","vendor_name":"AWS"},"version":"1.1.0","uid":"ev-{n}","profiles":["cloud"]},"time":1795168800{n},"cloud":{"provider":"AWS","region":"eu-west-1","account":{"uid":"123456789012"}},"api":{"operation":"GetObject","service":{"name":"s3.amazonaws.com"},"request":{"uid":"r{n}"}},"actor":{"user":{"type":"AssumedRole","uid":"arn:aws:sts::123456789012:assumed-role/app/s{n}","credential_uid":"ASIAEXAMPLE{n}"}},"src_endpoint":{"ip":"192.0.2.{n}"},"class_uid":6003,"class_name":"API Activity","category_uid":6,"category_name":"Application Activity","activity_id":2,"activity_name":"Read","type_uid":600302,"type_name":"API Activity: Read","severity_id":1,"severity":"Informational","status":"Success","status_id":1,"resources":[{"uid":"b{n}"}],"unmapped":{"k":"v{n}"}}"#,
        columns: Cow::Borrowed(COLUMNS),
        statistics: &[column::TIME, column::ACCOUNT, column::REGION, "class_uid", "severity_id"],
        needles: &[column::ADDR, column::PRINCIPAL, column::ACCESSKEY, column::ACCOUNT],
        distinct: &[],
        views: &[],
        examples: &[
            (
                "API calls that failed, by caller",
                "SELECT _principal, api.operation AS operation, count(*) AS calls FROM ocsf\nWHERE class_uid = 6003 AND status = 'Failure' GROUP BY 1, 2 ORDER BY 3 DESC LIMIT 20",
            ),
            (
                "What there is",
                "SELECT class_name, activity_name, severity, count(*) AS events FROM ocsf GROUP BY 1, 2, 3 ORDER BY 4 DESC",
            ),
        ],
        flat_copies: &[
            FlatCopy { path: &["src_endpoint", "ip"], column: column::ADDR },
            FlatCopy { path: &["cloud", "account", "uid"], column: column::ACCOUNT },
            FlatCopy { path: &["cloud", "region"], column: column::REGION },
            FlatCopy { path: &["actor", "user", "uid"], column: column::PRINCIPAL },
        ],
    },
    columns: COLUMNS,
    required: &["class_uid"],
    restart: b"\"metadata\"",
    lists: &[],
    key,
    head,
};

/// `aws/<source>/<version>/region=…/accountId=…/eventDay=20261120/….parquet`; `ext/…` for sources
/// of one's own.
fn key(path: &str) -> Option<KeySays> {
    let parts: Vec<&str> = path.split('/').collect();
    let value = |name: &str| {
        let named = |part: &&str| {
            let (key, value) = part.split_once('=')?;
            key.eq_ignore_ascii_case(name).then(|| value.to_owned())
        };
        parts.iter().find_map(named)
    };
    let at = parts.iter().position(|part| part.starts_with("region="))?;
    let before = parts.get(at.saturating_sub(3)..at)?;
    if !before.iter().any(|part| *part == "aws" || *part == "ext") {
        return None;
    }
    let day = value("eventDay").or_else(|| value("eventHour"))?;
    let digits = |from: usize, to: usize| day.get(from..to).unwrap_or_default();
    let day = parse_day(&format!("{}-{}-{}", digits(0, 4), digits(4, 6), digits(6, 8)));
    Some(KeySays::Records(KeyFacts {
        // Custom sources may write `external_…`.
        account: Some(value("accountId")?).filter(|account| is_account(account)),
        region: value("region"),
        time: day.map(|day| i64::from(day) * MICROS_PER_DAY),
    }))
}

fn head(head: &Head<'_>) -> Option<HeadSays> {
    let is_event = head.has("class_uid")
        && (head.has("category_uid") || head.has("type_uid") || head.has("activity_id"));
    is_event.then_some(HeadSays::Records)
}

const fn text(name: &'static str, about: &'static str) -> Column {
    Column::text(name, name, about)
}

const fn int(name: &'static str, about: &'static str) -> Column {
    Column::new(name, name, ColumnType::Int, about)
}

const fn long(name: &'static str, about: &'static str) -> Column {
    Column::new(name, name, ColumnType::Long, about)
}

const fn json(name: &'static str, about: &'static str) -> Column {
    Column::json(name, name, about)
}

const fn object(name: &'static str, parts: &'static [Column], about: &'static str) -> Column {
    Column::new(name, name, ColumnType::Struct(parts), about)
}

const PRODUCT: &[Column] = &[
    text("name", ""),
    text("vendor_name", ""),
    text("version", ""),
    text("uid", ""),
    json("feature", ""),
];
const METADATA: &[Column] = &[
    object("product", PRODUCT, ""),
    text("version", ""),
    text("uid", "").role(Role::Id),
    text("event_code", ""),
    text("log_name", ""),
    text("log_provider", ""),
    text("correlation_uid", ""),
    text("original_time", ""),
    Column::new("profiles", "profiles", ColumnType::Texts, ""),
];
const ACCOUNT: &[Column] =
    &[text("uid", "").role(Role::Account), text("name", ""), text("type", ""), int("type_id", "")];
const CLOUD: &[Column] = &[
    text("provider", ""),
    text("region", "").role(Role::Region),
    text("zone", ""),
    object("account", ACCOUNT, ""),
    text("project_uid", ""),
    json("org", ""),
];
const USER: &[Column] = &[
    text("uid", "").role(Role::Principal),
    text("name", "").role(Role::Principal),
    text("type", "").role(Role::Facet),
    int("type_id", ""),
    text("uid_alt", ""),
    text("domain", ""),
    text("email_addr", ""),
    text("credential_uid", "").role(Role::AccessKey),
    json("account", ""),
    json("groups", ""),
];
const SESSION: &[Column] = &[
    text("uid", ""),
    text("issuer", ""),
    text("credential_uid", "").role(Role::AccessKey),
    long("created_time", ""),
    Column::new("is_mfa", "is_mfa", ColumnType::Boolean, ""),
];
const ACTOR: &[Column] = &[
    object("user", USER, ""),
    object("session", SESSION, ""),
    text("invoked_by", ""),
    text("app_name", ""),
    json("idp", ""),
    json("process", ""),
    json("authorizations", ""),
];
const SERVICE: &[Column] = &[text("name", ""), text("version", ""), text("uid", "")];
const REQUEST: &[Column] = &[text("uid", ""), json("data", ""), json("flags", "")];
const RESPONSE: &[Column] = &[
    text("error", ""),
    text("message", ""),
    text("error_message", ""),
    long("code", ""),
    json("data", ""),
];
const API: &[Column] = &[
    text("operation", "").role(Role::Facet),
    object("service", SERVICE, ""),
    object("request", REQUEST, ""),
    object("response", RESPONSE, ""),
    text("version", ""),
    json("group", ""),
];
/// The parts of an endpoint, of which the source's and the destination's differ in their roles.
macro_rules! endpoint {
    ($address:expr, $instance:expr) => {
        &[
            text("ip", "").role($address),
            int("port", ""),
            text("hostname", ""),
            text("domain", ""),
            text("name", ""),
            text("uid", ""),
            text("instance_uid", "").role($instance),
            text("interface_uid", "").role($instance),
            text("interface_name", ""),
            text("vpc_uid", ""),
            text("subnet_uid", ""),
            text("svc_name", ""),
            text("mac", ""),
            text("zone", ""),
            json("location", ""),
            json("intermediate_ips", ""),
        ]
    };
}
const SOURCE: &[Column] = endpoint!(Role::Address, Role::None);
const DESTINATION: &[Column] = endpoint!(Role::None, Role::Resource);
const CONNECTION: &[Column] = &[
    text("uid", ""),
    text("direction", ""),
    int("direction_id", ""),
    int("protocol_num", ""),
    text("protocol_name", ""),
    text("protocol_ver", ""),
    int("tcp_flags", ""),
    text("boundary", ""),
    int("boundary_id", ""),
];
const TRAFFIC: &[Column] = &[
    long("bytes", ""),
    long("bytes_in", ""),
    long("bytes_out", ""),
    long("packets", ""),
    long("packets_in", ""),
    long("packets_out", ""),
];
const HTTP_REQUEST: &[Column] = &[
    text("uid", ""),
    text("http_method", ""),
    json("url", ""),
    text("user_agent", ""),
    text("referrer", ""),
    text("version", ""),
    text("args", ""),
    json("http_headers", ""),
    json("x_forwarded_for", ""),
];
const HTTP_RESPONSE: &[Column] =
    &[int("code", ""), text("status", ""), text("message", ""), long("length", "")];
const QUERY: &[Column] =
    &[text("hostname", ""), text("type", ""), text("class", ""), text("opcode", "")];
const FINDING: &[Column] = &[
    text("uid", ""),
    text("title", ""),
    text("desc", ""),
    Column::new("types", "types", ColumnType::Texts, ""),
    long("created_time", ""),
    long("first_seen_time", ""),
    long("last_seen_time", ""),
    long("modified_time", ""),
    text("src_url", ""),
    json("analytic", ""),
    json("remediation", ""),
    json("related_events", ""),
];

const COLUMNS: &[Column] = &[
    object("metadata", METADATA, "Who reported it, and in which version."),
    long("time", "When it happened, in milliseconds since 1970; also `_time`.").role(Role::Time),
    text("time_dt", "The same as text."),
    long("start_time", "When it began, in milliseconds since 1970."),
    long("end_time", "When it ended, in milliseconds since 1970."),
    long("duration", "How long it took, in milliseconds."),
    long("count", "How many times it happened."),
    int("class_uid", "The class of event: 6003 is API Activity.").role(Role::Facet),
    text("class_name", "The class, by name.").role(Role::Facet),
    int("category_uid", "The category of classes."),
    text("category_name", "The category, by name.").role(Role::Facet),
    int("activity_id", "What was done, within the class."),
    text("activity_name", "What was done, by name.").role(Role::Facet),
    long("type_uid", "Class and activity in one number."),
    text("type_name", "Class and activity, by name."),
    int("severity_id", "How bad it is: 1 is informational, 6 fatal."),
    text("severity", "How bad it is, by name.").role(Role::Facet),
    text("status", "`Success` or `Failure`.").role(Role::Facet),
    int("status_id", "1 for success, 2 for failure."),
    text("status_code", "What the source said of it."),
    text("status_detail", "What the source said of it, in words."),
    text("message", "What it says."),
    text("action", "What was done about it.").role(Role::Facet),
    int("action_id", "1 allowed, 2 denied."),
    text("disposition", "What became of it."),
    int("disposition_id", "The same as a number."),
    object("cloud", CLOUD, "Where in the cloud it happened."),
    object("actor", ACTOR, "Who did it."),
    object("api", API, "The call that was made."),
    object("src_endpoint", SOURCE, "Where it came from."),
    object("dst_endpoint", DESTINATION, "Where it went to."),
    object("connection_info", CONNECTION, "The connection."),
    object("traffic", TRAFFIC, "How much was sent."),
    object("http_request", HTTP_REQUEST, "The request."),
    object("http_response", HTTP_RESPONSE, "The answer to it."),
    object("query", QUERY, "The name that was asked for."),
    json("answers", "What was answered."),
    text("rcode", "The DNS answer's code.").role(Role::Facet),
    int("rcode_id", "The same as a number."),
    json("resources", "What it was done to, as JSON."),
    json("resource", "What it was found at, as JSON."),
    object("finding_info", FINDING, "The finding."),
    object("finding", FINDING, "The finding, in versions before 1.1."),
    json("vulnerabilities", "What is vulnerable, as JSON."),
    json("compliance", "Which control was checked, as JSON."),
    json("malware", "Malware that was found, as JSON."),
    json("attacks", "Tactics and techniques of MITRE ATT&CK, as JSON."),
    json("evidences", "What the finding rests on, as JSON."),
    json("device", "The device, as JSON."),
    json("user", "The user it is about, as JSON."),
    json("group", "The group it is about, as JSON."),
    json("process", "The process, as JSON."),
    json("file", "The file, as JSON."),
    json("tls", "The TLS connection, as JSON."),
    json("firewall_rule", "The rule that matched, as JSON."),
    json("observables", "What is worth looking for elsewhere, as JSON."),
    json("enrichments", "What was added, as JSON."),
    json("unmapped", "What the schema has no place for, as JSON."),
    text("raw_data", "The record before it was mapped."),
];

#[cfg(test)]
#[path = "ocsf_tests.rs"]
mod tests;
