//! Views with the names and columns of Amazon Security Lake's tables: OCSF 1.1, which Security
//! Lake calls source version 2. Its names have the Region of the lake in them; a lake of Kura's
//! holds all Regions, so that these have none.
//!
//! Each `ocsf/*.sql` is a statement over one table. Time, account and Region stand in it as they
//! are, so that predicates on them leave files out; so do parts of structs that are a column.

use super::{Select, View};

/// CloudTrail's statement, for the events that pass `$filter`.
macro_rules! cloud_trail {
    ($filter:literal) => {
        Select::Whole(concat!(include_str!("ocsf_views/cloudtrail.sql"), "WHERE ", $filter))
    };
}

/// Events older than their categories are taken for those of management.
pub(super) const CLOUD_TRAIL_MGMT: View = View {
    name: "amazon_security_lake_table_cloud_trail_mgmt_2_0",
    select: cloud_trail!(
        "eventcategory = 'Management' OR (eventcategory IS NULL AND managementevent IS DISTINCT FROM 'false')"
    ),
};

pub(super) const S3_DATA: View = View {
    name: "amazon_security_lake_table_s3_data_2_0",
    select: cloud_trail!("eventsource = 's3.amazonaws.com' AND eventcategory = 'Data'"),
};

pub(super) const LAMBDA_EXECUTION: View = View {
    name: "amazon_security_lake_table_lambda_execution_2_0",
    select: cloud_trail!("eventsource = 'lambda.amazonaws.com' AND eventcategory = 'Data'"),
};

pub(super) const VPC_FLOW: View = View {
    name: "amazon_security_lake_table_vpc_flow_2_0",
    select: Select::Whole(include_str!("ocsf_views/vpcflow.sql")),
};

pub(super) const ROUTE53: View = View {
    name: "amazon_security_lake_table_route53_2_0",
    select: Select::Whole(include_str!("ocsf_views/resolver.sql")),
};

pub(super) const WAF: View = View {
    name: "amazon_security_lake_table_waf_2_0",
    select: Select::Whole(include_str!("ocsf_views/waf.sql")),
};

/// Security Lake has GuardDuty's findings among those of Security Hub only; what it has no table
/// for is a custom source, whose table's name has `ext` in it.
pub(super) const GUARDDUTY: View = View {
    name: "amazon_security_lake_table_ext_guardduty_2_0",
    select: Select::Whole(include_str!("ocsf_views/guardduty.sql")),
};

/// Of the results of insights, which are no findings, it has nothing.
pub(super) const SH_FINDINGS: View = View {
    name: "amazon_security_lake_table_sh_findings_2_0",
    select: Select::Whole(include_str!("ocsf_views/securityhub.sql")),
};
