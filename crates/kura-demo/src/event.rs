//! What an event looks like, as data: a row of a table says which call it is and shows its JSON
//! with holes (`<instance>`, `<arn>`, `<uuid>`) that are filled for each record.
//!
//! The rows are in `events/`, one file per field of work.

/// A call of one API, as a row in a table.
#[derive(Debug, Clone, Copy)]
pub struct Event {
    /// `ec2`, without `.amazonaws.com`.
    pub service: &'static str,
    /// `DescribeInstances`.
    pub name: &'static str,
    /// Sets apart rows of the same call, `kms:Decrypt#s3`; empty for the ordinary one.
    pub variant: &'static str,
    pub read: bool,
    pub by: By,
    pub kind: Kind,
    /// JSON with holes, or `null`.
    pub request: &'static str,
    pub response: &'static str,
    /// `additionalEventData`, left out where empty; the same for `resources`.
    pub extra: &'static str,
    pub resources: &'static str,
    /// How often it fails, in a thousand, and how.
    pub failures: &'static [Failure],
}

/// Whose identity a record shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// The caller's own.
    Caller,
    /// The caller's, used by a service that acts for it (`invokedBy`).
    Forwarded(&'static str),
    /// A service on its own account.
    Service(&'static str),
    /// A CI job before it has a role.
    WebIdentity,
    /// A person on the way into a role.
    Saml,
    /// A person in IAM Identity Center.
    IdentityCenter,
    /// Somebody outside the organisation who may assume a role of ours.
    Vendor,
}

/// Which sort of record CloudTrail writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Management,
    /// An object-level call on a bucket that data events are on for.
    Data,
    SignIn,
    /// Something that a service did without being called.
    ServiceEvent,
    /// `AssumeRole` into another account, which gets a record of its own.
    CrossAccount,
}

/// One way to fail.
#[derive(Debug, Clone, Copy)]
pub struct Failure {
    pub per_mille: u16,
    pub code: &'static str,
    pub message: &'static str,
}

/// A way to fail, for the tables.
pub const fn fails(per_mille: u16, code: &'static str, message: &'static str) -> Failure {
    Failure { per_mille, code, message }
}

/// A call that changes nothing.
pub const fn read(service: &'static str, name: &'static str) -> Event {
    Event {
        service,
        name,
        variant: "",
        read: true,
        by: By::Caller,
        kind: Kind::Management,
        request: "null",
        response: "null",
        extra: "",
        resources: "",
        failures: &[],
    }
}

/// A call that changes something.
pub const fn write(service: &'static str, name: &'static str) -> Event {
    let mut event = read(service, name);
    event.read = false;
    event
}

impl Event {
    pub const fn variant(mut self, variant: &'static str) -> Event {
        self.variant = variant;
        self
    }
    pub const fn by(mut self, by: By) -> Event {
        self.by = by;
        self
    }
    pub const fn kind(mut self, kind: Kind) -> Event {
        self.kind = kind;
        self
    }
    pub const fn request(mut self, json: &'static str) -> Event {
        self.request = json;
        self
    }
    pub const fn response(mut self, json: &'static str) -> Event {
        self.response = json;
        self
    }
    pub const fn extra(mut self, json: &'static str) -> Event {
        self.extra = json;
        self
    }
    pub const fn resources(mut self, json: &'static str) -> Event {
        self.resources = json;
        self
    }
    pub const fn failures(mut self, failures: &'static [Failure]) -> Event {
        self.failures = failures;
        self
    }

    /// The version that the service writes its events in.
    pub fn version(&self) -> &'static str {
        match self.service {
            "sts" | "sso" | "signin" | "autoscaling" | "organizations" => "1.08",
            "rds" | "cloudtrail" | "config" | "ssm" | "lambda" | "athena" => "1.09",
            "ec2" | "ecs" | "ecr" | "iam" | "cloudformation" => "1.10",
            _ => "1.11",
        }
    }

    /// Global services write to us-east-1 only.
    pub fn is_global(&self) -> bool {
        matches!(
            self.service,
            "iam" | "signin" | "organizations" | "cloudfront" | "route53" | "ce" | "health"
        )
    }
}
