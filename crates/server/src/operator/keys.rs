//! Keys of the field encryption.

pub mod get_key_status;
pub mod rotate_keys;
