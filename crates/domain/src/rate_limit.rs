//! Rate limits with lockout: a number of attempts per window, then a lockout that doubles each time.

use serde::{Deserialize, Serialize};

/// The attempts that a bucket allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quota {
    /// The maximum number of attempts within the window.
    pub max_attempts: usize,
    /// The length of the window, in seconds.
    pub window_seconds: i64,
    /// The first lockout, in seconds. Each further one is twice as long, up to [`MAX_LOCKOUT_SECONDS`].
    pub lockout_seconds: i64,
}

/// The longest lockout, in seconds: a day. After the same time without a lockout, the count of lockouts starts
/// again at 0.
pub const MAX_LOCKOUT_SECONDS: i64 = 86_400;

/// The state of a bucket.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BucketState {
    /// The times of the attempts in the window, in seconds, oldest first.
    pub attempts: Vec<i64>,
    /// The end of the lockout, in seconds.
    pub locked_until: i64,
    /// The number of recent lockouts.
    pub lockouts: u32,
}

/// The decision about an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// The attempt may proceed. It counts until [`refund_attempt`].
    Allow,
    /// The attempt is rejected. The value is the number of seconds to wait.
    RetryAfter(i64),
}

/// Returns the remaining seconds of the lockout, or `None` without one. An attempt does not change a locked bucket.
/// So this function suffices to reject it.
pub fn remaining_lockout(before: &BucketState, now: i64) -> Option<i64> {
    // A longer lockout comes from a wrong clock, and is ignored.
    let remaining = before.locked_until.saturating_sub(now);
    (1..=MAX_LOCKOUT_SECONDS).contains(&remaining).then_some(remaining)
}

/// Records an attempt. Returns the new state of the bucket and the decision.
pub fn record_attempt(before: &BucketState, quota: Quota, now: i64) -> (BucketState, Decision) {
    if let Some(lockout) = remaining_lockout(before, now) {
        return (before.clone(), Decision::RetryAfter(lockout));
    }
    let mut next = before.clone();
    next.attempts.retain(|time| now.saturating_sub(*time) < quota.window_seconds && *time <= now);
    if now.saturating_sub(before.locked_until) >= MAX_LOCKOUT_SECONDS {
        next.lockouts = 0;
    }
    if next.attempts.len() < quota.max_attempts {
        next.attempts.push(now);
        return (next, Decision::Allow);
    }
    let doubled = quota.lockout_seconds.saturating_mul(1 << next.lockouts.min(32));
    let lockout = doubled.clamp(1, MAX_LOCKOUT_SECONDS);
    let next = BucketState {
        attempts: Vec::new(),
        locked_until: now.saturating_add(lockout),
        lockouts: next.lockouts.saturating_add(1),
    };
    (next, Decision::RetryAfter(lockout))
}

/// Removes one attempt of the second `at`, since it succeeded.
pub fn refund_attempt(before: &BucketState, at: i64) -> BucketState {
    let mut next = before.clone();
    if let Some(index) = next.attempts.iter().rposition(|time| *time == at) {
        next.attempts.remove(index);
    }
    next
}

/// Returns the second from which a bucket is equal to an empty one and can be deleted.
pub fn expires_at(bucket: &BucketState, window_seconds: i64) -> i64 {
    let last = bucket.attempts.iter().copied().max().unwrap_or(0).saturating_add(window_seconds);
    if bucket.lockouts == 0 {
        last
    } else {
        last.max(bucket.locked_until.saturating_add(MAX_LOCKOUT_SECONDS))
    }
}

/// The length of the window of [`take_slot`], in milliseconds.
const MINUTE_MS: i64 = 60_000;

