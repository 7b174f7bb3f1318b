//! Parts in, lines out.

use expect_test::{Expect, expect};

use super::*;

/// Feeds records and shows what comes out, a line each: the sequences it was made of, and it.
/// `@7` is the clock at seven seconds, `+7` the next arrival then, `!` the end; a record arrives a
/// millisecond after the one before. `tag|{…}` is a record of another stream than `s`. Steps may
/// stand as deep as the code around them.
pub(super) fn shown(rules: &JoinRules, steps: &str) -> String {
    let mut joiner = Joiner::new(rules);
    let mut shown = String::new();
    let mut show = |joined: Joined<'_>| shown.push_str(&line(&joined));
    let (mut sequence, mut now) = (0, 0);
    for step in steps.lines() {
        let step = step.strip_prefix("        ").unwrap_or(step);
        if let Some(seconds) = step.strip_prefix('@') {
            now = seconds.parse::<i64>().expect("seconds") * MICROS_PER_SECOND;
            joiner.expire(now, &mut show);
        } else if let Some(seconds) = step.strip_prefix('+') {
            now = seconds.parse::<i64>().expect("seconds") * MICROS_PER_SECOND;
        } else if step == "!" {
            joiner.finish(&mut show);
        } else {
            sequence += 1;
            now += 1000;
            let (stream, record) = match step.split_once('|') {
                Some((stream, record)) if !stream.contains('{') => (stream, record),
                _ => ("s", step),
            };
            let bytes = record.as_bytes();
            let piece = Piece { sequence, stream, bytes, time: Some(now), arrival: now };
            joiner.push(piece, &mut show);
        }
    }
    let pending = joiner.pending();
    if !pending.is_empty() {
        let due = joiner.next_expiry().expect("something waits");
        shown.push_str(&format!("held {pending:?} until {due}\n"));
    }
    shown
}

fn line(joined: &Joined<'_>) -> String {
    assert_eq!(joined.sequences[0], joined.sequence());
    let time = joined.time.unwrap_or(-1);
    format!("{:?} {time} {}\n", joined.sequences, String::from_utf8_lossy(joined.bytes))
}

#[track_caller]
fn check(steps: &str, expected: &Expect) {
    expected.assert_eq(&shown(&JoinRules::default(), steps));
}

