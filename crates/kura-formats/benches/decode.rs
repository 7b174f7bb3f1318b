//! `cargo xtask bench decode`: bytes to Arrow, per format, on one core, without reading or
//! writing anything.

// What it finds is a table on stdout.
#![allow(clippy::print_stdout)]

use std::time::{Duration, Instant};

use kura_core::origin::ObjectFacts;
use kura_formats::formats::{Finder, RawRecord};
use kura_formats::framing::{Frame, FrameLimits};
use kura_formats::{ALL, Format};

/// How long each format is measured.
const AT_LEAST: Duration = Duration::from_secs(2);
const OBJECT_BYTES: usize = 16 << 20;
/// An import reads, and hands rows on, in such pieces.
const READ_BYTES: usize = 256 << 10;
const PIECE_BYTES: usize = 16 << 20;

/// A record of each format; `{n}` is another number in each copy.
const SAMPLES: &[(&str, &str)] = &[
    (
        "cloudtrail",
        r#"{"eventVersion":"1.11","userIdentity":{"type":"AssumedRole","principalId":"AROAEXAMPLE:me","arn":"arn:aws:sts::111122223333:assumed-role/ops/me-{n}","accountId":"111122223333","accessKeyId":"ASIAEXAMPLE{n}","sessionContext":{"sessionIssuer":{"type":"Role","principalId":"AROAEXAMPLE","arn":"arn:aws:iam::111122223333:role/ops","accountId":"111122223333","userName":"ops"},"attributes":{"creationDate":"2026-11-20T08:00:00Z","mfaAuthenticated":"false"}}},"eventTime":"2026-11-20T08:15:00Z","eventSource":"s3.amazonaws.com","eventName":"PutObject","awsRegion":"eu-central-1","sourceIPAddress":"192.0.2.7","userAgent":"[aws-sdk-go/1.55.5 (go1.22; linux; amd64)]","requestParameters":{"bucketName":"reports","key":"daily/{n}.csv","Host":"reports.s3.eu-central-1.amazonaws.com"},"responseElements":{"x-amz-server-side-encryption":"AES256"},"additionalEventData":{"bytesTransferredIn":{n},"SignatureVersion":"SigV4"},"requestID":"REQ{n}","eventID":"00000000-0000-4000-8000-{n}","readOnly":false,"resources":[{"type":"AWS::S3::Object","ARN":"arn:aws:s3:::reports/daily/{n}.csv"}],"eventType":"AwsApiCall","managementEvent":false,"recipientAccountId":"111122223333","eventCategory":"Data"}"#,
    ),
    (
        "cloudtrail_insights",
        r#"{"eventVersion":"1.08","eventTime":"2026-11-20T10:00:00Z","awsRegion":"us-east-1","eventID":"e{n}","eventType":"AwsCloudTrailInsight","recipientAccountId":"123456789012","sharedEventID":"s{n}","insightDetails":{"state":"Start","eventSource":"iam.amazonaws.com","eventName":"GetUser","insightType":"ApiCallRateInsight","insightContext":{"statistics":{"baseline":{"average":0.01}}}},"eventCategory":"Insight"}"#,
    ),
    (
        "cloudtrail_digests",
        r#"{"awsAccountId":"123456789012","digestStartTime":"2026-11-20T09:00:00Z","digestEndTime":"2026-11-20T10:00:00Z","digestS3Bucket":"trail","digestS3Object":"AWSLogs/{n}.json.gz","newestEventTime":"2026-11-20T09:59:00Z","oldestEventTime":"2026-11-20T09:01:00Z","previousDigestS3Object":"AWSLogs/0.json.gz","logFiles":[{"s3Bucket":"trail","s3Object":"AWSLogs/l{n}.json.gz","hashValue":"00112233445566778899aabbccddeeff","hashAlgorithm":"SHA-256","newestEventTime":"2026-11-20T09:59:00Z","oldestEventTime":"2026-11-20T09:01:00Z"}]}"#,
    ),
    (
        "vpcflow",
        "2 123456789010 eni-1235b8ca 10.0.0.{n} 203.0.113.12 20641 22 6 20 {n} 1763596800 1763596860 ACCEPT OK",
    ),
    (
        "alb",
        r#"https 2026-11-20T22:23:00.186641Z app/my-lb/50dc6c495c0c9188 192.0.2.7:{n} 10.0.0.1:80 0.086 0.048 0.037 200 200 0 {n} "GET https://www.example.com:443/shop/{n}?a=b HTTP/1.1" "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36" ECDHE-RSA-AES128-GCM-SHA256 TLSv1.2 arn:aws:elasticloadbalancing:us-east-2:123456789012:targetgroup/t/73e2 "Root=1-58337281-{n}" "www.example.com" "session-reused" 1 2026-11-20T22:22:48.364000Z "forward" "-" "-" "10.0.0.1:80" "200" "-" "-" TID_{n}"#,
    ),
    (
        "nlb",
        r#"tls 2.0 2026-11-20T22:23:00 net/my-nlb/c6e77e28c25b2234 g3d4b5e8bb8464cd 192.0.2.7:51341 10.0.0.9:443 5 2 98 {n} - arn:aws:acm:us-east-2:123456789012:certificate/2a10 - ECDHE-RSA-AES128-SHA tlsv12 - www.example.com h2 - "h2","http/1.1" 2026-11-20T22:22:55"#,
    ),
    (
        "elb",
        r#"2026-11-20T23:39:43.945958Z my-lb 192.0.2.39:2817 10.0.0.1:80 0.000073 0.001048 0.000057 200 200 0 {n} "GET http://www.example.com:80/{n} HTTP/1.1" "curl/7.38.0" - -"#,
    ),
    (
        "s3access",
        r#"79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be logs-bucket [20/Nov/2026:09:00:38 +0000] 192.0.2.3 arn:aws:sts::123456789012:assumed-role/ops/me 3E57{n} REST.GET.OBJECT daily/{n}.csv "GET /logs-bucket/daily/{n}.csv HTTP/1.1" 200 - 113 2048 7 6 "-" "aws-cli/2.15" - s9lzHYrFp76ZVxRcpX9= SigV4 ECDHE-RSA-AES128-GCM-SHA256 AuthHeader logs-bucket.s3.us-west-1.amazonaws.com TLSv1.2 - -"#,
    ),
    (
        "cloudfront",
        "2026-11-20\t21:57:56\tFRA6\t919468\t192.0.2.7\tGET\td111.cloudfront.net\t/page/{n}.html\t200\t-\tMozilla/5.0%20(Windows%20NT%2010.0)\ta=b\t-\tHit\tIQU6LXAGK43V5RF9B3VU{n}==\twww.example.com\thttps\t394\t0.002\t-\tTLSv1.3\tTLS_AES_128_GCM_SHA256\tHit\tHTTP/2.0\t-\t-\t11040\t0.001\tHit\ttext/html\t78\t-\t-",
    ),
    (
        "waf",
        r#"{"timestamp":1763596800123,"formatVersion":1,"webaclId":"arn:aws:wafv2:us-east-1:123456789012:regional/webacl/shop/1","terminatingRuleId":"Default_Action","terminatingRuleType":"REGULAR","action":"ALLOW","terminatingRuleMatchDetails":[],"httpSourceName":"ALB","httpSourceId":"123456789012-app/shop/2","ruleGroupList":[{"ruleGroupId":"AWS#AWSManagedRulesCommonRuleSet","terminatingRule":null,"nonTerminatingMatchingRules":[],"excludedRules":null}],"rateBasedRuleList":[],"nonTerminatingMatchingRules":[],"requestHeadersInserted":null,"responseCodeSent":null,"httpRequest":{"clientIp":"192.0.2.7","country":"JP","headers":[{"name":"host","value":"shop.example.com"},{"name":"user-agent","value":"Mozilla/5.0"},{"name":"accept","value":"*/*"}],"uri":"/{n}","args":"","httpVersion":"HTTP/2.0","httpMethod":"GET","requestId":"1-{n}"}}"#,
    ),
    (
        "guardduty",
        r#"{"schemaVersion":"2.0","accountId":"123456789012","region":"eu-west-1","partition":"aws","id":"f{n}","arn":"arn:aws:guardduty:eu-west-1:123456789012:detector/d/finding/f{n}","type":"Recon:EC2/PortProbeUnprotectedPort","resource":{"resourceType":"Instance","instanceDetails":{"instanceId":"i-{n}","instanceType":"m3.xlarge"}},"service":{"serviceName":"guardduty","count":3,"action":{"actionType":"PORT_PROBE"}},"severity":2,"createdAt":"2026-11-19T10:00:00.000Z","updatedAt":"2026-11-20T10:00:00.000Z","title":"Unprotected port on EC2 instance i-{n} is being probed.","description":"EC2 instance has an unprotected port which is being probed."}"#,
    ),
    (
        "networkfirewall",
        r#"{"firewall_name":"fw","availability_zone":"eu-west-1a","event_timestamp":"1763596800","event":{"timestamp":"2026-11-20T14:22:12.637611+0000","flow_id":{n},"event_type":"netflow","src_ip":"10.0.0.4","src_port":80,"dest_ip":"192.0.2.9","dest_port":443,"proto":"TCP","netflow":{"pkts":5,"bytes":{n},"start":"2026-11-20T14:22:00.000000+0000","end":"2026-11-20T14:22:12.000000+0000","age":12,"min_ttl":60,"max_ttl":64}}}"#,
    ),
    (
        "resolver",
        r#"{"version":"1.100000","account_id":"123456789012","region":"eu-west-1","vpc_id":"vpc-1","query_timestamp":"2026-11-20T10:00:00Z","query_name":"{n}.example.com.","query_type":"A","query_class":"IN","rcode":"NOERROR","answers":[{"Rdata":"192.0.2.1","Type":"A","Class":"IN"}],"srcaddr":"10.0.0.4","srcport":"53123","transport":"UDP","srcids":{"instance":"i-{n}"}}"#,
    ),
    (
        "webaccess",
        r#"192.0.2.1 - - [20/Nov/2026:19:01:01 +0900] "GET /shop/{n}?b=c HTTP/1.1" 200 {n} "https://www.example.com/" "Mozilla/5.0 (X11; Linux x86_64)""#,
    ),
];

