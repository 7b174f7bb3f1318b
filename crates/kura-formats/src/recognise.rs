//! What an object holds: by its key where AWS's layout says so, else by its first record.

use std::sync::{Arc, LazyLock};

use crate::envelopes::{self, About, CloudWatchExport, Envelope};
use crate::formats::{ALL, FieldSection, Format, Head, HeadSays, KeyFacts, KeySays};
use crate::framing::Framing;
use crate::json::Cursor;

/// Bytes of an object (inflated) that recognition looks at.
pub const HEAD_BYTES: usize = 64 << 10;

#[derive(Debug)]
pub enum Recognised {
    Records {
        format: Arc<dyn Format>,
        facts: KeyFacts,
    },
    /// Envelopes around records of any kind.
    Envelopes(&'static dyn Envelope),
    /// Nothing to import, and what it is instead.
    Nothing(String),
}

/// What told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    Key,
    Content,
}

/// What a message in an envelope is.
#[derive(Debug, Clone)]
pub enum MessageKind {
    Record(Arc<dyn Format>),
    Envelope(&'static dyn Envelope),
}

/// The formats that are asked, in their order: a person's own before those that Kura has.
#[derive(Debug, Clone)]
pub struct Catalogue(Arc<[Arc<dyn Format>]>);

impl Default for Catalogue {
    fn default() -> Self {
        Catalogue::with(Vec::new())
    }
}

/// By key, else by the first bytes of what it holds, among the formats that Kura has.
#[must_use]
pub fn recognise(path: &str, head: &[u8]) -> Recognised {
    Catalogue::default().recognise(path, head)
}

/// The same by name, for tests to compare.
#[cfg(test)]
pub fn recognised(path: &str, head: &str) -> (String, By) {
    match Catalogue::default().explain(path, head.as_bytes()) {
        (Recognised::Records { format, .. }, by) => (format.name().to_owned(), by),
        (Recognised::Envelopes(envelope), by) => (envelope.name().to_owned(), by),
        (Recognised::Nothing(what), by) => (what, by),
    }
}

impl Catalogue {
    #[must_use]
    pub fn with(own: Vec<Arc<dyn Format>>) -> Self {
        Catalogue(own.into_iter().chain(ALL.iter().cloned()).collect())
    }

    /// With lists of fields for the lines of this format that come without a header.
    ///
    /// # Errors
    /// If there is no such format, or what a list says cannot be.
    pub fn add_fields(&mut self, name: &str, lists: &[FieldSection]) -> Result<(), String> {
        let formats = Arc::make_mut(&mut self.0);
        let format = formats.iter_mut().find(|format| format.name() == name);
        let format = format.ok_or("there is no such format")?;
        let none = "the fields of its lines do not vary, or are named in each record";
        *format = format.with_fields(lists)?.ok_or(none)?;
        Ok(())
    }

    pub fn formats(&self) -> impl Iterator<Item = &Arc<dyn Format>> {
        self.0.iter()
    }

    /// The format whose table has this name.
    #[must_use]
    pub fn by_name(&self, name: &str) -> Option<Arc<dyn Format>> {
        self.0.iter().find(|format| format.name() == name).cloned()
    }

    /// By the key alone: the object need not be opened.
    #[must_use]
    pub fn recognise_key(&self, path: &str) -> Option<Recognised> {
        self.0.iter().find_map(|format| {
            Some(match format.recognise_key(path)? {
                KeySays::Records(facts) => Recognised::Records { format: format.clone(), facts },
                KeySays::Nothing(what) => Recognised::Nothing(what.to_owned()),
            })
        })
    }

    /// By key, else by the first bytes of what it holds.
    #[must_use]
    pub fn recognise(&self, path: &str, head: &[u8]) -> Recognised {
        self.explain(path, head).0
    }

    /// What [`Catalogue::recognise`] says, and what told it.
    #[must_use]
    pub fn explain(&self, path: &str, head: &[u8]) -> (Recognised, By) {
        match self.recognise_key(path) {
            // The key may name the log group that was exported.
            Some(Recognised::Records { .. }) if self.is_export(path, head) => {
                (Recognised::Envelopes(&CloudWatchExport), By::Content)
            }
            Some(recognised) => (recognised, By::Key),
            None => (self.recognise_head(path, head), By::Content),
        }
    }

    /// The envelopes that an object with this key and these first bytes holds.
    #[must_use]
    pub fn recognise_envelopes(&self, path: &str, head: &[u8]) -> Option<&'static dyn Envelope> {
        match self.recognise_head(path, head) {
            Recognised::Envelopes(envelope) => Some(envelope),
            _ => None,
        }
    }

