//! Windows events in XML: an event's leaves, by their paths, and the columns they belong to.

use std::borrow::Cow;

use quick_xml::Reader;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesRef, BytesStart, Event};

use super::converted::Row;
use super::delimited::not_an_event;
use crate::json::push_quoted;
use crate::reject::{Reason, Reject};

/// Elements within each other, and leaves of one event.
const DEPTH_MAX: usize = 64;
const LEAVES_MAX: usize = 10_000;

/// The columns of leaves, what is nearer to a person first: a number that means the same is left over.
const PLACES: &[(&str, &str)] = &[
    ("System/Provider@Name", "provider"),
    ("System/Provider@Guid", "provider_guid"),
    ("System/Channel", "channel"),
    ("System/EventID", "event_id"),
    ("System/Version", "version"),
    ("RenderingInfo/Level", "level"),
    ("System/Level", "level"),
    ("RenderingInfo/Task", "task"),
    ("System/Task", "task"),
    ("RenderingInfo/Opcode", "opcode"),
    ("System/Opcode", "opcode"),
    ("System/Keywords", "keywords"),
    ("System/Computer", "computer"),
    ("System/EventRecordID", "record_id"),
    ("System/Security@UserID", "user_sid"),
    ("System/TimeCreated@SystemTime", "time_created"),
    ("RenderingInfo/Message", "message"),
    ("System/Execution@ProcessID", "process_id"),
    ("System/Execution@ThreadID", "thread_id"),
    ("System/Correlation@ActivityID", "activity_id"),
];

/// A text or an attribute, and where it stood below the event.
struct Leaf {
    /// `System/Provider@Name`.
    path: String,
    /// The attribute `Name` of the element, if it has one.
    name: Option<String>,
    text: String,
}

/// Puts the event that `text` begins with; only the end of a list of events may follow.
pub fn convert_xml(text: &str, row: &mut Row<'_>) -> Result<(), Reject> {
    let mut leaves = leaves(text)?;
    if !leaves.iter().any(|leaf| leaf.path.starts_with("System/")) {
        return not_an_event("no `System` part");
    }
    for (path, column) in PLACES {
        let at = leaves.iter().position(|leaf| leaf.path == *path);
        if let Some(at) = at.filter(|_| !row.has(column)) {
            let leaf = leaves.remove(at);
            let value = if *column == "level" { level_name(&leaf.text) } else { &leaf.text };
            row.put(column, value);
        }
    }
    put_data(row, &mut leaves);
    for leaf in leaves {
        row.keep_text(&leaf.path, &leaf.text);
    }
    Ok(())
}

/// The word for a level's number.
pub fn level_name(level: &str) -> &str {
    match level {
        "0" => "LogAlways",
        "1" => "Critical",
        "2" => "Error",
        "3" => "Warning",
        "4" => "Information",
        "5" => "Verbose",
        word => word,
    }
}

/// What the event says for itself, as an object: in `EventData` by the names there, in
/// `UserData` by those of the elements. A name that comes again is numbered.
fn put_data(row: &mut Row<'_>, leaves: &mut Vec<Leaf>) {
    let is_data =
        |leaf: &mut Leaf| leaf.path.starts_with("EventData/") || leaf.path.starts_with("UserData/");
    let mut data: Vec<Leaf> = leaves.extract_if(.., is_data).collect();
    data.retain(|leaf| leaf.path != "EventData/Data@Name");
    if data.is_empty() {
        return;
    }
    let mut names: Vec<String> = Vec::with_capacity(data.len());
    let mut unnamed = 0;
    let mut out = String::from("{");
    for leaf in &data {
        let element = leaf.path.rsplit('/').next().unwrap_or_default();
        let name = match &leaf.name {
            Some(name) => name.clone(),
            None if leaf.path == "EventData/Data" => {
                unnamed += 1;
                format!("param{unnamed}")
            }
            None => element.to_owned(),
        };
        let times = names.iter().filter(|known| **known == name).count();
        out.push_str(if names.is_empty() { "" } else { "," });
        push_quoted(
            &mut out,
            &if times > 0 { format!("{name}_{}", times + 1) } else { name.clone() },
        );
        out.push(':');
        push_quoted(&mut out, &leaf.text);
        names.push(name);
    }
    out.push('}');
    row.put("event_data", &out);
}

