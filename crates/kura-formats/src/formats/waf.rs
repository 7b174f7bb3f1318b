//! AWS WAF: one record per request that a web ACL looked at.

use std::borrow::Cow;

use kura_core::table::column;

use super::json_records::{JsonFormat, RECORDS};
use super::object_keys::name_facts;
use super::{DAY, Description, FlatCopy, Head, HeadSays, KeyFacts, KeySays, View, ocsf_views};
use crate::columns::{Column, ColumnType, Role};
const NAME: &str = "waf";

pub const FORMAT: JsonFormat = JsonFormat {
    description: Description {
        name: Cow::Borrowed(NAME),
        title: "AWS WAF logs",
        about: include_str!("waf.md"),
        source: "https://docs.aws.amazon.com/waf/latest/developerguide/logging-fields.html",
        sample: r#"{"timestamp":1763596800123,"formatVersion":1,"webaclId":"arn:aws:wafv2:us-east-1:123456789012:regional/webacl/shop/1","terminatingRuleId":"Default_Action","terminatingRuleType":"REGULAR","action":"ALLOW","terminatingRuleMatchDetails":[],"httpSourceName":"ALB","httpSourceId":"123456789012-app/shop/2","ruleGroupList":[{"ruleGroupId":"AWS#AWSManagedRulesCommonRuleSet","terminatingRule":null,"nonTerminatingMatchingRules":[],"excludedRules":null}],"rateBasedRuleList":[],"nonTerminatingMatchingRules":[],"requestHeadersInserted":null,"responseCodeSent":null,"httpRequest":{"clientIp":"192.0.2.7","country":"JP","headers":[{"name":"host","value":"shop.example.com"},{"name":"user-agent","value":"Mozilla/5.0"},{"name":"accept","value":"*/*"}],"uri":"/{n}","args":"","httpVersion":"HTTP/2.0","httpMethod":"GET","requestId":"1-{n}"}}"#,
        columns: Cow::Borrowed(COLUMNS),
        statistics: &[column::TIME, "action", column::ACCOUNT, column::REGION],
        needles: &[column::ADDR, "terminatingruleid", "action", "ja4fingerprint"],
        distinct: &[],
        views: &[View { name: "waf_logs", select: DAY }, ocsf_views::WAF],
        examples: &[
            (
                "What was blocked, by rule",
                "SELECT terminatingruleid, count(*) AS requests FROM waf WHERE action = 'BLOCK' GROUP BY 1 ORDER BY 2 DESC",
            ),
            (
                "Addresses blocked most",
                "SELECT httprequest.clientip, httprequest.country, count(*) AS requests FROM waf\nWHERE action = 'BLOCK' GROUP BY 1, 2 ORDER BY 3 DESC LIMIT 20",
            ),
        ],
        flat_copies: &[FlatCopy { path: &["httprequest", "clientip"], column: column::ADDR }],
    },
    columns: COLUMNS,
    required: &["webaclid", "httprequest"],
    restart: b"\"timestamp\"",
    lists: RECORDS,
    key,
    head,
};

/// `<account>_waflogs_<region>_<web ACL>_<time>_…`.
fn key(path: &str) -> Option<KeySays> {
    let facts = name_facts(path, "waflogs")?;
    // Web ACLs of CloudFront are in no Region.
    let region = facts.region.filter(|region| region != "cloudfront");
    Some(KeySays::Records(KeyFacts { region, ..facts }))
}

fn head(head: &Head<'_>) -> Option<HeadSays> {
    (head.has("webaclId") && head.has("httpRequest")).then_some(HeadSays::Records)
}

const MATCH_DETAILS: &[Column] = &[
    Column::text("conditiontype", "conditionType", ""),
    Column::text("sensitivitylevel", "sensitivityLevel", ""),
    Column::text("location", "location", ""),
    Column::new("matcheddata", "matchedData", ColumnType::Texts, ""),
    Column::text("matchedfieldname", "matchedFieldName", ""),
];

const TERMINATING_RULE: &[Column] = &[
    Column::text("ruleid", "ruleId", ""),
    Column::text("action", "action", ""),
    Column::new("rulematchdetails", "ruleMatchDetails", ColumnType::List(MATCH_DETAILS), ""),
];

const NON_TERMINATING_RULE: &[Column] = &[
    Column::text("ruleid", "ruleId", ""),
    Column::text("action", "action", ""),
    Column::text("overriddenaction", "overriddenAction", ""),
    Column::new("rulematchdetails", "ruleMatchDetails", ColumnType::List(MATCH_DETAILS), ""),
    Column::json("challengeresponse", "challengeResponse", ""),
    Column::json("captcharesponse", "captchaResponse", ""),
];

const RULE_GROUP: &[Column] = &[
    Column::text("rulegroupid", "ruleGroupId", ""),
    Column::new("terminatingrule", "terminatingRule", ColumnType::Struct(TERMINATING_RULE), ""),
    Column::new(
        "nonterminatingmatchingrules",
        "nonTerminatingMatchingRules",
        ColumnType::List(NON_TERMINATING_RULE),
        "",
    ),
    Column::json("excludedrules", "excludedRules", ""),
];

