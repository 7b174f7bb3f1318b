//! Findings of Amazon Inspector (v2): exported reports, the API's output, events of EventBridge.

use std::borrow::Cow;

use kura_core::table::column;

use super::json_records::JsonFormat;
use super::{Description, FlatCopy, Head, HeadSays};
use crate::columns::{Column, ColumnType, Role};
use crate::json::text_of;

const NAME: &str = "inspector";

pub const FORMAT: JsonFormat = JsonFormat {
    description: Description {
        name: Cow::Borrowed(NAME),
        title: "Amazon Inspector findings",
        about: include_str!("inspector.md"),
        source: "https://docs.aws.amazon.com/inspector/v2/APIReference/API_Finding.html",
        sample: r#"{"awsAccountId":"123456789012","description":"An overflow in the parser of a library.","epss":{"score":0.00043},"exploitAvailable":"NO","findingArn":"arn:aws:inspector2:eu-west-1:123456789012:finding/f{n}","firstObservedAt":"2026-11-19T10:00:00.000Z","fixAvailable":"YES","inspectorScore":6.5,"inspectorScoreDetails":{"adjustedCvss":{"cvssSource":"NVD","score":6.5,"version":"3.1"}},"lastObservedAt":"2026-11-20T10:00:00.000Z","packageVulnerabilityDetails":{"cvss":[{"baseScore":6.5,"source":"NVD","version":"3.1"}],"referenceUrls":[],"relatedVulnerabilities":[],"source":"NVD","sourceUrl":"https://nvd.example.com/CVE-2026-0{n}","vendorSeverity":"MEDIUM","vulnerabilityId":"CVE-2026-0{n}","vulnerablePackages":[{"name":"libexample","version":"1.9.0","fixedInVersion":"1.9.1"}]},"remediation":{"recommendation":{"text":"None Provided"}},"resources":[{"details":{"awsEc2Instance":{"platform":"UBUNTU_24_04"}},"id":"i-{n}","partition":"aws","region":"eu-west-1","tags":{"Name":"web"},"type":"AWS_EC2_INSTANCE"}],"severity":"MEDIUM","status":"ACTIVE","title":"CVE-2026-0{n} - libexample","type":"PACKAGE_VULNERABILITY","updatedAt":"2026-11-20T10:00:00.000Z"}"#,
        columns: Cow::Borrowed(COLUMNS),
        statistics: &[column::TIME, column::ACCOUNT, column::REGION, "severity", "status"],
        needles: &["findingarn", "severity", "status", column::ACCOUNT],
        distinct: &["findingarn"],
        views: &[],
        examples: &[
            (
                "Which vulnerabilities are worst, and where?",
                "SELECT packagevulnerabilitydetails.vulnerabilityid AS cve, severity, count(DISTINCT _resource) AS resources FROM inspector\nWHERE status = 'ACTIVE' AND severity IN ('CRITICAL', 'HIGH') GROUP BY 1, 2 ORDER BY 3 DESC LIMIT 50",
            ),
            (
                "Which can be exploited and mended?",
                "SELECT DISTINCT title, _resource FROM inspector\nWHERE status = 'ACTIVE' AND exploitavailable = 'YES' AND fixavailable = 'YES' ORDER BY 1",
            ),
        ],
        flat_copies: &[FlatCopy { path: &["awsaccountid"], column: column::ACCOUNT }],
    },
    columns: COLUMNS,
    required: &["findingarn"],
    restart: b"\"awsAccountId\"",
    lists: &["findings"],
    // Reports lie where somebody wanted them to.
    key: |_| None,
    head,
};

fn head(head: &Head<'_>) -> Option<HeadSays> {
    if head.has("detail-type") {
        let kind = text_of(head.value("detail-type"))?;
        return (kind == "Inspector2 Finding").then_some(HeadSays::Records);
    }
    (head.has("findingArn") && head.has("awsAccountId")).then_some(HeadSays::Records)
}

const EPSS: &[Column] = &[Column::new("score", "score", ColumnType::Double, "")];

const RECOMMENDATION: &[Column] =
    &[Column::text("text", "text", ""), Column::text("url", "Url", "")];

