//! JSON with holes, taken apart once so that filling it is only appending.

use std::fmt::Write;

use crate::caller::{self, Caller};
use crate::clock;
use crate::ids::{self, mix};
use crate::organisation::{Account, CUSTOMER_BUCKET, KINDS, ORGANISATION_ID, Organisation, Region};
use crate::workload::LEAKED_USER;

/// A template, taken apart.
#[derive(Debug, Clone, Default)]
pub struct Text(Vec<Piece>);

#[derive(Debug, Clone, Copy)]
enum Piece {
    Literal(&'static str),
    /// One of what the account owns, by index into [`KINDS`].
    Owned(usize),
    Hole(Hole),
}

/// What can stand between `<` and `>` besides the kinds of [`KINDS`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Hole {
    Account,
    Region,
    Env,
    OtherAccount,
    Organisation,
    CustomerBucket,
    Arn,
    Key,
    Role,
    Session,
    PrincipalId,
    RequestId,
    Time,
    Expiry,
    Millis,
    NewKey,
    NewUserId,
    Token,
    Uuid,
    Uuid2,
    Hex,
    Digest,
    Base64,
    Encoded,
    Count,
    Hundreds,
    Size,
    Bytes,
    ObjectKey,
    PrivateAddr,
    Day,
    LeakedKey,
    OrchestratorId,
    ExporterId,
}

const HOLES: &[(&str, Hole)] = &[
    ("account", Hole::Account),
    ("region", Hole::Region),
    ("env", Hole::Env),
    ("otheraccount", Hole::OtherAccount),
    ("organisation", Hole::Organisation),
    ("customerbucket", Hole::CustomerBucket),
    ("arn", Hole::Arn),
    ("key", Hole::Key),
    ("callerrole", Hole::Role),
    ("session", Hole::Session),
    ("principalid", Hole::PrincipalId),
    ("requestid", Hole::RequestId),
    ("time", Hole::Time),
    ("expiry", Hole::Expiry),
    ("millis", Hole::Millis),
    ("newkey", Hole::NewKey),
    ("newuserid", Hole::NewUserId),
    ("token", Hole::Token),
    ("uuid", Hole::Uuid),
    ("uuid2", Hole::Uuid2),
    ("hex", Hole::Hex),
    ("digest", Hole::Digest),
    ("base64", Hole::Base64),
    ("encoded", Hole::Encoded),
    ("count", Hole::Count),
    ("hundreds", Hole::Hundreds),
    ("size", Hole::Size),
    ("bytes", Hole::Bytes),
    ("objectkey", Hole::ObjectKey),
    ("privateaddr", Hole::PrivateAddr),
    ("day", Hole::Day),
    ("leakedkey", Hole::LeakedKey),
    ("orchestratorid", Hole::OrchestratorId),
    ("exporterid", Hole::ExporterId),
];

/// How long temporary credentials last.
const SESSION_SECONDS: i64 = 3_600;
/// Real tokens are two to four times as long and just as random.
const TOKEN_LETTERS: usize = 160;

/// Everything a hole may ask for.
#[derive(Debug, Clone, Copy)]
pub struct Scene<'a> {
    pub organisation: &'a Organisation,
    pub caller: &'a Caller,
    pub account: Account,
    pub region: Region,
    pub time: i64,
    /// The event's own number: same salt, same values.
    pub salt: u64,
    pub request_id: &'a str,
    /// The key that an `AssumeRole` hands out, where the story goes on with it.
    pub new_key: Option<&'a str>,
    /// The account that a role is assumed in.
    pub other_account: Account,
}

impl Text {
    /// Takes a template apart. What is no known hole stays as it is; a test finds such typos.
    pub fn parse(template: &'static str) -> Text {
        let mut pieces = Vec::new();
        let mut rest = template;
        let mut literal = 0;
        while let Some(open) = rest[literal..].find('<').map(|at| at + literal) {
            let Some((piece, length)) = hole_at(&rest[open..]) else {
                literal = open + 1;
                continue;
            };
            if open > 0 {
                pieces.push(Piece::Literal(&rest[..open]));
            }
            pieces.push(piece);
            rest = &rest[open + length..];
            literal = 0;
        }
        if !rest.is_empty() {
            pieces.push(Piece::Literal(rest));
        }
        Text(pieces)
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Appends the text with its holes filled.
    pub fn fill(&self, out: &mut String, scene: &Scene<'_>) {
        for piece in &self.0 {
            match *piece {
                Piece::Literal(text) => out.push_str(text),
                Piece::Owned(kind) => {
                    out.push_str(scene.organisation.owned(scene.account, kind, scene.salt));
                }
                Piece::Hole(hole) => hole.fill(out, scene),
            }
        }
    }
}

/// The piece that `<name>` at the start of a text stands for, and its length.
fn hole_at(text: &'static str) -> Option<(Piece, usize)> {
    let length = text.find('>')? + 1;
    let name = &text[1..length - 1];
    if let Some(kind) = KINDS.iter().position(|kind| kind.name == name) {
        return Some((Piece::Owned(kind), length));
    }
    let (_, hole) = HOLES.iter().find(|(known, _)| *known == name)?;
    Some((Piece::Hole(*hole), length))
}

impl Hole {
    fn fill(self, out: &mut String, scene: &Scene<'_>) {
        match self {
            Hole::Account => out.push_str(scene.account.id()),
            Hole::Region => out.push_str(scene.region.code()),
            Hole::Env => out.push_str(scene.account.name()),
            Hole::OtherAccount => out.push_str(scene.other_account.id()),
            Hole::Organisation => out.push_str(ORGANISATION_ID),
            Hole::CustomerBucket => out.push_str(CUSTOMER_BUCKET),
            Hole::Arn => out.push_str(&scene.caller.arn),
            Hole::Key => out.push_str(&scene.caller.key),
            Hole::Role => out.push_str(&scene.caller.name),
            Hole::Session => out.push_str(&scene.caller.session),
            Hole::PrincipalId => out.push_str(&scene.caller.principal_id),
            Hole::RequestId => out.push_str(scene.request_id),
            Hole::Time => clock::push_iso(out, scene.time),
            Hole::Expiry => clock::push_american(out, scene.time + SESSION_SECONDS),
            Hole::Millis => push_number(out, scene.time * 1000),
            Hole::Day => out.push_str(&clock::folder(scene.time)),
            Hole::LeakedKey => {
                out.push_str(&scene.organisation.long_lived_key(Account::Dev, LEAKED_USER));
            }
            Hole::OrchestratorId => push_role_id(out, scene, Account::Prod, "DeployOrchestrator"),
            Hole::ExporterId => push_role_id(out, scene, Account::Data, "AnalyticsExport"),
            _ => self.fill_random(out, scene),
        }
    }

