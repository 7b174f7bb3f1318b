//! Security Hub findings (ASFF), as the API gives them and as EventBridge delivers them.

use std::borrow::Cow;

use kura_core::table::column;

use super::json_records::JsonFormat;
use super::{Description, FlatCopy, Head, HeadSays};
use crate::columns::{Column, ColumnType, Role};
use crate::json::text_of;

const NAME: &str = "securityhub";

pub const FORMAT: JsonFormat = JsonFormat {
    description: Description {
        name: Cow::Borrowed(NAME),
        title: "Security Hub findings",
        about: include_str!("securityhub.md"),
        source: "https://docs.aws.amazon.com/securityhub/latest/userguide/securityhub-findings-format-syntax.html",
        sample: r#"{"SchemaVersion":"2018-10-08","Id":"arn:aws:securityhub:eu-west-1:123456789012:security-control/EC2.8/finding/f{n}","ProductArn":"arn:aws:securityhub:eu-west-1::product/aws/securityhub","ProductName":"Security Hub","CompanyName":"AWS","Region":"eu-west-1","GeneratorId":"security-control/EC2.8","AwsAccountId":"123456789012","Types":["Software and Configuration Checks/Industry and Regulatory Standards"],"FirstObservedAt":"2026-11-19T10:00:00.000Z","LastObservedAt":"2026-11-20T10:00:00.000Z","CreatedAt":"2026-11-19T10:00:00.000Z","UpdatedAt":"2026-11-20T10:00:00.000Z","Severity":{"Label":"HIGH","Normalized":70,"Original":"HIGH"},"Title":"EC2 instances should use IMDSv2","Description":"Checks whether the metadata service is of version 2.","Remediation":{"Recommendation":{"Text":"See the control.","Url":"https://docs.example.com/EC2.8"}},"ProductFields":{"aws/securityhub/ProductName":"Security Hub"},"Resources":[{"Type":"AwsEc2Instance","Id":"arn:aws:ec2:eu-west-1:123456789012:instance/i-{n}","Partition":"aws","Region":"eu-west-1","Details":{"AwsEc2Instance":{"VpcId":"vpc-{n}"}}}],"Compliance":{"Status":"FAILED","SecurityControlId":"EC2.8"},"WorkflowState":"NEW","Workflow":{"Status":"NEW"},"RecordState":"ACTIVE"}"#,
        columns: Cow::Borrowed(COLUMNS),
        statistics: &[column::TIME, "updatedat", column::ACCOUNT, column::REGION, "recordstate"],
        needles: &["id", "generatorid", column::ACCOUNT],
        distinct: &["id"],
        views: &[super::ocsf_views::SH_FINDINGS],
        examples: &[
            (
                "What is worst, and still open",
                "SELECT title, severity.label AS severity, count(DISTINCT id) AS findings, max(updatedat) AS last_seen FROM securityhub\nWHERE severity.label IN ('CRITICAL', 'HIGH') AND workflow.status = 'NEW' AND recordstate = 'ACTIVE' GROUP BY 1, 2 ORDER BY 3 DESC",
            ),
            (
                "Which controls fail where?",
                "SELECT _account, compliance.securitycontrolid AS control, count(DISTINCT id) AS findings FROM securityhub\nWHERE compliance.status = 'FAILED' GROUP BY 1, 2 ORDER BY 3 DESC LIMIT 50",
            ),
        ],
        flat_copies: &[
            FlatCopy { path: &["awsaccountid"], column: column::ACCOUNT },
            FlatCopy { path: &["region"], column: column::REGION },
        ],
    },
    columns: COLUMNS,
    required: &["productarn", "generatorid", "insightarn"],
    restart: b"\"SchemaVersion\"",
    lists: &["Findings", "findings"],
    // Nothing of it lies where AWS would have said so.
    key: |_| None,
    head,
};

