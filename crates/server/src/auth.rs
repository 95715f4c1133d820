//! Sessions, passwords and the rate limits of logins.

pub mod contact_codes;
pub mod factor_check;
pub mod fresh_proof;
pub mod login_session;
pub(crate) mod operator_token;
pub mod passkeys;
pub mod password_check;
pub mod password_hasher;
pub mod rate_limit;
pub mod recovery_code;
pub mod totp;
