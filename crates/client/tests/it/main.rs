//! The client, against a service in the same process, and against one that is made to fail.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on says so and stops")]

mod every_endpoint;
mod fake;
mod faults;
mod operator;
mod session;
#[cfg(feature = "tls")]
mod tls;
mod walks;

use guanxi_types::Mid;

fn mid(number: u64) -> Mid {
    Mid::new(number).unwrap()
}
