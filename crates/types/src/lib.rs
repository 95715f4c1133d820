//! The types that the rules, the storage and the API share: ids, coins, codes, roles and orders.
//!
//! Decisions of the contract are cited as `D5`. `docs/contract.md` lists them.
#![forbid(unsafe_code)]

pub mod code;
pub mod coins;
pub mod id;
pub mod order;
pub mod role;
mod schema;

pub use code::{ErrorCode, HttpError};
pub use coins::Coins;
pub use id::{Mid, Tagid};
pub use order::Order;
pub use role::Role;
