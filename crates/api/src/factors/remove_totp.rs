//! `POST /passport/totp/remove`: removes the one-time codes.

use crate::endpoint::endpoint;

endpoint! {
    /// `POST /passport/totp/remove`: removes the caller's one-time codes, or a secret that was not confirmed. Recovery
    /// codes end with the last second factor. Errors: -101, -111, 30113, 30115.
    RemoveTotp: POST "/passport/totp/remove", SessionWithCsrf -> () {}
}
