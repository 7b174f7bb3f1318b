//! Tasks: what a click, a command or a start of a machine does, as rows of calls.

/// Calls that belong together.
#[derive(Debug, Clone, Copy)]
pub struct Task {
    pub weight: u32,
    pub tool: Tool,
    /// `service:Name` after each other, see [`crate::events::find`].
    pub calls: &'static str,
}

/// The program that makes the calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tool {
    Browser,
    Cli,
    Terraform,
    Sdk,
}

const fn browser(weight: u32, calls: &'static str) -> Task {
    Task { weight, tool: Tool::Browser, calls }
}
const fn cli(weight: u32, calls: &'static str) -> Task {
    Task { weight, tool: Tool::Cli, calls }
}
const fn terraform(weight: u32, calls: &'static str) -> Task {
    Task { weight, tool: Tool::Terraform, calls }
}
const fn sdk(weight: u32, calls: &'static str) -> Task {
    Task { weight, tool: Tool::Sdk, calls }
}

// --- people ---

const SIGN_IN: Task = browser(
    3,
    "sso:Authenticate sso:ListAccounts#portal sso:Federate sts:AssumeRoleWithSAML \
     signin:ConsoleLogin health:DescribeEventAggregates \
     notifications:ListNotificationHubs ec2:DescribeRegions",
);
const LOOK_AT_INSTANCES: Task = browser(
    8,
    "ec2:DescribeInstances ec2:DescribeInstanceStatus ec2:DescribeInstanceTypes ec2:DescribeTags \
     ec2:DescribeVolumes ec2:DescribeSecurityGroups ec2:DescribeAddresses \
     ec2:DescribeSubnets monitoring:DescribeAlarms",
);
const LOOK_AT_NETWORK: Task = browser(
    4,
    "ec2:DescribeVpcs ec2:DescribeSubnets ec2:DescribeRouteTables \
     ec2:DescribeVpcEndpoints ec2:DescribeNetworkInterfaces \
     ec2:DescribeSecurityGroupRules",
);
const LOOK_AT_CONTAINERS: Task = browser(
    8,
    "ecs:DescribeClusters ecs:ListServices ecs:DescribeServices ecs:ListTasks \
     ecs:DescribeTasks ecs:DescribeTaskDefinition \
     elasticloadbalancing:DescribeTargetHealth logs:DescribeLogStreams",
);
const LOOK_AT_LOGS: Task = browser(
    8,
    "logs:DescribeLogGroups logs:StartQuery logs:GetQueryResults logs:GetQueryResults \
     logs:FilterLogEvents",
);
const LOOK_AT_DATABASES: Task = browser(
    4,
    "rds:DescribeDBInstances rds:DescribeDBClusters rds:ListTagsForResource \
     rds:DescribeDBSnapshots rds:DescribeDBLogFiles kms:DescribeKey kms:ListAliases",
);
const LOOK_AT_BUCKETS: Task = browser(
    4,
    "s3:ListBuckets s3:GetBucketLocation s3:GetBucketVersioning s3:GetBucketTagging \
     s3:GetBucketPublicAccessBlock s3:GetBucketEncryption s3:GetBucketPolicy",
);
const LOOK_AT_FUNCTIONS: Task = browser(
    5,
    "lambda:ListFunctions20150331 lambda:GetFunction20150331v2 lambda:GetPolicy20150331v2 \
     lambda:ListTags20170331 logs:DescribeLogStreams",
);
const LOOK_AT_ACCESS: Task = browser(
    3,
    "iam:ListRoles iam:GetRole iam:ListRolePolicies iam:ListAttachedRolePolicies \
     iam:GetPolicy iam:GetPolicyVersion",
);
const WHO_AM_I: Task = cli(3, "sts:GetCallerIdentity");
const OPEN_A_SHELL: Task =
    cli(3, "ssm:DescribeInstanceInformation ssm:StartSession ssm:TerminateSession");
const PLAN: Task = terraform(
    5,
    "sts:GetCallerIdentity s3:GetBucketLocation dynamodb:DescribeTable ec2:DescribeVpcs \
     ec2:DescribeSubnets ec2:DescribeSecurityGroups ec2:DescribeSecurityGroupRules \
     iam:GetRole iam:ListRolePolicies iam:GetRolePolicy iam:ListAttachedRolePolicies \
     iam:GetPolicy iam:GetPolicyVersion elasticloadbalancing:DescribeLoadBalancers \
     elasticloadbalancing:DescribeTags rds:DescribeDBInstances rds:ListTagsForResource \
     route53:ListHostedZones route53:ListResourceRecordSets s3:GetBucketLifecycle \
     s3:GetBucketTagging s3:GetBucketPolicy kms:DescribeKey kms:GetKeyRotationStatus \
     acm:DescribeCertificate cloudfront:GetDistributionConfig sqs:GetQueueAttributes \
     sns:GetTopicAttributes",
);
const APPLY: Task = terraform(
    1,
    "sts:GetCallerIdentity sts:AssumeRole#cross ec2:DescribeSecurityGroups \
     ec2:AuthorizeSecurityGroupIngress iam:PutRolePolicy iam:AttachRolePolicy \
     iam:CreatePolicyVersion monitoring:PutMetricAlarm route53:ChangeResourceRecordSets \
     ec2:CreateTags s3:PutBucketTagging",
);

