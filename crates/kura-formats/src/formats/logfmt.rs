//! Lines of `key=value` pairs.

use std::borrow::Cow;

use kura_core::table::column;

use super::converted::{ConvertedFormat, Row, closing_quote};
use super::delimited::not_an_event;
use super::written_time::parse_loose_time;
use super::{Decoded, Description, Head, RawRecord};
use crate::columns::{Column, ColumnType, Role};
use crate::extra::Path;
use crate::framing::Framing;
use crate::reject::Reject;

const NAME: &str = "logfmt";

pub const FORMAT: ConvertedFormat = ConvertedFormat {
    description: Description {
        name: Cow::Borrowed(NAME),
        title: "Lines of key=value pairs (logfmt)",
        about: include_str!("logfmt.md"),
        source: "https://brandur.org/logfmt",
        sample: r#"time=2026-11-20T10:00:00.{n}Z level=info msg="request served" component=api method=GET path=/orders/{n} status=200 duration={n}.5ms trace_id=4bf92f{n}"#,
        columns: Cow::Borrowed(COLUMNS),
        statistics: &[column::TIME],
        needles: &["trace_id", "span_id", "request_id", "component"],
        distinct: &["msg"],
        views: &[],
        examples: &[
            (
                "Errors by component",
                "SELECT component, msg, count(*) AS errors FROM logfmt\nWHERE level = 'error' GROUP BY 1, 2 ORDER BY 3 DESC LIMIT 20",
            ),
            (
                "Everything of one trace",
                "SELECT _time, component, level, msg FROM logfmt\nWHERE trace_id = '4bf92f3577b34da6a3ce929d0e0e4736' ORDER BY _time",
            ),
        ],
        flat_copies: &[],
    },
    columns: COLUMNS,
    framing: || Framing::Lines,
    key: |_| None,
    head,
    convert,
};

const COLUMNS: &[Column] = &[
    Column::text("time", "", "When it was written, as written; also `_time`.").role(Role::Time),
    Column::text("level", "", "How bad it is, as written.").role(Role::Facet),
    Column::text("msg", "", "What it says."),
    Column::text("logger", "", "The logger that said it.").role(Role::Facet),
    Column::text("caller", "", "The place in the source."),
    Column::text("component", "", "The component.").role(Role::Facet),
    Column::text("service", "", "The service.").role(Role::Facet),
    Column::text("host", "", "The host."),
    Column::text("error", "", "The error."),
    Column::text("trace_id", "", "The trace it belongs to."),
    Column::text("span_id", "", "The span it belongs to."),
    Column::text("request_id", "", "The request it belongs to."),
    Column::text("method", "", "The request's method.").role(Role::Facet),
    Column::text("path", "", "The request's path or URL.").role(Role::Resource),
    Column::new("status", "", ColumnType::Int, "The answer's status.").role(Role::Facet),
    Column::text("duration", "", "How long it took, with its unit."),
    Column::text("source", "", "What wrote it, if an envelope says so.").role(Role::Source),
    Column::text("stream", "", "In which stream, if an envelope says so.").role(Role::Stream),
];

/// The keys of columns that have several.
const KEYS: &[(&str, &[&str])] = &[
    ("time", &["time", "ts", "t", "timestamp", "@timestamp", "datetime"]),
    ("level", &["level", "lvl", "severity", "loglevel"]),
    ("msg", &["msg", "message"]),
    ("logger", &["logger", "log.logger"]),
    ("caller", &["caller", "file", "source_location"]),
    ("component", &["component", "module", "subsys"]),
    ("service", &["service", "app", "svc"]),
    ("host", &["host", "hostname"]),
    ("error", &["error", "err"]),
    ("trace_id", &["trace_id", "traceid", "traceID", "traceId", "trace"]),
    ("span_id", &["span_id", "spanid", "spanID", "spanId", "span"]),
    ("request_id", &["request_id", "requestid", "requestID", "requestId", "req_id"]),
    ("method", &["method", "http_method"]),
    ("path", &["path", "uri", "url"]),
    ("status", &["status", "status_code", "statusCode"]),
    ("duration", &["duration", "dur", "elapsed", "took", "latency"]),
];

fn column_of(key: &str) -> Option<&'static str> {
    KEYS.iter().find(|(_, keys)| keys.contains(&key)).map(|(column, _)| *column)
}

/// A key, and its value if it has one.
type Pair<'a> = (&'a str, Option<Cow<'a, str>>);

/// The pair that the line begins with, and what stands behind it; `None` if none does.
fn pair(line: &str) -> Option<(Pair<'_>, &str)> {
    let line = line.trim_start();
    let end = line.find(['=', ' ', '\t', '"']).unwrap_or(line.len());
    let (key, rest) = line.split_at(end);
    if key.is_empty() || rest.starts_with('"') {
        return None;
    }
    let Some(value) = rest.strip_prefix('=') else { return Some(((key, None), rest)) };
    if let Some(quoted) = value.strip_prefix('"') {
        let end = closing_quote(quoted)?;
        let (text, rest) = quoted.split_at(end);
        return Some(((key, Some(unescaped(text))), &rest[1..]));
    }
    let end = value.find([' ', '\t']).unwrap_or(value.len());
    let (text, rest) = value.split_at(end);
    Some(((key, Some(Cow::Borrowed(text))), rest))
}

/// As Go writes texts: what is no escape stays as it is.
fn unescaped(text: &str) -> Cow<'_, str> {
    if !text.contains('\\') {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text.chars();
    while let Some(character) = rest.next() {
        if character != '\\' {
            out.push(character);
            continue;
        }
        match rest.next() {
            Some('n') => out.push('\n'),
            Some('r') => out.push('\r'),
            Some('t') => out.push('\t'),
            Some(same @ ('"' | '\\')) => out.push(same),
            other => {
                out.push('\\');
                out.extend(other);
            }
        }
    }
    Cow::Owned(out)
}

fn convert(record: RawRecord<'_>, row: &mut Row<'_>) -> Result<Decoded, Reject> {
    let mut rest = record.text()?.trim();
    let mut valued = 0;
    while !rest.is_empty() {
        let Some(((key, value), after)) = pair(rest) else {
            // What is broken from here on is kept as it is.
            row.keep_text("rest", rest);
            break;
        };
        valued += usize::from(value.is_some());
        match (value, column_of(key)) {
            (None, _) => row.keep(&Path::new(key), "true"),
            (Some(value), Some(column)) => row.put_once(column, key, &value),
            (Some(value), None) => row.keep_text(key, &value),
        }
        rest = after.trim_start();
    }
    if valued == 0 {
        return not_an_event("no `key=value`");
    }
    row.time = row.text("time").and_then(|time| parse_loose_time(time, row.arrival));
    Ok(Decoded::Row)
}

/// The first line is nothing but pairs, three at least, and one of them says when, how bad,
/// or what. An audit log of Linux looks like that, too.
fn head(head: &Head<'_>) -> bool {
    let mut rest = head.line.trim();
    let (mut pairs, mut known) = (0, false);
    if rest.starts_with("type=") && rest.contains(" msg=audit(") {
        return false;
    }
    while !rest.is_empty() {
        let Some(((key, Some(_)), after)) = pair(rest) else { return false };
        let is_name = |c: char| c.is_alphanumeric() || "_-.@/".contains(c);
        if !key.chars().all(is_name) {
            return false;
        }
        pairs += 1;
        known |= matches!(column_of(key), Some("time" | "level" | "msg"));
        rest = after.trim_start();
    }
    pairs >= 3 && known
}

#[cfg(test)]
#[path = "logfmt_tests.rs"]
mod tests;
