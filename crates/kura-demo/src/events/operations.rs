//! Watching and running things: logs, metrics, trails, compliance, stacks, queues, edges and bills.

use crate::event::{By, Event, fails, read, write};

pub const EVENTS: &[Event] = &[
    // --- CloudWatch ---
    read("logs", "DescribeLogGroups").request(r#"{"limit":50}"#),
    read("logs", "DescribeLogStreams").request(r#"{"logGroupName":"<loggroup>","orderBy":"LastEventTime","descending":true,"limit":50}"#),
    read("logs", "FilterLogEvents").request(r#"{"logGroupName":"<loggroup>","startTime":<millis>,"filterPattern":"ERROR"}"#),
    read("logs", "StartQuery").request(r#"{"logGroupNames":["<loggroup>"],"startTime":<millis>,"queryString":"fields @timestamp, @message | sort @timestamp desc | limit 100"}"#).response(r#"{"queryId":"<uuid>"}"#),
    read("logs", "GetQueryResults").request(r#"{"queryId":"<uuid>"}"#),
    write("logs", "CreateLogStream")
        .request(r#"{"logGroupName":"<loggroup>","logStreamName":"<day>/[$LATEST]<hex>"}"#)
        .failures(&[fails(15, "ResourceAlreadyExistsException", "The specified log stream already exists")]),
    write("logs", "CreateLogGroup")
        .request(r#"{"logGroupName":"<loggroup>"}"#)
        .failures(&[fails(700, "ResourceAlreadyExistsException", "The specified log group already exists")]),
    read("monitoring", "DescribeAlarms").request(r#"{"maxRecords":100}"#),
    read("monitoring", "ListMetrics").request(r#"{"namespace":"AWS/ApplicationELB"}"#),
    write("monitoring", "PutMetricAlarm").request(r#"{"alarmName":"<alarm>","metricName":"HTTPCode_Target_5XX_Count","namespace":"AWS/ApplicationELB","statistic":"Sum","period":60,"threshold":<count>,"evaluationPeriods":3,"comparisonOperator":"GreaterThanThreshold"}"#),
    // --- trails and compliance ---
    read("cloudtrail", "DescribeTrails").request(r#"{"includeShadowTrails":true}"#),
    read("cloudtrail", "GetTrailStatus").request(r#"{"name":"arn:aws:cloudtrail:<region>:<account>:trail/hoshizora-<env>-trail"}"#),
    read("cloudtrail", "GetEventSelectors").request(r#"{"trailName":"arn:aws:cloudtrail:<region>:<account>:trail/hoshizora-<env>-trail"}"#),
    read("cloudtrail", "LookupEvents").request(r#"{"maxResults":50}"#)
        .failures(&[fails(40, "ThrottlingException", "Rate exceeded")]),
    read("config", "DescribeConfigRules").request(r#"{"configRuleNames":["<rule>"]}"#),
    read("config", "DescribeConfigurationRecorderStatus"),
    read("config", "SelectResourceConfig").request(r#"{"expression":"SELECT resourceId WHERE resourceType = 'AWS::EC2::Instance'","limit":100}"#),
    write("config", "PutEvaluations").request(r#"{"evaluations":[{"complianceResourceType":"AWS::S3::Bucket","complianceResourceId":"<bucket>","complianceType":"COMPLIANT","orderingTimestamp":"<expiry>"}],"testMode":false,"resultToken":"<base64>"}"#).response(r#"{"failedEvaluations":[]}"#),
    read("guardduty", "ListDetectors"),
    read("guardduty", "ListFindings").request(r#"{"detectorId":"<detector>","findingCriteria":{"criterion":{"service.archived":{"eq":["false"]}}},"maxResults":50}"#),
    read("guardduty", "GetFindings").request(r#"{"detectorId":"<detector>","findingIds":["<hex>"]}"#),
    read("securityhub", "GetFindings").request(r#"{"Filters":{"RecordState":[{"Value":"ACTIVE","Comparison":"EQUALS"}]},"MaxResults":100}"#),
    write("securityhub", "BatchImportFindings")
        .by(By::Service("config.amazonaws.com"))
        .request(r#"{"Findings":"HIDDEN_DUE_TO_SECURITY_REASONS"}"#)
        .response(r#"{"FailedCount":0,"SuccessCount":<count>,"FailedFindings":[]}"#),
    read("access-analyzer", "ListFindingsV2").request(r#"{"analyzerArn":"arn:aws:access-analyzer:<region>:<account>:analyzer/organisation"}"#),
    // --- stacks ---
    read("cloudformation", "DescribeStacks").request(r#"{"stackName":"<stack>"}"#)
        .failures(&[fails(60, "ValidationException", "Stack with id <stack>-preview does not exist")]),
    read("cloudformation", "DescribeStackEvents").request(r#"{"stackName":"<stack>"}"#),
    read("cloudformation", "ListStacks").request(r#"{"stackStatusFilter":["CREATE_COMPLETE","UPDATE_COMPLETE"]}"#),
    write("cloudformation", "CreateChangeSet")
        .request(r#"{"stackName":"<stack>","changeSetName":"deploy-<hex>","capabilities":["CAPABILITY_IAM"],"templateURL":"https://<bucket>.s3.<region>.amazonaws.com/<hex>.yaml"}"#)
        .response(r#"{"id":"arn:aws:cloudformation:<region>:<account>:changeSet/deploy-<hex>/<uuid>","stackId":"arn:aws:cloudformation:<region>:<account>:stack/<stack>/<uuid2>"}"#),
    write("cloudformation", "ExecuteChangeSet").request(r#"{"stackName":"<stack>","changeSetName":"deploy-<hex>"}"#),
    // --- queues and events ---
    read("sqs", "GetQueueAttributes").request(r#"{"queueUrl":"https://sqs.<region>.amazonaws.com/<account>/<queue>","attributeNames":["ApproximateNumberOfMessages"]}"#),
    read("sqs", "ListQueues"),
    read("sns", "ListTopics"),
    read("sns", "GetTopicAttributes").request(r#"{"topicArn":"arn:aws:sns:<region>:<account>:<topic>"}"#),
    read("events", "ListRules").request(r#"{"eventBusName":"default"}"#),
    write("events", "PutRule").request(r#"{"name":"nightly","scheduleExpression":"cron(0 17 * * ? *)","state":"ENABLED"}"#).response(r#"{"ruleArn":"arn:aws:events:<region>:<account>:rule/nightly"}"#),
    read("states", "ListExecutions").request(r#"{"stateMachineArn":"arn:aws:states:<region>:<account>:stateMachine:orders","maxResults":100}"#),
    // --- edges and names ---
    read("cloudfront", "ListDistributions"),
    read("cloudfront", "GetDistributionConfig").request(r#"{"id":"<distribution>"}"#),
    write("cloudfront", "CreateInvalidation")
        .request(r#"{"distributionId":"<distribution>","invalidationBatch":{"callerReference":"<uuid>","paths":{"quantity":1,"items":["/*"]}}}"#)
        .response(r#"{"location":"https://cloudfront.amazonaws.com/2020-05-31/distribution/<distribution>/invalidation/I<hex>","invalidation":{"id":"I<hex>","status":"InProgress","createTime":"<expiry>"}}"#),
    read("route53", "ListHostedZones"),
    read("route53", "ListResourceRecordSets").request(r#"{"hostedZoneId":"<zone>"}"#)
        .failures(&[fails(25, "ThrottlingException", "Rate exceeded")]),
    write("route53", "ChangeResourceRecordSets")
        .request(r#"{"hostedZoneId":"<zone>","changeBatch":{"changes":[{"action":"UPSERT","resourceRecordSet":{"name":"api.hoshizora.example","type":"A","aliasTarget":{"hostedZoneId":"<zone>","dNSName":"dualstack.shop-<lb>.<region>.elb.amazonaws.com","evaluateTargetHealth":true}}}]}}"#)
        .response(r#"{"changeInfo":{"id":"/change/C<hex>","status":"PENDING","submittedAt":"<expiry>"}}"#),
    read("acm", "ListCertificates").request(r#"{"maxItems":1000}"#),
    read("acm", "DescribeCertificate").request(r#"{"certificateArn":"arn:aws:acm:<region>:<account>:certificate/<certificate>"}"#),
    read("wafv2", "GetWebACL").request(r#"{"name":"shop","scope":"REGIONAL","id":"<uuid>"}"#),
    // --- money and health ---
    read("ce", "GetAnomalyMonitors").request(r#"{"maxResults":20}"#),
    read("ce", "ListCostCategoryDefinitions").request(r#"{"maxResults":50}"#),
    read("health", "DescribeEventAggregates").request(r#"{"filter":{"eventStatusCodes":["open","upcoming"],"startTimes":[{"from":"<expiry>"}]},"aggregateField":"eventTypeCategory"}"#),
    read("notifications", "ListNotificationHubs"),
    read("servicequotas", "ListServiceQuotas").request(r#"{"serviceCode":"ec2"}"#),
    read("tagging", "GetResources").request(r#"{"resourcesPerPage":100,"tagFilters":[{"key":"team"}]}"#),
];
