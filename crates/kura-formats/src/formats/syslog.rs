//! Syslog in its old form (RFC 3164), in the new one (RFC 5424), and as daemons write it to
//! files.

use std::borrow::Cow;
use std::sync::LazyLock;

use kura_core::table::column;
use regex::Regex;

use super::converted::{ConvertedFormat, Row, closing_quote};
use super::delimited::not_an_event;
use super::text_pattern::TextPattern;
use super::written_time::parse_loose_time;
use super::{Decoded, Description, Head, RawRecord};
use crate::columns::{Column, ColumnType, Role};
use crate::framing::Framing;
use crate::json::push_quoted;
use crate::reject::Reject;

const NAME: &str = "syslog";

pub const FORMAT: ConvertedFormat = ConvertedFormat {
    description: Description {
        name: Cow::Borrowed(NAME),
        title: "Syslog (RFC 3164, RFC 5424)",
        about: include_str!("syslog.md"),
        source: "https://www.rfc-editor.org/rfc/rfc5424",
        sample: r#"<165>1 2026-11-20T10:00:00.{n}Z web-{n}.example.com orders 4{n} ID47 [origin@32473 ip="192.0.2.{n}"] order {n} shipped"#,
        columns: Cow::Borrowed(COLUMNS),
        statistics: &[column::TIME, "severity_code"],
        needles: &["hostname", "appname", "procid"],
        distinct: &["message"],
        views: &[],
        examples: &[
            (
                "Who failed to log in, and how often?",
                "SELECT hostname, message, count(*) AS times FROM syslog\nWHERE appname = 'sshd' AND message LIKE 'Failed %' GROUP BY 1, 2 ORDER BY 3 DESC LIMIT 20",
            ),
            (
                "Programs that say the most",
                "SELECT hostname, appname, count(*) AS messages FROM syslog GROUP BY 1, 2 ORDER BY 3 DESC LIMIT 20",
            ),
        ],
        flat_copies: &[],
    },
    columns: COLUMNS,
    framing: || Framing::Blocks(BEGINS.clone()),
    key: |_| None,
    head,
    convert,
};

/// Named as RFC 5424 names the parts.
const COLUMNS: &[Column] = &[
    Column::text("facility", "", "What kind of program wrote it, by its number in `<PRI>`.")
        .role(Role::Facet),
    Column::new("facility_code", "", ColumnType::Int, "The facility's number, 0 to 23."),
    Column::text("severity", "", "How bad it is, by its number in `<PRI>`: `emerg` to `debug`.")
        .role(Role::Facet),
    Column::new("severity_code", "", ColumnType::Int, "The severity's number, 0 is the worst."),
    Column::new("version", "", ColumnType::Int, "1 in the form of RFC 5424."),
    Column::text("timestamp", "", "When it was written, as written; also `_time`.")
        .role(Role::Time),
    Column::text("hostname", "", "The host that wrote it.").role(Role::Source),
    Column::text("appname", "", "The program.").role(Role::Facet),
    Column::text("procid", "", "Its process id."),
    Column::text("msgid", "", "The kind of message."),
    Column::json("structured_data", "", "Structured data: an object of objects of texts."),
    Column::text("message", "", "What it says."),
];

const FACILITIES: [&str; 24] = [
    "kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron", "authpriv",
    "ftp", "ntp", "audit", "alert", "clock", "local0", "local1", "local2", "local3", "local4",
    "local5", "local6", "local7",
];
const SEVERITIES: [&str; 8] =
    ["emerg", "alert", "crit", "err", "warning", "notice", "info", "debug"];

/// `Nov 20 10:00:00`, also with a year or a fraction.
macro_rules! old_time {
    () => {
        r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) [ \d]?\d (?:\d{4} )?\d\d:\d\d:\d\d(?:\.\d{1,9})?"
    };
}
macro_rules! rfc3339 {
    () => {
        r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?"
    };
}

