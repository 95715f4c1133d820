//! A typed client of guanxi. Every endpoint type of [`guanxi_api`] is an argument of [`Client::send`], every one of
//! [`guanxi_api::operator`] an argument of [`Operator::send`].
//!
//! ```
//! use guanxi_client::{Client, Error};
//! use guanxi_api::login::sign_up::SignUp;
//! use guanxi_api::relations::modify_relation::ModifyRelation;
//! use guanxi_types::{ErrorCode, Mid, RelationAction, RelationSource, Secret};
//! # #[tokio::main]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let server = guanxi_test_server::TestServer::start().await;
//! # let address = server.address.as_str();
//!
//! let client = Client::new(address)?;
//! let (uname, password) = ("小甲".to_owned(), Secret("chang-an-yi-pian-yue".to_owned()));
//! let me = client.send(&SignUp { uname, password, tel: None, mail: None }).await?.mid;
//!
//! for number in [1, 2, 999] {
//!     let fid = Mid::try_from(number)?;
//!     let follow = ModifyRelation { fid, act: RelationAction::Follow, re_src: RelationSource::DEFAULT };
//!     match client.send(&follow).await {
//!         Ok(()) => println!("you follow {number}"),
//!         Err(Error::Rejected { code: Some(ErrorCode::MemberNeverExisted), .. }) => {
//!             println!("there is no member {number}");
//!         }
//!         Err(error) => return Err(error.into()),
//!     }
//! }
//! let mut followings = client.followings(me);
//! while let Some(member) = followings.next().await? {
//!     println!("{}", member.profile.uname);
//! }
//! assert_eq!(followings.total(), Some(2));
//! # Ok(()) }
//! ```
//!
//! **Logins.** A [`Client`] stores the cookies that the service sets, and shares them with its clones. It sends
//! them to the base URL only, and follows no redirect. [`Client::cookies`] returns them for saving, and
//! [`Client::with_cookies`] restores them. A write sends `bili_jct` as `csrf` automatically.
//!
//! **Errors.** A rejection has an [`ErrorCode`](guanxi_types::ErrorCode) to match on ([`Error::Rejected`]). Errors
//! of HTTP and of the service have a status ([`Error::Http`]). [`Error::may_have_happened`] is true if a write was
//! sent and its outcome is unknown.
//!
//! **Retries.** A read is retried after a lost connection or a 503, a write only if no connection was made. Even
//! the service may not know the outcome of a write that ended in a 503: a disk can fail at the very end of it. See
//! [`RetryPolicy`].
//!
//! **Lists.** [`Client::followers`] and similar methods return a [`Pager`]. It requests page by page, and ends with
//! the list or at the limit of access. [`Pager::end`] returns which.
//!
//! **Features.** `tls`, on by default, is for base URLs with `https`, which a proxy in front of the service
//! provides. It trusts the certificates of the operating system. Building it needs only a C compiler. It sets
//! reqwest's feature `rustls-no-provider`: a program that also creates clients of reqwest itself must install a
//! crypto provider for them.
//!
//! **WebAssembly.** In a browser, the browser stores cookies and connections. It sends its own cookies to the
//! origin of the page, and scripts cannot set them. Nothing is retried. For `csrf`, the page passes its `bili_jct`
//! to [`Client::with_cookies`].
//!
//! | module | contents |
//! |---|---|
//! | `client`, `operator` | the clients of members' endpoints (cookies) and of operators' endpoints (token) |
//! | `session` | the cookies of a login, and the cookie jar |
//! | `paging` | lists that are read page by page |
//! | `error` | the errors of requests |
//! | `options`, `retry` | timeouts, limits, and delays between retries |
//! | `exchange`, `tls` | HTTP |
#![forbid(unsafe_code)]

mod client;
mod error;
mod exchange;
mod operator;
mod options;
mod paging;
mod retry;
mod session;
#[cfg(all(feature = "tls", not(target_family = "wasm")))]
mod tls;

pub use client::Client;
pub use error::{Error, UnknownOutcome};
pub use operator::Operator;
pub use options::{Options, RetryPolicy};
pub use paging::{PageSlice, Pager, PagerEnd, Paginated};
pub use session::Cookies;

/// The examples of the README, compiled as tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
