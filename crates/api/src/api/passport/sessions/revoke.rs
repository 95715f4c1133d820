//! `POST /passport/sessions/revoke`: the end of one of one's sessions.

use crate::endpoint::endpoint;

endpoint! {
    /// Ends one of one's sessions. Refused with 30013.
    RevokeSession: POST "/passport/sessions/revoke", SessionWithCsrf -> () {
        /// Which, as `/passport/sessions` tells it.
        id: String,
    }
}
