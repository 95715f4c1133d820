//! Integration tests of the service, in process, through its router.
#![expect(clippy::unwrap_used, reason = "a failed unwrap fails the test")]

mod account_pages;
mod account_security;
mod audit_log;
mod client;
mod cookies;
mod database_outage;
mod default_avatar;
mod endpoints;
mod events;
mod groups;
mod health;
mod http;
mod http1_errors;
mod key_rotation;
mod log_privacy;
mod login;
mod member_pages;
mod multi_instance;
mod news;
mod openapi;
mod openapi_check;
mod operator_access;
mod operator_client;
mod operator_members;
mod operator_pages;
mod qr_login;
mod rate_limit;
mod raw_http;
mod relations;
mod request_parsing;
mod reviews;
mod service;
mod sessions;
mod signup;