/// Takes one of a client's slots of a minute. `taken_until` is the time up to which the earlier ones reach, and the
/// result the same after this one. Slots that a client leaves unused are free again within a minute. Error with the
/// seconds to wait if none is free. All times are in milliseconds.
pub fn take_slot(taken_until: i64, per_minute: u32, now: i64) -> Result<i64, i64> {
    let slot = (MINUTE_MS / i64::from(per_minute.max(1))).max(1);
    let next = taken_until.max(now).saturating_add(slot);
    let late = next.saturating_sub(now) - MINUTE_MS.max(slot);
    if late <= 0 { Ok(next) } else { Err((late + 999) / 1000) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn locked_bucket_does_not_change() {
        for (locked_until, now, remaining) in [
            (0, 5, None),
            (10, 5, Some(5)),
            (10, 10, None),
            (MAX_LOCKOUT_SECONDS + 5, 5, Some(MAX_LOCKOUT_SECONDS)),
            (MAX_LOCKOUT_SECONDS + 6, 5, None),
        ] {
            let before = BucketState { locked_until, lockouts: 1, ..BucketState::default() };
            assert_eq!(remaining_lockout(&before, now), remaining, "{locked_until} {now}");
            let (next, decision) = record_attempt(&before, QUOTA, now);
            assert_eq!(decision, remaining.map_or(Decision::Allow, Decision::RetryAfter));
            assert_eq!(next == before, remaining.is_some(), "an attempt does not change a locked bucket");
        }
    }

    const QUOTA: Quota = Quota { max_attempts: 3, window_seconds: 900, lockout_seconds: 60 };

    /// The decisions about attempts at some seconds.
    fn decisions(times: &[i64]) -> Vec<Decision> {
        let mut bucket = BucketState::default();
        let mut attempt = |now| {
            let (next, decision) = record_attempt(&bucket, QUOTA, now);
            bucket = next;
            decision
        };
        times.iter().map(|now| attempt(*now)).collect()
    }

    #[test]
    fn attempts_above_quota_double_the_lockout() {
        use Decision::{Allow, RetryAfter};
        const DAY: i64 = MAX_LOCKOUT_SECONDS;
        // attempts at -> decisions
        let cases: [(&[i64], &[Decision]); 6] = [
            (&[0, 1, 2, 3], &[Allow, Allow, Allow, RetryAfter(60)]),
            (&[0, 1, 2, 3, 62, 63], &[Allow, Allow, Allow, RetryAfter(60), RetryAfter(1), Allow]),
            (&[0, 899, 900, 901], &[Allow, Allow, Allow, Allow]),
            (&[0, 400, 800, 899], &[Allow, Allow, Allow, RetryAfter(60)]),
            (
                &[0, 0, 0, 0, 60, 60, 60, 60, 180, 180, 180, 180],
                &[
                    Allow,
                    Allow,
                    Allow,
                    RetryAfter(60),
                    Allow,
                    Allow,
                    Allow,
                    RetryAfter(120),
                    Allow,
                    Allow,
                    Allow,
                    RetryAfter(240),
                ],
            ),
            (
                &[0, 0, 0, 0, 60 + DAY, 60 + DAY, 60 + DAY, 60 + DAY],
                &[Allow, Allow, Allow, RetryAfter(60), Allow, Allow, Allow, RetryAfter(60)],
            ),
        ];
        for (times, expected) in cases {
            assert_eq!(decisions(times), expected, "{times:?}");
        }
    }

    #[test]
    fn lockout_has_maximum() {
        let before = BucketState { lockouts: u32::MAX, attempts: vec![0; 3], locked_until: 0 };
        assert_eq!(record_attempt(&before, QUOTA, 1).1, Decision::RetryAfter(MAX_LOCKOUT_SECONDS));
    }

    #[test]
    fn lockout_from_wrong_clock_is_ignored() {
        let before = BucketState { attempts: vec![], locked_until: 1_000_000_000, lockouts: 1 };
        assert_eq!(record_attempt(&before, QUOTA, 5).1, Decision::Allow);
    }

    #[test]
    fn refunded_attempt_does_not_count() {
        let before = BucketState { attempts: vec![5, 7, 7], ..BucketState::default() };
        assert_eq!(refund_attempt(&before, 7).attempts, [5, 7]);
        assert_eq!(refund_attempt(&before, 6).attempts, [5, 7, 7]);
    }

    #[test]
    fn bucket_expiry() {
        let cases = [
            (BucketState { attempts: vec![5, 7], ..BucketState::default() }, 907),
            (BucketState { attempts: vec![5], locked_until: 100, lockouts: 1 }, 100 + MAX_LOCKOUT_SECONDS),
            (BucketState::default(), 900),
        ];
        for (bucket, expected) in cases {
            assert_eq!(expires_at(&bucket, 900), expected, "{bucket:?}");
        }
    }

    #[test]
    fn slots_of_a_minute_are_limited_and_return() {
        let mut taken = 0;
        let mut take = |per_minute, now| {
            let result = take_slot(taken, per_minute, now);
            taken = result.unwrap_or(taken);
            result.map(drop)
        };
        for number in 0..3 {
            assert_eq!(take(3, 1_000_000), Ok(()), "{number}");
        }
        assert_eq!(take(3, 1_000_000), Err(20));
        assert_eq!(take(3, 1_019_001), Err(1));
        assert_eq!(take(3, 1_020_000), Ok(()));
        assert_eq!(take(3, 1_020_000), Err(20));
        for number in 0..3 {
            assert_eq!(take(3, 2_000_000), Ok(()), "{number}");
        }
        assert_eq!(take_slot(0, 0, 5), Ok(60_005));
        assert!(take_slot(0, u32::MAX, 5).is_ok());
    }
}
