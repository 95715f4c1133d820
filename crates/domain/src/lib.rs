//! The business rules of guanxi: pure functions from the state before and a command to the state after, or to a
//! rejection.
//!
//! No function waits, reads a clock, draws a random number or does I/O: times and limits are arguments. One
//! exception: the library behind [`password`] reads the current year from the clock, for dates in passwords. Each
//! rule has a table test with one case a line. Decisions of the contract are cited as `D12`.
#![forbid(unsafe_code)]

pub mod bio;
pub mod contact;
pub mod contact_code;
pub mod csv;
pub mod day;
pub mod event;
pub mod factor;
pub mod group;
pub mod id_card;
pub mod level;
pub mod login;
pub mod mask;
pub mod member_filter;
pub mod name;
pub mod name_index;
pub mod news;
pub mod outbox;
pub mod paging;
pub mod password;
pub mod picture;
pub mod privacy;
pub mod rank;
pub mod rate_limit;
pub mod relation;
pub mod relation_action;
pub mod relation_csv;
pub mod review;
pub mod reward;
pub mod text;
pub mod undo;
pub mod value;
pub mod verification;
