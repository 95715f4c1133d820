//! The clock of the service: the system time, a time with a configured start, or a time that a test moves.

use jiff::Timestamp;
use std::sync::Arc;
use std::sync::atomic::AtomicI64;
use std::sync::atomic::Ordering::Relaxed;

/// A clock at an offset to the system time, or a frozen one. Clones share it.
#[derive(Clone, Debug)]
pub struct Clock(Arc<AtomicI64>);

/// The time that a clock shows at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClockReading {
    /// The milliseconds since the Unix epoch.
    pub millis: i64,
    /// True if the clock does not advance.
    pub is_frozen: bool,
}

/// The state of a clock, in milliseconds. One word holds it, so that a reader needs no lock.
#[derive(Clone, Copy)]
enum State {
    /// The offset to the system time.
    Running(i64),
    /// The time.
    Frozen(i64),
}

impl State {
    /// Returns the word, whose lowest bit distinguishes the variants.
    const fn to_word(self) -> i64 {
        match self {
            State::Running(offset) => offset << 1,
            State::Frozen(time) => time << 1 | 1,
        }
    }

    const fn from_word(word: i64) -> State {
        if word & 1 == 0 { State::Running(word >> 1) } else { State::Frozen(word >> 1) }
    }

    fn millis(self) -> i64 {
        match self {
            State::Running(offset) => system_millis() + offset,
            State::Frozen(time) => time,
        }
    }
}

impl From<ClockReading> for State {
    fn from(ClockReading { millis, is_frozen }: ClockReading) -> State {
        let millis = millis.clamp(0, Clock::MAX_SECOND * 1_000);
        if is_frozen { State::Frozen(millis) } else { State::Running(millis - system_millis()) }
    }
}

impl Clock {
    /// The last second that a clock can be adjusted to: the year 3000. Times that are derived from it stay in the
    /// calendar.
    pub const MAX_SECOND: i64 = 32_503_680_000;

    /// Returns the system clock.
    pub fn system() -> Clock {
        Clock::with_state(State::Running(0))
    }

    /// Returns a clock that shows `instant` now.
    pub fn starting_at(instant: Timestamp) -> Clock {
        Clock::with_state(State::Running(instant.as_millisecond() - system_millis()))
    }

    /// Returns a clock that shows a reading now.
    pub fn from_reading(reading: ClockReading) -> Clock {
        Clock::with_state(reading.into())
    }

    fn with_state(state: State) -> Clock {
        Clock(Arc::new(AtomicI64::new(state.to_word())))
    }

    /// Returns the current time, in seconds since the Unix epoch.
    pub fn now(&self) -> i64 {
        self.reading().millis.div_euclid(1_000)
    }

    /// Returns the current time and whether it advances.
    pub fn reading(&self) -> ClockReading {
        let state = State::from_word(self.0.load(Relaxed));
        ClockReading { millis: state.millis(), is_frozen: matches!(state, State::Frozen(_)) }
    }

    /// Changes the reading.
    pub fn adjust(&self, change: impl Fn(ClockReading) -> ClockReading) {
        self.0.update(Relaxed, Relaxed, |word| {
            let state = State::from_word(word);
            let is_frozen = matches!(state, State::Frozen(_));
            State::from(change(ClockReading { millis: state.millis(), is_frozen })).to_word()
        });
    }
}

impl Default for Clock {
    fn default() -> Clock {
        Clock::system()
    }
}

fn system_millis() -> i64 {
    #[expect(clippy::disallowed_methods, reason = "the only read of the system time")]
    Timestamp::now().as_millisecond()
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

    #[test]
    fn adjusted_clock_is_shared_by_its_clones() {
        let clock = Clock::system();
        let other = clock.clone();
        clock.adjust(|_| ClockReading { millis: 1_589_904_000_999, is_frozen: true });
        assert_eq!(other.now(), 1_589_904_000);
        other.adjust(|reading| ClockReading { millis: reading.millis + 1, ..reading });
        assert_eq!(clock.reading(), ClockReading { millis: 1_589_904_001_000, is_frozen: true });
        clock.adjust(|reading| ClockReading { is_frozen: false, ..reading });
        let elapsed = other.now() - 1_589_904_001;
        assert!(!other.reading().is_frozen && (0..60).contains(&elapsed), "{elapsed}");
    }

    #[test]
    fn reading_outside_the_range_is_clamped() {
        let clock = Clock::system();
        for (millis, seconds) in [(i64::MIN, 0), (i64::MAX, Clock::MAX_SECOND)] {
            clock.adjust(|_| ClockReading { millis, is_frozen: true });
            assert_eq!(clock.now(), seconds);
        }
        let copy = Clock::from_reading(clock.reading());
        assert_eq!(copy.reading(), clock.reading());
    }
}
