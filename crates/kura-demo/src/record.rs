//! One CloudTrail record: an event's template, a caller and a moment, written as JSON in the
//! order in which CloudTrail writes its fields.

use crate::caller::{self, Caller};
use crate::clock;
use crate::event::{By, Event, Failure, Kind};
use crate::ids::{self, mix};
use crate::organisation::{Account, Organisation, Region};
use crate::text::{Scene, Text};

/// An [`Event`] with its templates taken apart.
#[derive(Debug, Clone)]
pub struct Recipe {
    pub event: Event,
    request: Text,
    response: Text,
    extra: Text,
    resources: Text,
    failures: Vec<Text>,
}

/// A finished record and where it belongs.
#[derive(Debug, Clone)]
pub struct Record {
    pub account: Account,
    pub region: Region,
    pub time: i64,
    pub json: String,
}

/// What one call is about, besides the recipe.
#[derive(Debug, Clone, Copy)]
pub struct Call<'a> {
    pub organisation: &'a Organisation,
    pub caller: &'a Caller,
    pub region: Region,
    pub time: i64,
    /// Decides everything in the record that is random, its ids among them.
    pub salt: u64,
    pub outcome: Outcome,
    /// Set where the call's answer matters later: the key that is handed out.
    pub new_key: Option<&'a str>,
    /// The account a role is assumed in.
    pub other_account: Account,
}

/// How a call ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Done,
    /// No policy allows it.
    Denied,
    Throttled,
    /// One of the event's own failures.
    Failed(usize),
}

const DENIED: Failure = Failure {
    per_mille: 0,
    code: "AccessDenied",
    message: "User: <arn> is not authorized to perform: ",
};

impl Recipe {
    pub fn new(event: Event) -> Recipe {
        Recipe {
            event,
            request: Text::parse(event.request),
            response: Text::parse(event.response),
            extra: Text::parse(event.extra),
            resources: Text::parse(event.resources),
            failures: event.failures.iter().map(|failure| Text::parse(failure.message)).collect(),
        }
    }

    /// Whether a policy or a limit may stand in its way; signing in has failures of its own.
    pub fn may_fail_like_any(&self) -> bool {
        self.event.by == By::Caller && matches!(self.event.kind, Kind::Management | Kind::Data)
    }

    /// The records that a call leaves: one, or two where it reaches into another account.
    pub fn records(&self, call: &Call<'_>) -> (Record, Option<Record>) {
        let (recipient, region) = match self.event.by {
            // Identity Center lives in one place for all accounts.
            By::IdentityCenter => (Account::Management, Region::Tokyo),
            _ if self.event.is_global() => (call.caller.account, Region::Virginia),
            _ => (call.caller.account, call.region),
        };
        let request_id = self.request_id(call.salt);
        let scene = Scene {
            organisation: call.organisation,
            caller: call.caller,
            account: call.caller.account,
            region,
            time: call.time,
            salt: call.salt,
            request_id: &request_id,
            new_key: call.new_key,
            other_account: call.other_account,
        };
        let near = self.record(&scene, call.outcome, recipient);
        let reaches_over = self.event.kind == Kind::CrossAccount && call.outcome == Outcome::Done;
        let far = reaches_over.then(|| self.record(&scene, call.outcome, call.other_account));
        (near, far)
    }

