//! The service, in-process, through its router.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on says so and stops")]

mod account;
mod audit;
mod away;
mod browser;
mod centre;
mod chain;
mod console;
mod cookies;
mod desk;
mod document;
mod events;
mod every_endpoint;
mod groups;
mod guessing;
mod http;
mod http1_faults;
mod keys;
mod login;
mod members;
mod news;
mod openapi;
mod operators;
mod pages;
mod pictures;
mod privacy;
mod qrcode;
mod raw_http;
mod requests;
mod reviews;
mod service;
mod sessions;
mod signup;
mod together;
mod watch;
