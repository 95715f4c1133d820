//! Sessions of the caller.

pub mod list_sessions;
pub mod revoke_session;
