//! What is held back until the rest of it comes: groups of parts, by whose they are.
//!
//! Everything that is held is counted here, in bytes and per container, so that the caps are
//! checked against one number each; and the groups stand in the order in which they have to go.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

use kura_core::time::Micros;

use super::facts::{Container, Facts, with_line, with_reason};
use super::{Joined, Out, Unjoined};

/// What a part and a group cost beside their texts: so many small ones are counted, too.
const PART_BYTES: usize = size_of::<Part>();
const GROUP_BYTES: usize = 256;

/// A record that waits for others.
#[derive(Debug)]
pub struct Part {
    /// Its own, and those of its copies.
    pub sequences: Vec<u64>,
    pub text: Box<str>,
    pub stream: Box<str>,
    pub time: Option<Micros>,
    pub arrival: Micros,
    /// The line in `text`: between its quotes in an object, all of it otherwise.
    pub line: Range<usize>,
    pub is_object: bool,
    /// The line as it came, where it is another than in `text`: with characters that are torn.
    came: Option<Box<[u8]>>,
    /// How long the line is, read as UTF-8.
    said_bytes: usize,
    /// Its place in the line, where it says it.
    pub ordinal: u32,
}

impl Part {
    pub fn new(record: Joined<'_>, text: &str, line: Range<usize>, is_object: bool) -> Self {
        Part {
            sequences: record.sequences.to_vec(),
            text: text.into(),
            stream: record.stream.into(),
            time: record.time,
            arrival: record.arrival,
            said_bytes: line.len(),
            line,
            is_object,
            came: None,
            ordinal: 0,
        }
    }

    /// The same whose line came as these bytes, escaped as in JSON.
    pub fn with_line_as_it_came(mut self, bytes: Box<[u8]>) -> Self {
        self.said_bytes = String::from_utf8_lossy(&bytes).len();
        self.came = Some(bytes);
        self
    }

    /// Whether it is the same part, sent again.
    pub fn is_copy_of(&self, other: &Part) -> bool {
        self.text == other.text && self.came == other.came
    }

    fn line_as_it_came(&self) -> &[u8] {
        self.came.as_deref().unwrap_or(self.line().as_bytes())
    }

    /// The line as it was written, escapes and all.
    pub fn line(&self) -> &str {
        self.text.get(self.line.clone()).unwrap_or_default()
    }

    /// As it came.
    fn record(&self) -> Joined<'_> {
        Joined {
            sequences: &self.sequences,
            stream: &self.stream,
            bytes: self.text.as_bytes(),
            time: self.time,
            arrival: self.arrival,
        }
    }

    /// What its line adds to a record, with what may stand between it and the next.
    fn line_bytes(&self) -> usize {
        self.said_bytes + 2
    }

    fn around_bytes(&self) -> usize {
        self.text.len().saturating_sub(self.line.len())
    }

    fn cost(&self) -> usize {
        let sequences = self.sequences.len() * size_of::<u64>();
        let came = self.came.as_deref().map_or(0, <[u8]>::len);
        PART_BYTES + self.text.len() + self.stream.len() + sequences + came
    }
}

/// Lets a record go as it is, with the reason.
pub fn let_go(record: Joined<'_>, why: Unjoined, out: Out<'_>) {
    match std::str::from_utf8(record.bytes) {
        Ok(text) => out(Joined { bytes: with_reason(text, why).as_bytes(), ..record }),
        Err(_) => out(record),
    }
}

pub fn let_all_go(parts: &[Part], why: Unjoined, out: Out<'_>) {
    parts.iter().for_each(|part| let_go(part.record(), why, out));
}

/// Hands on what parts are together: the first one's record, with all of their lines.
pub fn hand_on(parts: &[Part], text_between: TextBetween, why: Option<Unjoined>, out: Out<'_>) {
    let Some(first) = parts.first() else { return };
    let mut sequences: Vec<u64> =
        parts.iter().flat_map(|part| part.sequences.iter().copied()).collect();
    sequences.sort_unstable();
    let lines = text_between.join(parts);
    let is_alone = parts.len() == 1 && matches!(text_between, TextBetween::LineFeed);
    let text = match first.is_object {
        _ if is_alone => first.text.to_string(),
        true => with_line(&first.text, &first.line, &lines),
        false => lines,
    };
    let record = Joined { sequences: &sequences, bytes: text.as_bytes(), ..first.record() };
    match why {
        Some(why) => let_go(record, why, out),
        None => out(record),
    }
}

/// What stands between two parts that are put together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextBetween {
    Nothing,
    LineFeed,
}

