//! The times that events of other services may have.

use guanxi_types::ErrorCode;

/// The maximum time by which an event may be in the future, in seconds. Clocks of other services may be ahead.
pub const MAX_CLOCK_SKEW: i64 = 300;

/// Checks the time of an event. `cutoff` is the latest time that is too old. Error 30051 for a time out of range.
pub fn check_event_time(time: i64, cutoff: i64, now: i64) -> Result<(), ErrorCode> {
    let is_in_range = time > cutoff && time <= now.saturating_add(MAX_CLOCK_SKEW);
    if is_in_range { Ok(()) } else { Err(ErrorCode::EventTimeOutOfRange) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn event_time_range() {
        for (time, is_valid) in [(99, false), (100, false), (101, true), (1_300, true), (1_301, false)] {
            assert_eq!(check_event_time(time, 100, 1_000).is_ok(), is_valid, "{time}");
        }
    }
}
