//! The views with Security Lake's names: what records of each source become in them, told in
//! `*.slt` over the records in `records/`, and which files predicates on them leave out.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use kura_core::memory::MemoryPlan;
use kura_core::origin::ObjectFacts;
use kura_core::size::{ByteSize, MIB};
use kura_core::table::Rows;
use kura_core::time::parse_log_time;
use kura_formats::Format;
use kura_formats::formats::{self, RawRecord};
use kura_query::Engine;
use kura_store::Writer;

use crate::statements::{ask, run_file};
use crate::support::{NOW, TestLake, empty_lake};

/// Files of records; those of a table that no format has are left alone.
const FILES: [&str; 6] = [
    "cloudtrail.jsonl",
    "vpcflow.txt",
    "resolver.jsonl",
    "waf.jsonl",
    "guardduty.jsonl",
    "securityhub.jsonl",
];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/ocsf")
}

fn format_of(file: &str) -> Option<Arc<dyn Format>> {
    formats::by_name(file.split('.').next()?)
}

/// The rows of a file with a record per line; its name is the table's.
fn decode(format: &dyn Format, records: &str) -> Rows {
    let mut decoder = format.decoder();
    let facts = ObjectFacts {
        uri: format!("s3://logs/{}", format.name()),
        arrival: parse_log_time(NOW).expect("a time"),
        ..ObjectFacts::default()
    };
    for (number, line) in (1..).zip(records.lines()) {
        let record = RawRecord { bytes: line.as_bytes(), number, compact: false };
        decoder.decode(record, &facts).expect(line);
    }
    decoder.finish().expect("rows")
}

/// A lake with all the records, in a file per table and day.
async fn lake_of_records() -> TestLake {
    let temporary = tempfile::tempdir().expect("a temporary folder");
    let lake = empty_lake(temporary.path()).await;
    let (mut tables, mut rows) = (Vec::new(), Vec::new());
    for file in FILES {
        let Some(format) = format_of(file) else { continue };
        let records = std::fs::read_to_string(folder().join("records").join(file)).expect(file);
        rows.push(decode(format.as_ref(), &records));
        tables.push(format.table());
    }
    let memory = MemoryPlan::new(Some(ByteSize(4096 * MIB)));
    let mut writer = Writer::open(lake.clone(), tables, memory).await.expect("a writer");
    for rows in rows {
        writer.add_rows(rows).await.expect("stored");
    }
    writer.commit().await.expect("a commit");
    let engine = Engine::new(lake.clone(), 256 << 20, 2).expect("an engine");
    TestLake::new(engine, lake, temporary)
}

#[tokio::test]
async fn records_become_rows_of_security_lake() {
    let lake = lake_of_records().await;
    for format in FILES.into_iter().filter_map(format_of) {
        run_file(&lake, &folder().join(format!("{}.slt", format.name()))).await;
    }
}

/// Of three days in CloudTrail, two in the others.
#[tokio::test]
async fn predicates_on_the_views_leave_files_out() {
    let lake = lake_of_records().await;
    let trail = "amazon_security_lake_table_cloud_trail_mgmt_2_0";
    let flows = "amazon_security_lake_table_vpc_flow_2_0";
    let dns = "amazon_security_lake_table_route53_2_0";
    let waf = "amazon_security_lake_table_waf_2_0";
    for (view, filter, pruned, rows) in [
        (trail, "time_dt >= TIMESTAMP '2026-11-20 00:00:00'", 2, 2),
        (trail, "time_dt BETWEEN now() - INTERVAL '2' DAY AND now()", 2, 2),
        (trail, "eventday = '20261118'", 2, 3),
        (trail, "eventday >= '20261119'", 1, 4),
        (trail, "accountid = '444455556666'", 2, 2),
        (trail, "region = 'eu-west-1'", 2, 2),
        (trail, "actor.user.credential_uid = 'ASIAOPS'", 2, 1),
        (trail, "actor.user.uid = 'arn:aws:sts::111122223333:assumed-role/ops/carol'", 2, 1),
        (trail, "src_endpoint.ip = '198.51.100.4'", 2, 2),
        (trail, "src_endpoint.domain = 'ec2.amazonaws.com'", 2, 1),
        (trail, "api.operation = 'CreateUser'", 2, 1),
        (trail, "metadata.uid = 'event-CreateUser'", 2, 1),
        (trail, "api.response.error = 'AccessDenied'", 3, 0),
        (flows, "time_dt < TIMESTAMP '2026-11-20 00:00:00'", 1, 2),
        (flows, "accountid = '444455556666'", 1, 1),
        (dns, "src_endpoint.ip = '10.9.9.9'", 2, 0),
        (dns, "query.hostname = 'bad.example.net.'", 1, 1),
        (waf, "src_endpoint.ip = '203.0.113.66'", 1, 1),
    ] {
        let sql = format!("SELECT count(*) FROM {view} WHERE {filter}");
        let (lines, stats) = ask(&lake.engine, &sql).await.expect(&sql);
        assert_eq!(lines, [rows.to_string()], "{sql}");
        assert_eq!(stats.files_pruned, pruned, "{sql}: {stats:?}");
    }
}
