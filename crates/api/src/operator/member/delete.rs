//! `POST /operator/member/delete`: a member leaves.

use crate::operator::operation;
use guanxi_types::Mid;

operation! {
    /// Lets a member go. At once nobody can log in as them and nothing private of theirs is kept; their ties, groups and logs
    /// go step by step, and then they are -404. Refused with -404.
    DeleteMember: POST "/operator/member/delete", [Admin] -> () {
        /// Who.
        mid: Mid,
    }
}
