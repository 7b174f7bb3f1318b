//! AWS CloudTrail events: who did what, when, from where.
//!
//! What they record and their traps stand in [`CloudTrail::about`], for the reader of the
//! reference page; how each part is decoded stands here.

use arrow::datatypes::SchemaRef;
use arrow::error::ArrowError;
use kura_core::origin::ObjectFacts;
use kura_core::table::{Rows, TableSpec, column, fingerprint};
use kura_core::time::{Micros, parse_log_time};

use super::{Decoder, FlatCopy, Format, Head, HeadSays, KeyFacts, KeySays, RawRecord, View};
use crate::cells::{Cell, Extra, Parts};
use crate::columns::{Column, ColumnType, Role, log_schema};
use crate::json::{Cursor, Kind, kind_of, text_of, unquote};
use crate::reject::{Reason, Reject};
use crate::rows::{KuraCells, Needles};

#[derive(Debug)]
pub struct CloudTrail;

const NAME: &str = "cloudtrail";

impl Format for CloudTrail {
    fn name(&self) -> &'static str {
        NAME
    }

    fn title(&self) -> &'static str {
        "AWS CloudTrail events"
    }

    fn about(&self) -> &'static str {
        include_str!("cloudtrail.md")
    }

    fn source(&self) -> &'static str {
        "https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html"
    }

    fn columns(&self) -> &'static [Column] {
        COLUMNS
    }

    fn table(&self) -> TableSpec {
        TableSpec {
            name: NAME,
            schema: schema(),
            statistics: &[
                column::TIME,
                "eventtime",
                "eventsource",
                "eventname",
                column::ACCOUNT,
                column::REGION,
                column::PRINCIPAL,
                column::ACCESSKEY,
                column::ADDR,
            ],
            blooms: &[column::ID, column::PRINCIPAL, column::ACCESSKEY, column::ADDR, "eventname"],
        }
    }

    fn views(&self) -> &'static [View] {
        &[View {
            name: "cloudtrail_logs",
            select: "awsregion AS region, to_char(\"day\", '%Y') AS year, to_char(\"day\", '%m') AS month, \
                     to_char(\"day\", '%d') AS \"day\", to_char(\"day\", '%Y/%m/%d') AS \"timestamp\"",
        }]
    }

    fn examples(&self) -> &'static [(&'static str, &'static str)] {
        &[
            (
                "Who deleted the RDS instance?",
                "SELECT eventtime, _principal, sourceipaddress, json_extract_scalar(requestparameters, '$.dBInstanceIdentifier') AS instance\nFROM cloudtrail WHERE eventname = 'DeleteDBInstance' AND errorcode IS NULL ORDER BY _time",
            ),
            (
                "What did this access key do?",
                "SELECT eventname, count(*) AS calls, count(errorcode) AS errors\nFROM cloudtrail WHERE useridentity.accesskeyid = 'AKIAIOSFODNN7EXAMPLE' GROUP BY 1 ORDER BY 2 DESC",
            ),
            (
                "Console logins without MFA",
                "SELECT eventtime, _principal, sourceipaddress FROM cloudtrail\nWHERE eventname = 'ConsoleLogin' AND additionaleventdata ->> 'MFAUsed' = 'No' ORDER BY _time",
            ),
        ]
    }

    fn flat_copies(&self) -> &'static [FlatCopy] {
        &[
            FlatCopy { path: &["useridentity", "arn"], column: column::PRINCIPAL },
            FlatCopy { path: &["useridentity", "accesskeyid"], column: column::ACCESSKEY },
            FlatCopy { path: &["sourceipaddress"], column: column::ADDR },
            FlatCopy { path: &["awsregion"], column: column::REGION },
            FlatCopy { path: &["recipientaccountid"], column: column::ACCOUNT },
            FlatCopy { path: &["eventid"], column: column::ID },
        ]
    }

    fn recognise_key(&self, path: &str) -> Option<KeySays> {
        match path {
            _ if path.contains("/CloudTrail-Digest/") || path.contains("_CloudTrail-Digest_") => {
                Some(KeySays::Nothing(DIGEST))
            }
            _ if path.contains("/CloudTrail-Insight/") || path.contains("_CloudTrail-Insight_") => {
                Some(KeySays::Nothing(INSIGHTS))
            }
            _ => key_facts(path).map(KeySays::Records),
        }
    }

    fn recognise_record(&self, record: &Head<'_>) -> Option<HeadSays> {
        if record.has("detail-type") && record.has("detail") {
            let kind = text_of(record.value("detail-type"))?;
            return kind.ends_with("via CloudTrail").then_some(HeadSays::Records);
        }
        if record.has("digestStartTime") && record.has("logFiles") {
            return Some(HeadSays::Nothing(DIGEST));
        }
        if is_insight(text_of(record.value("eventType")), record.has("insightDetails")) {
            return Some(HeadSays::Nothing(INSIGHTS));
        }
        // S3 event notifications are `Records` with a version, a source and a name, too.
        let event = record.has("eventSource") && record.has("eventName") && !record.has("s3");
        let versioned = record.has("eventVersion") && record.has("eventTime") && !record.has("s3");
        let begun = record.has("eventVersion") && record.cut;
        (event || versioned || begun).then_some(HeadSays::Records)
    }

    fn restart(&self) -> &'static [u8] {
        b"\"eventVersion\""
    }

    fn decoder(&self) -> Box<dyn Decoder> {
        Box::new(CloudTrailDecoder::default())
    }
}

