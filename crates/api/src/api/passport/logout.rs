//! `POST /passport/logout`: one's session ends.

use crate::endpoint::endpoint;

endpoint! {
    /// Ends the session that the request is made with; the answer takes the cookies back.
    LogOut: POST "/passport/logout", SessionWithCsrf -> () {}
}
