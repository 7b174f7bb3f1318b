//! Messages in, records out; and what is no message.

use std::fmt::Write as _;
use std::io::Write as _;

use bytes::Bytes;
use expect_test::{Expect, expect};
use kura_core::intake::RawRecords;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::super::InputLimits;
use super::Invalid;
use super::frames::Frames;
use super::message::Message;

/// Docker's driver without an ack: a map of options with nothing in it.
pub(super) const DOCKER: &str = "\
    94b3646f636b65722e346631633061336639623264d26b00df0084ac636f6e7461696e65725f6964ac346631\
    633061336639623264ae636f6e7461696e65725f6e616d65a52f73686f70a6736f75726365a67374646f7574\
    a36c6f67ad474554202f636172742032303080";

/// Docker's driver with an ack, `fluentd-sub-second-precision`, and a part of a long line.
pub(super) const DOCKER_PART: &str = "\
    94b3646f636b65722e346631633061336639623264d7006b00df00075bcd1588ac636f6e7461696e65725f69\
    64ac346631633061336639623264ae636f6e7461696e65725f6e616d65a52f73686f70a6736f75726365a673\
    74646f7574a36c6f67ad474554202f6361727420323030af7061727469616c5f6d657373616765a474727565\
    aa7061727469616c5f6964a439633165af7061727469616c5f6f7264696e616ca131ac7061727469616c5f6c\
    617374a566616c736581a56368756e6bb44e4451345a575978596a41744e6d45305a673d3d";

pub(super) fn hex(digits: &str) -> Vec<u8> {
    let digits: Vec<u8> = digits.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    let byte = |pair: &[u8]| {
        u8::from_str_radix(std::str::from_utf8(pair).expect("digits"), 16).expect("digits")
    };
    digits.chunks(2).map(byte).collect()
}

/// JSON as MessagePack; what JSON has no word for is written by hand: `"hex:c4 01 ff"`.
pub(super) fn pack(json: &str) -> Vec<u8> {
    let mut out = Vec::new();
    pack_value(&serde_json::from_str(json).expect(json), &mut out);
    out
}

fn pack_value(value: &serde_json::Value, out: &mut Vec<u8>) {
    use rmp::encode as write;
    use serde_json::Value;
    match value {
        Value::Null => write::write_nil(out).expect("memory"),
        Value::Bool(is) => write::write_bool(out, *is).expect("memory"),
        Value::Number(number) => match (number.as_u64(), number.as_i64()) {
            (Some(number), _) => drop(write::write_uint(out, number)),
            (_, Some(number)) => drop(write::write_sint(out, number)),
            _ => drop(write::write_f64(out, number.as_f64().expect("a number"))),
        },
        Value::String(text) => match text.strip_prefix("hex:") {
            Some(digits) => out.extend(hex(digits)),
            None => drop(write::write_str(out, text)),
        },
        Value::Array(values) => {
            drop(write::write_array_len(out, values.len() as u32));
            values.iter().for_each(|value| pack_value(value, out));
        }
        Value::Object(pairs) => {
            drop(write::write_map_len(out, pairs.len() as u32));
            for (key, value) in pairs {
                pack_value(&Value::String(key.clone()), out);
                pack_value(value, out);
            }
        }
    }
}

pub(super) fn bin(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    drop(rmp::encode::write_bin(&mut out, bytes));
    out
}

pub(super) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).expect("to memory");
    encoder.finish().expect("to memory")
}

/// `[tag, entries, options]` with entries as a binary.
pub(super) fn packed(entries: &[u8], options: &str) -> Vec<u8> {
    [b"\x93\xa3tag".to_vec(), bin(entries), pack(options)].concat()
}

pub(super) fn read(
    bytes: &[u8],
    limits: &InputLimits,
) -> Result<Option<(String, RawRecords)>, Invalid> {
    let bytes = Bytes::copy_from_slice(bytes);
    let Some(message) = Message::read(&bytes)? else { return Ok(None) };
    let chunk = message.chunk.as_ref().map_or_else(String::new, |chunk| format!(" {:?}", chunk.id));
    Ok(Some((format!("{}{chunk}", message.tag), message.records(limits)?)))
}

