//! Every format against what it should not get: its own sample, damaged in every way that is
//! the same for all. Nothing panics, every record ends as rows or as a reject, and what stands
//! beside a broken record is read.

use arrow::array::{Array, AsArray};
use arrow::datatypes::Date32Type;
use kura_core::origin::ObjectFacts;
use kura_core::table::column;
use kura_core::time::{day_of, parse_log_time};

use super::{ALL, Format, RawRecord};
use crate::framing::{Frame, FrameLimits, Framing};
use crate::json::{Cursor, Kind, kind_of};
use crate::recognise::Catalogue;

/// What becomes of an object.
#[derive(Debug, Default)]
struct Read {
    /// The hashes of its rows' records.
    content: Vec<u64>,
    rejects: Vec<String>,
    /// What should never be.
    wrong: Vec<String>,
}

fn read(format: &dyn Format, object: &[u8]) -> Read {
    let arrival = parse_log_time("2026-11-21T00:00:00Z").expect("a time");
    let facts = ObjectFacts { uri: "s3://b/k".to_owned(), arrival, ..ObjectFacts::default() };
    let mut framer = format.framing().framer(FrameLimits::default());
    let mut decoder = format.decoder();
    decoder.begin();
    framer.feed(object);
    let mut read = Read::default();
    while let Some(frame) = framer.next_frame().or_else(|| framer.finish()) {
        let before = decoder.rows();
        let (rows, refused) = match frame {
            Frame::Record { range, number, compact } => {
                let raw = RawRecord { bytes: &framer.bytes()[range], number, compact };
                match decoder.decode(raw, &facts) {
                    Ok(decoded) => (decoded.rows(), None),
                    Err(reject) => (0, Some(framer.refuse(reject))),
                }
            }
            broken @ Frame::Broken { .. } => (0, Some(broken)),
        };
        if decoder.rows() as u64 != before as u64 + rows {
            read.wrong.push(format!("{rows} rows said, {before} became {}", decoder.rows()));
        }
        if let Some(Frame::Broken { reject, .. }) = refused {
            read.rejects.push(format!("{}: {}", reject.reason, reject.detail));
        }
    }
    let held = decoder.rows();
    let rows = decoder.finish().expect("columns of one length");
    if rows.batch.num_rows() != held || rows.content.len() != held || decoder.rows() != 0 {
        read.wrong.push(format!("{held} rows held, {} handed out", rows.batch.num_rows()));
    }
    if rows.batch.schema() != format.table().schema {
        read.wrong.push("another schema".to_owned());
    }
    let days = rows.batch.column_by_name(column::DAY).expect("a day").as_primitive::<Date32Type>();
    let arrived = day_of(arrival);
    let is_near = |day: &i32| (arrived - 21 * 365..=arrived + 2).contains(day);
    if days.null_count() > 0 || !days.values().iter().all(is_near) {
        read.wrong.push(format!("partitions of {days:?}"));
    }
    read.content = rows.content;
    read
}

fn sample(format: &dyn Format, number: u32) -> String {
    format.description().sample.replace("{n}", &number.to_string())
}

/// Values that no field expects.
fn odd_values(is_json: bool) -> Vec<String> {
    let times = ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999Z", "-1", "0"];
    let numbers = ["99999999999999999999999", "1e308", "9223372036854775807", "-253402300800"];
    let texts = ["letters", "", "-", "é\u{1f980}", "\"", "[", "{\"a\":", "\\"];
    let all = times.into_iter().chain(numbers);
    match is_json {
        true => {
            let quoted = all.clone().chain(texts).map(|text| format!("{text:?}"));
            let bare =
                numbers.into_iter().chain(["-1", "0", "null", "true", "{}", "[]", "[[1],{}]"]);
            let nested =
                ["{\"a\":{\"b\":[null]}}", "\"a\\u0000b\"", "\"a\0b\"", "\"\\ud800\"", "nonsense"];
            quoted.chain(bare.chain(nested).map(str::to_owned)).collect()
        }
        false => all.chain(texts).chain(["a\0b"]).map(str::to_owned).collect(),
    }
}

/// Of many values each field gets some, others than the field beside it: all of them would take
/// minutes.
const VALUES_PER_FIELD: usize = 4;

