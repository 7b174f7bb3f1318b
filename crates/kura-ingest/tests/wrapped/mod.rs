//! Logs inside logs, and tables in files: each record goes to the table of its own kind, and
//! finds its way back there.

use std::sync::Arc;

use arrow::array::{ArrayRef, Int64Array, RecordBatch, StringArray};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use parquet::arrow::ArrowWriter;

use crate::inputs::{Folder, event, gzip};
use crate::lake::TestLake;

const FLOW: &str =
    "2 123456789010 eni-1 10.0.0.1 10.0.0.2 443 50001 6 20 9 1795168800 1795168860 ACCEPT OK";

fn json(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n"))
}

/// What a subscription delivers of a stream with these messages.
fn subscription(group: &str, messages: &[&str]) -> String {
    let events = messages.iter().enumerate().map(|(at, message)| {
        let message = json(message);
        format!(r#"{{"id":"{group}{at}","timestamp":179516880012{at},"message":{message}}}"#)
    });
    let events: Vec<String> = events.collect();
    format!(
        r#"{{"messageType":"DATA_MESSAGE","owner":"123456789012","logGroup":"{group}","logStream":"s","subscriptionFilters":["f"],"logEvents":[{}]}}"#,
        events.join(",")
    )
}

fn docker(line: &str) -> String {
    let line = json(&format!("{line}\n"));
    format!(r#"{{"log":{line},"stream":"stdout","time":"2026-11-20T10:00:00.5Z"}}"#) + "\n"
}

fn parquet_flows() -> Vec<u8> {
    let column = |values: [&str; 2]| -> ArrayRef { Arc::new(StringArray::from(values.to_vec())) };
    let numbers = |values: [i64; 2]| -> ArrayRef { Arc::new(Int64Array::from(values.to_vec())) };
    let batch = RecordBatch::try_from_iter([
        ("version", numbers([2, 2])),
        ("account_id", column(["123456789012", "123456789012"])),
        ("interface_id", column(["eni-7", "eni-8"])),
        ("srcaddr", column(["10.0.0.7", "10.0.0.8"])),
        ("dstaddr", column(["10.0.0.1", "10.0.0.1"])),
        ("start", numbers([1_795_168_800, 1_795_168_801])),
    ])
    .expect("columns of one length");
    let mut bytes = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), None).expect("to memory");
    writer.write(&batch).expect("to memory");
    writer.close().expect("to memory");
    bytes
}

fn mixed() -> Folder {
    let folder = Folder::new();
    let flows = subscription("flows", &[FLOW, FLOW, "2 x NODATA"]);
    let function = subscription(
        "/aws/lambda/shop",
        &[
            "START RequestId: 8286a188-ba32-4475-8077-530cd35c09a9 Version: $LATEST\n",
            "{\"level\":\"WARN\",\"msg\":\"slow\"}",
            "a line of text",
            &event(1),
        ],
    );
    // Firehose: members one after the other, each a message that was compressed already.
    let twice = [gzip(flows.as_bytes()), gzip(function.as_bytes())].concat();
    folder.put("firehose/2026/11/20/10/stream-1", &gzip(&twice));
    let records = [event(2), event(3)].map(|event| {
        let data = STANDARD.encode(gzip(event.as_bytes()));
        format!(r#"{{"recordId":"r","data":"{data}"}}"#)
    });
    let payload = format!(r#"{{"invocationId":"i","records":[{}]}}"#, records.join(","));
    folder.put("failed/payload", payload.as_bytes());
    let request = "192.0.2.1 - - [20/Nov/2026:10:00:00 +0000] \"GET / HTTP/1.1\" 200 5";
    let lines = [docker(request), docker("{\"a\":1}"), docker("plain")].concat();
    folder.put("containers/0a1b-json.log", lines.as_bytes());
    folder.put("flows.parquet", &parquet_flows());
    let report = "identity/LineItemId,identity/TimeInterval,bill/PayerAccountId,lineItem/UsageAccountId,lineItem/UsageStartDate,lineItem/UnblendedCost\n\
        i1,2026-11-20T00:00:00Z/2026-11-20T01:00:00Z,012345678901,123456789012,2026-11-20T00:00:00Z,0.25\n";
    folder.put("report-00001.csv.gz", &gzip(report.as_bytes()));
    let broken = r#"{"messageType":"DATA_MESSAGE","logGroup":"g","logStream":"s","logEvents":[7]}"#;
    folder.put("broken.json", broken.as_bytes());
    folder
}

const TABLES: [(&str, usize); 8] = [
    ("cloudtrail", 3),
    ("cur", 1),
    ("jsonlog", 2),
    ("lambda", 1),
    ("quarantine", 1),
    ("textlog", 3),
    ("vpcflow", 4),
    ("webaccess", 1),
];

#[tokio::test(flavor = "multi_thread")]
async fn messages_go_to_the_tables_of_their_kinds() {
    let (folder, lake) = (mixed(), TestLake::new());
    let counts = lake.import(&folder).await.counts;
    assert_eq!((counts.records, counts.stored, counts.quarantined), (16, 15, 1), "{counts:?}");
    for (table, rows) in TABLES {
        assert_eq!(lake.rows(table).await, rows, "{table}");
    }
    let mut ways = Vec::new();
    for table in ["cloudtrail", "vpcflow", "webaccess", "quarantine"] {
        for origin in lake.texts(table, "_origin").await {
            ways.push(origin.rsplit('/').next().unwrap_or_default().to_owned());
        }
    }
    ways.sort();
    assert_eq!(
        ways,
        [
            "0a1b-json.log#1|docker",
            "broken.json#1|cloudwatch.1",
            "flows.parquet#1",
            "flows.parquet#2",
            "payload#1|firehose.1.1",
            "payload#1|firehose.2.1",
            "stream-1#1|cloudwatch.1",
            "stream-1#1|cloudwatch.2",
            "stream-1#2|cloudwatch.4",
        ]
    );
    let mut ids = lake.texts("lambda", "_id").await;
    ids.extend(lake.texts("lambda", "log_group").await);
    assert_eq!(ids, ["/aws/lambda/shop0", "/aws/lambda/shop"]);
}

/// As often as one likes: what one object holds for other tables is none of its business.
#[tokio::test(flavor = "multi_thread")]
async fn a_reparse_of_one_table_opens_the_envelopes_again() {
    let (folder, lake) = (mixed(), TestLake::new());
    lake.import(&folder).await;
    for table in ["vpcflow", "textlog", "cloudtrail", "vpcflow", "jsonlog"] {
        let before = lake.texts(table, "_origin").await;
        let report = lake.reparse(table).await.expect("a reparse");
        assert_eq!(report.counts.quarantined, 0, "{table}: {report:?}");
        let mut after = lake.texts(table, "_origin").await;
        let mut expected = before;
        expected.sort();
        after.sort();
        assert_eq!(after, expected, "{table}");
    }
    for (table, rows) in TABLES {
        assert_eq!(lake.rows(table).await, rows, "{table}");
    }
}
