//! Options of a client: timeouts, limits, retries.

use std::time::Duration;

/// The options of a client.
///
/// ```
/// use guanxi_client::{Options, RetryPolicy};
/// use std::time::Duration;
///
/// let options = Options {
///     request_timeout: Duration::from_secs(3),
///     user_agent: "reader/1.0 (Android 14)".to_owned(),
///     retries: RetryPolicy { max_retries: 1, ..RetryPolicy::default() },
///     ..Options::default()
/// };
/// assert_eq!(options.max_response_bytes, 8 * 1024 * 1024);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// The timeout of a connection. Browsers ignore it.
    pub connect_timeout: Duration,
    /// The timeout of one attempt, from the first byte sent to the last byte received.
    pub request_timeout: Duration,
    /// The largest response body, in bytes.
    pub max_response_bytes: usize,
    /// The policy of retries.
    pub retries: RetryPolicy,
    /// The root certificates in PEM for `https`, in place of those of the operating system. For a community with a
    /// certificate authority of its own.
    pub root_certificates: Option<String>,
    /// The `User-Agent`. The login log shows the device that it names.
    pub user_agent: String,
}

impl Default for Options {
    /// 10 seconds for a connection and for a response, 8 MiB per response.
    fn default() -> Options {
        Options {
            connect_timeout: Duration::from_secs(10),
            request_timeout: Duration::from_secs(10),
            max_response_bytes: 8 * 1024 * 1024,
            retries: RetryPolicy::default(),
            root_certificates: None,
            user_agent: concat!("guanxi-client/", env!("CARGO_PKG_VERSION")).to_owned(),
        }
    }
}

/// The policy of retries. In a browser nothing is retried.
///
/// A read is retried if no connection was made, if the connection was lost, or if the service was unavailable. A
/// write is retried only if no connection was made. The delay before a retry is random, doubles from 0.1 to 2
/// seconds, and is at least `Retry-After`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryPolicy {
    /// The largest number of retries.
    pub max_retries: u32,
    /// The time after the first attempt at which the last retry may start.
    pub max_elapsed: Duration,
}

impl RetryPolicy {
    /// The policy without retries.
    pub const NONE: RetryPolicy = RetryPolicy { max_retries: 0, max_elapsed: Duration::ZERO };
}

impl Default for RetryPolicy {
    /// 3 retries within 20 seconds.
    fn default() -> RetryPolicy {
        RetryPolicy { max_retries: 3, max_elapsed: Duration::from_secs(20) }
    }
}