fn shown(bytes: &[u8], limits: &InputLimits) -> String {
    let (mut out, records) = match read(bytes, limits) {
        Ok(Some(read)) => read,
        Ok(None) => return "nothing\n".to_owned(),
        Err(invalid) => return format!("invalid: {invalid}\n"),
    };
    out.push('\n');
    for record in records.iter() {
        let text = String::from_utf8_lossy(record.bytes);
        let json: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        assert!(json.is_object());
        let time = record.time.map_or("-".to_owned(), |time| time.to_string());
        writeln!(out, "{time} {text}").expect("memory");
    }
    out
}

#[track_caller]
fn check(bytes: &[u8], expected: &Expect) {
    expected.assert_eq(&shown(bytes, &InputLimits::default()));
}

#[test]
fn what_docker_sends() {
    check(
        &hex(DOCKER),
        &expect![[r#"
        docker.4f1c0a3f9b2d
        1795219200000000 {"container_id":"4f1c0a3f9b2d","container_name":"/shop","source":"stdout","log":"GET /cart 200"}
    "#]],
    );
    check(
        &hex(DOCKER_PART),
        &expect![[r#"
            docker.4f1c0a3f9b2d "NDQ4ZWYxYjAtNmE0Zg=="
            1795219200123456 {"container_id":"4f1c0a3f9b2d","container_name":"/shop","source":"stdout","log":"GET /cart 200","partial_message":"true","partial_id":"9c1e","partial_ordinal":"1","partial_last":"false"}
        "#]],
    );
}

#[test]
fn a_message_has_one_of_four_carriers() {
    let two = [pack(r#"[1, {"n": 1}]"#), pack(r#"[2, {"n": 2}]"#)].concat();
    check(
        &pack(r#"["tag", 1795219200, {"n": 1}]"#),
        &expect![[r#"
        tag
        1795219200000000 {"n":1}
    "#]],
    );
    check(
        &pack(r#"["tag", [[1, {"n": 1}], [2, {"n": 2}]], {"chunk": "c", "size": 2}]"#),
        &expect![[r#"
            tag "c"
            1000000 {"n":1}
            2000000 {"n":2}
        "#]],
    );
    check(
        &packed(&two, r#"{"chunk": "c", "size": 9}"#),
        &expect![[r#"
            tag "c"
            1000000 {"n":1}
            2000000 {"n":2}
        "#]],
    );
    check(
        &packed(&gzip(&two), r#"{"compressed": "gzip"}"#),
        &expect![[r#"
        tag
        1000000 {"n":1}
        2000000 {"n":2}
    "#]],
    );
    let zstd = zstd::encode_all(&two[..], 3).expect("to memory");
    check(
        &packed(&zstd, r#"{"compressed": "zstd"}"#),
        &expect![[r#"
        tag
        1000000 {"n":1}
        2000000 {"n":2}
    "#]],
    );
    let members = [gzip(&two[..3]), gzip(&two[3..])].concat();
    check(
        &packed(&members, r#"{"size": 2, "compressed": "gzip"}"#),
        &expect![[r#"
        tag
        1000000 {"n":1}
        2000000 {"n":2}
    "#]],
    );
    // As texts, which older senders have for binaries.
    let text = [b"\x92\xa3tag\xac".to_vec(), two].concat();
    check(
        &text,
        &expect![[r#"
            tag
            1000000 {"n":1}
            2000000 {"n":2}
        "#]],
    );
}

#[test]
fn what_says_nothing_is_nothing() {
    check(
        b"\xc0",
        &expect![[r#"
        nothing
    "#]],
    );
    check(
        &pack(r#"["tag", []]"#),
        &expect![[r#"
        tag
    "#]],
    );
    check(
        &pack(r#"["tag", 1, null]"#),
        &expect![[r#"
        tag
    "#]],
    );
    check(
        &packed(b"", r#"{"chunk": ""}"#),
        &expect![[r#"
            tag ""
        "#]],
    );
    check(
        &packed(b"", r#"{"compressed": "gzip"}"#),
        &expect![[r#"
        tag
    "#]],
    );
}

#[test]
fn times_are_seconds_and_extensions() {
    let times = r#"["t", [
        [0, {}], [null, {}], [1795219200.25, {}], [-1, {}], [18446744073709551615, {}],
        ["hex:d7 00 6b00df00 3b9ac9ff", {}], ["hex:c7 08 00 6b00df00 000003e8", {}],
        ["hex:ca 3fc00000", {}], ["hex:cb 7ff8000000000000", {}], ["hex:d3 000000006b00df00", {}],
        [["hex:d7 00 6b00df00 00000000", {}], {}],
        [[7, {"level": "warn"}, 1], {"log": "x"}, "later"]
    ]]"#;
    check(
        &pack(times),
        &expect![[r#"
        t
        - {}
        - {}
        1795219200250000 {}
        -1000000 {}
        - {}
        1795219200999999 {}
        1795219200000001 {}
        1500000 {}
        - {}
        1795219200000000 {}
        1795219200000000 {}
        7000000 {"fluent_metadata":{"level":"warn"},"log":"x"}
    "#]],
    );
}

#[test]
fn records_are_json_whatever_they_are_made_of() {
    let record = r#"["t", 1, {
        "text": "a\"b\\c\n\r\t\u0001é\u2028", "bytes": "hex:c4 04 61 ff 62 22", "cut": "hex:a3 61 e2 82",
        "numbers": [0, 127, -1, -33, 65536, 18446744073709551615, -9223372036854775808, 1.5, -0.0, 1e300, "hex:ca 3dcccccd"],
        "not finite": ["hex:ca 7fc00000", "hex:cb 7ff0000000000000", "hex:cb fff0000000000000"],
        "others": [null, true, false, {}, [], "hex:d6 05 00010203", "hex:c7 00 01"],
        "hex:c4 01 fe": 1, "hex:07": 2, "hex:c0": 3, "hex:d4 01 ff": 4, "hex:cb 3ff8000000000000": 5,
        "hex:81 a1 61 a1 22": 6, "hex:91 81 91 01 02": 7, "hex:a0": 8, "twice": 1, "hex:a5 7477696365": 2
    }]"#;
    check(
        &pack(record),
        &expect![[r#"
        t
        1000000 {"text":"a\"b\\c\n\r\t\u0001é ","bytes":"a�b\"","cut":"a�","numbers":[0,127,-1,-33,65536,18446744073709551615,-9223372036854775808,1.5,-0.0,1e300,0.1],"not finite":["NaN","Infinity","-Infinity"],"others":[null,true,false,{},[],"AAECAw==",""],"�":1,"7":2,"null":3,"/w==":4,"1.5":5,"{\"a\":\"\\\"\"}":6,"[{\"kQE=\":2}]":7,"":8,"twice":1,"twice":2}
    "#]],
    );
    check(
        &pack(r#"["t", [[1, "a line"], [2, ["a", 1]], [3, 4], [4, "hex:c4 02 6869"]]]"#),
        &expect![[r#"
            t
            1000000 {"message":"a line"}
            2000000 {"message":["a",1]}
            3000000 {"message":4}
            4000000 {"message":"hi"}
        "#]],
    );
}

#[test]
fn what_is_no_forward_protocol_says_where() {
    let cases: &[(&str, Vec<u8>)] = &[
        ("a number", b"G".to_vec()),
        ("reserved", b"\xc1".to_vec()),
        ("empty", b"\x90".to_vec()),
        ("only a tag", pack(r#"["tag"]"#)),
        ("no tag", pack("[1, 2, {}]")),
        ("a long tag", pack(&format!(r#"["{}", 1, {{}}]"#, "t".repeat(1_025)))),
        ("no record", pack(r#"["tag", 1]"#)),
        ("no time", pack(r#"["tag", {}, {}]"#)),
        ("another extension", pack(r#"["tag", "hex:d7 01 0000000000000000", {}]"#)),
        ("a short time", pack(r#"["tag", "hex:d6 00 00000000", {}]"#)),
        ("no entry", pack(r#"["tag", [1]]"#)),
        ("half an entry", pack(r#"["tag", [[1]]]"#)),
        ("an option that is none", pack(r#"["tag", 1, {}, 1]"#)),
        ("a chunk that is none", pack(r#"["tag", 1, {}, {"chunk": 1}]"#)),
        ("an unknown compression", packed(b"", r#"{"compressed": "lz4"}"#)),
        ("half an entry, packed", packed(b"\x92\x01\x81", "{}")),
        ("half of it compressed", packed(&gzip(&[0xc0; 99])[..12], r#"{"compressed": "gzip"}"#)),
        ("4 billion entries", b"\x92\xa1t\xdd\xff\xff\xff\xff".to_vec()),
        ("4 billion fields", b"\x93\xa1t\x01\xdf\xff\xff\xff\xff".to_vec()),
        ("4 billion bytes", b"\x93\xa1t\x01\xc6\xff\xff\xff\xff".to_vec()),
        ("4 billion bytes, packed", packed(b"\x92\x01\xdb\xff\xff\xff\xff", "{}")),
        ("4 billion values, packed", packed(b"\x92\x01\xdd\xff\xff\xff\xff", "{}")),
    ];
    let limits = InputLimits::default();
    let lines = cases.iter().map(|(name, bytes)| format!("{name}: {}", shown(bytes, &limits)));
    expect![[r#"
        a number: invalid: something else where a message is to be
        reserved: invalid: no MessagePack
        empty: invalid: something else where a message is to be
        only a tag: invalid: something else where a message is to be
        no tag: invalid: something else where a tag is to be
        a long tag: invalid: something else where a tag is to be
        no record: invalid: something else where a record is to be
        no time: invalid: something else where a time is to be
        another extension: invalid: something else where a time is to be
        a short time: invalid: something else where a time is to be
        no entry: invalid: something else where an entry is to be
        half an entry: invalid: something else where an entry is to be
        an option that is none: invalid: something else where an option is to be
        a chunk that is none: invalid: something else where a chunk is to be
        an unknown compression: invalid: something else where a compression is to be
        half an entry, packed: invalid: ends within a value
        half of it compressed: invalid: compressed entries: broken gzip: incomplete deflate stream
        4 billion entries: invalid: ends within a value
        4 billion fields: invalid: ends within a value
        4 billion bytes: invalid: ends within a value
        4 billion bytes, packed: invalid: ends within a value
        4 billion values, packed: invalid: ends within a value
    "#]]
    .assert_eq(&lines.collect::<String>());
}

#[test]
fn there_are_caps() {
    let limits = InputLimits {
        body_bytes_max: 1 << 10,
        inflated_bytes_max: 1 << 10,
        records_max: 3,
        nesting_max: 4,
        ..InputLimits::default()
    };
    let entry = pack(r#"[1, {"a": 1}]"#);
    let nil = pack("[1, null]");
    let nested = |depth: usize| {
        pack(&format!(r#"["t", 1, {}1{}]"#, r#"{"a":"#.repeat(depth), "}".repeat(depth)))
    };
    let quoted = |depth: usize| {
        [b"\x93\xa1t\x01".to_vec(), b"\x81".repeat(depth), vec![1; depth + 1]].concat()
    };
    let cases: &[(&str, Vec<u8>)] = &[
        ("records", packed(&entry.repeat(3), "{}")),
        ("a record more", packed(&entry.repeat(4), "{}")),
        ("entries without a record", packed(&nil.repeat(4), "{}")),
        ("deep", nested(4)),
        ("deeper", nested(5)),
        ("deep in keys", quoted(4)),
        ("deeper in keys", quoted(5)),
        ("a bomb", packed(&gzip(&entry.repeat(1_000)), r#"{"compressed": "gzip"}"#)),
        ("text", packed(&[b"\x92\x01\xda\x04\x00".to_vec(), vec![1; 1_024]].concat(), "{}")),
    ];
    let lines = cases.iter().map(|(name, bytes)| format!("{name}: {}", shown(bytes, &limits)));
    expect![[r#"
        records: tag
        1000000 {"a":1}
        1000000 {"a":1}
        1000000 {"a":1}
        a record more: invalid: a message of more than 3 records
        entries without a record: invalid: a message of more than 3 records
        deep: t
        1000000 {"a":{"a":{"a":{"a":1}}}}
        deeper: invalid: values nested more than 4 deep
        deep in keys: t
        1000000 {"{\"gYEBAQE=\":1}":1}
        deeper in keys: t
        1000000 {"{\"gYGBAQEBAQ==\":1}":1}
        a bomb: invalid: compressed entries: inflates to more than 1024 bytes
        text: invalid: records of more than 4096 bytes of JSON in a message
    "#]]
    .assert_eq(&lines.collect::<String>());
}

#[test]
fn a_bomb_is_not_inflated() {
    let bomb = packed(&gzip(&vec![0; 32 << 20]), r#"{"compressed": "gzip"}"#);
    check(
        &bomb,
        &expect![[r#"
        invalid: compressed entries: inflates to more than 400 times its size
    "#]],
    );
    let zeros = zstd::encode_all(&vec![0; 65 << 20][..], 1).expect("to memory");
    check(
        &packed(&zeros, r#"{"compressed": "zstd"}"#),
        &expect![[r#"
        invalid: compressed entries: inflates to more than 400 times its size
    "#]],
    );
}

/// Records, with what is cut shown as its length.
fn cut(record: &str, record_bytes_max: usize) -> String {
    let limits = InputLimits { record_bytes_max, ..InputLimits::default() };
    let message = pack(&format!(r#"["t", 1, {record}, {{"chunk": "c"}}]"#));
    let (_, records) = read(&message, &limits).expect("a message").expect("a message");
    let mut out = String::new();
    for record in records.iter() {
        let mut json: serde_json::Value = serde_json::from_slice(record.bytes).expect("JSON");
        assert_eq!(record.time, Some(1_000_000));
        for (_, value) in json.as_object_mut().expect("an object") {
            if let Some(text) = value.as_str().filter(|text| text.len() > 100) {
                *value = format!("{}… {} bytes", &text[..3], text.len()).into();
            }
        }
        writeln!(out, "{} bytes {json}", record.bytes.len()).expect("memory");
    }
    out
}

#[test]
fn a_long_record_is_kept_in_parts() {
    let long = "x".repeat(3_000);
    expect![[r#"
        1991 bytes {"id":7,"log":"xxx… 1822 bytes","source":"stdout","partial_message":"true","partial_id":"63ab201dd1d1d502f4cf462e4bf65173","partial_ordinal":"1","partial_last":"false","kura_cut":true}
        1346 bytes {"id":7,"log":"xxx… 1178 bytes","source":"stdout","partial_message":"true","partial_id":"63ab201dd1d1d502f4cf462e4bf65173","partial_ordinal":"2","partial_last":"true","kura_cut":true}
    "#]]
        .assert_eq(&cut(&format!(r#"{{"id": 7, "log": "{long}", "source": "stdout"}}"#), 2_048));
    // At the line, though another text is longer.
    let (log, stack) = ("x".repeat(1_200), "y".repeat(1_500));
    expect![[r#"
        1991 bytes {"log":"xxx… 336 bytes","stack":"yyy… 1500 bytes","partial_message":"true","partial_id":"d423f29c9f6e49d6cc8c7d15279514a6","partial_ordinal":"1","partial_last":"false","kura_cut":true}
        1991 bytes {"log":"xxx… 336 bytes","stack":"yyy… 1500 bytes","partial_message":"true","partial_id":"d423f29c9f6e49d6cc8c7d15279514a6","partial_ordinal":"2","partial_last":"false","kura_cut":true}
        1991 bytes {"log":"xxx… 336 bytes","stack":"yyy… 1500 bytes","partial_message":"true","partial_id":"d423f29c9f6e49d6cc8c7d15279514a6","partial_ordinal":"3","partial_last":"false","kura_cut":true}
        1846 bytes {"log":"xxx… 192 bytes","stack":"yyy… 1500 bytes","partial_message":"true","partial_id":"d423f29c9f6e49d6cc8c7d15279514a6","partial_ordinal":"4","partial_last":"true","kura_cut":true}
    "#]].assert_eq(&cut(&format!(r#"{{"log": "{log}", "stack": "{stack}"}}"#), 2_048));
    // At the longest text, where the line is not to blame.
    expect![[r#"
        1991 bytes {"message":"short","stack":"xxx… 1827 bytes","partial_message":"true","partial_id":"825b178b8ab92176ded3e0c51dd81563","partial_ordinal":"1","partial_last":"false","kura_cut":true}
        1336 bytes {"message":"short","stack":"xxx… 1173 bytes","partial_message":"true","partial_id":"825b178b8ab92176ded3e0c51dd81563","partial_ordinal":"2","partial_last":"true","kura_cut":true}
    "#]].assert_eq(&cut(&format!(r#"{{"message": "short", "stack": "{long}"}}"#), 2_048));
    // As a whole, where the parts would be many times the record.
    let stack = "y".repeat(1_590);
    expect![[r#"
        1991 bytes {"message":"{\"l… 1840 bytes","partial_message":"true","partial_id":"4facdb3cad41f11ee58b91f02b7c5134","partial_ordinal":"1","partial_last":"false","kura_cut":true}
        1991 bytes {"message":"xxx… 1839 bytes","partial_message":"true","partial_id":"4facdb3cad41f11ee58b91f02b7c5134","partial_ordinal":"2","partial_last":"false","kura_cut":true}
        1080 bytes {"message":"yyy… 932 bytes","partial_message":"true","partial_id":"4facdb3cad41f11ee58b91f02b7c5134","partial_ordinal":"3","partial_last":"true","kura_cut":true}
    "#]].assert_eq(&cut(&format!(r#"{{"log": "{long}", "stack": "{stack}"}}"#), 2_048));
    // As a whole, where no text is to blame, and where it is a part already.
    let numbers = vec!["123456"; 400].join(",");
    expect![[r#"
        1991 bytes {"message":"{\"n… 1841 bytes","partial_message":"true","partial_id":"f47d406d90eccda27f0f3e85b6865070","partial_ordinal":"1","partial_last":"false","kura_cut":true}
        1119 bytes {"message":"345… 972 bytes","partial_message":"true","partial_id":"f47d406d90eccda27f0f3e85b6865070","partial_ordinal":"2","partial_last":"true","kura_cut":true}
    "#]].assert_eq(&cut(&format!(r#"{{"numbers": [{numbers}]}}"#), 2_048));
    expect![[r#"
        1991 bytes {"message":"{\"l… 1840 bytes","partial_message":"true","partial_id":"553575ffa2331e67274608730e3aa6e0","partial_ordinal":"1","partial_last":"false","kura_cut":true}
        1339 bytes {"message":"xxx… 1187 bytes","partial_message":"true","partial_id":"553575ffa2331e67274608730e3aa6e0","partial_ordinal":"2","partial_last":"true","kura_cut":true}
    "#]].assert_eq(&cut(&format!(r#"{{"log": "{long}", "partial_id": "1"}}"#), 2_048));
    // A record just as long as it may be is one.
    let fits = format!(r#"{{"log":"{}"}}"#, "x".repeat(2_048 - 10));
    expect![[r#"
        2048 bytes {"log":"xxx… 2038 bytes"}
    "#]]
    .assert_eq(&cut(&fits, 2_048));
}

#[test]
fn parts_put_together_are_the_text() {
    let line: String = "aé€😀\"\\\n\u{1}".chars().cycle().take(20_000).collect();
    let message = pack(&serde_json::json!(["t", 1, {"log": line, "n": 1}]).to_string());
    for record_bytes_max in (1_000..1_020).chain([5_000, 30_000]) {
        let limits = InputLimits { record_bytes_max, ..InputLimits::default() };
        let (_, records) = read(&message, &limits).expect("a message").expect("a message");
        assert!(records.len() > 1);
        let (mut whole, mut ids) = (String::new(), Vec::new());
        for (at, record) in records.iter().enumerate() {
            assert!(record.bytes.len() <= record_bytes_max);
            let json: serde_json::Value = serde_json::from_slice(record.bytes).expect("JSON");
            whole.push_str(json["log"].as_str().expect("a text"));
            assert_eq!(json["partial_ordinal"], (at + 1).to_string());
            assert_eq!(json["partial_last"], (at + 1 == records.len()).to_string());
            ids.push(json["partial_id"].as_str().expect("a text").to_owned());
        }
        assert_eq!(whole, line);
        ids.dedup();
        assert_eq!(ids.len(), 1);
    }
}

fn samples() -> Vec<Vec<u8>> {
    let entries =
        [pack(r#"[1, {"n": 1, "log": "a line"}]"#), pack(r#"[2, {"n": [{}, 2.5]}]"#)].concat();
    vec![
        hex(DOCKER),
        hex(DOCKER_PART),
        pack(
            r#"["tag", [[1, {"n": 1}], [["hex:d7 00 6b00df00 3b9ac9ff", {"m": 1}], {"n": 2}]], {"chunk": "c", "size": 2}]"#,
        ),
        packed(&entries, r#"{"chunk": "c"}"#),
        packed(&gzip(&entries), r#"{"chunk": "c", "compressed": "gzip"}"#),
        packed(&zstd::encode_all(&entries[..], 3).expect("to memory"), r#"{"compressed": "zstd"}"#),
        pack(
            r#"["t", 1, {"hex:81 91 01 02": "hex:c4 02 ff fe", "e": "hex:d6 05 00010203", "f": "hex:cb 7ff8000000000000"}]"#,
        ),
        b"\xc0".to_vec(),
    ]
}

/// The messages in `bytes`, which come in pieces.
async fn framed(
    pieces: impl IntoIterator<Item = &[u8]>,
    bytes_max: usize,
) -> Result<Vec<Bytes>, Invalid> {
    let (mut frames, mut found) = (Frames::new(bytes_max), Vec::new());
    for mut piece in pieces {
        while !piece.is_empty() {
            frames.read(&mut piece).await.expect("from memory");
        }
        while let Some(frame) = frames.next()? {
            found.push(frame);
        }
    }
    assert!(frames.is_between());
    Ok(found)
}

#[tokio::test]
async fn messages_are_the_same_however_they_are_cut() {
    let all = samples().concat();
    let whole = framed([&all[..]], 1 << 20).await.expect("messages");
    assert_eq!(whole, samples());
    for at in 0..all.len() {
        let (before, behind) = all.split_at(at);
        assert_eq!(framed([before, behind], 1 << 20).await.expect("messages"), whole, "{at}");
    }
    assert_eq!(framed(all.chunks(1), 1 << 20).await.expect("messages"), whole);
}

#[tokio::test]
async fn a_byte_is_looked_at_once() {
    // A million bytes one at a time: what looks at them again takes minutes.
    let text = "x".repeat(1 << 20);
    let message = pack(&format!(r#"["t", 1, {{"log": "{text}"}}]"#));
    assert_eq!(framed(message.chunks(1), 2 << 20).await.expect("a message").len(), 1);
    let many = pack(&format!(r#"["t", [{}]]"#, vec!["[1, {}]"; 100_000].join(",")));
    assert_eq!(framed(many.chunks(1), 2 << 20).await.expect("a message").len(), 1);
}

#[tokio::test]
async fn what_is_declared_is_refused_before_it_comes() {
    let too_long = Err(Invalid::TooLong(1_000));
    for head in [
        "93a174 01 db ffffffff",
        "92a174 dd ffffffff",
        "93a174 01 df ffffffff",
        "c9 ffffffff 00",
        "dc 03e8",
    ] {
        assert_eq!(framed([&hex(head)[..]], 1_000).await, too_long, "{head}");
    }
}

#[tokio::test]
async fn damaged_messages_do_no_harm() {
    let mut random = ChaCha8Rng::seed_from_u64(24_224);
    let (samples, limits) =
        (samples(), InputLimits { record_bytes_max: 300, ..InputLimits::default() });
    for _ in 0..30_000 {
        let mut bytes = samples[random.random_range(0..samples.len())].clone();
        for _ in 0..random.random_range(1..6) {
            let at = random.random_range(0..bytes.len().max(1));
            match random.random_range(0..4) {
                0 => bytes.truncate(at),
                1 => bytes.insert(at.min(bytes.len()), random.random()),
                2 => {
                    drop(bytes.drain(
                        at.min(bytes.len())..(at + random.random_range(0..9)).min(bytes.len()),
                    ))
                }
                _ => bytes.iter_mut().skip(at).take(1).for_each(|byte| *byte = random.random()),
            }
        }
        if let Ok(Some((_, records))) = read(&bytes, &limits) {
            for record in records.iter() {
                let text = String::from_utf8_lossy(record.bytes);
                let json: Result<serde_json::Value, _> = serde_json::from_str(&text);
                assert!(json.is_ok_and(|json| json.is_object()), "{bytes:02x?}");
            }
        }
        let (mut frames, mut rest) = (Frames::new(1 << 16), &bytes[..]);
        while !rest.is_empty() {
            frames.read(&mut rest).await.expect("from memory");
        }
        let found = std::iter::from_fn(|| frames.next().ok().flatten());
        assert!(found.map(|frame| frame.len()).sum::<usize>() <= bytes.len());
    }
}
