//! `POST /passport/passkeys/rename`: renames a passkey.

use crate::endpoint::endpoint;

endpoint! {
    /// `POST /passport/passkeys/rename`: renames a passkey of the caller. Errors: -101, -111, -400, 30115.
    RenamePasskey: POST "/passport/passkeys/rename", SessionWithCsrf -> () {
        /// The id, from `GET /passport/factors`.
        passkey: i64,
        /// The new name, 1 to 32 characters. Blanks at its ends are removed.
        #[schemars(length(min = 1, max = 32), regex(pattern = r"\S"))]
        label: String,
    }
}
