//! What a format makes of some records, as text for tests to compare.

use arrow::json::LineDelimitedWriter;
use kura_core::origin::{Envelope, ObjectFacts};

use super::{Format, RawRecord};
use crate::framing::{Frame, FrameLimits};

/// Facts of an object whose key says as much as a key can.
pub fn facts() -> ObjectFacts {
    ObjectFacts {
        uri: "s3://logs/key".to_owned(),
        account: Some("111122223333".to_owned()),
        region: Some("us-west-1".to_owned()),
        time: Some(1_600_000_000_000_000),
        arrival: 1_700_000_000_000_000,
        envelope: Envelope::default(),
    }
}

/// Rejects, then rows as JSON, a line each, nulls left out.
pub fn shown(format: &dyn Format, object: &str) -> String {
    let facts = facts();
    let mut framer = format.framing().framer(FrameLimits::default());
    let mut decoder = format.decoder();
    decoder.begin();
    framer.feed(object.as_bytes());
    let mut lines = String::new();
    while let Some(frame) = framer.next_frame().or_else(|| framer.finish()) {
        let refused = match frame {
            Frame::Record { range, number, compact } => {
                let raw = RawRecord { bytes: &framer.bytes()[range], number, compact };
                decoder.decode(raw, &facts).err().map(|reject| framer.refuse(reject))
            }
            broken @ Frame::Broken { .. } => Some(broken),
        };
        if let Some(Frame::Broken { number, reject, .. }) = refused {
            lines.push_str(&format!("{number} {}: {}\n", reject.reason, reject.detail));
        }
    }
    let rows = decoder.finish().expect("columns of one length");
    let mut out = Vec::new();
    LineDelimitedWriter::new(&mut out).write(&rows.batch).expect("to memory");
    lines + &String::from_utf8(out).expect("text")
}
