//! The time of the service: the machine's, or one that was set and runs on from there.

use jiff::{SignedDuration, Timestamp};

/// A clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct Clock {
    ahead: SignedDuration,
}

impl Clock {
    /// The machine's.
    pub fn system() -> Clock {
        Clock::default()
    }

    /// One that shows `instant` now and runs on from there.
    pub fn set_to(instant: Timestamp) -> Clock {
        Clock { ahead: instant.duration_since(machine()) }
    }

    /// The time, in seconds since 1970.
    pub fn now(&self) -> i64 {
        machine().checked_add(self.ahead).unwrap_or(Timestamp::MAX).as_second()
    }
}

#[expect(clippy::disallowed_methods, reason = "this is the one place where time comes in")]
fn machine() -> Timestamp {
    Timestamp::now()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_was_set_runs_on() {
        let instant: Timestamp = "2020-05-19T23:59:00+08:00".parse().unwrap();
        let clock = Clock::set_to(instant);
        let shown = clock.now() - instant.as_second();
        assert!((0..60).contains(&shown), "{shown}");
    }
}
