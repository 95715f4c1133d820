//! `POST /x/member/web/sign/update`: a new sign, to be reviewed.

use crate::endpoint::endpoint;

endpoint! {
    /// Submits a sign of at most 70 characters; absent or empty clears it at once (seed 000, D29).
    /// Refused with 40015, 40021, 40022.
    SignUpdate: POST "/x/member/web/sign/update", SessionWithCsrf -> () {
        /// The sign.
        user_sign: Option<String>,
    }
}
