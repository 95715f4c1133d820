//! Members: look up, create, update, silence, delete.

pub mod adjust_coins;
pub mod create_member;
pub mod delete_member;
pub mod get_member;
pub mod remove_picture;
pub mod revoke_member_sessions;
pub mod silence_member;
pub mod update_member;
pub mod verify_contact;
