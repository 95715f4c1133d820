//! `POST /passport/totp/confirm`: sets up one-time codes.

use crate::endpoint::endpoint;
use guanxi_types::Secret;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

endpoint! {
    /// `POST /passport/totp/confirm`: sets up one-time codes with a code of the secret from `POST /passport/totp`. The
    /// first second factor comes with recovery codes. Errors: -101, -111, -400, 30012, 30113, 30115, 30111.
    ConfirmTotp: POST "/passport/totp/confirm", SessionWithCsrf -> RecoveryCodes {
        /// The one-time code, 6 digits.
        code: Secret,
    }
}

/// New recovery codes. No other answer contains them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RecoveryCodes {
    /// The codes. Each replaces a second factor once. Empty if the caller has codes already.
    pub recovery_codes: Vec<String>,
}
