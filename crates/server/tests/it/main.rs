//! The service, in-process, through its router.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on says so and stops")]

mod centre;
mod chain;
mod every_endpoint;
mod groups;
mod http;
mod openapi;
mod requests;
mod service;
mod sessions;
