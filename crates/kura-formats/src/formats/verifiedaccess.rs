//! Logs of AWS Verified Access, in OCSF of both versions that it writes.

use std::borrow::Cow;

use kura_core::table::column;

use super::json_records::{JsonFormat, RECORDS};
use super::object_keys::folder_facts;
use super::{Description, Head, HeadSays, KeySays};
use crate::columns::{Column, ColumnType, Role};

const NAME: &str = "verifiedaccess";

pub const FORMAT: JsonFormat = JsonFormat {
    description: Description {
        name: Cow::Borrowed(NAME),
        title: "AWS Verified Access logs",
        about: include_str!("verifiedaccess.md"),
        source: "https://docs.aws.amazon.com/verified-access/latest/ug/access-logs.html",
        sample: r#"{"activity_name":"Access Grant","activity_id":"1","actor":{"authorizations":[{"decision":"Allow","policy":{"name":"inline"}}],"idp":{"name":"user","uid":"vatp-1"},"invoked_by":"","process":{},"user":{"email_addr":"me@example.com","name":"Me","uid":"me@example.com","uuid":"u{n}"},"session":{}},"category_name":"Audit Activity","category_uid":"3","class_name":"Access Activity","class_uid":"3006","device":{"ip":"192.0.2.{n}","type":"Unknown","type_id":0},"duration":"0.004","end_time":"1795168800{n}","time":"1795168800{n}","http_request":{"http_method":"GET","url":{"hostname":"app.example.com","path":"/{n}","port":443,"scheme":"https","text":"https://app.example.com:443/{n}"},"user_agent":"curl/8.5.0","version":"HTTP/1.1"},"http_response":{"code":200},"message":"","metadata":{"uid":"Root=1-0-{n}","logged_time":1795168801000,"version":"1.0.0-rc.2","product":{"name":"Verified Access","vendor_name":"AWS"}},"ref_time":"2026-11-20T10:00:00.100Z","proxy":{"ip":"10.0.0.1","port":443,"svc_name":"Verified Access","uid":"vai-1"},"severity":"Informational","severity_id":"1","src_endpoint":{"ip":"192.0.2.{n}","port":"48234"},"start_time":"1795168800{n}","status_code":"100","status_detail":"Access Granted","status_id":"1","status":"Success","type_uid":"300601","type_name":"Access Activity: Access Grant","unmapped":null}"#,
        columns: Cow::Borrowed(COLUMNS),
        statistics: &[column::TIME, "time", column::ACCOUNT, column::REGION, "activity_id"],
        needles: &[column::PRINCIPAL, column::ADDR, "activity_id", "status_code"],
        distinct: &[],
        views: &[],
        examples: &[
            (
                "Who was denied?",
                "SELECT ref_time, _principal, _addr, http_request.url.text AS url, status_code FROM verifiedaccess\nWHERE activity_id = '2' ORDER BY _time DESC LIMIT 100",
            ),
            (
                "Which applications are used by how many?",
                "SELECT http_request.url.hostname AS host, count(*) AS requests, count(DISTINCT _principal) AS people FROM verifiedaccess GROUP BY 1 ORDER BY 2 DESC",
            ),
        ],
        flat_copies: &[],
    },
    columns: COLUMNS,
    required: &["class_uid", "activity_id"],
    // Followed by `"` in version 0.1, by `_name"` since.
    restart: b"\"activity",
    lists: RECORDS,
    key,
    head,
};

/// `AWSLogs/<account>/verifiedaccess/<region>/<year>/<month>/<day>/…`.
fn key(path: &str) -> Option<KeySays> {
    folder_facts(path, "verifiedaccess").map(KeySays::Records)
}

/// Others write OCSF, too.
fn head(head: &Head<'_>) -> Option<HeadSays> {
    let is_its_own =
        |key| head.value(key).is_some_and(|value| value.contains("\"Verified Access\""));
    let is_one = head.has("class_uid") && ["metadata", "proxy"].into_iter().any(is_its_own);
    is_one.then_some(HeadSays::Records)
}

const IDP: &[Column] = &[Column::text("name", "name", ""), Column::text("uid", "uid", "")];

const USER: &[Column] = &[
    Column::text("email_addr", "email_addr", ""),
    Column::text("name", "name", ""),
    Column::text("uid", "uid", "").role(Role::Principal),
    Column::text("uuid", "uuid", ""),
];

/// `actor`, and `identity` as it was called before.
const ACTOR: &[Column] = &[
    Column::json("authorizations", "authorizations", ""),
    Column::new("idp", "idp", ColumnType::Struct(IDP), ""),
    Column::new("user", "user", ColumnType::Struct(USER), ""),
    Column::text("invoked_by", "invoked_by", ""),
    Column::json("process", "process", ""),
    Column::json("session", "session", ""),
];

const DEVICE: &[Column] = &[
    Column::text("ip", "ip", ""),
    Column::text("type", "type", ""),
    Column::text("type_id", "type_id", ""),
    Column::text("hostname", "hostname", ""),
    Column::text("name", "name", ""),
    Column::text("uid", "uid", ""),
    Column::json("os", "os", ""),
    Column::json("hw_info", "hw_info", ""),
];

