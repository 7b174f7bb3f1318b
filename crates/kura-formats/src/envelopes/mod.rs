//! Logs inside logs: what wraps records on their way, and how it is opened.
//!
//! An envelope says where its messages begin and what it knows of them (when, from which log
//! group, under which id); what they are, recognition says of each one. A new envelope is a
//! file here and a line in [`ENVELOPES`].

use std::borrow::Cow;
use std::fmt;

use kura_core::time::Micros;

use crate::formats::{Head, RawRecord};
use crate::framing::Framing;
use crate::reject::Reject;

mod members;
mod cloudwatch;
mod cloudwatch_export;
mod container;
mod firehose;
mod shipper;

pub use cloudwatch_export::CloudWatchExport;

/// Every kind of envelope, in the order recognition asks them.
pub static ENVELOPES: [&dyn Envelope; 6] = [
    &cloudwatch::CloudWatch,
    &firehose::Firehose,
    &container::DockerJson,
    &container::Cri,
    &CloudWatchExport,
    &shipper::Shipper,
];

/// A way in which logs are wrapped.
pub trait Envelope: Send + Sync + fmt::Debug {
    /// As `_origin` and `quarantine` name it.
    fn name(&self) -> &'static str;
    /// Whether an object, or a message, that begins like this is one.
    fn recognise(&self, head: &Head<'_>, about: &About<'_>) -> bool;
    /// How envelopes follow one another in an object.
    fn framing(&self) -> Framing;
    /// For the envelopes of one object; its path may say more of its messages.
    fn opener(&self, path: &str) -> Box<dyn Opener>;
}

/// What recognition knows beside the first bytes.
pub struct About<'a> {
    /// The object's; a message has none.
    pub path: &'a str,
    /// It is a message of another envelope, not an object.
    pub is_message: bool,
    /// Whether a line is of a kind of its own, and not just any text.
    pub is_of_a_kind: &'a dyn Fn(&str) -> bool,
}

/// Opens the envelopes of one object.
pub trait Opener: Send {
    /// The messages in it: none, if it only tells that a stream lives.
    ///
    /// # Errors
    /// If it is no such envelope.
    fn open<'r>(&mut self, record: RawRecord<'r>) -> Result<Vec<Message<'r>>, Reject>;
    /// What was held back until the object ended.
    fn finish(&mut self) -> Vec<Message<'static>> {
        Vec::new()
    }
}

/// What was in an envelope, and what that said of it.
#[derive(Debug, Default)]
pub struct Message<'a> {
    pub bytes: Cow<'a, [u8]>,
    /// The number of the record it began in.
    pub number: u64,
    /// Its own number among several in one envelope.
    pub place: Option<u64>,
    /// Holds records as an object does: it is recognised and framed as such.
    pub is_object: bool,
    /// What is the record if the message is of no kind of its own: the envelope itself.
    pub otherwise: Option<&'a [u8]>,
    pub time: Option<Micros>,
    pub account: Option<String>,
    pub id: Option<String>,
    pub source: Option<String>,
    pub stream: Option<String>,
    /// See [`kura_core::origin::Envelope`].
    pub beside: Vec<(String, String)>,
    /// Why it cannot be had; `bytes` is then what stands in its place.
    pub broken: Option<Reject>,
}

/// The envelope that begins like this.
#[must_use]
pub fn recognise(head: &Head<'_>, about: &About<'_>) -> Option<&'static dyn Envelope> {
    ENVELOPES.into_iter().find(|envelope| envelope.recognise(head, about))
}

#[cfg(test)]
#[path = "envelopes_tests.rs"]
mod tests;
