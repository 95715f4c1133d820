//! Tests of the client, against a server in the same process and against a fake server with faults.
#![expect(clippy::unwrap_used, reason = "a failed step fails the test")]

mod errors;
mod every_endpoint;
mod fake_server;
mod operator;
mod paging;
mod session;
#[cfg(feature = "tls")]
mod tls;

use guanxi_types::Mid;

fn mid(number: u64) -> Mid {
    Mid::new(number).unwrap()
}
