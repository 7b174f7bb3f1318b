//! A log's records, each with its row as JSON.

use arrow::json::LineDelimitedWriter;
use kura_core::origin::ObjectFacts;
use kura_formats::Format;
use kura_formats::formats::{Decoded, RawRecord};
use kura_formats::framing::{Frame, FrameLimits};
use serde_json::Value;

pub struct Record {
    pub text: String,
    /// Columns without nulls, or why there are none.
    pub row: Result<Value, String>,
}

/// Read as an import reads; what is no record (a header) is left out.
pub fn decoded(format: &dyn Format, log: &[u8]) -> Vec<Record> {
    let facts = ObjectFacts { uri: "file:///log".to_owned(), ..ObjectFacts::default() };
    let mut framer = format.framing().framer(FrameLimits::default());
    let mut decoder = format.decoder();
    decoder.begin();
    framer.feed(log);
    let mut texts = Vec::new();
    while let Some(frame) = framer.next_frame().or_else(|| framer.finish()) {
        let (range, came) = match frame {
            Frame::Broken { range, reject, .. } => (range, Err(reject)),
            Frame::Record { range, number, compact } => {
                let bytes = &framer.bytes()[range.clone()];
                (range, decoder.decode(RawRecord { bytes, number, compact }, &facts))
            }
        };
        let text = String::from_utf8_lossy(&framer.bytes()[range]).into_owned();
        match came {
            Ok(Decoded::Row) => texts.push((text, None)),
            Ok(Decoded::Rows(rows)) => (0..rows).for_each(|_| texts.push((text.clone(), None))),
            Ok(Decoded::Nothing) => {}
            Err(reject) => {
                texts.push((text, Some(format!("{}: {}", reject.reason, reject.detail))));
                framer.refuse(reject);
            }
        }
    }
    let mut rows = Vec::new();
    let batch = decoder.finish().expect("columns of one length").batch;
    LineDelimitedWriter::new(&mut rows).write(&batch).expect("to memory");
    let mut rows = serde_json::Deserializer::from_slice(&rows).into_iter::<Value>();
    let mut row = || rows.next().expect("a row for each").expect("JSON");
    texts
        .into_iter()
        .map(|(text, refused)| Record { text, row: refused.map_or_else(|| Ok(row()), Err) })
        .collect()
}
