//! A typed client of guanxi: every endpoint of [`guanxi_api::api`] is an argument of [`Client::send`], every operation of
//! [`guanxi_api::operator`] one of [`Operator::send`].
//!
//! ```
//! use guanxi_client::{Client, Error};
//! use guanxi_api::api::passport::signup::SignUp;
//! use guanxi_api::api::relation::modify::{Act, Modify, Source};
//! use guanxi_api::param::Secret;
//! use guanxi_api::{ErrorCode, Mid};
//! # #[tokio::main]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let sample = guanxi_test_server::Sample::serve().await;
//! # let address = sample.address.as_str();
//!
//! let client = Client::new(address)?;
//! let (uname, password) = ("小甲".to_owned(), Secret("chang-an-yi-pian-yue".to_owned()));
//! let me = client.send(&SignUp { uname, password, tel: None, mail: None }).await?.mid;
//!
//! for number in [1, 2, 999] {
//!     let follow = Modify { fid: Mid::try_from(number)?, act: Act::Follow, re_src: Source::USUAL };
//!     match client.send(&follow).await {
//!         Ok(()) => println!("you follow {number}"),
//!         Err(Error::Refused { code: Some(ErrorCode::NeverMember), .. }) => println!("nobody is {number}"),
//!         Err(error) => return Err(error.into()),
//!     }
//! }
//! let mut followings = client.followings(me);
//! while let Some(them) = followings.next().await? {
//!     println!("{}", them.face.uname);
//! }
//! assert_eq!(followings.total(), Some(2));
//! # Ok(()) }
//! ```
//!
//! **Logins.** A [`Client`] keeps the cookies that the service sets, shares them with its clones, and tells them to that address
//! alone: it follows no redirect. [`Client::cookies`] gives them to be saved, [`Client::logged_in`] takes them back. A write
//! repeats `bili_jct` as `csrf` by itself.
//!
//! **Errors.** A refusal of the contract has a [`ErrorCode`](guanxi_types::ErrorCode) to match on ([`Error::Refused`]); HTTP's and the
//! service's faults have a status. Where a write was sent and nobody said what became of it,
//! [`Error::may_have_happened`] is true.
//!
//! **Retries.** What changes nothing is sent again after a broken connection or a 503; a write only if no connection was made.
//! The service itself may not know what became of a write that ended in a 503: a disk can fail at its very end. See
//! [`Retries`].
//!
//! **Lists.** [`Client::followers`] and its like are a [`Walk`], which asks page by page, ends with the list or where others may
//! see no more, and tells which.
//!
//! **Features.** `tls`, on by default, is for addresses with `https`, behind which a proxy stands. It trusts the certificates
//! that the machine trusts, and builds with a C compiler alone. It sets reqwest's feature `rustls-no-provider`: a program that
//! also makes clients of reqwest's own has to install a provider for them.
//!
//! **WebAssembly.** In a browser the browser keeps cookies and connections: it sends its own cookies to the origin of the page,
//! which scripts cannot set; nothing is sent again; and for `csrf` the page gives its `bili_jct` to [`Client::logged_in`].
//!
//! | module | holds |
//! |---|---|
//! | `client`, `operator` | the two sides of a service: members', with cookies, and operators', with a token |
//! | `session` | the cookies of a login, and the jar that keeps them |
//! | `paging` | lists that come page by page |
//! | `error` | why a request was not done, and whether that is known |
//! | `options`, `retry` | how long a client waits, and what it sends again |
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
pub use error::{Error, Why};
pub use operator::Operator;
pub use options::{Options, Retries};
pub use paging::{Cut, End, Paged, Walk};
pub use session::Cookies;

/// What the README shows, so that it stays true.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
