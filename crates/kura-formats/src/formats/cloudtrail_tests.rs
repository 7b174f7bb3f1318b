//! CloudTrail records in, rows out: shapes, drift, rejects, recognition.

use arrow::json::LineDelimitedWriter;
use expect_test::{Expect, expect};

use super::*;
use crate::recognise::{Recognised, recognise};

fn facts() -> ObjectFacts {
    ObjectFacts {
        uri: "s3://trails/key.json.gz".to_owned(),
        arrival: 1_700_000_000_000_000,
        ..ObjectFacts::default()
    }
}

/// The row of one record as JSON (nulls left out), or its reject.
fn decode(record: &str) -> String {
    let mut decoder = CloudTrail.decoder();
    let raw = RawRecord { bytes: record.as_bytes(), number: 7, compact: false };
    if let Err(reject) = decoder.decode(raw, &facts()) {
        assert_eq!(decoder.rows(), 0);
        return format!("{}: {}", reject.reason, reject.detail);
    }
    let rows = decoder.finish().expect("columns of one length");
    assert_eq!(rows.content.len(), 1);
    let mut out = Vec::new();
    let mut writer = LineDelimitedWriter::new(&mut out);
    writer.write(&rows.batch).expect("to memory");
    let row: serde_json::Value = serde_json::from_slice(&out).expect("JSON");
    serde_json::to_string_pretty(&row).expect("JSON")
}

#[track_caller]
fn check(record: &str, expected: &Expect) {
    expected.assert_eq(&decode(record));
}

