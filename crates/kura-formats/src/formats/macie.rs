//! Findings and discovery results of Amazon Macie.

use std::borrow::Cow;

use kura_core::table::column;

use super::json_records::JsonFormat;
use super::object_keys::{folder_facts, object_name};
use super::{Description, FlatCopy, Head, HeadSays, KeySays};
use crate::columns::{Column, ColumnType, Role};
use crate::json::text_of;

const NAME: &str = "macie";

pub const FORMAT: JsonFormat = JsonFormat {
    description: Description {
        name: Cow::Borrowed(NAME),
        title: "Amazon Macie findings and discovery results",
        about: include_str!("macie.md"),
        source: "https://docs.aws.amazon.com/macie/latest/user/findings-publish-event-schemas.html",
        sample: r#"{"schemaVersion":"1.0","id":"f{n}","accountId":"123456789012","partition":"aws","region":"eu-west-1","type":"SensitiveData:S3Object/Personal","title":"The S3 object contains personal information.","description":"The object contains names or addresses.","severity":{"score":3,"description":"High"},"createdAt":"2026-11-20T10:00:00.000Z","updatedAt":"2026-11-20T10:00:00.000Z","count":1,"resourcesAffected":{"s3Bucket":{"arn":"arn:aws:s3:::reports","name":"reports","createdAt":"2025-01-01T00:00:00.000Z","owner":{"displayName":"me","id":"o1"},"tags":[],"publicAccess":{"effectivePermission":"NOT_PUBLIC"}},"s3Object":{"bucketArn":"arn:aws:s3:::reports","key":"daily/{n}.csv","path":"reports/daily/{n}.csv","extension":"csv","lastModified":"2026-11-19T10:00:00.000Z","eTag":"e{n}","size":120{n},"storageClass":"STANDARD","tags":[],"publicAccess":false}},"category":"CLASSIFICATION","classificationDetails":{"jobArn":"arn:aws:macie2:eu-west-1:123456789012:classification-job/j1","jobId":"j1","originType":"SENSITIVE_DATA_DISCOVERY_JOB","result":{"status":{"code":"COMPLETE"},"sizeClassified":120{n},"mimeType":"text/csv","sensitiveData":[{"category":"PERSONAL_INFORMATION","totalCount":{n}}]}},"policyDetails":null,"sample":false,"archived":false}"#,
        columns: Cow::Borrowed(COLUMNS),
        statistics: &[column::TIME, "updatedat", column::ACCOUNT, column::REGION, "type"],
        needles: &["id", "type", column::ACCOUNT, column::ADDR],
        distinct: &["id"],
        views: &[],
        examples: &[
            (
                "Which buckets hold sensitive data?",
                "SELECT resourcesaffected.s3bucket.name AS bucket, type, count(*) AS findings FROM macie\nWHERE severity.score >= 2 GROUP BY 1, 2 ORDER BY 3 DESC",
            ),
            (
                "What could not be looked into?",
                "SELECT json_extract_scalar(classificationdetails.result, '$.status.reason') AS reason, count(*) AS objects FROM macie\nWHERE json_extract_scalar(classificationdetails.result, '$.status.code') <> 'COMPLETE' GROUP BY 1 ORDER BY 2 DESC",
            ),
        ],
        flat_copies: &[
            FlatCopy { path: &["accountid"], column: column::ACCOUNT },
            FlatCopy { path: &["region"], column: column::REGION },
        ],
    },
    columns: COLUMNS,
    required: &["resourcesaffected", "classificationdetails", "policydetails"],
    restart: b"\"schemaVersion\"",
    lists: &["findings"],
    key,
    head,
};

/// `AWSLogs/<account>/Macie/<region>/<job>/<account>/<unique>.jsonl.gz`.
fn key(path: &str) -> Option<KeySays> {
    if object_name(path) == "macie-test-object" {
        return Some(KeySays::Nothing("Macie's test of the bucket"));
    }
    folder_facts(path, "Macie").map(KeySays::Records)
}

fn head(head: &Head<'_>) -> Option<HeadSays> {
    if head.has("detail-type") {
        let kind = text_of(head.value("detail-type"))?;
        return (kind == "Macie Finding").then_some(HeadSays::Records);
    }
    let details = ["resourcesAffected", "classificationDetails", "policyDetails"];
    let is_one = head.has("category") && details.iter().any(|key| head.has(key));
    is_one.then_some(HeadSays::Records)
}

const SEVERITY: &[Column] = &[
    Column::text("description", "description", "").role(Role::Facet),
    Column::new("score", "score", ColumnType::Int, ""),
];

