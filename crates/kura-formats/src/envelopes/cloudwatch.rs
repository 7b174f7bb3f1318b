//! What a subscription of CloudWatch Logs delivers: events of one log stream.
//!
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html>
//!
//! Fields that a subscription's pattern extracted are part of the message, and are not kept
//! beside it.

use std::borrow::Cow;

use kura_core::time::Micros;

use super::members::{Members, into_bytes};
use super::{About, Envelope, Message, Opener};
use crate::formats::{Head, RawRecord};
use crate::framing::{Framing, Marks};
use crate::json::unquote;
use crate::reject::{Reason, Reject};

#[derive(Debug)]
pub struct CloudWatch;

impl Envelope for CloudWatch {
    fn name(&self) -> &'static str {
        "cloudwatch"
    }

    fn recognise(&self, head: &Head<'_>, _about: &About<'_>) -> bool {
        ["messageType", "logGroup", "logStream"].iter().all(|key| head.has(key))
    }

    /// Firehose writes them one after the other, without so much as a line feed between.
    fn framing(&self) -> Framing {
        Framing::Json { restart: Some(Marks { restart: b"\"messageType\"", lists: &[] }) }
    }

    fn opener(&self, _path: &str) -> Box<dyn Opener> {
        Box::new(CloudWatchOpener)
    }
}

#[derive(Debug)]
struct CloudWatchOpener;

impl Opener for CloudWatchOpener {
    fn open<'r>(&mut self, record: RawRecord<'r>) -> Result<Vec<Message<'r>>, Reject> {
        let members = Members::of_record(record)?;
        match members.text("messageType").as_deref() {
            Some("CONTROL_MESSAGE") => return Ok(Vec::new()),
            Some("DATA_MESSAGE") => {}
            _ => return Err(Reject::new(Reason::NotAnEvent, "no `messageType` that is known")),
        }
        let text = |key: &str| members.text(key).map(Cow::into_owned);
        let (account, source, stream) = (text("owner"), text("logGroup"), text("logStream"));
        let events = members.list("logEvents")?;
        let messages = events.into_iter().zip(1..).map(|(text, place)| {
            let whole = Message {
                bytes: Cow::Borrowed(text.as_bytes()),
                number: record.number,
                place: Some(place),
                ..Message::default()
            };
            let event = match Members::of(text) {
                Ok(event) => event,
                Err(reject) => return Message { broken: Some(reject), ..whole },
            };
            let message = event.value("message").map(unquote).unwrap_or_default();
            Message {
                bytes: into_bytes(message),
                time: event.value("timestamp").and_then(milliseconds),
                account: account.clone(),
                id: event.text("id").map(Cow::into_owned),
                source: source.clone(),
                stream: stream.clone(),
                beside: event.beside(&["message", "timestamp", "id", "extractedFields"]),
                ..whole
            }
        });
        Ok(messages.collect())
    }
}

fn milliseconds(value: &str) -> Option<Micros> {
    unquote(value).parse::<i64>().ok()?.checked_mul(1_000)
}
