//! `POST /passport/recovery`: replaces the recovery codes.

use super::confirm_totp::RecoveryCodes;
use crate::endpoint::endpoint;

endpoint! {
    /// `POST /passport/recovery`: replaces the caller's recovery codes. The old ones stop working. Errors: -101, -111,
    /// 30113, 30115.
    RenewRecoveryCodes: POST "/passport/recovery", SessionWithCsrf -> RecoveryCodes {}
}
