//! Submissions that a moderator reviews: bios and real names.

use guanxi_types::ErrorCode;

/// Returns the time of a submission. Each submission of a member has its own second, so a verdict names exactly the
/// submission that the moderator saw. `previous` is the time of the submission before.
pub fn submission_time(previous: Option<i64>, now: i64) -> i64 {
    previous.map_or(now, |previous| now.max(previous.saturating_add(1)))
}

/// Checks that a verdict is about the pending submission. `reviewed` is the time of the submission that the moderator
/// saw. `None` accepts any. Error 30041 if a newer submission is pending.
pub fn check_reviewed(submitted: i64, reviewed: Option<i64>) -> Result<(), ErrorCode> {
    let is_outdated = reviewed.is_some_and(|reviewed| reviewed != submitted);
    if is_outdated { Err(ErrorCode::ReviewOutdated) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn submissions_have_distinct_seconds() {
        for (previous, now, expected) in
            [(None, 5, 5), (Some(4), 5, 5), (Some(5), 5, 6), (Some(9), 5, 10), (Some(i64::MAX), 5, i64::MAX)]
        {
            assert_eq!(submission_time(previous, now), expected, "{previous:?}");
        }
    }

    #[test]
    fn verdict_on_replaced_submission_is_outdated() {
        for (reviewed, error) in [(None, None), (Some(5), None), (Some(4), Some(ErrorCode::ReviewOutdated))] {
            assert_eq!(check_reviewed(5, reviewed).err(), error, "{reviewed:?}");
        }
    }
}
