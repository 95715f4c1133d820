//! The time of a commit, the first 8 bytes of a record's payload. The operations follow.

use std::time::{SystemTime, UNIX_EPOCH};

/// Returns the current time, in milliseconds since the Unix epoch.
#[expect(
    clippy::disallowed_methods,
    reason = "the time of a commit says when a record was written, whatever the App's clock"
)]
pub(in super::super) fn now_ms() -> u64 {
    let elapsed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX)
}

/// Returns the payload of a record with these operations.
pub(in super::super) fn payload_of(time_ms: u64, ops: &[u8]) -> Vec<u8> {
    [&time_ms.to_be_bytes()[..], ops].concat()
}

/// Splits a payload into the time and the operations.
pub(in super::super) fn split_payload(payload: &[u8]) -> Option<(u64, &[u8])> {
    let (time_ms, ops) = payload.split_first_chunk()?;
    Some((u64::from_be_bytes(*time_ms), ops))
}
