//! Damaged objects through framing and decoding, for 20 seconds per decoder: every frame ends
//! as a row or a reject, rows make a batch, numbers ascend, and how the bytes are cut into
//! pieces changes nothing.
//!
//! `KURA_FUZZ_SECONDS` makes it longer (`cargo xtask fuzz`). What breaks a format is kept in
//! `tests/regressions/`, and tried again by each run.
//!
//! Input is a whole object with some of its bytes overwritten, taken out or put in, which
//! goes deeper than noise does.

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use arrow::array::RecordBatch;
use bolero::TypeGenerator;
use kura_core::origin::ObjectFacts;
use kura_formats::formats::Finder;
use kura_formats::formats::RawRecord;
use kura_formats::framing::{Frame, FrameLimits, Framer, Framing};
use kura_formats::{ALL, Format};

#[derive(Debug, TypeGenerator)]
struct Damaged {
    /// Of the formats that share a decoder.
    format: u8,
    shape: u8,
    edits: Vec<Edit>,
    tail: Vec<u8>,
}

#[derive(Debug, TypeGenerator)]
enum Edit {
    Overwrite { at: u16, byte: u8 },
    Remove { at: u16, length: u8 },
    Insert { at: u16, bytes: Vec<u8> },
    Structural { at: u16, which: u8 },
}

/// How long each decoder is tried.
const SECONDS: &str = "KURA_FUZZ_SECONDS";
const REGRESSIONS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/regressions");

/// Those from 10 on are the format's own sample.
const SHAPES: u8 = 19;

const STRUCTURAL: &[u8] = b"{}[]\",:\\\n\0";

const FLOWS: &str = "2 1 eni-1 10.0.0.1 10.0.0.2 1 22 6 20 9 1418530010 1418530070 ACCEPT OK\n\
    \nstart srcaddr new-field bytes\n1418530010 - x 5\r\n1418530011 2001:db8::1 y\nsrcaddr\n10.0.0.3";
const REQUESTS: &str = "Enable AccessLog for ELB: app/a/b at 2025-05-30T16:47:00.781Z\n\
    http 2018-07-02T22:23:00.186641Z app/b [2001:db8::1]:2817 - -1 0.5 1e9 460 - 34 0 \"- a b -\" \"\\\"\" - - \
    arn \"Root=1\" \"-\" \"-\" 0 2018-07-02T22:22:48.364000Z \"forward\" \"-\" \"-\" a,b 1 2 3 4 5 6 7 8 9";

const LINES: &str = "2026-11-20T23:39:43.9Z lb 192.0.2.39:2817 - 0 -1 0 200 - 0 29 \"GET http://x/ HTTP/1.1\" \"c\" - -\n\
    tls 2.0 2026-11-20T22:23:00 net/a/b l [2001:db8::1]:1 10.0.0.9:443 5 2 98 246 - arn - C tlsv12 - d h2 - \"h2\",\"http/1.1\" t x\n\
    owner bucket [06/Feb/2026:09:00:38 +0900] 192.0.2.3 - R REST.GET.OBJECT k \"GET /x\" 200 - 1 2 7 6 \"-\" \"a\" v h\n\
    #Fields: date time new c-ip\n2026-11-20\t21:57:56\tFRA6\t9\t192.0.2.7\tGET\td\t/p\t404\t-\tM\ta=b\t-\n";

/// Fields of flows and requests by their names.
const NAMED: &str = r#" [{"version":2,"srcaddr":"10.0.0.1","dstaddr":"-","start":1418530010,"srcport":"x"},
    {"date":"2026-11-20","time":"21:57:56","cs(Host)":"d","sc-bytes":"9","timestamp(ms)":null,"b":[1]},{}] {"srcaddr":1}"#;

fn event(number: u32) -> String {
    format!(
        r#"{{"eventVersion":"1.08","userIdentity":{{"type":"AssumedRole","arn":"a","sessionContext":{{"attributes":{{"mfaAuthenticated":"false"}},"webIdFederationData":{{"attributes":{{"k":"v"}}}}}}}},"eventTime":"2026-11-20T00:00:0{number}Z","eventName":"E","eventSource":"s","requestParameters":{{"bucketName":"b\u00e9","n":[1,2.5e3,null,true]}},"resources":[{{"ARN":"r"}}],"eventID":"{number}"}}"#
    )
}

