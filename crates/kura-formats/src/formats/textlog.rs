//! Lines of text with a time in front, of any kind that nothing else knows.

use std::borrow::Cow;
use std::sync::Arc;

use kura_core::table::column;
use regex::bytes::Regex;

use super::pattern::{PatternFormat, Patterns};
use super::written_time::WrittenTime;
use super::{Decoder, Description, Format, Head, HeadSays, KeySays};
use crate::columns::{Column, Role};
use crate::framing::Framing;

const NAME: &str = "textlog";

/// Times at the beginning of a line.
macro_rules! time {
    () => {
        concat!(
            r"(?:\d{4}[-/.]\d\d[-/.]\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?: ?(?:Z|UTC|[+-]\d\d:?\d\d)\b)?",
            r"|\d{1,2}/(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)/\d{4}[: ]\d\d:\d\d:\d\d(?:\.\d{1,9})?(?: [+-]\d{4})?",
            r"|\d{1,2}-(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)-\d{4} \d\d:\d\d:\d\d(?:\.\d{1,9})?",
            r"|(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),? )?(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) [ \d]?\d,? (?:\d{4} )?\d{1,2}:\d\d:\d\d(?:\.\d{1,9})?(?: (?:UTC )?\d{4}| [AP]M)?",
            r"|\d\d/\d\d/\d{4} \d{1,2}:\d\d:\d\d(?:\.\d{1,9})?(?: [AP]M)?)"
        )
    };
}
/// `I1120 10:00:00.123456`: level, month and day.
macro_rules! klog {
    () => {
        r"(?:0[1-9]|1[0-2])[0-3]\d \d\d:\d\d:\d\d\.\d{1,6}"
    };
}
/// Soon behind the time, in the same line.
macro_rules! level {
    () => {
        r"[^\n]{0,80}?\b(?<level>TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|ERR|CRIT|CRITICAL|FATAL|SEVERE|PANIC|ALERT|EMERG)\b"
    };
}
/// `[error]`, or `[core:error]` as Apache writes it.
macro_rules! level_in_brackets {
    () => {
        r"[^\n]{0,80}?[\[<(](?:\w+:)?(?<level>(?i:trace\d?|debug|info|notice|warn|warning|error|err|crit|critical|fatal|severe|panic|alert|emerg))[\])>]"
    };
}

const BEGINS: &str = concat!(r"^[\[(]?", time!(), r"|^[IWEF]", klog!());
const PATTERNS: &[&str] = &[
    concat!(r"(?s)^(?<message>(?<level>[IWEF])(?<time>", klog!(), r").*)$"),
    concat!(r"(?s)^(?<message>[\[(]?(?<time>", time!(), ")", level!(), ".*)$"),
    concat!(r"(?s)^(?<message>[\[(]?(?<time>", time!(), ")", level_in_brackets!(), ".*)$"),
    concat!(r"(?s)^(?<message>[\[(]?(?<time>", time!(), ").*)$"),
    r"(?s)^(?<message>.*)$",
];

/// Of patterns that stand in the code.
///
/// # Panics
/// If one of them is none, which every test would show.
pub fn format() -> Arc<dyn Format> {
    let begins = Regex::new(BEGINS).expect("a pattern in the code");
    Arc::new(TextLog { format: PatternFormat::built_in(patterns()), begins })
}

fn patterns() -> Patterns {
    Patterns {
        description: Description {
            name: Cow::Borrowed(NAME),
            title: "Application logs in text",
            about: include_str!("textlog.md"),
            source: "https://www.rfc-editor.org/rfc/rfc3339",
            sample: "2026-11-20 10:00:00,{n} ERROR [worker-1] orders.db: query {n} failed\nTimeout: after 30 s\n\tat orders.db.Query.run(Query.java:{n})",
            columns: Cow::Borrowed(COLUMNS),
            statistics: &[column::TIME],
            needles: &["source", "stream"],
            distinct: &["message"],
            views: &[],
            examples: &[
                (
                    "Errors by hour",
                    "SELECT date_trunc('hour', _time) AS hour, level, count(*) AS records FROM textlog\nWHERE level IN ('ERROR', 'FATAL', 'SEVERE') GROUP BY 1, 2 ORDER BY 1",
                ),
                (
                    "Traces of one exception",
                    "SELECT _time, source, message FROM textlog\nWHERE message LIKE '%TimeoutException%' ORDER BY _time DESC LIMIT 20",
                ),
            ],
            flat_copies: &[],
        },
        patterns: PATTERNS,
        begins: Some(BEGINS),
        time: WrittenTime::Loose,
        key: |_| None,
        head: |_| true,
    }
}

const COLUMNS: &[Column] = &[
    Column::text("time", "", "When it was written, as written; also `_time`.").role(Role::Time),
    Column::text("level", "", "How bad it is, as written, if it says so near its beginning.")
        .role(Role::Facet),
    Column::text("message", "", "The whole record."),
    Column::text("source", "", "What wrote it, if an envelope says so.").role(Role::Source),
    Column::text("stream", "", "In which stream, if an envelope says so.").role(Role::Stream),
];

/// A format of patterns in which every text is a record.
#[derive(Debug)]
struct TextLog {
    format: Arc<dyn Format>,
    begins: Regex,
}

impl Format for TextLog {
    fn description(&self) -> &Description {
        self.format.description()
    }

    fn recognise_key(&self, _path: &str) -> Option<KeySays> {
        None
    }

    /// A time alone is no record: something is said.
    fn recognise_head(&self, head: &Head<'_>) -> Option<HeadSays> {
        let found = self.begins.find(head.line.as_bytes())?;
        let rest = head.line.as_bytes().get(found.end()..).unwrap_or_default();
        let is_said = rest.iter().any(u8::is_ascii_alphabetic);
        let is_apart = rest.first().is_some_and(|byte| b" \t]):|,-;".contains(byte));
        (head.entries.is_empty() && is_said && is_apart).then_some(HeadSays::Records)
    }

    fn framing(&self) -> Framing {
        Framing::LinesThenBlocks(self.begins.clone())
    }

    fn decoder(&self) -> Box<dyn Decoder> {
        self.format.decoder()
    }
}

#[cfg(test)]
#[path = "textlog_tests.rs"]
mod tests;
