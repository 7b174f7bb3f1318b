//! Machines and containers: EC2, Auto Scaling, load balancing, Lambda, ECS, ECR and SSM.

use crate::event::{Event, fails, read, write};

const NO_INSTANCE: &str = "The instance ID '<instance>' does not exist";
const NO_SUCH_FUNCTION: &str =
    "Function not found: arn:aws:lambda:<region>:<account>:function:<function>-v2";

pub const EVENTS: &[Event] = &[
    // --- EC2 ---
    read("ec2", "DescribeInstances").request(r#"{"maxResults":1000,"instancesSet":{},"filterSet":{}}"#),
    read("ec2", "DescribeInstances")
        .variant("one")
        .request(r#"{"instancesSet":{"items":[{"instanceId":"<instance>"}]},"filterSet":{}}"#)
        .failures(&[fails(8, "Client.InvalidInstanceID.NotFound", NO_INSTANCE)]),
    read("ec2", "DescribeInstanceStatus").request(r#"{"instancesSet":{"items":[{"instanceId":"<instance>"}]},"filterSet":{},"includeAllInstances":true}"#),
    read("ec2", "DescribeInstanceAttribute").request(r#"{"instanceId":"<instance>","attribute":"userData"}"#),
    read("ec2", "DescribeInstanceTypes").request(r#"{"DescribeInstanceTypesRequest":{"InstanceType":[{"tag":1,"content":"m7g.large"}]}}"#),
    read("ec2", "DescribeImages").request(r#"{"imagesSet":{"items":[{"imageId":"<image>"}]},"filterSet":{},"ownersSet":{},"executableBySet":{}}"#),
    read("ec2", "DescribeTags").request(r#"{"filterSet":{"items":[{"name":"resource-id","valueSet":{"items":[{"value":"<instance>"}]}}]}}"#),
    read("ec2", "DescribeVolumes").request(r#"{"volumeSet":{},"filterSet":{"items":[{"name":"attachment.instance-id","valueSet":{"items":[{"value":"<instance>"}]}}]}}"#),
    read("ec2", "DescribeSnapshots").request(r#"{"maxResults":1000,"snapshotSet":{},"ownersSet":{"items":[{"owner":"self"}]},"sharedUsersSet":{},"filterSet":{}}"#),
    read("ec2", "DescribeSecurityGroups").request(r#"{"securityGroupSet":{},"securityGroupIdSet":{"items":[{"groupId":"<sg>"}]},"filterSet":{}}"#),
    read("ec2", "DescribeSecurityGroupRules").request(r#"{"DescribeSecurityGroupRulesRequest":{"Filter":{"tag":1,"Name":"group-id","Value":{"tag":1,"content":"<sg>"}},"MaxResults":1000}}"#),
    read("ec2", "DescribeSubnets").request(r#"{"subnetSet":{"items":[{"subnetId":"<subnet>"}]},"filterSet":{}}"#),
    read("ec2", "DescribeVpcs").request(r#"{"vpcSet":{"items":[{"vpcId":"<vpc>"}]},"filterSet":{}}"#),
    read("ec2", "DescribeVpcEndpoints").request(r#"{"DescribeVpcEndpointsRequest":""}"#),
    read("ec2", "DescribeRouteTables").request(r#"{"routeTableIdSet":{},"filterSet":{"items":[{"name":"vpc-id","valueSet":{"items":[{"value":"<vpc>"}]}}]}}"#),
    read("ec2", "DescribeNetworkInterfaces").request(r#"{"networkInterfaceIdSet":{},"filterSet":{"items":[{"name":"group-id","valueSet":{"items":[{"value":"<sg>"}]}}]}}"#),
    read("ec2", "DescribeAddresses").request(r#"{"publicIpsSet":{},"filterSet":{},"allocationIdsSet":{}}"#),
    read("ec2", "DescribeRegions").request(r#"{"regionSet":{},"allRegions":true}"#),
    read("ec2", "DescribeAvailabilityZones").request(r#"{"availabilityZoneSet":{},"availabilityZoneIdSet":{}}"#),
    read("ec2", "DescribeLaunchTemplateVersions").request(r#"{"DescribeLaunchTemplateVersionsRequest":{"LaunchTemplateName":"<asg>","LaunchTemplateVersion":{"tag":1,"content":"$Latest"}}}"#),
    write("ec2", "RunInstances")
        .request(r#"{"instancesSet":{"items":[{"imageId":"<image>","minCount":1,"maxCount":1}]},"instanceType":"m7g.large","blockDeviceMapping":{},"monitoring":{"enabled":false},"disableApiTermination":false,"clientToken":"fleet-<uuid>","subnetId":"<subnet>","tagSpecificationSet":{"items":[{"resourceType":"instance","tags":[{"key":"aws:autoscaling:groupName","value":"<asg>"}]}]}}"#)
        .response(r#"{"requestId":"<requestid>","reservationId":"r-<hex>","ownerId":"<account>","groupSet":{},"instancesSet":{"items":[{"instanceId":"<instance>","imageId":"<image>","instanceState":{"code":0,"name":"pending"},"privateDnsName":"","instanceType":"m7g.large","launchTime":<millis>,"placement":{"availabilityZone":"<region>a","tenancy":"default"},"monitoring":{"state":"disabled"},"subnetId":"<subnet>","vpcId":"<vpc>","privateIpAddress":"<privateaddr>","architecture":"arm64","rootDeviceType":"ebs","virtualizationType":"hvm","hypervisor":"xen","groupSet":{"items":[{"groupId":"<sg>"}]},"ebsOptimized":true,"metadataOptions":{"state":"pending","httpTokens":"required","httpPutResponseHopLimit":2,"httpEndpoint":"enabled"}}]},"requesterId":"<account>"}"#)
        .failures(&[fails(20, "Server.InsufficientInstanceCapacity", "We currently do not have sufficient m7g.large capacity in the Availability Zone you requested (<region>a).")]),
    write("ec2", "TerminateInstances")
        .request(r#"{"instancesSet":{"items":[{"instanceId":"<instance>"}]}}"#)
        .response(r#"{"requestId":"<requestid>","instancesSet":{"items":[{"instanceId":"<instance>","currentState":{"code":32,"name":"shutting-down"},"previousState":{"code":16,"name":"running"}}]}}"#),
    write("ec2", "StartInstances")
        .request(r#"{"instancesSet":{"items":[{"instanceId":"<instance>"}]}}"#)
        .response(r#"{"requestId":"<requestid>","instancesSet":{"items":[{"instanceId":"<instance>","currentState":{"code":0,"name":"pending"},"previousState":{"code":80,"name":"stopped"}}]}}"#),
    write("ec2", "StopInstances")
        .request(r#"{"instancesSet":{"items":[{"instanceId":"<instance>"}]},"force":false}"#)
        .response(r#"{"requestId":"<requestid>","instancesSet":{"items":[{"instanceId":"<instance>","currentState":{"code":64,"name":"stopping"},"previousState":{"code":16,"name":"running"}}]}}"#),
    write("ec2", "CreateTags")
        .request(r#"{"resourcesSet":{"items":[{"resourceId":"<volume>"}]},"tagSet":{"items":[{"key":"team","value":"shop"}]}}"#)
        .response(r#"{"requestId":"<requestid>","_return":true}"#),
    write("ec2", "CreateSnapshot")
        .request(r#"{"volumeId":"<volume>","description":"daily"}"#)
        .response(r#"{"requestId":"<requestid>","snapshotId":"<snapshot>","volumeId":"<volume>","status":"pending","startTime":<millis>,"progress":"","ownerId":"<account>","volumeSize":"100","encrypted":true}"#),
    write("ec2", "DeleteSnapshot")
        .request(r#"{"snapshotId":"<snapshot>"}"#)
        .response(r#"{"requestId":"<requestid>","_return":true}"#)
        .failures(&[fails(30, "Client.InvalidSnapshot.InUse", "The snapshot <snapshot> is currently in use by <image>")]),
    write("ec2", "CreateNetworkInterface")
        .request(r#"{"subnetId":"<subnet>","description":"AWS Lambda VPC ENI-<function>-<uuid>","groupSet":{"items":[{"groupId":"<sg>"}]},"privateIpAddressesSet":{}}"#)
        .response(r#"{"requestId":"<requestid>","networkInterface":{"networkInterfaceId":"<eni>","subnetId":"<subnet>","vpcId":"<vpc>","ownerId":"<account>","status":"pending","privateIpAddress":"<privateaddr>"}}"#),
    write("ec2", "DeleteNetworkInterface")
        .request(r#"{"networkInterfaceId":"<eni>"}"#)
        .response(r#"{"requestId":"<requestid>","_return":true}"#)
        .failures(&[fails(60, "Client.InvalidParameterValue", "Network interface '<eni>' is currently in use.")]),
    write("ec2", "AuthorizeSecurityGroupIngress")
        .request(r#"{"groupId":"<sg>","ipPermissions":{"items":[{"ipProtocol":"tcp","fromPort":5432,"toPort":5432,"groups":{},"ipRanges":{"items":[{"cidrIp":"10.22.0.0/16","description":"from the shop"}]},"ipv6Ranges":{},"prefixListIds":{}}]}}"#)
        .response(r#"{"requestId":"<requestid>","_return":true,"securityGroupRuleSet":{"items":[{"groupOwnerId":"<account>","groupId":"<sg>","securityGroupRuleId":"sgr-<hex>","isEgress":false,"ipProtocol":"tcp","fromPort":5432,"toPort":5432,"cidrIpv4":"10.22.0.0/16"}]}}"#)
        .failures(&[fails(40, "Client.InvalidPermission.Duplicate", "the specified rule \\\"peer: 10.22.0.0/16, TCP, from port: 5432, to port: 5432, ALLOW\\\" already exists")]),
    // The shop's own front door: open to the world, and meant to be.
    write("ec2", "AuthorizeSecurityGroupIngress")
        .variant("web")
        .request(r#"{"groupId":"<sg>","ipPermissions":{"items":[{"ipProtocol":"tcp","fromPort":443,"toPort":443,"groups":{},"ipRanges":{"items":[{"cidrIp":"0.0.0.0/0","description":"https"}]},"ipv6Ranges":{},"prefixListIds":{}}]}}"#)
        .response(r#"{"requestId":"<requestid>","_return":true,"securityGroupRuleSet":{"items":[{"groupOwnerId":"<account>","groupId":"<sg>","securityGroupRuleId":"sgr-<hex>","isEgress":false,"ipProtocol":"tcp","fromPort":443,"toPort":443,"cidrIpv4":"0.0.0.0/0"}]}}"#),
    // --- Auto Scaling and load balancing ---
    read("autoscaling", "DescribeAutoScalingGroups").request(r#"{"autoScalingGroupNames":["<asg>"]}"#),
    read("autoscaling", "DescribeScalingActivities").request(r#"{"autoScalingGroupName":"<asg>","maxRecords":20}"#),
    write("autoscaling", "SetDesiredCapacity").request(r#"{"autoScalingGroupName":"<asg>","desiredCapacity":<count>,"honorCooldown":true}"#),
    write("autoscaling", "CompleteLifecycleAction").request(r#"{"autoScalingGroupName":"<asg>","lifecycleHookName":"drain","lifecycleActionResult":"CONTINUE","instanceId":"<instance>"}"#),
    read("elasticloadbalancing", "DescribeLoadBalancers").request(r#"{"pageSize":400}"#),
    read("elasticloadbalancing", "DescribeTargetGroups").request(r#"{"loadBalancerArn":"arn:aws:elasticloadbalancing:<region>:<account>:loadbalancer/app/shop/<lb>"}"#),
    read("elasticloadbalancing", "DescribeTargetHealth").request(r#"{"targetGroupArn":"arn:aws:elasticloadbalancing:<region>:<account>:targetgroup/<service>/<lb>"}"#),
    read("elasticloadbalancing", "DescribeTags").request(r#"{"resourceArns":["arn:aws:elasticloadbalancing:<region>:<account>:loadbalancer/app/shop/<lb>"]}"#),
    write("elasticloadbalancing", "RegisterTargets")
        .request(r#"{"targetGroupArn":"arn:aws:elasticloadbalancing:<region>:<account>:targetgroup/<service>/<lb>","targets":[{"id":"<privateaddr>","port":8080}]}"#)
        .response("{}"),
    write("elasticloadbalancing", "DeregisterTargets")
        .request(r#"{"targetGroupArn":"arn:aws:elasticloadbalancing:<region>:<account>:targetgroup/<service>/<lb>","targets":[{"id":"<privateaddr>","port":8080}]}"#)
        .response("{}"),
    // --- Lambda ---
    read("lambda", "ListFunctions20150331").request(r#"{"maxItems":50}"#),
    read("lambda", "GetFunction20150331v2")
        .request(r#"{"functionName":"<function>"}"#)
        .failures(&[fails(20, "ResourceNotFoundException", NO_SUCH_FUNCTION)]),
    read("lambda", "GetPolicy20150331v2")
        .request(r#"{"functionName":"<function>"}"#)
        .failures(&[fails(250, "ResourceNotFoundException", "The resource you requested does not exist.")]),
    read("lambda", "ListTags20170331").request(r#"{"resource":"arn:aws:lambda:<region>:<account>:function:<function>"}"#),
    write("lambda", "UpdateFunctionCode20150331v2")
        .request(r#"{"functionName":"<function>","s3Bucket":"<bucket>","s3Key":"builds/<hex>.zip","publish":true}"#)
        .response(r#"{"functionName":"<function>","functionArn":"arn:aws:lambda:<region>:<account>:function:<function>","runtime":"python3.12","role":"arn:aws:iam::<account>:role/invoice-maker-exec","handler":"app.handler","codeSize":<size>,"timeout":30,"memorySize":512,"lastModified":"<time>","codeSha256":"<base64>","version":"<hundreds>","state":"Active","lastUpdateStatus":"InProgress","packageType":"Zip","architectures":["arm64"]}"#),
    write("lambda", "UpdateFunctionConfiguration20150331v2")
        .request(r#"{"functionName":"<function>","timeout":60,"environment":{}}"#)
        .response(r#"{"functionName":"<function>","environment":{},"timeout":60,"lastUpdateStatus":"InProgress"}"#),
    // --- ECS and ECR ---
    read("ecs", "DescribeServices").request(r#"{"cluster":"<cluster>","services":["<service>"]}"#),
    read("ecs", "DescribeClusters").request(r#"{"clusters":["<cluster>"],"include":["TAGS"]}"#),
    read("ecs", "DescribeTasks").request(r#"{"cluster":"<cluster>","tasks":["<task>"]}"#),
    read("ecs", "DescribeTaskDefinition").request(r#"{"taskDefinition":"<service>:<hundreds>"}"#),
    read("ecs", "ListTasks").request(r#"{"cluster":"<cluster>","serviceName":"<service>"}"#),
    read("ecs", "ListServices").request(r#"{"cluster":"<cluster>"}"#),
    write("ecs", "RegisterTaskDefinition")
        .request(r#"{"family":"<service>","networkMode":"awsvpc","requiresCompatibilities":["FARGATE"],"cpu":"512","memory":"1024","containerDefinitions":[{"name":"app","image":"<account>.dkr.ecr.<region>.amazonaws.com/<repository>:<hex>","essential":true,"portMappings":[{"containerPort":8080,"protocol":"tcp"}],"environment":"HIDDEN_DUE_TO_SECURITY_REASONS"}]}"#)
        .response(r#"{"taskDefinition":{"taskDefinitionArn":"arn:aws:ecs:<region>:<account>:task-definition/<service>:<hundreds>","family":"<service>","revision":<hundreds>,"status":"ACTIVE"}}"#),
    write("ecs", "UpdateService")
        .request(r#"{"cluster":"<cluster>","service":"<service>","taskDefinition":"<service>:<hundreds>","forceNewDeployment":false}"#)
        .response(r#"{"service":{"serviceArn":"arn:aws:ecs:<region>:<account>:service/<cluster>/<service>","serviceName":"<service>","status":"ACTIVE","desiredCount":<count>,"runningCount":<count>}}"#),
    write("ecs", "RunTask")
        .request(r#"{"cluster":"<cluster>","taskDefinition":"<service>:<hundreds>","count":1,"launchType":"FARGATE","startedBy":"events-rule/nightly"}"#)
        .response(r#"{"tasks":[{"taskArn":"arn:aws:ecs:<region>:<account>:task/<cluster>/<task>","lastStatus":"PROVISIONING","desiredStatus":"RUNNING"}],"failures":[]}"#),
    write("ecs", "SubmitTaskStateChange")
        .request(r#"{"cluster":"<cluster>","task":"arn:aws:ecs:<region>:<account>:task/<cluster>/<task>","status":"RUNNING"}"#)
        .response(r#"{"acknowledgment":"ACK"}"#),
    read("ecr", "GetAuthorizationToken"),
    read("ecr", "DescribeRepositories").request(r#"{"maxResults":100}"#),
    read("ecr", "BatchGetImage")
        .request(r#"{"registryId":"<account>","repositoryName":"<repository>","imageIds":[{"imageDigest":"sha256:<digest>"}],"acceptedMediaTypes":["application/vnd.oci.image.manifest.v1+json"]}"#)
        .resources(r#"[{"accountId":"<account>","ARN":"arn:aws:ecr:<region>:<account>:repository/<repository>"}]"#),
    read("ecr", "GetDownloadUrlForLayer")
        .request(r#"{"registryId":"<account>","repositoryName":"<repository>","layerDigest":"sha256:<digest>"}"#)
        .resources(r#"[{"accountId":"<account>","ARN":"arn:aws:ecr:<region>:<account>:repository/<repository>"}]"#),
    read("ecr", "DescribeImages")
        .request(r#"{"repositoryName":"<repository>","imageIds":[{"imageTag":"<hex>"}]}"#)
        .failures(&[fails(30, "ImageNotFoundException", "The image with imageId {imageDigest:'null', imageTag:'<hex>'} does not exist within the repository with name '<repository>' in the registry with id '<account>'")]),
    write("ecr", "PutImage")
        .request(r#"{"registryId":"<account>","repositoryName":"<repository>","imageTag":"<hex>","imageManifestMediaType":"application/vnd.oci.image.manifest.v1+json"}"#)
        .response(r#"{"image":{"registryId":"<account>","repositoryName":"<repository>","imageId":{"imageDigest":"sha256:<digest>","imageTag":"<hex>"}}}"#)
        .resources(r#"[{"accountId":"<account>","ARN":"arn:aws:ecr:<region>:<account>:repository/<repository>"}]"#),
    // --- Systems Manager ---
    write("ssm", "UpdateInstanceInformation").request(r#"{"instanceId":"<instance>","agentVersion":"3.3.987.0","agentStatus":"Active","platformType":"Linux","platformName":"Amazon Linux","platformVersion":"2023","iPAddress":"<privateaddr>","computerName":"ip-<hex>.<region>.compute.internal","agentName":"amazon-ssm-agent"}"#),
    read("ssm", "ListInstanceAssociations").request(r#"{"instanceId":"<instance>","maxResults":20}"#),
    read("ssm", "DescribeInstanceInformation").request(r#"{"maxResults":50}"#),
    read("ssm", "DescribeParameters").request(r#"{"maxResults":50}"#),
    read("ssm", "GetParameter")
        .request(r#"{"name":"<parameter>","withDecryption":true}"#)
        .resources(r#"[{"accountId":"<account>","ARN":"arn:aws:ssm:<region>:<account>:parameter<parameter>"}]"#)
        .failures(&[fails(12, "ParameterNotFound", "")]),
    read("ssm", "GetParametersByPath").request(r#"{"path":"/<env>/orders-api","recursive":true,"withDecryption":true,"maxResults":10}"#),
    write("ssm", "PutParameter")
        .request(r#"{"name":"<parameter>","value":"HIDDEN_DUE_TO_SECURITY_REASONS","type":"SecureString","overwrite":true}"#)
        .response(r#"{"version":<count>,"tier":"Standard"}"#),
    write("ssm", "SendCommand")
        .request(r#"{"documentName":"AWS-RunShellScript","instanceIds":["<instance>"],"parameters":"HIDDEN_DUE_TO_SECURITY_REASONS","comment":"rotate logs","interactive":false}"#)
        .response(r#"{"command":{"commandId":"<uuid>","documentName":"AWS-RunShellScript","status":"Pending","targetCount":1,"parameters":"HIDDEN_DUE_TO_SECURITY_REASONS"}}"#),
    write("ssm", "StartSession")
        .request(r#"{"target":"<instance>"}"#)
        .response(r#"{"sessionId":"<session>-<hex>","tokenValue":"Value hidden due to security reasons.","streamUrl":"wss://ssmmessages.<region>.amazonaws.com/v1/data-channel/<session>-<hex>?role=publish_subscribe"}"#),
    write("ssm", "TerminateSession")
        .request(r#"{"sessionId":"<session>-<hex>"}"#)
        .response(r#"{"sessionId":"<session>-<hex>"}"#),
];
