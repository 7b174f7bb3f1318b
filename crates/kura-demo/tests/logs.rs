//! What the logs promise, checked on the finished objects as an import would see them.

mod reading;

use std::collections::{HashMap, HashSet};

use expect_test::expect;
use kura_demo::{Demo, Object, Options, Totals};
use reading::{demo, parse, text, unpack};
use serde_json::Value;

#[test]
fn same_options_same_bytes() {
    let first: Vec<Object> = demo(1, 1, 3_000).objects().collect();
    let second: Vec<Object> = demo(1, 1, 3_000).objects().collect();
    let other: Vec<Object> = demo(2, 1, 3_000).objects().collect();
    assert!(first == second);
    assert!(first != other);
    assert!(first.iter().all(|object| object.bytes[4..8] == [0; 4]), "a time in a header");
}

#[test]
fn totals_are_what_there_is() {
    for (days, events) in [(1, 2_000), (2, 4_000), (7, 6_000)] {
        let demo = demo(1, days, events);
        let mut counted = Totals::default();
        let mut known: HashMap<String, String> = HashMap::new();
        let mut keys = HashSet::new();
        for object in demo.objects() {
            assert!(keys.insert(object.key.clone()), "{} twice", object.key);
            if object.events == 0 {
                counted.digests += 1;
                continue;
            }
            let records = parse(&object);
            assert_eq!(records.len() as u64, object.events);
            counted.objects += 1;
            for record in records {
                counted.records += 1;
                let json = record.to_string();
                match known.insert(text(&record, "/eventID").to_owned(), json.clone()) {
                    Some(before) => {
                        assert_eq!(before, json, "same id, other record");
                        counted.duplicates += 1;
                    }
                    None => counted.unique_records += 1,
                }
            }
        }
        assert_eq!(counted, demo.totals());
        assert!(counted.duplicates > 0, "{days} days without a repeated delivery");
        assert_eq!(counted.digests, u64::from(days) * 24);
        assert!(counted.unique_records.abs_diff(events) * 50 <= events, "{counted:?}");
    }
}

#[test]
fn objects_come_in_order_and_hold_what_their_name_says() {
    let mut last = String::new();
    for object in demo(1, 2, 4_000).objects().filter(|object| object.events > 0) {
        let name = Name::of(&object.key);
        assert!(name.time >= last, "{} after {last}", name.time);
        last.clone_from(&name.time);
        for record in parse(&object) {
            assert_eq!(text(&record, "/recipientAccountId"), name.account);
            assert_eq!(text(&record, "/awsRegion"), name.region);
            let delay = minutes(&name.time) - minutes(text(&record, "/eventTime"));
            assert!((0..=15).contains(&delay), "{delay} minutes late: {record}");
        }
    }
}

#[test]
fn records_have_what_every_record_has() {
    let demo = demo(3, 1, 6_000);
    let accounts: Vec<&str> = demo.accounts().iter().map(|account| account.id()).collect();
    for record in demo.objects().filter(|object| object.events > 0).flat_map(|o| parse(&o)) {
        for field in [
            "/eventVersion",
            "/userIdentity/type",
            "/eventTime",
            "/eventSource",
            "/eventName",
            "/awsRegion",
            "/sourceIPAddress",
            "/eventID",
            "/eventType",
            "/eventCategory",
        ] {
            assert!(!text(&record, field).is_empty(), "{field} of {record}");
        }
        let key = text(&record, "/userIdentity/accessKeyId");
        assert!(key.is_empty() || key.len() == 20, "{key}");
        assert!(record["readOnly"].is_boolean() && record["managementEvent"].is_boolean());
        assert!(accounts.contains(&text(&record, "/recipientAccountId")));
        assert!(["1.08", "1.09", "1.10", "1.11"].contains(&text(&record, "/eventVersion")));
        assert_eq!(record.get("errorCode").is_some(), record.get("errorMessage").is_some());
        assert!(record.get("errorCode").is_none() || record["responseElements"].is_null());
        assert!(!record.to_string().contains('<'), "an open hole: {record}");
    }
}

#[test]
fn assuming_a_role_elsewhere_leaves_a_record_in_both_accounts() {
    let mut by_shared_id: HashMap<String, Vec<(String, String)>> = HashMap::new();
    for record in reading::unique_records(&demo(1, 1, 12_000)) {
        let shared = text(&record, "/sharedEventID");
        if !shared.is_empty() {
            by_shared_id.entry(shared.to_owned()).or_default().push((
                text(&record, "/eventID").to_owned(),
                text(&record, "/recipientAccountId").to_owned(),
            ));
        }
    }
    let pairs: Vec<_> = by_shared_id.values().filter(|records| records.len() == 2).collect();
    assert!(pairs.len() >= 4);
    assert!(pairs.iter().all(|pair| pair[0].0 != pair[1].0 && pair[0].1 != pair[1].1));
}

