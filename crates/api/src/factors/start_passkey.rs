//! `POST /passport/passkeys/start`: a challenge for a new passkey.

use super::create_passkey_challenge::PasskeyOptions;
use crate::endpoint::endpoint;

endpoint! {
    /// `POST /passport/passkeys/start`: creates a challenge for a new passkey of the caller. 30117 if the service has
    /// no domain for passkeys. Errors: -101, -111, 30113, 30116, 30117.
    StartPasskey: POST "/passport/passkeys/start", SessionWithCsrf -> PasskeyOptions {}
}
