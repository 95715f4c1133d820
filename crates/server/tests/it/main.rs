//! The service, in-process, through its router.

mod centre;
mod chain;
mod every_endpoint;
mod groups;
mod http;
mod requests;
mod service;
mod sessions;