    /// The record as `recipient` gets it.
    fn record(&self, scene: &Scene<'_>, outcome: Outcome, recipient: Account) -> Record {
        let mut out = String::with_capacity(1536);
        let foreign = recipient != scene.account;
        out.push_str(r#"{"eventVersion":""#);
        out.push_str(self.event.version());
        out.push_str(r#"","userIdentity":"#);
        self.push_identity(&mut out, scene, foreign);
        self.push_call(&mut out, scene);
        self.push_error(&mut out, scene, outcome);
        self.push_payload(&mut out, scene, outcome);
        self.push_ids(&mut out, scene, foreign);
        self.push_classification(&mut out, scene, recipient);
        self.push_connection(&mut out, scene, foreign);
        out.push('}');
        Record { account: recipient, region: scene.region, time: scene.time, json: out }
    }

    fn push_identity(&self, out: &mut String, scene: &Scene<'_>, foreign: bool) {
        let caller = scene.caller;
        match self.event.by {
            By::Caller if foreign => out.push_str(&caller::foreign_identity(caller)),
            // Whoever signs in has no key yet.
            By::Caller if self.event.kind == Kind::SignIn => {
                let key = format!(r#""accessKeyId":"{}","#, caller.key);
                out.push_str(&caller.identity.replacen(&key, "", 1));
            }
            By::Caller => out.push_str(&caller.identity),
            // A service's own role says already who uses it.
            By::Forwarded(_) if caller.identity.contains("\"invokedBy\"") => {
                out.push_str(&caller.identity);
            }
            By::Forwarded(service) => {
                out.push_str(&caller.identity);
                out.push_str(r#","invokedBy":""#);
                out.push_str(service);
                out.push('"');
            }
            By::Service(service) => out.push_str(&caller::service_identity(service)),
            By::WebIdentity => out.push_str(&caller::web_identity(caller)),
            By::Saml => out.push_str(&caller::saml_identity(scene.organisation, caller)),
            By::IdentityCenter => {
                out.push_str(&caller::identity_center(scene.organisation, caller))
            }
            By::Vendor => out.push_str(&caller::vendor_identity()),
        }
        out.push('}');
    }

    /// When, what, where, from where and with what.
    fn push_call(&self, out: &mut String, scene: &Scene<'_>) {
        out.push_str(r#","eventTime":""#);
        clock::push_iso(out, scene.time);
        out.push('"');
        push_field(out, "eventSource", self.event.service);
        out.pop();
        out.push_str(".amazonaws.com\"");
        push_field(out, "eventName", self.event.name);
        push_field(out, "awsRegion", scene.region.code());
        let (addr, agent) = match self.event.by {
            By::Forwarded(service) | By::Service(service) => (service, service),
            _ => (scene.caller.addr.as_str(), scene.caller.agent.as_str()),
        };
        push_field(out, "sourceIPAddress", addr);
        push_field(out, "userAgent", agent);
    }

    fn push_error(&self, out: &mut String, scene: &Scene<'_>, outcome: Outcome) {
        let ec2 = self.event.service == "ec2";
        let (code, message) = match outcome {
            Outcome::Done => return,
            Outcome::Throttled if ec2 => {
                ("Client.RequestLimitExceeded", "Request limit exceeded.".to_owned())
            }
            Outcome::Throttled => ("ThrottlingException", "Rate exceeded".to_owned()),
            Outcome::Denied => self.denial(scene),
            Outcome::Failed(number) => {
                let mut message = String::new();
                self.failures[number].fill(&mut message, scene);
                (self.event.failures[number].code, message)
            }
        };
        push_field(out, "errorCode", code);
        push_field(out, "errorMessage", &message);
    }

    fn denial(&self, scene: &Scene<'_>) -> (&'static str, String) {
        let action = format!("{}:{}", self.event.service, self.action());
        let mut message = String::new();
        if self.event.service == "ec2" {
            message.push_str("You are not authorized to perform this operation. ");
        }
        Text::parse(DENIED.message).fill(&mut message, scene);
        message.push_str(&action);
        message.push_str(" on resource: * because no identity-based policy allows the ");
        message.push_str(&action);
        message.push_str(" action");
        if self.event.service != "ec2" {
            return (DENIED.code, message);
        }
        message.push_str(". Encoded authorization failure message: ");
        Text::parse("<encoded>").fill(&mut message, scene);
        ("Client.UnauthorizedOperation", message)
    }

    /// The permission's name: Lambda's events carry the API's date behind it.
    fn action(&self) -> &'static str {
        self.event.name.find("20").map_or(self.event.name, |date| &self.event.name[..date])
    }

    fn push_payload(&self, out: &mut String, scene: &Scene<'_>, outcome: Outcome) {
        out.push_str(r#","requestParameters":"#);
        match outcome {
            Outcome::Throttled => out.push_str("null"),
            _ => self.request.fill(out, scene),
        }
        out.push_str(r#","responseElements":"#);
        match outcome {
            Outcome::Done => self.response.fill(out, scene),
            _ => out.push_str("null"),
        }
        if !self.extra.is_empty() {
            let field = match self.event.kind {
                Kind::ServiceEvent => r#","serviceEventDetails":"#,
                _ => r#","additionalEventData":"#,
            };
            out.push_str(field);
            self.extra.fill(out, scene);
        }
    }

    fn push_ids(&self, out: &mut String, scene: &Scene<'_>, foreign: bool) {
        if !matches!(self.event.kind, Kind::SignIn | Kind::ServiceEvent) {
            push_field(out, "requestID", scene.request_id);
        }
        push_field(out, "eventID", &event_id(scene.salt, foreign));
        out.push_str(if self.event.read { r#","readOnly":true"# } else { r#","readOnly":false"# });
        if !self.resources.is_empty() {
            out.push_str(r#","resources":"#);
            self.resources.fill(out, scene);
        }
    }

    fn push_classification(&self, out: &mut String, scene: &Scene<'_>, recipient: Account) {
        let (kind, category) = match self.event.kind {
            Kind::Management | Kind::CrossAccount => ("AwsApiCall", "Management"),
            Kind::Data => ("AwsApiCall", "Data"),
            Kind::SignIn if self.event.service == "signin" => ("AwsConsoleSignIn", "Management"),
            Kind::SignIn | Kind::ServiceEvent => ("AwsServiceEvent", "Management"),
        };
        push_field(out, "eventType", kind);
        out.push_str(if category == "Data" {
            r#","managementEvent":false"#
        } else {
            r#","managementEvent":true"#
        });
        push_field(out, "recipientAccountId", recipient.id());
        if self.event.name == "AssumeRole" && matches!(self.event.by, By::Caller | By::Service(_)) {
            push_field(out, "sharedEventID", &ids::uuid(mix(scene.salt, 3)));
        }
        push_field(out, "eventCategory", category);
    }

    /// How the call came in; services that call each other leave this out.
    fn push_connection(&self, out: &mut String, scene: &Scene<'_>, foreign: bool) {
        let caller = scene.caller;
        let from_outside =
            matches!(self.event.by, By::Caller | By::WebIdentity | By::Saml | By::Vendor);
        if !from_outside
            || self.event.kind == Kind::ServiceEvent
            || caller.addr.ends_with(".amazonaws.com")
        {
            return;
        }
        if let (Some(endpoint), false) = (&caller.endpoint, foreign) {
            push_field(out, "vpcEndpointId", endpoint);
            push_field(out, "vpcEndpointAccountId", caller.account.id());
        }
        let modern = !mix(scene.salt, 4).is_multiple_of(5);
        out.push_str(if modern {
            r#","tlsDetails":{"tlsVersion":"TLSv1.3","cipherSuite":"TLS_AES_128_GCM_SHA256","clientProvidedHostHeader":""#
        } else {
            r#","tlsDetails":{"tlsVersion":"TLSv1.2","cipherSuite":"ECDHE-RSA-AES128-GCM-SHA256","clientProvidedHostHeader":""#
        });
        self.push_host(out, scene);
        out.push_str("\"}");
        if caller.console && self.event.kind != Kind::SignIn {
            out.push_str(r#","sessionCredentialFromConsole":"true""#);
        }
    }

    fn push_host(&self, out: &mut String, scene: &Scene<'_>) {
        if self.event.service == "signin" {
            out.push_str("signin.aws.amazon.com");
            return;
        }
        out.push_str(self.event.service);
        if !self.event.is_global() {
            out.push('.');
            out.push_str(scene.region.code());
        }
        out.push_str(".amazonaws.com");
    }

    fn request_id(&self, salt: u64) -> String {
        match self.event.service {
            "s3" => ids::letters("", ids::UPPER36, mix(salt, 2), 16),
            _ => ids::uuid(mix(salt, 2)),
        }
    }
}

/// The `eventID` of a call's record; the other account's record has another.
pub fn event_id(salt: u64, foreign: bool) -> String {
    ids::uuid(mix(salt, if foreign { 1 } else { 0 }))
}

/// Appends `,"name":"text"`.
fn push_field(out: &mut String, name: &str, text: &str) {
    out.push_str(",\"");
    out.push_str(name);
    out.push_str("\":\"");
    out.push_str(text);
    out.push('"');
}
