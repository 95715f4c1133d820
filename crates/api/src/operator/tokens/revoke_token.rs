//! `POST /operator/tokens/revoke`: revokes a token.

use crate::endpoint::endpoint;

endpoint! {
    /// `POST /operator/tokens/revoke`: revokes a token at once, also that of the caller. Errors: -401, -403, -400,
    /// 30060.
    RevokeToken: POST "/operator/tokens/revoke", Operator<AdminOnly> -> () {
        /// The name of the token.
        name: String,
    }
}
