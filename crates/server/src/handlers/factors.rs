//! Handlers of second factors, passkeys and fresh proofs.

pub mod add_passkey;
pub mod confirm_totp;
pub mod create_passkey_challenge;
pub mod list_factors;
pub mod log_in_with_passkey;
pub mod prove;
pub mod remove_passkey;
pub mod remove_totp;
pub mod rename_passkey;
pub mod renew_recovery_codes;
pub mod start_passkey;
pub mod start_totp;
