//! Parts of one line, as container runtimes cut it.
//!
//! Parts that are numbered are put together in any order, by the line's id. Those of older
//! runtimes only say that the line goes on: they follow one another per container and output, and
//! the first record without a mark ends the line.

use kura_core::time::Micros;

use super::facts::{Facts, Standing, may_be_part};
use super::rules::JoinRules;
use super::torn::Torn;
use super::waiting::{Key, Part, TextBetween, Waiting, hand_on, let_all_go, let_go};
use super::{Joined, Out, Unjoined, micros};
use crate::json::push_quoted_bytes;

/// What is known of a line beside its parts: the number of the last one.
type Last = Option<u32>;

#[derive(Debug)]
pub struct Parts {
    record_bytes_max: usize,
    parts_max: usize,
    containers_max: usize,
    wait: Micros,
    waiting: Waiting<Last>,
    /// Whose the record at hand is; kept for its memory.
    key: Key,
}

impl Parts {
    pub fn new(rules: &JoinRules) -> Self {
        Parts {
            record_bytes_max: rules.record_bytes_max,
            parts_max: rules.parts_max,
            containers_max: rules.containers_max,
            wait: micros(rules.parts_seconds),
            waiting: Waiting::default(),
            key: Key::default(),
        }
    }

    pub fn push(&mut self, record: Joined<'_>, out: Out<'_>) {
        if let Ok(text) = simdutf8::basic::from_utf8(record.bytes) {
            return self.push_text(record, text, None, out);
        }
        match Torn::read(record.bytes) {
            Some(torn) => {
                let record = Joined { bytes: torn.text.as_bytes(), ..record };
                self.push_text(record, &torn.text, Some(&torn), out);
            }
            None => out(record),
        }
    }

    fn push_text(&mut self, record: Joined<'_>, text: &str, torn: Option<&Torn>, out: Out<'_>) {
        if self.waiting.unnumbered() == 0 && !may_be_part(record.bytes) {
            return out(record);
        }
        let Some(facts) = Facts::of(text) else { return out(record) };
        let part = |facts: &Facts<'_>| part(record, text, facts, torn);
        match facts.standing {
            Standing::Numbered { id, ordinal, is_last } => {
                self.key.write(record.stream, &facts, Some(id));
                let Some(mut part) = part(&facts) else { return out(record) };
                part.ordinal = ordinal;
                self.numbered(part, is_last, out);
            }
            Standing::GoesOn => {
                self.key.write(record.stream, &facts, None);
                let Some(part) = part(&facts) else { return out(record) };
                self.goes_on(part, out);
            }
            Standing::Whole => {
                self.key.write(record.stream, &facts, None);
                self.ends(record, part(&facts), out);
            }
            Standing::Alone => {
                self.key.write(record.stream, &facts, None);
                self.ends(record, None, out);
            }
        }
    }

    fn numbered(&mut self, part: Part, is_last: bool, out: Out<'_>) {
        let Some(part) = self.unless_let_go(part, out) else { return };
        let parts = self.waiting.find(&self.key).map_or(&[][..], |group| group.parts.as_slice());
        let at = match parts.binary_search_by_key(&part.ordinal, |part| part.ordinal) {
            Ok(at) if parts.get(at).is_some_and(|held| held.is_copy_of(&part)) => {
                self.waiting.touch(&self.key, part.arrival.saturating_add(self.wait));
                return self.waiting.add_copy(&self.key, at, &part.sequences);
            }
            // Another part of that number: which of them belongs there, nobody can tell.
            Ok(_) => return let_all_go(&[part], Unjoined::Incomplete, out),
            Err(at) => at,
        };
        let ordinal = part.ordinal;
        if !self.hold(part, at, out) {
            return;
        }
        let Some(group) = self.waiting.find_mut(&self.key) else { return };
        if is_last {
            group.state.get_or_insert(ordinal);
        }
        // They are sorted and none is there twice: so many of them up to the last are all.
        let highest = group.parts.last().map(|part| part.ordinal);
        let count = u32::try_from(group.parts.len()).ok();
        if group.state.is_some() && group.state == highest && highest == count {
            self.complete(out);
        }
    }

    fn goes_on(&mut self, part: Part, out: Out<'_>) {
        if let Some(part) = self.unless_let_go(part, out) {
            self.hold(part, usize::MAX, out);
        }
    }

