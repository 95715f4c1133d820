//! `POST /passport/realname`: applies for real-name verification.

use crate::endpoint::endpoint;
use guanxi_types::Secret;

endpoint! {
    /// `POST /passport/realname`: submits an application for real-name verification, which a moderator reviews.
    /// `GET /x/member/realname/status` and `GET /x/member/realname/apply/status` return its state. A newer
    /// application replaces a pending or rejected one. Errors: -101, -111, -400, 30030, 30031, 30032.
    ApplyRealname: POST "/passport/realname", SessionWithCsrf -> () {
        /// The name, 2 to 50 letters, with blanks, dots and dashes between them. Blanks at its ends are removed.
        realname: Secret,
        /// The number of the card, valid for its kind.
        card: Secret,
        /// The kind of card, 0 to 6 as in `GET /x/member/realname/apply/status`.
        #[schemars(range(max = 6))]
        card_type: u8,
    }
}
