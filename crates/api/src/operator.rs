//! Operators' endpoints: JSON on a listener of its own, authenticated with a bearer token. One file per endpoint.

pub mod ingest_events;
pub mod keys;
pub mod list_audit_entries;
pub mod list_messages;
pub mod members;
pub mod reviews;
pub mod tokens;
