//! `GET /operator/member`: all that is known of a member.

pub mod coins;
pub mod create;
pub mod delete;
pub mod sessions {
    //! Their sessions.
    pub mod revoke;
}
pub mod silence;
pub mod update;
pub mod verify;

use super::operation;
use guanxi_types::{Coins, Mid};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

operation! {
    /// Looks a member up by one of these: exactly one must be there. -404 if there is none.
    Member: GET "/operator/member", [Admin, Moderator] -> Data {
        /// Their mid.
        mid: Option<Mid>,
        /// Their name.
        uname: Option<String>,
        /// Their user name.
        userid: Option<String>,
        /// Their phone.
        tel: Option<String>,
        /// Their mail address.
        mail: Option<String>,
    }
}

/// All that is known of a member. The parts are the rows of a dump (docs/dump.md); what is private is masked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Data {
    /// Who.
    pub mid: Mid,
    /// What anybody sees of them.
    pub card: Map<String, Value>,
    /// What their space shows beside.
    pub profile: Map<String, Value>,
    /// What only they see.
    pub account: Map<String, Value>,
    /// Their exp.
    pub growth: Map<String, Value>,
    /// How their works are seen.
    pub upstat: Map<String, Value>,
    /// Their balance.
    pub coins: Coins,
    /// How many they follow.
    pub following: u32,
    /// How many follow them.
    pub follower: u32,
    /// How their real name stands: none, waiting, verified or rejected.
    pub realname: String,
    /// How many live sessions they have.
    pub sessions: usize,
    /// Whether they leave, and go step by step.
    pub leaving: bool,
}
