//! What a framer makes of some text, for tests to compare.

use std::ops::Range;

use super::{Frame, Framer};

/// Frames of `text` fed in pieces of `piece` bytes, a line each; `show` says how bytes are
/// written.
pub fn shown(
    framer: &mut dyn Framer,
    text: &[u8],
    piece: usize,
    show: fn(&str) -> String,
) -> Vec<String> {
    let mut lines = Vec::new();
    let mut take = |framer: &dyn Framer, frame: Frame| {
        let text = |range: Range<usize>| show(&String::from_utf8_lossy(&framer.bytes()[range]));
        lines.push(match frame {
            Frame::Record { range, number, .. } => format!("{number} {}", text(range)),
            Frame::Broken { range, number, length, reject } => {
                format!("{number} {} of {length}: {}", reject.reason, text(range))
            }
        });
    };
    for part in text.chunks(piece) {
        framer.feed(part);
        while let Some(frame) = framer.next_frame() {
            take(framer, frame);
        }
    }
    while let Some(frame) = framer.finish() {
        take(framer, frame);
        while let Some(frame) = framer.next_frame() {
            take(framer, frame);
        }
    }
    lines
}
