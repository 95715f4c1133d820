//! `POST /passport/login`: logs a member in by password.

use super::sign_up::LoggedIn;
use crate::endpoint::endpoint;
use guanxi_types::Secret;

endpoint! {
    /// `POST /passport/login`: logs a member in by password. The response sets the cookies.
    /// `GET /x/member/web/login/log` lists the attempt, also a failed one. Too many attempts for the account or
    /// from the address are 30012. An unknown account is 30011, like a wrong password. A member with a second factor
    /// gets 30110 and the cookie `login_step` with `HttpOnly` and `SameSite=Strict`: `POST /passport/login/factor`
    /// follows within `login_step_seconds`. Errors: -111, -400, 30012, 30011, 30110.
    LogIn: POST "/passport/login", AnonymousWrite -> LoggedIn {
        /// The display name, the user name, the verified phone or the verified mail address of the member.
        account: Secret,
        /// The password of the member.
        password: Secret,
    }
}