/// Over TCP a message may have its length in front.
static BEGINS: LazyLock<regex::bytes::Regex> = LazyLock::new(|| {
    let begins =
        concat!(r"^(?:(?:\d{1,6} )?<\d{1,3}>|", old_time!(), r"(?:[ :]|$)|", rfc3339!(), " )");
    regex::bytes::Regex::new(begins).expect("a pattern")
});
static NEW_FORM: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"(?s)^(?:\d{1,6} )?<(?<pri>\d{1,3})>(?<version>[1-9]\d{0,2}) (?<timestamp>-|",
        rfc3339!(),
        r") (?<hostname>\S+) (?<appname>\S+) (?<procid>\S+) (?<msgid>\S+) (?<rest>.*)$"
    ))
});
static OLD_FORM: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"(?s)^(?:\d{1,6} )?(?:<(?<pri>\d{1,3})>)?(?:(?<timestamp>",
        old_time!(),
        "|",
        rfc3339!(),
        r"):? )?(?<rest>.*)$"
    ))
});
/// An address of version 6 is the only host with colons in it.
macro_rules! host_and_tag {
    () => {
        concat!(
            r"(?:(?<hostname>[0-9A-Fa-f]*:[0-9A-Fa-f:.]*[0-9A-Fa-f]|[^\s:\[\]=<>]+) )?",
            r"(?<appname>[^\s:\[\]]{1,128}(?::[^\s:\[\]]+)?)(?:\[(?<procid>[^\[\]\s]{1,64})\](?: \((?<service>[^()\s]+)\))?)?",
            r":(?: (?<message>.*)|(?<nothing>))$"
        )
    };
}
static HOST_AND_TAG: LazyLock<Regex> = LazyLock::new(|| pattern(concat!("(?s)^", host_and_tag!())));
/// The old form with a time, and a tag behind it.
static TAGGED: LazyLock<TextPattern> = LazyLock::new(|| {
    let tagged = concat!(
        r"(?s)^(?:\d{1,6} )?(?:<\d{1,3}>)?(?:",
        old_time!(),
        "|",
        rfc3339!(),
        "):? ",
        host_and_tag!()
    );
    TextPattern::new(tagged).expect("a pattern in the code")
});
/// Applications of desktops have blanks in their names.
static HOST_AND_NAME: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"(?s)^(?<hostname>[^\s\[\]=<>]+) (?<appname>[^\s:\[\]]+(?: [^\s:\[\]]+){1,3})",
        r"\[(?<procid>\d{1,10})\](?: \((?<service>[^()\s]+)\))?:(?: (?<message>.*)|(?<nothing>))$"
    ))
});
/// What daemons themselves say has no tag.
static DAEMON: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?s)^(?:(?<hostname>[^\s:]+) )?(?<message>(?:last message|message) repeated .*|-- MARK --.*)$",
    )
});

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("a pattern in the code")
}

fn convert(record: RawRecord<'_>, row: &mut Row<'_>) -> Result<Decoded, Reject> {
    let text = record.text()?;
    match NEW_FORM.captures(text) {
        Some(parts) => {
            put_named(
                row,
                &parts,
                &["version", "timestamp", "hostname", "appname", "procid", "msgid"],
            );
            put_priority(row, &parts["pri"]);
            put_rest(row, &parts["rest"]);
            Ok(Decoded::Row)
        }
        None => convert_old(text, row),
    }
}

fn convert_old(text: &str, row: &mut Row<'_>) -> Result<Decoded, Reject> {
    let parts = OLD_FORM.captures(text);
    let begun = parts.filter(|p| p.name("timestamp").is_some() || p.name("pri").is_some());
    let Some(parts) = begun else { return not_an_event("neither a time nor `<PRI>`") };
    put_named(row, &parts, &["timestamp"]);
    row.time =
        parts.name("timestamp").and_then(|time| parse_loose_time(time.as_str(), row.arrival));
    if let Some(priority) = parts.name("pri") {
        put_priority(row, priority.as_str());
    }
    let rest = &parts["rest"];
    let said = [&DAEMON, &HOST_AND_TAG, &HOST_AND_NAME];
    if let Some(parts) = said.iter().find_map(|pattern| pattern.captures(rest)) {
        put_named(row, &parts, &["hostname", "appname", "procid", "service", "message"]);
    } else if let Some((host, message)) =
        rest.split_once(' ').filter(|_| parts.name("timestamp").is_some())
    {
        row.put("hostname", host);
        row.put("message", message);
    } else {
        row.put("message", rest);
    }
    Ok(Decoded::Row)
}

fn put_named(row: &mut Row<'_>, parts: &regex::Captures<'_>, names: &[&str]) {
    for name in names {
        let value = parts.name(name).map(|part| part.as_str());
        row.put_option(name, value.filter(|value| *value != "-"));
    }
}

fn put_priority(row: &mut Row<'_>, digits: &str) {
    let priority = digits.parse::<usize>().unwrap_or(usize::MAX);
    let Some(facility) = FACILITIES.get(priority / 8) else {
        return row.keep_text("pri", digits);
    };
    row.put("facility", facility);
    row.put("facility_code", &(priority / 8).to_string());
    row.put("severity", SEVERITIES[priority % 8]);
    row.put("severity_code", &(priority % 8).to_string());
}

/// Structured data, and the message behind it.
fn put_rest(row: &mut Row<'_>, rest: &str) {
    let message = match rest.strip_prefix('-') {
        Some(message) => message,
        None => match structured_data(rest) {
            Some((data, message)) => {
                row.put("structured_data", &data);
                message
            }
            None => rest,
        },
    };
    let message = message.strip_prefix(' ').unwrap_or(message);
    row.put("message", message.strip_prefix('\u{feff}').unwrap_or(message));
}

