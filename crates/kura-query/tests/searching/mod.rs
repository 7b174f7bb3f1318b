//! Searches, histograms and top values.

use arrow::array::AsArray;
use kura_core::identity::Identity;
use kura_core::time::parse_log_time;
use kura_query::{
    ErrorKind, FieldsRequest, HistogramRequest, QueryError, SearchAnswer, SearchRequest,
};
use serde_json::json;

use crate::support::{TestLake, events, lake_of};

async fn search(lake: &TestLake, request: &SearchRequest) -> Result<SearchAnswer, QueryError> {
    lake.engine.search(&Identity::local(), request).await
}

fn ids(answer: &SearchAnswer) -> Vec<String> {
    let ids = answer.rows.column_by_name("_id").expect("ids");
    ids.as_string::<i32>().iter().map(|id| id.expect("an id").to_owned()).collect()
}

fn for_query(query: &str) -> SearchRequest {
    SearchRequest { query: query.to_owned(), limit: 1_000, ..SearchRequest::default() }
}

/// Numbers, within a day, of the events that match, if all days agree.
async fn numbers(lake: &TestLake, query: &str) -> Vec<usize> {
    let answer = search(lake, &for_query(query)).await.unwrap_or_else(|e| panic!("{query}: {e}"));
    let mut by_day: Vec<Vec<usize>> = vec![Vec::new(); 3];
    for id in ids(&answer) {
        let (day, number) = id.rsplit_once('-').expect("a day and a number");
        let day = events::DAYS.iter().position(|d| *d == day).expect("a day");
        by_day[day].push(number.parse().expect("a number"));
    }
    for numbers in &mut by_day {
        numbers.sort_unstable();
    }
    assert!(by_day.iter().all(|numbers| *numbers == by_day[0]), "{query}");
    by_day.swap_remove(0)
}

fn every(test: impl Fn(usize) -> bool) -> Vec<usize> {
    (0..events::EVENTS_PER_DAY).filter(|&at| test(at)).collect()
}

#[tokio::test]
async fn the_search_language_finds_what_it_says() {
    let lake = lake_of(&events::three_days()).await;
    type Test = fn(usize) -> bool;
    let table: Vec<(&str, Test)> = vec![
        ("", |_| true),
        ("*", |_| true),
        ("eventname:GetObject", |at| at % 6 == 0),
        ("eventName:GetObject", |at| at % 6 == 0),
        ("eventname:getobject", |_| false),
        ("getobject", |at| at % 6 == 0),
        ("eventname:*Instance*", |at| at % 6 == 1 || at % 6 == 2),
        ("eventname:D*s", |at| at % 6 == 1),
        ("mallory", |at| at % 6 == 3),
        ("\"B C\"", |at| at % 6 == 0),
        ("requestparameters.username:\"mallory 100%_sure\"", |at| at % 6 == 3),
        ("requestparameters.userName:mallory*", |at| at % 6 == 3),
        ("requestparameters.userName:*100%_*", |at| at % 6 == 3),
        ("requestparameters.userName:*100%x*", |_| false),
        ("requestParameters.bucketName:logs", |at| at % 6 == 0),
        ("requestparameters.tags.1:\"b c\"", |at| at % 6 == 0),
        ("requestparameters.size:12", |at| at % 6 == 0),
        ("requestparameters.filterSet:*", |at| at % 6 == 1),
        ("requestparameters.nothing:*", |_| false),
        ("useridentity.type:Root", |at| at % 5 == 0),
        ("userIdentity.type:Root OR useridentity.type:IAMUser", |at| at % 5 < 2),
        ("useridentity.arn:arn:aws:iam::111111111111:root", |at| at % 10 == 0),
        ("arn:aws:iam::111111111111:root", |at| at % 10 == 0),
        ("useridentity.sessioncontext.attributes.mfaauthenticated:false", |at| at % 5 == 2),
        ("errorcode:*", |at| at % 10 == 3),
        ("-errorcode:*", |at| at % 10 != 3),
        ("-errorcode:AccessDenied", |at| at % 10 != 3),
        ("NOT errorcode:Other", |_| true),
        ("eventname:CreateUser errorcode:AccessDenied", |at| at % 6 == 3 && at % 10 == 3),
        ("eventname:CreateUser -errorcode:*", |at| at % 6 == 3 && at % 10 != 3),
        ("(eventname:CreateUser OR eventname:AssumeRole) useridentity.type:Root", |at| {
            (at % 6 == 3 || at % 6 == 4) && at % 5 == 0
        }),
        ("-(getobject OR createuser)", |at| at % 6 != 0 && at % 6 != 3),
        ("resources.type:AWS::S3::Bucket", |at| at % 6 == 0),
        ("resources.arn:*secret.txt", |at| at % 6 == 0),
        ("resources.accountid:222222222222", |_| false),
        ("AWS::S3::Object", |at| at % 6 == 0),
        ("sourceipaddress:203.0.113.4", |at| at % 7 == 4),
        ("_principal:ec2.amazonaws.com", |at| at % 5 == 3),
        ("readonly:true", |at| at % 6 < 2),
        ("object.json.gz", |_| false),
        ("_origin:*#1", |at| at == 0),
    ];
    for (query, test) in table {
        assert_eq!(numbers(&lake, query).await, every(test), "{query}");
    }
    assert_eq!(ids(&search(&lake, &for_query("day:2026-11-19")).await.expect("rows")).len(), 90);
}