const DIGEST: &str = "CloudTrail digest";
const INSIGHTS: &str = "CloudTrail Insights events";
const INSIGHT_EVENT_TYPE: &str = "AwsCloudTrailInsight";

fn is_insight(event_type: Option<&str>, has_details: bool) -> bool {
    has_details || event_type == Some(INSIGHT_EVENT_TYPE)
}

fn schema() -> SchemaRef {
    log_schema(COLUMNS)
}

/// Account, Region and time out of a file name of AWS's making:
/// `<account>_CloudTrail_<region>_<YYYYMMDDTHHMMZ>_<unique>.json.gz`.
fn key_facts(path: &str) -> Option<KeyFacts> {
    let name = path.rsplit(['/', '\\']).next()?;
    let (account, rest) = name.split_once("_CloudTrail_")?;
    let mut parts = rest.split('_');
    let region = parts.next()?;
    let time = parts.next().and_then(key_time);
    let account_is_plain = account.len() == 12 && account.bytes().all(|b| b.is_ascii_digit());
    account_is_plain.then(|| KeyFacts {
        account: Some(account.to_owned()),
        region: Some(region.to_owned()),
        time,
    })
}

/// `20210802T0535Z`.
fn key_time(text: &str) -> Option<Micros> {
    let time = chrono::NaiveDateTime::parse_from_str(text, "%Y%m%dT%H%MZ").ok()?;
    Some(time.and_utc().timestamp_micros())
}

/// Parts of a request that name what it is about, when the record's own list of resources
/// does not. Values land in `_resource`.
const RESOURCE_KEYS: [&str; 32] = [
    "bucketName",
    "key",
    "instanceId",
    "userName",
    "roleName",
    "roleArn",
    "groupName",
    "groupId",
    "policyArn",
    "policyName",
    "accessKeyId",
    "dBInstanceIdentifier",
    "dBClusterIdentifier",
    "dBSnapshotIdentifier",
    "functionName",
    "name",
    "trailName",
    "secretId",
    "keyId",
    "tableName",
    "queueUrl",
    "topicArn",
    "clusterName",
    "stackName",
    "volumeId",
    "snapshotId",
    "vpcId",
    "subnetId",
    "networkInterfaceId",
    "hostedZoneId",
    "detectorId",
    "logGroupName",
];

const SESSION_ISSUER: &[Column] = &[
    Column::text("type", "type", ""),
    Column::text("principalid", "principalId", ""),
    Column::text("arn", "arn", ""),
    Column::text("accountid", "accountId", ""),
    Column::text("username", "userName", ""),
];

