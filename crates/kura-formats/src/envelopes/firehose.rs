//! Payloads in base64: what Firehose, Kinesis and subscriptions hand to functions and HTTP
//! endpoints, and what Firehose sets aside where a function failed.
//!
//! - `{"awslogs":{"data":…}}`, as a subscription calls a function;
//! - `{"records":[{"data":…}]}`, as Firehose calls a function or an endpoint
//!   (<https://docs.aws.amazon.com/firehose/latest/dev/httpdeliveryrequestresponse.html>);
//! - `{"Records":[{"kinesis":{"data":…}}]}`, as Kinesis calls a function;
//! - `{"rawData":…}`, in the folder of what could not be processed.

use std::borrow::Cow;
use std::io::Cursor as Bytes;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use kura_core::inflate::{InflateLimits, Inflated};
use kura_core::size::MIB;

use super::members::Members;
use super::{About, Envelope, Message, Opener};
use crate::formats::{Head, RawRecord};
use crate::framing::Framing;
use crate::json::unquote;
use crate::reject::{Reason, Reject};

/// A payload inflates to no more: Firehose takes a mebibyte, Lambda six.
const LIMITS: InflateLimits =
    InflateLimits { bytes_max: 64 * MIB, ratio_max: 400, ratio_from: MIB, zstd_window_log_max: 23 };
const READ_BYTES: usize = 64 << 10;

#[derive(Debug)]
pub struct Firehose;

impl Envelope for Firehose {
    fn name(&self) -> &'static str {
        "firehose"
    }

    fn recognise(&self, head: &Head<'_>, _about: &About<'_>) -> bool {
        let of_firehose = ["deliveryStreamArn", "invocationId", "requestId"];
        head.has("kinesis")
            || head.value("awslogs").is_some_and(|value| value.contains("\"data\""))
            || (head.has("rawData") && head.has("attemptsMade"))
            || (head.has("records") && of_firehose.iter().any(|key| head.has(key)))
    }

    fn framing(&self) -> Framing {
        Framing::Json { restart: None }
    }

    fn opener(&self, _path: &str) -> Box<dyn Opener> {
        Box::new(FirehoseOpener)
    }
}

#[derive(Debug)]
struct FirehoseOpener;

impl Opener for FirehoseOpener {
    fn open<'r>(&mut self, record: RawRecord<'r>) -> Result<Vec<Message<'r>>, Reject> {
        let members = Members::of_record(record)?;
        let message = |(data, place): (&'r str, u64)| {
            let (bytes, broken) = match payload(&unquote(data)) {
                Ok(payload) => (Cow::Owned(payload), None),
                Err(reject) => (Cow::Borrowed(data.as_bytes()), Some(reject)),
            };
            let (number, place, is_object) = (record.number, Some(place), true);
            Message { bytes, number, place, is_object, broken, ..Message::default() }
        };
        Ok(payloads(&members)?.into_iter().zip(1..).map(message).collect())
    }
}

/// The payloads, still in base64 and with their quotes.
fn payloads<'a>(members: &Members<'a>) -> Result<Vec<&'a str>, Reject> {
    if let Some(data) = members.value("rawData") {
        return Ok(vec![data]);
    }
    if let Some(logs) = members.value("awslogs") {
        return Ok(Members::of(logs)?.value("data").into_iter().collect());
    }
    if let Some(kinesis) = members.value("kinesis") {
        return Ok(Members::of(kinesis)?.value("data").into_iter().collect());
    }
    let mut payloads = Vec::new();
    for record in members.list("records")?.into_iter().chain(members.list("Records")?) {
        let record = Members::of(record)?;
        let kinesis = record.value("kinesis").map(Members::of).transpose()?;
        payloads.extend(kinesis.unwrap_or(record).value("data"));
    }
    match payloads.is_empty() {
        true => Err(Reject::new(Reason::NotAnEvent, "no `data` in it")),
        false => Ok(payloads),
    }
}

/// Out of base64, and out of gzip where it is in it.
fn payload(data: &str) -> Result<Vec<u8>, Reject> {
    let corrupt = |detail: String| Reject::new(Reason::Corrupt, detail);
    let bytes =
        STANDARD.decode(data).map_err(|error| corrupt(format!("broken base64: {error}")))?;
    let size = bytes.len() as u64;
    let inflated = Inflated::open(Bytes::new(bytes), size, LIMITS);
    let mut inflated = inflated.map_err(|error| corrupt(error.to_string()))?;
    let (mut out, mut buffer) = (Vec::new(), vec![0; READ_BYTES]);
    loop {
        match inflated.read(&mut buffer).map_err(|error| corrupt(error.to_string()))? {
            0 => return Ok(out),
            read => out.extend_from_slice(&buffer[..read]),
        }
    }
}
