//! AWS CloudTrail events: who did what, when, from where.
//!
//! What they record and their traps stand in [`CloudTrail::about`], for the reader of the
//! reference page; how each part is decoded stands here.

use std::borrow::Cow;

use arrow::datatypes::SchemaRef;
use arrow::error::ArrowError;
use kura_core::origin::{ObjectFacts, Origin};
use kura_core::table::{Rows, column};
use kura_core::time::parse_log_time;

use super::json_records::RECORDS;
use super::object_keys::name_facts;
use super::{
    Decoded, Decoder, Description, FlatCopy, Format, Head, HeadSays, KeySays, RawRecord, Select,
    View, ocsf_views,
};
use crate::cells::{Cell, Parts};
use crate::columns::{Column, ColumnType, Role, log_schema};
use crate::extra::{Extra, Path};
use crate::framing::{Framing, Marks};
use crate::json::{Cursor, Kind, kind_of, text_of, unquote};
use crate::reject::{Reason, Reject};
use crate::rows::{KuraCells, Needles, content_hash};

#[derive(Debug)]
pub struct CloudTrail;

const NAME: &str = "cloudtrail";

static DESCRIPTION: Description = Description {
    name: Cow::Borrowed(NAME),
    title: "AWS CloudTrail events",
    about: include_str!("cloudtrail.md"),
    source: "https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html",
    sample: r#"{"eventVersion":"1.11","userIdentity":{"type":"AssumedRole","principalId":"AROAEXAMPLE:me","arn":"arn:aws:sts::111122223333:assumed-role/ops/me-{n}","accountId":"111122223333","accessKeyId":"ASIAEXAMPLE{n}","sessionContext":{"sessionIssuer":{"type":"Role","principalId":"AROAEXAMPLE","arn":"arn:aws:iam::111122223333:role/ops","accountId":"111122223333","userName":"ops"},"attributes":{"creationDate":"2026-11-20T08:00:00Z","mfaAuthenticated":"false"}}},"eventTime":"2026-11-20T08:15:00Z","eventSource":"s3.amazonaws.com","eventName":"PutObject","awsRegion":"eu-central-1","sourceIPAddress":"192.0.2.7","userAgent":"[aws-sdk-go/1.55.5 (go1.22; linux; amd64)]","requestParameters":{"bucketName":"reports","key":"daily/{n}.csv","Host":"reports.s3.eu-central-1.amazonaws.com"},"responseElements":{"x-amz-server-side-encryption":"AES256"},"additionalEventData":{"bytesTransferredIn":{n},"SignatureVersion":"SigV4"},"requestID":"REQ{n}","eventID":"00000000-0000-4000-8000-{n}","readOnly":false,"resources":[{"type":"AWS::S3::Object","ARN":"arn:aws:s3:::reports/daily/{n}.csv"}],"eventType":"AwsApiCall","managementEvent":false,"recipientAccountId":"111122223333","eventCategory":"Data"}"#,
    columns: Cow::Borrowed(COLUMNS),
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
    needles: &[
        column::PRINCIPAL,
        column::ACCESSKEY,
        column::ADDR,
        column::ACCOUNT,
        "eventname",
        "eventsource",
        "errorcode",
    ],
    distinct: &["eventid", "requestid"],
    views: &[
        View {
            name: "cloudtrail_logs",
            select: Select::Added(
                "awsregion AS region, to_char(\"day\", '%Y') AS year, to_char(\"day\", '%m') AS month, \
                 to_char(\"day\", '%d') AS \"day\", to_char(\"day\", '%Y/%m/%d') AS \"timestamp\"",
            ),
        },
        ocsf_views::CLOUD_TRAIL_MGMT,
        ocsf_views::S3_DATA,
        ocsf_views::LAMBDA_EXECUTION,
    ],
    examples: &[
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
    ],
    flat_copies: &[
        FlatCopy { path: &["useridentity", "arn"], column: column::PRINCIPAL },
        FlatCopy { path: &["useridentity", "accesskeyid"], column: column::ACCESSKEY },
        FlatCopy { path: &["sourceipaddress"], column: column::ADDR },
        FlatCopy { path: &["awsregion"], column: column::REGION },
        FlatCopy { path: &["recipientaccountid"], column: column::ACCOUNT },
        FlatCopy { path: &["eventid"], column: column::ID },
    ],
};

impl Format for CloudTrail {
    fn description(&self) -> &Description {
        &DESCRIPTION
    }

    fn recognise_key(&self, path: &str) -> Option<KeySays> {
        if path.ends_with(SIGN_FILE) && path.contains("CloudTrail-Lake") {
            return Some(KeySays::Nothing(SIGNATURE));
        }
        if name_facts(path, "CloudTrail-Aggregated").is_some() {
            return Some(KeySays::Nothing("CloudTrail's aggregated events"));
        }
        let names = [NAME_IN_KEYS, "CloudTrail-NetworkActivity"];
        names.iter().find_map(|name| name_facts(path, name)).map(KeySays::Records)
    }