#[test]
fn a_call_by_a_role() {
    check(
        r#"{"eventVersion":"1.08","userIdentity":{"type":"AssumedRole","principalId":"AROA:me","arn":"arn:aws:sts::111122223333:assumed-role/ops/me","accountId":"111122223333","accessKeyId":"ASIA1","sessionContext":{"sessionIssuer":{"type":"Role","userName":"ops"},"webIdFederationData":{"federatedProvider":"p","attributes":{"aud":"x","sub":1}},"attributes":{"creationDate":"2021-08-02T05:00:00Z","mfaAuthenticated":"false"}}},"eventTime":"2021-08-02T05:35:00Z","eventSource":"rds.amazonaws.com","eventName":"DeleteDBInstance","awsRegion":"us-west-1","sourceIPAddress":"192.0.2.7","userAgent":"aws-cli","requestParameters":{"dBInstanceIdentifier":"orders","skipFinalSnapshot":true},"responseElements":null,"requestID":"r","eventID":"e-1","readOnly":false,"resources":[{"ARN":"arn:aws:rds:us-west-1:111122223333:db:orders","accountId":"111122223333"}],"eventType":"AwsApiCall","managementEvent":true,"recipientAccountId":"111122223333","eventCategory":"Management"}"#,
        &expect![[r#"
            {
              "_time": "2021-08-02T05:35:00Z",
              "eventversion": "1.08",
              "useridentity": {
                "type": "AssumedRole",
                "principalid": "AROA:me",
                "arn": "arn:aws:sts::111122223333:assumed-role/ops/me",
                "accountid": "111122223333",
                "accesskeyid": "ASIA1",
                "sessioncontext": {
                  "attributes": {
                    "mfaauthenticated": "false",
                    "creationdate": "2021-08-02T05:00:00Z"
                  },
                  "sessionissuer": {
                    "type": "Role",
                    "username": "ops"
                  },
                  "webidfederationdata": {
                    "federatedprovider": "p",
                    "attributes": {
                      "aud": "x",
                      "sub": "1"
                    }
                  }
                }
              },
              "eventtime": "2021-08-02T05:35:00Z",
              "eventsource": "rds.amazonaws.com",
              "eventname": "DeleteDBInstance",
              "awsregion": "us-west-1",
              "sourceipaddress": "192.0.2.7",
              "useragent": "aws-cli",
              "requestparameters": "{\"dBInstanceIdentifier\":\"orders\",\"skipFinalSnapshot\":true}",
              "requestid": "r",
              "eventid": "e-1",
              "resources": [
                {
                  "arn": "arn:aws:rds:us-west-1:111122223333:db:orders",
                  "accountid": "111122223333"
                }
              ],
              "eventtype": "AwsApiCall",
              "readonly": "false",
              "recipientaccountid": "111122223333",
              "eventcategory": "Management",
              "managementevent": "true",
              "_account": "111122223333",
              "_region": "us-west-1",
              "_principal": "arn:aws:sts::111122223333:assumed-role/ops/me",
              "_accesskey": "ASIA1",
              "_addr": "192.0.2.7",
              "_resource": "arn:aws:rds:us-west-1:111122223333:db:orders orders",
              "_id": "e-1",
              "_origin": "s3://trails/key.json.gz#7",
              "_ingested": "2023-11-14T22:13:20Z",
              "day": "2021-08-02"
            }"#]],
    );
}

#[test]
fn what_has_no_column_is_kept() {
    check(
        r#"{"eventTime":"2021-08-02T05:35:00Z","EventName":"x","eventName":{"a":1},"eventID":"e","eventID":"f","userIdentity":{"type":"Root","inScopeOf":{"a":[1]},"credentialId":"c"},"resources":[{"ARN":"a","ARNPrefix":"p"},7],"tlsDetails":"no","new":[1, 2]}"#,
        &expect![[r#"
            {
              "_time": "2021-08-02T05:35:00Z",
              "useridentity": {
                "type": "Root"
              },
              "eventtime": "2021-08-02T05:35:00Z",
              "eventid": "e",
              "resources": [
                {
                  "arn": "a"
                },
                null
              ],
              "_resource": "a",
              "_id": "e",
              "_origin": "s3://trails/key.json.gz#7",
              "_extra": "{\"EventName\":\"x\",\"eventName\":{\"a\":1},\"eventID\":\"f\",\"userIdentity\":{\"inScopeOf\":{\"a\":[1]},\"credentialId\":\"c\"},\"resources\":{\"0\":{\"ARNPrefix\":\"p\"},\"1\":7},\"tlsDetails\":\"no\",\"new\":[1, 2]}",
              "_ingested": "2023-11-14T22:13:20Z",
              "day": "2021-08-02"
            }"#]],
    );
}

#[test]
fn envelopes_are_opened() {
    check(
        r#"{"version":"0","detail-type":"AWS API Call via CloudTrail","detail":{"eventID":"e","eventTime":"2015-11-23T07:45:25Z","sourceIPAddress":"AWS Internal","userIdentity":{"invokedBy":"autoscaling.amazonaws.com"}}}"#,
        &expect![[r#"
            {
              "_time": "2015-11-23T07:45:25Z",
              "useridentity": {
                "invokedby": "autoscaling.amazonaws.com"
              },
              "eventtime": "2015-11-23T07:45:25Z",
              "sourceipaddress": "AWS Internal",
              "eventid": "e",
              "_principal": "autoscaling.amazonaws.com",
              "_addr": "AWS Internal",
              "_id": "e",
              "_origin": "s3://trails/key.json.gz#7|eventbridge",
              "_ingested": "2023-11-14T22:13:20Z",
              "day": "2015-11-23"
            }"#]],
    );
}

#[test]
fn a_call_through_an_endpoint_as_its_owner_sees_it() {
    check(
        r#"{"eventVersion":"1.09","userIdentity":{"type":"AWSAccount","principalId":"AIDA:1","accountId":"123456789012"},"eventTime":"2026-11-20T10:00:00Z","eventSource":"kms.amazonaws.com","eventName":"ListKeys","awsRegion":"us-east-1","sourceIPAddress":"10.0.0.1","errorCode":"VpceAccessDenied","eventID":"e","eventType":"AwsVpceEvent","recipientAccountId":"210987654321","vpcEndpointId":"vpce-1","vpcEndpointAccountId":"210987654321","eventCategory":"NetworkActivity"}"#,
        &expect![[r#"
            {
              "_time": "2026-11-20T10:00:00Z",
              "eventversion": "1.09",
              "useridentity": {
                "type": "AWSAccount",
                "principalid": "AIDA:1",
                "accountid": "123456789012"
              },
              "eventtime": "2026-11-20T10:00:00Z",
              "eventsource": "kms.amazonaws.com",
              "eventname": "ListKeys",
              "awsregion": "us-east-1",
              "sourceipaddress": "10.0.0.1",
              "errorcode": "VpceAccessDenied",
              "eventid": "e",
              "eventtype": "AwsVpceEvent",
              "recipientaccountid": "210987654321",
              "vpcendpointid": "vpce-1",
              "vpcendpointaccountid": "210987654321",
              "eventcategory": "NetworkActivity",
              "_account": "210987654321",
              "_region": "us-east-1",
              "_principal": "AIDA:1",
              "_addr": "10.0.0.1",
              "_id": "e",
              "_origin": "s3://trails/key.json.gz#7",
              "_ingested": "2023-11-14T22:13:20Z",
              "day": "2023-11-14"
            }"#]],
    );
}

#[test]
fn rejects_say_why() {
    check(
        r#"{"eventTime":"2021-08-02T05:35:00Z","#,
        &expect!["broken_json: expected a string at byte 36"],
    );
    check(r#"{"hello":1}"#, &expect!["not_an_event: neither `eventTime` nor `eventID`"]);
    check(
        r#"{"eventType":"AwsCloudTrailInsight","eventTime":"2021-08-02T05:35:00Z"}"#,
        &expect![
            "insight: a CloudTrail Insights event among others: `cloudtrail_insights` is their table"
        ],
    );
    check(
        "{\"eventID\":\"a\0b\"}",
        &expect!["broken_json: a control character in a string at byte 13"],
    );
    let mut decoder = CloudTrail.decoder();
    let raw = RawRecord { bytes: b"{\"eventID\":\"\xff\"}", number: 1, compact: true };
    let reject = decoder.decode(raw, &facts()).expect_err("not UTF-8");
    assert_eq!(reject.reason, Reason::InvalidUtf8);
}

#[test]
fn spacing_does_not_make_another_record() {
    let hash = |text: &str, compact| content_hash(text, compact);
    assert_eq!(hash(r#"{"a":" b","c":[1]}"#, true), hash("{ \"a\" : \" b\",\n\"c\":[ 1 ]}", false));
    assert_ne!(hash(r#"{"a":" b"}"#, true), hash(r#"{"a":"b"}"#, true));
}

#[test]
fn objects_are_recognised_by_key_and_by_content() {
    let says = |path: &str, head: &str| match recognise(path, head.as_bytes()) {
        Recognised::Records { format, facts } => format!("{} {:?}", format.name(), facts.account),
        Recognised::Envelopes(envelope) => envelope.name().to_owned(),
        Recognised::Nothing(what) => what,
    };
    let name = "111122223333_CloudTrail_us-west-1_20210802T0535Z_eFs6ujeX00ZqcaRs.json.gz";
    for (path, head, expected) in [
        (name, "", "cloudtrail Some(\"111122223333\")"),
        (
            "AWSLogs/o-1/111122223333/CloudTrail-NetworkActivity/us-west-1/2026/11/20/111122223333_CloudTrail-NetworkActivity_us-west-1_20261120T0535Z_eFs6.json.gz",
            "",
            "cloudtrail Some(\"111122223333\")",
        ),
        (
            "AWSLogs/111122223333/CloudTrail-Aggregated/us-west-1/2026/11/20/111122223333_CloudTrail-Aggregated_us-west-1_20261120T0535Z_eFs6.json.gz",
            "",
            "CloudTrail's aggregated events",
        ),
        (
            "AWSLogs/111122223333/CloudTrail-Lake/Query/2026/11/20/q/result_sign.json",
            "",
            "the signature of saved query results of CloudTrail Lake",
        ),
        (
            "result_sign.json",
            r#"{"version":"1.0","files":[],"hashSignature":"7","queryCompleteTime":"2026-11-20T10:00:00Z"}"#,
            "the signature of saved query results of CloudTrail Lake",
        ),
        ("a", r#"{"Records":[{"eventSource":"s","eventName":"n"}]}"#, "cloudtrail None"),
        ("a", r#"[{"eventSource":"s","eventName":"n","x":{"#, "cloudtrail None"),
        ("a", "\u{feff} {\"eventVersion\":\"1.0\",\"eventTime\":\"t\"}", "cloudtrail None"),
        ("a", r#"{"detail-type":"AWS API Call via CloudTrail","detail":{"#, "cloudtrail None"),
        ("a", r#"{"detail-type":"Scheduled Event","detail":{}}"#, "not a log that Kura knows"),
        ("a", r#"{"digestStartTime":"t","logFiles":[]}"#, "cloudtrail_digests None"),
        ("a", r#"{"Records":[{"eventType":"AwsCloudTrailInsight"}]}"#, "cloudtrail_insights None"),
        (
            "a",
            r#"{"Records":[{"eventVersion":"2.1","eventSource":"aws:s3","eventName":"x","eventTime":"t","s3":{}}]}"#,
            "not a log that Kura knows",
        ),
        ("a", r#"{"expected":[{"eventSource":1,"eventName":2}]}"#, "not a log that Kura knows"),
        ("a", r#"{"Records":[{"eventVersion":"1.0", broken"#, "cloudtrail None"),
        ("a", r#"{"Records":[]}"#, "no records"),
        ("a", "[]", "no records"),
        ("a", " \n", "empty"),
        ("a", "hello", "not a log that Kura knows"),
    ] {
        assert_eq!(says(path, head), expected, "{path} {head}");
    }
}

/// Whatever a record holds: a row or a reject, never a panic; and the rows make a batch.
#[test]
fn any_record_is_a_row_or_a_reject() {
    bolero::check!().for_each(|bytes: &[u8]| {
        let mut decoder = CloudTrail.decoder();
        let event = [&b"{\"eventID\":\"1\",\"eventTime\":"[..], bytes, b"}"].concat();
        for bytes in [bytes, &event] {
            let raw = RawRecord { bytes, number: 1, compact: false };
            let before = decoder.rows();
            let added = decoder.decode(raw, &facts()).is_ok();
            assert_eq!(decoder.rows(), before + usize::from(added));
        }
        decoder.finish().expect("columns of one length");
    });
}
