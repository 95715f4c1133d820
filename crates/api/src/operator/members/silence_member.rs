//! `POST /operator/member/silence`: silences a member, or ends the silence.

use crate::endpoint::endpoint;
use guanxi_types::Mid;

endpoint! {
    /// `POST /operator/member/silence`: silences a member, or ends the silence. `GET /x/space/acc/info` shows the
    /// state, which has no other effect in guanxi. Errors: -401, -403, -400, -404.
    SilenceMember: POST "/operator/member/silence", Operator<AdminOrModerator> -> () {
        /// The member.
        mid: Mid,
        /// True to silence the member, false to end the silence.
        silence: bool,
    }
}
