//! What Lambda itself writes into a function's log: as text, or as JSON.

use std::borrow::Cow;
use std::sync::Arc;

use kura_core::table::column;

use super::pattern::{Also, JsonRecords, PatternFormat, Patterns};
use super::places::{Reading, Within};
use super::written_time::WrittenTime;
use super::{Description, Format, Head};
use crate::columns::{Column, ColumnType, Role};

const NAME: &str = "lambda";

pub fn format() -> Arc<dyn Format> {
    PatternFormat::built_in_with(
        Patterns {
            description: DESCRIPTION,
            patterns: PATTERNS,
            begins: Some("^."),
            time: WrittenTime::Any,
            // A function's own output lies in the same log group.
            key: |_| None,
            head,
        },
        Also {
            within: WITHIN,
            follows: Some(r"^(?:XRAY TraceId:|(?:Runtime|Extension|Sandbox)\.\w+$)"),
            json: Some(JsonRecords {
                opened: &["record", "metrics", "tracing"],
                required: &[("type", "platform.")],
                apart: false,
            }),
            ..Also::default()
        },
    )
}

const DESCRIPTION: Description = Description {
    name: Cow::Borrowed(NAME),
    title: "Lambda platform logs",
    about: include_str!("lambda.md"),
    source: "https://docs.aws.amazon.com/lambda/latest/dg/telemetry-schema-reference.html",
    sample: "REPORT RequestId: 7b1f2c3d-0000-4000-8000-000000000{n}\tDuration: {n}.34 ms\tBilled Duration: {n} ms\tMemory Size: 256 MB\tMax Memory Used: {n} MB\tInit Duration: 1{n}.5 ms\t\nXRAY TraceId: 1-5f84c7a1-{n}000000000000000000000\tSegmentId: {n}a\tSampled: true",
    columns: Cow::Borrowed(COLUMNS),
    statistics: &[column::TIME, "type", "duration_ms", "billed_duration_ms"],
    needles: &["request_id", "trace_id", "type", "log_group"],
    distinct: &["request_id"],
    views: &[],
    examples: &[
        (
            "Memory that nobody needs",
            "SELECT log_group, max(memory_size_mb) AS has, max(max_memory_used_mb) AS used, count(*) AS calls\nFROM lambda WHERE type = 'platform.report' GROUP BY 1 ORDER BY has - used DESC",
        ),
        (
            "Cold starts",
            "SELECT log_group, count(init_duration_ms) AS cold, count(*) AS calls, avg(init_duration_ms) AS init_ms\nFROM lambda WHERE type = 'platform.report' GROUP BY 1 ORDER BY 2 DESC",
        ),
    ],
    flat_copies: &[],
};

fn head(head: &Head<'_>) -> bool {
    match head.line.starts_with('{') {
        true => head.value("type").is_some_and(|ty| ty.starts_with("\"platform.")),
        false => true,
    }
}

macro_rules! request {
    () => {
        r"(?<request_id>[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F-]{4,27})"
    };
}

const PATTERNS: &[&str] = &[
    concat!(r"(?s)^(?<word>START) RequestId: ", request!(), r"(?: Version: (?<version>\S+))?\s*$"),
    concat!(r"(?s)^(?<word>END) RequestId: ", request!(), r"\s*$"),
    concat!(
        r"(?s)^(?<word>REPORT) RequestId: ",
        request!(),
        r"\s*(?<pairs>.*?)\s*(?:XRAY TraceId: (?<trace_id>\S*)\s*(?<segment>.*))?$"
    ),
    r"(?s)^(?<word>INIT_REPORT|RESTORE_REPORT) (?<pairs>[A-Z][A-Za-z ]+: .*)$",
    concat!(
        r"(?s)^(?<word>INIT_START|RESTORE_START) Runtime Version: (?<runtime_version>\S+)",
        r"(?:\s+Runtime Version ARN: (?<runtime_version_arn>\S+))?\s*(?<pairs>.*)$"
    ),
    r"(?s)^(?<word>EXTENSION|TELEMETRY|LOGS)\s+(?<pairs>Name: .*)$",
    concat!(
        r"(?s)^(?:(?<time>\d{4}-\d\d-\d\dT[\d:.]+Z) )?",
        request!(),
        r" (?<message>(?<word>Task (?<late>timed out)) after .*)$"
    ),
    concat!(
        "(?s)^RequestId: ",
        request!(),
        r" (?<message>(?:Error: )?(?<word>Runtime exited|Process exited|Extension exited|Task (?<late>timed out))",
        r"[^\n]*(?:\n(?<error_type>[A-Z][\w.]*))?.*)$"
    ),
];

