//! What the batches of a lake came to, as their manifests and folds say it.

use std::cmp::Reverse;
use std::path::Path;

use kura_core::inflate::{InflateLimits, Inflated};
use serde_json::Value;

/// Batches that are kept together, and what they came to.
pub struct Batches {
    pub batches: u64,
    pub counts: Value,
}

/// Every batch of the lake, once. Each is finished.
pub fn batches(lake: &Path) -> Vec<Batches> {
    let writers = std::fs::read_dir(lake.join("_kura/batches")).into_iter().flatten();
    writers.flat_map(|writer| batches_of(&writer.expect("a writer").path())).collect()
}

fn batches_of(writer: &Path) -> Vec<Batches> {
    let mut files = Vec::new();
    for file in std::fs::read_dir(writer).expect("manifests") {
        let path = file.expect("a manifest").path();
        // A kill may leave one that was not yet at its place.
        if !path.extension().is_some_and(|form| form == "json" || form == "zst") {
            continue;
        }
        let name = path.file_name().and_then(|name| name.to_str()).expect("a name");
        let range = name.split('.').next().expect("numbers");
        let (first, last) = range.split_once('-').unwrap_or((range, range));
        let number = |text: &str| text.parse::<u64>().expect("a number");
        files.push((number(first), Reverse(number(last)), path));
    }
    // What a kill left there although a fold holds it comes behind that.
    files.sort();
    let (mut held, mut all) = (0, Vec::new());
    for (first, Reverse(last), path) in files {
        if last > held {
            let mut content: Value = serde_json::from_slice(&content(&path)).expect("JSON");
            assert!(first < last || content["state"] != "open", "{}", path.display());
            all.push(Batches { batches: last - first + 1, counts: content["counts"].take() });
            held = last;
        }
    }
    all
}

fn content(path: &Path) -> Vec<u8> {
    let file = std::fs::File::open(path).expect("a file");
    let size = file.metadata().expect("a size").len();
    let mut inflated = Inflated::open(file, size, InflateLimits::default()).expect("a file");
    let (mut content, mut buffer) = (Vec::new(), [0; 8 << 10]);
    loop {
        match inflated.read(&mut buffer).expect("readable") {
            0 => return content,
            read => content.extend_from_slice(&buffer[..read]),
        }
    }
}
