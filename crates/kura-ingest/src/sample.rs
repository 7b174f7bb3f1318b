//! The columns of JSON records of any kind, found in some of them.
//!
//! Objects are looked at from one end of what was named to the other, known ones included:
//! an import that was killed and begun again finds the same columns.

use kura_core::inflate::InflateLimits;
use kura_formats::formats::{Finder, Found};
use kura_formats::framing::{Frame, FrameLimits, Framer, Framing};

use crate::content::Content;
use crate::source::SourceFile;

const OBJECTS_MAX: usize = 64;
const OBJECT_BYTES: usize = 256 << 10;
const READ_BYTES: usize = 64 << 10;

/// What some of the objects, and those that the finder knows already, have for columns.
pub fn find_columns(
    mut finder: Finder,
    files: &[SourceFile],
    inflate: InflateLimits,
    frames: FrameLimits,
) -> Found {
    let step = files.len().div_ceil(OBJECTS_MAX).max(1);
    for file in files.iter().step_by(step) {
        look_at(file, inflate, frames, &mut finder);
    }
    finder.finish()
}

/// The first records of an object. What is wrong with it the import itself will tell.
fn look_at(file: &SourceFile, inflate: InflateLimits, frames: FrameLimits, finder: &mut Finder) {
    let Ok(mut content) = Content::open(&file.path, file.object.size, inflate, |_| {}) else {
        return;
    };
    let mut framer = Framing::Json { restart: None }.framer(frames);
    let mut buffer = vec![0; READ_BYTES];
    let (mut seen, mut records) = (0, 0);
    while (seen < OBJECT_BYTES || (records == 0 && seen < frames.record_bytes_max))
        && let Ok(read @ 1..) = content.read(&mut buffer)
    {
        framer.feed(&buffer[..read]);
        seen += read;
        records += add_records(framer.as_mut(), finder);
    }
}

/// Returns how many.
fn add_records(framer: &mut dyn Framer, finder: &mut Finder) -> usize {
    let mut records = 0;
    while let Some(frame) = framer.next_frame() {
        if let Frame::Record { range, .. } = frame
            && let Ok(text) = std::str::from_utf8(&framer.bytes()[range])
        {
            finder.add(text);
            records += 1;
        }
    }
    records
}
