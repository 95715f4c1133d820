//! `POST /operator/member/delete`: deletes a member.

use crate::endpoint::endpoint;
use guanxi_types::Mid;

endpoint! {
    /// `POST /operator/member/delete`: deletes a member. Logins as the member and all private fields end at once,
    /// and no name, phone or mail address finds the member. Lists show 账号已注销 while relations, groups and logs are
    /// deleted, 256 rows a second. Then the member is -404. There is no undo. The audit log stores mid and name.
    /// Errors: -401, -403, -400, -404.
    DeleteMember: POST "/operator/member/delete", Operator<AdminOnly> -> () {
        /// The member.
        mid: Mid,
    }
}