#[tokio::test]
async fn a_wrong_search_is_its_writers_fault_and_says_what_is_near() {
    let lake = lake_of(&events::three_days()).await;
    for (query, message, hint) in [
        ("evntname:x", "no field `evntname`", "did you mean `eventname`"),
        ("accesskeyid:x", "no field `accesskeyid`", "`useridentity.accesskeyid`"),
        ("useridentity.tipe:x", "no field `useridentity.tipe`", "`useridentity.type`"),
        ("eventname.x:y", "no field `eventname.x`", "`eventname`"),
        ("zzz:y", "no field `zzz`", "quotes"),
        ("useridentity:x", "`useridentity` is not one text", "`useridentity.type`"),
        ("\"open", "a quote is not closed", ""),
    ] {
        let error = search(&lake, &for_query(query)).await.expect_err(query);
        assert_eq!(error.kind(), ErrorKind::Statement, "{query}");
        assert_eq!(error.to_string(), message, "{query}");
        assert!(error.hint().unwrap_or_default().contains(hint), "{query}: {:?}", error.hint());
    }
    let request = SearchRequest { table: Some("clodtrail".to_owned()), ..for_query("") };
    let error = search(&lake, &request).await.expect_err("no such table");
    assert_eq!(error.hint(), Some("did you mean `cloudtrail`?"));
    let request = SearchRequest { cursor: Some("rubbish".to_owned()), ..for_query("") };
    let error = search(&lake, &request).await.expect_err("no such cursor");
    assert_eq!(error.kind(), ErrorKind::Statement);
}

#[tokio::test]
async fn pages_neither_repeat_nor_skip_rows_of_one_time() {
    let event = |at: usize| {
        json!({
            "eventVersion": "1.11", "eventTime": format!("2026-11-20T00:00:{:02}Z", at / 20),
            "eventSource": "s3.amazonaws.com", "eventName": "GetObject",
            // Some events come twice: with one time, one id, and in two files one origin.
            "eventID": format!("id-{:03}", at - at % 2),
        })
    };
    let batch: Vec<_> = (0..50).map(event).collect();
    let lake = lake_of(&[batch.clone(), batch]).await;
    for limit in [1, 3, 7, 50, 100] {
        let mut request = SearchRequest { limit, ..for_query("") };
        let mut seen = Vec::new();
        loop {
            let page = search(&lake, &request).await.expect("a page");
            assert_eq!(page.stats.rows as usize, page.rows.num_rows());
            seen.extend(ids(&page));
            assert!(seen.len() <= 100, "no page without an end");
            let Some(cursor) = page.next_cursor else { break };
            assert_eq!(page.rows.num_rows(), limit);
            request.cursor = Some(cursor);
        }
        let mut expected: Vec<String> =
            (0..100).map(|at| format!("id-{:03}", at / 2 - at / 2 % 2)).collect();
        expected.reverse();
        assert_eq!(seen, expected, "pages of {limit}");
    }
}

