//! Operators' side of a service.

use crate::exchange::{Ask, Exchange};
use crate::{Error, Options};
use guanxi_api::operator::Operation;
use guanxi_api::params::encode;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue};
use reqwest::{Method, StatusCode};
use serde_json::Value;
use std::collections::BTreeMap;

/// Operators' programs are told by the status too.
const REFUSALS: &[StatusCode] =
    &[StatusCode::OK, StatusCode::BAD_REQUEST, StatusCode::NOT_FOUND, StatusCode::CONFLICT];

/// The operators' side of a guanxi, with a token. Clones share the connections.
#[derive(Clone)]
pub struct Operator {
    exchange: Exchange,
    token: HeaderValue,
}

// A token must not come into a log by chance.
impl std::fmt::Debug for Operator {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Operator at {}", self.exchange.base())
    }
}

impl Operator {
    /// The operators' side at an address, such as `http://127.0.0.1:8081`.
    ///
    /// ```
    /// use guanxi_client::Operator;
    /// use guanxi_api::operator::{Role, reviews::signs::Signs};
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sample = guanxi_test_server::Sample::serve().await;
    /// # let token = sample.token(Role::Moderator).await;
    /// let operator = Operator::new(&sample.operators, &token)?;
    /// assert!(operator.send(&Signs { since: None, limit: None }).await?.list.is_empty());
    /// # Ok(()) }
    /// ```
    pub fn new(base: &str, token: &str) -> Result<Operator, Error> {
        Operator::with(base, token, &Options::default())
    }

    /// One that works otherwise than the default.
    ///
    /// ```
    /// use guanxi_client::{Operator, Options, Retries};
    /// use guanxi_api::operator::{Role, keys::Keys};
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sample = guanxi_test_server::Sample::serve().await;
    /// # let token = sample.token(Role::Admin).await;
    /// let options = Options { retries: Retries::NONE, ..Options::default() };
    /// let operator = Operator::with(&sample.operators, &token, &options)?;
    /// assert!(!operator.send(&Keys {}).await?.rotating);
    /// # Ok(()) }
    /// ```
    pub fn with(base: &str, token: &str, options: &Options) -> Result<Operator, Error> {
        let mut token = HeaderValue::try_from(format!("Bearer {token}"))
            .map_err(|_| Error::Wrong("the token has a character that none has".to_owned()))?;
        token.set_sensitive(true);
        Ok(Operator { exchange: Exchange::new(base, options)?, token })
    }

    /// Sends a request and tells its answer.
    ///
    /// ```
    /// use guanxi_api::operator::member::coins::Pay;
    /// use guanxi_api::{Coins, Mid};
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sample = guanxi_test_server::Sample::serve().await;
    /// # let operator = sample.admin().await;
    /// let mid = Mid::try_from(1)?;
    /// let pay = Pay { mid, delta: Coins::whole(10), reason: "开张".to_owned(), id: None };
    /// assert_eq!(operator.send(&pay).await?.coins, Coins::whole(10));
    /// # Ok(()) }
    /// ```
    pub async fn send<O: Operation>(&self, request: &O) -> Result<O::Data, Error> {
        let mut headers = HeaderMap::from_iter([(AUTHORIZATION, self.token.clone())]);
        let unwritable = |error: serde_json::Error| Error::Wrong(error.to_string());
        let (path, body) = if O::METHOD == Method::GET {
            (format!("{}?{}", O::PATH, query(request).map_err(unwritable)?), String::new())
        } else {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
            (O::PATH.to_owned(), serde_json::to_string(request).map_err(unwritable)?)
        };
        let changes = O::METHOD != Method::GET;
        let ask = Ask { method: O::METHOD, path, headers, body, changes, refusals: REFUSALS };
        Ok(self.exchange.ask(&ask).await?.data)
    }
}

/// A request's fields as a query; those that say nothing are left out.
fn query<O: Operation>(request: &O) -> Result<String, serde_json::Error> {
    let fields: BTreeMap<String, Value> = serde_json::from_value(serde_json::to_value(request)?)?;
    let said = fields.into_iter().filter(|(_, value)| !value.is_null());
    let written: Vec<(String, String)> = said
        .map(|(name, value)| (name, value.as_str().map_or_else(|| value.to_string(), str::to_owned)))
        .collect();
    Ok(encode(written.iter().map(|(name, value)| (name.as_str(), value.as_str()))))
}
