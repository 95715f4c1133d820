//! Delays between the attempts of a request.

use crate::Error;
use crate::options::RetryPolicy;

/// The remaining retries of a request, and the delay before the next one.
#[cfg(not(target_family = "wasm"))]
pub(crate) struct Backoff {
    retries_left: u32,
    deadline: tokio::time::Instant,
    delay: std::time::Duration,
}

#[cfg(not(target_family = "wasm"))]
impl Backoff {
    const FIRST_DELAY: std::time::Duration = std::time::Duration::from_millis(100);
    const MAX_DELAY: std::time::Duration = std::time::Duration::from_secs(2);

    /// Returns the backoff before the first retry.
    pub(crate) fn new(retries: RetryPolicy) -> Backoff {
        let deadline = tokio::time::Instant::now() + retries.max_elapsed;
        Backoff { retries_left: retries.max_retries, deadline, delay: Backoff::FIRST_DELAY }
    }

    /// Waits before the next retry. Returns the error if it is not retryable, or no retry is left.
    pub(crate) async fn wait_before_retry(&mut self, error: Error) -> Result<(), Error> {
        // The jitter spreads the retries of clients that failed at the same time.
        let delay = self.delay.mul_f64(0.5 + fastrand::f64() / 2.0);
        let retry_at = tokio::time::Instant::now() + error.retry_after().unwrap_or_default() + delay;
        if self.retries_left == 0 || retry_at > self.deadline || !error.is_retryable() {
            return Err(error);
        }
        self.retries_left -= 1;
        self.delay = (self.delay * 2).min(Backoff::MAX_DELAY);
        tokio::time::sleep_until(retry_at).await;
        Ok(())
    }
}

/// The backoff of a browser, which never retries: there is no clock.
#[cfg(target_family = "wasm")]
pub(crate) struct Backoff;

#[cfg(target_family = "wasm")]
impl Backoff {
    pub(crate) fn new(_: RetryPolicy) -> Backoff {
        Backoff
    }

    pub(crate) async fn wait_before_retry(&mut self, error: Error) -> Result<(), Error> {
        Err(error)
    }
}

#[cfg(all(test, not(target_family = "wasm")))]
mod tests {
    use super::*;
    use crate::UnknownOutcome;
    use guanxi_types::HttpError;
    use std::time::Duration;
    use tokio::time::Instant;

    fn unavailable(seconds: u64) -> Error {
        let (status, message) = (HttpError::Unavailable.status(), String::new());
        Error::Http { status, message, retry_after: Some(Duration::from_secs(seconds)), is_write: false }
    }

    #[tokio::test(start_paused = true)]
    async fn backoff_honours_retry_after_and_doubles() {
        let mut backoff = Backoff::new(RetryPolicy { max_retries: 9, max_elapsed: Duration::from_mins(1) });
        // `Retry-After` in seconds, then the bounds of the further delay in milliseconds.
        let bounds =
            [(5, 50, 100), (0, 100, 200), (0, 200, 400), (0, 400, 800), (0, 800, 1600), (0, 1000, 2000)];
        for (retry_after, min, max) in bounds {
            let start = Instant::now();
            backoff.wait_before_retry(unavailable(retry_after)).await.unwrap();
            let waited = u64::try_from(start.elapsed().as_millis()).unwrap();
            // A timer is a millisecond late at most.
            assert!((retry_after * 1000 + min..=retry_after * 1000 + max + 1).contains(&waited), "{waited}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn backoff_ends_after_retries_or_deadline() {
        for (max_retries, seconds) in [(2, 60), (9, 10)] {
            let mut backoff =
                Backoff::new(RetryPolicy { max_retries, max_elapsed: Duration::from_secs(seconds) });
            for _ in 0..2 {
                backoff.wait_before_retry(unavailable(4)).await.unwrap();
            }
            backoff.wait_before_retry(unavailable(4)).await.unwrap_err();
        }
        Backoff::new(RetryPolicy::NONE).wait_before_retry(unavailable(0)).await.unwrap_err();
    }

    #[test]
    fn errors_classify_retry_and_effect() {
        let http = |error: HttpError, is_write| Error::Http {
            status: error.status(),
            message: String::new(),
            retry_after: None,
            is_write,
        };
        let unknown = |reason, is_write| Error::OutcomeUnknown { reason, is_write };
        let connection_lost = || UnknownOutcome::ConnectionLost(String::new());
        let rejected =
            Error::Rejected { code: None, number: 1, message: String::new(), hint: None, retry_after: None };
        // Error, then expected `is_retryable` and `may_have_happened`.
        let cases = [
            (Error::InvalidInput(String::new()), false, false),
            (rejected, false, false),
            (Error::Unreachable(String::new()), true, false),
            (http(HttpError::Unavailable, false), true, false),
            (http(HttpError::Unavailable, true), false, true),
            (http(HttpError::InternalError, false), false, false),
            (http(HttpError::InternalError, true), false, true),
            (http(HttpError::PayloadTooLarge, true), false, false),
            (unknown(connection_lost(), false), true, false),
            (unknown(connection_lost(), true), false, true),
            (unknown(UnknownOutcome::Timeout, false), false, false),
            (unknown(UnknownOutcome::Timeout, true), false, true),
            (unknown(UnknownOutcome::InvalidResponse(String::new()), false), false, false),
            (unknown(UnknownOutcome::TooLarge(1), true), false, true),
        ];
        for (error, is_retryable, may_have_happened) in cases {
            assert_eq!(error.is_retryable(), is_retryable, "{error:?}");
            assert_eq!(error.may_have_happened(), may_have_happened, "{error:?}");
        }
    }
}
