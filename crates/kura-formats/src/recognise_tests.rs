//! Recognition over all formats, in tables: by content, by key, and what is no log at all.

use expect_test::expect;
use kura_core::time::rfc3339;

use super::*;

/// Three records of a format, as an object holds them.
fn samples(format: &dyn Format) -> String {
    let sample = |number: u32| format.description().sample.replace("{n}", &number.to_string());
    (100..103).map(|number| sample(number) + "\n").collect()
}

#[test]
fn every_format_knows_its_own_sample() {
    let wrong = ALL.iter().filter_map(|format| {
        let (name, by) = recognised("", &samples(format.as_ref()));
        let is_right = name == format.name() && by == By::Content;
        (!is_right).then(|| format!("{} as {name}", format.name()))
    });
    assert_eq!(wrong.collect::<Vec<_>>(), [""; 0]);
}

/// One may be behind another in `ALL` because its records are of that kind, too.
#[test]
fn a_sample_is_of_one_kind() {
    let mut also = String::new();
    for format in ALL.iter() {
        let object = samples(format.as_ref());
        let head = head_of(&object).expect("a head");
        let takes = |other: &&Arc<dyn Format>| {
            !other.is_general()
                && other.name() != format.name()
                && other.recognise_head(&head) == Some(HeadSays::Records)
        };
        for other in ALL.iter().filter(takes) {
            also.push_str(&format!("{} is {}, too\n", format.name(), other.name()));
        }
    }
    expect![[r#"
        verifiedaccess is ocsf, too
        cur2 is cur, too
    "#]]
    .assert_eq(&also);
}

/// `format account region time` as the key says them.
fn said(path: &str) -> String {
    match Catalogue::default().recognise_key(path) {
        Some(Recognised::Records { format, facts }) => {
            let time = facts.time.map(|time| rfc3339(time).replace(":00.000000Z", ""));
            let facts = [facts.account, facts.region, time].map(|fact| fact.unwrap_or("-".into()));
            format!("{} {}", format.name(), facts.join(" "))
        }
        Some(Recognised::Nothing(what)) => format!("no records: {what}"),
        _ => "-".to_owned(),
    }
}

const KEYS: &[&str] = &[
    "AWSLogs/210987654321/CloudTrail/eu-west-1/2026/11/20/210987654321_CloudTrail_eu-west-1_20261120T1005Z_Ab3dEf6hIj9lMn2p.json.gz",
    "my/trail/AWSLogs/o-a1b2c3d4e5/210987654321/CloudTrail/us-gov-west-1/2026/11/20/210987654321_CloudTrail_us-gov-west-1_20261120T1005Z_Ab3dEf6hIj9lMn2p.json.gz",
    "AWSLogs/210987654321/CloudTrail-Digest/eu-west-1/2026/11/20/210987654321_CloudTrail-Digest_eu-west-1_all_us-east-1_20261120T100501Z.json.gz",
    "AWSLogs/210987654321/CloudTrail-Insight/cn-north-1/2026/11/20/210987654321_CloudTrail-Insight_cn-north-1_20261120T1005Z_Ab3d.json.gz",
    "AWSLogs/210987654321/CloudTrail-NetworkActivity/eu-west-1/2026/11/20/210987654321_CloudTrail-NetworkActivity_eu-west-1_20261120T1005Z_Ab3d.json.gz",
    "AWSLogs/210987654321/CloudTrail-Aggregated/eu-west-1/2026/11/20/210987654321_CloudTrail-Aggregated_eu-west-1_20261120T1005Z_Ab3d.json.gz",
    "AWSLogs/210987654321/CloudTrail-Lake/Query/2026/11/20/0a1b/result_sign.json",
    "AWSLogs/210987654321/CloudTrail-Lake/Query/2026/11/20/0a1b/result_1.csv.gz",
    "AWSLogs/210987654321/vpcflowlogs/cn-north-1/2026/11/20/210987654321_vpcflowlogs_cn-north-1_fl-0123456789abcdef0_20261120T1005Z_0123abcd.log.gz",
    "flows/AWSLogs/aws-account-id=210987654321/aws-service=vpcflowlogs/aws-region=us-east-1/year=2026/month=11/day=20/hour=10/210987654321_vpcflowlogs_us-east-1_fl-0123_20261120T1005Z_0123.log.parquet",
    "AWSLogs/210987654321/elasticloadbalancing/us-gov-east-1/2026/11/20/210987654321_elasticloadbalancing_us-gov-east-1_app.my-lb.50dc6c495c0c9188_20261120T1005Z_192.0.2.10_5tq2r8s1.log.gz",
    "p/AWSLogs/210987654321/elasticloadbalancing/eu-west-1/2026/11/20/conn_log.210987654321_elasticloadbalancing_eu-west-1_app.my-lb.50dc6c495c0c9188_20261120T1005Z_192.0.2.10_5tq2r8s1.log.gz",
    "AWSLogs/210987654321/elasticloadbalancing/eu-west-1/2026/11/20/health_check_log.210987654321_elasticloadbalancing_eu-west-1_app.my-lb.50dc_20261120T1005Z_192.0.2.10_5tq2.log.gz",
    "AWSLogs/210987654321/elasticloadbalancing/eu-west-1/2026/11/20/210987654321_elasticloadbalancing_eu-west-1_net.my-nlb.c6e77e28c25b2234_20261120T1005Z_5tq2r8s1.log.gz",
    "AWSLogs/210987654321/elasticloadbalancing/eu-west-1/2026/11/20/210987654321_elasticloadbalancing_eu-west-1_my-lb_20261120T1005Z_192.0.2.10_5tq2r8s1.log",
    "AWSLogs/210987654321/ELBAccessLogTestFile",
    "AWSLogs/210987654321/WAFLogs/eu-west-1/shop_acl/2026/11/20/10/05/210987654321_waflogs_eu-west-1_shop_acl_20261120T1005Z_a1b2c3d4.log.gz",
    "AWSLogs/210987654321/WAFLogs/cloudfront/shop/2026/11/20/10/05/210987654321_waflogs_cloudfront_shop_20261120T1005Z_a1b2c3d4.log.gz",
    "aws-waf-logs-shop/2026/11/20/10/aws-waf-logs-shop-1-2026-11-20-10-05-00-0a1b2c3d-0000-4000-8000-000000000101",
    "AWSLogs/210987654321/Config/eu-west-1/2026/11/2/ConfigHistory/210987654321_Config_eu-west-1_ConfigHistory_AWS::EC2::Instance_20261102T100500Z_20261102T110000Z_1.json.gz",
    "c/AWSLogs/o-a1b2c3d4e5/210987654321/Config/us-gov-west-1/2026/1/2/ConfigSnapshot/210987654321_Config_us-gov-west-1_ConfigSnapshot_20260102T100500Z_0a1b2c3d.json.gz",
    "AWSLogs/210987654321/Config/eu-west-1/2026/11/20/OversizedChangeNotification/AWS::S3::Bucket/b/210987654321_Config_eu-west-1_ChangeNotification_AWS::S3::Bucket_b_20261120T100500Z_1.json.gz",
    "AWSLogs/210987654321/Config/ConfigWritabilityCheckFile",
    "AWSLogs/210987654321/GuardDuty/eu-west-1/2026/11/20/0a1b2c3d-0000-4000-8000-000000000101.jsonl.gz",
    "AWSLogs/210987654321/Macie/eu-west-1/0a1b2c3d/210987654321/0a1b2c3d-0000-4000-8000-000000000101.jsonl.gz",
    "AWSLogs/210987654321/Macie/macie-test-object",
    "access/2026-11-20-10-05-00-0123456789ABCDEF",
    "access/210987654321/eu-west-1/my-bucket/2026/11/20/2026-11-20-10-05-00-0123456789ABCDEF",
    "cf/E2K7ABCDEF1234.2026-11-20-10.ab12cd34.gz",
    "E2K7ABCDEF1234.2026-11-20-10.ab12cd34.gz",
    "AWSLogs/210987654321/CloudFront/E2K7ABCDEF1234.2026-11-20-10.ab12cd34.gz",
    "AWSLogs/aws-account-id=210987654321/CloudFront/DistributionId=E2K7ABCDEF1234/year=2026/month=11/day=20/hour=10/E2K7ABCDEF1234.2026-11-20-10.ab12cd34.parquet",
    "AWSLogs/210987654321/vpcdnsquerylogs/vpc-0a1b2c3d/2026/11/20/vpc-0a1b2c3d_vpcdnsquerylogs_210987654321_20261120T1005Z_0a1b2c3d.log.gz",
    "AWSLogs/210987654321/network-firewall/flow/eu-west-1/edge/2026/11/20/10/210987654321_network-firewall_flow_eu-west-1_edge_202611201005_0a1b2c3d.log.gz",
    "AWSLogs/210987654321/globalaccelerator/us-west-2/2026/11/20/210987654321_globalaccelerator_1234abcd-0000-4000-8000-000000000101_20261120T1005Z_0a1b2c3d.log.gz",
    "AWSLogs/210987654321/verifiedaccess/us-west-2/2026/11/20/210987654321_verifiedaccess_us-west-2_vai-0a1b_20261120T1005Z_0a1b.log.gz",
    "AWSLogs/210987654321/redshift/us-east-1/2026/11/20/210987654321_redshift_us-east-1_dw_connectionlog_2026-11-20T10:05.gz",
    "AWSLogs/210987654321/redshift/us-east-1/2026/11/20/210987654321_redshift_us-east-1_dw_userlog_2026-11-20T10:05.gz",
    "AWSLogs/210987654321/redshift/us-east-1/2026/11/20/210987654321_redshift_us-east-1_dw_useractivitylog_2026-11-20T10:05.gz",
    "AWSLogs/210987654321/KafkaBrokerLogs/us-east-1/shop-0a1b2c3d/2026-11-20-10/Broker-1_10-05_0a1b2c3d.log.gz",
    "aws/CLOUD_TRAIL_MGMT/2.0/region=eu-west-1/accountId=210987654321/eventDay=20261120/0a1b2c3d.gz.parquet",
    "ext/my-source/region=cn-northwest-1/accountId=external_1/eventDay=20261120/0a1b2c3d.parquet",
    "cost/report/20261101-20261201/20261105T000000Z/report-00001.csv.gz",
    "cost/report/20261101-20261201/report-Manifest.json",
    "cost/report/report/year=2026/month=11/report-00001.snappy.parquet",
    "cost/export/metadata/BILLING_PERIOD=2026-11/export-Manifest.json",
    "cost/export/data/BILLING_PERIOD=2026-11/export-00001.csv.gz",
    "backup/db-1/error/mysql-error-running.log.2026-11-20.10",
    "rds/aws/rds/cluster/shop/postgresql/stream",
    "exports/0a1b2c3d-0000-4000-8000-000000000101/eni-0a1b-all/000000.gz",
    "logs/2026/11/20/10/stream-1-2026-11-20-10-05-00-0a1b2c3d-0000-4000-8000-000000000101.gz",
    "aws-logs-write-test",
    "photos/210987654321_holiday.jpg",
    "x_vpcflowlogs_y",
    "AWSLogs/210987654321/",
    "AWSLogs/",
    "GuardDuty/readme.txt",
    "",
];

#[test]
fn keys_tell_format_account_region_and_time() {
    let shown = KEYS.iter().map(|key| format!("{key}\n    {}\n", said(key)));
    expect![[r#"
        AWSLogs/210987654321/CloudTrail/eu-west-1/2026/11/20/210987654321_CloudTrail_eu-west-1_20261120T1005Z_Ab3dEf6hIj9lMn2p.json.gz
            cloudtrail 210987654321 eu-west-1 2026-11-20T10:05
        my/trail/AWSLogs/o-a1b2c3d4e5/210987654321/CloudTrail/us-gov-west-1/2026/11/20/210987654321_CloudTrail_us-gov-west-1_20261120T1005Z_Ab3dEf6hIj9lMn2p.json.gz
            cloudtrail 210987654321 us-gov-west-1 2026-11-20T10:05
        AWSLogs/210987654321/CloudTrail-Digest/eu-west-1/2026/11/20/210987654321_CloudTrail-Digest_eu-west-1_all_us-east-1_20261120T100501Z.json.gz
            cloudtrail_digests 210987654321 eu-west-1 2026-11-20T10:05:01.000000Z
        AWSLogs/210987654321/CloudTrail-Insight/cn-north-1/2026/11/20/210987654321_CloudTrail-Insight_cn-north-1_20261120T1005Z_Ab3d.json.gz
            cloudtrail_insights 210987654321 cn-north-1 2026-11-20T10:05
        AWSLogs/210987654321/CloudTrail-NetworkActivity/eu-west-1/2026/11/20/210987654321_CloudTrail-NetworkActivity_eu-west-1_20261120T1005Z_Ab3d.json.gz
            cloudtrail 210987654321 eu-west-1 2026-11-20T10:05
        AWSLogs/210987654321/CloudTrail-Aggregated/eu-west-1/2026/11/20/210987654321_CloudTrail-Aggregated_eu-west-1_20261120T1005Z_Ab3d.json.gz
            no records: CloudTrail's aggregated events
        AWSLogs/210987654321/CloudTrail-Lake/Query/2026/11/20/0a1b/result_sign.json
            no records: the signature of saved query results of CloudTrail Lake
        AWSLogs/210987654321/CloudTrail-Lake/Query/2026/11/20/0a1b/result_1.csv.gz
            -
        AWSLogs/210987654321/vpcflowlogs/cn-north-1/2026/11/20/210987654321_vpcflowlogs_cn-north-1_fl-0123456789abcdef0_20261120T1005Z_0123abcd.log.gz
            vpcflow 210987654321 cn-north-1 2026-11-20T10:05
        flows/AWSLogs/aws-account-id=210987654321/aws-service=vpcflowlogs/aws-region=us-east-1/year=2026/month=11/day=20/hour=10/210987654321_vpcflowlogs_us-east-1_fl-0123_20261120T1005Z_0123.log.parquet
            vpcflow 210987654321 us-east-1 2026-11-20T10:05
        AWSLogs/210987654321/elasticloadbalancing/us-gov-east-1/2026/11/20/210987654321_elasticloadbalancing_us-gov-east-1_app.my-lb.50dc6c495c0c9188_20261120T1005Z_192.0.2.10_5tq2r8s1.log.gz
            alb 210987654321 us-gov-east-1 2026-11-20T10:05
        p/AWSLogs/210987654321/elasticloadbalancing/eu-west-1/2026/11/20/conn_log.210987654321_elasticloadbalancing_eu-west-1_app.my-lb.50dc6c495c0c9188_20261120T1005Z_192.0.2.10_5tq2r8s1.log.gz
            albconn 210987654321 eu-west-1 2026-11-20T10:05
        AWSLogs/210987654321/elasticloadbalancing/eu-west-1/2026/11/20/health_check_log.210987654321_elasticloadbalancing_eu-west-1_app.my-lb.50dc_20261120T1005Z_192.0.2.10_5tq2.log.gz
            -
        AWSLogs/210987654321/elasticloadbalancing/eu-west-1/2026/11/20/210987654321_elasticloadbalancing_eu-west-1_net.my-nlb.c6e77e28c25b2234_20261120T1005Z_5tq2r8s1.log.gz
            nlb 210987654321 eu-west-1 2026-11-20T10:05
        AWSLogs/210987654321/elasticloadbalancing/eu-west-1/2026/11/20/210987654321_elasticloadbalancing_eu-west-1_my-lb_20261120T1005Z_192.0.2.10_5tq2r8s1.log
            elb 210987654321 eu-west-1 2026-11-20T10:05
        AWSLogs/210987654321/ELBAccessLogTestFile
            -
        AWSLogs/210987654321/WAFLogs/eu-west-1/shop_acl/2026/11/20/10/05/210987654321_waflogs_eu-west-1_shop_acl_20261120T1005Z_a1b2c3d4.log.gz
            waf 210987654321 eu-west-1 2026-11-20T10:05
        AWSLogs/210987654321/WAFLogs/cloudfront/shop/2026/11/20/10/05/210987654321_waflogs_cloudfront_shop_20261120T1005Z_a1b2c3d4.log.gz
            waf 210987654321 - 2026-11-20T10:05
        aws-waf-logs-shop/2026/11/20/10/aws-waf-logs-shop-1-2026-11-20-10-05-00-0a1b2c3d-0000-4000-8000-000000000101
            -
        AWSLogs/210987654321/Config/eu-west-1/2026/11/2/ConfigHistory/210987654321_Config_eu-west-1_ConfigHistory_AWS::EC2::Instance_20261102T100500Z_20261102T110000Z_1.json.gz
            awsconfig 210987654321 eu-west-1 2026-11-02T10:05
        c/AWSLogs/o-a1b2c3d4e5/210987654321/Config/us-gov-west-1/2026/1/2/ConfigSnapshot/210987654321_Config_us-gov-west-1_ConfigSnapshot_20260102T100500Z_0a1b2c3d.json.gz
            awsconfig 210987654321 us-gov-west-1 2026-01-02T10:05
        AWSLogs/210987654321/Config/eu-west-1/2026/11/20/OversizedChangeNotification/AWS::S3::Bucket/b/210987654321_Config_eu-west-1_ChangeNotification_AWS::S3::Bucket_b_20261120T100500Z_1.json.gz
            awsconfig 210987654321 eu-west-1 2026-11-20T10:05
        AWSLogs/210987654321/Config/ConfigWritabilityCheckFile
            no records: AWS Config's test of the bucket
        AWSLogs/210987654321/GuardDuty/eu-west-1/2026/11/20/0a1b2c3d-0000-4000-8000-000000000101.jsonl.gz
            guardduty 210987654321 eu-west-1 2026-11-20T00:00
        AWSLogs/210987654321/Macie/eu-west-1/0a1b2c3d/210987654321/0a1b2c3d-0000-4000-8000-000000000101.jsonl.gz
            macie 210987654321 eu-west-1 -
        AWSLogs/210987654321/Macie/macie-test-object
            no records: Macie's test of the bucket
        access/2026-11-20-10-05-00-0123456789ABCDEF
            -
        access/210987654321/eu-west-1/my-bucket/2026/11/20/2026-11-20-10-05-00-0123456789ABCDEF
            -
        cf/E2K7ABCDEF1234.2026-11-20-10.ab12cd34.gz
            cloudfront - - 2026-11-20T10:00
        E2K7ABCDEF1234.2026-11-20-10.ab12cd34.gz
            cloudfront - - 2026-11-20T10:00
        AWSLogs/210987654321/CloudFront/E2K7ABCDEF1234.2026-11-20-10.ab12cd34.gz
            cloudfront 210987654321 - 2026-11-20T10:00
        AWSLogs/aws-account-id=210987654321/CloudFront/DistributionId=E2K7ABCDEF1234/year=2026/month=11/day=20/hour=10/E2K7ABCDEF1234.2026-11-20-10.ab12cd34.parquet
            cloudfront 210987654321 - 2026-11-20T10:00
        AWSLogs/210987654321/vpcdnsquerylogs/vpc-0a1b2c3d/2026/11/20/vpc-0a1b2c3d_vpcdnsquerylogs_210987654321_20261120T1005Z_0a1b2c3d.log.gz
            resolver 210987654321 - 2026-11-20T10:05
        AWSLogs/210987654321/network-firewall/flow/eu-west-1/edge/2026/11/20/10/210987654321_network-firewall_flow_eu-west-1_edge_202611201005_0a1b2c3d.log.gz
            networkfirewall 210987654321 eu-west-1 2026-11-20T10:05
        AWSLogs/210987654321/globalaccelerator/us-west-2/2026/11/20/210987654321_globalaccelerator_1234abcd-0000-4000-8000-000000000101_20261120T1005Z_0a1b2c3d.log.gz
            globalaccelerator 210987654321 us-west-2 2026-11-20T10:05
        AWSLogs/210987654321/verifiedaccess/us-west-2/2026/11/20/210987654321_verifiedaccess_us-west-2_vai-0a1b_20261120T1005Z_0a1b.log.gz
            verifiedaccess 210987654321 us-west-2 2026-11-20T00:00
        AWSLogs/210987654321/redshift/us-east-1/2026/11/20/210987654321_redshift_us-east-1_dw_connectionlog_2026-11-20T10:05.gz
            redshift_connection 210987654321 us-east-1 2026-11-20T10:05
        AWSLogs/210987654321/redshift/us-east-1/2026/11/20/210987654321_redshift_us-east-1_dw_userlog_2026-11-20T10:05.gz
            redshift_user 210987654321 us-east-1 2026-11-20T10:05
        AWSLogs/210987654321/redshift/us-east-1/2026/11/20/210987654321_redshift_us-east-1_dw_useractivitylog_2026-11-20T10:05.gz
            redshift_useractivity 210987654321 us-east-1 2026-11-20T10:05
        AWSLogs/210987654321/KafkaBrokerLogs/us-east-1/shop-0a1b2c3d/2026-11-20-10/Broker-1_10-05_0a1b2c3d.log.gz
            msk 210987654321 us-east-1 2026-11-20T10:00
        aws/CLOUD_TRAIL_MGMT/2.0/region=eu-west-1/accountId=210987654321/eventDay=20261120/0a1b2c3d.gz.parquet
            ocsf 210987654321 eu-west-1 2026-11-20T00:00
        ext/my-source/region=cn-northwest-1/accountId=external_1/eventDay=20261120/0a1b2c3d.parquet
            ocsf - cn-northwest-1 2026-11-20T00:00
        cost/report/20261101-20261201/20261105T000000Z/report-00001.csv.gz
            cur - - -
        cost/report/20261101-20261201/report-Manifest.json
            no records: a manifest of a cost report
        cost/report/report/year=2026/month=11/report-00001.snappy.parquet
            cur - - -
        cost/export/metadata/BILLING_PERIOD=2026-11/export-Manifest.json
            no records: a manifest of a cost report
        cost/export/data/BILLING_PERIOD=2026-11/export-00001.csv.gz
            -
        backup/db-1/error/mysql-error-running.log.2026-11-20.10
            mysql_error - - -
        rds/aws/rds/cluster/shop/postgresql/stream
            postgresql - - -
        exports/0a1b2c3d-0000-4000-8000-000000000101/eni-0a1b-all/000000.gz
            -
        logs/2026/11/20/10/stream-1-2026-11-20-10-05-00-0a1b2c3d-0000-4000-8000-000000000101.gz
            -
        aws-logs-write-test
            -
        photos/210987654321_holiday.jpg
            -
        x_vpcflowlogs_y
            -
        AWSLogs/210987654321/
            -
        AWSLogs/
            -
        GuardDuty/readme.txt
            -

            -
    "#]].assert_eq(&shown.collect::<String>());
    let under_windows = KEYS[0].replace('/', "\\");
    assert_eq!(said(&under_windows), said(KEYS[0]));
}

/// Files that lie about beside logs, or in their stead.
const NO_LOGS: &[(&str, &str)] = &[
    (
        "README.md",
        "# Shop\n\nA shop for 3 kinds of tea. Run `make` first; see docs/ for more.\n\n- one\n- two\n",
    ),
    ("README", "Copy the files of 2026 to the bucket.\nAfter that, tell us: we read them.\n"),
    (
        "LICENSE",
        "MIT License\n\nCopyright (c) 2026 The Authors\n\nPermission is hereby granted, free of charge\n",
    ),
    (
        "index.html",
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head><title>Shop</title></head>\n<body>Hello</body>\n</html>\n",
    ),
    (
        "page.xml",
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<project><version>1.0</version></project>\n",
    ),
    ("main.rs", "//! A program.\n\nuse std::io;\n\nfn main() {\n    println!(\"hello\");\n}\n"),
    ("main.py", "#!/usr/bin/env python3\nimport sys\n\ndef main():\n    return 0\n"),
    ("main.c", "#include <stdio.h>\n\nint main(void) { return 0; }\n"),
    ("run.sh", "#!/bin/sh\nset -eu\nNAME=value OTHER=thing\necho \"$NAME\"\n"),
    ("query.sql", "SELECT * FROM orders\nWHERE id = 1;\n"),
    (
        "rule.yml",
        "Tests:\n  - Name: a\n    Log:\n      {\n        \"eventVersion\": \"1.08\"\n      }\n",
    ),
    ("compose.yaml", "services:\n  web:\n    image: nginx:1.27\n    ports: [\"80:80\"]\n"),
    ("main.tf", "resource \"aws_s3_bucket\" \"logs\" {\n  bucket = \"logs\"\n}\n"),
    ("kura.toml", "[server]\nport = 8080\nname = \"kura\"\n"),
    (".env", "LEVEL=debug\nPORT=8080\nNAME=shop\n"),
    ("plain.csv", "name,price,date\ntea,3.50,2026-11-20\n"),
    (
        "package.json",
        "{\n  \"name\": \"shop\",\n  \"version\": \"1.0.0\",\n  \"scripts\": {\"test\": \"jest\"}\n}\n",
    ),
    ("tsconfig.json", "{\"compilerOptions\":{\"strict\":true},\"include\":[\"src\"]}"),
    (
        "policy.json",
        "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"s3:*\",\"Resource\":\"*\"}]}",
    ),
    ("list.json", "[1, 2, 3]"),
    ("dates.txt", "2026-11-20\n2026-11-21\n"),
    ("numbers.txt", "1 2 3 4 5 6 7 8 9 10 11 12 13 14\n"),
    (
        "ELBAccessLogTestFile",
        "Enable AccessLog for ELB: app/my-lb/50dc6c495c0c9188 at 2026-11-20T10:05:00.781Z",
    ),
    ("aws-logs-write-test", "Permission Check Successful"),
    ("ConfigWritabilityCheckFile", ""),
    ("macie-test-object", "Macie"),
    ("_SUCCESS", ""),
];

const NO_TEXTS: &[(&str, &[u8])] = &[
    (".DS_Store", b"\0\0\0\x01Bud1\0\0\x10\0\0\0\x08\0"),
    ("a.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x10"),
    ("a.jpg", b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01"),
    ("a.gif", b"GIF89a\x10\0\x10\0\xf7\0\0"),
    ("a.pdf", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<</Type/Catalog>>\n"),
    ("a.out", b"\x7fELF\x02\x01\x01\0\0\0\0\0"),
    ("a.db", b"SQLite format 3\0\x10\0\x01\x01"),
    ("zeros", &[0; 64]),
    ("ones", &[0xff; 64]),
];

#[test]
fn what_is_no_log() {
    let texts = NO_LOGS.iter().map(|(path, text)| (*path, text.as_bytes()));
    let taken =
        texts.chain(NO_TEXTS.iter().copied()).filter_map(
            |(path, bytes)| match Catalogue::default().explain(path, bytes) {
                (Recognised::Nothing(_), _) => None,
                (what, by) => Some(format!("{path}: {what:?} by {by:?}")),
            },
        );
    assert_eq!(taken.collect::<Vec<_>>(), [""; 0]);
}
