//! The caller's groups of followed members.

pub mod assign_groups;
pub mod create_group;
pub mod delete_group;
pub mod list_group_members;
pub mod list_groups;
pub mod list_member_groups;
pub mod rename_group;
