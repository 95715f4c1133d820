//! `POST /passport/sex`: changes the caller's sex.

use crate::endpoint::endpoint;
use crate::param::Sex;

endpoint! {
    /// `POST /passport/sex`: changes the caller's sex, which `GET /x/space/acc/info` shows to everybody. Errors: -101,
    /// -111, -400.
    ChangeSex: POST "/passport/sex", SessionWithCsrf -> () {
        /// The sex: 男, 女, or 保密 to hide it.
        sex: Sex,
    }
}
