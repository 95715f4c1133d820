//! `POST /operator/member/notes/add`: adds a note on a member.

use crate::endpoint::endpoint;
use guanxi_types::Mid;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

endpoint! {
    /// `POST /operator/member/notes/add`: adds a note on a member for operators. A member has at most `note_limit`
    /// notes. Beyond it: 30064. The audit log has the number of the note, not its text. Errors: -401, -403, -400, -404,
    /// 30064.
    AddNote: POST "/operator/member/notes/add", Operator<AdminOrModerator> -> Data {
        /// The member.
        mid: Mid,
        /// The text, 1 to 1000 characters. It may have several lines.
        #[schemars(length(min = 1, max = 1000))]
        text: String,
    }
}

/// The added note.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "AddedNote")]
pub struct Data {
    /// The number of the note.
    pub id: u64,
}
