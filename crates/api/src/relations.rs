//! Relations between members: follow, whisper, block.

pub mod change_relations;
pub mod get_relation;
pub mod get_relation_counters;
pub mod get_relation_pair;
pub mod get_remark;
pub mod list_blocks;
pub mod list_followers;
pub mod list_followings;
pub mod list_relations;
pub mod list_whispers;
pub mod modify_relation;
pub mod own_list;
pub mod set_remark;
