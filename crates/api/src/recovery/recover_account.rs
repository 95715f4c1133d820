//! `POST /passport/recovery/password`: sets a new password by a recovery code.

use crate::endpoint::endpoint;
use guanxi_types::Secret;

endpoint! {
    /// `POST /passport/recovery/password`: sets a new password by a code of `POST /passport/recovery/code`. All
    /// sessions of the member end, and their verified contacts are told. A member with a security question has to
    /// answer it too. Errors: -111, -400, 30010, 30101, 30102, 30012.
    RecoverAccount: POST "/passport/recovery/password", AnonymousWrite -> () {
        /// The phone or the mail address of the member.
        account: Secret,
        /// The six digits of the code. Blanks are ignored.
        code: Secret,
        /// The new password, `password_min_length` to 128 characters.
        new: Secret,
        /// The answer to the security question, if there is one. Blanks at its ends are ignored.
        answer: Option<Secret>,
    }
}
