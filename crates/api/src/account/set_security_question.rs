//! `POST /passport/question`: sets the caller's security question.

use crate::endpoint::endpoint;
use guanxi_types::Secret;

endpoint! {
    /// `POST /passport/question`: sets the caller's security question, and replaces the current one. `GET
    /// /x/member/web/exp/reward` shows that there is one. `POST /passport/recovery/password` asks it. Errors: -101,
    /// -111, -400, 30012, 30011, 30113.
    SetSecurityQuestion: POST "/passport/question", SessionWithCsrf -> () {
        /// The question, 1 to 100 characters. Blanks at its ends are removed.
        #[schemars(length(min = 1, max = 100), regex(pattern = r"\S"))]
        question: Secret,
        /// The answer, 1 to 100 characters. Blanks at its ends are removed. Only its argon2 hash is stored.
        #[schemars(length(min = 1, max = 100), regex(pattern = r"\S"))]
        answer: Secret,
        /// The current password. It may be absent after a recent proof (`POST /passport/proof`), and for a member
        /// without a password.
        password: Option<Secret>,
    }
}
