//! The program, run as a user runs it.

mod commands;
mod faults;
mod golden;
mod kill;
mod program;
mod stop;
