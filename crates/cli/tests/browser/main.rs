//! The pages, as people use them: in a browser, with its script and without.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on says so and stops")]

mod browser;
mod chain;
mod community;
mod door;
mod driver;
mod hostile;
mod look;
#[expect(dead_code, reason = "it is that of the program's other tests too")]
#[path = "../it/program.rs"]
mod program;
mod qrcode;
mod reviews;
mod security;