/// An object as another format would write it is nothing unusual, either.
fn object(format: &dyn Format, shape: u8) -> Vec<u8> {
    let events: Vec<String> = (0..4).map(event).collect();
    let text = match shape % SHAPES {
        0 => format!("{{\"Records\":[{}]}}", events.join(",")),
        1 => format!("[{}]", events.join(",\n ")),
        2 => events.join("\n"),
        3 => events[0].replace(',', ",\n  "),
        4 => format!(r#"{{"detail-type":"AWS API Call via CloudTrail","detail":{}}}"#, events[1]),
        5 => format!("{{\"a\":[{{}}],\"Records\":[{}],\"z\":1}}", events.join(",")),
        6 => FLOWS.to_owned(),
        7 => REQUESTS.to_owned(),
        8 => LINES.to_owned(),
        9 => NAMED.to_owned(),
        _ => {
            let sample = format.description().sample;
            (100..104).map(|n| sample.replace("{n}", &n.to_string()) + "\n").collect()
        }
    };
    text.into_bytes()
}

/// Every format, and one whose columns are found.
fn tested() -> &'static [Arc<dyn Format>] {
    static TESTED: LazyLock<Vec<Arc<dyn Format>>> = LazyLock::new(|| {
        let mut finder = Finder::new("found", None);
        (0..4).for_each(|number| finder.add(&event(number)));
        let found: Arc<dyn Format> = Arc::new(finder.finish());
        ALL.iter().cloned().chain([found]).collect()
    });
    &TESTED
}

impl Damaged {
    fn bytes(&self, format: &dyn Format) -> Vec<u8> {
        let mut bytes = object(format, self.shape);
        for edit in &self.edits {
            let place = |at: &u16| usize::from(*at) % bytes.len().max(1);
            match edit {
                Edit::Overwrite { at, byte } => {
                    let at = place(at);
                    bytes[at..].iter_mut().take(1).for_each(|b| *b = *byte);
                }
                Edit::Structural { at, which } => {
                    let at = place(at);
                    let byte = STRUCTURAL[usize::from(*which) % STRUCTURAL.len()];
                    bytes[at..].iter_mut().take(1).for_each(|b| *b = byte);
                }
                Edit::Remove { at, length } => {
                    let at = place(at);
                    let end = (at + usize::from(*length)).min(bytes.len());
                    bytes.drain(at..end);
                }
                Edit::Insert { at, bytes: more } => {
                    let at = place(at).min(bytes.len());
                    bytes.splice(at..at, more.iter().copied());
                }
            }
        }
        bytes.extend_from_slice(&self.tail);
        bytes
    }
}

/// What comes of an object: its rows, with the hashes of their contents, and its rejects.
#[derive(Debug, PartialEq)]
struct Read {
    rows: RecordBatch,
    content: Vec<u64>,
    rejects: usize,
}

/// Reads an object fed in pieces, ahead of framing where that is possible or never.
fn read(format: &dyn Format, bytes: &[u8], piece: usize, ahead: bool) -> Read {
    let limits = FrameLimits { record_bytes_max: 1 << 20, sample_bytes_max: 1 << 16 };
    let mut framer = format.framing().framer(limits);
    let mut decoder = format.decoder();
    decoder.begin();
    let (mut last, mut rejects) = (0, 0);
    let mut next = |framer: &mut dyn Framer, ended: bool| {
        let facts = ObjectFacts { uri: "s3://b/k".to_owned(), ..ObjectFacts::default() };
        if let Some(text) = framer.ahead().filter(|_| ahead) {
            let (bytes, records) = decoder.decode_ahead(text, framer.number() + 1, &facts);
            framer.taken(bytes, records);
            last = framer.number();
        }
        let frame = framer.next_frame().or_else(|| if ended { framer.finish() } else { None });
        let Some(frame) = frame else { return false };
        let (Frame::Record { number, .. } | Frame::Broken { number, .. }) = &frame;
        assert!(*number > last);
        last = *number;
        let refused = match frame {
            Frame::Broken { .. } => true,
            Frame::Record { range, number, compact } => {
                let raw = RawRecord { bytes: &framer.bytes()[range], number, compact };
                let decoded = decoder.decode(raw, &facts);
                decoded.map_err(|reject| framer.refuse(reject)).is_err()
            }
        };
        rejects += usize::from(refused);
        true
    };
    for part in bytes.chunks(piece) {
        framer.feed(part);
        while next(framer.as_mut(), false) {}
    }
    while next(framer.as_mut(), true) {}
    let finished = decoder.finish().expect("columns of one length");
    assert_eq!(finished.content.len(), finished.batch.num_rows());
    Read { rows: finished.batch, content: finished.content, rejects }
}

