//! `POST /passport/leave`: schedules the deletion of the caller's account.

use crate::endpoint::endpoint;
use guanxi_types::{Mid, Secret};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

endpoint! {
    /// `POST /passport/leave`: ends all sessions of the caller, and schedules the deletion of the account after the
    /// setting `leave_days` (7). Until then the caller can log in and stay. A wrong password is counted as in a login.
    /// Errors: -101, -111, -400, 30011, 30012, 30113, 30118.
    Leave: POST "/passport/leave", SessionWithCsrf -> Departure {
        /// The mid of the caller, so that nobody leaves by mistake.
        mid: Mid,
        /// The password. Absent if the session proved it a short time ago, or if there is none.
        password: Option<Secret>,
    }
}

/// The scheduled deletion of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Departure {
    /// The time from which the account is deleted, in seconds. 0 if it is not to be deleted.
    pub due: i64,
}