const SESSION_CONTEXT: &[Column] = &[
    Column::new(
        "attributes",
        "attributes",
        ColumnType::Struct(&[
            Column::text("mfaauthenticated", "mfaAuthenticated", ""),
            Column::text("creationdate", "creationDate", ""),
        ]),
        "",
    ),
    Column::new("sessionissuer", "sessionIssuer", ColumnType::Struct(SESSION_ISSUER), ""),
    Column::text("ec2roledelivery", "ec2RoleDelivery", ""),
    Column::new(
        "webidfederationdata",
        "webIdFederationData",
        ColumnType::Struct(&[
            Column::text("federatedprovider", "federatedProvider", ""),
            Column::new("attributes", "attributes", ColumnType::Map, ""),
        ]),
        "",
    ),
];

const USER_IDENTITY: &[Column] = &[
    Column::text("type", "type", "").role(Role::Facet),
    Column::text("principalid", "principalId", ""),
    Column::text("arn", "arn", ""),
    Column::text("accountid", "accountId", ""),
    Column::text("invokedby", "invokedBy", ""),
    Column::text("accesskeyid", "accessKeyId", ""),
    Column::text("username", "userName", "").role(Role::Facet),
    Column::new(
        "onbehalfof",
        "onBehalfOf",
        ColumnType::Struct(&[
            Column::text("userid", "userId", ""),
            Column::text("identitystorearn", "identityStoreArn", ""),
        ]),
        "",
    ),
    Column::new("sessioncontext", "sessionContext", ColumnType::Struct(SESSION_CONTEXT), ""),
];

/// Athena's documented columns, in its order; `managementevent` is in every record now and
/// not on that page.
const COLUMNS: &[Column] = &[
    Column::text("eventversion", "eventVersion", "Version of the record's shape."),
    Column::new(
        "useridentity",
        "userIdentity",
        ColumnType::Struct(USER_IDENTITY),
        "Who made the request.",
    ),
    Column::text("eventtime", "eventTime", "When the request was completed, UTC, as written."),
    Column::text("eventsource", "eventSource", "The service asked.").role(Role::Facet),
    Column::text("eventname", "eventName", "The action asked for.").role(Role::Facet),
    Column::text("awsregion", "awsRegion", "The Region the request was made to."),
    Column::text(
        "sourceipaddress",
        "sourceIPAddress",
        "Where it came from: an address, or a service's name.",
    ),
    Column::text("useragent", "userAgent", "The program that asked.").role(Role::Facet),
    Column::text("errorcode", "errorCode", "The service's error, if it refused.").role(Role::Facet),
    Column::text("errormessage", "errorMessage", "The error in words."),
    Column::json("requestparameters", "requestParameters", "What was asked, as JSON."),
    Column::json("responseelements", "responseElements", "What a change answered, as JSON."),
    Column::json("additionaleventdata", "additionalEventData", "More about the event, as JSON."),
    Column::text("requestid", "requestID", "The service's id of the request."),
    Column::text("eventid", "eventID", "CloudTrail's id of the event; also `_id`."),
    Column::new(
        "resources",
        "resources",
        ColumnType::List(&[
            Column::text("arn", "ARN", ""),
            Column::text("accountid", "accountId", ""),
            Column::text("type", "type", ""),
        ]),
        "Resources the event touched.",
    ),
    Column::text(
        "eventtype",
        "eventType",
        "`AwsApiCall`, `AwsServiceEvent`, `AwsConsoleSignIn` and so on.",
    )
    .role(Role::Facet),
    Column::text("apiversion", "apiVersion", "Version of the service's API."),
    Column::text("readonly", "readOnly", "`true` for a read, `false` for a change."),
    Column::text(
        "recipientaccountid",
        "recipientAccountId",
        "The account that received the event.",
    ),
    Column::json(
        "serviceeventdetails",
        "serviceEventDetails",
        "What a service did by itself, as JSON.",
    ),
    Column::text(
        "sharedeventid",
        "sharedEventID",
        "One id in all accounts that received the event.",
    ),
    Column::text("vpcendpointid", "vpcEndpointId", "The VPC endpoint it came through."),
    Column::text("vpcendpointaccountid", "vpcEndpointAccountId", "The account of that endpoint."),
    Column::text(
        "eventcategory",
        "eventCategory",
        "`Management`, `Data`, `NetworkActivity` or `Insight`.",
    ),
    Column::new(
        "addendum",
        "addendum",
        ColumnType::Struct(&[
            Column::text("reason", "reason", ""),
            Column::json("updatedfields", "updatedFields", ""),
            Column::text("originalrequestid", "originalRequestID", ""),
            Column::text("originaleventid", "originalEventID", ""),
        ]),
        "Why a late or changed event was delivered again.",
    ),
    Column::text(
        "sessioncredentialfromconsole",
        "sessionCredentialFromConsole",
        "`true` if it came from a console session.",
    ),
    Column::json("edgedevicedetails", "edgeDeviceDetails", "The edge device, as JSON."),
    Column::new(
        "tlsdetails",
        "tlsDetails",
        ColumnType::Struct(&[
            Column::text("tlsversion", "tlsVersion", ""),
            Column::text("ciphersuite", "cipherSuite", ""),
            Column::text("clientprovidedhostheader", "clientProvidedHostHeader", ""),
        ]),
        "TLS of the call.",
    ),
    Column::text("managementevent", "managementEvent", "`true` for control plane events."),
];