const WITHIN: &[Within] = &[
    Within { of: "word", reading: Reading::Words("type", WORDS) },
    Within { of: "late", reading: Reading::Words("status", &[("timed out", "timeout")]) },
    Within { of: "pairs", reading: Reading::Pairs(PAIR) },
    Within { of: "segment", reading: Reading::Pairs(PAIR) },
    // Of JSON's `tracing`.
    Within {
        of: "value",
        reading: Reading::Groups(
            r"^(?:Root=)?(?<trace_id>[^;]*)(?:;Parent=(?<parent>[^;]*))?(?:;Sampled=(?<sampled>[^;]*))?",
        ),
    },
];

/// `Billed Duration: 13 ms`, then a tab.
const PAIR: &str =
    r"(?<key>[A-Z][A-Za-z ]*): (?<value>[^\t\n]*?)(?: (?<unit>ms|MB))?\s*(?:[\t\n]|$)";

/// The text's words, as JSON calls them.
const WORDS: &[(&str, &str)] = &[
    ("START", "platform.start"),
    ("END", "platform.end"),
    ("REPORT", "platform.report"),
    ("INIT_START", "platform.initStart"),
    ("INIT_REPORT", "platform.initReport"),
    ("RESTORE_START", "platform.restoreStart"),
    ("RESTORE_REPORT", "platform.restoreReport"),
    ("EXTENSION", "platform.extension"),
    ("TELEMETRY", "platform.telemetrySubscription"),
    ("LOGS", "platform.logsSubscription"),
    ("Runtime exited", "platform.fault"),
    ("Process exited", "platform.fault"),
    ("Extension exited", "platform.fault"),
    ("Task timed out", "platform.fault"),
];

const COLUMNS: &[Column] = &[
    Column::text("time", "time", "When, where the record says it; also `_time`.").role(Role::Time),
    Column::text(
        "type",
        "type",
        "What: `platform.start`, `platform.report` and so on, for text, too.",
    )
    .role(Role::Facet),
    Column::text("request_id", "requestId", "The invocation."),
    Column::text("version", "version", "The function's version: `$LATEST`, `7`.").role(Role::Facet),
    Column::text(
        "status",
        "status",
        "`success`, `error`, `failure`, `timeout`; text says only what is bad.",
    )
    .role(Role::Facet),
    Column::new("duration_ms", "durationMs", ColumnType::Double, "How long it ran."),
    Column::new("billed_duration_ms", "billedDurationMs", ColumnType::Double, "What is paid for."),
    Column::new(
        "memory_size_mb",
        "memorySizeMB",
        ColumnType::Long,
        "Memory that the function has.",
    ),
    Column::new("max_memory_used_mb", "maxMemoryUsedMB", ColumnType::Long, "Memory that it used."),
    Column::new(
        "init_duration_ms",
        "initDurationMs",
        ColumnType::Double,
        "How long its start took, of a cold start only.",
    ),
    Column::new(
        "restore_duration_ms",
        "restoreDurationMs",
        ColumnType::Double,
        "How long restoring took, of a start from a snapshot only.",
    ),
    Column::text("phase", "phase", "Of a start: `init` or `invoke`."),
    Column::text("error_type", "errorType", "What went wrong: `Runtime.ExitError`.")
        .role(Role::Facet),
    Column::text("trace_id", "", "X-Ray's trace."),
    Column::text("runtime_version", "runtimeVersion", "The runtime.").role(Role::Facet),
    Column::text("runtime_version_arn", "runtimeVersionArn", "The runtime's ARN."),
    Column::text("message", "record", "What is said of a failure."),
    Column::text("log_group", "", "The log group: `/aws/lambda/` and the function's name.")
        .role(Role::Source),
    Column::text("log_stream", "", "The log stream: the version and one of its environments.")
        .role(Role::Stream),
];

#[cfg(test)]
#[path = "lambda_tests.rs"]
mod tests;
