//! `POST /passport/login/factor`: the second step of a login.

use super::sign_up::LoggedIn;
use crate::endpoint::endpoint;
use guanxi_types::Secret;

endpoint! {
    /// `POST /passport/login/factor`: completes a login whose `POST /passport/login` returned 30110 and set the cookie
    /// `login_step`. A login has five tries. A passkey completes it too: `POST /passport/passkeys/login`. Errors:
    /// -111, -400, 30112, 30012, 30111.
    FinishLogin: POST "/passport/login/factor", AnonymousWrite -> LoggedIn {
        /// A one-time code of 6 digits, or a recovery code.
        code: Secret,
    }
}
