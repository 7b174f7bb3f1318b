//! The journal of systemd, in its export format or as JSON.

use std::borrow::Cow;

use kura_core::table::column;

use super::converted::{ConvertedFormat, Row};
use super::delimited::not_an_event;
use super::{Decoded, Description, Head, RawRecord};
use crate::columns::{Column, ColumnType, Role};
use crate::extra::Path;
use crate::framing::Framing;
use crate::json::{Cursor, Kind, kind_of, unquote};
use crate::reject::{Reason, Reject};

const NAME: &str = "journald";

pub const FORMAT: ConvertedFormat = ConvertedFormat {
    description: Description {
        name: Cow::Borrowed(NAME),
        title: "systemd's journal",
        about: include_str!("journald.md"),
        source: "https://systemd.io/JOURNAL_EXPORT_FORMATS/",
        sample: "__CURSOR=s=0123;i={n};b=4567\n__REALTIME_TIMESTAMP=1795168800000{n}\n_HOSTNAME=web-1\nPRIORITY=6\n_SYSTEMD_UNIT=orders.service\nSYSLOG_IDENTIFIER=orders\n_PID={n}\nMESSAGE=order {n} shipped\n",
        columns: Cow::Borrowed(COLUMNS),
        statistics: &[column::TIME, "priority"],
        needles: &["systemd_unit", "hostname", "syslog_identifier", "container_id"],
        distinct: &["message"],
        views: &[],
        examples: &[
            (
                "Units with the most errors",
                "SELECT hostname, systemd_unit, count(*) AS errors FROM journald\nWHERE priority <= 3 GROUP BY 1, 2 ORDER BY 3 DESC LIMIT 20",
            ),
            (
                "What one unit said last",
                "SELECT _time, priority, message FROM journald\nWHERE systemd_unit = 'sshd.service' ORDER BY _time DESC LIMIT 100",
            ),
        ],
        flat_copies: &[],
    },
    columns: COLUMNS,
    framing: || Framing::JsonOr(Box::new(Framing::Journal)),
    key: |_| None,
    head,
    convert,
};

/// Of two times the later one in this order counts.
const COLUMNS: &[Column] = &[
    Column::text("message", "MESSAGE", "What it says."),
    Column::new("priority", "PRIORITY", ColumnType::Int, "How bad it is: 0 (the worst) to 7.")
        .role(Role::Facet),
    Column::text("systemd_unit", "_SYSTEMD_UNIT", "The unit whose process said it.")
        .role(Role::Source),
    Column::text("hostname", "_HOSTNAME", "The host.").role(Role::Facet),
    Column::text("syslog_identifier", "SYSLOG_IDENTIFIER", "The program, by its own word.")
        .role(Role::Facet),
    Column::new("syslog_facility", "SYSLOG_FACILITY", ColumnType::Int, "Syslog's facility."),
    Column::text("transport", "_TRANSPORT", "`journal`, `stdout`, `syslog`, `kernel`, `audit`.")
        .role(Role::Facet),
    Column::new("pid", "_PID", ColumnType::Long, "The process."),
    Column::new("uid", "_UID", ColumnType::Long, "Its user, by number."),
    Column::new("gid", "_GID", ColumnType::Long, "Its group, by number."),
    Column::text("comm", "_COMM", "Its name.").role(Role::Facet),
    Column::text("exe", "_EXE", "Its executable.").role(Role::Resource),
    Column::text("cmdline", "_CMDLINE", "Its command line."),
    Column::text("systemd_user_unit", "_SYSTEMD_USER_UNIT", "The user's unit it belongs to."),
    Column::text("systemd_slice", "_SYSTEMD_SLICE", "The slice it belongs to."),
    Column::text("systemd_cgroup", "_SYSTEMD_CGROUP", "The control group it belongs to."),
    Column::text("systemd_invocation_id", "_SYSTEMD_INVOCATION_ID", "Which run of the unit."),
    Column::text("audit_session", "_AUDIT_SESSION", "The audit session of the process."),
    Column::new("audit_loginuid", "_AUDIT_LOGINUID", ColumnType::Long, "Who logged in for it."),
    Column::text("selinux_context", "_SELINUX_CONTEXT", "Its SELinux context."),
    Column::text("unit", "UNIT", "The unit that a message of systemd is about."),
    Column::text("message_id", "MESSAGE_ID", "The kind of message, for those that have one."),
    Column::text("code_file", "CODE_FILE", "The source file that said it."),
    Column::new("code_line", "CODE_LINE", ColumnType::Long, "The line in it."),
    Column::text("code_func", "CODE_FUNC", "The function."),
    Column::new("errno", "ERRNO", ColumnType::Int, "The system's error number."),
    Column::text("container_name", "CONTAINER_NAME", "The container, by name.").role(Role::Facet),
    Column::text("container_id", "CONTAINER_ID", "The container, by its short id."),
    Column::text("container_id_full", "CONTAINER_ID_FULL", "The container, by its whole id."),
    Column::text("container_tag", "CONTAINER_TAG", "The container's tag for logs."),
    Column::text("image_name", "IMAGE_NAME", "The container's image.").role(Role::Facet),
    Column::text("boot_id", "_BOOT_ID", "Which boot of the host."),
    Column::text("machine_id", "_MACHINE_ID", "The host, by its id."),
    Column::new(
        "monotonic_timestamp",
        "__MONOTONIC_TIMESTAMP",
        ColumnType::Long,
        "Microseconds since the host was started.",
    ),
    Column::text("cursor", "__CURSOR", "The record's place in the journal.").role(Role::Id),
    Column::new(
        "source_realtime_timestamp",
        "_SOURCE_REALTIME_TIMESTAMP",
        ColumnType::Long,
        "When it was sent, in microseconds since 1970.",
    )
    .role(Role::Time),
    Column::new(
        "realtime_timestamp",
        "__REALTIME_TIMESTAMP",
        ColumnType::Long,
        "When the journal took it, in microseconds since 1970; also `_time`.",
    )
    .role(Role::Time),
];

