//! AWS Config's configuration items: history, snapshots, and notifications of single ones.

use std::borrow::Cow;

use kura_core::table::column;

use super::json_records::JsonFormat;
use super::object_keys::name_facts;
use super::{Description, FlatCopy, Head, HeadSays, KeySays};
use crate::columns::{Column, ColumnType, Role};
use crate::json::text_of;

const NAME: &str = "awsconfig";

pub const FORMAT: JsonFormat = JsonFormat {
    description: Description {
        name: Cow::Borrowed(NAME),
        title: "AWS Config configuration items",
        about: include_str!("awsconfig.md"),
        source: "https://docs.aws.amazon.com/config/latest/developerguide/config-item-table.html",
        sample: r#"{"relatedEvents":[],"relationships":[{"resourceId":"vpc-{n}","resourceType":"AWS::EC2::VPC","name":"Is contained in Vpc"}],"configuration":{"instanceId":"i-{n}","instanceType":"t3.micro","state":{"code":16,"name":"running"}},"supplementaryConfiguration":{},"tags":{"Name":"web-{n}"},"configurationItemVersion":"1.3","configurationItemCaptureTime":"2026-11-20T10:00:00.000Z","configurationStateId":1795168800{n},"awsAccountId":"123456789012","configurationItemStatus":"OK","resourceType":"AWS::EC2::Instance","resourceId":"i-{n}","ARN":"arn:aws:ec2:eu-west-1:123456789012:instance/i-{n}","awsRegion":"eu-west-1","availabilityZone":"eu-west-1a","configurationStateMd5Hash":"","resourceCreationTime":"2026-11-19T10:00:00.000Z"}"#,
        columns: Cow::Borrowed(COLUMNS),
        statistics: &[
            column::TIME,
            "configurationitemcapturetime",
            column::ACCOUNT,
            column::REGION,
            "resourcetype",
        ],
        needles: &["arn", "resourceid", "resourcename", column::ACCOUNT],
        distinct: &[],
        views: &[],
        examples: &[
            (
                "What changed about a security group?",
                "SELECT configurationitemcapturetime, configurationitemstatus, configuration FROM awsconfig\nWHERE resourceid = 'sg-0123456789abcdef0' ORDER BY _time",
            ),
            (
                "Which types of resources change most?",
                "SELECT resourcetype, count(*) AS items, count(DISTINCT arn) AS resources FROM awsconfig GROUP BY 1 ORDER BY 2 DESC",
            ),
        ],
        flat_copies: &[
            FlatCopy { path: &["awsaccountid"], column: column::ACCOUNT },
            FlatCopy { path: &["awsregion"], column: column::REGION },
        ],
    },
    columns: COLUMNS,
    required: &["configurationitemcapturetime", "configurationitemstatus"],
    restart: b"\"relatedEvents\"",
    lists: &["configurationItems", "configurationItem"],
    key,
    head,
};

/// `<account>_Config_<region>_<ConfigHistory|ConfigSnapshot|ChangeNotification>_…_<time>_….json.gz`.
fn key(path: &str) -> Option<KeySays> {
    if path.ends_with("ConfigWritabilityCheckFile") {
        return Some(KeySays::Nothing("AWS Config's test of the bucket"));
    }
    name_facts(path, "Config").map(KeySays::Records)
}

fn head(head: &Head<'_>) -> Option<HeadSays> {
    if head.has("detail-type") {
        let kind = text_of(head.value("detail-type"))?;
        return (kind == "Config Configuration Item Change").then_some(HeadSays::Records);
    }
    let is_item = head.has("configurationItemVersion") && head.has("configurationItemStatus");
    // A large configuration may hide what comes behind it.
    let is_begun = head.cut && head.has("relatedEvents") && head.has("relationships");
    let is_notification = head.has("configurationItemDiff") || head.has("configurationItem");
    (is_item || is_begun || is_notification).then_some(HeadSays::Records)
}

const RELATIONSHIP: &[Column] = &[
    Column::text("resourceid", "resourceId", ""),
    Column::text("resourcename", "resourceName", ""),
    Column::text("resourcetype", "resourceType", ""),
    Column::text("name", "name", ""),
];

/// The items' columns in AWS's tables for Athena, and what a notification says beside them.
const COLUMNS: &[Column] = &[
    Column::new(
        "relatedevents",
        "relatedEvents",
        ColumnType::Texts,
        "CloudTrail events that belong to the change.",
    ),
    Column::new(
        "relationships",
        "relationships",
        ColumnType::List(RELATIONSHIP),
        "Resources that belong to it, and how.",
    ),
    Column::json("configuration", "configuration", "What the resource looks like, as JSON."),
    Column::new(
        "supplementaryconfiguration",
        "supplementaryConfiguration",
        ColumnType::Map,
        "What other calls say of the resource, as JSON each.",
    ),
    Column::new("tags", "tags", ColumnType::Map, "The resource's tags."),
    Column::text(
        "configurationitemversion",
        "configurationItemVersion",
        "Version of the item's shape.",
    ),
    Column::text(
        "configurationitemcapturetime",
        "configurationItemCaptureTime",
        "When it was recorded, UTC, as written; also `_time`.",
    )
    .role(Role::Time),
    Column::new(
        "configurationstateid",
        "configurationStateId",
        ColumnType::Long,
        "Orders the items of a resource.",
    ),
    Column::text("awsaccountid", "awsAccountId", "The resource's account.").role(Role::Account),
    Column::text(
        "configurationitemstatus",
        "configurationItemStatus",
        "`OK`, `ResourceDiscovered`, `ResourceDeleted` and so on.",
    )
    .role(Role::Facet),
    Column::text("resourcetype", "resourceType", "Such as `AWS::EC2::Instance`.").role(Role::Facet),
    Column::text("resourceid", "resourceId", "The resource's id.").role(Role::Resource),
    Column::text("resourcename", "resourceName", "The resource's name, if it has one."),
    Column::text("arn", "ARN", "The resource's ARN.").role(Role::Resource),
    Column::text("awsregion", "awsRegion", "The resource's Region, or `global`.")
        .role(Role::Region),
    Column::text("availabilityzone", "availabilityZone", "Its Availability Zone, if it has one."),
    Column::text(
        "configurationstatemd5hash",
        "configurationStateMd5Hash",
        "A hash of the configuration.",
    ),
    Column::text(
        "resourcecreationtime",
        "resourceCreationTime",
        "When the resource was made, as written.",
    ),
    Column::text(
        "configurationitemdeliverytime",
        "configurationItemDeliveryTime",
        "When the item was delivered, as written.",
    ),
    Column::text("recordingfrequency", "recordingFrequency", "`CONTINUOUS` or `DAILY`."),
    Column::json(
        "configurationitemdiff",
        "configurationItemDiff",
        "Of a notification: what changed, as JSON.",
    ),
    Column::text(
        "messagetype",
        "messageType",
        "Of a notification: `ConfigurationItemChangeNotification`.",
    ),
    Column::text(
        "notificationcreationtime",
        "notificationCreationTime",
        "Of a notification: when it was written.",
    ),
];

#[cfg(test)]
#[path = "awsconfig_tests.rs"]
mod tests;
