//! SQL statements, by subject.
//!
//! | module | statements |
//! |---|---|
//! | `entities` | tables of entities, generated from their columns and keys |
//! | `counters` | counters and locks of members |
//! | `relations` | relations and the index of followers |
//! | `groups` | groups of members |
//! | `lists` | pages of lists |
//! | `members` | profile pages, sessions of a member |
//! | `member_list` | the operators' list of members |
//! | `names` | the name index |
//! | `logs` | coins, logins, audit log |
//! | `integrity` | aggregates of the integrity check |
//! | `system` | transactions, locks, id sequences, import progress |
//!
//! Every statement of a member's request names the member in its condition, so that Citus routes it to one node.
//! The tests hold every statement to that.

mod builder;
pub(crate) mod counters;
pub(crate) mod entities;
pub(crate) mod groups;
pub(crate) mod integrity;
pub(crate) mod lists;
pub(crate) mod logs;
pub(crate) mod member_list;
pub(crate) mod members;
pub(crate) mod names;
pub(crate) mod news;
pub(crate) mod relations;
pub(crate) mod system;
#[cfg(test)]
mod tests;

pub(crate) use builder::WriteStatements;
