//! The service: answers the endpoints of [`guanxi_api`] over HTTP from a [`guanxi_storage::Store`].
//!
//! [`net`] accepts connections and limits their use. [`extract`] authenticates a request and reads its parameters.
//! The handler of an endpoint is in the file of its name under [`handlers`]. [`http::response`] encodes the result.
//! [`routes`] lists all endpoints, and [`openapi`] generates their document from that list.
#![forbid(unsafe_code)]

pub mod app;
pub mod auth;
pub mod clock;
mod coin_csv;
pub mod compat;
pub mod config;
pub mod data_export;
pub mod encoded_card;
pub mod encoded_page;
pub mod encoded_profiles;
pub mod encryption_keys;
pub mod extract;
pub mod face_url;
#[cfg(any(test, feature = "fuzzing"))]
#[doc(hidden)]
pub mod fuzzing;
pub mod geoip;
pub mod handlers;
pub mod http;
pub mod identifiers;
pub mod image_policy;
pub mod jobs;
pub mod limits;
pub mod local_path;
pub mod member_search;
pub mod metrics;
pub mod net;
pub mod openapi;
pub mod operator;
pub mod outbox;
pub mod own_lists;
pub mod picture;
pub mod profile_cache;
pub mod readiness;
mod relation_import;
pub mod remarks;
pub mod request_log;
pub mod routes;
pub mod search_pool;
mod served_endpoint;
pub mod session_token;
pub mod to_api;
pub mod trusted_proxies;
pub mod web;

pub use app::{App, AppParts};
pub use config::Settings;
pub use guanxi_storage::log_throttle;
pub use net::service::HttpService;
pub use routes::service;