/// Shippers leave out the journal's own fields and name the record after its parts.
fn head(head: &Head<'_>) -> bool {
    let own = ["_BOOT_ID", "_MACHINE_ID", "_SYSTEMD_UNIT", "_TRANSPORT", "_SYSTEMD_CGROUP"];
    if !head.entries.is_empty() {
        let is_entry = head.has("__REALTIME_TIMESTAMP") || own.iter().any(|key| head.has(key));
        return is_entry && (head.has("MESSAGE") || head.has("__CURSOR"));
    }
    let begins = |line: &str| {
        let key = line.split_once('=').map(|(key, _)| key);
        key.is_some_and(|key| key == "__CURSOR" || key == "__REALTIME_TIMESTAMP")
    };
    head.line.starts_with("__CURSOR=")
        || (is_key(head.line.split('=').next().unwrap_or_default())
            && head.text.trim_start().lines().take_while(|line| !line.is_empty()).any(begins))
}

fn is_key(key: &str) -> bool {
    let of_key = |b: u8| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_';
    !key.is_empty() && key.bytes().all(of_key)
}

fn convert(record: RawRecord<'_>, row: &mut Row<'_>) -> Result<Decoded, Reject> {
    match record.bytes.trim_ascii_start().first() {
        Some(b'{') => convert_json(record.text()?, row),
        _ => convert_export(record.bytes, row),
    }
}

/// The column of a field.
fn column_of(key: &str) -> Option<&'static str> {
    let column = COLUMNS.iter().find(|column| column.key == key)?;
    match &column.name {
        Cow::Borrowed(name) => Some(name),
        Cow::Owned(_) => None,
    }
}

/// A field whose value is any bytes.
fn put_bytes(row: &mut Row<'_>, key: &str, bytes: &[u8]) {
    let column = column_of(key);
    let text = String::from_utf8_lossy(bytes);
    match column {
        Some(column) => row.put_once(column, key, &text),
        None => row.keep_text(key, &text),
    }
    if matches!(text, Cow::Owned(_)) {
        let numbers: Vec<String> = bytes.iter().map(u8::to_string).collect();
        row.keep(&Path::new(key), &format!("[{}]", numbers.join(",")));
    }
}

fn convert_export(bytes: &[u8], row: &mut Row<'_>) -> Result<Decoded, Reject> {
    let mut fields = 0;
    let mut rest = bytes;
    while !rest.is_empty() {
        let Some((key, value, after)) = field(rest) else {
            let line = rest.split(|byte| *byte == b'\n').next().unwrap_or_default();
            let line = String::from_utf8_lossy(line.get(..80).unwrap_or(line)).into_owned();
            return not_an_event(format!("`{line}` is no field"));
        };
        put_bytes(row, key, value);
        fields += 1;
        rest = after;
    }
    match fields {
        0 => not_an_event("no fields"),
        _ => Ok(Decoded::Row),
    }
}

/// The first field, its value, and what stands behind it.
fn field(bytes: &[u8]) -> Option<(&str, &[u8], &[u8])> {
    let end = memchr::memchr(b'\n', bytes).unwrap_or(bytes.len());
    let line = bytes[..end].strip_suffix(b"\r").unwrap_or(&bytes[..end]);
    let after = bytes.get(end + 1..).unwrap_or_default();
    let (key, value, after) = match memchr::memchr(b'=', line) {
        Some(at) => (&line[..at], &line[at + 1..], after),
        None => {
            let (length, data) = after.split_first_chunk::<8>()?;
            let length = usize::try_from(u64::from_le_bytes(*length)).ok()?;
            let value = data.get(..length)?;
            let after = data[length..].strip_prefix(b"\n")?;
            (line, value, after)
        }
    };
    let key = std::str::from_utf8(key).ok().filter(|key| is_key(key))?;
    Some((key, value, after))
}

fn convert_json(text: &str, row: &mut Row<'_>) -> Result<Decoded, Reject> {
    let mut cursor = Cursor::new(text);
    let mut entries = Vec::new();
    let read = cursor.object(|key, value| entries.push((key, value)));
    read.and_then(|()| cursor.end())
        .map_err(|error| Reject::new(Reason::BrokenJson, error.to_string()))?;
    if !entries.iter().any(|(key, _)| column_of(key).is_some()) {
        return not_an_event("none of the journal's fields");
    }
    for (key, value) in entries {
        put_value(row, &key, value);
    }
    Ok(Decoded::Row)
}

/// A list is a field that came several times, or one that is no text, byte by byte.
fn put_value(row: &mut Row<'_>, key: &str, value: &str) {
    let path = Path::new(key);
    match (kind_of(value), column_of(key)) {
        (Kind::String, Some(column)) => row.put_once(column, key, &unquote(value)),
        (Kind::Number | Kind::Bool, Some(column)) => row.put_once(column, key, value),
        (Kind::Array, Some(column)) => {
            let mut items = Vec::new();
            let _ = Cursor::new(value).array(|item| items.push(item));
            let bytes: Option<Vec<u8>> = items.iter().map(|item| item.parse().ok()).collect();
            match (bytes, items.first()) {
                (Some(bytes), _) => put_bytes(row, key, &bytes),
                (None, Some(first)) if kind_of(first) == Kind::String => {
                    row.put_once(column, key, &unquote(first));
                    row.keep(&path, value);
                }
                _ => row.keep(&path, value),
            }
        }
        _ => row.keep(&path, value),
    }
}

#[cfg(test)]
#[path = "journald_tests.rs"]
mod tests;
