//! Execution logs of API Gateway: what became of a request, step by step.

use std::borrow::Cow;
use std::sync::Arc;

use kura_core::table::column;

use super::pattern::{Also, PatternFormat, Patterns};
use super::places::{Reading, Within};
use super::written_time::WrittenTime;
use super::{Description, Format, KeyFacts, KeySays};
use crate::columns::{Column, ColumnType, Role};

const NAME: &str = "apigateway_execution";

pub fn format() -> Arc<dyn Format> {
    PatternFormat::built_in_with(
        Patterns {
            description: DESCRIPTION,
            patterns: &[PATTERN],
            begins: Some(BEGINS),
            time: WrittenTime::Any,
            key,
            head: |head| {
                head.line.contains(')') && STEPS.iter().any(|step| head.line.contains(step))
            },
        },
        Also { within: WITHIN, ..Also::default() },
    )
}

const DESCRIPTION: Description = Description {
    name: Cow::Borrowed(NAME),
    title: "API Gateway execution logs",
    about: include_str!("apigateway_execution.md"),
    source: "https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html",
    sample: "(48752d0f-0000-4000-8000-000000000{n}) Received response. Status: 200, Integration latency: {n} ms",
    columns: Cow::Borrowed(COLUMNS),
    statistics: &[column::TIME, "status", "integration_latency_ms"],
    needles: &["request_id", "resource_path", "log_group"],
    distinct: &[],
    views: &[],
    examples: &[
        (
            "Why executions fail",
            "SELECT message, count(*) AS requests FROM apigateway_execution\nWHERE message LIKE 'Execution failed%' GROUP BY 1 ORDER BY 2 DESC LIMIT 20",
        ),
        (
            "All of one request",
            "SELECT _time, message FROM apigateway_execution\nWHERE request_id = '48752d0f-0000-4000-8000-000000000101' ORDER BY _time, _origin",
        ),
    ],
    flat_copies: &[],
};

/// `API-Gateway-Execution-Logs_<api>/<stage>`, as a part of the path.
fn key(path: &str) -> Option<KeySays> {
    let is_group = |part: &str| part.starts_with("API-Gateway-Execution-Logs_");
    path.split(['/', '\\']).any(is_group).then(|| KeySays::Records(KeyFacts::default()))
}

/// What such a log begins with: other texts have an id in brackets, too.
const STEPS: &[&str] = &[
    ") Extended Request Id:",
    ") Verifying Usage Plan for request",
    ") API Key ",
    ") Usage Plan check ",
    ") Starting execution for request",
    ") Starting authorizer:",
    ") HTTP Method:",
    ") Method ",
    ") Endpoint ",
    ") Sending request to ",
    ") Received response. ",
    ") Successfully completed execution",
    ") Execution failed due to ",
    ") Gateway response ",
    ") Client [",
    ") [",
];

/// The request's id (of a WebSocket API with an `=` behind), then what was done.
const PATTERN: &str = r"(?s)^\((?<request_id>[0-9a-fA-F]{8}-[0-9a-fA-F-]{27}|[\w-]{11,}={1,2})\)(?: (?<message>.*))?$";

const BEGINS: &str = r"^\((?:[0-9a-fA-F]{8}-[0-9a-fA-F-]{27}|[\w-]{11,}={1,2})\)(?: |$)";

const fn of_message(pattern: &'static str) -> Within {
    Within { of: "message", reading: Reading::Groups(pattern) }
}

const WITHIN: &[Within] = &[
    of_message(r"^Extended Request Id: (?<extended_request_id>\S+)\s*$"),
    of_message(r"^HTTP Method: (?<http_method>\S+), Resource Path: (?<resource_path>.*?)\s*$"),
    of_message(r"^Method completed with status: (?<status>\d+)"),
    of_message(
        r"^Received response\. Status: (?<integration_status>\d+), Integration latency: (?<integration_latency_ms>\d+) ms",
    ),
    of_message(r"^Endpoint request URI: (?<endpoint>\S+)"),
    of_message(r"^Sending request to (?<endpoint>\S+)"),
    of_message(r"^Starting authorizer: (?<authorizer>\S+)"),
];

const COLUMNS: &[Column] = &[
    Column::text("request_id", "", "The request."),
    Column::text("message", "", "What was done, whole."),
    Column::text("extended_request_id", "", "API Gateway's own id of the request."),
    Column::text("http_method", "", "The method.").role(Role::Facet),
    Column::text("resource_path", "", "The path.").role(Role::Resource),
    Column::new("status", "", ColumnType::Int, "What was answered.").role(Role::Facet),
    Column::new("integration_status", "", ColumnType::Int, "What the backend answered.")
        .role(Role::Facet),
    Column::new("integration_latency_ms", "", ColumnType::Long, "Milliseconds that it took."),
    Column::text("endpoint", "", "The backend."),
    Column::text("authorizer", "", "The authoriser that was asked."),
    Column::text("log_group", "", "`API-Gateway-Execution-Logs_`, the API, a slash and its stage.")
        .role(Role::Source),
    Column::text("log_stream", "", "The log stream that it came from.").role(Role::Stream),
];

#[cfg(test)]
#[path = "apigateway_execution_tests.rs"]
mod tests;
