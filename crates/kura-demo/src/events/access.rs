//! Who may do what: STS, sign-in, IAM Identity Center, IAM, KMS and Organizations.

use crate::event::{By, Event, Kind, fails, read, write};

const ROLE_ASSUMED: &str = r#"{"credentials":{"accessKeyId":"<key>","sessionToken":"<token>","expiration":"<expiry>"},"assumedRoleUser":{"assumedRoleId":"<principalid>","arn":"<arn>"}}"#;
const ROLE_TO_SERVICE: &str =
    r#"{"credentials":{"accessKeyId":"<key>","sessionToken":"<token>","expiration":"<expiry>"}}"#;
const ASSUME_OWN_ROLE: &str =
    r#"{"roleArn":"arn:aws:iam::<account>:role/<callerrole>","roleSessionName":"<session>"}"#;
const OWN_ROLE: &str = r#"[{"accountId":"<account>","type":"AWS::IAM::Role","ARN":"arn:aws:iam::<account>:role/<callerrole>"}]"#;
const KMS_KEY: &str = r#"[{"accountId":"<account>","type":"AWS::KMS::Key","ARN":"arn:aws:kms:<region>:<account>:key/<kmskey>"}]"#;
const NO_LOGIN_PROFILE: &str = "Login Profile for User <user> cannot be found.";

/// An `AssumeRole` by which a service gets the caller's role.
const fn assumed_by(variant: &'static str, service: &'static str) -> Event {
    read("sts", "AssumeRole")
        .variant(variant)
        .by(By::Service(service))
        .request(ASSUME_OWN_ROLE)
        .response(ROLE_TO_SERVICE)
        .resources(OWN_ROLE)
}

/// A use of a KMS key that another service makes for the caller.
const fn key_use(
    name: &'static str,
    variant: &'static str,
    service: &'static str,
    request: &'static str,
) -> Event {
    read("kms", name)
        .variant(variant)
        .by(By::Forwarded(service))
        .request(request)
        .resources(KMS_KEY)
}

