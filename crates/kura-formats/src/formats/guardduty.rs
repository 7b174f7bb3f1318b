//! GuardDuty findings, as exported to S3 and as EventBridge delivers them.

use std::borrow::Cow;

use kura_core::table::column;

use super::json_records::{JsonFormat, RECORDS};
use super::object_keys::folder_facts;
use super::{DAY, Description, FlatCopy, Head, HeadSays, KeySays, View, ocsf_views};
use crate::columns::{Column, Role};
use crate::json::text_of;

const NAME: &str = "guardduty";

pub const FORMAT: JsonFormat = JsonFormat {
    description: Description {
        name: Cow::Borrowed(NAME),
        title: "GuardDuty findings",
        about: include_str!("guardduty.md"),
        source: "https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_finding-format.html",
        sample: r#"{"schemaVersion":"2.0","accountId":"123456789012","region":"eu-west-1","partition":"aws","id":"f{n}","arn":"arn:aws:guardduty:eu-west-1:123456789012:detector/d/finding/f{n}","type":"Recon:EC2/PortProbeUnprotectedPort","resource":{"resourceType":"Instance","instanceDetails":{"instanceId":"i-{n}","instanceType":"m3.xlarge"}},"service":{"serviceName":"guardduty","count":3,"action":{"actionType":"PORT_PROBE"}},"severity":2,"createdAt":"2026-11-19T10:00:00.000Z","updatedAt":"2026-11-20T10:00:00.000Z","title":"Unprotected port on EC2 instance i-{n} is being probed.","description":"EC2 instance has an unprotected port which is being probed."}"#,
        columns: Cow::Borrowed(COLUMNS),
        statistics: &[column::TIME, "updatedat", column::ACCOUNT, column::REGION, "type"],
        needles: &["id", "type", column::ACCOUNT],
        distinct: &["id", "arn"],
        views: &[View { name: "gd_logs", select: DAY }, ocsf_views::GUARDDUTY],
        examples: &[
            (
                "What is worst, and still seen",
                "SELECT type, title, severity, max(updatedat) AS last_seen FROM guardduty\nWHERE CAST(severity AS DOUBLE) >= 7 GROUP BY 1, 2, 3 ORDER BY 4 DESC",
            ),
            (
                "Which instances are concerned?",
                "SELECT json_extract_scalar(resource, '$.instanceDetails.instanceId') AS instance, type, count(*) AS findings\nFROM guardduty GROUP BY 1, 2 ORDER BY 3 DESC",
            ),
        ],
        flat_copies: &[
            FlatCopy { path: &["accountid"], column: column::ACCOUNT },
            FlatCopy { path: &["region"], column: column::REGION },
        ],
    },
    columns: COLUMNS,
    required: &["type", "id"],
    restart: b"\"schemaVersion\"",
    lists: RECORDS,
    key,
    head,
};

/// `AWSLogs/<account>/GuardDuty/<region>/<year>/<month>/<day>/<unique>.jsonl.gz`.
fn key(path: &str) -> Option<KeySays> {
    folder_facts(path, "GuardDuty").map(KeySays::Records)
}

fn head(head: &Head<'_>) -> Option<HeadSays> {
    if head.has("detail-type") && head.has("detail") {
        let is_finding = text_of(head.value("detail-type")) == Some("GuardDuty Finding");
        return is_finding.then_some(HeadSays::Records);
    }
    let keys = ["schemaVersion", "severity", "service", "type"];
    keys.iter().all(|key| head.has(key)).then_some(HeadSays::Records)
}

/// Athena's columns: nested parts are JSON, since each type of finding has its own.
const COLUMNS: &[Column] = &[
    Column::text("schemaversion", "schemaVersion", "Version of the finding's shape."),
    Column::text("accountid", "accountId", "The account it is about.").role(Role::Account),
    Column::text("region", "region", "The Region it is about.").role(Role::Region),
    Column::text("partition", "partition", "`aws`, `aws-cn`, `aws-us-gov`."),
    Column::text("id", "id", "The finding: its updates share it."),
    Column::text("arn", "arn", "The finding's ARN."),
    Column::text("type", "type", "What was found, such as `Recon:EC2/PortProbeUnprotectedPort`.")
        .role(Role::Facet),
    Column::json("resource", "resource", "What it was done to, as JSON."),
    Column::json("service", "service", "What was seen, how often, since when, as JSON."),
    Column::text("severity", "severity", "From 1 to 10; 7 and more is high.").role(Role::Facet),
    Column::text("createdat", "createdAt", "When it was first found, as written."),
    Column::text("updatedat", "updatedAt", "When it was last seen, as written; also `_time`.")
        .role(Role::Time),
    Column::text("title", "title", "The finding in a line.").role(Role::Facet),
    Column::text("description", "description", "The finding in a sentence."),
];

#[cfg(test)]
#[path = "guardduty_tests.rs"]
mod tests;
