//! The ids of the contract: members and groups.

use crate::inline_schema;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// The id of a member: 1 to 2^53 - 1, a number in JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u64", into = "u64")]
pub struct Mid(u64);

inline_schema!(Mid: { "type": "integer", "minimum": 1, "maximum": Mid::MAX });

impl Mid {
    /// The largest mid: the largest integer that a JavaScript number holds exactly.
    pub const MAX: Mid = Mid((1 << 53) - 1);

    /// Returns the mid of a number, or `None` if the number is out of range.
    pub const fn new(number: u64) -> Option<Mid> {
        if number >= 1 && number <= Mid::MAX.0 { Some(Mid(number)) } else { None }
    }

    /// Returns the number.
    pub const fn get(self) -> u64 {
        self.0
    }
}

impl TryFrom<u64> for Mid {
    type Error = &'static str;

    fn try_from(number: u64) -> Result<Mid, Self::Error> {
        Mid::new(number).ok_or("a mid is a number from 1 to 9007199254740991")
    }
}

impl From<Mid> for u64 {
    fn from(mid: Mid) -> u64 {
        mid.0
    }
}

impl FromStr for Mid {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Mid, Self::Err> {
        Mid::try_from(text.parse::<u64>().unwrap_or(0))
    }
}

impl fmt::Display for Mid {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(out)
    }
}

/// The id of a group of followings. -10 and 0 are built in (D20). Others are positive and unique service-wide
/// (D21).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Tagid(pub i64);

inline_schema!(Tagid: { "type": "integer", "anyOf": [{ "const": Tagid::SPECIAL }, { "minimum": 0, "maximum": Tagid::MAX }] });

impl Tagid {
    /// 特别关注, the built-in group of special followings.
    pub const SPECIAL: Tagid = Tagid(-10);
    /// The largest tagid: the largest integer that a JavaScript number holds exactly.
    pub const MAX: Tagid = Tagid((1 << 53) - 1);
    /// 默认分组, the built-in group of followings that are in no other group.
    pub const DEFAULT: Tagid = Tagid(0);

    /// Returns true for a built-in group, which cannot be renamed or deleted.
    pub const fn is_built_in(self) -> bool {
        matches!(self, Tagid::SPECIAL | Tagid::DEFAULT)
    }
}

impl fmt::Display for Tagid {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(out)
    }
}
