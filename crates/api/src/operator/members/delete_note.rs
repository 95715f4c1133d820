//! `POST /operator/member/notes/delete`: deletes a note on a member.

use crate::endpoint::endpoint;
use guanxi_types::Mid;

endpoint! {
    /// `POST /operator/member/notes/delete`: deletes a note on a member. Errors: -401, -403, -400, -404,
    /// 30065.
    DeleteNote: POST "/operator/member/notes/delete", Operator<AdminOnly> -> () {
        /// The member.
        mid: Mid,
        /// The number of the note.
        id: u64,
    }
}
