//! What operators' programs send: JSON, on a listener of its own, with a bearer token.

pub mod events;

use serde::{Deserialize, Serialize};

/// What an operator's token may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Everything.
    Admin,
    /// Look members up, review signs and real names, silence.
    Moderator,
    /// Tell events.
    Ingest,
}
