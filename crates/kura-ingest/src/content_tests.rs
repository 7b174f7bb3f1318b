//! Files in, text out.

use std::sync::Arc;

use arrow::array::{ArrayRef, Int64Array, StringArray, TimestampMicrosecondArray};
use parquet::arrow::ArrowWriter;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use tempfile::TempDir;

use super::*;

fn text_of(name: &str, bytes: &[u8]) -> Result<String, String> {
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).expect("a file");
    let limits = InflateLimits { bytes_max: 1 << 20, ..InflateLimits::default() };
    let opened = Content::open(&path, bytes.len() as u64, limits, |_| {});
    let mut content = opened.map_err(|error| error.to_string())?;
    let (mut text, mut buffer) = (Vec::new(), [0; 100]);
    loop {
        match content.read(&mut buffer).map_err(|error| error.to_string())? {
            0 => return Ok(String::from_utf8_lossy(&text).into_owned()),
            read => text.extend_from_slice(&buffer[..read]),
        }
    }
}

fn parquet(rows: i64) -> Vec<u8> {
    let columns: [(&str, ArrayRef); 3] = [
        (
            "account-id",
            Arc::new(StringArray::from_iter(
                (0..rows).map(|n| (n % 2 == 0).then(|| format!("{n:012}"))),
            )),
        ),
        ("bytes", Arc::new(Int64Array::from_iter_values(0..rows))),
        (
            "at",
            Arc::new(TimestampMicrosecondArray::from_iter_values(
                (0..rows).map(|n| 1_795_168_800_000_000 + n),
            )),
        ),
    ];
    let batch = RecordBatch::try_from_iter(columns).expect("columns of one length");
    let mut bytes = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), None).expect("to memory");
    writer.write(&batch).expect("to memory");
    writer.close().expect("to memory");
    bytes
}

#[test]
fn rows_of_parquet_are_json_lines() {
    let expected = "{\"account-id\":\"000000000000\",\"bytes\":0,\"at\":\"2026-11-20T10:00:00\"}\n\
        {\"bytes\":1,\"at\":\"2026-11-20T10:00:00.000001\"}\n";
    assert_eq!(text_of("a", &parquet(2)).as_deref(), Ok(expected));
    let many = text_of("a.parquet", &parquet(3_000)).expect("rows");
    assert_eq!(many.lines().count(), 3_000);
    assert_eq!(text_of("a", &parquet(0)).as_deref(), Ok(""));
    let error = text_of("a", &parquet(30_000)).expect_err("too much");
    assert!(error.contains("more text"), "{error}");
}

#[test]
fn rows_of_csv_are_json_lines() {
    assert_eq!(
        text_of("a.csv", b"a,b\n1,\"x\ny\"\n").as_deref(),
        Ok("{\"a\":1,\"b\":\"x\\ny\"}\n")
    );
    assert_eq!(text_of("a.txt", b"a,b\n1,2\n").as_deref(), Ok("a,b\n1,2\n"));
    let rows: String = (0..20_000).map(|n| format!("{n}\n")).collect();
    let text = text_of("a.csv", format!("n\n{rows}").as_bytes()).expect("rows");
    assert_eq!(text.lines().count(), 20_000);
}

#[test]
fn parquet_that_is_damaged_is_corrupt_and_nothing_worse() {
    let whole = parquet(500);
    let mut generator = ChaCha8Rng::seed_from_u64(7);
    let mut refused = 0;
    for _ in 0..400 {
        let mut bytes = whole.clone();
        for _ in 0..generator.random_range(1..4) {
            let at = generator.random_range(4..bytes.len());
            bytes[at] = generator.random();
        }
        bytes.truncate(generator.random_range(bytes.len() / 2..=2 * bytes.len()).min(bytes.len()));
        refused += usize::from(text_of("a", &bytes).is_err());
    }
    assert!(refused > 100, "{refused}");
    assert!(text_of("a", b"PAR1").is_err_and(|error| error.contains("Parquet")));
}
