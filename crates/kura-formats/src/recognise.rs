//! What an object holds: by its key where AWS's layout says so, else by its first record.

use std::sync::Arc;

use crate::formats::{ALL, Format, Head, HeadSays, KeyFacts, KeySays};
use crate::json::Cursor;

/// Bytes of an object (inflated) that recognition looks at.
pub const HEAD_BYTES: usize = 64 << 10;

#[derive(Debug)]
pub enum Recognised {
    Records {
        format: Arc<dyn Format>,
        facts: KeyFacts,
    },
    /// Nothing to import, and what it is instead.
    Nothing(String),
}

/// By the key alone: the object need not be opened.
#[must_use]
pub fn recognise_key(path: &str) -> Option<Recognised> {
    ALL.iter().find_map(|format| {
        Some(match format.recognise_key(path)? {
            KeySays::Records(facts) => Recognised::Records { format: format.clone(), facts },
            KeySays::Nothing(what) => Recognised::Nothing(what.to_owned()),
        })
    })
}

/// What told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    Key,
    Content,
}

/// By key, else by the first bytes of what it holds.
#[must_use]
pub fn recognise(path: &str, head: &[u8]) -> Recognised {
    explain(path, head).0
}

/// What [`recognise`] says, and what told it.
#[must_use]
pub fn explain(path: &str, head: &[u8]) -> (Recognised, By) {
    match recognise_key(path) {
        Some(recognised) => (recognised, By::Key),
        None => (recognise_head(head), By::Content),
    }
}

/// The same by name, for tests to compare.
#[cfg(test)]
pub fn recognised(path: &str, head: &str) -> (String, By) {
    match explain(path, head.as_bytes()) {
        (Recognised::Records { format, .. }, by) => (format.name().to_owned(), by),
        (Recognised::Nothing(what), by) => (what, by),
    }
}

fn recognise_head(head: &[u8]) -> Recognised {
    if head.iter().all(u8::is_ascii_whitespace) {
        return Recognised::Nothing("empty".to_owned());
    }
    let text = valid_prefix(head);
    let line = text.lines().find(|line| !line.trim().is_empty()).unwrap_or("");
    let record = match first_record(text) {
        Ok(record) => Head { text, line, ..record },
        Err(NoRecord::Empty) => return Recognised::Nothing("no records".to_owned()),
        Err(NoRecord::NotJson) => Head { text, line, ..Head::default() },
    };
    for format in ALL.iter() {
        // The first record may be too broken to have keys.
        let marked = || record.entries.is_empty() && format.is_marked(head);
        let says = format.recognise_head(&record);
        let says = says.or_else(|| marked().then_some(HeadSays::Records));
        match says {
            Some(HeadSays::Records) => {
                let facts = KeyFacts::default();
                return Recognised::Records { format: format.clone(), facts };
            }
            Some(HeadSays::Nothing(what)) => return Recognised::Nothing(what.to_owned()),
            None => {}
        }
    }
    Recognised::Nothing("not a log that Kura knows".to_owned())
}

/// The head up to its first byte that is not UTF-8 (it may be cut within a character).
fn valid_prefix(head: &[u8]) -> &str {
    let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    match std::str::from_utf8(head) {
        Ok(text) => text,
        Err(error) => std::str::from_utf8(&head[..error.valid_up_to()]).unwrap_or(""),
    }
}

enum NoRecord {
    Empty,
    NotJson,
}

/// The keys of the first record, as far as the head goes.
fn first_record(text: &str) -> Result<Head<'_>, NoRecord> {
    let mut cursor = Cursor::new(text);
    match cursor.next_byte() {
        Some(b'[') => first_element(&text[text.find('[').unwrap_or(0) + 1..]),
        Some(b'{') => {
            let record = keys(&mut cursor);
            match record.entries.iter().position(|(key, _)| key == "Records") {
                Some(at) => in_records(text, &record, at),
                None if record.entries.is_empty() => Err(NoRecord::NotJson),
                None => Ok(record),
            }
        }
        _ => Err(NoRecord::NotJson),
    }
}

/// In `{…"Records":[…`: the array's first element.
fn in_records<'a>(text: &'a str, record: &Head<'a>, at: usize) -> Result<Head<'a>, NoRecord> {
    let array = match record.entries[at].1 {
        Some(value) => Some(value),
        // Cut by the end of the head: the rest of the text begins with it.
        None => text.find("\"Records\"").map(|key| &text[key + "\"Records\"".len()..]),
    };
    let from = array.and_then(|a| Some(&a[a.find('[')? + 1..])).ok_or(NoRecord::NotJson)?;
    first_element(from)
}

fn first_element(text: &str) -> Result<Head<'_>, NoRecord> {
    let mut cursor = Cursor::new(text);
    match cursor.next_byte() {
        Some(b'{') => {
            let record = keys(&mut cursor);
            if record.entries.is_empty() { Err(NoRecord::NotJson) } else { Ok(record) }
        }
        Some(b']') => Err(NoRecord::Empty),
        _ => Err(NoRecord::NotJson),
    }
}

/// Keys and values of the object at the cursor until it ends or breaks off.
fn keys<'a>(cursor: &mut Cursor<'a>) -> Head<'a> {
    let mut head = Head::default();
    let mut more = cursor.enter_object().unwrap_or(false);
    head.cut = more;
    while more {
        let Ok(key) = cursor.key() else { return head };
        let value = cursor.value().ok();
        head.entries.push((key.into_owned(), value));
        let Some(Ok(another)) = value.map(|_| cursor.comma_or(b'}', "")) else { return head };
        more = another;
    }
    head.cut = false;
    head
}