pub const PLATFORM: &[Task] = &[
    SIGN_IN,
    LOOK_AT_INSTANCES,
    LOOK_AT_NETWORK,
    LOOK_AT_CONTAINERS,
    LOOK_AT_LOGS,
    LOOK_AT_DATABASES,
    LOOK_AT_BUCKETS,
    LOOK_AT_ACCESS,
    WHO_AM_I,
    OPEN_A_SHELL,
    PLAN,
    APPLY,
    cli(
        1,
        "ec2:DescribeInstances#one ec2:StopInstances ec2:DescribeInstances#one \
     ec2:StartInstances",
    ),
    cli(1, "ssm:SendCommand"),
    browser(1, "ec2:DescribeSecurityGroups ec2:AuthorizeSecurityGroupIngress#web"),
    cli(1, "rds:ModifyDBInstance rds:DescribeDBInstances"),
    cli(1, "ssm:PutParameter"),
];
pub const DEVELOPERS: &[Task] = &[
    SIGN_IN,
    LOOK_AT_CONTAINERS,
    LOOK_AT_LOGS,
    LOOK_AT_LOGS,
    LOOK_AT_FUNCTIONS,
    LOOK_AT_BUCKETS,
    WHO_AM_I,
    browser(2, "dynamodb:ListTables dynamodb:DescribeTable dynamodb:DescribeContinuousBackups"),
    browser(2, "sqs:ListQueues sqs:GetQueueAttributes sns:ListTopics states:ListExecutions"),
    browser(
        2,
        "cloudformation:ListStacks cloudformation:DescribeStacks \
     cloudformation:DescribeStackEvents",
    ),
    cli(3, "ecr:GetAuthorizationToken ecr:DescribeRepositories ecr:DescribeImages"),
    cli(2, "secretsmanager:ListSecrets secretsmanager:GetSecretValue kms:Decrypt#secretsmanager"),
];
pub const DEVELOPERS_AT_HOME: &[Task] = &[
    cli(1, "secretsmanager:DescribeSecret events:ListRules events:PutRule ecs:RunTask"),
    SIGN_IN,
    LOOK_AT_CONTAINERS,
    LOOK_AT_LOGS,
    LOOK_AT_FUNCTIONS,
    LOOK_AT_DATABASES,
    WHO_AM_I,
    cli(
        4,
        "lambda:UpdateFunctionCode20150331v2 lambda:GetFunction20150331v2 \
     logs:FilterLogEvents",
    ),
    cli(2, "lambda:UpdateFunctionConfiguration20150331v2"),
    cli(
        2,
        "cloudformation:DescribeStacks cloudformation:CreateChangeSet \
     cloudformation:ExecuteChangeSet cloudformation:DescribeStackEvents \
     cloudformation:DescribeStackEvents",
    ),
    cli(1, "rds:CreateDBSnapshot rds:DescribeDBSnapshots"),
    cli(1, "rds:DeleteDBInstance rds:DescribeDBInstances"),
    cli(1, "dynamodb:UpdateTable dynamodb:DescribeTable"),
    cli(1, "secretsmanager:PutSecretValue"),
    cli(2, "ssm:DescribeParameters ssm:PutParameter ssm:GetParameter"),
];
pub const ANALYSTS: &[Task] = &[
    SIGN_IN,
    browser(
        9,
        "glue:GetDatabases glue:GetTables athena:StartQueryExecution glue:GetTable \
     lakeformation:GetDataAccess glue:GetPartitions athena:GetQueryExecution \
     athena:GetQueryExecution athena:GetQueryResults",
    ),
    sdk(
        3,
        "glue:GetTable athena:StartQueryExecution athena:GetQueryExecution \
     athena:GetQueryResults",
    ),
    LOOK_AT_BUCKETS,
];
pub const SECURITY: &[Task] = &[
    SIGN_IN,
    browser(
        5,
        "guardduty:ListDetectors guardduty:ListFindings guardduty:GetFindings \
     securityhub:GetFindings",
    ),
    browser(
        3,
        "cloudtrail:DescribeTrails cloudtrail:GetTrailStatus cloudtrail:GetEventSelectors \
     cloudtrail:LookupEvents",
    ),
    browser(
        2,
        "access-analyzer:ListFindingsV2 iam:GenerateCredentialReport iam:ListUsers iam:GetUser \
     iam:ListMFADevices iam:ListAccessKeys iam:GetLoginProfile iam:GetAccessKeyLastUsed",
    ),
    LOOK_AT_ACCESS,
    cli(2, "config:SelectResourceConfig organizations:ListAccounts organizations:DescribeAccount"),
];
pub const FINANCE: &[Task] = &[
    SIGN_IN,
    browser(
        4,
        "ce:GetAnomalyMonitors ce:ListCostCategoryDefinitions \
     organizations:DescribeOrganization organizations:ListAccounts",
    ),
];

