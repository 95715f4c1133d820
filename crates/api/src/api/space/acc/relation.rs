//! `GET /x/space/acc/relation`: both ties between oneself and another.

use crate::endpoint::endpoint;
use guanxi_types::{Mid, Tagid};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

endpoint! {
    /// Asks for both ties between oneself and another (seed 002, D18). -400 for nobody (D39).
    AccRelation: GET "/x/space/acc/relation", Session -> Data {
        /// The other.
        mid: Mid,
    }
}

/// Both ties.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Data {
    /// Mine to them.
    pub relation: Tie,
    /// Theirs to me, with `mid` my own; a whisper shows as none (D13).
    pub be_relation: Tie,
}

/// One tie.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Tie {
    /// Whom it goes to.
    pub mid: Mid,
    /// 0 none, 1 whisper, 2 follow, 6 mutual, 128 black.
    pub attribute: u8,
    /// When it came to be, in seconds; 0 for none.
    pub mtime: i64,
    /// The groups its owner keeps it in; null for none.
    pub tag: Option<Vec<Tagid>>,
    /// 1 if -10 is among those.
    pub special: u8,
    /// False.
    pub is_followed: bool,
}
