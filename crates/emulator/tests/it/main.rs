//! Tests of the emulator over its ports.
#![expect(clippy::unwrap_used, reason = "tests may panic")]

mod clock;
mod communities;
mod control_client;
mod environment;
mod faults;
mod gaps;
mod malformed_requests;
mod proxy;
mod proxy_rig;
mod refusals;
mod requests;
mod sessions;
mod snapshots;
