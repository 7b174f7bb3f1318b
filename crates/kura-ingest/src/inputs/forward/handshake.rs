//! HELO, PING and PONG: both sides show that they know the shared key without saying it, and a
//! sender that it knows a user's password.
//!
//! The server says HELO with a nonce; the sender PING with a salt and a digest of salt, its own
//! name, nonce and key; the server PONG, yes or no, with a digest of its own.

use std::collections::BTreeMap;
use std::fmt::Write;

use rmp::encode::{write_array_len, write_bin, write_bool, write_map_len, write_str};
use sha2::{Digest, Sha512};
use subtle::ConstantTimeEq;

use super::msgpack::{Head, Reader};
use super::{Invalid, Settings, StartError};

/// A PING is a few names and digests.
pub(super) const PING_BYTES_MAX: usize = 8 << 10;

/// What senders must know.
pub(super) struct Security {
    shared_key: String,
    users: BTreeMap<String, String>,
    self_hostname: String,
}

/// What one sender is asked.
pub(super) struct Challenge {
    pub nonce: [u8; 16],
    /// Salts the password, where one is asked for.
    pub auth: Option<[u8; 16]>,
}

/// What a sender is answered.
#[derive(Debug, PartialEq)]
pub(super) struct Pong {
    pub bytes: Vec<u8>,
    /// Why it is not let in.
    pub refusal: Option<&'static str>,
}

impl Security {
    /// `None`: everybody may send.
    pub(super) fn new(settings: &Settings) -> Result<Option<Self>, StartError> {
        let (users, self_hostname) = (settings.users.clone(), settings.self_hostname.clone());
        match settings.shared_key.clone() {
            None if !users.is_empty() => Err(StartError::UsersWithoutSharedKey),
            None => Ok(None),
            Some(key) if key.is_empty() => Err(StartError::EmptySharedKey),
            Some(shared_key) => Ok(Some(Security { shared_key, users, self_hostname })),
        }
    }

    pub(super) fn challenge(&self) -> Challenge {
        let random = || uuid::Uuid::new_v4().into_bytes();
        Challenge { nonce: random(), auth: (!self.users.is_empty()).then(random) }
    }

    /// What is wrong with a PING.
    fn refusal(&self, challenge: &Challenge, ping: &Ping<'_>) -> Option<&'static str> {
        if ping.hostname == self.self_hostname.as_bytes() {
            return Some("same hostname between input and output");
        }
        let digest =
            hex_digest(&[ping.salt, ping.hostname, &challenge.nonce, self.shared_key.as_bytes()]);
        if !is_same(&digest, ping.digest) {
            return Some("shared_key mismatch");
        }
        let auth = challenge.auth?;
        let password = std::str::from_utf8(ping.username).ok().and_then(|n| self.users.get(n));
        // A name that nobody has takes as long as one that somebody has.
        let expected = password.map_or("", String::as_str).as_bytes();
        let is_right = is_same(&hex_digest(&[&auth, ping.username, expected]), ping.password);
        (!is_right || password.is_none()).then_some("username/password mismatch")
    }
}

impl Challenge {
    /// `["HELO", {"nonce": .., "auth": .., "keepalive": true}]`.
    pub(super) fn helo(&self) -> Vec<u8> {
        let mut helo = Vec::new();
        written(write_array_len(&mut helo, 2));
        written(write_str(&mut helo, "HELO"));
        written(write_map_len(&mut helo, 3));
        written(write_str(&mut helo, "nonce"));
        written(write_bin(&mut helo, &self.nonce));
        written(write_str(&mut helo, "auth"));
        match &self.auth {
            Some(auth) => written(write_bin(&mut helo, auth)),
            None => written(write_str(&mut helo, "")),
        }
        written(write_str(&mut helo, "keepalive"));
        written(write_bool(&mut helo, true));
        helo
    }

    /// `["PONG", is let in, why not, our name, digest]`.
    pub(super) fn pong(&self, security: &Security, ping: &[u8]) -> Result<Pong, Invalid> {
        let ping = Ping::read(ping)?;
        let refusal = security.refusal(self, &ping);
        let (name, digest) = match refusal {
            Some(_) => ("", String::new()),
            None => {
                let (name, key) = (&security.self_hostname, security.shared_key.as_bytes());
                (name.as_str(), hex_digest(&[ping.salt, name.as_bytes(), &self.nonce, key]))
            }
        };
        let mut bytes = Vec::new();
        written(write_array_len(&mut bytes, 5));
        written(write_str(&mut bytes, "PONG"));
        written(write_bool(&mut bytes, refusal.is_none()));
        written(write_str(&mut bytes, refusal.unwrap_or_default()));
        written(write_str(&mut bytes, name));
        written(write_str(&mut bytes, &digest));
        Ok(Pong { bytes, refusal })
    }
}

/// `["PING", hostname, salt, digest, username, digest of the password]`.
struct Ping<'a> {
    hostname: &'a [u8],
    salt: &'a [u8],
    digest: &'a [u8],
    username: &'a [u8],
    password: &'a [u8],
}

impl<'a> Ping<'a> {
    fn read(bytes: &'a [u8]) -> Result<Self, Invalid> {
        let mut reader = Reader::new(bytes);
        if reader.head()? != Head::List(6) || reader.text("PING")? != b"PING" {
            return Err(Invalid::Unexpected("PING"));
        }
        let mut next = || reader.text("a part of PING");
        Ok(Ping {
            hostname: next()?,
            salt: next()?,
            digest: next()?,
            username: next()?,
            password: next()?,
        })
    }
}

fn is_same(expected: &str, given: &[u8]) -> bool {
    expected.as_bytes().ct_eq(given).into()
}

fn hex_digest(parts: &[&[u8]]) -> String {
    let mut digest = Sha512::new();
    parts.iter().for_each(|part| digest.update(part));
    digest.finalize().iter().fold(String::new(), |mut hex, byte| {
        // Memory does not refuse, here or below.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

fn written<T, E>(_: Result<T, E>) {}
