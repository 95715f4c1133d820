//! How far one may go.

use std::time::Duration;

/// How far one may go. Each is a setting.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// How many one may follow.
    pub following: u32,
    /// How many groups one may have.
    pub groups: usize,
    /// How many days of logins are shown.
    pub login_log_days: u32,
    /// How long a session lasts, in seconds.
    pub session: i64,
    /// How large a body may be.
    pub body_bytes: usize,
    /// How long a body may take.
    pub body_timeout: Duration,
}
