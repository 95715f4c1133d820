//! `POST /passport/proof`: proves that the caller is the member.

use crate::endpoint::endpoint;
use guanxi_types::Secret;

endpoint! {
    /// `POST /passport/proof`: proves that the caller is the member, before a dangerous operation. The proofs last
    /// `proof_seconds`. A member with a second factor needs it too. A passkey counts as both. Errors: -101, -111,
    /// -400, 30012, 30011, 30111, 30117.
    Prove: POST "/passport/proof", SessionWithCsrf -> () {
        /// The password.
        password: Option<Secret>,
        /// A one-time code of 6 digits, or a recovery code.
        code: Option<Secret>,
        /// The response of a passkey to `POST /passport/passkeys/challenge`, as JSON.
        credential: Option<Secret>,
    }
}