const REMEDIATION: &[Column] =
    &[Column::new("recommendation", "recommendation", ColumnType::Struct(RECOMMENDATION), "")];

const RESOURCE: &[Column] = &[
    Column::text("type", "type", ""),
    Column::text("id", "id", "").role(Role::Resource),
    Column::text("partition", "partition", ""),
    Column::text("region", "region", "").role(Role::Region),
    Column::new("tags", "tags", ColumnType::Map, ""),
    Column::json("details", "details", ""),
];

const PACKAGE: &[Column] = &[
    Column::text("vulnerabilityid", "vulnerabilityId", "").role(Role::Facet),
    Column::text("source", "source", ""),
    Column::text("sourceurl", "sourceUrl", ""),
    Column::text("vendorseverity", "vendorSeverity", ""),
    Column::text("vendorcreatedat", "vendorCreatedAt", ""),
    Column::text("vendorupdatedat", "vendorUpdatedAt", ""),
    Column::new("relatedvulnerabilities", "relatedVulnerabilities", ColumnType::Texts, ""),
    Column::new("referenceurls", "referenceUrls", ColumnType::Texts, ""),
    Column::json("cvss", "cvss", ""),
    Column::json("vulnerablepackages", "vulnerablePackages", ""),
];

/// The API's names.
const COLUMNS: &[Column] = &[
    Column::text("findingarn", "findingArn", "The finding: its updates share it."),
    Column::text("awsaccountid", "awsAccountId", "The account it is about.").role(Role::Account),
    Column::text(
        "type",
        "type",
        "`PACKAGE_VULNERABILITY`, `NETWORK_REACHABILITY` or `CODE_VULNERABILITY`.",
    )
    .role(Role::Facet),
    Column::text("title", "title", "The finding in a line.").role(Role::Facet),
    Column::text("description", "description", "The finding in some sentences."),
    Column::text(
        "severity",
        "severity",
        "`CRITICAL`, `HIGH`, `MEDIUM`, `LOW`, `INFORMATIONAL` or `UNTRIAGED`.",
    )
    .role(Role::Facet),
    Column::text("status", "status", "`ACTIVE`, `SUPPRESSED` or `CLOSED`.").role(Role::Facet),
    Column::new(
        "inspectorscore",
        "inspectorScore",
        ColumnType::Double,
        "How bad it is here, from 0 to 10.",
    ),
    Column::json(
        "inspectorscoredetails",
        "inspectorScoreDetails",
        "How that score came about, as JSON.",
    ),
    Column::new("epss", "epss", ColumnType::Struct(EPSS), "How likely somebody exploits it."),
    Column::text("exploitavailable", "exploitAvailable", "`YES` if an exploit is known.")
        .role(Role::Facet),
    Column::json(
        "exploitabilitydetails",
        "exploitabilityDetails",
        "When an exploit was last known of, as JSON.",
    ),
    Column::text("fixavailable", "fixAvailable", "`YES`, `NO` or `PARTIAL`.").role(Role::Facet),
    Column::text("firstobservedat", "firstObservedAt", "When it was first seen, as written.")
        .role(Role::Time),
    Column::text("lastobservedat", "lastObservedAt", "When it was last seen, as written.")
        .role(Role::Time),
    Column::text("updatedat", "updatedAt", "When it last changed, as written; also `_time`.")
        .role(Role::Time),
    Column::new(
        "remediation",
        "remediation",
        ColumnType::Struct(REMEDIATION),
        "What to do about it.",
    ),
    Column::new("resources", "resources", ColumnType::List(RESOURCE), "What it was found in."),
    Column::new(
        "packagevulnerabilitydetails",
        "packageVulnerabilityDetails",
        ColumnType::Struct(PACKAGE),
        "The vulnerability, and the packages that have it.",
    ),
    Column::json(
        "networkreachabilitydetails",
        "networkReachabilityDetails",
        "The ports that can be reached, and how, as JSON.",
    ),
    Column::json(
        "codevulnerabilitydetails",
        "codeVulnerabilityDetails",
        "The weakness and its place in the code, as JSON.",
    ),
];

#[cfg(test)]
#[path = "inspector_tests.rs"]
mod tests;
