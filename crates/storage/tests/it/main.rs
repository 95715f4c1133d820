//! What a store promises, asked from outside.
//!
//! | module | holds |
//! |---|---|
//! | `suite` | the conformance suite: the same cases for every engine, each a short story |
//! | `chain` | random commands, against a naive model of the relation chain |
//! | `directory` | a data directory: whose it is, what it survives, how it grows |
//! | `behind` | a tree that takes in what was written while more is, and is read and copied |
//! | `stopped` | a machine that stops: a tree of one moment, and a log of a later one, cut anywhere |
//! | `full` | a disk that takes no writes of the log, or none of the tree |
//! | `limits` | numbers as large as they get |
//! | `writes` | many commands at once, and what an answer is worth |
//! | `crosswise` | many who write the same at once, over several stores on one database |
//! | `faults` | a database that is away, slow, held up, or cut off in the middle |
//! | `schema` | the schema of a database |
//! | `private` | what of a community stands in the files of its directory, and what does not |
//! | `check` | the invariants, on a store that keeps them and on some that were tampered with |
//! | `community` | a store spoken to in short |
//! | `members` | members who sign up, log in, are operated upon and leave, in short |
//! | `dumped` | dumps as text and as rows, and a community that has some of everything |
//! | `told` | all that a store tells, to be compared |
//! | `home` | a directory of its own for each test |
#![deny(unsafe_code)]

mod behind;
mod chain;
mod check;
mod community;
mod crosswise;
mod directory;
mod dumped;
mod faults;
#[cfg(unix)]
mod full;
mod home;
mod limits;
mod members;
mod private;
mod schema;
mod stopped;
mod suite;
mod told;
mod whole;
mod writes;
