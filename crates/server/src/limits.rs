//! How far one may go.

use guanxi_domain::tries::Quota;
use std::time::Duration;

/// How far one may go. Each is a setting.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// How many one may follow.
    pub following: u32,
    /// How many of the newest of a list a search looks through.
    pub search: usize,
    /// How many groups one may have.
    pub groups: usize,
    /// How many days of logins are shown.
    pub login_log_days: u32,
    /// How many entries of a log are read at most, the newest.
    pub log: usize,
    /// How long a session lasts, in seconds.
    pub session: i64,
    /// How many sessions a member may have.
    pub sessions: usize,
    /// How many characters a new password has at least.
    pub password_length: usize,
    /// How many tries may fail on an account.
    pub account: Quota,
    /// How many may fail from an address.
    pub address: Quota,
    /// How often an account may be logged in to.
    pub logins: Quota,
    /// How many an address may sign up.
    pub signups: Quota,
    /// How many QR codes an address may ask for.
    pub qrcodes: Quota,
    /// How long a QR code lives, in seconds.
    pub qrcode: i64,
    /// How many events may be told at once.
    pub events: usize,
    /// How old an event may be, in seconds.
    pub event_age: i64,
    /// How large a body may be.
    pub body_bytes: usize,
    /// How large a body of an operator's may be.
    pub operator_body_bytes: usize,
    /// How long a body may take.
    pub body_timeout: Duration,
}
