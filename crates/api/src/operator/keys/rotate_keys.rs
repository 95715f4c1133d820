//! `POST /operator/keys/rotate`: starts a key rotation.

use super::get_key_status::Data;
use crate::endpoint::endpoint;

endpoint! {
    /// `POST /operator/keys/rotate`: creates a new encryption key, and starts to encrypt the values of older keys
    /// again. The response does not wait for the end. `GET /operator/keys` shows the progress. A service on a
    /// database rejects it with -400. Errors: -401, -403, -400, 30061.
    RotateKeys: POST "/operator/keys/rotate", Operator<AdminOnly> -> Data {}
}