    fn recognise_head(&self, record: &Head<'_>) -> Option<HeadSays> {
        if record.has("detail-type") && record.has("detail") {
            let kind = text_of(record.value("detail-type"))?;
            return kind.ends_with("via CloudTrail").then_some(HeadSays::Records);
        }
        if is_insight(text_of(record.value("eventType")), record.has("insightDetails")) {
            return None;
        }
        if record.has("hashSignature") && record.has("queryCompleteTime") {
            return Some(HeadSays::Nothing(SIGNATURE));
        }
        // S3 event notifications are `Records` with a version, a source and a name, too.
        let event = record.has("eventSource") && record.has("eventName") && !record.has("s3");
        let versioned = record.has("eventVersion") && record.has("eventTime") && !record.has("s3");
        let begun = record.has("eventVersion") && record.cut;
        (event || versioned || begun).then_some(HeadSays::Records)
    }

    fn is_marked(&self, head: &[u8]) -> bool {
        // Rules and reports quote events: they begin with words.
        let first = head.iter().find(|byte| !byte.is_ascii_whitespace());
        let is_prose =
            first.is_some_and(|byte| byte.is_ascii_alphanumeric() || b"#-<".contains(byte));
        !is_prose && memchr::memmem::find(head, MARK).is_some()
    }

    fn framing(&self) -> Framing {
        Framing::Json { restart: Some(Marks { restart: MARK, lists: RECORDS }) }
    }

    fn decoder(&self) -> Box<dyn Decoder> {
        Box::new(CloudTrailDecoder::default())
    }
}

/// Records begin with it.
const MARK: &[u8] = b"\"eventVersion\"";
const NAME_IN_KEYS: &str = "CloudTrail";
/// Lies beside the results of a query that CloudTrail Lake saved.
const SIGN_FILE: &str = "result_sign.json";
const SIGNATURE: &str = "the signature of saved query results of CloudTrail Lake";
const INSIGHT_EVENT_TYPE: &str = "AwsCloudTrailInsight";

pub(super) fn is_insight(event_type: Option<&str>, has_details: bool) -> bool {
    has_details || event_type == Some(INSIGHT_EVENT_TYPE)
}

fn schema() -> SchemaRef {
    log_schema(COLUMNS)
}

/// Whether this part of a request names what it is about. Values land in `_resource`.
fn is_resource_key(key: &str) -> bool {
    matches!(
        key,
        "bucketName"
            | "key"
            | "instanceId"
            | "userName"
            | "roleName"
            | "roleArn"
            | "groupName"
            | "groupId"
            | "policyArn"
            | "policyName"
            | "accessKeyId"
            | "dBInstanceIdentifier"
            | "dBClusterIdentifier"
            | "dBSnapshotIdentifier"
            | "functionName"
            | "name"
            | "trailName"
            | "secretId"
            | "keyId"
            | "tableName"
            | "queueUrl"
            | "topicArn"
            | "clusterName"
            | "stackName"
            | "volumeId"
            | "snapshotId"
            | "vpcId"
            | "subnetId"
            | "networkInterfaceId"
            | "hostedZoneId"
            | "detectorId"
            | "logGroupName"
    )
}

const SESSION_ISSUER: &[Column] = &[
    Column::text("type", "type", ""),
    Column::text("principalid", "principalId", ""),
    Column::text("arn", "arn", ""),
    Column::text("accountid", "accountId", ""),
    Column::text("username", "userName", ""),
];

const SESSION_ATTRIBUTES: &[Column] = &[
    Column::text("mfaauthenticated", "mfaAuthenticated", ""),
    Column::text("creationdate", "creationDate", ""),
];

const WEB_ID_FEDERATION_DATA: &[Column] = &[
    Column::text("federatedprovider", "federatedProvider", ""),
    Column::new("attributes", "attributes", ColumnType::Map, ""),
];

const SESSION_CONTEXT: &[Column] = &[
    Column::new("attributes", "attributes", ColumnType::Struct(SESSION_ATTRIBUTES), ""),
    Column::new("sessionissuer", "sessionIssuer", ColumnType::Struct(SESSION_ISSUER), ""),
    Column::text("ec2roledelivery", "ec2RoleDelivery", ""),
    Column::new(
        "webidfederationdata",
        "webIdFederationData",
        ColumnType::Struct(WEB_ID_FEDERATION_DATA),
        "",
    ),
];

const ON_BEHALF_OF: &[Column] = &[
    Column::text("userid", "userId", ""),
    Column::text("identitystorearn", "identityStoreArn", ""),
];

