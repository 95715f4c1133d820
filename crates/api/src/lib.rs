//! The contract, as types: what clients send to guanxi and what they get back.
//!
//! | module | holds |
//! |---|---|
//! | [`api`] | one file a URL: its parameters, its data, who may call it |
//! | [`endpoint`] | what an endpoint is, and the macro that writes one |
//! | [`auth`] | who may call, and what the handler then knows of them |
//! | [`param`] | how one parameter is read and written |
//! | [`params`] | the parameters of one request, as they came |
//! | [`envelope`] | what every answer is wrapped in |
//!
//! The rest are values that several endpoints share. Decisions are cited as `D5`, and the
//! documents that are the contract as seeds 000 to 003; `docs/contract.md` lists both.
#![forbid(unsafe_code)]

pub mod api;
pub mod auth;
pub mod badge;
pub mod endpoint;
pub mod envelope;
pub mod listed;
pub mod operator;
pub mod paging;
pub mod param;
pub mod params;
#[cfg(test)]
mod schema;

pub use endpoint::Endpoint;
pub use envelope::Envelope;
