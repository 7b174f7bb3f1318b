//! Access logs of API Gateway's REST, HTTP and WebSocket APIs, in the forms of AWS's pages.

use std::borrow::Cow;
use std::sync::Arc;

use kura_core::table::column;

use super::pattern::{Also, JsonRecords, PatternFormat, Patterns};
use super::places::{Reading, Within};
use super::written_time::WrittenTime;
use super::{Description, FlatCopy, Format, Head};
use crate::columns::{Column, ColumnType, Role};

const NAME: &str = "apigateway";

pub fn format() -> Arc<dyn Format> {
    PatternFormat::built_in_with(
        Patterns {
            description: DESCRIPTION,
            patterns: PATTERNS,
            begins: None,
            time: WrittenTime::FirstOf(&[WrittenTime::Clf, WrittenTime::Any]),
            key: |_| None,
            head,
        },
        Also {
            within: WITHIN,
            json: Some(JsonRecords {
                opened: &[],
                required: &[("requestid", ""), ("extendedrequestid", "")],
                apart: true,
            }),
            ..Also::default()
        },
    )
}

const DESCRIPTION: Description = Description {
    name: Cow::Borrowed(NAME),
    title: "API Gateway access logs",
    about: include_str!("apigateway.md"),
    source: "https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-access-logging.html",
    sample: r#"{"requestId":"48752d0f-0000-4000-8000-000000000{n}","ip":"192.0.2.{n}","caller":"-","user":"-","requestTime":"20/Nov/2026:10:00:00 +0000","httpMethod":"GET","resourcePath":"/pets/{n}","status":"200","protocol":"HTTP/1.1","responseLength":"{n}"}"#,
    columns: Cow::Borrowed(COLUMNS),
    statistics: &[column::TIME, "status"],
    needles: &[column::ADDR, column::PRINCIPAL, "requestid", "resourcepath", "routekey", "apiid"],
    distinct: &["requestid"],
    views: &[],
    examples: &[
        (
            "Errors by route",
            "SELECT coalesce(routekey, resourcepath) AS route, status, count(*) AS requests FROM apigateway\nWHERE status >= 500 GROUP BY 1, 2 ORDER BY 3 DESC LIMIT 20",
        ),
        (
            "Who is turned away most",
            "SELECT _addr, count(*) AS refused FROM apigateway WHERE status IN (401, 403, 429) GROUP BY 1 ORDER BY 2 DESC LIMIT 20",
        ),
    ],
    flat_copies: &[
        FlatCopy { path: &["ip"], column: column::ADDR },
        FlatCopy { path: &["accountid"], column: column::ACCOUNT },
    ],
};

/// The keys are anybody's choice: only those of AWS's own examples tell.
fn head(head: &Head<'_>) -> bool {
    let any = |keys: &[&str]| keys.iter().any(|key| head.has(key));
    !head.text.trim_start().starts_with(['{', '['])
        || (any(&["requestId", "extendedRequestId"])
            && any(&["requestTime", "requestTimeEpoch"])
            && any(&["httpMethod", "routeKey", "resourcePath", "eventType"])
            && any(&["ip", "sourceIp", "status", "apiId", "connectionId"]))
}

macro_rules! clf_time {
    () => {
        r"(?<requesttime>\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4})"
    };
}

/// Of REST and WebSocket APIs, or of HTTP APIs.
macro_rules! request_id {
    () => {
        r"(?<requestid>[0-9a-fA-F]{8}-[0-9a-fA-F-]{27}(?:_REPLACED_INVALID_REQUEST_ID)?|[\w-]{11,}={1,2})"
    };
}

const PATTERNS: &[&str] = &[
    // CLF of REST and HTTP APIs; of WebSocket APIs with an event for the method.
    concat!(
        r"^(?<ip>\S+) (?<caller>\S+) (?<user>\S+) \[",
        clf_time!(),
        r#"\] ?"(?<request>[^"]*)" (?<status>\d+|-) (?<responselength>\d+|-) "#,
        request_id!(),
        "$"
    ),
    concat!(
        r"^(?<ip>\S+) (?<caller>\S+) (?<user>\S+) \[",
        clf_time!(),
        r#"\] ?"(?<eventtype>CONNECT|MESSAGE|DISCONNECT) (?<routekey>[^"]*?) (?<connectionid>[^"\s]+)" "#,
        r"(?<status>\d+|-) ",
        request_id!(),
        "$"
    ),
    // CSV of REST APIs, of HTTP APIs, of WebSocket APIs.
    concat!(
        r"^(?<ip>[^,\s]+),(?<caller>[^,]*),(?<user>[^,]*),",
        clf_time!(),
        r",(?<httpmethod>[A-Z]+),(?<resourcepath>/[^,]*|-),(?<protocol>[^,]*),",
        r"(?<status>\d+|-),(?<responselength>\d+|-),",
        request_id!(),
        "$"
    ),
    concat!(
        r"^(?<ip>[^,\s]+),(?:(?<caller>[^,]*),(?<user>[^,]*),)?",
        clf_time!(),
        r",(?<httpmethod>[A-Z]+),(?<routekey>[^,]*),(?<protocol>[^,]*),",
        r"(?<status>\d+|-),(?<responselength>\d+|-),",
        request_id!(),
        "$"
    ),
    concat!(
        r"^(?<ip>[^,\s]+),(?:(?<caller>[^,]*),(?<user>[^,]*),)?",
        clf_time!(),
        r",(?<eventtype>CONNECT|MESSAGE|DISCONNECT),(?<routekey>[^,]*),(?<connectionid>[^,]*),",
        r"(?<status>\d+|-),",
        request_id!(),
        "$"
    ),
    r#"^<request id="(?<requestid>[^"]*)">\s*(?<elements><ip>.*)</request>$"#,
];

