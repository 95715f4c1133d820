//! The service: the endpoints of [`guanxi_api`] over HTTP, answered from a [`guanxi_storage::Store`].
//!
//! A request comes in through [`serve`], is admitted by [`call`] (cookies, session, csrf, parameters), handled by the file
//! of its URL under [`api`], and told by [`answer`]. [`routes`] is the index of all endpoints, and [`openapi`] the document made of it.
#![forbid(unsafe_code)]

pub mod answer;
pub mod api;
pub mod app;
pub mod arrival;
pub mod call;
pub mod clock;
pub mod cookie;
pub mod device;
pub mod form;
#[cfg(any(test, feature = "fuzzing"))]
#[doc(hidden)]
pub mod fuzzing;
pub mod images;
pub mod keys;
pub mod limits;
pub mod meter;
mod net;
pub mod networks;
pub mod noface;
pub mod openapi;
pub mod operator;
pub mod pages;
pub mod password;
pub mod path;
pub mod place;
pub mod prove;
pub mod raw_query;
pub mod routes;
pub mod searches;
pub mod sender;
pub mod serve;
pub mod session;
pub mod settings;
pub mod show;
pub mod site;
pub mod tend;

pub use app::App;
pub use guanxi_storage::log_throttle;
pub use routes::site;
pub use settings::Settings;
pub use site::Site;
