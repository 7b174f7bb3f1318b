//! Audit events of Kubernetes, as EKS writes them for a cluster's control plane.

use std::borrow::Cow;

use kura_core::table::column;

use super::json_records::JsonFormat;
use super::{Description, Head, HeadSays};
use crate::columns::{Column, ColumnType, Role};
use crate::json::text_of;

const NAME: &str = "eksaudit";

pub const FORMAT: JsonFormat = JsonFormat {
    description: Description {
        name: Cow::Borrowed(NAME),
        title: "EKS control plane audit logs",
        about: include_str!("eksaudit.md"),
        source: "https://kubernetes.io/docs/reference/config-api/apiserver-audit.v1/",
        sample: r#"{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"RequestResponse","auditID":"00000000-0000-4000-8000-000000000{n}","stage":"ResponseComplete","requestURI":"/api/v1/namespaces/shop/pods/web-{n}","verb":"delete","user":{"username":"kubernetes-admin","uid":"aws-iam-authenticator:123456789012:AROAEXAMPLE","groups":["system:masters","system:authenticated"],"extra":{"arn":["arn:aws:sts::123456789012:assumed-role/ops/me"]}},"sourceIPs":["192.0.2.{n}"],"userAgent":"kubectl/v1.31.0","objectRef":{"resource":"pods","namespace":"shop","name":"web-{n}","apiVersion":"v1"},"responseStatus":{"metadata":{},"code":200},"requestReceivedTimestamp":"2026-11-20T10:00:00.000000Z","stageTimestamp":"2026-11-20T10:00:00.012345Z","annotations":{"authorization.k8s.io/decision":"allow","authorization.k8s.io/reason":""}}"#,
        columns: Cow::Borrowed(COLUMNS),
        statistics: &[column::TIME, "stagetimestamp", "verb"],
        needles: &[column::PRINCIPAL, column::ADDR, "auditid", "verb"],
        distinct: &["auditid"],
        views: &[],
        examples: &[
            (
                "Who read secrets?",
                "SELECT _principal, _addr, objectref.namespace AS namespace, count(*) AS reads FROM eksaudit\nWHERE objectref.resource = 'secrets' AND verb IN ('get', 'list') AND stage = 'ResponseComplete' GROUP BY 1, 2, 3 ORDER BY 4 DESC",
            ),
            (
                "What was forbidden?",
                "SELECT stagetimestamp, _principal, verb, requesturi FROM eksaudit\nWHERE responsestatus.code = 403 ORDER BY _time DESC LIMIT 100",
            ),
        ],
        flat_copies: &[],
    },
    columns: COLUMNS,
    required: &["auditid"],
    restart: b"\"kind\"",
    lists: &[],
    // Exports lie where somebody wanted them to.
    key: |_| None,
    head,
};

fn head(head: &Head<'_>) -> Option<HeadSays> {
    let version = text_of(head.value("apiVersion")).unwrap_or_default();
    let is_event = version.starts_with("audit.k8s.io/") && head.has("auditID");
    is_event.then_some(HeadSays::Records)
}

const USER: &[Column] = &[
    Column::text("username", "username", "").role(Role::Principal),
    Column::text("uid", "uid", ""),
    Column::new("groups", "groups", ColumnType::Texts, ""),
    Column::json("extra", "extra", ""),
];

const IMPERSONATED: &[Column] = &[
    Column::text("username", "username", ""),
    Column::text("uid", "uid", ""),
    Column::new("groups", "groups", ColumnType::Texts, ""),
    Column::json("extra", "extra", ""),
];

const OBJECT: &[Column] = &[
    Column::text("namespace", "namespace", "").role(Role::Resource),
    Column::text("name", "name", "").role(Role::Resource),
    Column::text("resource", "resource", "").role(Role::Resource),
    Column::text("subresource", "subresource", ""),
    Column::text("uid", "uid", ""),
    Column::text("apigroup", "apiGroup", ""),
    Column::text("apiversion", "apiVersion", ""),
    Column::text("resourceversion", "resourceVersion", ""),
];

const STATUS: &[Column] = &[
    Column::new("code", "code", ColumnType::Int, "").role(Role::Facet),
    Column::text("status", "status", ""),
    Column::text("reason", "reason", "").role(Role::Facet),
    Column::text("message", "message", ""),
    Column::json("details", "details", ""),
    Column::json("metadata", "metadata", ""),
];

/// The names of `audit.k8s.io/v1`.
const COLUMNS: &[Column] = &[
    Column::text("kind", "kind", "`Event`."),
    Column::text("apiversion", "apiVersion", "`audit.k8s.io/v1`."),
    Column::text("level", "level", "How much is logged: `Metadata`, `Request`, `RequestResponse`."),
    Column::text("auditid", "auditID", "The request; its stages share it.").role(Role::Id),
    Column::text(
        "stage",
        "stage",
        "How far the request had come: `RequestReceived`, `ResponseComplete` and so on.",
    )
    .role(Role::Id),
    Column::text("requesturi", "requestURI", "The path asked for, with its query."),
    Column::text("verb", "verb", "`get`, `list`, `watch`, `create`, `delete` and so on.")
        .role(Role::Facet),
    Column::new("user", "user", ColumnType::Struct(USER), "Who asked."),
    Column::new(
        "impersonateduser",
        "impersonatedUser",
        ColumnType::Struct(IMPERSONATED),
        "As whom they asked, if as another.",
    ),
    Column::new(
        "sourceips",
        "sourceIPs",
        ColumnType::Texts,
        "Where it came from, and the proxies between.",
    )
    .role(Role::Address),
    Column::text("useragent", "userAgent", "The program that asked.").role(Role::Facet),
    Column::new("objectref", "objectRef", ColumnType::Struct(OBJECT), "What was asked for."),
    Column::new("responsestatus", "responseStatus", ColumnType::Struct(STATUS), "How it ended."),
    Column::json("requestobject", "requestObject", "What was sent, as JSON."),
    Column::json("responseobject", "responseObject", "What was answered, as JSON."),
    Column::text(
        "requestreceivedtimestamp",
        "requestReceivedTimestamp",
        "When the request came, as written.",
    )
    .role(Role::Time),
    Column::text(
        "stagetimestamp",
        "stageTimestamp",
        "When it had come to this stage, as written; also `_time`.",
    )
    .role(Role::Time),
    Column::new(
        "annotations",
        "annotations",
        ColumnType::Map,
        "Why it was allowed, and what others noted.",
    ),
    Column::text(
        "log_group",
        "logGroup",
        "The log group, which names the cluster, if an envelope says it.",
    )
    .role(Role::Source),
    Column::text("log_stream", "logStream", "The log stream, if an envelope says it.")
        .role(Role::Stream),
];

#[cfg(test)]
#[path = "eksaudit_tests.rs"]
mod tests;