/// Formats that share a decoder take turns.
fn damaged_objects_end_as_rows_and_rejects(is_of_decoder: impl Fn(&dyn Format) -> bool) {
    let places = 0..tested().len();
    let places: Vec<_> = places.filter(|&at| is_of_decoder(tested()[at].as_ref())).collect();
    let seconds = std::env::var(SECONDS).ok().and_then(|seconds| seconds.parse().ok());
    let time = Duration::from_secs(seconds.unwrap_or(20));
    bolero::check!().with_test_time(time).with_type::<Damaged>().for_each(|damaged: &Damaged| {
        let at = places[usize::from(damaged.format) % places.len()];
        let bytes = damaged.bytes(&*tested()[at]);
        let checked = std::panic::catch_unwind(|| check(&*tested()[at], &bytes));
        if let Err(panic) = checked {
            // Smaller and smaller ones overwrite each other.
            let name = format!("{REGRESSIONS}/{}.bin", tested()[at].name());
            std::fs::create_dir_all(REGRESSIONS).expect("to disk");
            std::fs::write(name, &bytes).expect("to disk");
            std::panic::resume_unwind(panic);
        }
    });
}

/// However an object is cut into pieces, the same comes of it.
fn check(format: &dyn Format, bytes: &[u8]) {
    let whole = bytes.len().max(1);
    let expected = read(format, bytes, whole, false);
    assert_eq!(read(format, bytes, 7, false), expected, "in pieces");
    assert_eq!(read(format, bytes, whole, true), expected, "ahead");
    assert_eq!(read(format, bytes, 600, true), expected, "ahead, in pieces");
}

/// Files are named by the format that they broke, and what else there is to say of them:
/// `vpcflow.bin`, `alb-quotes.bin`.
#[test]
fn what_broke_once_stays_mended() {
    let Ok(folder) = std::fs::read_dir(REGRESSIONS) else { return };
    for entry in folder.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let format = name.split(['.', '-']).next().unwrap_or_default();
        let format = tested().iter().find(|known| known.name() == format).expect("a format");
        check(format.as_ref(), &std::fs::read(entry.path()).expect("from disk"));
    }
}

#[test]
fn cloudtrail() {
    damaged_objects_end_as_rows_and_rejects(|format| format.name() == "cloudtrail");
}

#[test]
fn json_records() {
    let is_json = |format: &dyn Format| matches!(format.framing(), Framing::Json { .. });
    damaged_objects_end_as_rows_and_rejects(|format| {
        is_json(format) && !["cloudtrail", "found"].contains(&format.name())
    });
}

#[test]
fn json_of_any_kind() {
    damaged_objects_end_as_rows_and_rejects(|format| format.name() == "found");
}

#[test]
fn lines() {
    let lines = |framing: &Framing| matches!(framing, Framing::Lines);
    damaged_objects_end_as_rows_and_rejects(|format| match format.framing() {
        Framing::JsonOr(other) => lines(&other),
        framing => lines(&framing),
    });
}

#[test]
fn blocks_and_others() {
    damaged_objects_end_as_rows_and_rejects(|format| match format.framing() {
        Framing::JsonOr(other) => !matches!(*other, Framing::Lines),
        framing => !matches!(framing, Framing::Json { .. } | Framing::Lines),
    });
}

#[test]
fn undamaged_objects_have_no_rejects() {
    let shapes = (0..6).map(|shape| ("cloudtrail", shape)).chain([("vpcflow", 6), ("alb", 7)]);
    for (format, shape) in shapes {
        let format = tested().iter().find(|known| known.name() == format).expect("a format");
        let read = read(format.as_ref(), &object(format.as_ref(), shape), 64, true);
        let refused = usize::from(shape == 6); // a line with a field too few
        assert!(read.rows.num_rows() >= 1 && read.rejects == refused, "shape {shape}: {read:?}");
    }
    for format in ALL.iter() {
        let read = read(format.as_ref(), &object(format.as_ref(), SHAPES - 1), 64, true);
        assert!(read.rows.num_rows() == 4 && read.rejects == 0, "{}: {read:?}", format.name());
    }
}
