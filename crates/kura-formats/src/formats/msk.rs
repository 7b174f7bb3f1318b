//! Logs of Kafka's brokers, as MSK delivers them, and of MSK Connect's workers.

use std::borrow::Cow;
use std::sync::Arc;

use kura_core::table::column;

use super::object_keys::is_account;
use super::pattern::{Also, PatternFormat, Patterns};
use super::places::{Reading, Within};
use super::written_time::WrittenTime;
use super::{Description, Format, KeyFacts, KeySays};
use crate::columns::{Column, Role};

const NAME: &str = "msk";

pub fn format() -> Arc<dyn Format> {
    PatternFormat::built_in_with(
        Patterns {
            description: DESCRIPTION,
            patterns: PATTERNS,
            begins: Some(BEGINS),
            time: WrittenTime::Forms(Cow::Borrowed(&[Cow::Borrowed("%Y-%m-%d %H:%M:%S,%3f")])),
            key,
            // Programs in Java like to write as Kafka does: only its own classes tell.
            head: |head| {
                let own =
                    ["(kafka.", "(org.apache.kafka.", "(org.apache.zookeeper.", "(state.change."];
                head.line.contains('(') && own.iter().any(|class| head.line.contains(class))
            },
        },
        Also { within: WITHIN, ..Also::default() },
    )
}

const DESCRIPTION: Description = Description {
    name: Cow::Borrowed(NAME),
    title: "Kafka broker logs (MSK)",
    about: include_str!("msk.md"),
    source: "https://docs.aws.amazon.com/msk/latest/developerguide/msk-logging.html",
    sample: "[2026-11-20 10:00:00,{n}] INFO [GroupCoordinator 1]: Stabilized group orders-{n} generation {n} (__consumer_offsets-{n}) (kafka.coordinator.group.GroupCoordinator)",
    columns: Cow::Borrowed(COLUMNS),
    statistics: &[column::TIME, "level"],
    needles: &["component", "logger", column::REGION],
    distinct: &[],
    views: &[],
    examples: &[
        (
            "Warnings and errors by component",
            "SELECT level, component, logger, count(*) AS records FROM msk\nWHERE level IN ('WARN', 'ERROR', 'FATAL') GROUP BY 1, 2, 3 ORDER BY 4 DESC",
        ),
        (
            "Rebalances of consumer groups",
            "SELECT _time, message FROM msk\nWHERE message LIKE '%Preparing to rebalance group%' ORDER BY _time DESC LIMIT 100",
        ),
    ],
    flat_copies: &[],
};

/// `AWSLogs/<account>/KafkaBrokerLogs/<region>/<cluster>/<hour>/Broker-<n>_….log.gz`.
fn key(path: &str) -> Option<KeySays> {
    let (before, rest) = path.split_once("KafkaBrokerLogs/")?;
    let account = before.strip_suffix('/')?.rsplit('/').next().filter(|id| is_account(id));
    let mut parts = rest.split('/');
    let region = parts.next().map(str::to_owned);
    let time = parts.nth(1).and_then(|hour| {
        let start = chrono::NaiveDateTime::parse_from_str(&format!("{hour}:00"), "%Y-%m-%d-%H:%M");
        Some(start.ok()?.and_utc().timestamp_micros())
    });
    Some(KeySays::Records(KeyFacts { account: account.map(str::to_owned), region, time }))
}

/// A worker's name stands before its records.
macro_rules! worker {
    () => {
        r"^(?:\[(?<worker>[Ww]orker-[^\]\s]*)\] )?"
    };
}

const PATTERNS: &[&str] = &[concat!(
    "(?s)",
    worker!(),
    r"\[(?<time>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3})\] (?<level>[A-Z]+)(?:\s+(?<message>.*))?$"
)];

const BEGINS: &str = concat!(
    r"^(?:\[[Ww]orker-[^\]\s]*\] )?",
    r"\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3}\] [A-Z]+(?: |$)"
);

/// The class stands at the first line's end, behind it what the class threw.
const WITH_CLASS: &str = r"^(?:\[(?<component>[^\]\n]+)\]:? )?[^\n]*?\((?<logger>[A-Za-z_][\w.$-]*)(?::(?<line>\d+))?\)\s*(?:\n(?s:.*))?$";

const WITHIN: &[Within] = &[
    Within { of: "message", reading: Reading::Groups(WITH_CLASS) },
    Within { of: "message", reading: Reading::Groups(r"^\[(?<component>[^\]\n]+)\]:? ") },
];

const COLUMNS: &[Column] = &[
    Column::text("time", "", "When, in UTC, as written; also `_time`.").role(Role::Time),
    Column::text("level", "", "`TRACE`, `DEBUG`, `INFO`, `WARN`, `ERROR`, `FATAL`.")
        .role(Role::Facet),
    Column::text("component", "", "The part of the broker: `GroupCoordinator 1`.")
        .role(Role::Facet),
    Column::text("message", "", "What is said, whole, with the trace of an exception."),
    Column::text("logger", "", "The class that wrote it.").role(Role::Facet),
    Column::text("worker", "", "MSK Connect: the worker.").role(Role::Facet),
    Column::text("log_group", "", "The log group that it came from.").role(Role::Source),
    Column::text("log_stream", "", "The log stream, which names cluster and broker.")
        .role(Role::Stream),
];

#[cfg(test)]
#[path = "msk_tests.rs"]
mod tests;