const USER_IDENTITY: &[Column] = &[
    Column::text("type", "type", "").role(Role::Facet),
    Column::text("principalid", "principalId", ""),
    Column::text("arn", "arn", ""),
    Column::text("accountid", "accountId", ""),
    Column::text("invokedby", "invokedBy", ""),
    Column::text("accesskeyid", "accessKeyId", ""),
    Column::text("username", "userName", "").role(Role::Facet),
    Column::new("onbehalfof", "onBehalfOf", ColumnType::Struct(ON_BEHALF_OF), ""),
    Column::new("sessioncontext", "sessionContext", ColumnType::Struct(SESSION_CONTEXT), ""),
];

const RESOURCES: &[Column] = &[
    Column::text("arn", "ARN", ""),
    Column::text("accountid", "accountId", ""),
    Column::text("type", "type", ""),
];

const ADDENDUM: &[Column] = &[
    Column::text("reason", "reason", ""),
    Column::json("updatedfields", "updatedFields", ""),
    Column::text("originalrequestid", "originalRequestID", ""),
    Column::text("originaleventid", "originalEventID", ""),
];

const TLS_DETAILS: &[Column] = &[
    Column::text("tlsversion", "tlsVersion", ""),
    Column::text("ciphersuite", "cipherSuite", ""),
    Column::text("clientprovidedhostheader", "clientProvidedHostHeader", ""),
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
        ColumnType::List(RESOURCES),
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
        ColumnType::Struct(ADDENDUM),
        "Why a late or changed event was delivered again.",
    ),
    Column::text(
        "sessioncredentialfromconsole",
        "sessionCredentialFromConsole",
        "`true` if it came from a console session.",
    ),
    Column::json("edgedevicedetails", "edgeDeviceDetails", "The edge device, as JSON."),
    Column::new("tlsdetails", "tlsDetails", ColumnType::Struct(TLS_DETAILS), "TLS of the call."),
    Column::text("managementevent", "managementEvent", "`true` for control plane events."),
];

/// Reads a record straight into its columns, and takes it back if it turns out to be none.
#[derive(Debug)]
struct CloudTrailDecoder {
    parts: Parts,
    kura: KuraCells,
    content: Vec<u64>,
    extra: Extra,
    at: Positions,
    resource: String,
}

/// Where the columns stand that needles are read from.
#[derive(Debug, Clone, Copy)]
struct Positions {
    account: usize,
    event_id: usize,
    event_time: usize,
    event_type: usize,
    identity: usize,
    region: usize,
    request_parameters: usize,
    resources: usize,
    source_address: usize,
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
                account: at("recipientaccountid"),
                event_id: at("eventid"),
                event_time: at("eventtime"),
                event_type: at("eventtype"),
                identity: at("useridentity"),
                region: at("awsregion"),
                request_parameters: at("requestparameters"),
                resources: at("resources"),
                source_address: at("sourceipaddress"),
            },
            resource: String::new(),
        }
    }
}

impl Decoder for CloudTrailDecoder {
    fn decode(&mut self, record: RawRecord<'_>, facts: &ObjectFacts) -> Result<Decoded, Reject> {
        let text = record.text()?;
        let row = self.kura.rows();
        let content = self.read(row, text, record.compact).inspect_err(|_| {
            self.parts.truncate(row);
        });
        let (content, wrapper) = content?;
        self.append_needles(row, record.origin(facts, wrapper), facts);
        self.content.push(content);
        Ok(Decoded::Row)
    }

    fn decode_ahead(&mut self, text: &str, number: u64, facts: &ObjectFacts) -> (usize, u64) {
        let mut cursor = Cursor::new(text);
        let (mut bytes, mut records) = (0, 0);
        loop {
            while cursor.skip_if(b',') {}
            let row = self.kura.rows();
            let Some(content) = self.read_ahead(row, &mut cursor, text) else {
                self.parts.truncate(row);
                return (bytes, records);
            };
            let way = &facts.envelope.way;
            let origin = Origin { uri: &facts.uri, number: number + records, way, wrapper: None };
            self.append_needles(row, origin, facts);
            self.content.push(content);
            bytes = cursor.at();
            records += 1;
        }
    }

    fn rows(&self) -> usize {
        self.kura.rows()
    }

    fn bytes(&self) -> usize {
        self.parts.bytes() + self.kura.bytes() + 8 * self.content.len()
    }

    fn finish(&mut self) -> Result<Rows, ArrowError> {
        let native = self.parts.finish(self.kura.rows())?;
        let batch = self.kura.finish(schema(), native)?;
        Ok(Rows { table: NAME.into(), batch, content: std::mem::take(&mut self.content) })
    }
}

