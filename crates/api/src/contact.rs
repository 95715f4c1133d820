//! Verification of the caller's phone and mail address by codes.

pub mod send_contact_code;
pub mod verify_contact;
