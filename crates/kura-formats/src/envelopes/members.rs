//! What is in a JSON object around messages.

use std::borrow::Cow;

use crate::formats::RawRecord;
use crate::json::{Cursor, Kind, kind_of, unquote};
use crate::reject::{Reason, Reject};

/// Keys and values as they were written.
#[derive(Debug)]
pub struct Members<'a>(Vec<(Cow<'a, str>, &'a str)>);

impl<'a> Members<'a> {
    pub fn of_record(record: RawRecord<'a>) -> Result<Self, Reject> {
        Members::of(record.text()?)
    }

    pub fn of(text: &'a str) -> Result<Self, Reject> {
        let mut members = Vec::new();
        let mut cursor = Cursor::new(text);
        let read = cursor.object(|key, value| members.push((key, value)));
        read.and_then(|()| cursor.end())
            .map_err(|error| Reject::new(Reason::BrokenJson, error.to_string()))?;
        Ok(Members(members))
    }

    pub fn value(&self, key: &str) -> Option<&'a str> {
        self.0.iter().find(|(known, _)| known == key).map(|(_, value)| *value)
    }

    /// The text under a key.
    pub fn text(&self, key: &str) -> Option<Cow<'a, str>> {
        self.value(key).filter(|value| kind_of(value) == Kind::String).map(unquote)
    }

    /// The values of the list under a key.
    pub fn list(&self, key: &str) -> Result<Vec<&'a str>, Reject> {
        let mut items = Vec::new();
        if let Some(value) = self.value(key) {
            let read = Cursor::new(value).array(|item| items.push(item));
            read.map_err(|error| Reject::new(Reason::BrokenJson, error.to_string()))?;
        }
        Ok(items)
    }

    /// What is under other keys than these.
    pub fn beside(&self, keys: &[&str]) -> Vec<(String, String)> {
        let others = self.0.iter().filter(|(key, _)| !keys.contains(&key.as_ref()));
        others.map(|(key, value)| (key.to_string(), (*value).to_owned())).collect()
    }
}

/// A message that is text.
pub fn into_bytes(text: Cow<'_, str>) -> Cow<'_, [u8]> {
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(text.as_bytes()),
        Cow::Owned(text) => Cow::Owned(text.into_bytes()),
    }
}
