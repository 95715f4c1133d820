//! `POST /passport/passkeys/challenge`: a challenge for a passkey.

use crate::endpoint::endpoint;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

endpoint! {
    /// `POST /passport/passkeys/challenge`: creates a challenge that a passkey answers for a login or a proof. The
    /// response also sets the cookie `passkey_caller`. Only the client with that cookie can use the answer, once.
    /// 30117 if the service has no domain for passkeys. Errors: -111, 30012, 30117.
    CreatePasskeyChallenge: POST "/passport/passkeys/challenge", AnonymousWrite -> PasskeyOptions {}
}

/// The options of a passkey.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PasskeyOptions {
    /// The options as WebAuthn defines them in JSON, for `navigator.credentials`.
    pub options: Value,
}