const URL: &[Column] = &[
    Column::text("hostname", "hostname", "").role(Role::Resource),
    Column::text("path", "path", ""),
    Column::new("port", "port", ColumnType::Int, ""),
    Column::text("scheme", "scheme", ""),
    Column::text("text", "text", ""),
];

const REQUEST: &[Column] = &[
    Column::text("http_method", "http_method", "").role(Role::Facet),
    Column::new("url", "url", ColumnType::Struct(URL), ""),
    Column::text("user_agent", "user_agent", "").role(Role::Facet),
    Column::text("version", "version", ""),
];

const RESPONSE: &[Column] = &[Column::new("code", "code", ColumnType::Int, "").role(Role::Facet)];

const PRODUCT: &[Column] =
    &[Column::text("name", "name", ""), Column::text("vendor_name", "vendor_name", "")];

const METADATA: &[Column] = &[
    Column::text("uid", "uid", ""),
    Column::new("logged_time", "logged_time", ColumnType::Long, ""),
    Column::text("version", "version", ""),
    Column::new("product", "product", ColumnType::Struct(PRODUCT), ""),
];

const PROXY: &[Column] = &[
    Column::text("ip", "ip", ""),
    Column::new("port", "port", ColumnType::Int, ""),
    Column::text("svc_name", "svc_name", ""),
    Column::text("uid", "uid", "").role(Role::Resource),
];

const SOURCE: &[Column] = &[
    Column::text("ip", "ip", "").role(Role::Address),
    Column::new("port", "port", ColumnType::Int, ""),
];

/// The names of both versions.
const COLUMNS: &[Column] = &[
    Column::text(
        "activity_name",
        "activity_name",
        "`Access Grant` or `Access Deny`; since 1.0.0-rc.2.",
    )
    .role(Role::Facet),
    Column::text("activity", "activity", "`Access Granted` or `Access Denied`; in 0.1.")
        .role(Role::Facet),
    Column::text("activity_id", "activity_id", "`1` for granted, `2` for denied.")
        .role(Role::Facet),
    Column::new(
        "actor",
        "actor",
        ColumnType::Struct(ACTOR),
        "Who it was and what policies said; since 1.0.0-rc.2.",
    ),
    Column::new(
        "identity",
        "identity",
        ColumnType::Struct(ACTOR),
        "Who it was and what policies said; in 0.1.",
    ),
    Column::text("category_name", "category_name", "The class's category."),
    Column::text("category_uid", "category_uid", "That category's number."),
    Column::text("class_name", "class_name", "`Access Activity`, or `Access Logs` in 0.1."),
    Column::text("class_uid", "class_uid", "That class's number."),
    Column::new("device", "device", ColumnType::Struct(DEVICE), "The device it came from."),
    Column::new("duration", "duration", ColumnType::Double, "How long it took, in seconds."),
    Column::new("start_time", "start_time", ColumnType::Long, "When it began, in milliseconds."),
    Column::new("end_time", "end_time", ColumnType::Long, "When it ended, in milliseconds."),
    Column::new("time", "time", ColumnType::Long, "When it was, in milliseconds; also `_time`.")
        .role(Role::Time),
    Column::text("ref_time", "ref_time", "The same, as text."),
    Column::new("http_request", "http_request", ColumnType::Struct(REQUEST), "What was asked for."),
    Column::new(
        "http_response",
        "http_response",
        ColumnType::Struct(RESPONSE),
        "What was answered.",
    ),
    Column::text("message", "message", "What there is to say, mostly nothing."),
    Column::new(
        "metadata",
        "metadata",
        ColumnType::Struct(METADATA),
        "Trace, version of OCSF and product.",
    ),
    Column::new("proxy", "proxy", ColumnType::Struct(PROXY), "The Verified Access instance."),
    Column::text("severity", "severity", "`Informational` mostly.").role(Role::Facet),
    Column::text("severity_id", "severity_id", "That severity's number."),
    Column::new("src_endpoint", "src_endpoint", ColumnType::Struct(SOURCE), "Where it came from."),
    Column::json("dst_endpoint", "dst_endpoint", "Where it went to, if not by HTTP, as JSON."),
    Column::text("status", "status", "`Success` or `Failure`.").role(Role::Facet),
    Column::text("status_id", "status_id", "That status's number."),
    Column::text("status_code", "status_code", "Why it ended so, as a number.").role(Role::Facet),
    Column::text("status_detail", "status_detail", "Why it ended so, in words."),
    Column::text("status_details", "status_details", "Why it ended so, in words; in 0.1."),
    Column::text("type_name", "type_name", "Class and activity in words."),
    Column::text("type_uid", "type_uid", "Class and activity as a number."),
    Column::json("data", "data", "What trust providers said, as JSON."),
    Column::json("unmapped", "unmapped", "What OCSF has no place for, as JSON."),
];

#[cfg(test)]
#[path = "verifiedaccess_tests.rs"]
mod tests;
