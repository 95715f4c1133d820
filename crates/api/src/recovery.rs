//! Recovery of an account whose password is lost, by a code to a verified phone or mail address.

pub mod get_recovery_question;
pub mod recover_account;
pub mod send_recovery_code;