#[test]
fn digests_list_every_object_of_their_account_and_region() {
    let objects: Vec<Object> = demo(1, 1, 6_000).objects().collect();
    let (mut listed, mut previous) = (HashSet::new(), None);
    let digests: Vec<&Object> =
        objects.iter().filter(|object| object.key.contains("/CloudTrail-Digest/")).collect();
    for object in &digests {
        let digest: Value = serde_json::from_str(&unpack(object)).expect("JSON");
        assert_eq!(digest["digestS3Object"], object.key);
        assert_eq!(digest["previousDigestS3Object"].as_str(), previous.as_deref());
        previous = Some(object.key.clone());
        for file in digest["logFiles"].as_array().expect("a list") {
            listed.insert(text(file, "/s3Object").to_owned());
        }
    }
    let lane =
        text(&serde_json::from_str(&unpack(digests[0])).expect("JSON"), "/awsAccountId").to_owned();
    let region = digests[0].key.split('/').nth(4).expect("a Region");
    // What is delivered after the last digest is on the next day's list.
    let expected: HashSet<String> = objects
        .iter()
        .filter(|object| object.key.contains(&format!("/{lane}/CloudTrail/{region}/2026/11/20/")))
        .map(|object| object.key.clone())
        .collect();
    assert!(expected.len() > 20 && expected.is_subset(&listed));
}

#[test]
fn nobody_uses_the_leaked_key_once_it_is_off() {
    let records = reading::unique_records(&demo(1, 1, 6_000));
    let off = records
        .iter()
        .find(|record| record["eventName"] == "UpdateAccessKey")
        .expect("the responder turns the key off");
    let key = text(off, "/requestParameters/accessKeyId");
    let used: Vec<&str> = records
        .iter()
        .filter(|record| text(record, "/userIdentity/accessKeyId") == key)
        .map(|record| text(record, "/eventTime"))
        .collect();
    assert!(used.len() > 40 && used.iter().all(|time| *time < text(off, "/eventTime")));
}

#[test]
fn a_record_as_it_is_written() {
    let records = reading::unique_records(&demo(1, 1, 2_000));
    let stop =
        records.iter().find(|record| record["eventName"] == "StopLogging").expect("it is there");
    expect![[r#"
        {
          "eventVersion": "1.09",
          "userIdentity": {
            "type": "AssumedRole",
            "principalId": "AROAD74NRD4FFBDLWDCT5:release-pipeline",
            "arn": "arn:aws:sts::333344445555:assumed-role/DeployOrchestrator/release-pipeline",
            "accountId": "333344445555",
            "accessKeyId": "ASIA5NZ7G7FISGLMSTHU",
            "sessionContext": {
              "sessionIssuer": {
                "type": "Role",
                "principalId": "AROAD74NRD4FFBDLWDCT5",
                "arn": "arn:aws:iam::333344445555:role/DeployOrchestrator",
                "accountId": "333344445555",
                "userName": "DeployOrchestrator"
              },
              "attributes": {
                "creationDate": "2026-11-20T17:52:24Z",
                "mfaAuthenticated": "false"
              }
            }
          },
          "eventTime": "2026-11-20T18:07:20Z",
          "eventSource": "cloudtrail.amazonaws.com",
          "eventName": "StopLogging",
          "awsRegion": "ap-northeast-1",
          "sourceIPAddress": "192.0.2.61",
          "userAgent": "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
          "requestParameters": {
            "name": "arn:aws:cloudtrail:ap-northeast-1:333344445555:trail/hoshizora-prod-trail"
          },
          "responseElements": null,
          "requestID": "2d221223-5233-40ca-b3e2-543fe76ced1e",
          "eventID": "40b5b766-4500-4ac7-bf23-3a0bb66535ba",
          "readOnly": false,
          "eventType": "AwsApiCall",
          "managementEvent": true,
          "recipientAccountId": "333344445555",
          "eventCategory": "Management",
          "tlsDetails": {
            "tlsVersion": "TLSv1.3",
            "cipherSuite": "TLS_AES_128_GCM_SHA256",
            "clientProvidedHostHeader": "cloudtrail.ap-northeast-1.amazonaws.com"
          },
          "sessionCredentialFromConsole": "true"
        }"#]]
    .assert_eq(&serde_json::to_string_pretty(stop).expect("JSON"));
}

#[test]
fn an_absurdly_small_demo_still_has_its_story() {
    let demo = Demo::new(Options { days: 0, events: 0, ..Options::default() });
    assert!(demo.totals().unique_records > 400);
    assert!(demo.questions().iter().all(|question| !question.answer.is_empty()));
}

/// The parts of an object's name.
struct Name<'a> {
    account: &'a str,
    region: &'a str,
    time: String,
}

impl Name<'_> {
    fn of(key: &str) -> Name<'_> {
        let (folder, file) = key.rsplit_once('/').expect("a folder");
        let parts: Vec<&str> = file.split('_').collect();
        let [account, "CloudTrail", region, time, unique] = parts[..] else { panic!("{key}") };
        let day = format!("{}/{}/{}", &time[..4], &time[4..6], &time[6..8]);
        assert_eq!(folder.split_once('/').map(|(top, _)| top), Some("AWSLogs"));
        assert!(folder.starts_with("AWSLogs/o-"), "{folder}");
        assert!(folder.ends_with(&format!("/{account}/CloudTrail/{region}/{day}")), "{folder}");
        assert_eq!(unique.strip_suffix(".json.gz").map(str::len), Some(16));
        let (hour, minute) = (&time[9..11], &time[11..13]);
        Name { account, region, time: format!("{}T{hour}:{minute}:00Z", day.replace('/', "-")) }
    }
}

fn minutes(time: &str) -> i64 {
    let time: chrono::DateTime<chrono::Utc> = time.parse().expect("a time");
    (time.timestamp() as f64 / 60.0).floor() as i64
}
