//! The rules of guanxi: given what was and a command, what will be, or the refusal.
//!
//! Nothing here waits, reads a clock, draws a random number or touches a disk: times and limits are arguments. (The library
//! behind `password` knows what year it is, for dates in passwords.) Each rule
//! has a table test that lists its cases a line each. Decisions of the contract are cited as `D12`.
#![forbid(unsafe_code)]

pub mod contact;
pub mod day;
pub mod group;
pub mod id_card;
pub mod level;
pub mod login;
pub mod mask;
pub mod name;
pub mod page;
pub mod password;
pub mod rank;
pub mod realname;
pub mod relation;
pub mod reward;
pub mod sign;
pub mod text;
pub mod tie;
pub mod tries;
pub mod value;
