//! Relations between members: follow, whisper, block.

pub mod get_relation;
pub mod get_relation_counters;
pub mod get_relation_pair;
pub mod list_blocks;
pub mod list_followers;
pub mod list_followings;
pub mod list_whispers;
pub mod modify_relation;
