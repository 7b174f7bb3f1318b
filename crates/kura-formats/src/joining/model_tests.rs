//! Against a model: whatever comes, in whatever order, every record comes out exactly once.

use std::collections::{BTreeMap, BTreeSet};

use super::*;

const SEEDS: u64 = 600;

/// Numbers that one seed repeats.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, below: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % below
    }

    fn one_in(&mut self, count: u64) -> bool {
        self.roll(count) == 0
    }
}

/// What was pushed and has to come out, and what came out.
#[derive(Default)]
struct Ledger {
    inside: BTreeSet<u64>,
    lines: Vec<(Vec<u64>, String)>,
}

impl Ledger {
    fn take(&mut self, joined: &Joined<'_>, seed: u64) {
        assert!(joined.sequences.is_sorted(), "seed {seed}");
        for sequence in joined.sequences {
            assert!(self.inside.remove(sequence), "seed {seed}: {sequence} twice, or never pushed");
        }
        let text = String::from_utf8_lossy(joined.bytes).into_owned();
        self.lines.push((joined.sequences.to_vec(), text));
    }
}

/// Lines of some containers as parts, shuffled a little, some twice, some never.
fn records(dice: &mut Dice) -> Vec<String> {
    let mut records = Vec::new();
    for line in 0..dice.roll(30) {
        let container = dice.roll(5);
        let parts = 1 + dice.roll(6);
        let style = dice.roll(4);
        for ordinal in 1..=parts {
            let is_last = ordinal == parts;
            let text = "é".repeat(usize::try_from(dice.roll(40)).expect("small"));
            let marks = match style {
                0 => format!(
                    r#","partial_id":"p{line}","partial_ordinal":"{ordinal}","partial_last":"{is_last}""#
                ),
                1 if !is_last => r#","partial_message":true"#.to_owned(),
                2 => format!(r#","logtag":"{}""#, if is_last { "F" } else { "P" }),
                _ => String::new(),
            };
            let begin = ["", "java.lang.Error: ", "\\tat a.A(B.java:1)", "Traceback "]
                [usize::try_from(dice.roll(4)).expect("small")];
            let record = format!(
                r#"{{"container_id":"c{container}","log":"{begin}{line}.{ordinal}{text}"{marks}}}"#
            );
            if dice.one_in(20) {
                continue;
            }
            if dice.one_in(10) {
                records.push(record.clone());
            }
            records.push(if dice.one_in(30) { record.replace('"', "") } else { record });
        }
    }
    for at in 0..records.len() {
        let other = (at + usize::try_from(dice.roll(8)).expect("small")) % records.len();
        records.swap(at, other);
    }
    records
}

fn rules(dice: &mut Dice) -> JoinRules {
    let number = |dice: &mut Dice, small: u64, large: usize| {
        let chosen = dice.one_in(3).then(|| dice.roll(small));
        chosen.map_or(large, |chosen| usize::try_from(chosen).expect("small"))
    };
    JoinRules {
        record_bytes_max: number(dice, 600, 1 << 20),
        held_bytes_max: number(dice, 8000, 32 << 20),
        parts_max: number(dice, 6, 4096),
        containers_max: number(dice, 4, 10_000),
        parts_seconds: dice.roll(6),
        multiline_seconds: dice.roll(3),
        ..JoinRules::default()
    }
}

/// Compiling them takes longer than all the rest.
fn patterns(languages: &[Language]) -> Arc<Patterns> {
    let rules = JoinRules { multiline: languages.to_vec(), ..JoinRules::default() };
    Arc::new(Patterns::new(&rules))
}

/// Once through with this seed.
fn run(seed: u64, patterns: &Arc<Patterns>) -> usize {
    let mut dice = Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    let rules = rules(&mut dice);
    let mut joiner = Joiner::with(&rules, patterns.clone());
    let mut ledger = Ledger::default();
    let mut now = 0;
    let mut held: BTreeMap<u64, Vec<u8>> = BTreeMap::new();
    for (sequence, record) in (1_u64..).zip(records(&mut dice)) {
        now += i64::try_from(dice.roll(MICROS_PER_SECOND as u64)).expect("small");
        ledger.inside.insert(sequence);
        held.insert(sequence, record.clone().into_bytes());
        let bytes = record.as_bytes();
        let piece = Piece { sequence, stream: "s", bytes, time: None, arrival: now };
        joiner.push(piece, &mut |joined| ledger.take(&joined, seed));
        if dice.one_in(10) {
            joiner.expire(now + 500_000, &mut |joined| ledger.take(&joined, seed));
        }
        assert!(joiner.held_bytes() <= rules.held_bytes_max, "seed {seed}");
        assert_eq!(joiner.pending(), ledger.inside.iter().copied().collect::<Vec<_>>());
        assert!(joiner.next_expiry().is_some() || joiner.held_bytes() == 0, "seed {seed}");
        if dice.one_in(40) {
            // A restart reads again what was held back, and nothing else.
            let pending = joiner.pending();
            joiner = Joiner::with(&rules, patterns.clone());
            for sequence in pending {
                let piece = Piece {
                    sequence,
                    stream: "s",
                    bytes: &held[&sequence],
                    time: None,
                    arrival: now,
                };
                joiner.push(piece, &mut |joined| ledger.take(&joined, seed));
            }
        }
    }
    joiner.finish(&mut |joined| ledger.take(&joined, seed));
    assert!(ledger.inside.is_empty(), "seed {seed}: lost {:?}", ledger.inside);
    assert_eq!((joiner.held_bytes(), joiner.next_expiry()), (0, None), "seed {seed}");
    for (sequences, text) in &ledger.lines {
        let is_as_it_came = sequences.iter().any(|sequence| held[sequence] == text.as_bytes());
        let is_json = serde_json::from_str::<serde_json::Value>(text).is_ok();
        assert!(is_as_it_came || is_json, "seed {seed}: {text}");
        let is_whole = sequences.len() > 1 && !text.contains("kura_unjoined");
        assert!(!is_whole || text.len() <= rules.record_bytes_max, "seed {seed}: {text}");
    }
    ledger.lines.iter().filter(|(sequences, _)| sequences.len() > 1).count()
}

#[test]
fn every_record_comes_out_exactly_once() {
    let patterns = [patterns(&[]), patterns(&[Language::Java, Language::Python])];
    let joined: usize = (0..SEEDS).zip(patterns.iter().cycle()).map(|(seed, p)| run(seed, p)).sum();
    // Something was put together, or this would prove little.
    assert!(joined > 1000, "{joined}");
}

/// Where all parts of a line come within its time, the line comes out, whatever lies between.
#[test]
fn lines_whose_parts_all_come_are_put_together() {
    for seed in 1..300 {
        let mut dice = Dice(seed);
        let mut parts = Vec::new();
        let mut expected = BTreeSet::new();
        for line in 0..20 {
            let count = 1 + dice.roll(8);
            let texts: Vec<String> = (1..=count).map(|at| format!("{line}.{at} \\u00e9")).collect();
            expected.insert(format!(r#"{{"log":"{}"}}"#, texts.concat()));
            for (ordinal, text) in (1..).zip(&texts) {
                let is_last = ordinal == count;
                parts.push(format!(
                    r#"{{"log":"{text}","partial_id":"p{line}","partial_ordinal":{ordinal},"partial_last":{is_last}}}"#
                ));
            }
        }
        for at in (1..parts.len()).rev() {
            parts.swap(at, usize::try_from(dice.roll(at as u64 + 1)).expect("small"));
        }
        let mut joiner = Joiner::new(&JoinRules::default());
        let mut seen = BTreeSet::new();
        for (sequence, part) in (0..).zip(&parts) {
            let bytes = part.as_bytes();
            let piece = Piece { sequence, stream: "s", bytes, time: None, arrival: 0 };
            joiner.push(piece, &mut |joined| {
                seen.insert(String::from_utf8_lossy(joined.bytes).into_owned());
            });
        }
        assert_eq!(seen, expected, "seed {seed}");
        assert_eq!(joiner.held_bytes(), 0);
    }
}

/// Each container's whole lines come out in the order in which they were written.
#[test]
fn lines_of_a_container_keep_their_order() {
    let patterns = patterns(&[Language::Java, Language::Python]);
    for seed in 1..200 {
        let mut dice = Dice(seed);
        let mut joiner = Joiner::with(&JoinRules::default(), patterns.clone());
        let mut last: BTreeMap<u8, u64> = BTreeMap::new();
        let mut take = |joined: Joined<'_>| {
            let text = String::from_utf8_lossy(joined.bytes);
            let container = text.bytes().nth(18).expect("a container");
            assert!(last.insert(container, joined.sequence()) < Some(joined.sequence()), "{text}");
        };
        for sequence in 1..200 {
            let container = dice.roll(4);
            let line = ["java.lang.Error: x", "\\tat a.A(B.java:1)", "plain", "Traceback "]
                [usize::try_from(dice.roll(4)).expect("small")];
            let mark = if dice.one_in(4) { r#","partial_message":true"# } else { "" };
            let text = format!(r#"{{"container_id":"c{container}","log":"{line}"{mark}}}"#);
            let arrival = i64::try_from(sequence * 100_000).expect("small");
            let bytes = text.as_bytes();
            joiner.push(Piece { sequence, stream: "s", bytes, time: None, arrival }, &mut take);
        }
        joiner.finish(&mut take);
    }
}

#[test]
fn no_bytes_make_it_panic_or_lose_anything() {
    let patterns = patterns(&[Language::Java, Language::Python]);
    bolero::check!().with_type::<Vec<Vec<u8>>>().for_each(|records: &Vec<Vec<u8>>| {
        let joiner = Joiner::with(&JoinRules::default(), patterns.clone());
        survives(joiner, records);
    });
}

/// Bytes that look like parts, cut and mixed: nearer to where it would break.
#[test]
fn no_broken_parts_make_it_panic_or_lose_anything() {
    let rules = JoinRules { record_bytes_max: 300, ..JoinRules::default() };
    let patterns = patterns(&[Language::Java, Language::Python]);
    let mut dice = Dice(7);
    for _ in 0..100 {
        let mut all = records(&mut dice).into_iter().map(String::into_bytes).collect::<Vec<_>>();
        for record in &mut all {
            let at = usize::try_from(dice.roll(record.len() as u64 + 1)).expect("small");
            match dice.roll(6) {
                0 => record.truncate(at),
                1 => record.insert(at, *b"\"\\{}\0\xff".get(at % 6).expect("one of six")),
                2 => record.rotate_left(at),
                _ => {}
            }
        }
        survives(Joiner::with(&rules, patterns.clone()), &all);
    }
}

fn survives(mut joiner: Joiner, records: &[Vec<u8>]) {
    let mut ledger = Ledger::default();
    for (sequence, bytes) in (0..).zip(records) {
        ledger.inside.insert(sequence);
        let piece = Piece { sequence, stream: "s", bytes, time: None, arrival: 0 };
        joiner.push(piece, &mut |joined| ledger.take(&joined, 0));
        assert_eq!(joiner.pending().len(), ledger.inside.len());
    }
    joiner.finish(&mut |joined| ledger.take(&joined, 0));
    assert!(ledger.inside.is_empty());
}
