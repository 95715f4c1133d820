//! Changes of the relation from one member to another.

use crate::inline_schema;

/// The change that a member makes to a relation. Each number is the `act` of `POST /x/relation/modify`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RelationAction {
    /// 1: follow.
    Follow = 1,
    /// 2: remove a follow or a whisper.
    Unfollow,
    /// 3: follow privately: nobody else sees it.
    Whisper,
    /// 4: remove a whisper.
    Unwhisper,
    /// 5: block.
    Block,
    /// 6: remove a block.
    Unblock,
    /// 7: remove a follower.
    RemoveFollower,
}

inline_schema!(RelationAction: { "type": "integer", "oneOf": [
    { "const": 1, "description": "follow" },
    { "const": 2, "description": "remove a follow or a whisper" },
    { "const": 3, "description": "follow privately: nobody else sees it" },
    { "const": 4, "description": "remove a whisper" },
    { "const": 5, "description": "block" },
    { "const": 6, "description": "remove a block" },
    { "const": 7, "description": "remove a follower" },
] });

impl RelationAction {
    /// Every action, in the order of their numbers.
    pub const ALL: [RelationAction; 7] = [
        RelationAction::Follow,
        RelationAction::Unfollow,
        RelationAction::Whisper,
        RelationAction::Unwhisper,
        RelationAction::Block,
        RelationAction::Unblock,
        RelationAction::RemoveFollower,
    ];

    /// Returns the action of a number from 1 to 7.
    pub fn from_number(number: u64) -> Option<RelationAction> {
        let index = usize::try_from(number).ok()?.checked_sub(1)?;
        RelationAction::ALL.get(index).copied()
    }

    /// Returns the number of the action.
    pub const fn number(self) -> u8 {
        self as u8
    }
}

/// The page or feature that a follow was made from: any number, stored with the relation (D8).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RelationSource(pub u32);

inline_schema!(RelationSource: { "type": ["integer", "string"], "default": RelationSource::DEFAULT.0 });

impl RelationSource {
    /// The source of a request that names none or an invalid one.
    pub const DEFAULT: RelationSource = RelationSource(11);
}
