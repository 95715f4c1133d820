//! `POST /passport/password`: changes the caller's password.

use crate::endpoint::endpoint;
use guanxi_types::Secret;

endpoint! {
    /// `POST /passport/password`: changes the caller's password. The calling session gets a new token, and the
    /// response sets the cookies again. The old token and all other sessions of the caller end.
    /// `GET /web/site/user/info` shows the strength of the new password. Errors: -101, -111, -400, 30010, 30012,
    /// 30011, 30113.
    ChangePassword: POST "/passport/password", SessionWithCsrf -> () {
        /// The current password. It may be absent after a recent proof (`POST /passport/proof`), and for a member
        /// without a password.
        old: Option<Secret>,
        /// The new password, `password_min_length` to 128 characters.
        new: Secret,
    }
}
