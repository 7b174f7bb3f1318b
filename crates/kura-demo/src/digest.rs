//! Digests: once an hour CloudTrail lists what it delivered, with a hash of each object. Only one
//! account and Region has them here. The signatures are made up, nobody has AWS's key.

use crate::clock;
use crate::ids::{self, mix};
use crate::organisation::{Account, LOG_BUCKET, ORGANISATION_ID, ORGANISATION_TRAIL, Region};
use crate::sha256;

/// The account and Region that have digests: not a busy one, hashing costs as much as the rest.
pub const LANE: (Account, Region) = (Account::Dev, Region::Tokyo);
/// A digest covers an hour.
pub const PERIOD: i64 = 3_600;

/// Collects an hour's objects, again and again; each digest names the one before.
#[derive(Debug, Default)]
pub struct Digests {
    files: Vec<String>,
    oldest: Option<i64>,
    newest: Option<i64>,
    previous: Option<(String, String)>,
}

impl Digests {
    /// Takes note of an object and of the times of its first and last event.
    pub fn add(&mut self, key: &str, body: &str, oldest: i64, newest: i64) {
        self.oldest = Some(self.oldest.map_or(oldest, |time| time.min(oldest)));
        self.newest = Some(self.newest.map_or(newest, |time| time.max(newest)));
        self.files.push(format!(
            r#"{{"s3Bucket":"{LOG_BUCKET}","s3Object":"{key}","hashValue":"{}","hashAlgorithm":"SHA-256","newestEventTime":"{}","oldestEventTime":"{}"}}"#,
            sha256::hex(body.as_bytes()),
            clock::iso(newest),
            clock::iso(oldest),
        ));
    }

    /// The digest of the hour that ends at a time: key and text.
    pub fn close(&mut self, seed: u64, end: i64) -> (String, String) {
        let key = key(end);
        let time = |time: Option<i64>| {
            time.map_or("null".to_owned(), |time| format!("\"{}\"", clock::iso(time)))
        };
        let previous = match &self.previous {
            None => r#""previousDigestS3Bucket":null,"previousDigestS3Object":null,"previousDigestHashValue":null,"previousDigestHashAlgorithm":null,"previousDigestSignature":null"#.to_owned(),
            Some((object, hash)) => format!(
                r#""previousDigestS3Bucket":"{LOG_BUCKET}","previousDigestS3Object":"{object}","previousDigestHashValue":"{hash}","previousDigestHashAlgorithm":"SHA-256","previousDigestSignature":"{}""#,
                ids::letters("", ids::HEX, mix(seed, (end - PERIOD) as u64), 512)
            ),
        };
        let body = format!(
            r#"{{"awsAccountId":"{}","digestStartTime":"{}","digestEndTime":"{}","digestS3Bucket":"{LOG_BUCKET}","digestS3Object":"{key}","digestPublicKeyFingerprint":"{}","digestSignatureAlgorithm":"SHA256withRSA","newestEventTime":{},"oldestEventTime":{},{previous},"logFiles":[{}]}}"#,
            LANE.0.id(),
            clock::iso(end - PERIOD),
            clock::iso(end),
            ids::letters("", ids::HEX, mix(seed, 0xf1), 32),
            time(self.newest.take()),
            time(self.oldest.take()),
            self.files.join(","),
        );
        self.files.clear();
        self.previous = Some((key.clone(), sha256::hex(body.as_bytes())));
        (key, body)
    }
}

fn key(end: i64) -> String {
    let (account, region) = (LANE.0.id(), LANE.1.code());
    format!(
        "AWSLogs/{ORGANISATION_ID}/{account}/CloudTrail-Digest/{region}/{}/{account}_CloudTrail-Digest_{region}_{ORGANISATION_TRAIL}_{region}_{}.json.gz",
        clock::folder(end),
        clock::second(end),
    )
}
