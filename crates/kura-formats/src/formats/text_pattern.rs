//! Regular expressions over records of text, nearly all of which are ASCII: for those each has a
//! second automaton that finds the same.
//!
//! In an automaton a digit of any script, or a letter of any length in bytes, is hundreds of
//! states, and what finds the groups clears a set of all states times all bytes of a record.

use regex::{CaptureLocations, Regex, bytes};
use regex_syntax::hir::Look;
use regex_syntax::hir::literal::Extractor;

#[derive(Debug)]
pub struct TextPattern {
    any: Regex,
    /// None where the pattern names what ASCII does not have.
    ascii: Option<bytes::Regex>,
    begins: FirstBytes,
}

/// With which bytes a text begins that the pattern may match: most texts that are recognised are
/// of other formats, and that need not be found out by an automaton.
#[derive(Debug)]
struct FirstBytes([bool; 256]);

/// Where the groups of a pattern matched, to be filled anew.
#[derive(Debug)]
pub struct Locations {
    any: CaptureLocations,
    ascii: Option<bytes::CaptureLocations>,
    /// The last text that matched was ASCII.
    is_ascii: bool,
}

impl TextPattern {
    /// # Errors
    /// A pattern that is none.
    pub fn new(pattern: &str) -> Result<Self, regex::Error> {
        let ascii = bytes::RegexBuilder::new(pattern).unicode(false).build();
        let begins = FirstBytes::of(pattern);
        Ok(TextPattern { any: Regex::new(pattern)?, ascii: ascii.ok(), begins })
    }

    /// Whether a text that begins like this may match.
    pub fn may_match(&self, text: &str) -> bool {
        text.bytes().next().is_none_or(|first| self.begins.0[usize::from(first)])
    }

    pub fn is_match(&self, text: &str) -> bool {
        if !self.may_match(text) {
            return false;
        }
        match &self.ascii {
            Some(pattern) if text.is_ascii() => pattern.is_match(text.as_bytes()),
            _ => self.any.is_match(text),
        }
    }

    /// The names of the groups, by their numbers.
    pub fn names(&self) -> impl Iterator<Item = Option<&str>> {
        self.any.capture_names()
    }

    pub fn locations(&self) -> Locations {
        let ascii = self.ascii.as_ref().map(bytes::Regex::capture_locations);
        Locations { any: self.any.capture_locations(), ascii, is_ascii: false }
    }

    /// Whether the text matches, and where its groups do.
    pub fn read(&self, at: &mut Locations, text: &str) -> bool {
        match (&self.ascii, &mut at.ascii) {
            (Some(pattern), Some(locations)) if text.is_ascii() => {
                at.is_ascii = true;
                pattern.captures_read(locations, text.as_bytes()).is_some()
            }
            _ => {
                at.is_ascii = false;
                self.any.captures_read(&mut at.any, text).is_some()
            }
        }
    }
}

impl FirstBytes {
    /// All of them, where the pattern does not say.
    fn of(pattern: &str) -> Self {
        const ALL: FirstBytes = FirstBytes([true; 256]);
        /// Digits of all scripts are some hundreds.
        const CHARACTERS_MAX: usize = 2_000;
        let Ok(pattern) = regex_syntax::parse(pattern) else { return ALL };
        if !pattern.properties().look_set_prefix().contains(Look::Start) {
            return ALL;
        }
        let mut extractor = Extractor::new();
        extractor.limit_class(CHARACTERS_MAX).limit_total(CHARACTERS_MAX);
        let prefixes = extractor.limit_literal_len(4).extract(&pattern);
        let Some(prefixes) = prefixes.literals() else { return ALL };
        let mut first = [false; 256];
        for prefix in prefixes {
            let Some(&byte) = prefix.as_bytes().first() else { return ALL };
            first[usize::from(byte)] = true;
        }
        FirstBytes(first)
    }
}

impl Locations {
    /// What the group matched of the text that was read.
    pub fn group<'a>(&self, group: usize, text: &'a str) -> Option<&'a str> {
        let (from, to) = match &self.ascii {
            Some(ascii) if self.is_ascii => ascii.get(group)?,
            _ => self.any.get(group)?,
        };
        text.get(from..to)
    }
}

#[cfg(test)]
mod tests {
    use super::{FirstBytes, TextPattern};

    #[test]
    fn what_a_text_begins_with_is_told_by_the_pattern() {
        let begins = |pattern: &str| -> String {
            let FirstBytes(first) = FirstBytes::of(pattern);
            let ascii = (b' '..=b'~').filter(|&byte| first[usize::from(byte)]);
            ascii.map(char::from).collect()
        };
        assert_eq!(begins(r"(?s)^(?:(?<time>\d{4})-x )?START (?<rest>.*)$"), "0123456789S");
        assert_eq!(begins(r"^(?:\[(?<level>ERROR|WARN)\]|#)"), "#[");
        assert_eq!(begins("^(?i:info)"), "Ii");
        assert_eq!(begins(r"^\(?a"), "(a");
        // Nothing is said: of a text's beginning, of a class without end, of what may be empty.
        let all = (b' '..=b'~').count();
        for pattern in ["START", r"^\S+ x", "^a?", r"(?m)^a"] {
            assert_eq!(begins(pattern).len(), all, "{pattern}");
        }
        assert!(FirstBytes::of(r"^\d").0[usize::from("１".as_bytes()[0])]);
    }

    #[test]
    fn ascii_and_other_texts_are_read_alike() {
        let check = |pattern: &str, text: &str, expected: &[Option<&str>]| {
            let pattern = TextPattern::new(pattern).expect("a pattern");
            let mut at = pattern.locations();
            let is_match = pattern.read(&mut at, text);
            assert_eq!((is_match, is_match), (pattern.is_match(text), pattern.any.is_match(text)));
            let groups = (1..pattern.names().count()).map(|group| at.group(group, text));
            assert_eq!(groups.filter(|_| is_match).collect::<Vec<_>>(), expected, "{text}");
        };
        let line = r"(?s)^(\d+)(?: \[(\w+)\])? (?i:id)=([^\n]*?)\b(.*)$";
        check(line, "12 [a_1] ID=x y\nz", &[Some("12"), Some("a_1"), Some(""), Some("x y\nz")]);
        check(line, "12 id=x é", &[Some("12"), None, Some(""), Some("x é")]);
        check(line, "１ id=é", &[Some("１"), None, Some(""), Some("é")]);
        check(line, "id=é", &[]);
        check(line, "id=x", &[]);
        // Letters of any script have no automaton of their own for ASCII.
        check(r"^(\p{Lu}+): (.*)$", "LOG: x", &[Some("LOG"), Some("x")]);
        check(r"^(\p{Lu}+): (.*)$", "ÜBER: x", &[Some("ÜBER"), Some("x")]);
    }
}
