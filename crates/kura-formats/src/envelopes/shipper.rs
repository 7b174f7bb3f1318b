//! Lines that a shipper put into a JSON object beside what it knew of them: Fluent Bit and
//! FireLens under `log`, Beats and Vector under `message`, SNS under `Message`, Cribl under
//! `_raw`.
//!
//! Only where the line itself is of a known kind, or JSON: otherwise the object is the record.

use std::borrow::Cow;

use super::members::Members;
use super::{About, Envelope, Message, Opener};
use crate::formats::{Head, RawRecord};
use crate::framing::Framing;
use crate::json::{text_of, unquote};
use crate::reject::{Reason, Reject};

/// The line's key, the likeliest first.
const LINE_KEYS: [&str; 4] = ["log", "message", "_raw", "Message"];

#[derive(Debug)]
pub struct Shipper;

impl Envelope for Shipper {
    fn name(&self) -> &'static str {
        "shipper"
    }

    fn recognise(&self, head: &Head<'_>, about: &About<'_>) -> bool {
        let line = |key: &&str| text_of(head.value(key)).and(head.value(key)).map(unquote);
        LINE_KEYS
            .iter()
            .find_map(line)
            .is_some_and(|line| line.trim_start().starts_with('{') || (about.is_of_a_kind)(&line))
    }

    fn framing(&self) -> Framing {
        Framing::Json { restart: None }
    }

    fn opener(&self, _path: &str) -> Box<dyn Opener> {
        Box::new(ShipperOpener)
    }
}

#[derive(Debug)]
struct ShipperOpener;

impl Opener for ShipperOpener {
    fn open<'r>(&mut self, record: RawRecord<'r>) -> Result<Vec<Message<'r>>, Reject> {
        let members = Members::of_record(record)?;
        let line = LINE_KEYS.iter().find_map(|key| Some((*key, members.text(key)?)));
        let (key, line) = line.ok_or_else(|| Reject::new(Reason::NotAnEvent, "no line in it"))?;
        Ok(vec![Message {
            bytes: Cow::Owned(line.trim_end().as_bytes().to_vec()),
            number: record.number,
            otherwise: Some(record.bytes),
            beside: members.beside(&[key]),
            ..Message::default()
        }])
    }
}
