//! Limits of members, requests and rates.

use guanxi_domain::news::NewsLimits;
use guanxi_domain::rate_limit::Quota;
use guanxi_storage::commands::OutboxLimits;
use std::time::Duration;

/// The limits. Each comes from a setting.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// The maximum number of members that a member follows.
    pub max_followings: u32,
    /// The maximum number of list entries that a search scans.
    pub search_scan: usize,
    /// The maximum number of index entries that a search for members reads.
    pub find_scan: usize,
    /// The minimum length of a text to find members by, in characters.
    pub find_min_chars: usize,
    /// The maximum number of members that a page of the operators' list compares.
    pub member_scan: usize,
    /// The maximum number of searches for members within a minute.
    pub finds_per_minute: u32,
    /// The maximum number of groups of a member.
    pub max_groups: usize,
    /// The maximum number of members that one operation on a list changes.
    pub batch: usize,
    /// The maximum number of remarks of a member.
    pub max_remarks: usize,
    /// The maximum number of notes of operators on a member.
    pub max_notes: usize,
    /// The number of days that the login log shows.
    pub login_log_days: u32,
    /// The maximum number of entries that a log reads, newest first.
    pub log_entries: usize,
    /// The bounds of the stored news of a member.
    pub news: NewsLimits,
    /// The maximum number of entries of an exported coin log.
    pub coin_export: usize,
    /// The lifetime of a session, in seconds.
    pub session_secs: i64,
    /// The maximum number of sessions of a member.
    pub max_sessions: usize,
    /// The minimum length of a new password, in characters.
    pub min_password_length: usize,
    /// The quota of failed logins of an account.
    pub failures_per_account: Quota,
    /// The quota of failed logins of an address.
    pub failures_per_address: Quota,
    /// The quota of password logins of an account.
    pub logins_per_account: Quota,
    /// The quota of registrations of an address.
    pub registrations: Quota,
    /// The quota of phone and mail changes, of an address and of a member.
    pub contact_changes: Quota,
    /// The minimum time between two changes of a member's name, in seconds.
    pub name_change_secs: i64,
    /// The time after which the account of a member who leaves is deleted, in seconds.
    pub leave_secs: i64,
    /// The time for which an archive of own data is kept, in seconds.
    pub export_secs: i64,
    /// The maximum number of archives that are made at the same time.
    pub exports_at_once: usize,
    /// The maximum number of lines of each list in an archive.
    pub export_lines: usize,
    /// The maximum number of lines of an imported file of relations.
    pub import_rows: usize,
    /// True if a moderator reviews names.
    pub name_review: bool,
    /// The quota of pictures of a member.
    pub pictures: Quota,
    /// The maximum size of a picture, in bytes.
    pub picture_bytes: usize,
    /// The maximum size of the body of an upload, in bytes.
    pub upload_bytes: usize,
    /// The timeout of the body of an upload.
    pub upload_timeout: Duration,
    /// The lifetime of the second step of a login and of a passkey's challenge, in seconds.
    pub login_step_secs: i64,
    /// The lifetime of a proof, in seconds.
    pub proof_secs: i64,
    /// The maximum number of passkeys of a member.
    pub max_passkeys: usize,
    /// The quota of passkey challenges of an address.
    pub passkey_challenges: Quota,
    /// The level from which members have to set up a second factor.
    pub second_factor_from_level: Option<u8>,
    /// The quota of QR codes of an address.
    pub qrcodes_per_address: Quota,
    /// The lifetime of a QR code, in seconds.
    pub qrcode_ttl_secs: i64,
    /// The limits of messages, and the contacts that have a sender.
    pub outbox: OutboxLimits,
    /// The maximum number of wrong tries with a code.
    pub code_tries: u32,
    /// The quota of codes to a contact and to a member.
    pub codes_per_contact: Quota,
    /// The quota of codes that an address requests.
    pub codes_per_address: Quota,
    /// The quota of wrong codes for a member or a contact.
    pub code_failures: Quota,
    /// The maximum number of events in one request.
    pub event_batch: usize,
    /// The maximum age of an event, in seconds.
    pub event_retention_secs: i64,
    /// The maximum size of a request body, in bytes.
    pub body_bytes: usize,
    /// The maximum size of the body of an operator's request, in bytes.
    pub operator_body_bytes: usize,
    /// The timeout of a request body.
    pub body_timeout: Duration,
}
