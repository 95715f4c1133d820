//! `POST /passport/passkeys`: adds a passkey.

use super::confirm_totp::RecoveryCodes;
use crate::endpoint::endpoint;
use guanxi_types::Secret;

endpoint! {
    /// `POST /passport/passkeys`: adds a passkey of the caller. The first second factor comes with recovery codes.
    /// Errors: -101, -111, -400, 30113, 30117, 30114, 30116.
    AddPasskey: POST "/passport/passkeys", SessionWithCsrf -> RecoveryCodes {
        /// The name, 1 to 32 characters. Blanks at its ends are removed.
        #[schemars(length(min = 1, max = 32), regex(pattern = r"\S"))]
        label: String,
        /// The response of the passkey to `POST /passport/passkeys/start`, as JSON.
        credential: Secret,
    }
}
