//! `POST /x/relation/modify`: follow, whisper, block, and the ways back.

use crate::endpoint::endpoint;
use crate::param::{Malformed, Param, digits};
use guanxi_types::Mid;
use guanxi_types::inline_schema;

endpoint! {
    /// Acts on one's tie to another (seed 002). Refused with 22003, 40061 or 22013, 22001, 22009, in this order.
    Modify: POST "/x/relation/modify", SessionWithCsrf -> () {
        /// The other.
        fid: Mid,
        /// What to do.
        act: RelationAction,
        /// Where the follow came from, a number below 2^32; anything else is taken as 11.
        re_src: Source,
    }
}

/// What one can do to a tie.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RelationAction {
    /// 1: follow.
    Follow = 1,
    /// 2: no longer follow, openly or not.
    Unfollow,
    /// 3: follow without anybody seeing it.
    Whisper,
    /// 4: no longer whisper.
    Unwhisper,
    /// 5: block.
    Black,
    /// 6: no longer block.
    Unblack,
    /// 7: remove a fan.
    Kick,
}

inline_schema!(RelationAction: { "type": "integer", "oneOf": [
    { "const": 1, "description": "follow" },
    { "const": 2, "description": "no longer follow, openly or not" },
    { "const": 3, "description": "follow without anybody seeing it" },
    { "const": 4, "description": "no longer whisper" },
    { "const": 5, "description": "block" },
    { "const": 6, "description": "no longer block" },
    { "const": 7, "description": "remove a fan" },
] });

impl RelationAction {
    /// All of them, from 1.
    pub const ALL: [RelationAction; 7] = [
        RelationAction::Follow,
        RelationAction::Unfollow,
        RelationAction::Whisper,
        RelationAction::Unwhisper,
        RelationAction::Black,
        RelationAction::Unblack,
        RelationAction::Kick,
    ];
}

impl Param for RelationAction {
    fn parse(text: &str) -> Result<Self, Malformed> {
        let number = digits(text).and_then(|number| usize::try_from(number).ok()).unwrap_or(0);
        number
            .checked_sub(1)
            .and_then(|at| RelationAction::ALL.get(at))
            .copied()
            .ok_or(Malformed("is not a number from 1 to 7"))
    }

    fn write(&self) -> Option<String> {
        Some((*self as u8).to_string())
    }
}

/// Where a follow came from: any number, kept with the tie. It never refuses a request (D8).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Source(pub u32);

inline_schema!(Source: { "type": ["integer", "string"], "default": Source::USUAL.0 });

impl Source {
    /// What the seed's callers send, and what is meant when nothing, or no number, is said.
    pub const USUAL: Source = Source(11);
}

impl Param for Source {
    const REQUIRED: bool = false;

    fn parse(text: &str) -> Result<Self, Malformed> {
        let number = digits(text).and_then(|number| u32::try_from(number).ok());
        Ok(number.map_or(Source::USUAL, Source))
    }

    fn absent() -> Result<Self, Malformed> {
        Ok(Source::USUAL)
    }

    fn write(&self) -> Option<String> {
        Some(self.0.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn acts_by_number() {
        for (at, act) in RelationAction::ALL.into_iter().enumerate() {
            assert_eq!(RelationAction::parse(&(at + 1).to_string()), Ok(act));
            assert_eq!(act.write(), Some((at + 1).to_string()));
        }
        for text in ["", "0", "8", "-1", "x", "18446744073709551616"] {
            assert!(RelationAction::parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_source_never_refuses() {
        for (text, source) in [("11", 11), ("14", 14), ("", 11), ("x", 11), ("-1", 11), ("4294967296", 11)] {
            assert_eq!(Source::parse(text), Ok(Source(source)));
        }
        assert_eq!(Source::absent(), Ok(Source(11)));
    }
}
