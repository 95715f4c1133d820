//! `POST /passport/passkeys/remove`: removes a passkey.

use crate::endpoint::endpoint;

endpoint! {
    /// `POST /passport/passkeys/remove`: removes a passkey of the caller. Recovery codes end with the last second
    /// factor. Errors: -101, -111, -400, 30113, 30115.
    RemovePasskey: POST "/passport/passkeys/remove", SessionWithCsrf -> () {
        /// The id, from `GET /passport/factors`.
        passkey: i64,
    }
}
