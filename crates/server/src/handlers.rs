//! Handlers of the members' endpoints, one file each, at the same path as the request type in `guanxi_api`.

pub mod account;
pub mod contact;
pub mod factors;
pub mod groups;
pub mod login;
pub mod own_data;
pub mod profile;
pub mod realname;
pub mod recovery;
pub mod relations;
pub mod sessions;
