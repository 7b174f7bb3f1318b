//! Made-up objects in a temporary folder.

use std::io::Write;
use std::ops::RangeInclusive;
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;

pub struct Folder(tempfile::TempDir);

impl Folder {
    pub fn new() -> Self {
        Folder(tempfile::tempdir().expect("a temporary folder"))
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    pub fn name(&self) -> String {
        self.path().display().to_string()
    }

    pub fn put(&self, name: &str, bytes: &[u8]) {
        let path = self.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("to disk");
        std::fs::write(path, bytes).expect("to disk");
    }
}

/// One CloudTrail event; the number makes id and minute.
pub fn event(number: u32) -> String {
    format!(
        r#"{{"eventVersion":"1.08","userIdentity":{{"type":"AssumedRole","arn":"arn:aws:sts::111122223333:assumed-role/ops/{}","accessKeyId":"ASIA{}"}},"eventTime":"2026-11-20T{:02}:{:02}:00Z","eventSource":"rds.amazonaws.com","eventName":"DeleteDBInstance","awsRegion":"eu-central-1","sourceIPAddress":"192.0.2.{}","requestParameters":{{"dBInstanceIdentifier":"ops"}},"eventID":"id-{number:04}","recipientAccountId":"111122223333"}}"#,
        number % 7,
        number % 5,
        number / 60 % 24,
        number % 60,
        number % 250,
    )
}

pub fn events(numbers: RangeInclusive<u32>) -> String {
    let all: Vec<String> = numbers.map(event).collect();
    format!("{{\"Records\":[{}]}}", all.join(","))
}

pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).expect("to memory");
    encoder.finish().expect("to memory")
}

/// 1 GB of zeros behind the beginning of a record, in 1 MB.
pub fn bomb() -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder
        .write_all(b"{\"Records\":[{\"eventVersion\":\"1.08\",\"eventTime\":\"")
        .expect("to memory");
    let zeros = vec![b'0'; 1 << 20];
    for _ in 0..1_000 {
        encoder.write_all(&zeros).expect("to memory");
    }
    encoder.finish().expect("to memory")
}
