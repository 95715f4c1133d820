//! Tests of the program as a child process.
#![expect(clippy::unwrap_used, reason = "tests may panic")]

mod archive;
mod bench;
mod client_errors;
mod commands;
mod database;
mod disk_full;
mod dump;
mod emulator;
mod golden;
mod health;
mod keys;
mod kill;
mod log;
mod manual;
mod members;
mod packaging;
#[cfg(target_os = "linux")]
#[path = "../../../storage/tests/it/preload.rs"]
mod preload;
mod program;
mod recipes;
mod shutdown;
#[cfg(target_os = "linux")]
mod store_failure;
mod walkthrough;
