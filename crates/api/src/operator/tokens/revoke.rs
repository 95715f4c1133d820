//! `POST /operator/tokens/revoke`: a token's end.

use crate::operator::operation;

operation! {
    /// Revokes a token. Refused with 30060.
    RevokeToken: POST "/operator/tokens/revoke", [Admin] -> () {
        /// What it is called.
        name: String,
    }
}
