//! Verification of the caller's real name.

pub mod apply_realname;
pub mod get_realname_application;
pub mod get_realname_status;
