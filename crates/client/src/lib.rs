//! A typed client of guanxi: one generic [`send`](Client::send), and every endpoint of [`guanxi_wire::api`] is its argument.
//!
//! ```no_run
//! # async fn example() -> Result<(), guanxi_client::Error> {
//! use guanxi_client::Client;
//! use guanxi_wire::{Mid, api::relation::stat::RelationStat};
//!
//! let client = Client::new("http://127.0.0.1:8080");
//! let stat = client.send(&RelationStat { vmid: Mid::new(293793435).unwrap() }).await?;
//! println!("{} fans", stat.follower);
//! # Ok(()) }
//! ```
#![forbid(unsafe_code)]

use guanxi_wire::auth::{Auth, Needs};
use guanxi_wire::operator::Operation;
use guanxi_wire::params::encode;
use guanxi_wire::{Endpoint, Envelope};
use reqwest::Method;
use reqwest::header::{CONTENT_TYPE, COOKIE};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A guanxi, and perhaps a login there.
#[derive(Clone, Debug)]
pub struct Client {
    http: reqwest::Client,
    base: String,
    cookies: Option<Cookies>,
}

/// The cookies of a login.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cookies {
    /// The session's token.
    #[serde(rename = "SESSDATA")]
    pub sessdata: String,
    /// What every write has to repeat as `csrf`.
    pub bili_jct: String,
    /// The member.
    #[serde(rename = "DedeUserID")]
    pub dede_user_id: String,
    /// The device.
    pub buvid3: String,
}

// A token must not come into a log by chance.
impl std::fmt::Debug for Cookies {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Cookies of {}", self.dede_user_id)
    }
}

/// Why a request was not done.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The service refused it: its code and message.
    #[error("{message} ({code})")]
    Refused {
        /// The number, which [`guanxi_wire::Code::of`] may know.
        code: i32,
        /// What it means.
        message: String,
    },
    /// It did not get there, or no answer came.
    #[error("no answer: {0}")]
    Http(#[from] reqwest::Error),
    /// What came is not what the contract says.
    #[error("the answer is not what was asked for: {0}")]
    Shape(#[from] serde_json::Error),
}

impl Client {
    /// A client of the guanxi at an address, such as `http://127.0.0.1:8080`, without a login.
    pub fn new(base: &str) -> Client {
        Client { http: reqwest::Client::new(), base: base.trim_end_matches('/').to_owned(), cookies: None }
    }

    /// The same with a login.
    #[must_use]
    pub fn logged_in(self, cookies: Cookies) -> Client {
        Client { cookies: Some(cookies), ..self }
    }

    /// Sends a request and tells its answer. A write is given the login's csrf.
    pub async fn send<E: Endpoint>(&self, request: &E) -> Result<E::Data, Error> {
        let written = request.write();
        let mut pairs: Vec<(&str, &str)> =
            written.iter().map(|(name, value)| (*name, value.as_str())).collect();
        if let (Needs::SessionAndCsrf, Some(cookies)) = (E::Auth::NEEDS, &self.cookies) {
            pairs.push(("csrf", &cookies.bili_jct));
        }
        opened(&self.exchange(&E::METHOD, E::PATH, &encode(pairs)).await?)
    }

    async fn exchange(&self, method: &Method, path: &str, pairs: &str) -> Result<Vec<u8>, Error> {
        let mut request = if *method == Method::GET {
            self.http.get(format!("{}{path}?{pairs}", self.base))
        } else {
            let form = (CONTENT_TYPE, "application/x-www-form-urlencoded");
            self.http
                .request(method.clone(), format!("{}{path}", self.base))
                .header(form.0, form.1)
                .body(pairs.to_owned())
        };
        if let Some(Cookies { sessdata, bili_jct, dede_user_id, buvid3 }) = &self.cookies {
            let login = format!(
                "SESSDATA={sessdata}; bili_jct={bili_jct}; DedeUserID={dede_user_id}; buvid3={buvid3}"
            );
            request = request.header(COOKIE, login);
        }
        Ok(request.send().await?.bytes().await?.into())
    }
}

/// The data in an envelope, or why there are none.
fn opened<T: DeserializeOwned>(body: &[u8]) -> Result<T, Error> {
    let envelope: Envelope<serde_json::Value> = serde_json::from_slice(body)?;
    match envelope.code {
        0 => Ok(serde_json::from_value(envelope.data.unwrap_or_default())?),
        code => Err(Error::Refused { code, message: envelope.message.into_owned() }),
    }
}

/// The operators' side of a guanxi, with a token.
#[derive(Clone)]
pub struct Operator {
    http: reqwest::Client,
    base: String,
    token: String,
}

// A token must not come into a log by chance.
impl std::fmt::Debug for Operator {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Operator at {}", self.base)
    }
}

impl Operator {
    /// The operators' side at an address, such as `http://127.0.0.1:8081`.
    pub fn new(base: &str, token: &str) -> Operator {
        let (http, base) = (reqwest::Client::new(), base.trim_end_matches('/').to_owned());
        Operator { http, base, token: token.to_owned() }
    }

    /// Sends a request and tells its answer.
    pub async fn send<O: Operation>(&self, request: &O) -> Result<O::Data, Error> {
        let url = format!("{}{}", self.base, O::PATH);
        let asked = if O::METHOD == Method::GET {
            let fields: BTreeMap<String, serde_json::Value> =
                serde_json::from_value(serde_json::to_value(request)?)?;
            let written: Vec<(String, String)> = fields
                .into_iter()
                .filter(|(_, value)| !value.is_null())
                .map(|(name, value)| (name, value.as_str().map_or_else(|| value.to_string(), str::to_owned)))
                .collect();
            let pairs = written.iter().map(|(name, value)| (name.as_str(), value.as_str()));
            self.http.get(format!("{url}?{}", encode(pairs)))
        } else {
            let body = serde_json::to_vec(request)?;
            self.http.request(O::METHOD, url).header(CONTENT_TYPE, "application/json").body(body)
        };
        opened(&asked.bearer_auth(&self.token).send().await?.bytes().await?)
    }
}
