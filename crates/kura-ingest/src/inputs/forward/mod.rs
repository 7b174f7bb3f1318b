//! The forward protocol of Fluentd, version 1: what Fluentd, Fluent Bit, Docker's `fluentd` log
//! driver and FireLens send.
//!
//! A message is a tag and entries of a time and a record; it is one delivery, and its tag is the
//! stream. Where the sender gave it a `chunk`, it is told `{"ack": chunk}` once the delivery is
//! taken. The protocol has no word for "not taken": the connection is closed without an ack, and
//! the sender tries again.
//!
//! Messages that want no ack and lie in the buffer together, of one tag, are one delivery: their
//! senders (Docker) write one line a message, and a delivery costs a sync.

mod msgpack;
mod json;
mod cut;
mod message;
mod frames;
mod handshake;
mod tls;
mod connection;
mod server;
#[cfg(test)]
mod forward_tests;
#[cfg(test)]
mod handshake_tests;
#[cfg(test)]
mod server_tests;
#[cfg(test)]
mod torn_tests;

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

use serde::Deserialize;

pub use server::serve;

/// The section `[inputs.forward]`.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Address and port; whoever makes the listener reads it.
    pub listen: String,
    /// Senders must know it, if there is one.
    pub shared_key: Option<String>,
    /// Names and passwords; with some, senders must have one beside the shared key.
    pub users: BTreeMap<String, String>,
    /// What we call ourselves in the handshake; no sender may call itself the same.
    pub self_hostname: String,
    /// With it, nothing is taken in plain text.
    pub tls: Option<Tls>,
}

/// Files in PEM.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tls {
    /// The server's own certificate first, then those that vouch for it.
    pub certificate: PathBuf,
    pub key: PathBuf,
}

/// Why no connection is taken at all.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("users need a `shared_key` beside their passwords")]
    UsersWithoutSharedKey,
    #[error("the `shared_key` is empty")]
    EmptySharedKey,
    #[error("cannot read the certificate `{}`: {reason}", path.display())]
    Certificate { path: PathBuf, reason: String },
    #[error("cannot read the key `{}`: {reason}", path.display())]
    Key { path: PathBuf, reason: String },
    #[error("certificate and key are no use for TLS: {0}")]
    Tls(String),
}

/// What a sender sent and the protocol does not have, or that is more than we take.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
enum Invalid {
    #[error("ends within a value")]
    Cut,
    #[error("no MessagePack")]
    NotMessagePack,
    #[error("something else where {0} is to be")]
    Unexpected(&'static str),
    #[error("a message of more than {0} bytes")]
    TooLong(usize),
    #[error("a message of more than {0} records")]
    TooManyRecords(usize),
    #[error("records of more than {0} bytes of JSON in a message")]
    TooMuchText(usize),
    #[error("values nested more than {0} deep")]
    TooDeep(usize),
    #[error("compressed entries: {0}")]
    NotInflated(String),
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            listen: "127.0.0.1:24224".to_owned(),
            shared_key: None,
            users: BTreeMap::new(),
            self_hostname: "kura".to_owned(),
            tls: None,
        }
    }
}

/// Without what is secret.
impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("listen", &self.listen)
            .field("shared_key", &self.shared_key.as_ref().map(|_| "…"))
            .field("users", &self.users.keys())
            .field("self_hostname", &self.self_hostname)
            .field("tls", &self.tls)
            .finish()
    }
}
