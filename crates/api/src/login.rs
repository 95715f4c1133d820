//! Registration, login by password and by QR code, and the login history.

pub mod cancel_qr_code;
pub mod confirm_qr_code;
pub mod create_qr_code;
pub mod finish_login;
pub mod get_login_log;
pub mod get_login_notice;
pub mod list_logins;
pub mod log_in;
pub mod log_out;
pub mod poll_qr_code;
pub mod scan_qr_code;
pub mod sign_up;