fn head(head: &Head<'_>) -> Option<HeadSays> {
    if head.has("detail-type") {
        let kind = text_of(head.value("detail-type"))?;
        let kinds = ["Security Hub Findings - ", "Security Hub Insight Results"];
        let is_one = kinds.iter().any(|begin| kind.starts_with(begin));
        return is_one.then_some(HeadSays::Records);
    }
    let keys = ["ProductArn", "GeneratorId", "AwsAccountId"];
    keys.iter().all(|key| head.has(key)).then_some(HeadSays::Records)
}

const SEVERITY: &[Column] = &[
    Column::text("label", "Label", "").role(Role::Facet),
    Column::new("normalized", "Normalized", ColumnType::Int, ""),
    Column::text("original", "Original", ""),
    Column::new("product", "Product", ColumnType::Double, ""),
];

const RECOMMENDATION: &[Column] =
    &[Column::text("text", "Text", ""), Column::text("url", "Url", "")];

const REMEDIATION: &[Column] =
    &[Column::new("recommendation", "Recommendation", ColumnType::Struct(RECOMMENDATION), "")];

const RESOURCE: &[Column] = &[
    Column::text("type", "Type", ""),
    Column::text("id", "Id", "").role(Role::Resource),
    Column::text("partition", "Partition", ""),
    Column::text("region", "Region", ""),
    Column::text("resourcerole", "ResourceRole", ""),
    Column::text("applicationname", "ApplicationName", ""),
    Column::text("applicationarn", "ApplicationArn", ""),
    Column::new("tags", "Tags", ColumnType::Map, ""),
    Column::json("dataclassification", "DataClassification", ""),
    Column::json("details", "Details", ""),
];

const COMPLIANCE: &[Column] = &[
    Column::text("status", "Status", "").role(Role::Facet),
    Column::text("securitycontrolid", "SecurityControlId", "").role(Role::Facet),
    Column::new("relatedrequirements", "RelatedRequirements", ColumnType::Texts, ""),
    Column::json("statusreasons", "StatusReasons", ""),
    Column::json("associatedstandards", "AssociatedStandards", ""),
    Column::json("securitycontrolparameters", "SecurityControlParameters", ""),
];

const WORKFLOW: &[Column] = &[Column::text("status", "Status", "").role(Role::Facet)];

const RELATED_FINDING: &[Column] =
    &[Column::text("productarn", "ProductArn", ""), Column::text("id", "Id", "")];

const NOTE: &[Column] = &[
    Column::text("text", "Text", ""),
    Column::text("updatedby", "UpdatedBy", ""),
    Column::text("updatedat", "UpdatedAt", ""),
];

