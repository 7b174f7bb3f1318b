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

    /// `<task's uuid>/<log stream>/000000.gz`: other logs begin with a time, too.
    fn recognise(&self, head: &Head<'_>, about: &About<'_>) -> bool {
        let mut parts = about.path.rsplit(['/', '\\']);
        let number = parts.next().and_then(|name| name.strip_suffix(".gz"));
        let task = parts.nth(1).unwrap_or_default();
        number.is_some_and(|n| n.len() == 6 && n.bytes().all(|byte| byte.is_ascii_digit()))
            && task.len() == 36
            && task.bytes().filter(|byte| *byte == b'-').count() == 4
            && split(head.line).is_some()
    }

    fn framing(&self) -> Framing {
        Regex::new(BEGINS).map_or(Framing::Lines, Framing::Blocks)
    }

    fn opener(&self, path: &str) -> Box<dyn Opener> {
        Box::new(ExportOpener { stream: path.rsplit(['/', '\\']).nth(1).map(str::to_owned) })
    }
}

fn split(line: &str) -> Option<(&str, &str)> {
    let (time, message) = line.split_at_checked(TIME_BYTES)?;
    parse_log_time(time.trim_end()).map(|_| (time.trim_end(), message))
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