// --- machines ---

pub const SERVICE_CONTAINER: &[Task] = &[
    sdk(
        2,
        "sts:AssumeRole#ecs secretsmanager:GetSecretValue kms:Decrypt#secretsmanager \
     ssm:GetParametersByPath kms:Decrypt#ssm",
    ),
    sdk(12, "kms:Decrypt#sqs"),
    sdk(9, "kms:GenerateDataKey#sqs"),
    sdk(8, "kms:Decrypt#dynamodb"),
    sdk(6, "kms:GenerateDataKey#s3"),
    sdk(6, "kms:Decrypt#s3"),
    sdk(2, "ssm:GetParameter kms:Decrypt#ssm"),
    sdk(1, "dynamodb:DescribeTable"),
];
pub const INSTANCE: &[Task] = &[
    sdk(10, "ssm:UpdateInstanceInformation ssm:ListInstanceAssociations"),
    sdk(3, "ec2:DescribeTags"),
    sdk(
        1,
        "sts:AssumeRole#ec2 ec2:DescribeInstances#one ec2:DescribeTags \
     ecr:GetAuthorizationToken ecr:BatchGetImage ecr:GetDownloadUrlForLayer \
     ecr:GetDownloadUrlForLayer secretsmanager:GetSecretValue kms:Decrypt#secretsmanager",
    ),
    sdk(3, "ssm:GetParameter kms:Decrypt#ssm"),
    sdk(1, "logs:CreateLogStream"),
];
pub const FUNCTION: &[Task] = &[
    sdk(1, "logs:CreateLogGroup"),
    sdk(6, "sts:AssumeRole#lambda kms:Decrypt#lambda logs:CreateLogStream"),
    sdk(3, "secretsmanager:GetSecretValue kms:Decrypt#secretsmanager"),
    sdk(4, "kms:Decrypt#sqs"),
    sdk(1, "ec2:CreateNetworkInterface"),
    sdk(1, "ec2:DescribeNetworkInterfaces ec2:DeleteNetworkInterface"),
];
pub const EXPORTER: &[Task] = &[
    sdk(5, "s3:PutObject#export kms:GenerateDataKey#s3"),
    sdk(2, "s3:GetObject#export"),
    sdk(1, "sts:AssumeRole#lambda kms:Decrypt#lambda logs:CreateLogStream"),
];
pub const NIGHTLY_ETL: &[Task] = &[
    sdk(1, "sts:AssumeRole#glue glue:GetTable glue:GetPartitions s3:ListObjects"),
    sdk(12, "s3:HeadObject s3:GetObject s3:GetObject s3:GetObject"),
    sdk(6, "s3:GetObject kms:GenerateDataKey#s3 s3:PutObject"),
    sdk(1, "glue:BatchCreatePartition"),
];
pub const DEPLOY: &[Task] = &[
    sdk(
        3,
        "sts:AssumeRoleWithWebIdentity sts:GetCallerIdentity ecr:GetAuthorizationToken \
     ecr:BatchGetImage ecr:PutImage",
    ),
    sdk(
        2,
        "sts:AssumeRoleWithWebIdentity ecs:DescribeTaskDefinition ecs:RegisterTaskDefinition \
     ecs:UpdateService ecs:DescribeServices ecs:DescribeServices ecs:DescribeServices \
     ecs:DescribeServices",
    ),
    sdk(
        1,
        "sts:AssumeRoleWithWebIdentity lambda:GetFunction20150331v2 \
     lambda:UpdateFunctionCode20150331v2 lambda:GetFunction20150331v2",
    ),
    sdk(
        1,
        "sts:AssumeRoleWithWebIdentity s3:ListBuckets cloudfront:ListDistributions \
     cloudfront:CreateInvalidation",
    ),
];
pub const COLLECT: &[Task] = &[sdk(
    1,
    "sts:AssumeRole#vendor ec2:DescribeInstances ec2:DescribeVolumes ec2:DescribeRegions \
     monitoring:ListMetrics elasticloadbalancing:DescribeLoadBalancers \
     elasticloadbalancing:DescribeTargetGroups autoscaling:DescribeAutoScalingGroups \
     rds:DescribeDBInstances lambda:ListFunctions20150331 ecs:ListServices sqs:ListQueues \
     dynamodb:ListTables tagging:GetResources servicequotas:ListServiceQuotas",
)];
pub const SCALING: &[Task] = &[
    sdk(1, "autoscaling:DescribeScalingActivities autoscaling:SetDesiredCapacity"),
    sdk(3, "ec2:DescribeInstances elasticloadbalancing:DescribeTargetHealth"),
    sdk(
        2,
        "autoscaling:DescribeAutoScalingGroups ec2:DescribeLaunchTemplateVersions \
     ec2:DescribeImages ec2:RunInstances elasticloadbalancing:RegisterTargets",
    ),
    sdk(
        2,
        "elasticloadbalancing:DeregisterTargets autoscaling:CompleteLifecycleAction \
     ec2:TerminateInstances",
    ),
    sdk(1, "kms:CreateGrant"),
];
pub const RECORD_CONFIGURATION: &[Task] = &[
    sdk(1, "config:DescribeConfigurationRecorderStatus config:DescribeConfigRules"),
    sdk(
        1,
        "ec2:DescribeInstanceAttribute ec2:DescribeAvailabilityZones wafv2:GetWebACL acm:ListCertificates",
    ),
    sdk(1, "sts:AssumeRole#linked"),
    sdk(
        4,
        "ec2:DescribeSecurityGroups ec2:DescribeNetworkInterfaces ec2:DescribeInstances \
     ec2:DescribeVolumes ec2:DescribeSubnets",
    ),
    sdk(
        3,
        "s3:GetBucketPolicy s3:GetBucketTagging s3:GetBucketLifecycle s3:GetBucketEncryption \
     s3:GetBucketAcl",
    ),
    sdk(2, "iam:ListRoles iam:GetRolePolicy iam:ListAttachedUserPolicies iam:GetAccountSummary"),
    sdk(
        2,
        "lambda:ListFunctions20150331 lambda:GetPolicy20150331v2 dynamodb:DescribeTable \
     rds:DescribeDBSnapshots",
    ),
    sdk(2, "config:PutEvaluations"),
];
pub const CONTAINER_AGENT: &[Task] = &[
    sdk(4, "ecs:SubmitTaskStateChange"),
    sdk(2, "ec2:CreateNetworkInterface elasticloadbalancing:RegisterTargets"),
    sdk(2, "elasticloadbalancing:DeregisterTargets ec2:DeleteNetworkInterface"),
];
pub const DAILY_BACKUP: &[Task] = &[
    sdk(3, "ec2:DescribeVolumes ec2:CreateSnapshot ec2:CreateTags"),
    sdk(2, "ec2:DescribeSnapshots ec2:DeleteSnapshot"),
    sdk(1, "rds:DescribeDBInstances rds:CreateDBSnapshot"),
];
pub const SERVICES: &[Task] = &[
    sdk(6, "kms:Decrypt#logs"),
    sdk(1, "secretsmanager:RotationSucceeded"),
    sdk(1, "backup:BackupJobCompleted"),
    sdk(3, "securityhub:BatchImportFindings"),
];
pub const TRAIL: &[Task] = &[
    sdk(5, "s3:GetBucketAcl#cloudtrail"),
    sdk(4, "kms:GenerateDataKey#cloudtrail"),
    sdk(1, "kms:RotateKey"),
];
pub const OLD_CI: &[Task] = &[
    cli(2, "sts:GetCallerIdentity"),
    cli(2, "ecr:GetAuthorizationToken ecr:DescribeImages ecr:PutImage"),
    cli(1, "ecs:DescribeServices ecs:UpdateService"),
];
pub const OLD_MAILER: &[Task] =
    &[sdk(1, "sns:GetTopicAttributes"), sdk(2, "sqs:GetQueueAttributes")];
pub const OLD_BACKUP: &[Task] =
    &[cli(1, "s3:ListBuckets s3:GetBucketLocation ec2:DescribeSnapshots")];
pub const OLD_ADMIN: &[Task] = &[
    browser(
        1,
        "signin:ConsoleLogin#mfa health:DescribeEventAggregates ec2:DescribeInstances \
     ec2:DescribeVolumes",
    ),
    cli(2, "ec2:DescribeInstances ssm:DescribeInstanceInformation"),
];
pub const ROOT: &[Task] =
    &[browser(1, "signin:ConsoleLogin#mfa ce:GetAnomalyMonitors organizations:ListPolicies")];
