//! CloudTrail Insights events: rates of calls or errors that are not what they used to be.

use std::borrow::Cow;

use kura_core::table::column;

use super::cloudtrail::is_insight;
use super::json_records::{JsonFormat, RECORDS};
use super::object_keys::name_facts;
use super::{Description, FlatCopy, Head, HeadSays, KeySays};
use crate::columns::{Column, ColumnType, Role};
use crate::json::text_of;

const NAME: &str = "cloudtrail_insights";

pub const FORMAT: JsonFormat = JsonFormat {
    description: Description {
        name: Cow::Borrowed(NAME),
        title: "CloudTrail Insights events",
        about: include_str!("cloudtrail_insights.md"),
        source: "https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-insights.html",
        sample: r#"{"eventVersion":"1.08","eventTime":"2026-11-20T10:00:00Z","awsRegion":"us-east-1","eventID":"e{n}","eventType":"AwsCloudTrailInsight","recipientAccountId":"123456789012","sharedEventID":"s{n}","insightDetails":{"state":"Start","eventSource":"iam.amazonaws.com","eventName":"GetUser","insightType":"ApiCallRateInsight","insightContext":{"statistics":{"baseline":{"average":0.01}}}},"eventCategory":"Insight"}"#,
        columns: Cow::Borrowed(COLUMNS),
        statistics: &[column::TIME, "eventtime", column::ACCOUNT, column::REGION],
        needles: &[column::ACCOUNT],
        distinct: &["eventid"],
        views: &[],
        examples: &[(
            "Which calls were unusual?",
            "SELECT eventtime, insightdetails.eventsource, insightdetails.eventname, insightdetails.insighttype, insightdetails.state\nFROM cloudtrail_insights ORDER BY _time DESC",
        )],
        flat_copies: &[
            FlatCopy { path: &["eventid"], column: column::ID },
            FlatCopy { path: &["awsregion"], column: column::REGION },
            FlatCopy { path: &["recipientaccountid"], column: column::ACCOUNT },
        ],
    },
    columns: COLUMNS,
    required: &["insightdetails"],
    restart: b"\"eventVersion\"",
    lists: RECORDS,
    key,
    head,
};

fn key(path: &str) -> Option<KeySays> {
    name_facts(path, "CloudTrail-Insight").map(KeySays::Records)
}

fn head(head: &Head<'_>) -> Option<HeadSays> {
    let is_one = is_insight(text_of(head.value("eventType")), head.has("insightDetails"));
    is_one.then_some(HeadSays::Records)
}

const DETAILS: &[Column] = &[
    Column::text("state", "state", "").role(Role::Facet),
    Column::text("eventsource", "eventSource", "").role(Role::Facet),
    Column::text("eventname", "eventName", "").role(Role::Facet),
    Column::text("insighttype", "insightType", "").role(Role::Facet),
    Column::text("errorcode", "errorCode", "").role(Role::Facet),
    Column::json("insightcontext", "insightContext", ""),
];

const COLUMNS: &[Column] = &[
    Column::text("eventversion", "eventVersion", "Version of the record's shape."),
    Column::text("eventtime", "eventTime", "When the unusual began or ended, UTC; also `_time`.")
        .role(Role::Time),
    Column::text("awsregion", "awsRegion", "The Region.").role(Role::Region),
    Column::text("eventid", "eventID", "CloudTrail's id of the event; also `_id`.").role(Role::Id),
    Column::text("eventtype", "eventType", "`AwsCloudTrailInsight`."),
    Column::text("recipientaccountid", "recipientAccountId", "The account.").role(Role::Account),
    Column::text("sharedeventid", "sharedEventID", "One id for the beginning and the end."),
    Column::new(
        "insightdetails",
        "insightDetails",
        ColumnType::Struct(DETAILS),
        "What was unusual: `state` is `Start` or `End`; averages, and who did it, are in `insightcontext`.",
    ),
    Column::text("eventcategory", "eventCategory", "`Insight`."),
];

#[cfg(test)]
#[path = "cloudtrail_insights_tests.rs"]
mod tests;
