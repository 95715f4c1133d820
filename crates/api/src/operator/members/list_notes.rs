//! `GET /operator/member/notes`: the notes on a member.

use crate::endpoint::endpoint;
use guanxi_types::Mid;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

endpoint! {
    /// `GET /operator/member/notes`: returns the notes of operators on a member, newest first. No member sees notes.
    /// They are deleted with the member. Errors: -401, -403, -400, -404.
    ListNotes: GET "/operator/member/notes", Operator<AdminOrModerator> -> Data {
        /// The member.
        mid: Mid,
    }
}

/// The notes on a member.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "MemberNotes")]
pub struct Data {
    /// The notes.
    pub list: Vec<Note>,
}

/// A note on a member.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "MemberNote")]
pub struct Note {
    /// The number of the note.
    pub id: u64,
    /// The time, in seconds.
    pub time: i64,
    /// The name of the author's token.
    pub by: String,
    /// The text.
    pub text: String,
}
