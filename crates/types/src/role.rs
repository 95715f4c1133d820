//! The roles of operator tokens.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The role of an operator token. Each operation lists the roles that may call it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// All operations.
    Admin,
    /// Read members, review signs and real names, silence members, revoke sessions.
    Moderator,
    /// Report events and verified phones or mail addresses.
    Ingest,
}

impl Role {
    /// All roles.
    pub const ALL: [Role; 3] = [Role::Admin, Role::Moderator, Role::Ingest];

    /// Returns the name in the API.
    pub const fn name(self) -> &'static str {
        match self {
            Role::Admin => "admin",
            Role::Moderator => "moderator",
            Role::Ingest => "ingest",
        }
    }
}
