//! `POST /passport/relations/change`: one change of the relations to many members.

use crate::endpoint::endpoint;
use crate::param::{CommaSeparated, named_param};
use guanxi_types::{Mid, RelationAction, RelationSource, Tagid};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The largest number of members of a request.
pub const MAX_MEMBERS: usize = 1_000;

/// Members of a request.
pub type ManyMids = CommaSeparated<Mid, MAX_MEMBERS>;

endpoint! {
    /// `POST /passport/relations/change`: changes the caller's relation to each of `mids`, as `POST
    /// /x/relation/modify` or `POST /x/relation/tags/addUsers` for one member. A refused member leaves the others.
    /// Members are changed in parts. An interruption leaves the parts before as they are. The setting `batch_limit`
    /// bounds the number of members. Errors: -101, -111, -400, 22104.
    ChangeRelations: POST "/passport/relations/change", SessionWithCsrf -> Data {
        /// The members: 1 to 1,000 mids, separated by `,`.
        mids: ManyMids,
        /// The change: `follow`, `unfollow`, `whisper`, `unwhisper`, `block`, `unblock`, `remove_follower`,
        /// `add_groups`, `remove_groups` or `move_groups`.
        op: RelationOp,
        /// The groups that followed members join or leave: 1 to 50 tagids, separated by `,`. Required for the
        /// changes of groups, and optional for `follow`.
        groups: Option<CommaSeparated<Tagid>>,
        /// The group that `move_groups` takes the members from. Without it they leave all other groups.
        from: Option<Tagid>,
        /// The source of a follow, as in `POST /x/relation/modify`.
        re_src: RelationSource,
    }
}

/// The result of a change of many relations.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Data {
    /// The number of members whose relation is as the change asks for.
    pub done: u64,
    /// The refused members, in the order of the request.
    pub refused: Vec<Refusal>,
}

/// A refused member.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Refusal {
    /// The member.
    pub mid: Mid,
    /// The code of the rejection, as for one member.
    pub code: i32,
    /// The message of the code.
    pub message: String,
}

named_param! {
    /// A change of relations.
    RelationOp {
        /// Follow publicly, and join groups.
        Follow = "follow",
        /// End follows.
        Unfollow = "unfollow",
        /// Follow privately.
        Whisper = "whisper",
        /// End private follows.
        Unwhisper = "unwhisper",
        /// Block.
        Block = "block",
        /// End blocks.
        Unblock = "unblock",
        /// End the members' follows of the caller.
        RemoveFollower = "remove_follower",
        /// Join groups beside the present ones.
        AddGroups = "add_groups",
        /// Leave groups.
        RemoveGroups = "remove_groups",
        /// Leave one group or all, and join others.
        MoveGroups = "move_groups",
    }
}

impl RelationOp {
    /// Returns the action on each relation. `None` for changes of groups.
    pub const fn action(self) -> Option<RelationAction> {
        Some(match self {
            RelationOp::Follow => RelationAction::Follow,
            RelationOp::Unfollow => RelationAction::Unfollow,
            RelationOp::Whisper => RelationAction::Whisper,
            RelationOp::Unwhisper => RelationAction::Unwhisper,
            RelationOp::Block => RelationAction::Block,
            RelationOp::Unblock => RelationAction::Unblock,
            RelationOp::RemoveFollower => RelationAction::RemoveFollower,
            RelationOp::AddGroups | RelationOp::RemoveGroups | RelationOp::MoveGroups => return None,
        })
    }
}
