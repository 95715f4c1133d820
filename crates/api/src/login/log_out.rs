//! `POST /passport/logout`: ends the session of the request.

use crate::endpoint::endpoint;

endpoint! {
    /// `POST /passport/logout`: ends the session of the request. The response expires the cookies. Errors: -101,
    /// -111.
    LogOut: POST "/passport/logout", SessionWithCsrf -> () {}
}