fn main() {
    println!("| format | MB/s | records/s |\n|---|---:|---:|");
    // A name measures that format alone.
    let only = std::env::args().skip(1).find(|argument| !argument.starts_with('-'));
    let is_wanted = |name: &str| only.as_deref().is_none_or(|only| only == name);
    for format in ALL.iter().filter(|format| is_wanted(format.name())) {
        let sample = SAMPLES.iter().find(|(name, _)| *name == format.name());
        let (_, sample) = sample.expect("a sample of every format");
        measure(format.name(), format.as_ref(), sample);
    }
    if !is_wanted("found") {
        return;
    }
    let (_, sample) = SAMPLES[0];
    let mut finder = Finder::new("found", None);
    finder.add(&sample.replace("{n}", "1"));
    measure("JSON of any kind", &finder.finish(), sample);
}

fn measure(name: &str, format: &dyn Format, sample: &str) {
    let mut object = String::new();
    let mut number = 0;
    while object.len() < OBJECT_BYTES {
        number += 1;
        object.push_str(&sample.replace("{n}", &(100 + number % 155).to_string()));
        object.push('\n');
    }
    let (mut bytes, mut records) = (0, 0);
    let started = Instant::now();
    while started.elapsed() < AT_LEAST {
        records += decode(format, object.as_bytes());
        bytes += object.len();
    }
    let seconds = started.elapsed().as_secs_f64();
    println!("| {name} | {:.0} | {:.0} |", bytes as f64 / 1e6 / seconds, records as f64 / seconds);
}

/// As an import does: frames out of pieces, rows out of frames, columns out of rows.
fn decode(format: &dyn Format, object: &[u8]) -> usize {
    let facts = ObjectFacts { uri: "s3://bucket/key".to_owned(), ..ObjectFacts::default() };
    let mut framer = format.framing().framer(FrameLimits::default());
    let mut decoder = format.decoder();
    decoder.begin();
    let mut records = 0;
    for piece in object.chunks(READ_BYTES) {
        framer.feed(piece);
        while let Some(frame) = framer.next_frame() {
            let Frame::Record { range, number, compact } = frame else { panic!("{frame:?}") };
            let raw = RawRecord { bytes: &framer.bytes()[range], number, compact };
            decoder.decode(raw, &facts).expect("a record");
        }
        if decoder.bytes() >= PIECE_BYTES {
            records += decoder.finish().expect("columns of one length").batch.num_rows();
        }
    }
    records + decoder.finish().expect("columns of one length").batch.num_rows()
}