/// ASFF's names; parts whose shape depends on the finding's type are JSON.
const COLUMNS: &[Column] = &[
    Column::text("schemaversion", "SchemaVersion", "Version of the finding's shape."),
    Column::text("id", "Id", "The finding: its updates share it."),
    Column::text("productarn", "ProductArn", "The product that found it."),
    Column::text("productname", "ProductName", "That product's name.").role(Role::Facet),
    Column::text("companyname", "CompanyName", "Whose product that is."),
    Column::text("region", "Region", "The Region it was found in.").role(Role::Region),
    Column::text("generatorid", "GeneratorId", "The check or rule that found it.")
        .role(Role::Facet),
    Column::text("awsaccountid", "AwsAccountId", "The account it is about.").role(Role::Account),
    Column::text("awsaccountname", "AwsAccountName", "That account's name."),
    Column::new(
        "types",
        "Types",
        ColumnType::Texts,
        "What kind of finding, as `namespace/category/classifier`.",
    ),
    Column::text("firstobservedat", "FirstObservedAt", "When it was first seen, as written."),
    Column::text("lastobservedat", "LastObservedAt", "When it was last seen, as written."),
    Column::text("processedat", "ProcessedAt", "When Security Hub received it, as written."),
    Column::text("createdat", "CreatedAt", "When the product made it, as written.")
        .role(Role::Time),
    Column::text("updatedat", "UpdatedAt", "When it last changed, as written; also `_time`.")
        .role(Role::Time),
    Column::new(
        "severity",
        "Severity",
        ColumnType::Struct(SEVERITY),
        "How bad it is: `label`, and `normalized` from 0 to 100.",
    ),
    Column::new("confidence", "Confidence", ColumnType::Int, "How sure it is, from 0 to 100."),
    Column::new(
        "criticality",
        "Criticality",
        ColumnType::Int,
        "How much the resources matter, from 0 to 100.",
    ),
    Column::text("title", "Title", "The finding in a line.").role(Role::Facet),
    Column::text("description", "Description", "The finding in a sentence."),
    Column::new(
        "remediation",
        "Remediation",
        ColumnType::Struct(REMEDIATION),
        "What to do about it.",
    ),
    Column::text("sourceurl", "SourceUrl", "The finding's page at its product."),
    Column::new(
        "productfields",
        "ProductFields",
        ColumnType::Map,
        "What the product says beyond the format.",
    ),
    Column::new("userdefinedfields", "UserDefinedFields", ColumnType::Map, "What people added."),
    Column::json("malware", "Malware", "Malware that was found, as JSON."),
    Column::json("network", "Network", "The connection it is about, as JSON."),
    Column::json("networkpath", "NetworkPath", "The way through the network, as JSON."),
    Column::json("process", "Process", "The process it is about, as JSON."),
    Column::json("threats", "Threats", "Threats that were found, as JSON."),
    Column::json(
        "threatintelindicators",
        "ThreatIntelIndicators",
        "What intelligence knows of it, as JSON.",
    ),
    Column::new("resources", "Resources", ColumnType::List(RESOURCE), "The resources it is about."),
    Column::new(
        "compliance",
        "Compliance",
        ColumnType::Struct(COMPLIANCE),
        "How a check of a standard ended.",
    ),
    Column::text("verificationstate", "VerificationState", "Whether it was found to be true."),
    Column::text("workflowstate", "WorkflowState", "The old form of `workflow`."),
    Column::new(
        "workflow",
        "Workflow",
        ColumnType::Struct(WORKFLOW),
        "`NEW`, `NOTIFIED`, `SUPPRESSED` or `RESOLVED`.",
    ),
    Column::text("recordstate", "RecordState", "`ACTIVE` or `ARCHIVED`.").role(Role::Facet),
    Column::new(
        "relatedfindings",
        "RelatedFindings",
        ColumnType::List(RELATED_FINDING),
        "Findings that belong to it.",
    ),
    Column::new("note", "Note", ColumnType::Struct(NOTE), "What somebody wrote about it."),
    Column::json("vulnerabilities", "Vulnerabilities", "Its vulnerabilities, as JSON."),
    Column::json("patchsummary", "PatchSummary", "Patches installed and missing, as JSON."),
    Column::json("action", "Action", "What was done, as JSON."),
    Column::json(
        "findingproviderfields",
        "FindingProviderFields",
        "Severity and types as the product gave them, as JSON.",
    ),
    Column::json("generatordetails", "GeneratorDetails", "More about what found it, as JSON."),
    Column::json("detection", "Detection", "The sequence of an attack, as JSON."),
    Column::new(
        "sample",
        "Sample",
        ColumnType::Boolean,
        "`true` for a finding made up to try things.",
    ),
    Column::text("actionname", "actionName", "The custom action somebody chose to send it."),
    Column::text("actiondescription", "actionDescription", "That action in words."),
    Column::text("insightname", "insightName", "Of an insight's results: its name."),
    Column::text("insightarn", "insightArn", "Of an insight's results: its ARN.")
        .role(Role::Resource),
    Column::text("resulttype", "resultType", "Of an insight's results: what they are grouped by."),
    Column::json(
        "insightresults",
        "insightResults",
        "Of an insight's results: findings per value, as JSON.",
    ),
];

#[cfg(test)]
#[path = "securityhub_tests.rs"]
mod tests;
