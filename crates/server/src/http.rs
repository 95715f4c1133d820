//! Parts of HTTP requests and responses that do not depend on the service's state.

pub mod client_info;
pub mod cookies;
pub mod params;
pub mod raw_query;
pub mod response;
pub mod security_headers;
pub mod user_agent;