/// An element that is open.
struct Open {
    name: String,
    /// Its attribute `Name`.
    called: Option<String>,
    text: String,
    has_parts: bool,
}

fn leaves(text: &str) -> Result<Vec<Leaf>, Reject> {
    let mut reader = Reader::from_str(text);
    let mut open: Vec<Open> = Vec::new();
    let mut leaves = Vec::new();
    loop {
        let event = reader.read_event().map_err(|error| broken(&error.to_string()))?;
        match event {
            Event::Start(element) => begin(&element, &mut open, &mut leaves)?,
            Event::Empty(element) => {
                begin(&element, &mut open, &mut leaves)?;
                end(&mut open, &mut leaves);
            }
            Event::End(_) => end(&mut open, &mut leaves),
            Event::Text(part) => add(&mut open, &String::from_utf8_lossy(&part)),
            Event::CData(part) => add(&mut open, &String::from_utf8_lossy(&part)),
            Event::GeneralRef(part) => add(&mut open, &resolved(&part)),
            Event::Eof => return Err(Reject::new(Reason::Truncated, "the event has no end")),
            _ => {}
        }
        if open.is_empty() {
            break;
        }
        if open.len() > DEPTH_MAX || leaves.len() > LEAVES_MAX {
            return Err(Reject::new(Reason::TooDeep, "too many elements"));
        }
    }
    let end = usize::try_from(reader.buffer_position()).unwrap_or(text.len());
    match text.get(end..).unwrap_or_default().trim() {
        "" | "</Events>" => Ok(leaves),
        _ => Err(broken("something else stands behind the event")),
    }
}

fn broken(detail: &str) -> Reject {
    Reject::new(Reason::NotAnEvent, format!("broken XML: {detail}"))
}

/// `&amp;`, `&#10;`; what cannot be resolved is kept as it was written.
fn resolved(reference: &BytesRef<'_>) -> String {
    let name = String::from_utf8_lossy(reference);
    let character = reference.resolve_char_ref().ok().flatten();
    let text = character.map(String::from);
    let text = text.or_else(|| resolve_predefined_entity(&name).map(str::to_owned));
    text.unwrap_or_else(|| format!("&{name};"))
}

fn add(open: &mut [Open], text: &str) {
    if let Some(element) = open.last_mut() {
        element.text.push_str(text);
    }
}

/// The place of the innermost element, below the event itself.
fn path(open: &[Open]) -> String {
    let names: Vec<&str> = open.iter().skip(1).map(|element| &element.name[..]).collect();
    names.join("/")
}

fn begin(
    element: &BytesStart<'_>,
    open: &mut Vec<Open>,
    leaves: &mut Vec<Leaf>,
) -> Result<(), Reject> {
    let name = String::from_utf8_lossy(element.local_name().as_ref()).into_owned();
    if open.is_empty() && name != "Event" {
        return Err(broken("it does not begin with an event"));
    }
    if let Some(above) = open.last_mut() {
        above.has_parts = true;
    }
    open.push(Open { name, called: None, text: String::new(), has_parts: false });
    for attribute in element.attributes() {
        let attribute = attribute.map_err(|error| broken(&error.to_string()))?;
        let key = String::from_utf8_lossy(attribute.key.as_ref()).into_owned();
        if key == "xmlns" || key.starts_with("xmlns:") {
            continue;
        }
        let raw = String::from_utf8_lossy(&attribute.value);
        let value = quick_xml::escape::unescape(&raw).unwrap_or(Cow::Borrowed(&raw));
        let at = format!("{}@{key}", path(open));
        if let Some(last) = open.last_mut().filter(|_| key == "Name") {
            last.called = Some(value.clone().into_owned());
        }
        leaves.push(Leaf { path: at, name: None, text: value.into_owned() });
    }
    Ok(())
}

/// An element with parts has no text of its own but what stands between them.
fn end(open: &mut Vec<Open>, leaves: &mut Vec<Leaf>) {
    let path = path(open);
    let Some(element) = open.pop() else { return };
    let text = match element.has_parts {
        true => element.text.trim().to_owned(),
        false => element.text,
    };
    let is_value = !text.is_empty() || (path == "EventData/Data" && !element.has_parts);
    if is_value {
        leaves.push(Leaf { path, name: element.called, text });
    }
}
