//! Where data lies: S3, DynamoDB, RDS, Secrets Manager, Glue, Athena, Lake Formation and Backup.

use crate::event::{By, Event, Kind, fails, read, write};

const TRANSFER: &str = r#"{"SignatureVersion":"SigV4","CipherSuite":"TLS_AES_128_GCM_SHA256","bytesTransferredIn":0,"AuthenticationMethod":"AuthHeader","x-amz-id-2":"<base64>","bytesTransferredOut":<hundreds>}"#;
const DOWNLOAD: &str = r#"{"SignatureVersion":"SigV4","CipherSuite":"TLS_AES_128_GCM_SHA256","bytesTransferredIn":0,"SSEApplied":"SSE_KMS","AuthenticationMethod":"AuthHeader","x-amz-id-2":"<base64>","bytesTransferredOut":<bytes>}"#;
const UPLOAD: &str = r#"{"SignatureVersion":"SigV4","CipherSuite":"TLS_AES_128_GCM_SHA256","bytesTransferredIn":<bytes>,"SSEApplied":"SSE_KMS","AuthenticationMethod":"AuthHeader","x-amz-id-2":"<base64>","bytesTransferredOut":0}"#;
const CUSTOMER_OBJECT: &str = r#"[{"type":"AWS::S3::Object","ARN":"arn:aws:s3:::<customerbucket>/<objectkey>"},{"accountId":"<account>","type":"AWS::S3::Bucket","ARN":"arn:aws:s3:::<customerbucket>"}]"#;
const CUSTOMER_REQUEST: &str = r#"{"bucketName":"<customerbucket>","Host":"<customerbucket>.s3.<region>.amazonaws.com","key":"<objectkey>"}"#;
const BUCKET: &str =
    r#"[{"accountId":"<account>","type":"AWS::S3::Bucket","ARN":"arn:aws:s3:::<bucket>"}]"#;
const EXPORT_REQUEST: &str = r#"{"bucketName":"hoshizora-prod-exports","Host":"hoshizora-prod-exports.s3.<region>.amazonaws.com","key":"<day>/<uuid>.json.gz"}"#;
const EXPORT_OBJECT: &str = r#"[{"type":"AWS::S3::Object","ARN":"arn:aws:s3:::hoshizora-prod-exports/<day>/<uuid>.json.gz"},{"accountId":"<account>","type":"AWS::S3::Bucket","ARN":"arn:aws:s3:::hoshizora-prod-exports"}]"#;

/// A question about a bucket's settings.
const fn setting(name: &'static str, request: &'static str) -> Event {
    read("s3", name).request(request).extra(TRANSFER).resources(BUCKET)
}