const RATE_BASED_RULE: &[Column] = &[
    Column::text("ratebasedruleid", "rateBasedRuleId", ""),
    Column::text("limitkey", "limitKey", ""),
    Column::new("maxrateallowed", "maxRateAllowed", ColumnType::Int, ""),
];

const NAMED: &[Column] = &[Column::text("name", "name", ""), Column::text("value", "value", "")];

const LABEL: &[Column] = &[Column::text("name", "name", "")];

const HTTP_REQUEST: &[Column] = &[
    Column::text("clientip", "clientIp", "").role(Role::Address),
    Column::text("country", "country", "").role(Role::Facet),
    Column::new("headers", "headers", ColumnType::List(NAMED), ""),
    Column::text("uri", "uri", ""),
    Column::text("args", "args", ""),
    Column::text("httpversion", "httpVersion", ""),
    Column::text("httpmethod", "httpMethod", "").role(Role::Facet),
    Column::text("requestid", "requestId", ""),
    Column::text("fragment", "fragment", ""),
    Column::text("scheme", "scheme", ""),
    Column::text("host", "host", "").role(Role::Facet),
];

const CHALLENGE: &[Column] = &[
    Column::text("responsecode", "responseCode", ""),
    Column::text("solvetimestamp", "solveTimestamp", ""),
    Column::text("failurereason", "failureReason", ""),
];

/// Athena's columns.
const COLUMNS: &[Column] = &[
    Column::new(
        "timestamp",
        "timestamp",
        ColumnType::Long,
        "When the request came, in milliseconds since 1970; also `_time`.",
    )
    .role(Role::Time),
    Column::new(
        "formatversion",
        "formatVersion",
        ColumnType::Int,
        "Version of the record's shape.",
    ),
    Column::text("webaclid", "webaclId", "The web ACL, as an ARN.").role(Role::Resource),
    Column::text(
        "terminatingruleid",
        "terminatingRuleId",
        "The rule that decided; `Default_Action` if none did.",
    )
    .role(Role::Facet),
    Column::text(
        "terminatingruletype",
        "terminatingRuleType",
        "`RATE_BASED`, `REGULAR`, `GROUP` or `MANAGED_RULE_GROUP`.",
    )
    .role(Role::Facet),
    Column::text("action", "action", "`ALLOW`, `BLOCK`, `COUNT`, `CAPTCHA` or `CHALLENGE`.")
        .role(Role::Facet),
    Column::new(
        "terminatingrulematchdetails",
        "terminatingRuleMatchDetails",
        ColumnType::List(MATCH_DETAILS),
        "What the deciding rule matched, for rules on SQL and scripts.",
    ),
    Column::text("httpsourcename", "httpSourceName", "`CF`, `ALB`, `APIGW` and so on.")
        .role(Role::Facet),
    Column::text("httpsourceid", "httpSourceId", "The resource that was protected.")
        .role(Role::Resource),
    Column::new(
        "rulegrouplist",
        "ruleGroupList",
        ColumnType::List(RULE_GROUP),
        "The rule groups that acted.",
    ),
    Column::new(
        "ratebasedrulelist",
        "rateBasedRuleList",
        ColumnType::List(RATE_BASED_RULE),
        "The rate-based rules that acted.",
    ),
    Column::new(
        "nonterminatingmatchingrules",
        "nonTerminatingMatchingRules",
        ColumnType::List(NON_TERMINATING_RULE),
        "Rules that matched and did not decide.",
    ),
    Column::new(
        "requestheadersinserted",
        "requestHeadersInserted",
        ColumnType::List(NAMED),
        "Headers that a rule added.",
    ),
    Column::text("responsecodesent", "responseCodeSent", "The status of a custom answer."),
    Column::new("httprequest", "httpRequest", ColumnType::Struct(HTTP_REQUEST), "The request."),
    Column::new("labels", "labels", ColumnType::List(LABEL), "Labels that rules gave it."),
    Column::new(
        "captcharesponse",
        "captchaResponse",
        ColumnType::Struct(CHALLENGE),
        "How a CAPTCHA went.",
    ),
    Column::new(
        "challengeresponse",
        "challengeResponse",
        ColumnType::Struct(CHALLENGE),
        "How a silent challenge went.",
    ),
    Column::text("ja3fingerprint", "ja3Fingerprint", "JA3 of the TLS handshake."),
    Column::text("ja4fingerprint", "ja4Fingerprint", "JA4 of the TLS handshake."),
    Column::text("oversizefields", "oversizeFields", "Parts too large to be looked at whole."),
    Column::new("requestbodysize", "requestBodySize", ColumnType::Int, "Bytes of the body."),
    Column::new(
        "requestbodysizeinspectedbywaf",
        "requestBodySizeInspectedByWAF",
        ColumnType::Int,
        "Bytes of it that were looked at.",
    ),
];

#[cfg(test)]
#[path = "waf_tests.rs"]
mod tests;
