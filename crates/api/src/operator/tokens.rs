//! Tokens of operators.

pub mod create_token;
pub mod list_tokens;
pub mod revoke_token;
