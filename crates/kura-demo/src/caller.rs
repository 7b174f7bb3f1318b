//! Who calls: the `userIdentity` of a record in all its shapes, with the address, the program and
//! the credentials that go with it.

use crate::clock;
use crate::ids::{self, mix, named};
use crate::organisation::{Account, Organisation, PEOPLE, Person, Region};
use crate::rhythm::Office;

/// The store of IAM Identity Center, in the management account.
const IDENTITY_STORE: &str = "d-95671f0c2e";
/// Where CI jobs get their web identity from.
const OIDC_PROVIDER: &str = "token.actions.githubusercontent.com";

/// Somebody or something with credentials, for the length of one task.
#[derive(Debug, Clone, Default)]
pub struct Caller {
    /// The account that the credentials belong to.
    pub account: Account,
    /// `userIdentity` without its closing brace, so that `invokedBy` can follow.
    pub identity: String,
    pub arn: String,
    pub principal_id: String,
    pub key: String,
    /// Name of the role, or of the user.
    pub name: String,
    pub session: String,
    pub addr: String,
    pub agent: String,
    /// The VPC endpoint that the calls go through.
    pub endpoint: Option<String>,
    /// Credentials that the console fetched for a person's browser.
    pub console: bool,
}

/// How a role came to be assumed; part of its session's context.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Via {
    /// `AssumeRole`.
    Plain,
    /// An instance profile: the session's credentials say how the instance got them.
    InstanceMetadata,
    /// A CI job with a web identity.
    WebIdentity,
    /// IAM Identity Center, with or without a second factor behind it.
    IdentityCenter,
}

impl Caller {
    /// A user with a long-lived key.
    pub fn iam_user(organisation: &Organisation, account: Account, name: &str) -> Caller {
        let principal_id = organisation.unique_id("AIDA", account, name);
        let key = organisation.long_lived_key(account, name);
        let arn = format!("arn:aws:iam::{}:user/{name}", account.id());
        Caller {
            account,
            identity: format!(
                r#"{{"type":"IAMUser","principalId":"{principal_id}","arn":"{arn}","accountId":"{}","accessKeyId":"{key}","userName":"{name}""#,
                account.id()
            ),
            arn,
            principal_id,
            key,
            name: name.to_owned(),
            session: name.to_owned(),
            ..Caller::default()
        }
    }