const DETAILS: &[Column] = &[
    Column::text("jobarn", "jobArn", ""),
    Column::text("jobid", "jobId", ""),
    Column::text("origintype", "originType", ""),
    Column::text("detailedresultslocation", "detailedResultsLocation", ""),
    Column::json("result", "result", ""),
];

const BUCKET: &[Column] = &[
    Column::text("arn", "arn", "").role(Role::Resource),
    Column::text("name", "name", "").role(Role::Facet),
    Column::text("createdat", "createdAt", ""),
    Column::text("allowsunencryptedobjectuploads", "allowsUnencryptedObjectUploads", ""),
    Column::json("owner", "owner", ""),
    Column::json("tags", "tags", ""),
    Column::json("defaultserversideencryption", "defaultServerSideEncryption", ""),
    Column::json("publicaccess", "publicAccess", ""),
];

const OBJECT: &[Column] = &[
    Column::text("bucketarn", "bucketArn", ""),
    Column::text("key", "key", ""),
    Column::text("path", "path", "").role(Role::Resource),
    Column::text("extension", "extension", ""),
    Column::text("lastmodified", "lastModified", ""),
    Column::text("etag", "eTag", ""),
    Column::text("versionid", "versionId", ""),
    Column::new("size", "size", ColumnType::Long, ""),
    Column::text("storageclass", "storageClass", ""),
    Column::new("publicaccess", "publicAccess", ColumnType::Boolean, ""),
    Column::json("tags", "tags", ""),
    Column::json("serversideencryption", "serverSideEncryption", ""),
    Column::json("embeddedfiledetails", "embeddedFileDetails", ""),
];

const AFFECTED: &[Column] = &[
    Column::new("s3bucket", "s3Bucket", ColumnType::Struct(BUCKET), ""),
    Column::new("s3object", "s3Object", ColumnType::Struct(OBJECT), ""),
];

const ADDRESS: &[Column] = &[
    Column::text("ipaddressv4", "ipAddressV4", "").role(Role::Address),
    Column::json("ipcity", "ipCity", ""),
    Column::json("ipcountry", "ipCountry", ""),
    Column::json("ipgeolocation", "ipGeoLocation", ""),
    Column::json("ipowner", "ipOwner", ""),
];

const ACTOR: &[Column] = &[
    Column::json("domaindetails", "domainDetails", ""),
    Column::new("ipaddressdetails", "ipAddressDetails", ColumnType::Struct(ADDRESS), ""),
    Column::json("useridentity", "userIdentity", ""),
];

const POLICY: &[Column] = &[
    Column::json("action", "action", ""),
    Column::new("actor", "actor", ColumnType::Struct(ACTOR), ""),
];

/// The API's names, which are also those of AWS's sample table for discovery results.
const COLUMNS: &[Column] = &[
    Column::text("schemaversion", "schemaVersion", "Version of the record's shape."),
    Column::text("id", "id", "The finding or result: a finding's updates share it."),
    Column::text("accountid", "accountId", "The account it is about.").role(Role::Account),
    Column::text("partition", "partition", "`aws`, `aws-cn`, `aws-us-gov`."),
    Column::text("region", "region", "The Region it is about.").role(Role::Region),
    Column::text(
        "type",
        "type",
        "Such as `SensitiveData:S3Object/Personal` or `Policy:IAMUser/S3BucketPublic`.",
    )
    .role(Role::Facet),
    Column::text("category", "category", "`CLASSIFICATION` or `POLICY`.").role(Role::Facet),
    Column::text("title", "title", "The finding in a line."),
    Column::text("description", "description", "The finding in a sentence."),
    Column::new(
        "severity",
        "severity",
        ColumnType::Struct(SEVERITY),
        "How bad it is: `score` is from 1 to 3.",
    ),
    Column::new("count", "count", ColumnType::Long, "How often it was seen."),
    Column::text("createdat", "createdAt", "When it was made, as written.").role(Role::Time),
    Column::text("updatedat", "updatedAt", "When it was last seen, as written; also `_time`.")
        .role(Role::Time),
    Column::new(
        "classificationdetails",
        "classificationDetails",
        ColumnType::Struct(DETAILS),
        "The job that looked, and in `result` what it found, as JSON.",
    ),
    Column::new(
        "resourcesaffected",
        "resourcesAffected",
        ColumnType::Struct(AFFECTED),
        "The bucket and the object it is about.",
    ),
    Column::new(
        "policydetails",
        "policyDetails",
        ColumnType::Struct(POLICY),
        "Of a policy finding: what was done, and by whom.",
    ),
    Column::new(
        "sample",
        "sample",
        ColumnType::Boolean,
        "`true` for a finding made up to try things.",
    ),
    Column::new("archived", "archived", ColumnType::Boolean, "`true` if a rule put it away."),
];

#[cfg(test)]
#[path = "macie_tests.rs"]
mod tests;
