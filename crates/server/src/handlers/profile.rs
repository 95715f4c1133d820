//! Public profiles of members: space, card, and statistics of works.

pub mod find_members;
pub mod get_card;
pub mod get_space;
pub mod get_upstat;
