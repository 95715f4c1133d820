//! The HTTP API of guanxi as types: requests, responses, and access rules.
//!
//! | module | contents |
//! |---|---|
//! | [`account`], [`login`], [`factors`], [`sessions`], [`realname`] | members' endpoints of the caller's own account |
//! | [`profile`], [`relations`], [`groups`] | members' endpoints of profiles, relations and groups |
//! | [`operator`] | operators' endpoints, one file each |
//! | [`emulator`] | the emulator's control endpoints, one file each |
//! | [`endpoint`] | the [`Endpoint`] trait, and the macro that declares an endpoint |
//! | [`auth`] | access rules, and the caller that each rule passes to the handler |
//! | [`param`] | parsing and encoding of one parameter |
//! | [`params`] | the undecoded parameters of one request |
//! | [`envelope`] | the JSON envelope of every response |
//!
//! The other modules are values that several endpoints share. `D5` cites a decision, and seeds 000 to 003 are the
//! documents of the contract. `docs/design/decisions.md` lists both.
#![forbid(unsafe_code)]

pub mod account;
pub mod auth;
pub mod badge;
pub mod contact;
pub mod emulator;
pub mod endpoint;
pub mod envelope;
pub mod factors;
pub mod groups;
pub mod login;
pub mod member_list;
pub mod operator;
pub mod own_data;
pub mod paging;
pub mod param;
pub mod params;
pub mod profile;
pub mod realname;
pub mod recovery;
pub mod relations;
#[cfg(test)]
mod schema;
mod serde_params;
pub mod sessions;

pub use endpoint::Endpoint;
pub use envelope::Envelope;
