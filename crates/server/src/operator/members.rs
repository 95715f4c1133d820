//! Members: look up, create, update, silence, delete.

pub mod add_note;
pub mod adjust_coins;
pub mod change_members;
pub mod create_member;
pub mod delete_member;
pub mod delete_note;
pub mod get_member;
pub mod list_member_coins;
pub mod list_members;
pub mod list_notes;
pub mod remove_factors;
pub mod remove_picture;
pub mod revoke_member_sessions;
pub mod silence_member;
pub mod update_member;
pub mod verify_contact;
