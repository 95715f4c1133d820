//! `GET /x/relation`: one's tie to another. The rest of the relation chain is below.

use crate::endpoint::endpoint;
use guanxi_types::{Mid, Tagid};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub mod blacks;
pub mod followers;
pub mod followings;
pub mod modify;
pub mod stat;
pub mod tag;
pub mod tags;
pub mod whispers;

endpoint! {
    /// Asks for one's tie to another (seed 002). -400 for nobody (D39).
    GetRelation: GET "/x/relation", Session -> Data {
        /// The other.
        fid: Mid,
    }
}

/// One's tie to another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Data {
    /// The other.
    pub mid: Mid,
    /// 0 none, 1 whisper, 2 follow, 6 mutual, 128 black.
    pub attribute: u8,
    /// When it came to be, in seconds; 0 for none (D12).
    pub mtime: i64,
    /// The groups one keeps them in; null for none (D19).
    pub tag: Option<Vec<Tagid>>,
    /// 1 if -10 is among those.
    pub special: u8,
}
