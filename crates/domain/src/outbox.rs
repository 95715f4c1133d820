//! Retries of messages that could not be sent.

/// The wait after the first failed attempt, in seconds.
const FIRST_WAIT: i64 = 10;

/// The longest wait between two attempts, in seconds: an hour.
const LONGEST_WAIT: i64 = 3_600;

/// Returns the second of the next attempt after a number of failed ones. Each wait is twice as long as the one before,
/// up to an hour.
pub fn next_attempt(failures: u32, now: i64) -> i64 {
    let wait = FIRST_WAIT.saturating_mul(1 << failures.saturating_sub(1).min(32));
    now.saturating_add(wait.min(LONGEST_WAIT))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_an_hour() {
        // failures -> wait
        let cases = [
            (0, 10),
            (1, 10),
            (2, 20),
            (3, 40),
            (4, 80),
            (9, 2_560),
            (10, 3_600),
            (33, 3_600),
            (u32::MAX, 3_600),
        ];
        for (failures, wait) in cases {
            assert_eq!(next_attempt(failures, 1_000), 1_000 + wait, "{failures}");
        }
        assert_eq!(next_attempt(1, i64::MAX), i64::MAX);
    }

    #[test]
    fn three_days_have_a_bounded_number_of_attempts() {
        let (mut now, mut attempts) = (0, 0);
        while now < 3 * 86_400 {
            attempts += 1;
            now = next_attempt(attempts, now);
        }
        assert_eq!(attempts, 80);
    }
}
