//! Reviews of bios, of names, and of applications for real-name verification.

pub mod list_bio_reviews;
pub mod list_name_reviews;
pub mod list_realname_reviews;
pub mod review_bio;
pub mod review_name;
pub mod review_realname;
