//! What a record says of the line it holds: which container wrote it, and whether it is a part.
//!
//! Read in one pass over the object's text, and only of the few keys that matter here. An object
//! in which one of them stands twice has no facts: which of the two counts is not ours to say.

use std::ops::Range;
use std::sync::LazyLock;

use memchr::memmem::Finder;

use super::Unjoined;
use crate::json::{Cursor, JsonError, Kind, kind_of, text_of};

/// One of these stands in every part of a line that Docker cut, and in hardly anything else.
static MARKS: LazyLock<[Finder<'static>; 2]> =
    LazyLock::new(|| ["partial", "PARTIAL_"].map(Finder::new));

/// One of these stands in every line of containerd's, part or not: what follows tells.
static TAGS: LazyLock<[Finder<'static>; 2]> =
    LazyLock::new(|| ["\"logtag\"", "\"_p\""].map(Finder::new));

/// Whether a record may be a part; most are told from parts by this alone.
pub fn may_be_part(record: &[u8]) -> bool {
    let is_partial = |tag: &Finder<'_>| {
        let mut rest = tag.find_iter(record).filter_map(|at| record.get(at + tag.needle().len()..));
        rest.any(|rest| value_of_key(rest).is_some_and(|value| value.starts_with(b"\"P\"")))
    };
    MARKS.iter().any(|mark| mark.find(record).is_some()) || TAGS.iter().any(is_partial)
}

/// What stands behind the colon that stands behind a key.
fn value_of_key(rest: &[u8]) -> Option<&[u8]> {
    Some(rest.trim_ascii_start().strip_prefix(b":")?.trim_ascii_start())
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Field {
    Log,
    JournalLine,
    Message,
    PartialMessage,
    PartialId,
    PartialOrdinal,
    PartialLast,
    Partial,
    Tag,
    ContainerId,
    ShortId,
    ContainerName,
    Kubernetes,
    Source,
    Stream,
    Priority,
    Cut,
    Unjoined,
}

const UNJOINED_KEY: &str = "kura_unjoined";

/// The keys of Docker's fluentd and journald drivers, and of CRI lines as shippers parse them.
const FIELDS: [(&str, Field); 25] = [
    ("log", Field::Log),
    ("MESSAGE", Field::JournalLine),
    ("message", Field::Message),
    ("partial_message", Field::PartialMessage),
    ("CONTAINER_PARTIAL_MESSAGE", Field::PartialMessage),
    ("partial_id", Field::PartialId),
    ("CONTAINER_PARTIAL_ID", Field::PartialId),
    ("partial_ordinal", Field::PartialOrdinal),
    ("CONTAINER_PARTIAL_ORDINAL", Field::PartialOrdinal),
    ("partial_last", Field::PartialLast),
    ("CONTAINER_PARTIAL_LAST", Field::PartialLast),
    ("partial", Field::Partial),
    ("logtag", Field::Tag),
    ("_p", Field::Tag),
    ("container_id", Field::ContainerId),
    ("CONTAINER_ID_FULL", Field::ContainerId),
    ("CONTAINER_ID", Field::ShortId),
    ("container_name", Field::ContainerName),
    ("CONTAINER_NAME", Field::ContainerName),
    ("kubernetes", Field::Kubernetes),
    ("source", Field::Source),
    ("stream", Field::Stream),
    ("PRIORITY", Field::Priority),
    ("kura_cut", Field::Cut),
    (UNJOINED_KEY, Field::Unjoined),
];

/// Where a line may stand, the likeliest first.
const LINES: [Field; 3] = [Field::Log, Field::JournalLine, Field::Message];

const FIELD_COUNT: usize = Field::Unjoined as usize + 1;

fn field(key: &str) -> Option<Field> {
    FIELDS.iter().find(|(known, _)| *known == key).map(|(_, field)| *field)
}

/// What a record is among the parts of lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing<'a> {
    /// A part that says of which line, and which one.
    Numbered { id: &'a str, ordinal: u32, is_last: bool },
    /// A part; the line goes on in the container's next record.
    GoesOn,
    /// A whole line, or the last part of one whose parts have no numbers.
    Whole,
    /// Never to be joined to anything.
    Alone,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Container<'a> {
    Id(&'a str),
    Name(&'a str),
    /// It does not say: then the stream stands for it.
    Unknown,
}

/// What a record says of its line. Texts are as they were written, escapes and all: they are
/// compared and put together, never read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts<'a> {
    /// The text between the quotes of the line's value.
    pub line: Option<Range<usize>>,
    /// Where there is no text: what stands between the brackets of a list in the line's place.
    /// The journal writes so what is no UTF-8, byte by byte.
    pub numbers: Option<Range<usize>>,
    pub container: Container<'a>,
    /// `stdout`, `stderr`, or how else the container's outputs are told apart.
    pub source: &'a str,
    pub standing: Standing<'a>,
}

impl<'a> Facts<'a> {
    /// `None` for what is not an object that can be read without a doubt.
    pub fn of(text: &'a str) -> Option<Self> {
        let values = Values::read(text)?;
        let container = values.container();
        let source = values.source();
        let standing = values.standing(container, source);
        let (line, numbers) = (values.line(Kind::String), values.line(Kind::Array));
        Some(Facts { line, numbers, container, source, standing })
    }
}

/// The values of the keys that matter, and where each begins.
struct Values<'a>([Option<(usize, &'a str)>; FIELD_COUNT]);

