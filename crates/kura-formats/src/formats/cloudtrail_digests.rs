//! CloudTrail digest files: what a trail delivered in an hour, with hashes, signed.

use std::borrow::Cow;

use kura_core::table::column;

use super::json_records::{JsonFormat, RECORDS};
use super::object_keys::name_facts;
use super::{Description, FlatCopy, Head, HeadSays, KeySays};
use crate::columns::{Column, ColumnType, Role};

const NAME: &str = "cloudtrail_digests";

pub const FORMAT: JsonFormat = JsonFormat {
    description: Description {
        name: Cow::Borrowed(NAME),
        title: "CloudTrail digest files",
        about: include_str!("cloudtrail_digests.md"),
        source: "https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-log-file-validation-digest-file-structure.html",
        sample: r#"{"awsAccountId":"123456789012","digestStartTime":"2026-11-20T09:00:00Z","digestEndTime":"2026-11-20T10:00:00Z","digestS3Bucket":"trail","digestS3Object":"AWSLogs/{n}.json.gz","newestEventTime":"2026-11-20T09:59:00Z","oldestEventTime":"2026-11-20T09:01:00Z","previousDigestS3Object":"AWSLogs/0.json.gz","logFiles":[{"s3Bucket":"trail","s3Object":"AWSLogs/l{n}.json.gz","hashValue":"00112233445566778899aabbccddeeff","hashAlgorithm":"SHA-256","newestEventTime":"2026-11-20T09:59:00Z","oldestEventTime":"2026-11-20T09:01:00Z"}]}"#,
        columns: Cow::Borrowed(COLUMNS),
        statistics: &[column::TIME, "digeststarttime", column::ACCOUNT],
        needles: &[column::ACCOUNT],
        distinct: &["digests3object"],
        views: &[],
        examples: &[(
            "Hours without a digest before them",
            "SELECT digeststarttime, digests3object FROM cloudtrail_digests\nWHERE previousdigests3object IS NULL ORDER BY _time",
        )],
        flat_copies: &[FlatCopy { path: &["awsaccountid"], column: column::ACCOUNT }],
    },
    columns: COLUMNS,
    required: &["digeststarttime", "digests3object"],
    restart: b"\"awsAccountId\"",
    lists: RECORDS,
    key,
    head,
};

fn key(path: &str) -> Option<KeySays> {
    name_facts(path, "CloudTrail-Digest").map(KeySays::Records)
}

fn head(head: &Head<'_>) -> Option<HeadSays> {
    (head.has("digestStartTime") && head.has("logFiles")).then_some(HeadSays::Records)
}

const LOG_FILE: &[Column] = &[
    Column::text("s3bucket", "s3Bucket", ""),
    Column::text("s3object", "s3Object", ""),
    Column::text("hashvalue", "hashValue", ""),
    Column::text("hashalgorithm", "hashAlgorithm", ""),
    Column::text("newesteventtime", "newestEventTime", ""),
    Column::text("oldesteventtime", "oldestEventTime", ""),
];

const COLUMNS: &[Column] = &[
    Column::text("awsaccountid", "awsAccountId", "The account.").role(Role::Account),
    Column::text("digeststarttime", "digestStartTime", "From when on, UTC, as written."),
    Column::text("digestendtime", "digestEndTime", "Until when, UTC; also `_time`.")
        .role(Role::Time),
    Column::text("digests3bucket", "digestS3Bucket", "The bucket the digest was delivered to."),
    Column::text("digests3object", "digestS3Object", "The digest's own key.").role(Role::Resource),
    Column::text(
        "digestpublickeyfingerprint",
        "digestPublicKeyFingerprint",
        "The key it is signed with.",
    ),
    Column::text("digestsignaturealgorithm", "digestSignatureAlgorithm", "How it is signed."),
    Column::text("newesteventtime", "newestEventTime", "The newest event in its objects."),
    Column::text("oldesteventtime", "oldestEventTime", "The oldest event in its objects."),
    Column::text(
        "previousdigests3bucket",
        "previousDigestS3Bucket",
        "Where the digest before lies.",
    ),
    Column::text(
        "previousdigests3object",
        "previousDigestS3Object",
        "The digest before; nothing begins a chain.",
    ),
    Column::text("previousdigesthashvalue", "previousDigestHashValue", "Its hash."),
    Column::text(
        "previousdigesthashalgorithm",
        "previousDigestHashAlgorithm",
        "How it was hashed.",
    ),
    Column::text("previousdigestsignature", "previousDigestSignature", "Its signature."),
    Column::new(
        "logfiles",
        "logFiles",
        ColumnType::List(LOG_FILE),
        "The objects delivered, with their hashes.",
    ),
];

#[cfg(test)]
#[path = "cloudtrail_digests_tests.rs"]
mod tests;
