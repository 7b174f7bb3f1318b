//! `cargo xtask bench decode`: bytes to Arrow, per format, on one core, without reading or
//! writing anything.

// What it finds is a table on stdout.
#![allow(clippy::print_stdout)]

use std::time::{Duration, Instant};

use kura_core::origin::ObjectFacts;
use kura_formats::formats::{Finder, RawRecord};
use kura_formats::framing::{Frame, FrameLimits};
use kura_formats::{ALL, Format};

/// How long each format is measured.
const AT_LEAST: Duration = Duration::from_secs(2);
const OBJECT_BYTES: usize = 16 << 20;
/// An import reads, and hands rows on, in such pieces.
const READ_BYTES: usize = 256 << 10;
const PIECE_BYTES: usize = 16 << 20;

fn main() {
    println!("| format | MB/s | records/s |\n|---|---:|---:|");
    // A name measures that format alone.
    let only = std::env::args().skip(1).find(|argument| !argument.starts_with('-'));
    let is_wanted = |name: &str| only.as_deref().is_none_or(|only| only == name);
    for format in ALL.iter().filter(|format| is_wanted(format.name())) {
        measure(format.name(), format.as_ref(), format.description().sample);
    }
    if !is_wanted("found") {
        return;
    }
    let sample = ALL[0].description().sample;
    let mut finder = Finder::new("found", None);
    finder.add(&sample.replace("{n}", "1"));
    measure("JSON of any kind", &finder.finish(), sample);
}

fn measure(name: &str, format: &dyn Format, sample: &str) {
    let mut object = String::new();
    let mut number = 0;
    while object.len() < OBJECT_BYTES {
        number += 1;
        object.push_str(&sample.replace("{n}", &(100 + number % 155).to_string()));
        object.push('\n');
    }
    let (mut bytes, mut records) = (0, 0);
    let started = Instant::now();
    while started.elapsed() < AT_LEAST {
        records += decode(format, object.as_bytes());
        bytes += object.len();
    }
    let seconds = started.elapsed().as_secs_f64();
    println!("| {name} | {:.0} | {:.0} |", bytes as f64 / 1e6 / seconds, records as f64 / seconds);
}

/// As an import does: frames out of pieces, rows out of frames, columns out of rows.
fn decode(format: &dyn Format, object: &[u8]) -> usize {
    let facts = ObjectFacts { uri: "s3://bucket/key".to_owned(), ..ObjectFacts::default() };
    let mut framer = format.framing().framer(FrameLimits::default());
    let mut decoder = format.decoder();
    decoder.begin();
    let mut records = 0;
    for piece in object.chunks(READ_BYTES) {
        framer.feed(piece);
        while let Some(frame) = framer.next_frame() {
            let Frame::Record { range, number, compact } = frame else { panic!("{frame:?}") };
            let raw = RawRecord { bytes: &framer.bytes()[range], number, compact };
            decoder.decode(raw, &facts).expect("a record");
        }
        if decoder.bytes() >= PIECE_BYTES {
            records += decoder.finish().expect("columns of one length").batch.num_rows();
        }
    }
    records + decoder.finish().expect("columns of one length").batch.num_rows()
}