impl CloudTrailDecoder {
    /// Reads the event, also out of an EventBridge envelope. Returns the hash of its text,
    /// and the envelope's name.
    fn read(
        &mut self,
        row: usize,
        text: &str,
        compact: bool,
    ) -> Result<(u64, Option<&'static str>), Reject> {
        self.read_object(row, text)?;
        let detail = self.extra.get("detail").filter(|detail| kind_of(detail) == Kind::Object);
        let detail = detail.filter(|_| self.extra.get("detail-type").is_some()).map(str::to_owned);
        let read = match detail {
            None => (content_hash(text, compact), None),
            Some(detail) => {
                self.parts.truncate(row);
                self.read_object(row, &detail)?;
                (content_hash(&detail, false), Some("eventbridge"))
            }
        };
        self.check_is_event(row)?;
        Ok(read)
    }

    /// Reads one event out of many; `None` for whatever is no plain event.
    fn read_ahead(&mut self, row: usize, cursor: &mut Cursor<'_>, text: &str) -> Option<u64> {
        self.extra.clear();
        (cursor.next_byte() == Some(b'{')).then_some(())?;
        let start = cursor.at();
        cursor.was_compact();
        self.parts.read(row, cursor, None, &mut self.extra).ok()?;
        let compact = cursor.was_compact();
        let is_envelope = self.extra.get("detail-type").is_some();
        (!is_envelope && self.check_is_event(row).is_ok()).then_some(())?;
        Some(content_hash(text.get(start..cursor.at())?, compact))
    }

    fn read_object(&mut self, row: usize, text: &str) -> Result<(), Reject> {
        self.extra.clear();
        let mut cursor = Cursor::new(text);
        let read = self.parts.read(row, &mut cursor, None, &mut self.extra);
        read.and_then(|()| cursor.end())
            .map_err(|error| Reject::new(Reason::BrokenJson, error.to_string()))
    }

    fn check_is_event(&self, row: usize) -> Result<(), Reject> {
        let has_details = self.extra.get("insightDetails").is_some();
        if is_insight(self.text(row, self.at.event_type), has_details) {
            let detail =
                "a CloudTrail Insights event among others: `cloudtrail_insights` is their table";
            return Err(Reject::new(Reason::Insight, detail));
        }
        let known = [self.at.event_time, self.at.event_id];
        if known.into_iter().all(|at| self.text(row, at).is_none()) {
            return Err(Reject::new(Reason::NotAnEvent, "neither `eventTime` nor `eventID`"));
        }
        Ok(())
    }

    fn text(&self, row: usize, at: usize) -> Option<&str> {
        self.parts.cell_at(at)?.text(row)
    }

    fn append_needles(&mut self, row: usize, origin: Origin<'_>, facts: &ObjectFacts) {
        let mut resource = std::mem::take(&mut self.resource);
        self.resource_text(row, &mut resource);
        let text = |at: usize| self.parts.cell_at(at).and_then(|cell| cell.text(row));
        let identity = self.parts.cell_at(self.at.identity);
        let who = |part: &str| identity.and_then(|cell| cell.part(part)?.text(row));
        let needles = Needles {
            time: text(self.at.event_time).and_then(parse_log_time),
            account: text(self.at.account).or_else(|| who("accountid")),
            region: text(self.at.region),
            principal: who("arn").or_else(|| who("invokedby")).or_else(|| who("principalid")),
            accesskey: who("accesskeyid"),
            addr: text(self.at.source_address),
            resource: Some(&resource),
            id: text(self.at.event_id).filter(|id| !id.is_empty()),
        };
        for (key, value) in &facts.envelope.beside {
            self.extra.add(&Path::new(key), value);
        }
        let extra = self.extra.to_json();
        self.kura.append(&needles, origin, facts, extra.as_deref());
        self.resource = resource;
    }

    /// ARNs of the record's resources, and the names its request gives, joined with a space.
    fn resource_text(&self, row: usize, out: &mut String) {
        out.clear();
        let mut add = |name: &str| {
            if !name.is_empty() && !out.split(' ').any(|known| known == name) {
                out.push_str(if out.is_empty() { "" } else { " " });
                out.push_str(name);
            }
        };
        if let Some(Cell::List(resources)) = self.parts.cell_at(self.at.resources) {
            resources.texts(row, "arn").for_each(&mut add);
        }
        let request = self.text(row, self.at.request_parameters).unwrap_or("{}");
        // It was validated when it was read: one of another shape adds nothing.
        let _ = Cursor::new(request).object(|key, value| {
            if kind_of(value) == Kind::String && is_resource_key(&key) {
                add(&unquote(value));
            }
        });
    }
}

#[cfg(test)]
#[path = "cloudtrail_tests.rs"]
mod tests;