/// `[id name="value" …]…` as a JSON object of objects, and what stands behind it; `None` if it
/// is not written so.
fn structured_data(text: &str) -> Option<(String, &str)> {
    let mut out = String::from("{");
    let mut rest = text;
    while let Some(element) = rest.strip_prefix('[') {
        let (id, after) = element.split_at(element.find([' ', ']'])?);
        out.push_str(if out.len() > 1 { "," } else { "" });
        push_quoted(&mut out, id);
        out.push_str(":{");
        rest = push_parameters(&mut out, after)?;
        out.push('}');
    }
    out.push('}');
    let is_end = rest.is_empty() || rest.starts_with(' ');
    (out.len() > 2 && is_end).then_some((out, rest))
}

fn push_parameters<'a>(out: &mut String, text: &'a str) -> Option<&'a str> {
    let mut rest = text;
    let mut first = true;
    while let Some(parameter) = rest.strip_prefix(' ') {
        let (name, value) = parameter.trim_start().split_once("=\"")?;
        out.push_str(if std::mem::take(&mut first) { "" } else { "," });
        push_quoted(out, name);
        out.push(':');
        let end = closing_quote(value)?;
        push_quoted(out, &unescaped(&value[..end]));
        rest = &value[end + 1..];
    }
    rest.strip_prefix(']')
}

/// Only quotes, backslashes and brackets are escaped.
fn unescaped(value: &str) -> Cow<'_, str> {
    if !value.contains('\\') {
        return Cow::Borrowed(value);
    }
    let mut out = String::with_capacity(value.len());
    let mut rest = value;
    while let Some(at) = rest.find('\\') {
        let escapes = rest[at + 1..].starts_with(['"', '\\', ']']);
        out.push_str(&rest[..at + usize::from(!escapes)]);
        let next = &rest[at + 1..];
        let taken = next.chars().next().filter(|_| escapes);
        out.extend(taken);
        rest = &next[taken.map_or(0, char::len_utf8)..];
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// Lines of a head that are looked at for more of the same.
const LINES_MAX: usize = 50;

/// Behind a length, which octet counting writes.
const PRIORITY_AT_MAX: usize = 7;

/// Many programs begin their lines with an RFC 3339 time: it is syslog only if a program
/// with a process id, or one that everybody knows, spoke on the same host.
fn head(head: &Head<'_>) -> bool {
    // A length, a priority, a month or a year: asked of every record that comes by stream, which
    // the pattern is too slow for.
    let begins = |first: char| first == '<' || first.is_ascii_digit() || "JFMASOND".contains(first);
    if !head.line.starts_with(begins) {
        return false;
    }
    let has_priority = head.line.bytes().take(PRIORITY_AT_MAX + 1).any(|byte| byte == b'<');
    if has_priority && NEW_FORM.is_match(head.line) {
        return true;
    }
    if !TAGGED.is_match(head.line) {
        return false;
    }
    let Some((time, parts)) = tagged(head.line) else { return false };
    let has_priority = head.line.starts_with('<');
    let is_old_time = time.starts_with(|c: char| c.is_ascii_alphabetic());
    if has_priority || (is_old_time && !is_level(&parts.0)) {
        return true;
    }
    let mut lines = head.text.lines().filter(|line| !line.trim().is_empty()).take(LINES_MAX);
    !is_old_time
        && lines.any(|line| {
            tagged(line).is_some_and(|(_, (host, is_sure))| {
                is_sure && !host.is_empty() && host == parts.0 && !is_level(&host)
            })
        })
}

/// Programs that write to every system's log, some of them without a process id.
const KNOWN_PROGRAMS: [&str; 7] = ["kernel", "sudo", "su", "systemd", "sshd", "CRON", "rsyslogd"];

/// A line's time, its host, and whether its tag can only be syslog's.
fn tagged(line: &str) -> Option<(String, (String, bool))> {
    let parts = OLD_FORM.captures(line)?;
    let time = parts.name("timestamp")?.as_str().to_owned();
    let tag = HOST_AND_TAG.captures(parts.name("rest")?.as_str())?;
    let host = tag.name("hostname").map_or("", |host| host.as_str()).to_owned();
    let is_number = |pid: regex::Match<'_>| pid.as_str().bytes().all(|b| b.is_ascii_digit());
    let is_sure =
        tag.name("procid").is_some_and(is_number) || KNOWN_PROGRAMS.contains(&&tag["appname"]);
    Some((time, (host, is_sure)))
}

/// Words that stand where a host would in logs of programs.
fn is_level(word: &str) -> bool {
    const LEVELS: [&str; 14] = [
        "trace", "debug", "info", "notice", "warn", "warning", "error", "err", "critical", "fatal",
        "severe", "stdout", "stderr", "panic",
    ];
    LEVELS.iter().any(|level| word.eq_ignore_ascii_case(level))
}

#[cfg(test)]
#[path = "syslog_tests.rs"]
mod tests;
