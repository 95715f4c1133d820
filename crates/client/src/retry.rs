//! How long a client rests before it sends a request again.

use crate::Error;
use crate::options::Retries;

/// The rests that are left to a request.
#[cfg(not(target_family = "wasm"))]
pub(crate) struct Rests {
    left: u32,
    until: tokio::time::Instant,
    next: std::time::Duration,
}

#[cfg(not(target_family = "wasm"))]
impl Rests {
    const FIRST: std::time::Duration = std::time::Duration::from_millis(100);
    const LONGEST: std::time::Duration = std::time::Duration::from_secs(2);

    /// All that are granted.
    pub(crate) fn of(retries: Retries) -> Rests {
        let until = tokio::time::Instant::now() + retries.within;
        Rests { left: retries.times, until, next: Rests::FIRST }
    }

    /// Rests, if the error is one after which another try makes sense and there is one left; else it is what became of it.
    pub(crate) async fn rest(&mut self, error: Error) -> Result<(), Error> {
        // Who was turned away together should not come back together.
        let by_chance = self.next.mul_f64(0.5 + fastrand::f64() / 2.0);
        let at = tokio::time::Instant::now() + error.retry_after().unwrap_or_default() + by_chance;
        if self.left == 0 || at > self.until || !error.is_worth_another_try() {
            return Err(error);
        }
        self.left -= 1;
        self.next = (self.next * 2).min(Rests::LONGEST);
        tokio::time::sleep_until(at).await;
        Ok(())
    }
}

/// No rests: there is no clock to rest by.
#[cfg(target_family = "wasm")]
pub(crate) struct Rests;

#[cfg(target_family = "wasm")]
impl Rests {
    pub(crate) fn of(_: Retries) -> Rests {
        Rests
    }

    pub(crate) async fn rest(&mut self, error: Error) -> Result<(), Error> {
        Err(error)
    }
}

#[cfg(all(test, not(target_family = "wasm")))]
mod tests {
    use super::*;
    use crate::Why;
    use guanxi_types::HttpError;
    use std::time::Duration;
    use tokio::time::Instant;

    fn unavailable(seconds: u64) -> Error {
        let (status, message) = (HttpError::Unavailable.status(), String::new());
        Error::Fault { status, message, retry_after: Some(Duration::from_secs(seconds)), changes: false }
    }

    #[tokio::test(start_paused = true)]
    async fn a_rest_is_as_long_as_the_service_asks_and_longer_each_time() {
        let mut rests = Rests::of(Retries { times: 9, within: Duration::from_mins(1) });
        // seconds asked for, milliseconds beyond them: at least, at most
        let bounds =
            [(5, 50, 100), (0, 100, 200), (0, 200, 400), (0, 400, 800), (0, 800, 1600), (0, 1000, 2000)];
        for (asked, least, most) in bounds {
            let from = Instant::now();
            rests.rest(unavailable(asked)).await.unwrap();
            let rested = u64::try_from(from.elapsed().as_millis()).unwrap();
            // A timer is a millisecond late at most.
            assert!((asked * 1000 + least..=asked * 1000 + most + 1).contains(&rested), "{rested}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn rests_come_to_an_end() {
        for (times, seconds) in [(2, 60), (9, 10)] {
            let mut rests = Rests::of(Retries { times, within: Duration::from_secs(seconds) });
            for _ in 0..2 {
                rests.rest(unavailable(4)).await.unwrap();
            }
            rests.rest(unavailable(4)).await.unwrap_err();
        }
        Rests::of(Retries::NONE).rest(unavailable(0)).await.unwrap_err();
    }

    #[test]
    fn what_is_worth_another_try() {
        let fault = |fault: HttpError, changes| Error::Fault {
            status: fault.status(),
            message: String::new(),
            retry_after: None,
            changes,
        };
        let unanswered = |why, changes| Error::Unanswered { why, changes };
        let broken = || Why::Broken(String::new());
        let refused =
            Error::Refused { code: None, number: 1, message: String::new(), hint: None, retry_after: None };
        // error -> sent again, may have happened
        let cases = [
            (Error::Wrong(String::new()), false, false),
            (refused, false, false),
            (Error::Unreachable(String::new()), true, false),
            (fault(HttpError::Unavailable, false), true, false),
            (fault(HttpError::Unavailable, true), false, true),
            (fault(HttpError::Broken, false), false, false),
            (fault(HttpError::Broken, true), false, true),
            (fault(HttpError::TooLarge, true), false, false),
            (unanswered(broken(), false), true, false),
            (unanswered(broken(), true), false, true),
            (unanswered(Why::Slow, false), false, false),
            (unanswered(Why::Slow, true), false, true),
            (unanswered(Why::Shape(String::new()), false), false, false),
            (unanswered(Why::TooLarge(1), true), false, true),
        ];
        for (error, again, may_have_happened) in cases {
            assert_eq!(error.is_worth_another_try(), again, "{error:?}");
            assert_eq!(error.may_have_happened(), may_have_happened, "{error:?}");
        }
    }
}
