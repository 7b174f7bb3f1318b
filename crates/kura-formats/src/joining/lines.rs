//! Lines of one event, as programs write exceptions: several records of one container and output.
//!
//! An event is held until a line that does not go on, or until nothing came for a while; that is
//! how most end, and so it is joined as far as it came, whatever the reason.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use kura_core::time::Micros;

use super::facts::{Container, Facts, Standing};
use super::patterns::{Patterns, Reading};
use super::rules::JoinRules;
use super::waiting::{Group, Key, Part, TextBetween, Waiting, hand_on};
use super::{Joined, Out, Unjoined, micros};
use crate::json::unquote;

#[derive(Debug)]
pub struct Lines {
    patterns: Arc<Patterns>,
    record_bytes_max: usize,
    parts_max: usize,
    containers_max: usize,
    wait: Micros,
    waiting: Waiting<Vec<Reading>>,
    /// Whose the record at hand is; kept for its memory.
    key: Key,
}

impl Lines {
    pub fn new(rules: &JoinRules, patterns: Arc<Patterns>) -> Self {
        Lines {
            patterns,
            record_bytes_max: rules.record_bytes_max,
            parts_max: rules.parts_max,
            containers_max: rules.containers_max,
            wait: micros(rules.multiline_seconds),
            waiting: Waiting::default(),
            key: Key::default(),
        }
    }

    pub fn push(&mut self, record: Joined<'_>, out: Out<'_>) {
        if self.patterns.is_empty() {
            return out(record);
        }
        self.key.write(record.stream, &NOBODY, None);
        let text = simdutf8::basic::from_utf8(record.bytes).ok();
        let line = text.and_then(|text| Some((text, self.line(record.stream, text)?)));
        let Some((text, line)) = line else {
            self.end(None, out);
            return out(record);
        };
        if self.go_on(record, text, &line, out) {
            return;
        }
        self.end(None, out);
        if !self.begin(record, text, &line, out) {
            out(record);
        }
    }

    /// What a record says as a line; whose it is, is then in the key. Without facts that is
    /// nobody's but the stream's.
    fn line<'a>(&mut self, stream: &str, text: &'a str) -> Option<Line<'a>> {
        if !text.trim_ascii_start().starts_with('{') {
            let said = Cow::Borrowed(text.trim_end_matches(['\r', '\n']));
            return Some(Line { said, range: 0..text.len(), is_object: false });
        }
        let facts = Facts::of(text)?;
        self.key.write(stream, &facts, None);
        if facts.standing == Standing::Alone {
            return None;
        }
        let range = facts.line?;
        let said = match unquote(text.get(range.start - 1..range.end + 1)?) {
            Cow::Borrowed(said) => Cow::Borrowed(said.trim_end_matches(['\r', '\n'])),
            Cow::Owned(said) => Cow::Owned(said.trim_end_matches(['\r', '\n']).to_owned()),
        };
        Some(Line { said, range, is_object: true })
    }

    /// Whether the line went on with the event that its container left open.
    fn go_on(&mut self, record: Joined<'_>, text: &str, line: &Line<'_>, out: Out<'_>) -> bool {
        let Some(group) = self.waiting.find(&self.key) else { return false };
        if group.parts.first().is_none_or(|first| first.is_object != line.is_object) {
            return false;
        }
        let readings = self.patterns.go_on(&group.state, &line.said);
        if readings.is_empty() {
            return false;
        }
        let part = line.part(record, text);
        if let Some(why) = self.cap_met(group, &part) {
            self.end(Some(why), out);
            return false;
        }
        let due = record.arrival.saturating_add(self.wait);
        self.waiting.add(&self.key, usize::MAX, part, due, Vec::new());
        if let Some(group) = self.waiting.find_mut(&self.key) {
            group.state = readings;
        }
        true
    }

    fn cap_met(&self, group: &Group<Vec<Reading>>, part: &Part) -> Option<Unjoined> {
        if group.joined_bytes_with(part) > self.record_bytes_max {
            return Some(Unjoined::TooLong);
        }
        let parts = self.waiting.parts_of_container(&self.key);
        (parts >= self.parts_max).then_some(Unjoined::TooMany)
    }

    /// Whether the line is held as the first of an event.
    fn begin(&mut self, record: Joined<'_>, text: &str, line: &Line<'_>, out: Out<'_>) -> bool {
        let readings = self.patterns.begin(&line.said);
        let is_too_much = text.len() > self.record_bytes_max
            || self.waiting.parts_of_container(&self.key) >= self.parts_max
            || self.containers_max == 0;
        if readings.is_empty() || is_too_much {
            return false;
        }
        let due = record.arrival.saturating_add(self.wait);
        self.waiting.add(&self.key, 0, line.part(record, text), due, readings);
        while self.waiting.containers() > self.containers_max {
            self.let_oldest_go(out);
        }
        true
    }

    /// The event that the key's container left open is over.
    fn end(&mut self, why: Option<Unjoined>, out: Out<'_>) {
        if let Some(group) = self.waiting.remove(self.key.as_str()) {
            hand_on(&group.parts, TextBetween::LineFeed, why, out);
        }
    }

    pub fn expire(&mut self, now: Micros, out: Out<'_>) {
        while let Some((_, key)) = self.waiting.first_due().filter(|(due, _)| *due <= now) {
            let key = key.to_owned();
            if let Some(group) = self.waiting.remove(&key) {
                hand_on(&group.parts, TextBetween::LineFeed, None, out);
            }
        }
    }

    pub fn let_oldest_go(&mut self, out: Out<'_>) {
        let Some((_, key)) = self.waiting.first_due() else { return };
        let key = key.to_owned();
        if let Some(group) = self.waiting.remove(&key) {
            hand_on(&group.parts, TextBetween::LineFeed, Some(Unjoined::TooMany), out);
        }
    }

    pub fn next_expiry(&self) -> Option<Micros> {
        self.waiting.first_due().map(|(due, _)| due)
    }

    pub fn held_bytes(&self) -> usize {
        self.waiting.bytes()
    }

    pub fn sequences(&self) -> impl Iterator<Item = u64> {
        self.waiting.sequences()
    }
}

/// Who writes what is no object: nobody but the stream.
const NOBODY: Facts<'static> = Facts {
    line: None,
    numbers: None,
    container: Container::Unknown,
    source: "",
    standing: Standing::Whole,
};

/// A record as a line.
struct Line<'a> {
    /// What it says, without the line feed at its end.
    said: Cow<'a, str>,
    range: Range<usize>,
    is_object: bool,
}

impl Line<'_> {
    fn part(&self, record: Joined<'_>, text: &str) -> Part {
        Part::new(record, text, self.range.clone(), self.is_object)
    }
}
