//! The emulator: programs that were written for the API run against it unchanged, without a network.
//!
//! A program sends its requests to a proxy on loopback, which answers for the hosts that it serves and refuses all
//! others. Each request belongs to one of several communities, which tests set up through the control API.
#![forbid(unsafe_code)]

pub mod certificates;
mod communities;
mod community;
pub mod community_name;
pub mod control;
pub mod environment;
mod faults;
mod gaps;
pub mod hosts;
mod journal;
pub mod limits;
mod path_pattern;
pub mod proxy;
mod request_body;
pub mod service;

pub use certificates::CertificateAuthority;
pub use communities::CommunityError;
pub use community::Community;
pub use community::snapshots::SnapshotError;
pub use community::template::TemplateError;
pub use community_name::CommunityName;
pub use hosts::Hosts;
pub use limits::Limits;
pub use proxy::Proxy;
pub use service::Emulator;
