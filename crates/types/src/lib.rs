//! The types that domain, storage and API share: ids, coins, error codes, roles, paging, actions and events.
//!
//! Decisions of the contract are cited as `D5`. `docs/design/decisions.md` lists them.
#![forbid(unsafe_code)]

pub mod code;
pub mod coins;
pub mod event;
pub mod id;
pub mod month;
pub mod order;
pub mod paging;
pub mod relation;
pub mod role;
mod schema;
pub mod secret;
pub mod time_cursor;

pub use code::{ErrorCode, HttpError};
pub use coins::Coins;
pub use event::{Bvid, Event, EventId, EventKind, EventOutcome, TipCoins};
pub use id::{Mid, Tagid};
pub use month::Month;
pub use order::Order;
pub use paging::{PageNumber, PageSize};
pub use relation::{RelationAction, RelationSource};
pub use role::Role;
pub use secret::Secret;
pub use time_cursor::TimeCursor;
