//! Log streams that CloudWatch Logs exported to S3: `2026-11-20T10:00:00.000Z message`, and
//! the rest of a message on lines of its own.
//!
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/S3Export.html>

use std::borrow::Cow;

use kura_core::time::parse_log_time;
use regex::bytes::Regex;

use super::{About, Envelope, Message, Opener};
use crate::formats::{Head, RawRecord};
use crate::framing::Framing;
use crate::reject::{Reason, Reject};

/// A message begins with its time.
const BEGINS: &str = r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z ";
/// `2026-11-20T10:00:00.000Z `
const TIME_BYTES: usize = 25;

#[derive(Debug)]
pub struct CloudWatchExport;

impl Envelope for CloudWatchExport {
    fn name(&self) -> &'static str {
        "cloudwatch_export"
    }

    /// Other logs begin with a time, too: the key tells, or a message that is of a kind of its
    /// own, or JSON. Exports are objects, never messages in another envelope.
    fn recognise(&self, head: &Head<'_>, about: &About<'_>) -> bool {
        let Some((_, message)) = split(head.line).filter(|_| !about.is_message) else {
            return false;
        };
        is_export(about.path) || message.starts_with('{') || (about.is_of_a_kind)(message)
    }

    fn framing(&self) -> Framing {
        Regex::new(BEGINS).map_or(Framing::Lines, Framing::Blocks)
    }

    fn opener(&self, path: &str) -> Box<dyn Opener> {
        let stream = path.rsplit(['/', '\\']).nth(1).filter(|_| is_export(path));
        Box::new(ExportOpener { stream: stream.map(str::to_owned) })
    }
}

/// `<task's uuid>/<log stream>/000000.gz`
fn is_export(path: &str) -> bool {
    let mut parts = path.rsplit(['/', '\\']);
    let number = parts.next().and_then(|name| name.strip_suffix(".gz"));
    let task = parts.nth(1).unwrap_or_default();
    number.is_some_and(|n| n.len() == 6 && n.bytes().all(|byte| byte.is_ascii_digit()))
        && task.len() == 36
        && task.bytes().filter(|byte| *byte == b'-').count() == 4
}

fn split(line: &str) -> Option<(&str, &str)> {
    let (time, message) = line.split_at_checked(TIME_BYTES)?;
    let time = time.strip_suffix("Z ").and(time.get(..TIME_BYTES - 1))?;
    parse_log_time(time).map(|_| (time, message))
}

#[derive(Debug)]
struct ExportOpener {
    stream: Option<String>,
}

impl Opener for ExportOpener {
    fn open<'r>(&mut self, record: RawRecord<'r>) -> Result<Vec<Message<'r>>, Reject> {
        let begins = || Reject::new(Reason::NotAnEvent, "does not begin with a time");
        let (time, message) = split(record.text()?).ok_or_else(begins)?;
        Ok(vec![Message {
            bytes: Cow::Borrowed(message.as_bytes()),
            number: record.number,
            time: parse_log_time(time),
            stream: self.stream.clone(),
            ..Message::default()
        }])
    }
}
