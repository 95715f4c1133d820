//! What guanxi keeps, and the engine that keeps it.
//!
//! | module | holds |
//! |---|---|
//! | [`row`] | what is kept, as typed rows: the engine's values and the lines of a dump |
//! | [`stat`] | the counters of a member, and what a tie weighs in them |
//! | [`command`] | everything that changes a store: load, decide, apply, written once for every engine |
//! | [`txn`] | what a command sees of an engine: typed loads and puts |
//! | [`cards`] | cards as lists show them, kept in memory |
//! | [`store`] | what the service sees of an engine: run a command, and the reads |
//! | [`embedded`] | the embedded engine |
//! | [`postgres`] | the engine for what one machine does not hold: PostgreSQL, plain or with Citus |
//! | [`engine`] | whichever of them keeps a community |
//! | [`whole`] | a member whole, for a store that is made at once |
//! | [`dump`] | rows as JSON Lines |
//! | [`vault`] | private texts: sealed, opened, and found without being told |
//! | [`log_throttle`] | log lines that every request would repeat |
//! | `visitors` | whom a day's login was given, as far as it was seen |
//! | [`check`] | the invariants, and who breaks them |
#![deny(unsafe_code)]

pub mod cards;
pub mod check;
pub mod command;
pub mod dump;
pub mod embedded;
pub mod engine;
pub mod error;
#[cfg(any(test, feature = "fuzzing"))]
#[doc(hidden)]
pub mod fuzzing;
pub mod key;
pub mod log_throttle;
pub mod postgres;
pub mod row;
pub mod stat;
pub mod store;
pub mod txn;
pub mod vault;
mod visitors;
pub mod whole;

pub use embedded::EmbeddedStore;
pub use engine::Engine;
pub use error::{CommandError, StorageError};
pub use postgres::PostgresStore;
pub use row::Row;
pub use stat::Counters;
pub use store::Store;
pub use vault::FieldCipher;
pub use whole::MemberBundle;