/// The record with each of its fields removed, doubled, and replaced by some of the values.
fn changed(record: &str, values: &[String]) -> Vec<String> {
    match members(record) {
        Some(members) => changed_members(&members, values),
        None => changed_fields(record, values),
    }
}

fn some(values: &[String], field: usize) -> impl Iterator<Item = &str> {
    let step = values.len().div_ceil(VALUES_PER_FIELD);
    values.iter().skip(field % step).step_by(step).map(String::as_str)
}

fn members(object: &str) -> Option<Vec<(String, &str)>> {
    let mut members = Vec::new();
    let read = Cursor::new(object).object(|key, value| members.push((key.into_owned(), value)));
    (object.starts_with('{') && read.is_ok()).then_some(members)
}

fn changed_members(members: &[(String, &str)], values: &[String]) -> Vec<String> {
    let object = |at: usize, change: &[&str]| {
        let written = |(key, value): (&String, &str)| format!("{key:?}:{value}");
        let before = members[..at].iter().map(|(key, value)| written((key, value)));
        let changed = change.iter().map(|value| written((&members[at].0, value)));
        let after = members[at + 1..].iter().map(|(key, value)| written((key, value)));
        format!("{{{}}}", before.chain(changed).chain(after).collect::<Vec<_>>().join(","))
    };
    let mut all = Vec::new();
    for (at, (_, value)) in members.iter().enumerate() {
        all.push(object(at, &[]));
        all.push(object(at, &[value, value]));
        all.extend(some(values, at).map(|odd| object(at, &[odd])));
        if kind_of(value) == Kind::Object {
            all.extend(changed(value, values).iter().map(|inner| object(at, &[inner])));
        }
    }
    all
}

fn changed_fields(line: &str, values: &[String]) -> Vec<String> {
    let between = ['\t', '|', ' '].into_iter().find(|mark| line.contains(*mark)).unwrap_or(' ');
    let fields: Vec<&str> = line.split(between).collect();
    let line = |at: usize, change: &[&str]| {
        let parts = [&fields[..at], change, &fields[at + 1..]].concat();
        parts.join(&between.to_string())
    };
    let mut all = vec![[line(0, &fields[..1]), line(0, &fields[..1])].join(&between.to_string())];
    for (at, field) in fields.iter().enumerate() {
        all.push(line(at, &[]));
        all.push(line(at, &[field, field]));
        all.extend(some(values, at).map(|odd| line(at, &[odd])));
    }
    all
}

/// Whether a record ends with its line, so that a broken one costs no other.
fn is_of_lines(format: &dyn Format) -> bool {
    match format.framing() {
        Framing::JsonOr(other) => matches!(*other, Framing::Lines),
        framing => matches!(framing, Framing::Lines | Framing::Json { .. }),
    }
}

/// Two good records of a format, and what was found wrong with what stood between them.
struct Around<'a> {
    format: &'a dyn Format,
    good: [String; 2],
    /// Their hashes, where a record ends with its line.
    content: Vec<u64>,
    found: &'a mut Vec<String>,
}

impl<'a> Around<'a> {
    fn new(format: &'a dyn Format, found: &'a mut Vec<String>) -> Self {
        let good = [100, 101].map(|number| sample(format, number));
        let content = match is_of_lines(format) {
            true => good.iter().flat_map(|it| read(format, it.as_bytes()).content).collect(),
            false => Vec::new(),
        };
        Around { format, good, content, found }
    }

    /// The good records become their rows, whatever stands between them.
    fn check(&mut self, broken: &[u8]) {
        let lines = [self.good[0].as_bytes(), broken, self.good[1].as_bytes(), b""];
        let mut read = read(self.format, &lines.join(&b'\n'));
        let missing = self.content.iter().filter(|hash| !read.content.contains(hash)).count();
        if missing > 0 {
            read.wrong.push(format!("{missing} good records lost, rejects {:?}", read.rejects));
        }
        if !read.wrong.is_empty() {
            let shown: String = String::from_utf8_lossy(broken).chars().take(300).collect();
            self.found.push(format!("{}: {:?}\n    {shown}", self.format.name(), read.wrong));
        }
    }
}

#[track_caller]
fn none(found: &[String]) {
    let shown: Vec<&str> = found.iter().take(40).map(String::as_str).collect();
    assert!(found.is_empty(), "{} wrong\n{}", found.len(), shown.join("\n"));
}

