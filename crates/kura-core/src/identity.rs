//! Who asks. Every use case takes an [`Identity`], from the first day.
//!
//! Until Kura knows users there is one, the owner of the process: it listens on loopback
//! only, and whoever reaches it may do what the owner may.

use serde::Serialize;

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Identity {
    pub name: String,
    pub role: Role,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// May read tables.
    Reader,
    /// May do everything.
    Owner,
}

#[derive(Debug, thiserror::Error)]
#[error("`{name}` may not {action}")]
pub struct NotAllowed {
    name: String,
    action: &'static str,
}

impl Identity {
    /// The person at the machine: the command line, and loopback while there are no users.
    #[must_use]
    pub fn local() -> Self {
        Identity { name: "local".to_owned(), role: Role::Owner }
    }

    pub fn may_read(&self) -> Result<(), NotAllowed> {
        self.at_least(Role::Reader, "read")
    }

    pub fn may_write(&self) -> Result<(), NotAllowed> {
        self.at_least(Role::Owner, "write")
    }

    fn at_least(&self, role: Role, action: &'static str) -> Result<(), NotAllowed> {
        if self.role >= role {
            return Ok(());
        }
        Err(NotAllowed { name: self.name.clone(), action })
    }
}