    /// The same user behind a password and a second factor, with the console's short-lived key.
    pub fn iam_user_in_console(
        organisation: &Organisation,
        account: Account,
        name: &str,
        since: i64,
    ) -> Caller {
        let mut caller = Caller::iam_user(organisation, account, name);
        let key = ids::access_key("ASIA", mix(named(organisation.seed, name), since as u64));
        caller.identity = caller.identity.replacen(&caller.key, &key, 1);
        caller.identity.push_str(r#","sessionContext":{"attributes":{"creationDate":""#);
        clock::push_iso(&mut caller.identity, since);
        caller.identity.push_str(r#"","mfaAuthenticated":"true"}}"#);
        Caller { key, console: true, ..caller }
    }

    /// The account's root, in the console.
    pub fn root(account: Account) -> Caller {
        let id = account.id();
        Caller {
            account,
            identity: format!(
                r#"{{"type":"Root","principalId":"{id}","arn":"arn:aws:iam::{id}:root","accountId":"{id}","accessKeyId":"""#
            ),
            arn: format!("arn:aws:iam::{id}:root"),
            principal_id: id.to_owned(),
            name: "root".to_owned(),
            session: "root".to_owned(),
            console: true,
            ..Caller::default()
        }
    }

    /// A session of a role. Sessions of the same role, name and start have the same key.
    pub fn role_session(
        organisation: &Organisation,
        account: Account,
        role: Role<'_>,
        session: &str,
        since: i64,
    ) -> Caller {
        let name = named(mix(organisation.seed, account as u64), role.name);
        let key = ids::access_key("ASIA", mix(named(name, session), since as u64));
        let role_id = organisation.unique_id("AROA", account, role.name);
        let principal_id = [role_id.as_str(), ":", session].concat();
        let arn =
            ["arn:aws:sts::", account.id(), ":assumed-role/", role.name, "/", session].concat();
        let mut identity = String::with_capacity(900);
        for part in [
            r#"{"type":"AssumedRole","principalId":""#,
            &principal_id,
            r#"","arn":""#,
            &arn,
            r#"","accountId":""#,
            account.id(),
            r#"","accessKeyId":""#,
            &key,
            r#"","sessionContext":{"#,
        ] {
            identity.push_str(part);
        }
        role.push_context(&mut identity, account, &role_id, since);
        Caller {
            account,
            identity,
            arn,
            principal_id,
            key,
            name: role.name.to_owned(),
            session: session.to_owned(),
            ..Caller::default()
        }
    }
}

/// A role as its sessions show it.
#[derive(Debug, Clone, Copy)]
pub struct Role<'a> {
    pub name: &'a str,
    /// `/`, or the path of reserved and service-linked roles.
    pub path: &'a str,
    pub via: Via,
}

impl<'a> Role<'a> {
    pub fn plain(name: &'a str) -> Role<'a> {
        Role { name, path: "/", via: Via::Plain }
    }

    /// Appends the inside of `sessionContext`, and closes it.
    fn push_context(&self, out: &mut String, account: Account, role_id: &str, since: i64) {
        let id = account.id();
        for part in [
            r#""sessionIssuer":{"type":"Role","principalId":""#,
            role_id,
            r#"","arn":"arn:aws:iam::"#,
            id,
            ":role",
            self.path,
            self.name,
            r#"","accountId":""#,
            id,
            r#"","userName":""#,
            self.name,
            r#""}"#,
        ] {
            out.push_str(part);
        }
        if self.via == Via::WebIdentity {
            out.push_str(&format!(
                r#","webIdFederationData":{{"federatedProvider":"arn:aws:iam::{id}:oidc-provider/{OIDC_PROVIDER}","attributes":{{}}}}"#
            ));
        }
        out.push_str(r#","attributes":{"creationDate":""#);
        clock::push_iso(out, since);
        out.push_str(r#"","mfaAuthenticated":"false"}"#);
        if self.via == Via::InstanceMetadata {
            out.push_str(r#","ec2RoleDelivery":"2.0""#);
        }
        out.push('}');
    }
}

/// `userIdentity` of an AWS service that acts on its own.
pub fn service_identity(service: &str) -> String {
    format!(r#"{{"type":"AWSService","invokedBy":"{service}""#)
}

/// `userIdentity` of a caller as the other account sees it: no name, only where it comes from.
pub fn foreign_identity(caller: &Caller) -> String {
    format!(
        r#"{{"type":"AWSAccount","principalId":"{}","accountId":"{}""#,
        caller.principal_id,
        caller.account.id()
    )
}

/// `userIdentity` of a vendor's account, which is in no organisation of ours.
pub fn vendor_identity() -> String {
    r#"{"type":"AWSAccount","principalId":"AROAQVENDOR6OBSERVER7:collector","accountId":"999988887777""#.to_owned()
}

/// `userIdentity` of a CI job that asks for its role.
pub fn web_identity(caller: &Caller) -> String {
    let provider = format!("arn:aws:iam::{}:oidc-provider/{OIDC_PROVIDER}", caller.account.id());
    let subject = "repo:hoshizora/shop:ref:refs/heads/main";
    format!(
        r#"{{"type":"WebIdentityUser","principalId":"{provider}:sts.amazonaws.com:{subject}","userName":"{subject}","identityProvider":"{provider}""#
    )
}

/// `userIdentity` of a person whom IAM Identity Center signs in to a role.
pub fn saml_identity(organisation: &Organisation, caller: &Caller) -> String {
    let provider = ids::letters("", ids::BASE64, mix(organisation.seed, 0x5a41), 27);
    format!(
        r#"{{"type":"SAMLUser","principalId":"{provider}=:{0}","userName":"{0}","identityProvider":"{provider}=""#,
        caller.session
    )
}

/// `userIdentity` of a person inside IAM Identity Center itself.
pub fn identity_center(organisation: &Organisation, caller: &Caller) -> String {
    let account = Account::Management.id();
    let user = ids::uuid(named(organisation.seed, &caller.session));
    let credential = ids::letters("", ids::BASE64, named(organisation.seed, &caller.key), 24);
    format!(
        r#"{{"type":"IdentityCenterUser","accountId":"{account}","onBehalfOf":{{"userId":"{user}","identityStoreArn":"arn:aws:identitystore::{account}:identitystore/{IDENTITY_STORE}"}},"credentialId":"{credential}""#
    )
}

/// The name of the role that Identity Center makes for a permission set in an account.
pub fn reserved_role(
    organisation: &Organisation,
    account: Account,
    permission_set: &str,
) -> String {
    let digits = named(mix(organisation.seed, account as u64), permission_set);
    ids::letters(&format!("AWSReservedSSO_{permission_set}_"), ids::HEX, digits, 16)
}

/// A person's session of a permission set. `tool` is the program in hand.
pub fn person_session(
    organisation: &Organisation,
    account: Account,
    person: &Person,
    permission_set: &str,
    since: i64,
) -> Caller {
    let role_name = reserved_role(organisation, account, permission_set);
    let role = Role {
        name: &role_name,
        path: "/aws-reserved/sso.amazonaws.com/ap-northeast-1/",
        via: Via::IdentityCenter,
    };
    let session = format!("{}@hoshizora.example", person.login);
    let mut caller = Caller::role_session(organisation, account, role, &session, since);
    caller.addr = person_addr(organisation, person, since);
    caller
}

/// Two of three days in the office, else at home; homes in Berlin have IPv6.
pub fn person_addr(organisation: &Organisation, person: &Person, time: i64) -> String {
    let number = PEOPLE.iter().position(|other| other.login == person.login).unwrap_or(0);
    let day = mix(named(organisation.seed, person.login), (time / clock::DAY) as u64);
    let in_office = ids::below(day, 3) > 0;
    match (person.office, in_office) {
        (Office::Tokyo, true) => format!("203.0.113.{}", 10 + ids::below(mix(day, 1), 3)),
        (Office::Tokyo, false) => format!("203.0.113.{}", 130 + number),
        (Office::Berlin, true) => format!("198.51.100.{}", 20 + ids::below(mix(day, 1), 2)),
        (Office::Berlin, false) => {
            format!("2001:db8:4d{number:02x}:1:{:x}::{:x}", (day >> 8) & 0xffff, day & 0xffff)
        }
    }
}

/// The address through which a VPC's machines reach the world.
pub fn nat_addr(account: Account, region: Region) -> String {
    match region {
        Region::Frankfurt => format!("198.51.100.{}", 230 + account as usize),
        _ => format!("203.0.113.{}", 230 + account as usize),
    }
}

/// An instance's or a task's address inside its VPC.
pub fn private_addr(account: Account, bits: u64) -> String {
    format!(
        "10.{}.{}.{}",
        20 + account as usize,
        ids::below(mix(bits, 3), 6) * 16,
        10 + ids::below(mix(bits, 4), 240)
    )
}
