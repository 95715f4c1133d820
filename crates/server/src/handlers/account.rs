//! The account of the caller.

pub mod change_birthday;
pub mod change_mail;
pub mod change_name;
pub mod change_password;
pub mod change_sex;
pub mod change_tel;
pub mod count_news;
pub mod delete_picture;
pub mod dismiss_first_steps;
pub mod get_account;
pub mod get_account_security;
pub mod get_bio;
pub mod get_coin_log;
pub mod get_daily_rewards;
pub mod get_first_steps;
pub mod get_levels;
pub mod get_name;
pub mod get_vip;
pub mod list_coins;
pub mod list_exp_days;
pub mod list_news;
pub mod mark_news_read;
pub mod mark_news_seen;
pub mod set_security_question;
pub mod submit_bio;
pub mod upload_picture;