impl TextBetween {
    fn join(self, parts: &[Part]) -> String {
        let mut lines = Vec::with_capacity(parts.iter().map(Part::line_bytes).sum());
        for (at, part) in parts.iter().enumerate() {
            let is_last = at + 1 == parts.len();
            match self {
                TextBetween::LineFeed if !is_last => {
                    let line = without_line_end(part.line(), part.is_object);
                    lines.extend_from_slice(line.as_bytes());
                    lines.extend_from_slice(if part.is_object { b"\\n" } else { b"\n" });
                }
                _ => lines.extend_from_slice(part.line_as_it_came()),
            }
        }
        // What is torn still has lost its other half.
        String::from_utf8(lines)
            .unwrap_or_else(|torn| String::from_utf8_lossy(torn.as_bytes()).into_owned())
    }
}

/// A line without the line feed at its end, which in an object is an escape.
fn without_line_end(line: &str, is_object: bool) -> &str {
    if !is_object {
        return line.trim_end_matches(['\r', '\n']);
    }
    let mut rest = line;
    for end in ["\\n", "\\r"] {
        let Some(shorter) = rest.strip_suffix(end) else { continue };
        // Of an even number of backslashes the last one is text, and so is the letter behind it.
        let backslashes = shorter.bytes().rev().take_while(|&byte| byte == b'\\').count();
        if backslashes % 2 == 0 {
            rest = shorter;
        }
    }
    rest
}

/// Whose line it is: container, output and, where parts have one, the line's own id.
#[derive(Debug, Default)]
pub struct Key {
    text: String,
    /// How much of it names the container.
    container_bytes: usize,
    is_numbered: bool,
}

impl Key {
    /// No part can hold a zero byte but the stream, which comes first: two keys never meet.
    pub fn write(&mut self, stream: &str, facts: &Facts<'_>, id: Option<&str>) {
        self.write_container(stream, facts.container);
        self.text.push('\0');
        self.text.push_str(facts.source);
        self.text.push('\0');
        self.text.push_str(id.unwrap_or_default());
        self.is_numbered = id.is_some();
    }

    fn write_container(&mut self, stream: &str, container: Container<'_>) {
        self.text.clear();
        let pieces = match container {
            Container::Id(id) => ["id", "", id],
            // Names are given once per machine; the stream tells machines apart, as far as it can.
            Container::Name(name) => ["name", stream, name],
            Container::Unknown => ["stream", stream, ""],
        };
        for piece in pieces {
            self.text.push_str(piece);
            self.text.push('\0');
        }
        self.container_bytes = self.text.len();
    }

    pub fn as_str(&self) -> &str {
        &self.text
    }

    fn container(&self) -> &str {
        self.text.get(..self.container_bytes).unwrap_or_default()
    }
}

/// Parts of one line, or lines of one event.
#[derive(Debug)]
pub struct Group<S> {
    pub parts: Vec<Part>,
    /// What the stage that holds it knows of it.
    pub state: S,
    /// What was held was let go for this reason; so is whatever still comes.
    pub let_go: Option<Unjoined>,
    line_bytes: usize,
    /// The most that one of the parts has around its line.
    around_bytes: usize,
    due: (Micros, u64),
    container_bytes: usize,
    is_numbered: bool,
}

impl<S> Group<S> {
    /// How long the record may become that is made of it.
    pub fn joined_bytes(&self) -> usize {
        self.around_bytes + self.line_bytes
    }

    /// The same with one more.
    pub fn joined_bytes_with(&self, part: &Part) -> usize {
        self.around_bytes.max(part.around_bytes()) + self.line_bytes + part.line_bytes()
    }

    fn weight(&self) -> usize {
        self.parts.len().max(1)
    }

    fn cost(&self, key: &str) -> usize {
        let parts: usize = self.parts.iter().map(Part::cost).sum();
        GROUP_BYTES + 2 * key.len() + parts
    }
}

#[derive(Debug)]
pub struct Waiting<S> {
    groups: HashMap<Box<str>, Group<S>>,
    /// The groups in the order in which they have to go; the number tells equal times apart.
    due: BTreeMap<(Micros, u64), Box<str>>,
    /// Parts of each container.
    containers: HashMap<Box<str>, usize>,
    bytes: usize,
    unnumbered: usize,
    serial: u64,
}

impl<S> Default for Waiting<S> {
    fn default() -> Self {
        Waiting {
            groups: HashMap::new(),
            due: BTreeMap::new(),
            containers: HashMap::new(),
            bytes: 0,
            unnumbered: 0,
            serial: 0,
        }
    }
}

