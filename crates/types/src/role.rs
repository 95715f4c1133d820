//! The roles of operators' tokens.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What an operator's token may do. Each operation names those that may do it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Everything.
    Admin,
    /// Look members up, review signs and real names, silence, end sessions.
    Moderator,
    /// Tell events, and that a phone or a mail address was verified.
    Ingest,
}

impl Role {
    /// All of them.
    pub const ALL: [Role; 3] = [Role::Admin, Role::Moderator, Role::Ingest];

    /// Its name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Role::Admin => "admin",
            Role::Moderator => "moderator",
            Role::Ingest => "ingest",
        }
    }
}