    /// A record without a mark: the last part of what its container left open, or a whole line.
    /// One that cannot be a part (`None`) shows that the rest was lost.
    fn ends(&mut self, record: Joined<'_>, part: Option<Part>, out: Out<'_>) {
        let Some(group) = self.waiting.find(&self.key) else { return out(record) };
        match (group.let_go, part) {
            (Some(why), Some(_)) => let_go(record, why, out),
            (None, Some(part)) => {
                if self.hold(part, usize::MAX, out) {
                    self.complete(out);
                }
            }
            (_, None) => {
                let parts = self.waiting.take_parts(self.key.as_str(), Unjoined::Incomplete);
                let_all_go(&parts, Unjoined::Incomplete, out);
                out(record);
            }
        }
        self.waiting.remove(self.key.as_str());
    }

    /// The part, unless what it belongs to was let go before: then it follows.
    fn unless_let_go(&mut self, part: Part, out: Out<'_>) -> Option<Part> {
        let Some(why) = self.waiting.find(&self.key).and_then(|group| group.let_go) else {
            return Some(part);
        };
        self.waiting.touch(&self.key, part.arrival.saturating_add(self.wait));
        let_all_go(&[part], why, out);
        None
    }

    /// Holds a part; `false` if that was too much, and it was let go with all that was there.
    fn hold(&mut self, part: Part, at: usize, out: Out<'_>) -> bool {
        let due = part.arrival.saturating_add(self.wait);
        self.waiting.add(&self.key, at, part, due, None);
        if let Some(why) = self.cap_met() {
            let_all_go(&self.waiting.take_parts(self.key.as_str(), why), why, out);
            if self.waiting.parts_of_container(&self.key) > self.parts_max {
                self.waiting.remove(self.key.as_str());
            }
        }
        while self.waiting.containers() > self.containers_max {
            self.let_oldest_go(out);
        }
        self.waiting.find(&self.key).is_some_and(|group| group.let_go.is_none())
    }

    fn cap_met(&self) -> Option<Unjoined> {
        let joined_bytes = self.waiting.find(&self.key).map_or(0, |group| group.joined_bytes());
        if joined_bytes > self.record_bytes_max {
            return Some(Unjoined::TooLong);
        }
        let parts = self.waiting.parts_of_container(&self.key);
        (parts > self.parts_max).then_some(Unjoined::TooMany)
    }

    fn complete(&mut self, out: Out<'_>) {
        if let Some(group) = self.waiting.remove(self.key.as_str()) {
            hand_on(&group.parts, TextBetween::Nothing, None, out);
        }
    }

    pub fn expire(&mut self, now: Micros, out: Out<'_>) {
        self.let_due_go(now, Unjoined::TooOld, out);
    }

    pub fn finish(&mut self, out: Out<'_>) {
        self.let_due_go(Micros::MAX, Unjoined::Incomplete, out);
    }

    fn let_due_go(&mut self, now: Micros, why: Unjoined, out: Out<'_>) {
        while let Some((_, key)) = self.waiting.first_due().filter(|(due, _)| *due <= now) {
            let key = key.to_owned();
            if let Some(group) = self.waiting.remove(&key) {
                let_all_go(&group.parts, why, out);
            }
        }
    }

    /// What waited longest goes: first its parts, then the memory of it.
    pub fn let_oldest_go(&mut self, out: Out<'_>) {
        let Some((_, key)) = self.waiting.first_due() else { return };
        let key = key.to_owned();
        let parts = self.waiting.take_parts(&key, Unjoined::TooMany);
        if parts.is_empty() {
            self.waiting.remove(&key);
        }
        let_all_go(&parts, Unjoined::TooMany, out);
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

/// `None` for what has no line in it.
fn part(record: Joined<'_>, text: &str, facts: &Facts<'_>, torn: Option<&Torn>) -> Option<Part> {
    if let Some(line) = facts.line.clone() {
        let came = torn.map(|torn| torn.as_it_came(line.start, line.end));
        let part = Part::new(record, text, line, true);
        return Some(match came {
            Some(came) => part.with_line_as_it_came(came),
            None => part,
        });
    }
    let numbers = facts.numbers.clone()?;
    let came = bytes_of(text.get(numbers.clone())?)?;
    Some(Part::new(record, text, numbers, true).with_line_as_it_came(came))
}

/// Bytes as numbers, `226,130`, as they would stand in a text.
fn bytes_of(numbers: &str) -> Option<Box<[u8]>> {
    let bytes: Result<Vec<u8>, _> =
        numbers.split(',').map(|number| number.trim_ascii().parse()).collect();
    let mut quoted = Vec::new();
    push_quoted_bytes(&mut quoted, &bytes.ok()?);
    let text = quoted.strip_prefix(b"\"").and_then(|text| text.strip_suffix(b"\""))?;
    Some(text.into())
}
