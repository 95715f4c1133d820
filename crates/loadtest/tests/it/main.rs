//! The load generator against well-behaved and misbehaving servers.
#![expect(clippy::unwrap_used, reason = "tests may panic")]

mod baseline;
mod fake_server;
mod load;