const WITHIN: &[Within] = &[
    Within {
        of: "request",
        reading: Reading::Groups(
            r"^(?<httpmethod>[A-Z]+) (?<resourcepath>/\S*) (?<protocol>HTTP/[\d.]+)$",
        ),
    },
    Within {
        of: "request",
        reading: Reading::Groups(
            r"^(?<eventtype>CONNECT|MESSAGE|DISCONNECT) (?<routekey>\S+)(?: (?<connectionid>\S+))?$",
        ),
    },
    Within {
        of: "request",
        reading: Reading::Groups(
            r"^(?<httpmethod>\S+) (?<routekey>.*?)(?: (?<protocol>HTTP/[\d.]+|-))?$",
        ),
    },
    Within { of: "elements", reading: Reading::Pairs(r"<(?<key>\w+)>(?<value>[^<]*)</\w+>") },
    Within { of: "sourceip", reading: Reading::Groups("^(?<ip>.*)$") },
];

/// The keys of AWS's examples and the variables they stand for, in lower case.
const COLUMNS: &[Column] = &[
    Column::text("requestid", "requestId", "The request, as its client sees it, too."),
    Column::text("extendedrequestid", "extendedRequestId", "API Gateway's own id of the request.")
        .role(Role::Id),
    Column::text("ip", "ip", "From where.").role(Role::Address),
    Column::text("caller", "caller", "The principal that signed the request."),
    Column::text("user", "user", "The user who is authorised.").role(Role::Principal),
    Column::text("requesttime", "requestTime", "When, as written; also `_time`.").role(Role::Time),
    Column::new("requesttimeepoch", "requestTimeEpoch", ColumnType::Long, "When, in milliseconds.")
        .role(Role::Time),
    Column::text("httpmethod", "httpMethod", "The method.").role(Role::Facet),
    Column::text("resourcepath", "resourcePath", "REST APIs: the resource, `/pets/{petId}`.")
        .role(Role::Resource),
    Column::text("routekey", "routeKey", "HTTP and WebSocket APIs: the route, `GET /pets`.")
        .role(Role::Resource),
    Column::text("path", "path", "The path that was asked for."),
    Column::text("eventtype", "eventType", "WebSocket APIs: `CONNECT`, `MESSAGE`, `DISCONNECT`.")
        .role(Role::Facet),
    Column::text("connectionid", "connectionId", "WebSocket APIs: the connection."),
    Column::new("status", "status", ColumnType::Int, "The status.").role(Role::Facet),
    Column::text("protocol", "protocol", "The protocol."),
    Column::new("responselength", "responseLength", ColumnType::Long, "Bytes of the answer."),
    Column::new("responselatency", "responseLatency", ColumnType::Long, "Milliseconds in all."),
    Column::new(
        "integrationlatency",
        "integrationLatency",
        ColumnType::Long,
        "Milliseconds that the backend took.",
    ),
    Column::text(
        "integrationstatus",
        "integrationStatus",
        "The status of the backend, if it is said.",
    ),
    Column::text("integrationerror", "integrationError", "What went wrong at the backend."),
    Column::text(
        "integrationerrormessage",
        "integrationErrorMessage",
        "The same, under its other name.",
    ),
    Column::text("errormessage", "errorMessage", "What API Gateway said of an error."),
    Column::text("errorresponsetype", "errorResponseType", "The kind of its answer to an error.")
        .role(Role::Facet),
    Column::text("authorizererror", "authorizerError", "What went wrong at the authoriser."),
    Column::text("principalid", "principalId", "Whom the authoriser found."),
    Column::text("useragent", "userAgent", "The program that asked.").role(Role::Facet),
    Column::text("accountid", "accountId", "The account that owns the API.").role(Role::Account),
    Column::text("apiid", "apiId", "The API.").role(Role::Facet),
    Column::text("stage", "stage", "Its stage.").role(Role::Facet),
    Column::text("domainname", "domainName", "The name it was asked by."),
    Column::text("xraytraceid", "xrayTraceId", "X-Ray's trace."),
    Column::text("log_group", "", "The log group that it came from.").role(Role::Source),
    Column::text("log_stream", "", "The log stream that it came from.").role(Role::Stream),
];

#[cfg(test)]
#[path = "apigateway_tests.rs"]
mod tests;
