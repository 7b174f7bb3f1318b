//! Which lines belong together: the rules in use, compiled, and what an open event waits for.

use regex::{Regex, RegexSet};

use super::languages::{Language, OUTSIDE};
use super::rules::{JoinRules, OwnRule};

/// How far an event has come by one rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reading {
    rule: usize,
    state: u8,
}

#[derive(Debug)]
struct Step {
    from: u8,
    line: Regex,
    /// It is a line that does *not* look like this.
    is_other: bool,
    to: u8,
}

#[derive(Debug)]
pub struct Patterns {
    /// The looks of all first lines, asked at once: most lines are none.
    begins: RegexSet,
    /// To what each of them leads.
    opens: Vec<Reading>,
    /// The steps of each rule.
    rules: Vec<Vec<Step>>,
}

impl Patterns {
    pub fn new(rules: &JoinRules) -> Self {
        let mut looks = Vec::new();
        let mut patterns =
            Patterns { begins: RegexSet::empty(), opens: Vec::new(), rules: Vec::new() };
        for language in &rules.multiline {
            patterns.add_language(*language, &mut looks);
        }
        for rule in &rules.rule {
            patterns.add_own(rule, &mut looks);
        }
        // Each of them was compiled before; together they are only more.
        if let Ok(begins) = RegexSet::new(&looks) {
            patterns.begins = begins;
        }
        patterns
    }

    fn add_language(&mut self, language: Language, looks: &mut Vec<String>) {
        let rule = self.rules.len();
        let mut steps = Vec::new();
        for &(from, line, to) in language.steps() {
            if from == OUTSIDE {
                looks.push(line.to_owned());
                self.opens.push(Reading { rule, state: to });
            } else if let Ok(line) = Regex::new(line) {
                steps.push(Step { from, line, is_other: false, to });
            }
        }
        self.rules.push(steps);
    }

    fn add_own(&mut self, own: &OwnRule, looks: &mut Vec<String>) {
        let (from, to) = (OUTSIDE + 1, OUTSIDE + 1);
        let step = match (&own.begins, &own.continues) {
            (_, Some(line)) => Step { from, line: line.clone(), is_other: false, to },
            (Some(line), None) => Step { from, line: line.clone(), is_other: true, to },
            (None, None) => return,
        };
        looks.push(own.begins.as_ref().map_or("", Regex::as_str).to_owned());
        self.opens.push(Reading { rule: self.rules.len(), state: to });
        self.rules.push(vec![step]);
    }

    pub fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    /// The rules by which a line begins an event.
    pub fn begin(&self, line: &str) -> Vec<Reading> {
        let mut readings: Vec<Reading> = Vec::new();
        for at in &self.begins.matches(line) {
            let Some(reading) = self.opens.get(at) else { continue };
            if readings.iter().all(|known| known.rule != reading.rule) {
                readings.push(*reading);
            }
        }
        readings
    }

    /// The rules by which a line goes on with an event: several may have begun with its first
    /// line, and the next ones tell which it is.
    pub fn go_on(&self, readings: &[Reading], line: &str) -> Vec<Reading> {
        readings.iter().filter_map(|reading| self.step(*reading, line)).collect()
    }

    fn step(&self, reading: Reading, line: &str) -> Option<Reading> {
        let steps = self.rules.get(reading.rule)?.iter();
        let mut fitting = steps
            .filter(|step| step.from == reading.state && step.line.is_match(line) != step.is_other);
        fitting.next().map(|step| Reading { state: step.to, ..reading })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_look_is_a_regular_expression_and_every_state_is_reached() {
        for language in Language::ALL {
            let steps = language.steps();
            for (from, line, _) in steps {
                assert!(Regex::new(line).is_ok(), "{language:?}: {line}");
                let is_reached = steps.iter().any(|(_, _, to)| to == from);
                assert!(*from == OUTSIDE || is_reached, "{language:?}: {from}");
            }
            let rules = JoinRules { multiline: vec![language], ..JoinRules::default() };
            assert!(!Patterns::new(&rules).begins.is_empty());
        }
    }
}