    /// The holes whose value only depends on the event's salt.
    fn fill_random(self, out: &mut String, scene: &Scene<'_>) {
        let bits = mix(scene.salt, 1000 + self as u64);
        match self {
            Hole::NewKey => match scene.new_key {
                Some(key) => out.push_str(key),
                None => out.push_str(&ids::access_key("ASIA", bits)),
            },
            Hole::NewUserId => out.push_str(&ids::unique_id("AIDA", bits)),
            Hole::Token => {
                out.push_str("IQoJb3JpZ2luX2VjE");
                ids::push_letters(out, ids::BASE64, bits, TOKEN_LETTERS);
                out.push_str("==");
            }
            Hole::Uuid | Hole::Uuid2 => ids::push_uuid(out, bits),
            Hole::Hex => ids::push_letters(out, ids::HEX, bits, 17),
            Hole::Digest => ids::push_letters(out, ids::HEX, bits, 64),
            Hole::Base64 => ids::push_letters(out, ids::BASE64, bits, 56),
            Hole::Encoded => ids::push_letters(out, ids::ALPHANUMERIC, bits, 220),
            Hole::Count => push_number(out, 1 + ids::below(bits, 10)),
            Hole::Hundreds => push_number(out, 50 + ids::below(bits, 950)),
            Hole::Size => push_number(out, object_size(bits)),
            Hole::Bytes => push_bytes(out, scene.salt),
            Hole::ObjectKey => push_object_key(out, scene),
            Hole::PrivateAddr => out.push_str(&caller::private_addr(scene.account, bits)),
            _ => {}
        }
    }
}

fn push_role_id(out: &mut String, scene: &Scene<'_>, account: Account, role: &str) {
    out.push_str(&scene.organisation.unique_id("AROA", account, role));
}

fn push_number(out: &mut String, number: impl std::fmt::Display) {
    // Writing to a String cannot fail.
    let _ = write!(out, "{number}");
}

/// A few hundred bytes to a few megabytes, small ones more often.
fn object_size(bits: u64) -> usize {
    let scale = ids::below(mix(bits, 1), 14);
    (300 << scale) + ids::below(mix(bits, 2), 300 << scale)
}

/// Bytes on the wire of a data event. S3 writes them now as `48213`, now as `48213.0`.
fn push_bytes(out: &mut String, salt: u64) {
    push_number(out, bytes_on_the_wire(salt));
    if mix(salt, 7).is_multiple_of(2) {
        out.push_str(".0");
    }
}

/// How many bytes the data event of this salt moved.
pub fn bytes_on_the_wire(salt: u64) -> usize {
    object_size(mix(salt, 1000 + Hole::Bytes as u64))
}

fn push_object_key(out: &mut String, scene: &Scene<'_>) {
    let bits = mix(scene.salt, 1000 + Hole::ObjectKey as u64);
    let folder = ["profiles", "addresses", "orders"][ids::below(bits, 3)];
    let _ = write!(out, "{folder}/part-{:05}.parquet", ids::below(mix(bits, 1), 60_000));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_hole_is_filled_and_everything_else_stays() {
        let organisation = Organisation::new(1);
        let caller = Caller::iam_user(&organisation, Account::Dev, "k.mori");
        let scene = Scene {
            organisation: &organisation,
            caller: &caller,
            account: Account::Dev,
            region: Region::Tokyo,
            time: 0,
            salt: 5,
            request_id: "r",
            new_key: None,
            other_account: Account::Data,
        };
        for (name, _) in HOLES {
            let template: &'static str = Box::leak(format!("a<{name}>").into_boxed_str());
            let mut out = String::new();
            Text::parse(template).fill(&mut out, &scene);
            assert!(out.len() > 1 && !out.contains('<'), "{name}: {out}");
        }
        let mut out = String::new();
        Text::parse("1 < 2 <nobody> <account>").fill(&mut out, &scene);
        assert_eq!(out, "1 < 2 <nobody> 555566667777");
    }
}