/// Decodes in two steps, so that a record is either a row or nothing: its parts are found
/// (which validates all of it), then appended (which cannot fail).
#[derive(Debug)]
struct CloudTrailDecoder {
    parts: Parts,
    kura: KuraCells,
    content: Vec<u64>,
    extra: Extra,
    at: Positions,
}

/// Where the columns stand that needles are read from.
#[derive(Debug, Clone, Copy)]
struct Positions {
    event_time: usize,
    event_id: usize,
    event_type: usize,
    resources: usize,
    request_parameters: usize,
}

impl Default for CloudTrailDecoder {
    fn default() -> Self {
        let at = |name| COLUMNS.iter().position(|c| c.name == name).unwrap_or(0);
        CloudTrailDecoder {
            parts: Parts::new(COLUMNS),
            kura: KuraCells::default(),
            content: Vec::new(),
            extra: Extra::default(),
            at: Positions {
                event_time: at("eventtime"),
                event_id: at("eventid"),
                event_type: at("eventtype"),
                resources: at("resources"),
                request_parameters: at("requestparameters"),
            },
        }
    }
}

/// The values of one event, by column, and what no column knows.
struct Found<'a> {
    values: Vec<Option<&'a str>>,
    others: Vec<(String, &'a str)>,
}

impl<'a> Found<'a> {
    fn other(&self, key: &str) -> Option<&'a str> {
        self.others.iter().find(|(k, _)| k == key).map(|&(_, v)| v)
    }
}

impl Decoder for CloudTrailDecoder {
    fn decode(&mut self, record: RawRecord<'_>, facts: &ObjectFacts) -> Result<(), Reject> {
        let text = simdutf8::compat::from_utf8(record.bytes).map_err(|error| {
            Reject::new(Reason::InvalidUtf8, format!("byte {} is not UTF-8", error.valid_up_to()))
        })?;
        let outer = self.find(text)?;
        let envelope = envelope_detail(&outer);
        let (event, wrapper) = match envelope {
            Some(detail) => (self.find(detail)?, Some("eventbridge")),
            None => (outer, None),
        };
        check_is_event(&event, self.at)?;
        self.append(&event, record, facts, wrapper);
        let body = envelope.unwrap_or(text);
        self.content.push(content_hash(body, record.compact && wrapper.is_none()));
        Ok(())
    }

    fn rows(&self) -> usize {
        self.kura.rows()
    }

    fn bytes(&self) -> usize {
        self.parts.bytes() + self.kura.bytes() + 8 * self.content.len()
    }

    fn finish(&mut self) -> Result<Rows, ArrowError> {
        let native = self.parts.finish()?;
        let batch = self.kura.finish(schema(), native)?;
        Ok(Rows { table: NAME, batch, content: std::mem::take(&mut self.content) })
    }
}

