//! Browser tests of the pages, with and without the script.
#![expect(clippy::unwrap_used, reason = "a failed unwrap fails the test")]

mod accessibility;
mod browser;
mod community;
mod data;
mod driver;
mod escaping;
mod factors;
mod finding;
mod login;
mod news;
mod openapi;
mod operator_members;
mod preferences;
mod profile;
#[expect(dead_code, reason = "the integration tests use the other helpers")]
#[path = "../it/program.rs"]
mod program;
mod qr_login;
mod recovery;
mod relations;
mod reviews;
mod security;