#[test]
fn records_that_break_off() {
    let mut found = Vec::new();
    let catalogue = Catalogue::default();
    for format in ALL.iter() {
        let whole = sample(format.as_ref(), 150);
        let mut around = Around::new(format.as_ref(), &mut found);
        for end in (0..whole.len()).step_by(10) {
            let cut = &whole.as_bytes()[..end];
            around.check(cut);
            let _ = catalogue.explain("", cut);
        }
    }
    none(&found);
}

#[test]
fn fields_removed_doubled_and_of_the_wrong_kind() {
    let mut found = Vec::new();
    for format in ALL.iter() {
        let whole = sample(format.as_ref(), 150);
        let mut around = Around::new(format.as_ref(), &mut found);
        for record in changed(&whole, &odd_values(whole.starts_with('{'))) {
            around.check(record.as_bytes());
        }
    }
    none(&found);
}

#[test]
fn bytes_that_no_text_has() {
    let mut found = Vec::new();
    for format in ALL.iter() {
        let whole = sample(format.as_ref(), 150).into_bytes();
        let mut around = Around::new(format.as_ref(), &mut found);
        for byte in [0, 0xff, 0xc3, b'\r', 0x1b] {
            for at in (0..=whole.len()).step_by(23) {
                let mut record = whole.clone();
                record.splice(at..at, [byte]);
                around.check(&record);
            }
        }
    }
    none(&found);
}

#[test]
fn deep_and_large_fields() {
    let mut found = Vec::new();
    for format in ALL.iter() {
        let whole = sample(format.as_ref(), 150);
        let mut around = Around::new(format.as_ref(), &mut found);
        let deep = format!("{}1{}", "{\"a\":[".repeat(100), "]}".repeat(100));
        for record in changed(&whole, &[deep]) {
            around.check(record.as_bytes());
        }
        let large = "a".repeat(2 << 20);
        let large = if whole.starts_with('{') { format!("{large:?}") } else { large };
        let places = changed(&whole, &["HERE".to_owned()]);
        let places: Vec<_> = places.iter().filter(|record| record.contains("HERE")).collect();
        let place = places.get(places.len() / 2).expect("a field");
        around.check(place.replace("HERE", &large).as_bytes());
    }
    none(&found);
}

/// Nothing is wrong with these.
#[test]
fn line_ends_blank_lines_and_marks_of_byte_order() {
    let mut found = Vec::new();
    for format in ALL.iter() {
        let records = [100, 101, 102].map(|number| sample(format.as_ref(), number));
        let plain = records.join("\n") + "\n";
        let expected = read(format.as_ref(), plain.as_bytes());
        if expected.content.len() != 3 || !expected.rejects.is_empty() {
            found.push(format!("{}: {expected:?}", format.name()));
        }
        let others = [
            ("no last line end", plain.trim_end().to_owned()),
            ("CRLF", plain.replace('\n', "\r\n")),
            ("a mark of byte order", format!("\u{feff}{plain}")),
            ("blank lines before", format!("\n\r\n{plain}")),
            ("blank lines between", records.join("\n\n")),
            ("blank lines behind", format!("{plain}\n\n \r\n")),
        ];
        for (what, object) in others {
            let got = read(format.as_ref(), object.as_bytes());
            if got.content.len() != 3 || !got.rejects.is_empty() || !got.wrong.is_empty() {
                found.push(format!("{}, {what}: {got:?}", format.name()));
            }
        }
    }
    none(&found);
}

/// Objects without a record: no row, and no panic.
#[test]
fn objects_that_hold_nothing() {
    let mut found = Vec::new();
    let empty = ["", "\n", "\u{feff}", "\r\n\r\n", " ", "[]", "[", "[[]]", "null", "\"", "\0"];
    for format in ALL.iter() {
        for object in
            empty.into_iter().chain(["{}", "{\"Records\":[]}", "{\"Records\":{}}", "[{}]"])
        {
            let got = read(format.as_ref(), object.as_bytes());
            let is_blank = object.trim_matches(['\u{feff}', ' ', '\r', '\n']).is_empty();
            let has_row = !got.content.is_empty() && (is_blank || !format.is_general());
            if !got.wrong.is_empty() || has_row {
                found.push(format!("{}, {object:?}: {got:?}", format.name()));
            }
        }
    }
    none(&found);
}
