//! How long a client waits, how much it takes, and how often it tries again.

use std::time::Duration;

/// How a client works.
///
/// ```
/// use guanxi_client::{Options, Retries};
/// use std::time::Duration;
///
/// let options = Options {
///     patience: Duration::from_secs(3),
///     agent: "reader/1.0 (Android 14)".to_owned(),
///     retries: Retries { times: 1, ..Retries::default() },
///     ..Options::default()
/// };
/// assert_eq!(options.most_bytes, 8 * 1024 * 1024);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// How long it waits for a connection. A browser waits as it likes.
    pub connect: Duration,
    /// How long it waits for an answer, from the first byte sent to the last received, at each try.
    pub patience: Duration,
    /// How many bytes of an answer it takes.
    pub most_bytes: usize,
    /// What it sends again.
    pub retries: Retries,
    /// Certificates in PEM, which are trusted with `https` in place of those that the machine trusts: for a community with an
    /// authority of its own.
    pub authorities: Option<String>,
    /// What it calls itself. A login's record shows the device that this names, if it names one.
    pub agent: String,
}

impl Default for Options {
    /// 10 seconds for a connection and for an answer, 8 MiB of an answer.
    fn default() -> Options {
        Options {
            connect: Duration::from_secs(10),
            patience: Duration::from_secs(10),
            most_bytes: 8 * 1024 * 1024,
            retries: Retries::default(),
            authorities: None,
            agent: concat!("guanxi-client/", env!("CARGO_PKG_VERSION")).to_owned(),
        }
    }
}

/// How often a request is sent again where that does no harm. In a browser none is.
///
/// A request that changes nothing is sent again if no connection was made, if the connection broke, or if the service was
/// unavailable. One that may change something is sent again only if no connection was made. The client rests before each try,
/// for a time by chance that doubles from 0.1 to 2 seconds, and for at least as long as `Retry-After` says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retries {
    /// How many times at most.
    pub times: u32,
    /// How long after the first try no other is begun.
    pub within: Duration,
}

impl Retries {
    /// Nothing is sent again.
    pub const NONE: Retries = Retries { times: 0, within: Duration::ZERO };
}

impl Default for Retries {
    /// 3 times, within 20 seconds.
    fn default() -> Retries {
        Retries { times: 3, within: Duration::from_secs(20) }
    }
}
