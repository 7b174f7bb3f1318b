//! Where rows come from, and what of them has no column: as it was decoded, stored and counted,
//! once per version of a table.

use std::sync::Arc;

use kura_core::identity::Identity;
use kura_core::memory::MemoryPlan;
use kura_core::origin::{Envelope, ObjectFacts};
use kura_core::size::{ByteSize, MIB};
use kura_core::time::{MICROS_PER_SECOND, Micros, parse_log_time, rfc3339};
use kura_formats::formats::{self, RawRecord};
use kura_query::{DriftKind, Engine, QueryOptions};
use kura_store::compact::compact;
use kura_store::{Lake, Writer};

use crate::support::{NOW, empty_lake};

const TRAIL: &str = "s3://logs/AWSLogs/111122223333/CloudTrail/us-east-1/2026/11/20/a.json.gz";

/// An object, read so many seconds after the first.
struct Object<'a> {
    format: &'a str,
    uri: &'a str,
    seconds: i64,
    records: &'a [&'a str],
    /// What a shipper said beside them.
    beside: &'a [(&'a str, &'a str)],
}

fn object<'a>(format: &'a str, uri: &'a str, records: &'a [&'a str]) -> Object<'a> {
    Object { format, uri, seconds: 0, records, beside: &[] }
}

fn memory() -> MemoryPlan {
    MemoryPlan::new(Some(ByteSize(4096 * MIB)))
}

fn arrival(seconds: i64) -> Micros {
    parse_log_time(NOW).expect("a time") + seconds * MICROS_PER_SECOND
}

/// Stores an object in a batch of its own.
async fn store(lake: &Lake, object: &Object<'_>) {
    let format = formats::by_name(object.format).expect("a format");
    let mut decoder = format.decoder();
    let beside = object.beside.iter().map(|(key, value)| (key.to_string(), value.to_string()));
    let facts = ObjectFacts {
        uri: object.uri.to_owned(),
        arrival: arrival(object.seconds),
        envelope: Envelope { beside: beside.collect(), ..Envelope::default() },
        ..ObjectFacts::default()
    };
    for (number, text) in (1..).zip(object.records) {
        let record = RawRecord { bytes: text.as_bytes(), number, compact: false };
        decoder.decode(record, &facts).expect(text);
    }
    let tables = vec![format.table()];
    let mut writer = Writer::open(lake.clone(), tables, memory()).await.expect("a writer");
    writer.add_rows(decoder.finish().expect("rows")).await.expect("stored");
    writer.commit().await.expect("a commit");
}

struct Stored {
    lake: Lake,
    engine: Engine,
    _folder: tempfile::TempDir,
}

async fn stored(objects: &[Object<'_>]) -> Stored {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let lake = empty_lake(folder.path()).await;
    for object in objects {
        store(&lake, object).await;
    }
    let engine = Engine::new(lake.clone(), 256 << 20, 2).expect("an engine");
    Stored { lake, engine, _folder: folder }
}

/// `field kind rows number-of-the-first-record sample`, a line each.
async fn drift(engine: &Engine, table: &str) -> Vec<String> {
    let (who, options) = (Identity::local(), QueryOptions::default());
    let tables = engine.drift(&who, Some(table), &options).await.expect("an answer");
    let [(name, leftovers)] = &tables[..] else { panic!("one table") };
    assert_eq!(name, table);
    let line = |f: kura_query::DriftField| {
        let number = f.first_origin.rsplit_once('#').expect("a number").1.to_owned();
        format!("{} {} {} #{number} {}", f.field, f.kind.word(), f.rows, f.sample)
    };
    let mut lines: Vec<String> = leftovers.fields().into_iter().map(line).collect();
    lines.sort();
    lines
}

fn event(id: &str, more: &str) -> String {
    format!(
        r#"{{"eventVersion":"1.11","eventTime":"2026-11-20T10:00:00Z","eventSource":"s3.amazonaws.com","eventName":"GetObject","eventID":"{id}"{more}}}"#
    )
}

#[tokio::test]
async fn every_leftover_is_a_field() {
    for (what, records, expected) in [
        ("nothing", &[""][..], &[][..]),
        (
            "an unknown field, however deep it is",
            &[r#","newField":"v""#, r#","newField":{"a":{"b":1}},"other":null"#],
            &[r#"newField unknown 2 #1 "v""#, "other unknown 1 #2 null"],
        ),
        (
            "an unknown part",
            &[
                r#","userIdentity":{"type":"Root","newPart":{"a":1},"sessionContext":{"deep":true}}"#,
            ],
            &[
                "userIdentity.newPart unknown 1 #1 {\"a\":1}",
                "userIdentity.sessionContext.deep unknown 1 #1 true",
            ],
        ),
        (
            "a misfit, of a column and of a part",
            &[r#","tlsDetails":"none","userIdentity":{"userName":["a"],"sessionContext":7}"#],
            &[
                r#"tlsDetails misfit 1 #1 "none""#,
                "userIdentity.sessionContext misfit 1 #1 7",
                r#"userIdentity.userName misfit 1 #1 ["a"]"#,
            ],
        ),
        (
            "a second value, under a key that differs in case or not",
            &[r#","EventName":"Other","eventName":"Third","userIdentity":{"ARN":"a","arn":"b"}"#],
            &[
                r#"EventName misfit 1 #1 "Other""#,
                r#"eventName misfit 1 #1 "Third""#,
                r#"userIdentity.ARN misfit 1 #1 "a""#,
            ],
        ),
        (
            "items of lists, in one row once",
            &[r#","resources":[{"ARN":"a","owner":1},"text",{"owner":2},{"type":[]}]"#],
            &[
                r#"resources.* misfit 1 #1 "text""#,
                "resources.*.owner unknown 1 #1 1",
                "resources.*.type misfit 1 #1 []",
            ],
        ),
        (
            "keys that are data",
            &[r#","i-0123456789abcdef0":1,"i-0123456789abcdef1":2,"10.0.0.1":3"#],
            &["* unknown 1 #1 3", "i-* unknown 1 #1 1"],
        ),
        (
            "long values",
            &[
                r#","long":"日本日本日本日本日本日本日本日本日本日本日本日本日本日本日本日本日本日本日本日本日本日本日本日本日本日本日本日本日本日本日本日本日本日本日本日本日本日本日本日本日本日本""#,
            ],
            &[
                r#"long unknown 1 #1 "日本日本日本日本日本日本日本日本日本日本日本日本日本日本日本日本日本日本日本日本日本日本日本日本日本日本日本日本日本日本日本日本日本日本日本日本日本日本日本日"#,
            ],
        ),
    ] {
        let records: Vec<String> =
            records.iter().enumerate().map(|(at, more)| event(&at.to_string(), more)).collect();
        let records: Vec<&str> = records.iter().map(String::as_str).collect();
        let lake = stored(&[object("cloudtrail", TRAIL, &records)]).await;
        assert_eq!(drift(&lake.engine, "cloudtrail").await, expected, "{what}");
    }
}

#[tokio::test]
async fn lines_and_shippers_drift_too() {
    let line = formats::by_name("alb").expect("a format").description().sample.replace("{n}", "1");
    // Three columns more than the line has, and two that nobody knows.
    let longer = format!("{line} - - - new \"and more\"");
    let misfit = line.replace(" 200 200 ", " oops 200 ");
    let records = [&line[..], &longer, &misfit];
    let shipped = Object {
        beside: &[("container_id", "\"c1\""), ("kubernetes", "{\"pod\":\"p\"}")],
        ..object("alb", "s3://logs/x/2026/11/20/a.log", &records)
    };
    let lake = stored(&[shipped]).await;
    assert_eq!(
        drift(&lake.engine, "alb").await,
        [
            "container_id unknown 3 #1 \"c1\"",
            "elb_status_code misfit 1 #3 \"oops\"",
            "field_34 unknown 1 #2 \"new\"",
            "field_35 unknown 1 #2 \"and more\"",
            "kubernetes unknown 3 #1 {\"pod\":\"p\"}",
        ]
    );
}

#[tokio::test]
async fn a_version_is_read_once_and_then_what_was_added() {
    let (who, options) = (Identity::local(), QueryOptions::default());
    let (first, second) = (event("1", r#","later":2"#), event("2", r#","later":1,"own":1"#));
    let lake = stored(&[Object { seconds: 60, ..object("cloudtrail", TRAIL, &[&first]) }]).await;
    let ask = || async {
        let mut tables = lake.engine.drift(&who, None, &options).await.expect("an answer");
        tables.pop().expect("a table").1
    };
    assert!(lake.engine.known_drift("cloudtrail").is_none(), "nobody asked");
    let once = ask().await;
    assert!(Arc::ptr_eq(&once, &ask().await), "read again");

    // Read before the other, and stored after it.
    let uri = TRAIL.replace("/a.", "/b.");
    store(&lake.lake, &object("cloudtrail", &uri, &[&second])).await;
    let known = lake.engine.known_drift("cloudtrail").expect("what was");
    assert!(Arc::ptr_eq(&once, &known), "as it was");
    let both = ask().await;
    let fields = both.fields();
    let seen = |at: usize| {
        let field = &fields[at];
        (&field.field[..], field.rows, rfc3339(field.first_seen), rfc3339(field.last_seen))
    };
    let (early, late) = (rfc3339(arrival(0)), rfc3339(arrival(60)));
    assert_eq!(seen(0), ("later", 2, early.clone(), late));
    assert_eq!(seen(1), ("own", 1, early.clone(), early));
    assert_eq!((fields[0].first_origin.clone(), &fields[0].sample[..]), (format!("{uri}#1"), "1"));
    assert_eq!((both.rows(DriftKind::Unknown), both.count(DriftKind::Unknown)), (2, 2));

    let spec = formats::by_name("cloudtrail").expect("a format").table();
    compact(&lake.lake, &spec, memory()).await.expect("merged");
    assert_eq!(ask().await.fields(), fields, "after a merge");
    let error = lake.engine.drift(&who, Some("cloudtrial"), &options).await.expect_err("no table");
    assert_eq!(error.to_string(), "no table `cloudtrial` in this lake");
}

#[tokio::test]
async fn sources_are_counted_by_object_and_row() {
    let (first, second) = (event("1", ""), event("2", "").replace("T10:", "T11:"));
    let other = event("3", "");
    let uri = TRAIL.replace("/20/a.", "/21/b#1.");
    let lake = stored(&[
        object("cloudtrail", TRAIL, &[&first, &second]),
        Object { seconds: 60, ..object("cloudtrail", &uri, &[&other]) },
        object("cloudtrail", "file:///var/trail/c.json", &[&event("4", "")]),
    ])
    .await;
    let (who, options) = (Identity::local(), QueryOptions::default());
    let tables = lake.engine.sources(&who, None, &options).await.expect("an answer");
    let [(table, sources)] = &tables[..] else { panic!("one table") };
    let lines: Vec<String> = sources
        .iter()
        .map(|s| {
            let [first, last, ingested] = [s.first_time, s.last_time, s.last_ingested].map(rfc3339);
            format!("{} {} {} {first} {last} {ingested}", s.source, s.objects, s.rows)
        })
        .collect();
    assert_eq!(table, "cloudtrail");
    assert_eq!(
        lines,
        [
            "s3://logs/AWSLogs/111122223333/CloudTrail/ 2 3 2026-11-20T10:00:00.000000Z 2026-11-20T11:00:00.000000Z 2026-11-21T12:01:00.000000Z",
            "file:///var/trail/ 1 1 2026-11-20T10:00:00.000000Z 2026-11-20T10:00:00.000000Z 2026-11-21T12:00:00.000000Z",
        ]
    );
    let again = lake.engine.sources(&who, Some("cloudtrail"), &options).await.expect("an answer");
    assert!(Arc::ptr_eq(sources, &again[0].1), "read again");
}