impl<'a> Values<'a> {
    fn read(text: &'a str) -> Option<Self> {
        let mut values = Values([None; FIELD_COUNT]);
        let mut is_twice = false;
        let read = each_member(text, |key, _, value| {
            let Some(slot) = field(key).and_then(|field| values.0.get_mut(field as usize)) else {
                return;
            };
            is_twice |= slot.is_some();
            *slot = text.get(value.clone()).map(|written| (value.start, written));
        });
        (read.is_ok() && !is_twice).then_some(values)
    }

    fn value(&self, field: Field) -> Option<&'a str> {
        self.0.get(field as usize).copied().flatten().map(|(_, value)| value)
    }

    /// A text, or what a number is written as; an empty one says nothing.
    fn word(&self, field: Field) -> Option<&'a str> {
        let value = self.value(field)?;
        let word = match kind_of(value) {
            Kind::String => text_of(Some(value))?,
            Kind::Number => value,
            _ => return None,
        };
        (!word.is_empty()).then_some(word)
    }

    fn is_true(&self, field: Field) -> bool {
        self.value(field).is_some_and(is_true)
    }

    fn line(&self, kind: Kind) -> Option<Range<usize>> {
        let values =
            LINES.iter().filter_map(|field| self.0.get(*field as usize).copied().flatten());
        let (start, value) = values.into_iter().find(|(_, value)| kind_of(value) == kind)?;
        Some(start + 1..start + value.len().saturating_sub(1))
    }

    fn container(&self) -> Container<'a> {
        let id = self.word(Field::ContainerId).or_else(|| self.word(Field::ShortId));
        match id.or_else(|| self.kubernetes_id()) {
            Some(id) => Container::Id(id),
            None => self.word(Field::ContainerName).map_or(Container::Unknown, Container::Name),
        }
    }

    /// As Fluent Bit's and Fluentd's Kubernetes filters write it beside the line.
    fn kubernetes_id(&self) -> Option<&'a str> {
        let object = self.value(Field::Kubernetes).filter(|v| kind_of(v) == Kind::Object)?;
        let mut id = None;
        let read = Cursor::new(object).object(|key, value| {
            if matches!(&*key, "docker_id" | "container_id") {
                id = id.or(text_of(Some(value)));
            }
        });
        read.ok().and(id).filter(|id| !id.is_empty())
    }

    fn source(&self) -> &'a str {
        let fields = [Field::Source, Field::Stream, Field::Priority];
        fields.into_iter().find_map(|field| self.word(field)).unwrap_or_default()
    }

    fn standing(&self, container: Container<'_>, source: &str) -> Standing<'a> {
        if self.is_true(Field::Cut) || self.value(Field::Unjoined).is_some() {
            return Standing::Alone;
        }
        let is_last = self.is_true(Field::PartialLast);
        if let Some(id) = self.word(Field::PartialId) {
            let ordinal = self.word(Field::PartialOrdinal).and_then(|word| word.parse().ok());
            // Without a number, its place in the line is anybody's guess.
            let Some(ordinal) = ordinal.filter(|&ordinal| ordinal > 0) else {
                return Standing::Alone;
            };
            return Standing::Numbered { id, ordinal, is_last };
        }
        // `partial` alone is a word that any program may use of its own records.
        let is_line = container != Container::Unknown || matches!(source, "stdout" | "stderr");
        let goes_on = (self.is_true(Field::PartialMessage) && !is_last)
            || self.word(Field::Tag) == Some("P")
            || (self.is_true(Field::Partial) && is_line);
        if goes_on { Standing::GoesOn } else { Standing::Whole }
    }
}

fn is_true(value: &str) -> bool {
    matches!(value, "true" | "\"true\"")
}

/// Calls `member` with each key of an object, where the member stands and where its value does.
fn each_member(
    text: &str,
    mut member: impl FnMut(&str, Range<usize>, Range<usize>),
) -> Result<(), JsonError> {
    let mut cursor = Cursor::new(text);
    let mut has_more = cursor.enter_object()?;
    while has_more {
        cursor.next_byte();
        let from = cursor.at();
        let key = cursor.key()?;
        let length = cursor.value()?.len();
        let to = cursor.at();
        member(&key, from..to, to - length..to);
        has_more = cursor.comma_or(b'}', "expected `,` or `}`")?;
    }
    cursor.end()
}

/// The object with another line in place of its own, and without the marks of a part.
pub fn with_line(text: &str, line: &Range<usize>, joined: &str) -> String {
    let mut out = String::with_capacity(text.len() + joined.len());
    out.push('{');
    // Who calls has read the object before: it cannot be broken.
    let _ = each_member(text, |key, member, value| {
        let written = |range: Range<usize>| text.get(range).unwrap_or_default();
        if is_mark(key, written(value.clone())) {
            return;
        }
        if out.len() > 1 {
            out.push(',');
        }
        if value.start + 1 != line.start {
            return out.push_str(written(member));
        }
        out.push_str(written(member.start..value.start));
        out.push('"');
        out.push_str(joined);
        out.push('"');
    });
    out.push('}');
    out
}

fn is_mark(key: &str, value: &str) -> bool {
    match field(key) {
        Some(
            Field::PartialMessage
            | Field::PartialId
            | Field::PartialOrdinal
            | Field::PartialLast
            | Field::Tag,
        ) => true,
        Some(Field::Partial) => is_true(value),
        _ => false,
    }
}

/// The object with the reason why it was not joined. What is not an object stays as it is: there
/// is no place in it.
pub fn with_reason(text: &str, why: Unjoined) -> String {
    match text.trim_end().strip_suffix('}') {
        Some(open) if text.trim_start().starts_with('{') => {
            format!("{open},\"{UNJOINED_KEY}\":\"{}\"}}", why.word())
        }
        _ => text.to_owned(),
    }
}
