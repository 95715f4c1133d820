//! The clock of the service: the system time, or a time with a configured start.

use jiff::{SignedDuration, Timestamp};

/// A clock with a fixed offset to the system time.
#[derive(Clone, Copy, Debug, Default)]
pub struct Clock {
    offset: SignedDuration,
}

impl Clock {
    /// Returns the system clock.
    pub fn system() -> Clock {
        Clock::default()
    }

    /// Returns a clock that shows `instant` now.
    pub fn starting_at(instant: Timestamp) -> Clock {
        Clock { offset: instant.duration_since(system_time()) }
    }

    /// Returns the current time, in seconds since the Unix epoch.
    pub fn now(&self) -> i64 {
        system_time().checked_add(self.offset).unwrap_or(Timestamp::MAX).as_second()
    }
}

#[expect(clippy::disallowed_methods, reason = "the only read of the system time")]
fn system_time() -> Timestamp {
    Timestamp::now()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clock_with_a_start_time_advances() {
        let instant: Timestamp = "2020-05-19T23:59:00+08:00".parse().unwrap();
        let clock = Clock::starting_at(instant);
        let elapsed = clock.now() - instant.as_second();
        assert!((0..60).contains(&elapsed), "{elapsed}");
    }
}
