//! Why a record did not become a row.

use std::fmt;

/// The reasons that `quarantine` names. They are stored: a word here never changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    BrokenJson,
    InvalidUtf8,
    TooDeep,
    TooLarge,
    NotAnObject,
    /// JSON, and not a record of this format.
    NotAnEvent,
    /// A CloudTrail Insights event among events.
    Insight,
    /// The object ends within a record, or before its array closes.
    Truncated,
    /// The compressed bytes are broken from here on.
    Corrupt,
}

impl Reason {
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Reason::BrokenJson => "broken_json",
            Reason::InvalidUtf8 => "invalid_utf8",
            Reason::TooDeep => "too_deep",
            Reason::TooLarge => "too_large",
            Reason::NotAnObject => "not_an_object",
            Reason::NotAnEvent => "not_an_event",
            Reason::Insight => "insight",
            Reason::Truncated => "truncated",
            Reason::Corrupt => "corrupt",
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// A record that is not a row of its table: it goes to `quarantine`, bytes and all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reject {
    pub reason: Reason,
    /// For a person: what exactly, and where.
    pub detail: String,
}

impl Reject {
    #[must_use]
    pub fn new(reason: Reason, detail: impl Into<String>) -> Self {
        Reject { reason, detail: detail.into() }
    }
}
