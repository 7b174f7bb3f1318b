//! Answers with the index files equal answers without them, whatever is asked; and what is
//! asked of a needle reads little.

use kura_core::identity::Identity;
use kura_core::memory::MemoryPlan;
use kura_core::origin::ObjectFacts;
use kura_core::size::{ByteSize, MIB};
use kura_formats::Format;
use kura_formats::formats::{CloudTrail, RawRecord};
use kura_query::{Engine, QueryOptions, Stats};
use kura_store::Writer;

use crate::support::{empty_lake, lines};

/// More than a row group, so that there are two in the first day.
const LARGE_DAY: usize = 66_000;
const STATEMENTS: u32 = 80;

/// A sequence that is the same in every run: xorshift.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap_or(0) % bound
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.below(from.len())]
    }
}

/// Few values of some needles, many of others; some keys only in the second row group.
fn event(day: u32, at: usize) -> String {
    let key = if at > 65_600 { "RARE".to_owned() } else { format!("K{}", at % 97) };
    format!(
        r#"{{"eventVersion":"1","userIdentity":{{"arn":"arn:{}","accessKeyId":"{key}"}},"eventTime":"2026-11-{day:02}T{:02}:{:02}:{:02}Z","eventName":"{}","sourceIPAddress":"192.0.2.{}","eventID":"{day}-{at}","recipientAccountId":"{}"}}"#,
        at % 13,
        at / 3600,
        at / 60 % 60,
        at % 60,
        ["Get", "Put", "List"][at % 3],
        at % 250,
        ["111111111111", "222222222222"][at % 2],
    )
}

async fn lake_of(days: &[(u32, usize)]) -> (Engine, tempfile::TempDir) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let lake = empty_lake(folder.path()).await;
    let memory = MemoryPlan::new(Some(ByteSize(4096 * MIB)));
    let mut writer =
        Writer::open(lake.clone(), vec![CloudTrail.table()], memory).await.expect("a writer");
    for &(day, count) in days {
        let mut decoder = CloudTrail.decoder();
        let facts = ObjectFacts { uri: format!("s3://logs/{day}"), ..ObjectFacts::default() };
        for (number, at) in (1..).zip(0..count) {
            let text = event(day, at);
            let raw = RawRecord { bytes: text.as_bytes(), number, compact: true };
            let facts = ObjectFacts { arrival: lake.clock().now(), ..facts.clone() };
            decoder.decode(raw, &facts).expect("an event");
        }
        writer.add_rows(decoder.finish().expect("rows")).await.expect("stored");
        writer.commit().await.expect("a commit");
    }
    (Engine::new(lake, 256 << 20, 2).expect("an engine"), folder)
}

async fn ask(engine: &Engine, sql: &str) -> (Vec<String>, Stats) {
    let answer = engine.sql(&Identity::local(), sql, &QueryOptions::default()).await;
    let (batches, stats) = answer.expect("an answer").collect().await.expect("rows");
    (lines(&batches), stats)
}

/// A comparison of a needle, or of the nested part that it is a copy of, with values of
/// which some are nowhere.
fn comparison(random: &mut Random) -> String {
    let column = random.pick(&[
        "_id",
        "eventid",
        "useridentity.accesskeyid",
        "_accesskey",
        "useridentity.arn",
        "sourceipaddress",
        "eventname",
        "recipientaccountid",
    ]);
    let mut value = || match column {
        "_id" | "eventid" => {
            format!("'{}-{}'", 17 + random.below(4), random.below(LARGE_DAY + 100))
        }
        "useridentity.accesskeyid" | "_accesskey" if random.below(4) == 0 => "'RARE'".to_owned(),
        "useridentity.accesskeyid" | "_accesskey" => format!("'K{}'", random.below(110)),
        "useridentity.arn" => format!("'arn:{}'", random.below(16)),
        "sourceipaddress" => format!("'192.0.2.{}'", random.below(300)),
        "eventname" => format!("'{}'", ["Get", "Put", "None"][random.below(3)]),
        _ => format!("'{}'", ["111111111111", "222222222222", "3"][random.below(3)]),
    };
    let (first, second, third) = (value(), value(), value());
    match random.below(6) {
        0 => format!("{column} IN ({first}, {second}, {third})"),
        1 => format!("{column} <> {first}"),
        2 => format!("{first} = {column}"),
        _ => format!("{column} = {first}"),
    }
}

fn filter(random: &mut Random, depth: usize) -> String {
    match random.below(5) {
        0 if depth > 0 => {
            format!("({} OR {})", filter(random, depth - 1), filter(random, depth - 1))
        }
        1 | 2 if depth > 0 => {
            format!("({} AND {})", filter(random, depth - 1), filter(random, depth - 1))
        }
        3 if depth > 0 => format!("NOT ({})", filter(random, depth - 1)),
        _ => comparison(random),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_index_changes_no_answer() {
    let (engine, _folder) = lake_of(&[(18, LARGE_DAY), (19, 300), (20, 500)]).await;
    let without = engine.clone().without_index();
    let mut random = Random(0x6b75_7261);
    let mut pruned = 0;
    for _ in 0..STATEMENTS {
        let filter = filter(&mut random, 2);
        let statement = format!(
            "SELECT count(*), min(eventid), max(eventid), count(DISTINCT _addr) FROM cloudtrail WHERE {filter}"
        );
        let (expected, _) = ask(&without, &statement).await;
        let (found, stats) = ask(&engine, &statement).await;
        assert_eq!(found, expected, "{statement}");
        pruned += stats.files_pruned;
    }
    assert!(pruned > 20, "{pruned} files pruned by {STATEMENTS} statements");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_needle_reads_its_own_rows_only() {
    let (engine, _folder) = lake_of(&[(18, 20_000), (19, 20_000)]).await;
    let (rows, stats) =
        ask(&engine, "SELECT eventname FROM cloudtrail WHERE eventid = '19-777'").await;
    assert_eq!(rows, ["Get"]);
    assert_eq!((stats.files_scanned, stats.files_pruned), (1, 1));
    // A page of two columns, a block of the index, and two heads.
    assert!(stats.bytes_scanned < stats.bytes_total / 5, "{stats:?}");
    let (rows, stats) =
        ask(&engine, "SELECT count(*) FROM cloudtrail WHERE eventid = 'nowhere'").await;
    assert_eq!((rows, stats.files_scanned, stats.files_pruned), (vec!["0".to_owned()], 0, 2));
}
