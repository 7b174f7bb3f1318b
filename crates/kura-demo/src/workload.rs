//! Who does what, where and how often, as tables: the everyday life that the story hides in.
//!
//! A stream is one kind of caller in one account and Region. It works in tasks, short rows of
//! calls as one click, one command or one start of a machine makes them.

use crate::organisation::{Account, Region, Team};
use crate::rhythm::{Office, Rhythm};

/// A kind of caller at work.
#[derive(Debug)]
pub struct Stream {
    pub who: Who,
    pub account: Account,
    pub region: Region,
    /// Its part of all records, in no particular unit.
    pub share: f64,
    pub rhythm: Rhythm,
    pub tasks: &'static [Task],
}

/// A kind of caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// Somebody of a team in one of the offices, with a permission set.
    Team(Team, Office, &'static str),
    /// A user of old with a long-lived key.
    User { name: &'static str, addr: &'static str },
    /// The account's root, in a browser.
    Root(&'static str),
    /// An instance in its Auto Scaling group.
    Instance(&'static str),
    /// A container.
    Container(&'static str),
    /// A function with its role.
    Function(&'static str),
    /// A job with a web identity.
    CiJob(&'static str),
    /// A vendor's collector that assumes a role of ours.
    Vendor(&'static str),
    /// A service-linked role: name, service, session.
    Linked(&'static str, &'static str, &'static str),
    /// Services on their own account.
    Services,
}

/// Calls that belong together.
#[derive(Debug, Clone, Copy)]
pub struct Task {
    pub weight: u32,
    pub tool: Tool,
    /// `service:Name`, see [`crate::events::find`].
    pub calls: &'static [&'static str],
}

/// The program that makes the calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tool {
    Browser,
    Cli,
    Terraform,
    Sdk,
}

const fn browser(weight: u32, calls: &'static [&'static str]) -> Task {
    Task { weight, tool: Tool::Browser, calls }
}
const fn cli(weight: u32, calls: &'static [&'static str]) -> Task {
    Task { weight, tool: Tool::Cli, calls }
}
const fn terraform(weight: u32, calls: &'static [&'static str]) -> Task {
    Task { weight, tool: Tool::Terraform, calls }
}
const fn sdk(weight: u32, calls: &'static [&'static str]) -> Task {
    Task { weight, tool: Tool::Sdk, calls }
}

// --- people ---

const SIGN_IN: Task = browser(3, &["sso:Authenticate", "sso:ListAccounts#portal", "sso:Federate", "sts:AssumeRoleWithSAML", "signin:ConsoleLogin", "health:DescribeEventAggregates", "notifications:ListNotificationHubs", "ec2:DescribeRegions"]);
const LOOK_AT_INSTANCES: Task = browser(8, &["ec2:DescribeInstances", "ec2:DescribeInstanceStatus", "ec2:DescribeTags", "ec2:DescribeVolumes", "ec2:DescribeSecurityGroups", "ec2:DescribeAddresses", "ec2:DescribeSubnets", "monitoring:DescribeAlarms"]);
const LOOK_AT_NETWORK: Task = browser(4, &["ec2:DescribeVpcs", "ec2:DescribeSubnets", "ec2:DescribeRouteTables", "ec2:DescribeVpcEndpoints", "ec2:DescribeNetworkInterfaces", "ec2:DescribeSecurityGroupRules"]);
const LOOK_AT_CONTAINERS: Task = browser(8, &["ecs:DescribeClusters", "ecs:ListServices", "ecs:DescribeServices", "ecs:ListTasks", "ecs:DescribeTasks", "ecs:DescribeTaskDefinition", "elasticloadbalancing:DescribeTargetHealth", "logs:DescribeLogStreams"]);
const LOOK_AT_LOGS: Task = browser(8, &["logs:DescribeLogGroups", "logs:StartQuery", "logs:GetQueryResults", "logs:GetQueryResults", "logs:FilterLogEvents"]);
const LOOK_AT_DATABASES: Task = browser(4, &["rds:DescribeDBInstances", "rds:DescribeDBClusters", "rds:ListTagsForResource", "rds:DescribeDBSnapshots", "rds:DescribeDBLogFiles", "kms:DescribeKey", "kms:ListAliases"]);
const LOOK_AT_BUCKETS: Task = browser(4, &["s3:ListBuckets", "s3:GetBucketLocation", "s3:GetBucketVersioning", "s3:GetBucketTagging", "s3:GetBucketPublicAccessBlock", "s3:GetBucketEncryption", "s3:GetBucketPolicy"]);
const LOOK_AT_FUNCTIONS: Task = browser(5, &["lambda:ListFunctions20150331", "lambda:GetFunction20150331v2", "lambda:GetPolicy20150331v2", "lambda:ListTags20170331", "logs:DescribeLogStreams"]);
const LOOK_AT_ACCESS: Task = browser(3, &["iam:ListRoles", "iam:GetRole", "iam:ListRolePolicies", "iam:ListAttachedRolePolicies", "iam:GetPolicy", "iam:GetPolicyVersion"]);
const WHO_AM_I: Task = cli(3, &["sts:GetCallerIdentity"]);
const OPEN_A_SHELL: Task = cli(3, &["ssm:DescribeInstanceInformation", "ssm:StartSession", "ssm:TerminateSession"]);
const PLAN: Task = terraform(5, &["sts:GetCallerIdentity", "s3:GetBucketLocation", "dynamodb:DescribeTable", "ec2:DescribeVpcs", "ec2:DescribeSubnets", "ec2:DescribeSecurityGroups", "ec2:DescribeSecurityGroupRules", "iam:GetRole", "iam:ListRolePolicies", "iam:GetRolePolicy", "iam:ListAttachedRolePolicies", "iam:GetPolicy", "iam:GetPolicyVersion", "elasticloadbalancing:DescribeLoadBalancers", "elasticloadbalancing:DescribeTags", "rds:DescribeDBInstances", "rds:ListTagsForResource", "route53:ListHostedZones", "route53:ListResourceRecordSets", "s3:GetBucketLifecycle", "s3:GetBucketTagging", "s3:GetBucketPolicy", "kms:DescribeKey", "kms:GetKeyRotationStatus", "acm:DescribeCertificate", "cloudfront:GetDistributionConfig", "sqs:GetQueueAttributes", "sns:GetTopicAttributes"]);
const APPLY: Task = terraform(1, &["sts:GetCallerIdentity", "sts:AssumeRole#cross", "ec2:DescribeSecurityGroups", "ec2:AuthorizeSecurityGroupIngress", "iam:PutRolePolicy", "iam:AttachRolePolicy", "iam:CreatePolicyVersion", "monitoring:PutMetricAlarm", "route53:ChangeResourceRecordSets", "ec2:CreateTags", "s3:PutBucketTagging"]);

const PLATFORM: &[Task] = &[
    SIGN_IN, LOOK_AT_INSTANCES, LOOK_AT_NETWORK, LOOK_AT_CONTAINERS, LOOK_AT_LOGS, LOOK_AT_DATABASES,
    LOOK_AT_BUCKETS, LOOK_AT_ACCESS, WHO_AM_I, OPEN_A_SHELL, PLAN, APPLY,
    cli(1, &["ec2:DescribeInstances#one", "ec2:StopInstances", "ec2:DescribeInstances#one", "ec2:StartInstances"]),
    cli(1, &["ssm:SendCommand"]),
    browser(1, &["ec2:DescribeSecurityGroups", "ec2:AuthorizeSecurityGroupIngress#web"]),
    cli(1, &["rds:ModifyDBInstance", "rds:DescribeDBInstances"]),
    cli(1, &["ssm:PutParameter"]),
];
const DEVELOPERS: &[Task] = &[
    SIGN_IN, LOOK_AT_CONTAINERS, LOOK_AT_LOGS, LOOK_AT_LOGS, LOOK_AT_FUNCTIONS, LOOK_AT_BUCKETS, WHO_AM_I,
    browser(2, &["dynamodb:ListTables", "dynamodb:DescribeTable", "dynamodb:DescribeContinuousBackups"]),
    browser(2, &["sqs:ListQueues", "sqs:GetQueueAttributes", "sns:ListTopics", "states:ListExecutions"]),
    browser(2, &["cloudformation:ListStacks", "cloudformation:DescribeStacks", "cloudformation:DescribeStackEvents"]),
    cli(3, &["ecr:GetAuthorizationToken", "ecr:DescribeRepositories", "ecr:DescribeImages"]),
    cli(2, &["secretsmanager:ListSecrets", "secretsmanager:GetSecretValue", "kms:Decrypt#secretsmanager"]),
];
const DEVELOPERS_AT_HOME: &[Task] = &[
    SIGN_IN, LOOK_AT_CONTAINERS, LOOK_AT_LOGS, LOOK_AT_FUNCTIONS, LOOK_AT_DATABASES, WHO_AM_I,
    cli(4, &["lambda:UpdateFunctionCode20150331v2", "lambda:GetFunction20150331v2", "logs:FilterLogEvents"]),
    cli(2, &["lambda:UpdateFunctionConfiguration20150331v2"]),
    cli(2, &["cloudformation:DescribeStacks", "cloudformation:CreateChangeSet", "cloudformation:ExecuteChangeSet", "cloudformation:DescribeStackEvents", "cloudformation:DescribeStackEvents"]),
    cli(1, &["rds:CreateDBSnapshot", "rds:DescribeDBSnapshots"]),
    cli(1, &["rds:DeleteDBInstance", "rds:DescribeDBInstances"]),
    cli(1, &["dynamodb:UpdateTable", "dynamodb:DescribeTable"]),
    cli(1, &["secretsmanager:PutSecretValue"]),
    cli(2, &["ssm:PutParameter", "ssm:GetParameter"]),
];
const ANALYSTS: &[Task] = &[
    SIGN_IN,
    browser(9, &["glue:GetDatabases", "glue:GetTables", "athena:StartQueryExecution", "glue:GetTable", "lakeformation:GetDataAccess", "glue:GetPartitions", "athena:GetQueryExecution", "athena:GetQueryExecution", "athena:GetQueryResults"]),
    sdk(3, &["glue:GetTable", "athena:StartQueryExecution", "athena:GetQueryExecution", "athena:GetQueryResults"]),
    LOOK_AT_BUCKETS,
];
const SECURITY: &[Task] = &[
    SIGN_IN,
    browser(5, &["guardduty:ListDetectors", "guardduty:ListFindings", "guardduty:GetFindings", "securityhub:GetFindings"]),
    browser(3, &["cloudtrail:DescribeTrails", "cloudtrail:GetTrailStatus", "cloudtrail:GetEventSelectors", "cloudtrail:LookupEvents"]),
    browser(2, &["access-analyzer:ListFindingsV2", "iam:GenerateCredentialReport", "iam:ListUsers", "iam:ListMFADevices", "iam:ListAccessKeys", "iam:GetLoginProfile", "iam:GetAccessKeyLastUsed"]),
    LOOK_AT_ACCESS,
    cli(2, &["config:SelectResourceConfig", "organizations:ListAccounts", "organizations:DescribeAccount"]),
];
const FINANCE: &[Task] = &[
    SIGN_IN,
    browser(4, &["ce:GetAnomalyMonitors", "ce:ListCostCategoryDefinitions", "organizations:DescribeOrganization", "organizations:ListAccounts"]),
];

// --- machines ---

const SERVICE_CONTAINER: &[Task] = &[
    sdk(2, &["sts:AssumeRole#ecs", "secretsmanager:GetSecretValue", "kms:Decrypt#secretsmanager", "ssm:GetParametersByPath", "kms:Decrypt#ssm"]),
    sdk(12, &["kms:Decrypt#sqs"]),
    sdk(9, &["kms:GenerateDataKey#sqs"]),
    sdk(8, &["kms:Decrypt#dynamodb"]),
    sdk(6, &["kms:GenerateDataKey#s3"]),
    sdk(6, &["kms:Decrypt#s3"]),
    sdk(2, &["ssm:GetParameter", "kms:Decrypt#ssm"]),
    sdk(1, &["dynamodb:DescribeTable"]),
];
const INSTANCE: &[Task] = &[
    sdk(10, &["ssm:UpdateInstanceInformation", "ssm:ListInstanceAssociations"]),
    sdk(3, &["ec2:DescribeTags"]),
    sdk(1, &["sts:AssumeRole#ec2", "ec2:DescribeInstances#one", "ec2:DescribeTags", "ecr:GetAuthorizationToken", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer", "ecr:GetDownloadUrlForLayer", "secretsmanager:GetSecretValue", "kms:Decrypt#secretsmanager"]),
    sdk(3, &["ssm:GetParameter", "kms:Decrypt#ssm"]),
    sdk(1, &["logs:CreateLogStream"]),
];
const FUNCTION: &[Task] = &[
    sdk(6, &["sts:AssumeRole#lambda", "kms:Decrypt#lambda", "logs:CreateLogStream"]),
    sdk(3, &["secretsmanager:GetSecretValue", "kms:Decrypt#secretsmanager"]),
    sdk(4, &["kms:Decrypt#sqs"]),
    sdk(1, &["ec2:CreateNetworkInterface"]),
    sdk(1, &["ec2:DescribeNetworkInterfaces", "ec2:DeleteNetworkInterface"]),
];
const EXPORTER: &[Task] = &[
    sdk(5, &["s3:PutObject#export", "kms:GenerateDataKey#s3"]),
    sdk(2, &["s3:GetObject#export"]),
    sdk(1, &["sts:AssumeRole#lambda", "kms:Decrypt#lambda", "logs:CreateLogStream"]),
];
const NIGHTLY_ETL: &[Task] = &[
    sdk(1, &["sts:AssumeRole#glue", "glue:GetTable", "glue:GetPartitions", "s3:ListObjects"]),
    sdk(12, &["s3:HeadObject", "s3:GetObject", "s3:GetObject", "s3:GetObject"]),
    sdk(6, &["s3:GetObject", "kms:GenerateDataKey#s3", "s3:PutObject"]),
    sdk(1, &["glue:BatchCreatePartition"]),
];
const DEPLOY: &[Task] = &[
    sdk(3, &["sts:AssumeRoleWithWebIdentity", "sts:GetCallerIdentity", "ecr:GetAuthorizationToken", "ecr:BatchGetImage", "ecr:PutImage"]),
    sdk(2, &["sts:AssumeRoleWithWebIdentity", "ecs:DescribeTaskDefinition", "ecs:RegisterTaskDefinition", "ecs:UpdateService", "ecs:DescribeServices", "ecs:DescribeServices", "ecs:DescribeServices", "ecs:DescribeServices"]),
    sdk(1, &["sts:AssumeRoleWithWebIdentity", "lambda:GetFunction20150331v2", "lambda:UpdateFunctionCode20150331v2", "lambda:GetFunction20150331v2"]),
    sdk(1, &["sts:AssumeRoleWithWebIdentity", "s3:ListBuckets", "cloudfront:ListDistributions", "cloudfront:CreateInvalidation"]),
];
const COLLECT: &[Task] = &[
    sdk(1, &["sts:AssumeRole#vendor", "ec2:DescribeInstances", "ec2:DescribeVolumes", "ec2:DescribeRegions", "monitoring:ListMetrics", "elasticloadbalancing:DescribeLoadBalancers", "elasticloadbalancing:DescribeTargetGroups", "autoscaling:DescribeAutoScalingGroups", "rds:DescribeDBInstances", "lambda:ListFunctions20150331", "ecs:ListServices", "sqs:ListQueues", "dynamodb:ListTables", "tagging:GetResources", "servicequotas:ListServiceQuotas"]),
];
const SCALING: &[Task] = &[
    sdk(3, &["ec2:DescribeInstances", "elasticloadbalancing:DescribeTargetHealth"]),
    sdk(2, &["autoscaling:DescribeAutoScalingGroups", "ec2:DescribeLaunchTemplateVersions", "ec2:DescribeImages", "ec2:RunInstances", "elasticloadbalancing:RegisterTargets"]),
    sdk(2, &["elasticloadbalancing:DeregisterTargets", "autoscaling:CompleteLifecycleAction", "ec2:TerminateInstances"]),
    sdk(1, &["kms:CreateGrant"]),
];
const RECORD_CONFIGURATION: &[Task] = &[
    sdk(4, &["ec2:DescribeSecurityGroups", "ec2:DescribeNetworkInterfaces", "ec2:DescribeInstances", "ec2:DescribeVolumes", "ec2:DescribeSubnets"]),
    sdk(3, &["s3:GetBucketPolicy", "s3:GetBucketTagging", "s3:GetBucketLifecycle", "s3:GetBucketEncryption", "s3:GetBucketAcl"]),
    sdk(2, &["iam:ListRoles", "iam:GetRolePolicy", "iam:ListAttachedUserPolicies", "iam:GetAccountSummary"]),
    sdk(2, &["lambda:ListFunctions20150331", "lambda:GetPolicy20150331v2", "dynamodb:DescribeTable", "rds:DescribeDBSnapshots"]),
    sdk(2, &["config:PutEvaluations"]),
];
const CONTAINER_AGENT: &[Task] = &[
    sdk(4, &["ecs:SubmitTaskStateChange"]),
    sdk(2, &["ec2:CreateNetworkInterface", "elasticloadbalancing:RegisterTargets"]),
    sdk(2, &["elasticloadbalancing:DeregisterTargets", "ec2:DeleteNetworkInterface"]),
];
const DAILY_BACKUP: &[Task] = &[
    sdk(3, &["ec2:DescribeVolumes", "ec2:CreateSnapshot", "ec2:CreateTags"]),
    sdk(2, &["ec2:DescribeSnapshots", "ec2:DeleteSnapshot"]),
    sdk(1, &["rds:DescribeDBInstances", "rds:CreateDBSnapshot"]),
];
const SERVICES: &[Task] = &[
    sdk(6, &["kms:Decrypt#logs"]),
    sdk(1, &["secretsmanager:RotationSucceeded"]),
    sdk(1, &["backup:BackupJobCompleted"]),
    sdk(3, &["securityhub:BatchImportFindings"]),
];
const TRAIL: &[Task] = &[
    sdk(5, &["s3:GetBucketAcl#cloudtrail"]),
    sdk(4, &["kms:GenerateDataKey#cloudtrail"]),
    sdk(1, &["kms:RotateKey"]),
];
const OLD_CI: &[Task] = &[
    cli(2, &["sts:GetCallerIdentity"]),
    cli(2, &["ecr:GetAuthorizationToken", "ecr:DescribeImages", "ecr:PutImage"]),
    cli(1, &["ecs:DescribeServices", "ecs:UpdateService"]),
];
const OLD_MAILER: &[Task] = &[sdk(1, &["sns:GetTopicAttributes"]), sdk(2, &["sqs:GetQueueAttributes"])];
const OLD_BACKUP: &[Task] = &[cli(1, &["s3:ListBuckets", "s3:GetBucketLocation", "ec2:DescribeSnapshots"])];
const OLD_ADMIN: &[Task] = &[
    browser(1, &["signin:ConsoleLogin#mfa", "health:DescribeEventAggregates", "ec2:DescribeInstances", "ec2:DescribeVolumes"]),
    cli(2, &["ec2:DescribeInstances", "ssm:DescribeInstanceInformation"]),
];
const ROOT: &[Task] = &[browser(1, &["signin:ConsoleLogin#mfa", "ce:GetAnomalyMonitors", "organizations:ListPolicies"])];

const ADMINISTRATOR: &str = "AdministratorAccess";
const DEVELOPER: &str = "DeveloperAccess";
const READER: &str = "ReadOnlyAccess";
const ANALYST: &str = "DataAnalyst";
const AUDITOR: &str = "SecurityAudit";
const BILLING: &str = "Billing";

/// Of whom the leaked key is.
pub const LEAKED_USER: &str = "ci-deploy";
/// Where the old CI server stands: in the office in Tokyo.
pub const CI_SERVER: &str = "203.0.113.70";

use Account::{Data, Dev, Management, Prod, Security, Staging};
use Office::{Berlin, Tokyo};
use Region::{Frankfurt, Virginia};

const fn stream(who: Who, account: Account, region: Region, share: f64, rhythm: Rhythm, tasks: &'static [Task]) -> Stream {
    Stream { who, account, region, share, rhythm, tasks }
}

/// A team at its desks in one office.
const fn team(team: Team, office: Office, set: &'static str, account: Account, share: f64, tasks: &'static [Task]) -> Stream {
    let region = match office {
        Tokyo => Region::Tokyo,
        Berlin => Frankfurt,
    };
    stream(Who::Team(team, office, set), account, region, share, Rhythm::Desk(office), tasks)
}

/// AWS Config in an account.
const fn recorder(account: Account, region: Region, share: f64) -> Stream {
    let who = Who::Linked("AWSServiceRoleForConfig", "config.amazonaws.com", "AWSConfig-Describe");
    stream(who, account, region, share, Rhythm::Steady, RECORD_CONFIGURATION)
}

/// Everything that goes on.
pub const STREAMS: &[Stream] = &[
    // The shop.
    stream(Who::Container("orders-api-task"), Prod, Region::Tokyo, 15.0, Rhythm::Shop, SERVICE_CONTAINER),
    stream(Who::Container("catalogue-api-task"), Prod, Region::Tokyo, 8.0, Rhythm::Shop, SERVICE_CONTAINER),
    stream(Who::Container("checkout-web-task"), Prod, Frankfurt, 3.0, Rhythm::Shop, SERVICE_CONTAINER),
    stream(Who::Instance("web-node"), Prod, Region::Tokyo, 10.0, Rhythm::Steady, INSTANCE),
    stream(Who::Function("invoice-maker"), Prod, Region::Tokyo, 6.0, Rhythm::Shop, FUNCTION),
    stream(Who::Function("stock-sync"), Prod, Region::Tokyo, 2.0, Rhythm::Hourly, FUNCTION),
    stream(Who::Function("order-export"), Prod, Region::Tokyo, 4.0, Rhythm::Shop, EXPORTER),
    stream(Who::Linked("AWSServiceRoleForAutoScaling", "autoscaling.amazonaws.com", "AutoScaling"), Prod, Region::Tokyo, 3.0, Rhythm::Shop, SCALING),
    stream(Who::Linked("AWSServiceRoleForECS", "ecs.amazonaws.com", "ecs-service-scheduler"), Prod, Region::Tokyo, 2.0, Rhythm::Shop, CONTAINER_AGENT),
    stream(Who::Linked("AWSBackupDefaultServiceRole", "backup.amazonaws.com", "AWSBackup-daily"), Prod, Region::Tokyo, 0.8, Rhythm::Nightly(17), DAILY_BACKUP),
    stream(Who::Services, Prod, Region::Tokyo, 2.0, Rhythm::Steady, SERVICES),
    stream(Who::Container("orders-api-task"), Staging, Region::Tokyo, 2.5, Rhythm::Desk(Tokyo), SERVICE_CONTAINER),
    stream(Who::Instance("web-node"), Staging, Region::Tokyo, 1.5, Rhythm::Steady, INSTANCE),
    stream(Who::Function("mail-sender"), Dev, Region::Tokyo, 1.0, Rhythm::Desk(Tokyo), FUNCTION),
    // Data.
    stream(Who::Function("nightly-etl"), Data, Region::Tokyo, 7.0, Rhythm::Nightly(18), NIGHTLY_ETL),
    stream(Who::Container("stream-loader"), Data, Region::Tokyo, 2.0, Rhythm::Shop, SERVICE_CONTAINER),
    team(Team::Analysts, Tokyo, ANALYST, Data, 2.5, ANALYSTS),
    team(Team::Analysts, Berlin, ANALYST, Data, 1.2, ANALYSTS),
    // Deployments.
    stream(Who::CiJob("ci-release"), Prod, Region::Tokyo, 0.7, Rhythm::Desk(Tokyo), DEPLOY),
    stream(Who::CiJob("ci-release"), Staging, Region::Tokyo, 1.8, Rhythm::Desk(Tokyo), DEPLOY),
    stream(Who::CiJob("ci-release"), Staging, Frankfurt, 0.8, Rhythm::Desk(Berlin), DEPLOY),
    // Watchers.
    stream(Who::Vendor("ObservabilityReader"), Prod, Region::Tokyo, 4.0, Rhythm::Steady, COLLECT),
    stream(Who::Vendor("ObservabilityReader"), Prod, Frankfurt, 1.5, Rhythm::Steady, COLLECT),
    recorder(Prod, Region::Tokyo, 2.5),
    recorder(Prod, Frankfurt, 0.8),
    recorder(Staging, Region::Tokyo, 0.8),
    recorder(Dev, Region::Tokyo, 0.8),
    recorder(Data, Region::Tokyo, 0.6),
    recorder(Security, Region::Tokyo, 0.4),
    recorder(Management, Virginia, 0.3),
    stream(Who::Services, Security, Region::Tokyo, 3.0, Rhythm::Steady, TRAIL),
    team(Team::Security, Tokyo, AUDITOR, Security, 1.2, SECURITY),
    team(Team::Security, Berlin, AUDITOR, Prod, 1.0, SECURITY),
    // People.
    team(Team::Platform, Tokyo, ADMINISTRATOR, Prod, 2.2, PLATFORM),
    team(Team::Platform, Tokyo, ADMINISTRATOR, Staging, 1.4, PLATFORM),
    team(Team::Platform, Berlin, ADMINISTRATOR, Prod, 1.2, PLATFORM),
    team(Team::Shop, Tokyo, READER, Prod, 1.6, DEVELOPERS),
    team(Team::Shop, Tokyo, DEVELOPER, Dev, 2.8, DEVELOPERS_AT_HOME),
    team(Team::Shop, Berlin, DEVELOPER, Dev, 2.0, DEVELOPERS_AT_HOME),
    team(Team::Shop, Berlin, READER, Prod, 0.8, DEVELOPERS),
    stream(Who::Team(Team::Finance, Tokyo, BILLING), Management, Virginia, 0.3, Rhythm::Desk(Tokyo), FINANCE),
    // What should have been tidied up long ago.
    stream(Who::User { name: LEAKED_USER, addr: CI_SERVER }, Dev, Region::Tokyo, 0.5, Rhythm::Desk(Tokyo), OLD_CI),
    stream(Who::User { name: "mailer-legacy", addr: "203.0.113.233" }, Prod, Region::Tokyo, 0.4, Rhythm::Steady, OLD_MAILER),
    stream(Who::User { name: "backup-legacy", addr: "203.0.113.71" }, Security, Region::Tokyo, 0.1, Rhythm::Nightly(16), OLD_BACKUP),
    stream(Who::User { name: "k.mori", addr: "203.0.113.11" }, Dev, Region::Tokyo, 0.15, Rhythm::Desk(Tokyo), OLD_ADMIN),
    stream(Who::Root("203.0.113.12"), Management, Virginia, 0.01, Rhythm::Desk(Tokyo), ROOT),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::events;

    #[test]
    fn every_call_of_every_task_has_a_row() {
        for stream in STREAMS {
            for call in stream.tasks.iter().flat_map(|task| task.calls) {
                assert!(events::find(call).is_some(), "{call}");
            }
        }
    }

    #[test]
    fn every_row_is_used() {
        let used: Vec<_> = STREAMS
            .iter()
            .flat_map(|stream| stream.tasks)
            .flat_map(|task| task.calls)
            .filter_map(|call| events::find(call))
            .map(|event| (event.service, event.name, event.variant))
            .collect();
        for event in events::TABLES.iter().flat_map(|table| table.iter()) {
            let key = (event.service, event.name, event.variant);
            assert!(used.contains(&key) || SPARE.contains(&event.name), "nobody calls {key:?}");
        }
    }

    /// Rows that only the story uses.
    const SPARE: &[&str] = &[];
}
