//! Rate-limited log lines, for events that a caller or a broken disk can repeat without end: one line a second
//! and call site.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// The shortest time between two lines of one call site.
const INTERVAL: Duration = Duration::from_secs(1);

/// A throttle of one call site, declared as a `static`:
///
/// ```
/// use guanxi_storage::log_throttle::LogThrottle;
///
/// static THROTTLE: LogThrottle = LogThrottle::new();
/// if let Some(occurrences) = THROTTLE.count() {
///     tracing::warn!(occurrences, "write failed");
/// }
/// ```
#[derive(Debug)]
pub struct LogThrottle(Mutex<State>);

#[derive(Debug)]
struct State {
    logged: Option<Instant>,
    /// The number of events since the last line.
    suppressed: u64,
}

impl LogThrottle {
    /// Returns a throttle that has counted no event.
    pub const fn new() -> LogThrottle {
        LogThrottle(Mutex::new(State { logged: None, suppressed: 0 }))
    }

    /// Counts an event. Returns the number of events since the last line, including this one, if a line is to
    /// be written. Returns `None` within a second of the last line. The number of the next line includes the
    /// event then.
    pub fn count(&self) -> Option<u64> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if state.logged.is_some_and(|logged| logged.elapsed() < INTERVAL) {
            state.suppressed += 1;
            return None;
        }
        let occurrences = state.suppressed + 1;
        *state = State { logged: Some(Instant::now()), suppressed: 0 };
        Some(occurrences)
    }
}

impl Default for LogThrottle {
    fn default() -> LogThrottle {
        LogThrottle::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn events_within_a_second_are_one_line() {
        let throttle = LogThrottle::new();
        assert_eq!(throttle.count(), Some(1));
        for _ in 0..999 {
            assert_eq!(throttle.count(), None);
        }
        tokio::time::advance(Duration::from_millis(999)).await;
        assert_eq!(throttle.count(), None);
        tokio::time::advance(Duration::from_millis(1)).await;
        assert_eq!(throttle.count(), Some(1_001));
        tokio::time::advance(INTERVAL).await;
        assert_eq!(throttle.count(), Some(1));
    }
}
