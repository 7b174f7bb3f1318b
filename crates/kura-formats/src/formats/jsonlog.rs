//! Logs of applications in JSON, of any kind that nothing else knows.

use std::borrow::Cow;
use std::sync::LazyLock;

use kura_core::table::column;

use super::aliases::{Aliases, Keys, Rest, fill};
use super::converted::{ConvertedFormat, Row};
use super::written_time::parse_loose_time;
use super::{Decoded, Description, FlatCopy, Head, RawRecord};
use crate::columns::{Column, Role};
use crate::framing::Framing;
use crate::reject::Reject;

const NAME: &str = "jsonlog";

pub const FORMAT: ConvertedFormat = ConvertedFormat {
    description: Description {
        name: Cow::Borrowed(NAME),
        title: "Application logs in JSON",
        about: include_str!("jsonlog.md"),
        source: "https://jsonlines.org/",
        sample: r#"{"timestamp":"2026-11-20T10:00:00.{n}Z","level":"ERROR","logger":"orders.db","message":"query {n} failed","service":"orders","trace_id":"4bf92f{n}","error":{"type":"Timeout","ms":{n}}}"#,
        columns: Cow::Borrowed(COLUMNS),
        statistics: &[column::TIME],
        needles: &["trace_id", "span_id", "request_id", "source", "service", column::PRINCIPAL],
        distinct: &["message", "record"],
        views: &[],
        examples: &[
            (
                "Errors by service",
                "SELECT service, level, count(*) AS records FROM jsonlog\nWHERE lower(level) IN ('error', 'fatal', 'critical') GROUP BY 1, 2 ORDER BY 3 DESC LIMIT 20",
            ),
            (
                "Everything of one trace",
                "SELECT _time, service, level, message FROM jsonlog\nWHERE trace_id = '4bf92f3577b34da6a3ce929d0e0e4736' ORDER BY _time",
            ),
        ],
        flat_copies: &[FlatCopy { path: &["user"], column: column::PRINCIPAL }],
    },
    columns: COLUMNS,
    framing: || Framing::Json { restart: None },
    key: |_| None,
    head,
    convert,
};

const COLUMNS: &[Column] = &[
    Column::text("time", "", "When it happened, as written; also `_time`.").role(Role::Time),
    Column::text("level", "", "How bad it is, as written.").role(Role::Facet),
    Column::text("message", "", "What it says."),
    Column::text("logger", "", "The logger that said it.").role(Role::Facet),
    Column::text("service", "", "The service or application.").role(Role::Facet),
    Column::text("host", "", "The host.").role(Role::Facet),
    Column::text("source", "", "What wrote it: a container, a log group, a file.")
        .role(Role::Source),
    Column::text("stream", "", "In which stream: `stdout`, a log stream.").role(Role::Stream),
    Column::text("trace_id", "", "The trace it belongs to."),
    Column::text("span_id", "", "The span it belongs to."),
    Column::text("request_id", "", "The request it belongs to."),
    Column::text("user", "", "The user it is about.").role(Role::Principal),
    Column::json("error", "", "The error: an object, or a text in quotes."),
    Column::json("record", "", "The whole record, as received."),
];

const TIME: &[&str] = &[
    "@timestamp",
    "timestamp",
    "time",
    "ts",
    "datetime",
    "eventTime",
    "event_time",
    "@t",
    "asctime",
    "created_at",
    "logged_at",
    "date",
    "instant",
    "instant.epochSecond",
    "t",
];
const LEVEL: &[&str] = &[
    "level",
    "severity",
    "log.level",
    "levelname",
    "log_level",
    "loglevel",
    "@l",
    "severityText",
    "severity_text",
    "lvl",
];
const MESSAGE: &[&str] = &[
    "message",
    "msg",
    "@m",
    "@mt",
    "log",
    "body",
    "short_message",
    "textPayload",
    "event",
    "event_name",
];
const ERROR: &[&str] = &["error", "err", "exception", "exc_info", "stack_trace", "@x"];

const KEYS: Keys = &[
    ("time", TIME),
    ("level", LEVEL),
    ("message", MESSAGE),
    ("logger", &["logger", "logger_name", "loggerName", "log.logger", "name", "SourceContext"]),
    (
        "service",
        &[
            "service.name",
            "service",
            "service_name",
            "serviceName",
            "app",
            "application",
            "app_name",
        ],
    ),
    ("host", &["host.name", "host.hostname", "hostname", "host", "HOSTNAME"]),
    ("source", &["kubernetes.container_name", "container_name", "source"]),
    ("stream", &["stream"]),
    (
        "trace_id",
        &["trace_id", "traceId", "trace.id", "dd.trace_id", "otelTraceID", "xray_trace_id", "@tr"],
    ),
    ("span_id", &["span_id", "spanId", "span.id", "dd.span_id", "otelSpanID", "@sp"]),
    (
        "request_id",
        &[
            "request_id",
            "requestId",
            "http.request.id",
            "function_request_id",
            "awsRequestId",
            "correlation_id",
            "correlationId",
            "req_id",
            "req.id",
        ],
    ),
    ("user", &["user.id", "user.name", "user_id", "userId", "username", "user"]),
    ("error", ERROR),
];

static ALIASES: LazyLock<Aliases> = LazyLock::new(|| Aliases::new(KEYS));

/// A time, and a message or a level.
fn head(head: &Head<'_>) -> bool {
    let of = |keys: &[&str]| {
        let is_key = |key: &str| keys.iter().any(|known| known.eq_ignore_ascii_case(key));
        let is_said = |value: Option<&str>| value != Some("null");
        head.entries.iter().any(|(key, value)| is_key(key) && is_said(*value))
    };
    of(TIME) && (of(MESSAGE) || of(LEVEL) || of(ERROR))
}

fn convert(record: RawRecord<'_>, row: &mut Row<'_>) -> Result<Decoded, Reject> {
    let text = record.text()?;
    fill(row, text, &ALIASES, Rest::Drop)?;
    row.put("record", text);
    row.time = row.text("time").and_then(|time| parse_loose_time(time, row.arrival));
    Ok(Decoded::Row)
}

#[cfg(test)]
#[path = "jsonlog_tests.rs"]
mod tests;
