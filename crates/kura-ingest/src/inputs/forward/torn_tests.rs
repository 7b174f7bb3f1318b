//! Lines that are cut within a character, from the frame to the line.

use kura_formats::joining::{JoinRules, Joined, Joiner, Piece};
use rmp::encode as write;
use serde_json::Value;

use super::super::InputLimits;
use super::forward_tests::read;

/// How senders mark parts.
#[derive(Debug, Clone, Copy)]
enum Form {
    /// Docker, with `partial_id`.
    Docker,
    /// Docker before it had ids.
    OlderDocker,
    /// Docker's journald driver, read from the journal by Fluent Bit.
    Journal,
    /// containerd's and CRI-O's files, as Fluent Bit parses them.
    Cri,
}

const FORMS: [Form; 4] = [Form::Docker, Form::OlderDocker, Form::Journal, Form::Cri];

/// Each in three bytes at least, somewhere.
const LINE: &str = "a\"é\\ñ\n日本\u{7}語😀𝄞z";

impl Form {
    fn line_key(self) -> &'static str {
        if let Form::Journal = self { "MESSAGE" } else { "log" }
    }

    /// A message with a part of a line of a container.
    fn message(self, container: &str, line: &[u8], ordinal: usize, is_last: bool) -> Vec<u8> {
        let (ordinal, last) = (ordinal.to_string(), is_last.to_string());
        let id = format!("line of {container}");
        let mark = if is_last { "F" } else { "P" };
        let marks = match self {
            Form::Docker => vec![
                ("partial_message", "true"),
                ("partial_id", &id),
                ("partial_ordinal", &ordinal),
                ("partial_last", &last),
            ],
            Form::Journal => vec![
                ("CONTAINER_PARTIAL_MESSAGE", "true"),
                ("CONTAINER_PARTIAL_ID", &id),
                ("CONTAINER_PARTIAL_ORDINAL", &ordinal),
                ("CONTAINER_PARTIAL_LAST", &last),
            ],
            Form::OlderDocker if is_last => vec![],
            Form::OlderDocker => vec![("partial_message", "true")],
            Form::Cri => vec![("logtag", mark), ("stream", "stdout")],
        };
        let (container_key, line_key) = ("container_id", self.line_key());
        let mut fields = vec![(container_key, container.as_bytes()), (line_key, line)];
        fields.extend(marks.iter().map(|(key, value)| (*key, value.as_bytes())));
        message(&fields)
    }
}

fn message(fields: &[(&str, &[u8])]) -> Vec<u8> {
    let mut out = b"\x93\xa3tag\x01".to_vec();
    write::write_map_len(&mut out, fields.len() as u32).expect("memory");
    for (key, value) in fields {
        write::write_str(&mut out, key).expect("memory");
        write::write_str_len(&mut out, value.len() as u32).expect("memory");
        out.extend_from_slice(value);
    }
    out
}

/// What comes out of the joiner, of messages in their order.
fn joined(messages: &[Vec<u8>]) -> Vec<String> {
    let mut joiner = Joiner::new(&JoinRules::default());
    let mut out = Vec::new();
    let mut take = |joined: Joined<'_>| {
        out.push(String::from_utf8(joined.bytes.to_vec()).expect("text"));
    };
    for (sequence, message) in (1..).zip(messages) {
        let (stream, records) =
            read(message, &InputLimits::default()).expect("a message").expect("records");
        for record in records.iter() {
            let (bytes, stream) = (record.bytes, stream.as_str());
            joiner.push(Piece { sequence, stream, bytes, time: None, arrival: 0 }, &mut take);
        }
    }
    joiner.finish(&mut take);
    out
}

fn lines(messages: &[Vec<u8>], key: &str) -> Vec<String> {
    let line = |record: &String| {
        let record: Value = serde_json::from_str(record).expect("JSON");
        record[key].as_str().expect("a line").to_owned()
    };
    joined(messages).iter().map(line).collect()
}

