//! Guessing is made slow: so many tries at a door within a while, then a wait that grows.

use serde::{Deserialize, Serialize};

/// How many tries a door allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quota {
    /// How many within the window.
    pub tries: usize,
    /// How long the window is, in seconds.
    pub window: i64,
    /// The first wait, in seconds; each further one is twice as long, up to [`LONGEST`].
    pub wait: i64,
}

/// The longest wait, and for how long past waits are remembered, in seconds: a day.
pub const LONGEST: i64 = 86_400;

/// What a door remembers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BucketState {
    /// When the tries of late were made, in seconds, the oldest first.
    pub recent: Vec<i64>,
    /// Until when nobody is let through, in seconds.
    pub until: i64,
    /// How often that had to be said.
    pub waits: u32,
}

/// What a door says to a try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Go on. The try counts until it is [`taken_back`].
    Through,
    /// Wait so many seconds.
    Wait(i64),
}

/// Returns how many seconds a door stays closed; `None` if it is open. A closed door remembers nothing new of an attempt, so
/// reading it is enough to refuse one.
pub fn closed_for(was: &BucketState, now: i64) -> Option<i64> {
    // A wait longer than the longest was begun by a clock that was wrong.
    let left = was.until.saturating_sub(now);
    (1..=LONGEST).contains(&left).then_some(left)
}

/// Tries a door: what it remembers from then on, and what it says.
pub fn attempt(was: &BucketState, allowed: Quota, now: i64) -> (BucketState, Decision) {
    if let Some(wait) = closed_for(was, now) {
        return (was.clone(), Decision::Wait(wait));
    }
    let mut next = was.clone();
    next.recent.retain(|time| now.saturating_sub(*time) < allowed.window && *time <= now);
    if now.saturating_sub(was.until) >= LONGEST {
        next.waits = 0;
    }
    if next.recent.len() < allowed.tries {
        next.recent.push(now);
        return (next, Decision::Through);
    }
    let wait = allowed.wait.saturating_mul(1 << next.waits.min(32)).clamp(1, LONGEST);
    let next = BucketState {
        recent: Vec::new(),
        until: now.saturating_add(wait),
        waits: next.waits.saturating_add(1),
    };
    (next, Decision::Wait(wait))
}

/// Takes one try back that was made at a second: it succeeded.
pub fn refund(was: &BucketState, at: i64) -> BucketState {
    let mut next = was.clone();
    if let Some(place) = next.recent.iter().rposition(|time| *time == at) {
        next.recent.remove(place);
    }
    next
}

/// From when on a door has nothing to remember, in seconds.
pub fn expires_at(tries: &BucketState, window: i64) -> i64 {
    let last = tries.recent.iter().copied().max().unwrap_or(0).saturating_add(window);
    if tries.waits == 0 { last } else { last.max(tries.until.saturating_add(LONGEST)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn closed_door_is_read_as_it_is_tried() {
        for (until, now, closed) in [
            (0, 5, None),
            (10, 5, Some(5)),
            (10, 10, None),
            (LONGEST + 5, 5, Some(LONGEST)),
            (LONGEST + 6, 5, None),
        ] {
            let was = BucketState { until, waits: 1, ..BucketState::default() };
            assert_eq!(closed_for(&was, now), closed, "{until} {now}");
            let (next, said) = attempt(&was, ALLOWED, now);
            assert_eq!(said, closed.map_or(Decision::Through, Decision::Wait));
            assert_eq!(next == was, closed.is_some(), "a closed door remembers nothing new");
        }
    }

    const ALLOWED: Quota = Quota { tries: 3, window: 900, wait: 60 };

    /// Makes tries at some seconds; what each was told.
    fn told(times: &[i64]) -> Vec<Decision> {
        let mut tries = BucketState::default();
        let mut say = |now| {
            let (next, said) = attempt(&tries, ALLOWED, now);
            tries = next;
            said
        };
        times.iter().map(|now| say(*now)).collect()
    }

    #[test]
    fn tries_in_a_window_and_waits_that_grow() {
        use Decision::{Through, Wait};
        // tries at -> said
        let cases: [(&[i64], &[Decision]); 6] = [
            (&[0, 1, 2, 3], &[Through, Through, Through, Wait(60)]),
            (&[0, 1, 2, 3, 62, 63], &[Through, Through, Through, Wait(60), Wait(1), Through]),
            (&[0, 899, 900, 901], &[Through, Through, Through, Through]),
            (&[0, 400, 800, 899], &[Through, Through, Through, Wait(60)]),
            (
                &[0, 0, 0, 0, 60, 60, 60, 60, 180, 180, 180, 180],
                &[
                    Through,
                    Through,
                    Through,
                    Wait(60),
                    Through,
                    Through,
                    Through,
                    Wait(120),
                    Through,
                    Through,
                    Through,
                    Wait(240),
                ],
            ),
            (
                &[0, 0, 0, 0, 60 + LONGEST, 60 + LONGEST, 60 + LONGEST, 60 + LONGEST],
                &[Through, Through, Through, Wait(60), Through, Through, Through, Wait(60)],
            ),
        ];
        for (times, expected) in cases {
            assert_eq!(told(times), expected, "{times:?}");
        }
    }

    #[test]
    fn a_wait_has_an_end() {
        let was = BucketState { waits: u32::MAX, recent: vec![0; 3], until: 0 };
        assert_eq!(attempt(&was, ALLOWED, 1).1, Decision::Wait(LONGEST));
    }

    #[test]
    fn a_clock_that_was_wrong_shuts_nobody_out() {
        let was = BucketState { recent: vec![], until: 1_000_000_000, waits: 1 };
        assert_eq!(attempt(&was, ALLOWED, 5).1, Decision::Through);
    }

    #[test]
    fn what_succeeded_does_not_count() {
        let was = BucketState { recent: vec![5, 7, 7], ..BucketState::default() };
        assert_eq!(refund(&was, 7).recent, [5, 7]);
        assert_eq!(refund(&was, 6).recent, [5, 7, 7]);
    }

    #[test]
    fn what_is_forgotten() {
        let cases = [
            (BucketState { recent: vec![5, 7], ..BucketState::default() }, 907),
            (BucketState { recent: vec![5], until: 100, waits: 1 }, 100 + LONGEST),
            (BucketState::default(), 900),
        ];
        for (tries, expected) in cases {
            assert_eq!(expires_at(&tries, 900), expected, "{tries:?}");
        }
    }
}
