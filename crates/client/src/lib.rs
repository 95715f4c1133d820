//! A typed client of guanxi: every endpoint of [`guanxi_wire::api`] is an argument of [`Client::send`], every operation of
//! [`guanxi_wire::operator`] one of [`Operator::send`].
//!
//! | module | holds |
//! |---|---|
//! | `client`, `operator` | the two sides of a service: members', with cookies, and operators', with a token |
//! | `session` | the cookies of a login, and the jar that keeps them |
//! | `paging` | lists that come page by page |
//! | `error` | why a request was not done, and whether that is known |
//! | `options`, `retry` | how long a client waits, and what it sends again |
//! | `exchange`, `tls` | HTTP |
#![forbid(unsafe_code)]

mod client;
mod error;
mod exchange;
mod operator;
mod options;
mod paging;
mod retry;
mod session;
#[cfg(all(feature = "tls", not(target_family = "wasm")))]
mod tls;

pub use client::Client;
pub use error::{Error, Why};
pub use operator::Operator;
pub use options::{Options, Retries};
pub use paging::{Cut, End, Paged, Walk};
pub use session::Cookies;
