//! HTML pages: [`member`] for members, [`operator`] for operators, and what both share.
//!
//! A page calls the API's handlers for its data, and reads lists from the store. Each form is a write of the API
//! ([`forms`]). Templates are in `templates`. The style sheet and the script are in `assets`. Pages load nothing
//! from other sites. Every page works without the script, which only spares a page load.

pub mod assets;
pub mod avatar;
pub mod chart;
pub mod first_steps;
pub mod flash;
pub mod form_field;
pub mod format;
pub mod forms;
pub mod labels;
pub mod language;
pub mod layout;
pub mod many;
pub mod member;
pub mod message_texts;
pub mod messages;
pub mod months;
pub mod news;
pub mod operator;
pub mod page_context;
pub mod pager;
pub mod pending_follow;
pub mod preferences;
pub mod redirect;
pub mod relation_buttons;
pub mod text;
pub mod undo;
