//! Events of Windows, as XML or as the JSON of those who ship them.

use std::borrow::Cow;
use std::sync::LazyLock;

use kura_core::table::column;

use super::aliases::{Aliases, Keys, Rest, fill};
use super::converted::{ConvertedFormat, Row};
use super::delimited::not_an_event;
use super::windows_xml::{convert_xml, level_name};
use super::written_time::parse_loose_time;
use super::{Decoded, Description, FlatCopy, Head, RawRecord};
use crate::columns::{Column, ColumnType, Role};
use crate::framing::Framing;
use crate::reject::Reject;

const NAME: &str = "windows";

pub const FORMAT: ConvertedFormat = ConvertedFormat {
    description: Description {
        name: Cow::Borrowed(NAME),
        title: "Windows events",
        about: include_str!("windows.md"),
        source: "https://learn.microsoft.com/en-us/windows/win32/wes/eventschema-schema",
        sample: "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System><Provider Name='Microsoft-Windows-Security-Auditing' Guid='{54849625-5478-4994-a5ba-3e3b0328c30d}'/><EventID>4624</EventID><Version>2</Version><Level>0</Level><Task>12544</Task><Opcode>0</Opcode><Keywords>0x8020000000000000</Keywords><TimeCreated SystemTime='2026-11-20T10:00:00.{n}Z'/><EventRecordID>{n}</EventRecordID><Correlation/><Execution ProcessID='6{n}' ThreadID='7{n}'/><Channel>Security</Channel><Computer>dc-1.example.com</Computer><Security/></System><EventData><Data Name='TargetUserName'>user{n}</Data><Data Name='LogonType'>3</Data></EventData></Event>",
        columns: Cow::Borrowed(COLUMNS),
        statistics: &[column::TIME, "event_id"],
        needles: &[column::PRINCIPAL, "computer", "provider", "channel"],
        distinct: &[],
        views: &[],
        examples: &[
            (
                "Failed logons by computer",
                "SELECT computer, count(*) AS failures FROM windows\nWHERE channel = 'Security' AND event_id = 4625 GROUP BY 1 ORDER BY 2 DESC LIMIT 20",
            ),
            (
                "Services that were installed",
                "SELECT _time, computer, event_data FROM windows\nWHERE provider = 'Service Control Manager' AND event_id = 7045 ORDER BY _time DESC LIMIT 100",
            ),
        ],
        flat_copies: &[FlatCopy { path: &["user_sid"], column: column::PRINCIPAL }],
    },
    columns: COLUMNS,
    framing: || Framing::JsonOr(Box::new(Framing::BeginningWith(XML_BEGINS))),
    key: |_| None,
    head,
    convert,
};

/// An element that is named longer, such as `EventData`, begins no event.
const XML_BEGINS: &[u8] = b"<Event ";

const COLUMNS: &[Column] = &[
    Column::text("provider", "", "The program that wrote it.").role(Role::Facet),
    Column::text("provider_guid", "", "The program's GUID."),
    Column::text("channel", "", "`Security`, `System`, `Application` or another log.")
        .role(Role::Facet),
    Column::new("event_id", "", ColumnType::Long, "The kind of event, within its provider.")
        .role(Role::Facet),
    Column::new("version", "", ColumnType::Int, "The version of the event's shape."),
    Column::text("level", "", "How bad it is: `Critical`, `Error`, `Warning` and so on.")
        .role(Role::Facet),
    Column::text("task", "", "What the provider was at."),
    Column::text("opcode", "", "Which step of it."),
    Column::text("keywords", "", "The provider's keywords: names, or bits."),
    Column::text("computer", "", "The computer it happened on.").role(Role::Source),
    Column::new("record_id", "", ColumnType::Long, "Its number in the channel."),
    Column::text("user_sid", "", "The user the program ran as, by security id.")
        .role(Role::Principal),
    Column::text("time_created", "", "When it was written, as written; also `_time`.")
        .role(Role::Time),
    Column::text("message", "", "The message, where it was rendered."),
    Column::json("event_data", "", "The event's own fields, as JSON."),
    Column::new("process_id", "", ColumnType::Long, "The process that wrote it."),
    Column::new("thread_id", "", ColumnType::Long, "The thread that wrote it."),
    Column::text("activity_id", "", "What it belongs to, by GUID."),
];

