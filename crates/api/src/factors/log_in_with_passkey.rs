//! `POST /passport/passkeys/login`: logs a member in by a passkey.

use crate::endpoint::endpoint;
use crate::login::sign_up::LoggedIn;
use guanxi_types::Secret;

endpoint! {
    /// `POST /passport/passkeys/login`: logs a member in by a passkey, without a name. The passkey verifies its user,
    /// so no password and no second step follow. Errors: -111, -400, 30012, 30117, 30111.
    LogInWithPasskey: POST "/passport/passkeys/login", AnonymousWrite -> LoggedIn {
        /// The response of the passkey to `POST /passport/passkeys/challenge`, as JSON.
        credential: Secret,
    }
}
