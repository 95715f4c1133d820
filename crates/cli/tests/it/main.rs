//! The program, run as a user runs it.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on says so and stops")]

mod bench;
mod commands;
mod database;
mod dump;
mod faults;
mod golden;
mod health;
mod keys;
mod kill;
mod manual;
mod members;
mod packaging;
mod program;
mod stop;
mod unlike;
mod walkthrough;