#[tokio::test]
async fn the_newest_rows_are_found_without_reading_the_oldest() {
    let lake = lake_of(&events::three_days()).await;
    let page = search(&lake, &SearchRequest { limit: 5, ..for_query("") }).await.expect("rows");
    assert_eq!(ids(&page)[..2], ["2026-11-20-089", "2026-11-20-088"]);
    assert_eq!(page.table, "cloudtrail");
    assert!(page.stats.files_pruned >= 1, "{:?}", page.stats);
    let since = parse_log_time("2026-11-19T00:00:00Z");
    let until = parse_log_time("2026-11-19T01:00:00Z");
    let page = search(&lake, &SearchRequest { since, until, ..for_query("") }).await.expect("rows");
    let expected = ["2026-11-19-003", "2026-11-19-002", "2026-11-19-001", "2026-11-19-000"];
    assert_eq!(ids(&page), expected);
    assert_eq!(page.stats.files_pruned, 2);
}

#[tokio::test]
async fn a_histogram_counts_every_row_once() {
    let lake = lake_of(&events::three_days()).await;
    let who = Identity::local();
    for (query, total, errors) in [("", 270, 27), ("eventname:GetObject", 45, 0), ("nothing", 0, 0)]
    {
        for buckets in [1, 3, 10, 60, 1_000] {
            let request = HistogramRequest {
                query: query.to_owned(),
                buckets,
                ..HistogramRequest::default()
            };
            let answer = lake.engine.histogram(&who, &request).await.expect("a histogram");
            assert_eq!(answer.total, total, "{query} in {buckets}");
            assert_eq!(answer.buckets.iter().map(|b| b.count).sum::<u64>(), total);
            let found: u64 = answer.buckets.iter().map(|b| b.errors).sum();
            assert_eq!(found, if query.is_empty() { errors } else { found });
            assert!(answer.buckets.len() <= buckets, "{} of {buckets}", answer.buckets.len());
            let step = answer.step_seconds * 1_000_000;
            assert!(answer.buckets.windows(2).all(|pair| pair[1].time - pair[0].time == step));
        }
    }
    let request = HistogramRequest {
        since: parse_log_time("2026-11-19T00:00:00Z"),
        until: parse_log_time("2026-11-20T00:00:00Z"),
        buckets: 24,
        ..HistogramRequest::default()
    };
    let answer = lake.engine.histogram(&who, &request).await.expect("a histogram");
    assert_eq!((answer.step_seconds, answer.buckets.len(), answer.total), (3_600, 24, 90));
    assert_eq!(answer.stats.files_pruned, 2);
    assert_eq!(answer.buckets[0].count, 4);
}

#[tokio::test]
async fn fields_tell_their_top_values_and_how_often_they_are_missing() {
    let lake = lake_of(&events::three_days()).await;
    let request = FieldsRequest {
        query: "-eventname:ConsoleLogin".to_owned(),
        fields: [
            "eventname",
            "errorCode",
            "useridentity.type",
            "requestparameters.bucketName",
            "day",
        ]
        .map(str::to_owned)
        .to_vec(),
        limit: 2,
        ..FieldsRequest::default()
    };
    let answer = lake.engine.fields(&Identity::local(), &request).await.expect("fields");
    let shown: Vec<String> = answer
        .fields
        .iter()
        .map(|field| {
            let values: Vec<String> =
                field.values.iter().map(|v| format!("{}={}", v.value, v.count)).collect();
            format!("{}: {} missing {}", field.name, values.join(" "), field.missing)
        })
        .collect();
    assert_eq!(answer.total, 225);
    assert_eq!(
        shown,
        [
            "eventname: AssumeRole=45 CreateUser=45 missing 0",
            "errorCode: AccessDenied=18 missing 207",
            "useridentity.type: AWSAccount=45 AWSService=45 missing 0",
            "requestparameters.bucketName: logs=45 missing 180",
            "day: 2026-11-18=75 2026-11-19=75 missing 0",
        ]
    );
    let wrong = FieldsRequest { fields: vec!["nope".to_owned()], ..FieldsRequest::default() };
    let error = lake.engine.fields(&Identity::local(), &wrong).await.expect_err("no such field");
    assert_eq!(error.kind(), ErrorKind::Statement);
}