pub const EVENTS: &[Event] = &[
    // --- STS ---
    read("sts", "GetCallerIdentity"),
    assumed_by("ec2", "ec2.amazonaws.com"),
    assumed_by("lambda", "lambda.amazonaws.com"),
    assumed_by("ecs", "ecs-tasks.amazonaws.com"),
    assumed_by("linked", "config.amazonaws.com"),
    assumed_by("glue", "glue.amazonaws.com"),
    read("sts", "AssumeRole")
        .variant("vendor")
        .by(By::Vendor)
        .request(r#"{"roleArn":"arn:aws:iam::<account>:role/<callerrole>","roleSessionName":"<session>","externalId":"hoshizora-4471","durationSeconds":3600}"#)
        .response(ROLE_ASSUMED)
        .resources(OWN_ROLE),
    read("sts", "AssumeRole")
        .variant("cross")
        .kind(Kind::CrossAccount)
        .request(r#"{"roleArn":"arn:aws:iam::<otheraccount>:role/terraform-apply","roleSessionName":"<hex>","durationSeconds":3600}"#)
        .response(r#"{"credentials":{"accessKeyId":"<newkey>","sessionToken":"<token>","expiration":"<expiry>"},"assumedRoleUser":{"assumedRoleId":"AROA<hex>:terraform","arn":"arn:aws:sts::<otheraccount>:assumed-role/terraform-apply/<hex>"}}"#)
        .resources(r#"[{"accountId":"<otheraccount>","type":"AWS::IAM::Role","ARN":"arn:aws:iam::<otheraccount>:role/terraform-apply"}]"#),
    read("sts", "AssumeRoleWithWebIdentity")
        .by(By::WebIdentity)
        .request(r#"{"roleArn":"arn:aws:iam::<account>:role/<callerrole>","roleSessionName":"<session>","durationSeconds":3600}"#)
        .response(r#"{"credentials":{"accessKeyId":"<key>","sessionToken":"<token>","expiration":"<expiry>"},"subjectFromWebIdentityToken":"repo:hoshizora/shop:ref:refs/heads/main","assumedRoleUser":{"assumedRoleId":"<principalid>","arn":"<arn>"},"provider":"arn:aws:iam::<account>:oidc-provider/token.actions.githubusercontent.com","audience":"sts.amazonaws.com"}"#)
        .resources(OWN_ROLE)
        .failures(&[fails(12, "AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity")]),
    read("sts", "AssumeRoleWithSAML")
        .by(By::Saml)
        .request(r#"{"sAMLAssertionID":"_<uuid>","roleSessionName":"<session>","durationSeconds":28800,"roleArn":"arn:aws:iam::<account>:role/aws-reserved/sso.amazonaws.com/ap-northeast-1/<callerrole>","principalArn":"arn:aws:iam::<account>:saml-provider/AWSSSO_<hex>_DO_NOT_DELETE"}"#)
        .response(r#"{"credentials":{"accessKeyId":"<key>","sessionToken":"<token>","expiration":"<expiry>"},"assumedRoleUser":{"assumedRoleId":"<principalid>","arn":"<arn>"},"subject":"<session>","subjectType":"persistent","issuer":"https://portal.sso.ap-northeast-1.amazonaws.com/saml/assertion/<hex>","audience":"https://signin.aws.amazon.com/saml"}"#)
        .resources(OWN_ROLE),
    // --- sign-in ---
    // Identity Center asks for the second factor; the sign-in service does not know and says No.
    write("signin", "ConsoleLogin")
        .kind(Kind::SignIn)
        .response(r#"{"ConsoleLogin":"Success"}"#)
        .extra(r#"{"MobileVersion":"No","MFAUsed":"No"}"#),
    write("signin", "ConsoleLogin")
        .variant("mfa")
        .kind(Kind::SignIn)
        .response(r#"{"ConsoleLogin":"Success"}"#)
        .extra(r#"{"LoginTo":"https://console.aws.amazon.com/console/home?region=ap-northeast-1","MobileVersion":"No","MFAIdentifier":"arn:aws:iam::<account>:mfa/<session>","MFAUsed":"Yes"}"#),
    read("sso", "ListAccounts").variant("portal").by(By::IdentityCenter).kind(Kind::SignIn),
    write("sso", "Authenticate")
        .by(By::IdentityCenter)
        .kind(Kind::SignIn)
        .extra(r#"{"AuthWorkflowID":"<uuid>","CredentialType":"PASSWORD,TOTP","UserName":"<session>"}"#),
    write("sso", "Federate")
        .by(By::IdentityCenter)
        .kind(Kind::SignIn)
        .extra(r#"{"RelayId":"<uuid>"}"#),
    // --- IAM ---
    read("iam", "ListUsers"),
    read("iam", "ListRoles").request(r#"{"maxItems":1000}"#),
    read("iam", "GetUser").request(r#"{"userName":"<user>"}"#),
    read("iam", "GetRole").request(r#"{"roleName":"<role>"}"#).failures(&[fails(
        15,
        "NoSuchEntityException",
        "The role with name <role>-canary cannot be found.",
    )]),
    read("iam", "GetPolicy").request(r#"{"policyArn":"arn:aws:iam::<account>:policy/<policy>"}"#),
    read("iam", "GetPolicyVersion").request(r#"{"policyArn":"arn:aws:iam::<account>:policy/<policy>","versionId":"v3"}"#),
    read("iam", "GetRolePolicy").request(r#"{"roleName":"<role>","policyName":"<policy>"}"#),
    read("iam", "ListRolePolicies").request(r#"{"roleName":"<role>"}"#),
    read("iam", "ListAttachedRolePolicies").request(r#"{"roleName":"<role>"}"#),
    read("iam", "ListAttachedUserPolicies").request(r#"{"userName":"<user>"}"#),
    read("iam", "ListAccessKeys").request(r#"{"userName":"<user>"}"#),
    read("iam", "ListMFADevices").request(r#"{"userName":"<user>"}"#),
    read("iam", "GetAccessKeyLastUsed").request(r#"{"accessKeyId":"<newkey>"}"#),
    read("iam", "GetAccountSummary"),
    read("iam", "GenerateCredentialReport").response(r#"{"state":"STARTED","description":"No report exists. Starting a new report generation task"}"#),
    read("iam", "GetLoginProfile")
        .request(r#"{"userName":"<user>"}"#)
        .failures(&[fails(600, "NoSuchEntityException", NO_LOGIN_PROFILE)]),
    write("iam", "PutRolePolicy").request(r#"{"roleName":"<role>","policyName":"<policy>","policyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":[\"s3:GetObject\"],\"Resource\":\"arn:aws:s3:::<bucket>/*\"}]}"}"#),
    write("iam", "AttachRolePolicy").request(r#"{"roleName":"<role>","policyArn":"arn:aws:iam::<account>:policy/<policy>"}"#),
    write("iam", "CreatePolicyVersion")
        .request(r#"{"policyArn":"arn:aws:iam::<account>:policy/<policy>","policyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[]}","setAsDefault":true}"#)
        .response(r#"{"policyVersion":{"versionId":"v4","isDefaultVersion":true,"createDate":"<expiry>"}}"#),
    // --- KMS ---
    key_use("Decrypt", "s3", "s3.amazonaws.com", r#"{"encryptionContext":{"aws:s3:arn":"arn:aws:s3:::<bucket>"},"encryptionAlgorithm":"SYMMETRIC_DEFAULT"}"#),
    key_use("Decrypt", "secretsmanager", "secretsmanager.amazonaws.com", r#"{"encryptionContext":{"SecretARN":"arn:aws:secretsmanager:<region>:<account>:secret:<secret>-qT7xPw","SecretVersionId":"<uuid>"},"encryptionAlgorithm":"SYMMETRIC_DEFAULT"}"#),
    key_use("Decrypt", "ssm", "ssm.amazonaws.com", r#"{"encryptionContext":{"PARAMETER_ARN":"arn:aws:ssm:<region>:<account>:parameter<parameter>"},"encryptionAlgorithm":"SYMMETRIC_DEFAULT"}"#),
    key_use("Decrypt", "lambda", "lambda.amazonaws.com", r#"{"encryptionContext":{"aws:lambda:FunctionArn":"arn:aws:lambda:<region>:<account>:function:<function>"},"encryptionAlgorithm":"SYMMETRIC_DEFAULT"}"#),
    key_use("Decrypt", "dynamodb", "dynamodb.amazonaws.com", r#"{"encryptionContext":{"aws:dynamodb:tableName":"<table>","aws:dynamodb:subscriberId":"<account>"},"encryptionAlgorithm":"SYMMETRIC_DEFAULT"}"#),
    key_use("Decrypt", "sqs", "sqs.amazonaws.com", r#"{"encryptionContext":{"aws:sqs:arn":"arn:aws:sqs:<region>:<account>:<queue>"},"encryptionAlgorithm":"SYMMETRIC_DEFAULT"}"#),
    key_use("GenerateDataKey", "s3", "s3.amazonaws.com", r#"{"encryptionContext":{"aws:s3:arn":"arn:aws:s3:::<bucket>"},"keyId":"arn:aws:kms:<region>:<account>:key/<kmskey>","keySpec":"AES_256"}"#),
    key_use("GenerateDataKey", "sqs", "sqs.amazonaws.com", r#"{"encryptionContext":{"aws:sqs:arn":"arn:aws:sqs:<region>:<account>:<queue>"},"keyId":"alias/aws/sqs","keySpec":"AES_256"}"#),
    read("kms", "Decrypt")
        .variant("logs")
        .by(By::Service("logs.amazonaws.com"))
        .request(r#"{"encryptionContext":{"aws:logs:arn":"arn:aws:logs:<region>:<account>:log-group:<loggroup>"},"encryptionAlgorithm":"SYMMETRIC_DEFAULT"}"#)
        .resources(KMS_KEY),
    read("kms", "GenerateDataKey")
        .variant("cloudtrail")
        .by(By::Service("cloudtrail.amazonaws.com"))
        .request(r#"{"keyId":"arn:aws:kms:<region>:<account>:key/<kmskey>","encryptionContext":{"aws:cloudtrail:arn":"arn:aws:cloudtrail:<region>:<account>:trail/hoshizora-org","aws:s3:arn":"arn:aws:s3:::hoshizora-org-trail/AWSLogs/<organisation>/<account>/CloudTrail/<region>/<day>"},"keySpec":"AES_256"}"#)
        .resources(KMS_KEY),
    read("kms", "DescribeKey").request(r#"{"keyId":"<kmskey>"}"#).resources(KMS_KEY),
    read("kms", "ListAliases").request(r#"{"limit":100}"#),
    read("kms", "GetKeyRotationStatus").request(r#"{"keyId":"<kmskey>"}"#).resources(KMS_KEY),
    write("kms", "CreateGrant")
        .by(By::Forwarded("autoscaling.amazonaws.com"))
        .request(r#"{"granteePrincipal":"autoscaling.<region>.amazonaws.com","constraints":{"encryptionContextSubset":{"aws:ebs:id":"<volume>"}},"keyId":"arn:aws:kms:<region>:<account>:key/<kmskey>","operations":["GenerateDataKeyWithoutPlaintext","Decrypt"]}"#)
        .response(r#"{"grantId":"<digest>","keyId":"arn:aws:kms:<region>:<account>:key/<kmskey>"}"#)
        .resources(KMS_KEY),
    write("kms", "RotateKey")
        .by(By::Service("kms.amazonaws.com"))
        .kind(Kind::ServiceEvent)
        .extra(r#"{"keyId":"<kmskey>"}"#)
        .resources(KMS_KEY),
    // --- Organizations ---
    read("organizations", "ListAccounts"),
    read("organizations", "DescribeOrganization"),
    read("organizations", "DescribeAccount").request(r#"{"accountId":"<account>"}"#),
    read("organizations", "ListPolicies").request(r#"{"filter":"SERVICE_CONTROL_POLICY"}"#),
];