impl<S> Waiting<S> {
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Groups whose parts have no numbers: any record of their container may be the last part.
    pub fn unnumbered(&self) -> usize {
        self.unnumbered
    }

    pub fn containers(&self) -> usize {
        self.containers.len()
    }

    pub fn parts_of_container(&self, key: &Key) -> usize {
        self.containers.get(key.container()).copied().unwrap_or(0)
    }

    pub fn sequences(&self) -> impl Iterator<Item = u64> {
        let parts = self.groups.values().flat_map(|group| &group.parts);
        parts.flat_map(|part| part.sequences.iter().copied())
    }

    /// The group that has to go first, and when.
    pub fn first_due(&self) -> Option<(Micros, &str)> {
        self.due.first_key_value().map(|(due, key)| (due.0, &**key))
    }

    pub fn find(&self, key: &Key) -> Option<&Group<S>> {
        self.groups.get(key.as_str())
    }

    pub fn find_mut(&mut self, key: &Key) -> Option<&mut Group<S>> {
        self.groups.get_mut(key.as_str())
    }

    /// Puts a part at its place in its group; `state` is that of a group which begins with it.
    pub fn add(&mut self, key: &Key, at: usize, part: Part, due: Micros, state: S) {
        self.begin(key, due, state);
        self.touch(key, due);
        let Some(group) = self.groups.get_mut(key.as_str()) else { return };
        let weight = group.weight();
        group.line_bytes += part.line_bytes();
        group.around_bytes = group.around_bytes.max(part.around_bytes());
        self.bytes += part.cost();
        group.parts.insert(at.min(group.parts.len()), part);
        let more = group.weight() - weight;
        if let Some(parts) = self.containers.get_mut(key.container()) {
            *parts += more;
        }
    }

    fn begin(&mut self, key: &Key, due: Micros, state: S) {
        if self.groups.contains_key(key.as_str()) {
            return;
        }
        self.serial += 1;
        let group = Group {
            parts: Vec::new(),
            state,
            let_go: None,
            line_bytes: 0,
            around_bytes: 0,
            due: (due, self.serial),
            container_bytes: key.container_bytes,
            is_numbered: key.is_numbered,
        };
        self.bytes += group.cost(key.as_str());
        self.unnumbered += usize::from(!key.is_numbered);
        self.due.insert(group.due, key.as_str().into());
        *self.containers.entry(key.container().into()).or_default() += group.weight();
        self.groups.insert(key.as_str().into(), group);
    }

    /// The group waits anew.
    pub fn touch(&mut self, key: &Key, due: Micros) {
        let Some(group) = self.groups.get_mut(key.as_str()) else { return };
        let Some(name) = self.due.remove(&group.due) else { return };
        self.serial += 1;
        // Times of arrival may step back; what waits never has to go earlier for that.
        group.due = (due.max(group.due.0), self.serial);
        self.due.insert(group.due, name);
    }

    /// A copy of a part came.
    pub fn add_copy(&mut self, key: &Key, at: usize, sequences: &[u64]) {
        let group = self.groups.get_mut(key.as_str());
        if let Some(part) = group.and_then(|group| group.parts.get_mut(at)) {
            part.sequences.extend_from_slice(sequences);
            self.bytes += size_of_val(sequences);
        }
    }

    pub fn remove(&mut self, key: &str) -> Option<Group<S>> {
        let group = self.groups.remove(key)?;
        self.due.remove(&group.due);
        self.bytes -= group.cost(key);
        self.unnumbered -= usize::from(!group.is_numbered);
        self.lighten(key, &group, group.weight());
        Some(group)
    }

    /// Takes a group's parts, and remembers why it was let go.
    pub fn take_parts(&mut self, key: &str, why: Unjoined) -> Vec<Part> {
        let Some(mut group) = self.groups.remove(key) else { return Vec::new() };
        let before = (group.cost(key), group.weight());
        group.let_go = Some(why);
        let parts = std::mem::take(&mut group.parts);
        self.bytes -= before.0 - group.cost(key);
        self.lighten(key, &group, before.1 - group.weight());
        self.groups.insert(key.into(), group);
        parts
    }

    /// The container of a group has so many parts less.
    fn lighten(&mut self, key: &str, group: &Group<S>, parts: usize) {
        let container = key.get(..group.container_bytes).unwrap_or_default();
        let Some(held) = self.containers.get_mut(container) else { return };
        *held -= parts;
        if *held == 0 {
            self.containers.remove(container);
        }
    }
}