pub const EVENTS: &[Event] = &[
    // --- S3, the buckets themselves ---
    read("s3", "ListBuckets").request(r#"{"Host":"s3.<region>.amazonaws.com"}"#).extra(TRANSFER),
    setting("GetBucketLocation", r#"{"bucketName":"<bucket>","Host":"<bucket>.s3.<region>.amazonaws.com","location":""}"#),
    setting("GetBucketVersioning", r#"{"bucketName":"<bucket>","Host":"<bucket>.s3.<region>.amazonaws.com","versioning":""}"#),
    setting("GetBucketEncryption", r#"{"bucketName":"<bucket>","Host":"<bucket>.s3.<region>.amazonaws.com","encryption":""}"#),
    setting("GetBucketAcl", r#"{"bucketName":"<bucket>","Host":"<bucket>.s3.<region>.amazonaws.com","acl":""}"#),
    setting("GetBucketPolicy", r#"{"bucketName":"<bucket>","Host":"<bucket>.s3.<region>.amazonaws.com","policy":""}"#)
        .failures(&[fails(350, "NoSuchBucketPolicy", "The bucket policy does not exist")]),
    setting("GetBucketTagging", r#"{"bucketName":"<bucket>","Host":"<bucket>.s3.<region>.amazonaws.com","tagging":""}"#)
        .failures(&[fails(200, "NoSuchTagSet", "The TagSet does not exist")]),
    setting("GetBucketLifecycle", r#"{"bucketName":"<bucket>","Host":"<bucket>.s3.<region>.amazonaws.com","lifecycle":""}"#)
        .failures(&[fails(400, "NoSuchLifecycleConfiguration", "The lifecycle configuration does not exist")]),
    setting("GetBucketPublicAccessBlock", r#"{"publicAccessBlock":"","bucketName":"<bucket>","Host":"<bucket>.s3.<region>.amazonaws.com"}"#)
        .failures(&[fails(120, "NoSuchPublicAccessBlockConfiguration", "The public access block configuration was not found")]),
    // CloudTrail looks at its bucket before it delivers.
    read("s3", "GetBucketAcl")
        .variant("cloudtrail")
        .by(By::Service("cloudtrail.amazonaws.com"))
        .request(r#"{"bucketName":"hoshizora-org-trail","Host":"hoshizora-org-trail.s3.<region>.amazonaws.com","acl":""}"#)
        .extra(TRANSFER)
        .resources(r#"[{"accountId":"<account>","type":"AWS::S3::Bucket","ARN":"arn:aws:s3:::hoshizora-org-trail"}]"#),
    write("s3", "PutBucketTagging").request(r#"{"tagging":"","bucketName":"<bucket>","Host":"<bucket>.s3.<region>.amazonaws.com","Tagging":{"TagSet":{"Tag":[{"Key":"team","Value":"shop"}]}}}"#).extra(TRANSFER).resources(BUCKET),
    // --- S3, objects: the customer data, and the prod exports ---
    read("s3", "ListObjects").kind(Kind::Data).request(r#"{"list-type":"2","bucketName":"<customerbucket>","encoding-type":"url","prefix":"orders/","delimiter":"/","Host":"<customerbucket>.s3.<region>.amazonaws.com"}"#).extra(TRANSFER).resources(r#"[{"type":"AWS::S3::Object","ARNPrefix":"arn:aws:s3:::<customerbucket>/orders/"},{"accountId":"<account>","type":"AWS::S3::Bucket","ARN":"arn:aws:s3:::<customerbucket>"}]"#),
    read("s3", "GetObject").kind(Kind::Data).request(CUSTOMER_REQUEST).extra(DOWNLOAD).resources(CUSTOMER_OBJECT)
        .failures(&[fails(6, "NoSuchKey", "The specified key does not exist.")]),
    read("s3", "HeadObject").kind(Kind::Data).request(CUSTOMER_REQUEST).extra(TRANSFER).resources(CUSTOMER_OBJECT)
        .failures(&[fails(60, "NoSuchKey", "The specified key does not exist.")]),
    write("s3", "PutObject").kind(Kind::Data).request(CUSTOMER_REQUEST).response(r#"{"x-amz-server-side-encryption":"aws:kms","x-amz-server-side-encryption-aws-kms-key-id":"arn:aws:kms:<region>:<account>:key/<kmskey>"}"#).extra(UPLOAD).resources(CUSTOMER_OBJECT),
    write("s3", "PutObject").variant("export").kind(Kind::Data).request(EXPORT_REQUEST).response(r#"{"x-amz-server-side-encryption":"AES256"}"#).extra(UPLOAD).resources(EXPORT_OBJECT),
    read("s3", "GetObject").variant("export").kind(Kind::Data).request(EXPORT_REQUEST).extra(DOWNLOAD).resources(EXPORT_OBJECT),
    // --- DynamoDB ---
    read("dynamodb", "DescribeTable")
        .request(r#"{"tableName":"<table>"}"#)
        .resources(r#"[{"accountId":"<account>","type":"AWS::DynamoDB::Table","ARN":"arn:aws:dynamodb:<region>:<account>:table/<table>"}]"#)
        .failures(&[fails(5, "ResourceNotFoundException", "Requested resource not found: Table: <table> not found")]),
    read("dynamodb", "ListTables").request(r#"{"limit":100}"#),
    read("dynamodb", "DescribeContinuousBackups").request(r#"{"tableName":"<table>"}"#),
    write("dynamodb", "UpdateTable").request(r#"{"tableName":"<table>","billingMode":"PAY_PER_REQUEST"}"#).response(r#"{"tableDescription":{"tableName":"<table>","tableStatus":"UPDATING","itemCount":<size>}}"#),
    // --- RDS ---
    read("rds", "DescribeDBInstances").request(r#"{"maxRecords":100}"#),
    read("rds", "DescribeDBClusters").request(r#"{"maxRecords":100}"#),
    read("rds", "DescribeDBSnapshots").request(r#"{"dBInstanceIdentifier":"<db>","includeShared":false,"includePublic":false}"#),
    read("rds", "ListTagsForResource").request(r#"{"resourceName":"arn:aws:rds:<region>:<account>:db:<db>"}"#),
    read("rds", "DescribeDBLogFiles").request(r#"{"dBInstanceIdentifier":"<db>"}"#),
    write("rds", "CreateDBSnapshot")
        .request(r#"{"dBInstanceIdentifier":"<db>","dBSnapshotIdentifier":"<db>-<hex>"}"#)
        .response(r#"{"dBSnapshotIdentifier":"<db>-<hex>","dBInstanceIdentifier":"<db>","engine":"postgres","allocatedStorage":200,"status":"creating","port":5432,"masterUsername":"shop","engineVersion":"16.4","snapshotType":"manual","encrypted":true}"#),
    write("rds", "ModifyDBInstance")
        .request(r#"{"dBInstanceIdentifier":"<db>","masterUserPassword":"HIDDEN_DUE_TO_SECURITY_REASONS","applyImmediately":true,"allowMajorVersionUpgrade":false}"#)
        .response(r#"{"dBInstanceIdentifier":"<db>","dBInstanceClass":"db.r7g.large","engine":"postgres","dBInstanceStatus":"available","masterUsername":"shop","pendingModifiedValues":{"masterUserPassword":"HIDDEN_DUE_TO_SECURITY_REASONS"},"multiAZ":true}"#),
    // Developers throw their copies away, with a last snapshot.
    write("rds", "DeleteDBInstance")
        .request(r#"{"dBInstanceIdentifier":"<db>","skipFinalSnapshot":false,"finalDBSnapshotIdentifier":"<db>-final","deleteAutomatedBackups":true}"#)
        .response(r#"{"dBInstanceIdentifier":"<db>","dBInstanceClass":"db.t4g.medium","engine":"postgres","dBInstanceStatus":"deleting","masterUsername":"shop","allocatedStorage":20,"deletionProtection":false}"#)
        .failures(&[fails(80, "InvalidDBInstanceStateFault", "Instance <db> is already being deleted.")]),
    // --- Secrets Manager ---
    read("secretsmanager", "GetSecretValue")
        .request(r#"{"secretId":"<secret>"}"#)
        .failures(&[fails(4, "ResourceNotFoundException", "Secrets Manager can't find the specified secret.")]),
    read("secretsmanager", "DescribeSecret").request(r#"{"secretId":"<secret>"}"#),
    read("secretsmanager", "ListSecrets").request(r#"{"maxResults":100}"#),
    write("secretsmanager", "PutSecretValue")
        .request(r#"{"secretId":"<secret>","clientRequestToken":"<uuid>","versionStages":["AWSPENDING"]}"#)
        .response(r#"{"arn":"arn:aws:secretsmanager:<region>:<account>:secret:<secret>-qT7xPw","name":"<secret>","versionId":"<uuid>","versionStages":["AWSPENDING"]}"#),
    write("secretsmanager", "RotationSucceeded")
        .by(By::Service("secretsmanager.amazonaws.com"))
        .kind(Kind::ServiceEvent)
        .extra(r#"{"SecretId":"arn:aws:secretsmanager:<region>:<account>:secret:<secret>-qT7xPw"}"#),
    // --- analysis ---
    read("glue", "GetDatabases"),
    read("glue", "GetTables").request(r#"{"databaseName":"shop"}"#),
    read("glue", "GetTable").request(r#"{"databaseName":"shop","name":"<gluetable>"}"#)
        .failures(&[fails(25, "EntityNotFoundException", "Table <gluetable>_v2 not found.")]),
    read("glue", "GetPartitions").request(r#"{"databaseName":"shop","tableName":"<gluetable>","expression":"(day = '<day>')"}"#),
    write("glue", "BatchCreatePartition").request(r#"{"databaseName":"shop","tableName":"<gluetable>","partitionInputList":[{"values":["<day>"]}]}"#).response(r#"{"errors":[]}"#),
    write("athena", "StartQueryExecution")
        .request(r#"{"queryString":"***OMITTED***","clientRequestToken":"<uuid>","queryExecutionContext":{"catalog":"AwsDataCatalog","database":"shop"},"workGroup":"<workgroup>"}"#)
        .response(r#"{"queryExecutionId":"<uuid2>"}"#),
    read("athena", "GetQueryExecution").request(r#"{"queryExecutionId":"<uuid2>"}"#),
    read("athena", "GetQueryResults").request(r#"{"queryExecutionId":"<uuid2>","maxResults":100}"#),
    read("lakeformation", "GetDataAccess")
        .by(By::Forwarded("athena.amazonaws.com"))
        .request(r#"{"tableArn":"arn:aws:glue:<region>:<account>:table/shop/<gluetable>","permissions":["SELECT"],"durationSeconds":3600,"auditContext":{"additionalAuditContext":"{queryId: <uuid>}"}}"#)
        .extra(r#"{"requesterService":"UNKNOWN","LakeFormationTrustedCallerInvocation":"true","lakeFormationPrincipal":"<arn>","lakeFormationRoleSessionName":"AWSLF-00-AT-<account>-<hex>"}"#),
    write("backup", "BackupJobCompleted")
        .by(By::Service("backup.amazonaws.com"))
        .kind(Kind::ServiceEvent)
        .extra(r#"{"backupJobId":"<uuid>","state":"COMPLETED","resourceType":"DynamoDB","backupSizeInBytes":<size>}"#),
];
