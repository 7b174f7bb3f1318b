//! Results of GuardDuty Malware Protection's scans of S3 objects, as EventBridge delivers them.

use std::borrow::Cow;

use kura_core::table::column;

use super::json_records::{JsonFormat, RECORDS};
use super::{Description, Head, HeadSays};
use crate::columns::{Column, ColumnType, Role};
use crate::json::text_of;

const NAME: &str = "guardduty_scans";

pub const FORMAT: JsonFormat = JsonFormat {
    description: Description {
        name: Cow::Borrowed(NAME),
        title: "GuardDuty malware scans of S3 objects",
        about: include_str!("guardduty_scans.md"),
        source: "https://docs.aws.amazon.com/guardduty/latest/ug/monitor-with-eventbridge-s3-malware-protection.html",
        sample: r#"{"version":"0","id":"00000000-0000-4000-8000-000000000{n}","detail-type":"GuardDuty Malware Protection Object Scan Result","source":"aws.guardduty","account":"123456789012","time":"2026-11-20T10:00:00Z","region":"eu-west-1","resources":["arn:aws:guardduty:eu-west-1:123456789012:malware-protection-plan/p"],"detail":{"schemaVersion":"1.0","scanStatus":"COMPLETED","resourceType":"S3_OBJECT","s3ObjectDetails":{"bucketName":"inbox","objectKey":"in/{n}.zip","eTag":"e{n}","versionId":"v{n}","s3Throttled":false},"scanResultDetails":{"scanResultStatus":"THREATS_FOUND","threats":[{"name":"EICAR-Test-File"}]}}}"#,
        columns: Cow::Borrowed(COLUMNS),
        statistics: &[column::TIME, column::ACCOUNT, column::REGION, "scanstatus"],
        needles: &["scanstatus", column::ACCOUNT],
        distinct: &[],
        views: &[],
        examples: &[
            (
                "Where was malware found?",
                "SELECT _time, _account, s3objectdetails.bucketname AS bucket, s3objectdetails.objectkey AS key, scanresultdetails.threats AS threats FROM guardduty_scans\nWHERE scanresultdetails.scanresultstatus = 'THREATS_FOUND' ORDER BY _time DESC",
            ),
            (
                "How did the scans of each bucket end?",
                "SELECT s3objectdetails.bucketname AS bucket, scanresultdetails.scanresultstatus AS result, count(*) AS scans FROM guardduty_scans GROUP BY 1, 2 ORDER BY 3 DESC",
            ),
        ],
        flat_copies: &[],
    },
    columns: COLUMNS,
    required: &["s3objectdetails", "scanresultdetails"],
    restart: b"\"version\"",
    lists: RECORDS,
    key: |_| None,
    head,
};

fn head(head: &Head<'_>) -> Option<HeadSays> {
    let kind = text_of(head.value("detail-type"))?;
    let is_scan = kind == "GuardDuty Malware Protection Object Scan Result";
    is_scan.then_some(HeadSays::Records)
}

const OBJECT: &[Column] = &[
    Column::text("bucketname", "bucketName", "").role(Role::Resource),
    Column::text("objectkey", "objectKey", "").role(Role::Resource),
    Column::text("etag", "eTag", ""),
    Column::text("versionid", "versionId", ""),
    Column::new("s3throttled", "s3Throttled", ColumnType::Boolean, ""),
];

const RESULT: &[Column] = &[
    Column::text("scanresultstatus", "scanResultStatus", "").role(Role::Facet),
    Column::json("threats", "threats", ""),
    Column::json("statusreasons", "statusReasons", ""),
];

/// The names in the event's detail.
const COLUMNS: &[Column] = &[
    Column::text("schemaversion", "schemaVersion", "Version of the detail's shape."),
    Column::text("scanstatus", "scanStatus", "`COMPLETED`, `SKIPPED` or `FAILED`.")
        .role(Role::Facet),
    Column::text("resourcetype", "resourceType", "`S3_OBJECT`."),
    Column::new(
        "s3objectdetails",
        "s3ObjectDetails",
        ColumnType::Struct(OBJECT),
        "The object that was scanned.",
    ),
    Column::new(
        "scanresultdetails",
        "scanResultDetails",
        ColumnType::Struct(RESULT),
        "What came of it, and the threats, as JSON.",
    ),
];

#[cfg(test)]
#[path = "guardduty_scans_tests.rs"]
mod tests;
