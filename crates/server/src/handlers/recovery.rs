//! Handlers of the recovery of an account.

pub mod get_recovery_question;
pub mod recover_account;
pub mod send_recovery_code;