/// Keys of Winlogbeat, NXLog, Fluent Bit, Fluentd and PowerShell; and of what makes JSON of XML.
const KEYS: Keys = &[
    (
        "provider",
        &[
            "winlog.provider_name",
            "ProviderName",
            "SourceName",
            "source_name",
            "Event.System.Provider.#attributes.Name",
            "Event.System.Provider.@Name",
            "event.provider",
        ],
    ),
    ("provider_guid", &["winlog.provider_guid", "ProviderGuid", "ProviderId"]),
    ("channel", &["winlog.channel", "Channel", "LogName", "log_name", "Event.System.Channel"]),
    (
        "event_id",
        &[
            "winlog.event_id",
            "EventID",
            "event_id",
            "Event.System.EventID",
            "Event.System.EventID.#text",
            "event.code",
            "Id",
        ],
    ),
    ("version", &["winlog.version", "Version", "Event.System.Version"]),
    (
        "level",
        &["log.level", "LevelDisplayName", "Severity", "Level", "event_type", "Event.System.Level"],
    ),
    (
        "task",
        &[
            "winlog.task",
            "TaskDisplayName",
            "Category",
            "Task",
            "event_category",
            "Event.System.Task",
        ],
    ),
    ("opcode", &["winlog.opcode", "OpcodeDisplayName", "Opcode", "Event.System.Opcode"]),
    ("keywords", &["winlog.keywords", "KeywordsDisplayNames", "Keywords", "Event.System.Keywords"]),
    (
        "computer",
        &[
            "winlog.computer_name",
            "Computer",
            "MachineName",
            "Hostname",
            "computer_name",
            "Event.System.Computer",
        ],
    ),
    (
        "record_id",
        &[
            "winlog.record_id",
            "EventRecordID",
            "RecordNumber",
            "RecordId",
            "record_number",
            "Event.System.EventRecordID",
        ],
    ),
    (
        "user_sid",
        &[
            "winlog.user.identifier",
            "UserID",
            "UserId.Value",
            "Event.System.Security.#attributes.UserID",
            "Event.System.Security.@UserID",
        ],
    ),
    (
        "time_created",
        &[
            "TimeCreated",
            "EventTime",
            "time_generated",
            "winlog.time_created",
            "Event.System.TimeCreated.#attributes.SystemTime",
            "Event.System.TimeCreated.@SystemTime",
            "@timestamp",
        ],
    ),
    ("message", &["message", "Description"]),
    (
        "event_data",
        &[
            "winlog.event_data",
            "EventData",
            "winlog.user_data",
            "UserData",
            "StringInserts",
            "string_inserts",
            "Properties",
            "Event.EventData",
            "Event.UserData",
        ],
    ),
    (
        "process_id",
        &[
            "winlog.process.pid",
            "ExecutionProcessID",
            "ProcessID",
            "Event.System.Execution.#attributes.ProcessID",
            "Event.System.Execution.@ProcessID",
        ],
    ),
    (
        "thread_id",
        &[
            "winlog.process.thread.id",
            "ExecutionThreadID",
            "ThreadID",
            "Event.System.Execution.#attributes.ThreadID",
            "Event.System.Execution.@ThreadID",
        ],
    ),
    ("activity_id", &["winlog.activity_id", "ActivityID"]),
];

static ALIASES: LazyLock<Aliases> = LazyLock::new(|| Aliases::new(KEYS));

fn head(head: &Head<'_>) -> bool {
    if head.entries.is_empty() {
        let text = head.text.trim_start();
        let is_document = text.starts_with("<?xml") || text.starts_with("<Events");
        let begin = text.get(..HEAD_MAX).unwrap_or(text);
        let event = begin.find("<Event ").filter(|at| *at == 0 || is_document);
        return event
            .is_some_and(|at| begin[at..].contains("microsoft.com/win/2004/08/events/event"));
    }
    let any = |keys: &[&str]| keys.iter().any(|key| head.has(key));
    let is_flat = any(&["EventID", "EventId", "event_id", "Id"])
        && any(&["Channel", "LogName", "channel"])
        && any(&["Computer", "MachineName", "Hostname", "computer_name", "ComputerName"]);
    let inside = |key: &str, parts: [&str; 2]| {
        let value = head.value(key).unwrap_or_default();
        parts.iter().all(|part| value.contains(part))
    };
    is_flat
        || inside("winlog", ["\"channel\"", "\"computer_name\""])
        || inside("Event", ["\"System\"", "\"EventRecordID\""])
}

/// An event of an export begins within so many bytes.
const HEAD_MAX: usize = 400;

fn convert(record: RawRecord<'_>, row: &mut Row<'_>) -> Result<Decoded, Reject> {
    let text = record.text()?.trim();
    if is_beginning_of_list(text) {
        return Ok(Decoded::Nothing);
    }
    match text.starts_with('{') {
        true => convert_json(text, row)?,
        false => convert_xml(text, row)?,
    }
    let written = row.text("time_created").map(|text| match text.strip_prefix("/Date(") {
        Some(number) => number.trim_end_matches([')', '/']),
        None => text,
    });
    row.time = written.and_then(|text| parse_loose_time(text, row.arrival));
    Ok(Decoded::Row)
}

/// What stands before the first event of an export.
fn is_beginning_of_list(text: &str) -> bool {
    let begins = text.starts_with("<?xml") || text.starts_with("<Events");
    begins && text.len() < HEAD_MAX && text.ends_with('>')
}

fn convert_json(text: &str, row: &mut Row<'_>) -> Result<(), Reject> {
    fill(row, text, &ALIASES, Rest::Keep)?;
    let level = row.text("level").map(|level| level_name(level).to_owned());
    row.replace("level", level.as_deref());
    if !row.has("event_id") && !row.has("channel") && !row.has("provider") {
        return not_an_event("none of an event's id, channel and provider");
    }
    Ok(())
}

#[cfg(test)]
#[path = "windows_tests.rs"]
mod tests;
