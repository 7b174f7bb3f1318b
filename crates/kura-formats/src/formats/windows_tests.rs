//! Windows events in, rows out.

use expect_test::{Expect, expect};

use super::*;
use crate::formats::shown::shown;
use crate::recognise::{Recognised, recognise};

#[track_caller]
fn check_shown(records: &str, expected: &Expect) {
    expected.assert_eq(&shown(&FORMAT, records));
}

const SYSTEM: &str = "<System><Provider Name='Microsoft-Windows-Security-Auditing' Guid='{5484}'/><EventID Qualifiers='0'>4624</EventID><Version>2</Version><Level>0</Level><Task>12544</Task><Opcode>0</Opcode><Keywords>0x8020000000000000</Keywords><TimeCreated SystemTime='2026-11-20T10:00:00.1234567Z'/><EventRecordID>77</EventRecordID><Correlation ActivityID='{a}'/><Execution ProcessID='600' ThreadID='700'/><Channel>Security</Channel><Computer>dc-1</Computer><Security UserID='S-1-5-18'/></System>";

fn event(rest: &str) -> String {
    format!(
        "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'>{SYSTEM}{rest}</Event>"
    )
}

#[test]
fn xml_in_a_line_in_many_and_damaged() {
    let data = event(
        "<EventData><Data Name='TargetUserName'>ann &amp; bob&#10;</Data><Data Name='Empty'/><Data>one</Data><Data>two</Data><Binary>0a</Binary></EventData>",
    );
    let rendered = event(
        "<UserData><Own xmlns='u'><Param>1</Param><Param>2</Param></Own></UserData>\n<RenderingInfo Culture='en-US'><Message>An account\nlogged on</Message><Level>Information</Level></RenderingInfo>",
    )
    .replace("><", ">\r\n  <");
    let cut = &data[..data.len() / 2];
    let list = format!("<?xml version='1.0'?>\n<Events>{data}{data}</Events>\n");
    check_shown(
        &format!("{data}\n{rendered}\n{cut}\n{data}<x/>\n"),
        &expect![[r#"
            3 not_an_event: broken XML: syntax error: tag not closed: `>` not found before end of input
            4 not_an_event: broken XML: something else stands behind the event
            {"_time":"2026-11-20T10:00:00.123456Z","provider":"Microsoft-Windows-Security-Auditing","provider_guid":"{5484}","channel":"Security","event_id":4624,"version":2,"level":"LogAlways","task":"12544","opcode":"0","keywords":"0x8020000000000000","computer":"dc-1","record_id":77,"user_sid":"S-1-5-18","time_created":"2026-11-20T10:00:00.1234567Z","event_data":"{\"TargetUserName\":\"ann & bob\\n\",\"Empty\":\"\",\"param1\":\"one\",\"param2\":\"two\",\"Binary\":\"0a\"}","process_id":600,"thread_id":700,"activity_id":"{a}","_account":"111122223333","_region":"us-west-1","_principal":"S-1-5-18","_id":"at-50e0103b55dba5a3","_origin":"s3://logs/key#1","_extra":"{\"System/EventID@Qualifiers\":\"0\"}","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
            {"_time":"2026-11-20T10:00:00.123456Z","provider":"Microsoft-Windows-Security-Auditing","provider_guid":"{5484}","channel":"Security","event_id":4624,"version":2,"level":"Information","task":"12544","opcode":"0","keywords":"0x8020000000000000","computer":"dc-1","record_id":77,"user_sid":"S-1-5-18","time_created":"2026-11-20T10:00:00.1234567Z","message":"An account\nlogged on","event_data":"{\"Param\":\"1\",\"Param_2\":\"2\"}","process_id":600,"thread_id":700,"activity_id":"{a}","_account":"111122223333","_region":"us-west-1","_principal":"S-1-5-18","_id":"at-d54a76d6b2462b90","_origin":"s3://logs/key#2","_extra":"{\"System/EventID@Qualifiers\":\"0\",\"System/Level\":\"0\",\"RenderingInfo@Culture\":\"en-US\"}","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
        "#]],
    );
    check_shown(
        &list,
        &expect![[r#"
            {"_time":"2026-11-20T10:00:00.123456Z","provider":"Microsoft-Windows-Security-Auditing","provider_guid":"{5484}","channel":"Security","event_id":4624,"version":2,"level":"LogAlways","task":"12544","opcode":"0","keywords":"0x8020000000000000","computer":"dc-1","record_id":77,"user_sid":"S-1-5-18","time_created":"2026-11-20T10:00:00.1234567Z","event_data":"{\"TargetUserName\":\"ann & bob\\n\",\"Empty\":\"\",\"param1\":\"one\",\"param2\":\"two\",\"Binary\":\"0a\"}","process_id":600,"thread_id":700,"activity_id":"{a}","_account":"111122223333","_region":"us-west-1","_principal":"S-1-5-18","_id":"at-d54a76d6b2462b90","_origin":"s3://logs/key#2","_extra":"{\"System/EventID@Qualifiers\":\"0\"}","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
            {"_time":"2026-11-20T10:00:00.123456Z","provider":"Microsoft-Windows-Security-Auditing","provider_guid":"{5484}","channel":"Security","event_id":4624,"version":2,"level":"LogAlways","task":"12544","opcode":"0","keywords":"0x8020000000000000","computer":"dc-1","record_id":77,"user_sid":"S-1-5-18","time_created":"2026-11-20T10:00:00.1234567Z","event_data":"{\"TargetUserName\":\"ann & bob\\n\",\"Empty\":\"\",\"param1\":\"one\",\"param2\":\"two\",\"Binary\":\"0a\"}","process_id":600,"thread_id":700,"activity_id":"{a}","_account":"111122223333","_region":"us-west-1","_principal":"S-1-5-18","_id":"at-4ab649b29afd0ad6","_origin":"s3://logs/key#3","_extra":"{\"System/EventID@Qualifiers\":\"0\"}","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
        "#]],
    );
}

#[test]
fn json_of_every_shipper() {
    check_shown(
        concat!(
            r#"{"@timestamp":"2026-11-20T10:00:00.123Z","winlog":{"channel":"Security","provider_name":"P","event_id":"4625","computer_name":"dc-1","record_id":"12","task":"Logon","opcode":"Info","keywords":["Audit Failure"],"event_data":{"TargetUserName":"ann"},"process":{"pid":4,"thread":{"id":5}},"user":{"identifier":"S-1"},"api":"wineventlog"},"event":{"code":"4625","kind":"event"},"log":{"level":"information"},"message":"m"}"#,
            "\n",
            r#"{"EventTime":"2026-11-20 10:00:00","Hostname":"dc-1","Keywords":-9214364837600034816,"EventType":"AUDIT_SUCCESS","SeverityValue":2,"Severity":"INFO","EventID":4624,"SourceName":"P","RecordNumber":13,"ProcessID":600,"Channel":"Security","Message":"m","TargetUserName":"ann"}"#,
            "\n",
            r#"{"ProviderName":"P","ProviderGuid":"{1}","Qualifiers":"","EventID":1,"Version":2,"Level":4,"Task":1,"Opcode":0,"Keywords":"0x80","TimeCreated":"2026-11-20 10:00:00 +0900","EventRecordID":14,"ActivityID":"","ProcessID":6,"ThreadID":7,"Channel":"System","Computer":"c","UserID":"","Message":"m","StringInserts":["a",1]}"#,
            "\n",
            r#"{"Id":7045,"Version":0,"Level":4,"RecordId":15,"ProviderName":"Service Control Manager","LogName":"System","MachineName":"c","UserId":{"BinaryLength":12,"Value":"S-1-5-18"},"TimeCreated":"\/Date(1795168800123)\/","LevelDisplayName":"Information","Properties":[{"Value":"x"}],"Message":"m"}"#,
            "\n",
            r##"{"Event":{"#attributes":{"xmlns":"x"},"System":{"Provider":{"#attributes":{"Name":"P"}},"EventID":4624,"TimeCreated":{"#attributes":{"SystemTime":"2026-11-20T10:00:00Z"}},"EventRecordID":16,"Channel":"Security","Computer":"c"},"EventData":{"a":"b"}}}"##,
            "\n",
            "{\"a\":1}\n{\"EventID\":\n",
        ),
        &expect![[r##"
            6 not_an_event: none of an event's id, channel and provider
            7 truncated: the object ends within a record
            {"_time":"2026-11-20T10:00:00.123Z","provider":"P","channel":"Security","event_id":4625,"level":"information","task":"Logon","opcode":"Info","keywords":"[\"Audit Failure\"]","computer":"dc-1","record_id":12,"user_sid":"S-1","time_created":"2026-11-20T10:00:00.123Z","message":"m","event_data":"{\"TargetUserName\":\"ann\"}","process_id":4,"thread_id":5,"_account":"111122223333","_region":"us-west-1","_principal":"S-1","_id":"at-50e0103b55dba5a3","_origin":"s3://logs/key#1","_extra":"{\"winlog\":{\"api\":\"wineventlog\"},\"event\":{\"code\":\"4625\",\"kind\":\"event\"}}","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
            {"_time":"2026-11-20T10:00:00Z","provider":"P","channel":"Security","event_id":4624,"level":"INFO","keywords":"-9214364837600034816","computer":"dc-1","record_id":13,"time_created":"2026-11-20 10:00:00","message":"m","process_id":600,"_account":"111122223333","_region":"us-west-1","_id":"at-d54a76d6b2462b90","_origin":"s3://logs/key#2","_extra":"{\"EventType\":\"AUDIT_SUCCESS\",\"SeverityValue\":2,\"TargetUserName\":\"ann\"}","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
            {"_time":"2026-11-20T01:00:00Z","provider":"P","provider_guid":"{1}","channel":"System","event_id":1,"version":2,"level":"Information","task":"1","opcode":"0","keywords":"0x80","computer":"c","record_id":14,"time_created":"2026-11-20 10:00:00 +0900","message":"m","event_data":"[\"a\",1]","process_id":6,"thread_id":7,"_account":"111122223333","_region":"us-west-1","_id":"at-4ab649b29afd0ad6","_origin":"s3://logs/key#3","_extra":"{\"Qualifiers\":\"\"}","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
            {"_time":"2026-11-20T10:00:00.123Z","provider":"Service Control Manager","channel":"System","event_id":7045,"version":0,"level":"Information","computer":"c","record_id":15,"user_sid":"S-1-5-18","time_created":"/Date(1795168800123)/","message":"m","event_data":"[{\"Value\":\"x\"}]","_account":"111122223333","_region":"us-west-1","_principal":"S-1-5-18","_id":"at-a33be5c4786eecad","_origin":"s3://logs/key#4","_extra":"{\"UserId\":{\"BinaryLength\":12},\"Level\":4}","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
            {"_time":"2026-11-20T10:00:00Z","provider":"P","channel":"Security","event_id":4624,"computer":"c","record_id":16,"time_created":"2026-11-20T10:00:00Z","event_data":"{\"a\":\"b\"}","_account":"111122223333","_region":"us-west-1","_id":"at-ca82b25e7b727357","_origin":"s3://logs/key#5","_extra":"{\"Event\":{\"#attributes\":{\"xmlns\":\"x\"}}}","_ingested":"2023-11-14T22:13:20Z","day":"2023-11-14"}
        "##]],
    );
}

#[test]
fn first_records_tell() {
    let xml = event("");
    let pretty = xml.replace("><", ">\n<");
    let list = format!("<?xml version='1.0' encoding='utf-8'?>\n<Events>{xml}</Events>");
    for head in [
        &xml[..],
        &pretty,
        &list,
        r#"{"@timestamp":"2026-11-20T10:00:00Z","winlog":{"channel":"System","computer_name":"c"},"message":"m"}"#,
        r#"{"ProviderName":"P","EventID":1,"Channel":"System","Computer":"c","Message":"m"}"#,
        r#"{"Id":1,"LogName":"System","MachineName":"c","Message":"m"}"#,
        r#"{"Event":{"System":{"EventRecordID":1}}}"#,
    ] {
        let Recognised::Records { format, .. } = recognise("x", head.as_bytes()) else {
            panic!("{head}");
        };
        assert_eq!(format.name(), NAME, "{head}");
    }
    for head in
        ["<Event id='1'/>", "<Events/>", r#"{"Event":"x","message":"System"}"#, r#"{"Id":1}"#]
    {
        if let Recognised::Records { format, .. } = recognise("x", head.as_bytes()) {
            assert_ne!(format.name(), NAME, "{head}");
        }
    }
}
