//! The storage of guanxi: entities, commands, and two engines.
//!
//! | module | contents |
//! |---|---|
//! | [`model`] | the entities as typed rows: the values of the embedded engine, SQL rows, and the lines of a dump |
//! | [`key`] | the keys of entities, as bytes and as SQL values |
//! | [`counters`] | the counters of a member, derived from relations |
//! | [`commands`] | every write: read, decide, apply, written once for both engines |
//! | [`transaction`] | the trait of a transaction that commands are written against |
//! | [`store`] | the trait of an engine: commands to run, and the queries |
//! | [`engine`] | either engine, selected at run time |
//! | [`embedded`] | the embedded engine: LMDB behind a write-ahead log |
//! | [`postgres`] | the engine on PostgreSQL, plain or with Citus |
//! | [`name_search`] | the search of members by name |
//! | [`member_bundle`] | all data of one member, for a bulk load |
//! | [`dump`] | rows as JSON Lines |
//! | [`encryption`] | the encryption of private fields, and their blind index |
//! | [`card_listener`] | listeners for changes of cards |
//! | [`daily_login_cache`] | the cache of daily login rewards |
//! | [`log_throttle`] | rate-limited log lines |
//! | `private_files` | files and directories that only their owner may read |
//! | [`integrity`] | the report of an integrity check, and the violated invariants |
//! | [`error`] | the errors of commands, of engines, and of opening a store |
#![deny(unsafe_code)]

pub mod batch_sizes;
pub mod card_listener;
pub mod commands;
pub mod counters;
pub mod daily_login_cache;
pub mod dump;
pub mod embedded;
pub mod encryption;
pub mod engine;
pub mod error;
#[cfg(any(test, feature = "fuzzing"))]
#[doc(hidden)]
pub mod fuzzing;
pub mod integrity;
pub mod key;
pub mod log_throttle;
pub mod member_bundle;
pub mod member_list;
pub mod model;
pub mod name_search;
mod pending_command;
pub mod postgres;
mod private_files;
pub mod store;
pub mod transaction;
mod varint;

pub use counters::Counters;
pub use embedded::EmbeddedStore;
pub use encryption::FieldCipher;
pub use engine::Engine;
pub use error::{CommandError, StorageError};
pub use member_bundle::MemberBundle;
pub use model::Row;
pub use postgres::PostgresStore;
pub use store::Store;
