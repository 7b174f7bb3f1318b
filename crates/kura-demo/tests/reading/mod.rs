//! Reading the demo's objects, without any help from the crate.
#![allow(dead_code)] // Each test file uses its own part.

use std::collections::HashSet;
use std::io::Read;

use kura_demo::{Demo, Object, Options};
use serde_json::Value;

pub fn demo(seed: u64, days: u32, events: u64) -> Demo {
    Demo::new(Options { seed, days, events, ..Options::default() })
}

pub fn unpack(object: &Object) -> String {
    let mut text = String::new();
    flate2::read::GzDecoder::new(&object.bytes[..]).read_to_string(&mut text).expect("gzip");
    text
}

pub fn parse(object: &Object) -> Vec<Value> {
    let mut body: Value = serde_json::from_str(&unpack(object)).expect("JSON");
    match body["Records"].take() {
        Value::Array(records) => records,
        _ => panic!("{} has no records", object.key),
    }
}

/// All records of a demo, each once.
pub fn unique_records(demo: &Demo) -> Vec<Value> {
    let mut known = HashSet::new();
    demo.objects()
        .filter(|object| object.events > 0)
        .flat_map(|object| parse(&object))
        .filter(|record| known.insert(text(record, "/eventID").to_owned()))
        .collect()
}

/// The text at a JSON pointer, empty where there is none.
pub fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or("")
}