#[test]
fn a_character_across_a_cut_comes_back_whole() {
    let line = LINE.as_bytes();
    for form in FORMS {
        for first in 0..=line.len() {
            for second in first..=line.len() {
                let parts = [&line[..first], &line[first..second], &line[second..]];
                let messages: Vec<_> = (1..)
                    .zip(parts)
                    .map(|(ordinal, part)| form.message("c", part, ordinal, ordinal == 3))
                    .collect();
                let lines = lines(&messages, form.line_key());
                assert_eq!(lines, [LINE], "{form:?}, cut at {first} and {second}");
            }
        }
    }
}

#[test]
fn containers_whose_torn_parts_interleave_do_not_mix() {
    let other = "x".repeat(7) + "ü語😀";
    for form in FORMS {
        for cut in 1..other.len() {
            let (a, b) = LINE.as_bytes().split_at(cut.min(LINE.len() - 1));
            let (c, d) = other.as_bytes().split_at(cut);
            let messages = [
                form.message("c1", a, 1, false),
                form.message("c2", c, 1, false),
                form.message("c2", d, 2, true),
                form.message("c1", b, 2, true),
            ];
            assert_eq!(lines(&messages, form.line_key()), [&other, LINE], "{form:?}, {cut}");
        }
    }
}

#[test]
fn parts_in_any_order_and_twice() {
    let line = "日本".as_bytes();
    let part = |ordinal: usize| {
        Form::Docker.message("c", &line[ordinal * 2 - 2..ordinal * 2], ordinal, ordinal == 3)
    };
    let messages = [part(2), part(3), part(2), part(1)];
    assert_eq!(lines(&messages, "log"), ["日本"]);
    // Two that differ in nothing but their torn bytes are no copies of each other.
    let other = Form::Docker.message("c", b"\xa5\xe7", 2, false);
    let messages = [part(1), part(2), other, part(3)];
    assert_eq!(lines(&messages, "log"), ["\u{fffd}\u{fffd}", "日本"]);
}

#[test]
fn what_is_not_joined_has_the_character_for_what_is_no_text() {
    let torn = b"\x97\xa5 x \xe6\x9c";
    let shown = "\u{fffd}\u{fffd} x \u{fffd}";
    for form in FORMS {
        // The rest of the first never comes; nothing is open when the second one does.
        for is_last in [false, true] {
            let messages = [form.message("c", torn, 2, is_last)];
            assert_eq!(lines(&messages, form.line_key()), [shown], "{form:?} {is_last}");
        }
        let messages = [form.message("c", torn, 1, false), form.message("c", b"\xff y", 2, true)];
        let lines = lines(&messages, form.line_key());
        assert_eq!(lines, [format!("{shown}\u{fffd} y")], "{form:?}");
    }
    // Every field, and what is broken within; and a record that is cut by us.
    let fields: [(&str, &[u8]); 3] = [("host", torn), ("note", b"\x82\xffx\x82"), ("log", b"\xe6")];
    let expected = format!(
        "{{\"host\":\"{shown}\",\"note\":\"\u{fffd}\u{fffd}x\u{fffd}\",\"log\":\"\u{fffd}\"}}"
    );
    assert_eq!(joined(&[message(&fields)]), [expected]);
    let long = [&b"\x97"[..], &[b'x'; 2 << 20], b"\xe6\x9c"].concat();
    let parts = lines(&[message(&[("log", &long)])], "log");
    assert!(parts.len() > 1, "{}", parts.len());
    assert_eq!(parts.concat(), String::from_utf8_lossy(&long));
}

/// The archive writes records as text that is no text in places, and reads what it always did.
#[test]
fn a_record_read_as_text_is_what_it_always_was() {
    for bytes in
        [&b"\x97\xa5x\xe6\x9c"[..], b"\x81\x82\x83\x84\xf0\x9f\x98", b"\xff\xe0\x80", b"\xc3"]
    {
        let (_, records) =
            read(&message(&[("log", bytes)]), &InputLimits::default()).expect("read").expect("one");
        let record = records.iter().next().expect("a record");
        let expected = format!("{{\"log\":\"{}\"}}", String::from_utf8_lossy(bytes));
        assert_eq!(String::from_utf8_lossy(record.bytes), expected);
    }
}
