//! Regular expressions over records of text, nearly all of which are ASCII: for those each has a
//! second automaton that finds the same.
//!
//! In an automaton a digit of any script, or a letter of any length in bytes, is hundreds of
//! states, and what finds the groups clears a set of all states times all bytes of a record.

use regex::{CaptureLocations, Regex, bytes};

#[derive(Debug)]
pub struct TextPattern {
    any: Regex,
    /// None where the pattern names what ASCII does not have.
    ascii: Option<bytes::Regex>,
}

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
        Ok(TextPattern { any: Regex::new(pattern)?, ascii: ascii.ok() })
    }

    pub fn is_match(&self, text: &str) -> bool {
        self.any.is_match(text)
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
    use super::TextPattern;

    #[test]
    fn ascii_and_other_texts_are_read_alike() {
        let check = |pattern: &str, text: &str, expected: &[Option<&str>]| {
            let pattern = TextPattern::new(pattern).expect("a pattern");
            let mut at = pattern.locations();
            let is_match = pattern.read(&mut at, text);
            assert_eq!(is_match, pattern.is_match(text));
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