#[test]
fn parts_of_docker_with_numbers() {
    check(
        r#"{"container_id":"c1","source":"stdout","log":"one ","partial_message":"true","partial_id":"p","partial_ordinal":"1","partial_last":"false"}
        {"container_id":"c2","source":"stdout","log":"whole"}
        {"container_id":"c1","source":"stdout","log":"two ","partial_message":"true","partial_id":"p","partial_ordinal":"2","partial_last":"false"}
        {"container_id":"c1","source":"stderr","log":"beside"}
        {"container_id":"c1","source":"stdout","log":"three","partial_message":"true","partial_id":"p","partial_ordinal":"3","partial_last":"true"}
        {"container_id":"c1","source":"stdout","log":"next"}"#,
        &expect![[r#"
            [2] 2000 {"container_id":"c2","source":"stdout","log":"whole"}
            [4] 4000 {"container_id":"c1","source":"stderr","log":"beside"}
            [1, 3, 5] 1000 {"container_id":"c1","source":"stdout","log":"one two three"}
            [6] 6000 {"container_id":"c1","source":"stdout","log":"next"}
        "#]],
    );
}

#[test]
fn parts_out_of_order_twice_and_with_values_of_every_kind() {
    check(
        r#"{"partial_last":true,"partial_ordinal":3,"partial_id":"p","log":"c","container_name":"n","partial_message":true}
        {"log" : "\ud83d" , "container_name":"n", "partial_id":"p", "partial_ordinal":1, "partial_last":false, "x":[1, 2]}
        {"log" : "\ud83d" , "container_name":"n", "partial_id":"p", "partial_ordinal":1, "partial_last":false, "x":[1, 2]}
        {"\u006cog":"\ude00b\"\\","container_name":"n","partial_id":"p","partial_ordinal":"2"}
        {"log":"other","container_name":"n","partial_id":"q","partial_ordinal":"1"}
        {"log":"differs","container_name":"n","partial_id":"q","partial_ordinal":"1"}
        {"log":"only","container_name":"n","partial_id":"r","partial_ordinal":"1","partial_last":"true"}"#,
        &expect![[r#"
            [1, 2, 3, 4] 2000 {"log" : "\ud83d\ude00b\"\\c","container_name":"n","x":[1, 2]}
            [6] 6000 {"log":"differs","container_name":"n","partial_id":"q","partial_ordinal":"1","kura_unjoined":"incomplete"}
            [7] 7000 {"log":"only","container_name":"n"}
            held [5] until 5005000
        "#]],
    );
}

#[test]
fn parts_of_older_dockers_follow_one_another() {
    check(
        r#"{"container_id":"c1","source":"stdout","log":"a","partial_message":"true"}
        {"container_id":"c1","source":"stderr","log":"x","partial_message":"true"}
        {"container_id":"c2","source":"stdout","log":"other container"}
        {"container_id":"c1","source":"stdout","log":"b","partial_message":"true"}
        {"container_id":"c1","source":"stderr","log":"y"}
        {"container_id":"c1","source":"stdout","log":"c"}
        {"container_id":"c1","source":"stdout","log":"whole"}
        {"container_id":"c1","source":"stdout","log":"left open","partial_message":"true"}
        {"container_id":"c1","source":"stdout","note":"no line"}
        {"container_name":"n","log":"d","partial_message":"true"}
        t|{"container_name":"n","log":"of another stream"}
        {"container_name":"n","log":"e"}
        {"log":"f","partial_message":"true"}
        {"log":"g"}"#,
        &expect![[r#"
            [3] 3000 {"container_id":"c2","source":"stdout","log":"other container"}
            [2, 5] 2000 {"container_id":"c1","source":"stderr","log":"xy"}
            [1, 4, 6] 1000 {"container_id":"c1","source":"stdout","log":"abc"}
            [7] 7000 {"container_id":"c1","source":"stdout","log":"whole"}
            [8] 8000 {"container_id":"c1","source":"stdout","log":"left open","partial_message":"true","kura_unjoined":"incomplete"}
            [9] 9000 {"container_id":"c1","source":"stdout","note":"no line"}
            [11] 11000 {"container_name":"n","log":"of another stream"}
            [10, 12] 10000 {"container_name":"n","log":"de"}
            [13, 14] 13000 {"log":"fg"}
        "#]],
    );
}

#[test]
fn parts_of_cri_lines_and_of_the_journal() {
    check(
        r#"kube.a|{"stream":"stdout","logtag" : "P","log":"a"}
        kube.b|{"stream":"stdout","logtag":"F","log":"other"}
        kube.a|{"stream":"stderr","logtag":"F","log":"beside"}
        kube.a|{"stream":"stdout","logtag":"F","log":"b"}
        {"_p":"P","stream":"stdout","log":"c","kubernetes":{"pod_name":"w","docker_id":"d1"}}
        {"_p":"P","stream":"stdout","log":"e","kubernetes":{"pod_name":"w","docker_id":"d2"}}
        {"_p":"F","stream":"stdout","log":"d","kubernetes":{"pod_name":"w","docker_id":"d1"}}
        {"_p":"F","stream":"stdout","log":"f","kubernetes":{"pod_name":"w","docker_id":"d2"}}
        {"partial":true,"container_id":"c","message":"g"}
        {"container_id":"c","message":"h"}
        {"partial":true,"message":"a program's own word"}
        {"MESSAGE":"i","PRIORITY":"6","CONTAINER_ID":"c","CONTAINER_PARTIAL_MESSAGE":"true","CONTAINER_PARTIAL_ID":"p","CONTAINER_PARTIAL_ORDINAL":"1","CONTAINER_PARTIAL_LAST":"false"}
        {"MESSAGE":"j","PRIORITY":"6","CONTAINER_ID":"c","CONTAINER_PARTIAL_ID":"p","CONTAINER_PARTIAL_ORDINAL":"2","CONTAINER_PARTIAL_LAST":"true"}
        {"MESSAGE":"k","PRIORITY":"6","CONTAINER_ID":"c","CONTAINER_PARTIAL_MESSAGE":"true"}
        {"MESSAGE":"l","PRIORITY":"3","CONTAINER_ID":"c"}
        {"MESSAGE":"m","PRIORITY":"6","CONTAINER_ID":"c"}"#,
        &expect![[r#"
            [2] 2000 {"stream":"stdout","logtag":"F","log":"other"}
            [3] 3000 {"stream":"stderr","logtag":"F","log":"beside"}
            [1, 4] 1000 {"stream":"stdout","log":"ab"}
            [5, 7] 5000 {"stream":"stdout","log":"cd","kubernetes":{"pod_name":"w","docker_id":"d1"}}
            [6, 8] 6000 {"stream":"stdout","log":"ef","kubernetes":{"pod_name":"w","docker_id":"d2"}}
            [9, 10] 9000 {"container_id":"c","message":"gh"}
            [11] 11000 {"partial":true,"message":"a program's own word"}
            [12, 13] 12000 {"MESSAGE":"ij","PRIORITY":"6","CONTAINER_ID":"c"}
            [15] 15000 {"MESSAGE":"l","PRIORITY":"3","CONTAINER_ID":"c"}
            [14, 16] 14000 {"MESSAGE":"km","PRIORITY":"6","CONTAINER_ID":"c"}
        "#]],
    );
}

/// `journalctl -o json` writes a line that is no UTF-8 as a list of its bytes.
#[test]
fn parts_of_the_journal_that_are_cut_within_a_character() {
    check(
        r#"{"MESSAGE":[34,195],"CONTAINER_ID":"c","CONTAINER_PARTIAL_ID":"p","CONTAINER_PARTIAL_ORDINAL":"1"}
        {"MESSAGE":"other","CONTAINER_ID":"c"}
        {"CONTAINER_ID":"c","MESSAGE":[169, 9, 230],"CONTAINER_PARTIAL_ID":"p","CONTAINER_PARTIAL_ORDINAL":"2"}
        {"MESSAGE":[151,165],"CONTAINER_ID":"c","CONTAINER_PARTIAL_ID":"p","CONTAINER_PARTIAL_ORDINAL":"3","CONTAINER_PARTIAL_LAST":"true"}
        {"MESSAGE":"a","CONTAINER_ID":"c","CONTAINER_PARTIAL_MESSAGE":"true"}
        {"MESSAGE":[255],"CONTAINER_ID":"c"}
        {"MESSAGE":[104,256],"CONTAINER_ID":"c","CONTAINER_PARTIAL_MESSAGE":"true"}
        {"MESSAGE":[195],"CONTAINER_ID":"c","CONTAINER_PARTIAL_MESSAGE":"true"}
        !"#,
        &expect![[r#"
            [2] 2000 {"MESSAGE":"other","CONTAINER_ID":"c"}
            [1, 3, 4] 1000 {"MESSAGE":"\"é\u0009日","CONTAINER_ID":"c"}
            [5, 6] 5000 {"MESSAGE":"a�","CONTAINER_ID":"c"}
            [7] 7000 {"MESSAGE":[104,256],"CONTAINER_ID":"c","CONTAINER_PARTIAL_MESSAGE":"true"}
            [8] 8000 {"MESSAGE":[195],"CONTAINER_ID":"c","CONTAINER_PARTIAL_MESSAGE":"true","kura_unjoined":"incomplete"}
        "#]],
    );
}

#[test]
fn what_is_in_doubt_passes_untouched() {
    check(
        r#"{"log":"a","log":"b","partial_message":"true"}
        {"log":"a","partial_message":"true"
        {"log":"a","partial_message":"true"} {}
        ["partial_message"]
        partial_message
        {"partial_message":"true","partial_id":"p","partial_ordinal":"1"}
        {"log":7,"partial_message":"true"}
        {"log":"a","partial_id":"p","partial_ordinal":"first"}
        {"log":"a","partial_id":"p","partial_ordinal":"0"}
        {"log":"a","partial_message":"true","kura_cut":true}
        {"log":"a","partial_id":"p","partial_ordinal":"1","partial_last":"true","kura_unjoined":"too_old"}
        {"log":"a","partial_message":"maybe"}"#,
        &expect![[r#"
            [1] 1000 {"log":"a","log":"b","partial_message":"true"}
            [2] 2000 {"log":"a","partial_message":"true"
            [3] 3000 {"log":"a","partial_message":"true"} {}
            [4] 4000 ["partial_message"]
            [5] 5000 partial_message
            [6] 6000 {"partial_message":"true","partial_id":"p","partial_ordinal":"1"}
            [7] 7000 {"log":7,"partial_message":"true"}
            [8] 8000 {"log":"a","partial_id":"p","partial_ordinal":"first"}
            [9] 9000 {"log":"a","partial_id":"p","partial_ordinal":"0"}
            [10] 10000 {"log":"a","partial_message":"true","kura_cut":true}
            [11] 11000 {"log":"a","partial_id":"p","partial_ordinal":"1","partial_last":"true","kura_unjoined":"too_old"}
            [12] 12000 {"log":"a","partial_message":"maybe"}
        "#]],
    );
}

#[test]
fn what_does_not_come_whole_is_let_go_when_it_is_too_old() {
    check(
        r#"{"log":"a","container_id":"c","partial_message":"true","partial_id":"p","partial_ordinal":"1" } 
        @3
        {"log":"b","container_id":"c","partial_message":"true","partial_id":"p","partial_ordinal":"3","partial_last":"true"}
        {"log":"other","container_id":"d","partial_message":"true"}
        @8
        {"log":"late","container_id":"c","partial_id":"p","partial_ordinal":"2"}
        @9
        {"log":"whole","container_id":"d"}
        !"#,
        &expect![[r#"
            [1] 1000 {"log":"a","container_id":"c","partial_message":"true","partial_id":"p","partial_ordinal":"1" ,"kura_unjoined":"too_old"}
            [2] 3001000 {"log":"b","container_id":"c","partial_message":"true","partial_id":"p","partial_ordinal":"3","partial_last":"true","kura_unjoined":"too_old"}
            [3] 3002000 {"log":"other","container_id":"d","partial_message":"true","kura_unjoined":"too_old"}
            [5] 9001000 {"log":"whole","container_id":"d"}
            [4] 8001000 {"log":"late","container_id":"c","partial_id":"p","partial_ordinal":"2","kura_unjoined":"incomplete"}
        "#]],
    );
    // What arrived later than that does not complete it, whenever it is read.
    check(
        r#"{"log":"a","container_id":"c","partial_message":"true"}
        +4
        {"log":"in time","container_id":"c"}
        {"log":"b","container_id":"c","partial_message":"true"}
        +10
        {"log":"late","container_id":"c"}"#,
        &expect![[r#"
            [1, 2] 1000 {"log":"ain time","container_id":"c"}
            [3] 4002000 {"log":"b","container_id":"c","partial_message":"true","kura_unjoined":"too_old"}
            [4] 10001000 {"log":"late","container_id":"c"}
        "#]],
    );
}

#[test]
fn what_cannot_be_a_part_shows_that_the_rest_was_lost() {
    check(
        r#"{"log":"a","container_id":"c","partial_message":"true"}
        {"log":"cut","container_id":"c","kura_cut":true}
        {"log":"whole","container_id":"c"}"#,
        &expect![[r#"
            [1] 1000 {"log":"a","container_id":"c","partial_message":"true","kura_unjoined":"incomplete"}
            [2] 2000 {"log":"cut","container_id":"c","kura_cut":true}
            [3] 3000 {"log":"whole","container_id":"c"}
        "#]],
    );
}

#[test]
fn a_line_that_is_too_long_is_let_go_with_all_that_comes_of_it() {
    let rules = JoinRules { record_bytes_max: 200, ..JoinRules::default() };
    let long = "x".repeat(40);
    let numbered = |ordinal: u32, is_last: bool| {
        format!(
            r#"{{"log":"{long}","partial_id":"p","partial_ordinal":{ordinal},"partial_last":{is_last}}}"#
        )
    };
    let unnumbered = format!(r#"{{"log":"{long}","container_id":"c","partial_message":"true"}}"#);
    let unnumbered = unnumbered.as_str();
    let steps = [
        numbered(1, false),
        numbered(2, false),
        numbered(3, false),
        numbered(4, false),
        numbered(5, true),
        [unnumbered; 4].join("\n"),
        r#"{"log":"the end of it","container_id":"c"}"#.to_owned(),
        r#"{"log":"whole","container_id":"c"}"#.to_owned(),
    ];
    let shown = shown(&rules, &steps.join("\n")).replace(&long, "x*40");
    expect![[r#"
        [1] 1000 {"log":"x*40","partial_id":"p","partial_ordinal":1,"partial_last":false,"kura_unjoined":"too_long"}
        [2] 2000 {"log":"x*40","partial_id":"p","partial_ordinal":2,"partial_last":false,"kura_unjoined":"too_long"}
        [3] 3000 {"log":"x*40","partial_id":"p","partial_ordinal":3,"partial_last":false,"kura_unjoined":"too_long"}
        [4] 4000 {"log":"x*40","partial_id":"p","partial_ordinal":4,"partial_last":false,"kura_unjoined":"too_long"}
        [5] 5000 {"log":"x*40","partial_id":"p","partial_ordinal":5,"partial_last":true,"kura_unjoined":"too_long"}
        [6] 6000 {"log":"x*40","container_id":"c","partial_message":"true","kura_unjoined":"too_long"}
        [7] 7000 {"log":"x*40","container_id":"c","partial_message":"true","kura_unjoined":"too_long"}
        [8] 8000 {"log":"x*40","container_id":"c","partial_message":"true","kura_unjoined":"too_long"}
        [9] 9000 {"log":"x*40","container_id":"c","partial_message":"true","kura_unjoined":"too_long"}
        [10] 10000 {"log":"the end of it","container_id":"c","kura_unjoined":"too_long"}
        [11] 11000 {"log":"whole","container_id":"c"}
    "#]]
    .assert_eq(&shown);
}

#[test]
fn too_many_parts_containers_or_bytes_are_let_go() {
    let part = |container: &str, id: &str, ordinal: u32| {
        format!(
            r#"{{"log":"x","container_id":"{container}","partial_id":"{id}","partial_ordinal":{ordinal}}}"#
        )
    };
    let steps = [part("a", "p", 1), part("b", "q", 1), part("a", "r", 1), part("a", "p", 2)];
    let rules = JoinRules { parts_max: 2, ..JoinRules::default() };
    expect![[r#"
        [1] 1000 {"log":"x","container_id":"a","partial_id":"p","partial_ordinal":1,"kura_unjoined":"too_many"}
        [4] 4000 {"log":"x","container_id":"a","partial_id":"p","partial_ordinal":2,"kura_unjoined":"too_many"}
        held [2, 3] until 5002000
    "#]]
    .assert_eq(&shown(&rules, &steps.join("\n")));

    let steps = [part("a", "p", 1), part("b", "q", 1), part("c", "r", 1), part("a", "p", 2)];
    let rules = JoinRules { containers_max: 2, ..JoinRules::default() };
    expect![[r#"
        [1] 1000 {"log":"x","container_id":"a","partial_id":"p","partial_ordinal":1,"kura_unjoined":"too_many"}
        [2] 2000 {"log":"x","container_id":"b","partial_id":"q","partial_ordinal":1,"kura_unjoined":"too_many"}
        held [3, 4] until 5003000
    "#]]
    .assert_eq(&shown(&rules, &steps.join("\n")));

    let rules = JoinRules { held_bytes_max: 1500, ..JoinRules::default() };
    expect![[r#"
        [2] 2000 {"log":"x","container_id":"b","partial_id":"q","partial_ordinal":1,"kura_unjoined":"too_many"}
        held [1, 3, 4] until 5002000
    "#]]
    .assert_eq(&shown(&rules, &steps.join("\n")));

    let nothing = JoinRules { held_bytes_max: 0, containers_max: 0, ..JoinRules::default() };
    expect![[r#"
        [1] 1000 {"log":"x","container_id":"a","partial_id":"p","partial_ordinal":1,"kura_unjoined":"too_many"}
    "#]]
    .assert_eq(&shown(&nothing, &part("a", "p", 1)));
}

#[test]
fn fifty_containers_whose_parts_interleave() {
    let mut joiner = Joiner::new(&JoinRules::default());
    let mut lines = Vec::new();
    let mut whole = |joined: Joined<'_>| {
        lines.push(String::from_utf8_lossy(joined.bytes).into_owned());
        assert_eq!(joined.sequences.len(), 40);
        assert_eq!(joined.time, Some(i64::try_from(joined.sequence()).expect("small")));
    };
    let mut sequence = 0;
    for ordinal in 1..=40 {
        for container in 0..50 {
            sequence += 1;
            let is_last = ordinal == 40;
            let text = format!(
                r#"{{"container_id":"c{container}","log":"{container}.{ordinal} ","partial_message":"true","partial_id":"p{container}","partial_ordinal":"{ordinal}","partial_last":"{is_last}"}}"#
            );
            let time = i64::try_from(sequence).expect("small");
            let bytes = text.as_bytes();
            let piece = Piece { sequence, stream: "s", bytes, time: Some(time), arrival: time };
            joiner.push(piece, &mut whole);
        }
    }
    assert_eq!(joiner.held_bytes(), 0);
    let expected = (0..50).map(|container| {
        let line: String = (1..=40).map(|ordinal| format!("{container}.{ordinal} ")).collect();
        format!(r#"{{"container_id":"c{container}","log":"{line}"}}"#)
    });
    assert_eq!(lines, expected.collect::<Vec<_>>());
}

#[test]
fn settings_are_read_and_what_they_cannot_be_is_said() {
    let rules: JoinRules = toml::from_str(
        "held_bytes_max = 1000\nmultiline = [\"java\", \"dotnet\"]\n[[rule]]\nbegins = '^\\d'\n",
    )
    .expect("settings");
    assert_eq!((rules.held_bytes_max, rules.record_bytes_max), (1000, 1 << 20));
    assert_eq!(rules.multiline, [Language::Java, Language::Dotnet]);
    assert_eq!(rules.rule.len(), 1);
    let wrong = ["held = 1", "multiline = [\"cobol\"]", "[[rule]]", "[[rule]]\nbegins = '('"];
    let messages = wrong.map(|text| {
        let error = toml::from_str::<JoinRules>(text).expect_err("wrong");
        format!("{}\n", error.message())
    });
    expect![[r#"
        unknown field `held`, expected one of `record_bytes_max`, `held_bytes_max`, `parts_max`, `containers_max`, `parts_seconds`, `multiline_seconds`, `multiline`, `rule`
        unknown variant `cobol`, expected one of `java`, `python`, `go`, `node`, `dotnet`, `ruby`
        a rule needs `begins`, `continues`, or both
        `begins` is no regular expression: regex parse error:
            (
            ^
        error: unclosed group
    "#]]
    .assert_eq(&messages.concat());
}

#[test]
fn what_is_whole_is_neither_copied_nor_held() {
    let mut joiner = Joiner::new(&JoinRules::default());
    for record in
        ["text", r#"{"log":"whole"}"#, r#"{"logtag":"F"}"#, r#"{"log":"partial"}"#, "\u{0}"]
    {
        let bytes = record.as_bytes();
        let piece = Piece { sequence: 7, stream: "s", bytes, time: None, arrival: 0 };
        let mut count = 0;
        joiner.push(piece, &mut |joined| {
            assert!(std::ptr::eq(joined.bytes, bytes), "{record}");
            assert_eq!(joined.sequences, [7]);
            count += 1;
        });
        assert_eq!((count, joiner.held_bytes()), (1, 0));
    }
}
