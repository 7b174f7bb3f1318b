//! What the framer makes of text, whole and in pieces.

use super::*;

const LIMITS: FrameLimits = FrameLimits { record_bytes_max: 200, sample_bytes_max: 40 };

const MARKS: Marks = Marks { restart: b"\"v\"", lists: &["Records", "findings"] };

/// Frames of `text` fed in pieces of `piece` bytes; records that are not balanced JSON by
/// serde_json's word are refused, as a decoder would.
fn frames(text: &[u8], piece: usize) -> Vec<String> {
    let mut framer = JsonFramer::new(LIMITS, Some(MARKS));
    let mut shown = Vec::new();
    let mut take = |framer: &mut JsonFramer, frame: Frame| {
        let frame = match frame {
            Frame::Record { range, .. }
                if serde_json::from_slice::<serde_json::Value>(&framer.bytes()[range.clone()])
                    .is_err() =>
            {
                framer.refuse(Reject::new(Reason::BrokenJson, "refused"))
            }
            frame => frame,
        };
        let bytes =
            |range: Range<usize>| String::from_utf8_lossy(&framer.bytes()[range]).into_owned();
        shown.push(match frame {
            Frame::Record { range, number, .. } => format!("{number} {}", bytes(range)),
            Frame::Broken { range, number, reject, .. } => {
                format!("{number} {}: {}", reject.reason, bytes(range))
            }
        });
    };
    for part in text.chunks(piece) {
        framer.feed(part);
        while let Some(frame) = framer.next_frame() {
            take(&mut framer, frame);
        }
    }
    while let Some(frame) = framer.finish() {
        take(&mut framer, frame);
        while let Some(frame) = framer.next_frame() {
            take(&mut framer, frame);
        }
    }
    shown
}

#[track_caller]
fn check(text: &str, expected: &[&str]) {
    for piece in [1, 2, 3, 7, text.len().max(1)] {
        assert_eq!(frames(text.as_bytes(), piece), expected, "in pieces of {piece}");
    }
}

#[test]
fn every_shape_is_framed() {
    check(r#"{"Records":[{"a":1},{"b":"}]"}]}"#, &[r#"1 {"a":1}"#, r#"2 {"b":"}]"}"#]);
    check(r#"{"x":[1],"Records" : [ {"a":1} ], "y":{"Records":[{}]}}"#, &[r#"1 {"a":1}"#]);
    check(r#" [ {"a":1} , {"b":[{}]} ] "#, &[r#"1 {"a":1}"#, r#"2 {"b":[{}]}"#]);
    check("{\"a\":1}\r\n{\"b\":2}\n", &[r#"1 {"a":1}"#, r#"2 {"b":2}"#]);
    check("{\"a\":1}{\"b\":2}", &[r#"1 {"a":1}"#, r#"2 {"b":2}"#]);
    check("\u{feff}{\n \"a\": \"\\\"\"\n}", &["1 {\n \"a\": \"\\\"\"\n}"]);
    check(r#"{"Records":[]}"#, &[]);
    check("[]", &[]);
    check("  \n", &[]);
    check("", &[]);
    check(r#"{"Records":[{"a":1}]}{"Records":[{"b":1}]}"#, &[r#"1 {"a":1}"#, r#"2 {"b":1}"#]);
}

#[test]
fn lists_lie_under_the_keys_that_the_format_says() {
    check(r#"{"a":"findings","findings":[{"v":1}],"next":[{}]}"#, &[r#"1 {"v":1}"#]);
    check(r#"{"Findings":[{"v":1}]}"#, &[r#"1 {"Findings":[{"v":1}]}"#]);
    check(r#"{"detail":{"findings":[{"v":1}]}}"#, &[r#"1 {"detail":{"findings":[{"v":1}]}}"#]);
}

#[test]
fn a_broken_record_costs_one_record() {
    check(
        r#"{"Records":[{"v":1},{"v":2,"s":"no end},{"v":3},{"v":4}]}"#,
        &[r#"1 {"v":1}"#, r#"2 broken_json: {"v":2,"s":"no end},"#, r#"3 {"v":3}"#, r#"4 {"v":4}"#],
    );
    check(
        "{\"a\":1}\n{\"a\":[2}\n{\"a\":3}\n",
        &[r#"1 {"a":1}"#, "2 broken_json: {\"a\":[2}\n", r#"3 {"a":3}"#],
    );
    check(
        "{\"a\":1}\nhello\n{\"a\":2}\n",
        &[r#"1 {"a":1}"#, "2 broken_json: hello", r#"3 {"a":2}"#],
    );
    check(
        r#"[{"v":1},null,7,{"v":2}]"#,
        &[r#"1 {"v":1}"#, "2 not_an_object: null", "3 not_an_object: 7", r#"4 {"v":2}"#],
    );
}

#[test]
fn an_end_too_early_is_one_record() {
    check(r#"{"Records":[{"v":1},{"v":"#, &[r#"1 {"v":1}"#, r#"2 truncated: {"v":"#]);
    check(r#"{"Records":[{"v":1}"#, &[r#"1 {"v":1}"#, "2 truncated: "]);
    check("hello", &["1 broken_json: hello"]);
}

#[test]
fn a_record_over_the_cap_is_refused_and_the_next_is_not() {
    let text = format!(r#"[{{"v":1}},{{"x":"{}"}},{{"v":2}}]"#, "y".repeat(5_000));
    for piece in [1, 64, 1_000, text.len()] {
        let shown = frames(text.as_bytes(), piece);
        assert_eq!(shown.len(), 3, "{shown:?}");
        assert!(shown[1].starts_with("2 too_large: {\"x\":\"yyy"), "{shown:?}");
        assert_eq!(shown[2], r#"3 {"v":2}"#);
    }
}

#[test]
fn depth_is_counted_not_recursed() {
    let mut framer = JsonFramer::new(FrameLimits::default(), Some(MARKS));
    framer.feed(format!("{}{}", "{\"a\":".repeat(100_000), "}".repeat(100_000)).as_bytes());
    let Some(Frame::Broken { reject, .. }) = framer.next_frame() else { panic!("not refused") };
    assert_eq!(reject.reason, Reason::TooDeep);
}

/// Whatever comes in: no panic, the end is reached, and pieces change nothing about how
/// many records there are.
#[test]
fn any_bytes_end() {
    bolero::check!().for_each(|bytes: &[u8]| {
        let limits = FrameLimits { record_bytes_max: 1 << 20, sample_bytes_max: 1 << 10 };
        let count = |piece: usize| {
            let mut framer = JsonFramer::new(limits, Some(MARKS));
            let mut records = 0;
            for part in bytes.chunks(piece) {
                framer.feed(part);
                while framer.next_frame().is_some() {
                    records += 1;
                }
            }
            while framer.finish().is_some() {
                records += 1;
                while framer.next_frame().is_some() {
                    records += 1;
                }
            }
            records
        };
        assert_eq!(count(1), count(bytes.len().max(1)));
    });
}
