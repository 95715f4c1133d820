//! `POST /operator/members/batch`: one action on many members.

use crate::endpoint::endpoint;
use guanxi_types::{Coins, EventId, Mid};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

endpoint! {
    /// `POST /operator/members/batch`: one action on many members, by the rules of the endpoint for one. Each member
    /// has a result, in the order of the request, and each changed member an entry in the audit log. A rejected member
    /// leaves the others. Actions `coins` and `delete` require the role admin: -403. A request whose outcome is unknown
    /// can be sent again, with the same `id` for coins. Errors: -401, -403, -400.
    ChangeMembers: POST "/operator/members/batch", Operator<AdminOrModeratorByAction> -> Data {
        /// The members, each once, at most `batch_limit` (1,000).
        #[schemars(length(min = 1))]
        mids: Vec<Mid>,
        /// The action.
        action: MemberAction,
        /// The coins of the action `coins` for each member, as of `/operator/member/coins`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        delta: Option<Coins>,
        /// The reason of the action `coins`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
        /// The id that makes the action `coins` idempotent for each member, 1 to 100 characters. Required for it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        id: Option<EventId>,
    }
}

/// An action on many members.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MemberAction {
    /// Silences the members.
    Silence,
    /// Ends the silence.
    Unsilence,
    /// Ends all sessions.
    EndSessions,
    /// Removes the pictures.
    RemovePicture,
    /// Credits or debits coins.
    Coins,
    /// Deletes the members.
    Delete,
}

impl MemberAction {
    /// All actions.
    pub const ALL: [MemberAction; 6] = [
        MemberAction::Silence,
        MemberAction::Unsilence,
        MemberAction::EndSessions,
        MemberAction::RemovePicture,
        MemberAction::Coins,
        MemberAction::Delete,
    ];

    /// Returns the name of the action on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            MemberAction::Silence => "silence",
            MemberAction::Unsilence => "unsilence",
            MemberAction::EndSessions => "end_sessions",
            MemberAction::RemovePicture => "remove_picture",
            MemberAction::Coins => "coins",
            MemberAction::Delete => "delete",
        }
    }

    /// Returns the action of a name.
    pub fn from_name(name: &str) -> Option<MemberAction> {
        MemberAction::ALL.into_iter().find(|action| action.name() == name)
    }

    /// True if only the role admin may do it.
    pub const fn is_admins(self) -> bool {
        matches!(self, MemberAction::Coins | MemberAction::Delete)
    }
}

/// The results of the members.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "MemberResults")]
pub struct Data {
    /// The result of each member, in the order of the request.
    pub results: Vec<MemberResult>,
}

/// The result of a member.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MemberResult {
    /// The member.
    pub mid: Mid,
    /// 0 if the action is done, or was done before. Else the code of the endpoint for one member, such as -404.
    pub code: i32,
    /// The meaning of the code.
    pub message: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_the_wire() {
        for action in MemberAction::ALL {
            assert_eq!(serde_json::to_value(action).unwrap(), action.name());
            assert_eq!(MemberAction::from_name(action.name()), Some(action));
        }
        assert_eq!(MemberAction::from_name("none"), None);
    }
}