impl CloudTrailDecoder {
    fn find<'a>(&self, text: &'a str) -> Result<Found<'a>, Reject> {
        let mut found = Found { values: vec![None; COLUMNS.len()], others: Vec::new() };
        let mut after = 0;
        let mut cursor = Cursor::new(text);
        let read = cursor.object(|key, value| match self.parts.find(&key, after) {
            Some(at) if found.values[at].is_none() => {
                found.values[at] = Some(value);
                after = at + 1;
            }
            _ => found.others.push((key.into_owned(), value)),
        });
        match read.and_then(|()| cursor.end()) {
            Ok(()) => Ok(found),
            Err(error) => Err(Reject::new(Reason::BrokenJson, error.to_string())),
        }
    }

    fn append(
        &mut self,
        event: &Found<'_>,
        record: RawRecord<'_>,
        facts: &ObjectFacts,
        wrapper: Option<&'static str>,
    ) {
        self.extra.clear();
        for (at, value) in event.values.iter().enumerate() {
            self.parts.append_at(at, *value, &[COLUMNS[at].key], &mut self.extra);
        }
        for (key, value) in &event.others {
            self.extra.add(&[key], value);
        }
        let resource = resource_text(event, self.at);
        let last = |name: &str| self.parts.cell(name).and_then(Cell::last_text);
        let identity = self.parts.cell("useridentity");
        let who = |part: &str| identity.and_then(|cell| cell.part(part)).and_then(Cell::last_text);
        let needles = Needles {
            time: last("eventtime").and_then(parse_log_time),
            account: last("recipientaccountid").or_else(|| who("accountid")),
            region: last("awsregion"),
            principal: who("arn").or_else(|| who("invokedby")).or_else(|| who("principalid")),
            accesskey: who("accesskeyid"),
            addr: last("sourceipaddress"),
            resource: Some(&resource),
            id: last("eventid").filter(|id| !id.is_empty()),
        };
        self.kura.append(&needles, record.origin(facts, wrapper), facts, self.extra.to_json());
    }
}

/// The event in an EventBridge envelope.
fn envelope_detail<'a>(outer: &Found<'a>) -> Option<&'a str> {
    outer.other("detail-type")?;
    outer.other("detail").filter(|detail| kind_of(detail) == Kind::Object)
}

fn check_is_event(event: &Found<'_>, at: Positions) -> Result<(), Reject> {
    if is_insight(text_of(event.values[at.event_type]), event.other("insightDetails").is_some()) {
        return Err(Reject::new(Reason::Insight, "a CloudTrail Insights event has no table yet"));
    }
    if event.values[at.event_time].is_none() && event.values[at.event_id].is_none() {
        return Err(Reject::new(Reason::NotAnEvent, "neither `eventTime` nor `eventID`"));
    }
    Ok(())
}

/// ARNs of the record's resources, and the names its request gives, joined with a space.
fn resource_text(event: &Found<'_>, at: Positions) -> String {
    let mut names: Vec<String> = Vec::new();
    let mut add = |name: &str| {
        if !name.is_empty() && !names.iter().any(|n| n == name) {
            names.push(name.to_owned());
        }
    };
    // Values were validated when they were found: a part of another shape adds nothing.
    let _ = Cursor::new(event.values[at.resources].unwrap_or("[]")).array(|resource| {
        let _ = Cursor::new(resource).object(|key, value| {
            if key == "ARN" && kind_of(value) == Kind::String {
                add(&unquote(value));
            }
        });
    });
    let request = event.values[at.request_parameters].unwrap_or("{}");
    let _ = Cursor::new(request).object(|key, value| {
        if kind_of(value) == Kind::String && RESOURCE_KEYS.contains(&key.as_ref()) {
            add(&unquote(value));
        }
    });
    names.join(" ")
}

/// The hash two copies of one record share, however they were spaced.
fn content_hash(text: &str, compact: bool) -> u64 {
    if compact {
        return fingerprint(text.as_bytes());
    }
    let mut packed = Vec::with_capacity(text.len());
    let (mut in_string, mut escaped) = (false, false);
    for &byte in text.as_bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            b' ' | b'\t' | b'\n' | b'\r' if !in_string => continue,
            _ => {}
        }
        packed.push(byte);
    }
    fingerprint(&packed)
}

#[cfg(test)]
#[path = "cloudtrail_tests.rs"]
mod tests;