    fn recognise_head(&self, path: &str, bytes: &[u8]) -> Recognised {
        if bytes.iter().all(u8::is_ascii_whitespace) {
            return Recognised::Nothing("empty".to_owned());
        }
        let Some(head) = head_of(valid_prefix(bytes)) else {
            return Recognised::Nothing("no records".to_owned());
        };
        let head = Head { path, ..head };
        if let Some(envelope) = self.envelope(&head, false) {
            return Recognised::Envelopes(envelope);
        }
        let opens = |format: &&Arc<dyn Format>| head.list.is_none_or(|l| format.framing().opens(l));
        for format in self.0.iter().filter(opens) {
            // The first record may be too broken to have keys.
            let marked = || head.entries.is_empty() && format.is_marked(bytes);
            let says = format.recognise_head(&head);
            match says.or_else(|| marked().then_some(HeadSays::Records)) {
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

    fn envelope(&self, head: &Head<'_>, is_message: bool) -> Option<&'static dyn Envelope> {
        let is_of_a_kind = |line: &str| self.recognise_message(line).is_some();
        let about = About { path: head.path, is_message, is_of_a_kind: &is_of_a_kind };
        envelopes::recognise(head, &about)
    }

    fn is_export(&self, path: &str, head: &[u8]) -> bool {
        let line = first_line(valid_prefix(head));
        let is_of_a_kind = |line: &str| self.recognise_message(line).is_some();
        let about = About { path, is_message: false, is_of_a_kind: &is_of_a_kind };
        CloudWatchExport.recognise(&Head { line, path, ..Head::default() }, &about)
    }

    /// What a message is: an envelope again, or a record of a format that says of it more
    /// than that it is JSON or text.
    #[must_use]
    pub fn recognise_message(&self, text: &str) -> Option<MessageKind> {
        let head = head_of(text)?;
        if let Some(envelope) = self.envelope(&head, true) {
            return Some(MessageKind::Envelope(envelope));
        }
        let mut formats = self.0.iter().filter(|format| !format.is_general());
        let known = formats.find(|format| format.recognise_head(&head) == Some(HeadSays::Records));
        known.cloned().map(MessageKind::Record)
    }
}

/// The beginning of an object; `None` if that says that it holds no records.
fn head_of(text: &str) -> Option<Head<'_>> {
    let line = first_line(text);
    match first_record(text) {
        Ok(record) => Some(Head { text, line, ..record }),
        Err(NoRecord::Empty) => None,
        Err(NoRecord::NotJson) => Some(Head { text, line, ..Head::default() }),
    }
}

fn first_line(text: &str) -> &str {
    text.lines().find(|line| !line.trim().is_empty()).unwrap_or("")
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
    let text = text.trim_start();
    let mut cursor = Cursor::new(text);
    match cursor.next_byte() {
        Some(b'[') => first_element(&text[text.find('[').unwrap_or(0) + 1..]),
        Some(b'{') => {
            let record = keys(&mut cursor);
            match record.entries.iter().find_map(|(key, value)| list_of_records(text, key, *value))
            {
                Some((list, elements)) => {
                    first_element(elements).map(|head| Head { list: Some(list), ..head })
                }
                None if record.entries.is_empty() => Err(NoRecord::NotJson),
                None => Ok(record),
            }
        }
        _ => Err(NoRecord::NotJson),
    }
}

/// The key, if it is one under which records of some format lie in a list, and that list behind
/// its `[`.
fn list_of_records<'a>(
    text: &'a str,
    key: &str,
    value: Option<&'a str>,
) -> Option<(&'static str, &'a str)> {
    static LISTS: LazyLock<Vec<&'static str>> = LazyLock::new(|| {
        let marks = ALL.iter().filter_map(|format| match format.framing() {
            Framing::Json { restart } => restart,
            _ => None,
        });
        marks.flat_map(|marks| marks.lists.iter().copied()).collect()
    });
    let list = *LISTS.iter().find(|list| **list == key)?;
    // Cut by the end of the head: the rest of the text begins with it.
    let cut = || {
        let (_, rest) = text.split_once(&format!("\"{key}\""))?;
        Some(rest.trim_start().strip_prefix(':')?.trim_start())
    };
    Some((list, value.or_else(cut)?.strip_prefix('[')?))
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
        head.keys.add(&key);
        head.entries.push((key, value));
        let Some(Ok(another)) = value.map(|_| cursor.comma_or(b'}', "")) else { return head };
        more = another;
    }
    head.cut = false;
    head
}

#[cfg(test)]
#[path = "recognise_tests.rs"]
mod tests;
