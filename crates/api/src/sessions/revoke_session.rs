//! `POST /passport/sessions/revoke`: ends a session of the caller.

use crate::endpoint::endpoint;

endpoint! {
    /// `POST /passport/sessions/revoke`: ends one of the caller's sessions. Errors: -101, -111, -400, 30013.
    RevokeSession: POST "/passport/sessions/revoke", SessionWithCsrf -> () {
        /// The id of the session, from `GET /passport/sessions`.
        id: String,
    }
}
