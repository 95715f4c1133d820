//! Client of the operators' endpoints.

use crate::exchange::{HttpExchange, OutgoingRequest, RequestLine};
use crate::{Error, Options};
use guanxi_api::Endpoint;
use guanxi_api::auth::OperatorAuth;
use reqwest::StatusCode;
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue};

/// The statuses of rejections on the operators' listener, which are not all 200.
const REJECTION_STATUSES: &[StatusCode] =
    &[StatusCode::OK, StatusCode::BAD_REQUEST, StatusCode::NOT_FOUND, StatusCode::CONFLICT];

/// A client of the operators' endpoints, with a token. Clones share the connections.
#[derive(Clone)]
pub struct Operator {
    exchange: HttpExchange,
    headers: HeaderMap,
}

// Tokens must not end up in logs.
impl std::fmt::Debug for Operator {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Operator at {}", self.exchange.base_url())
    }
}

impl Operator {
    /// Returns a client of the operators' listener at a base URL, such as `http://127.0.0.1:8081`.
    ///
    /// ```
    /// use guanxi_client::Operator;
    /// use guanxi_api::operator::reviews::list_bio_reviews::ListBioReviews;
    /// use guanxi_types::Role;
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let server = guanxi_test_server::TestServer::start().await;
    /// # let token = server.token(Role::Moderator).await;
    /// let operator = Operator::new(&server.operators, &token)?;
    /// assert!(operator.send(&ListBioReviews { since: None, limit: None }).await?.list.is_empty());
    /// # Ok(()) }
    /// ```
    pub fn new(base: &str, token: &str) -> Result<Operator, Error> {
        Operator::with_options(base, token, &Options::default())
    }

    /// Returns a client with options other than the default.
    ///
    /// ```
    /// use guanxi_client::{Operator, Options, RetryPolicy};
    /// use guanxi_api::operator::keys::get_key_status::GetKeyStatus;
    /// use guanxi_types::Role;
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let server = guanxi_test_server::TestServer::start().await;
    /// # let token = server.token(Role::Admin).await;
    /// let options = Options { retries: RetryPolicy::NONE, ..Options::default() };
    /// let operator = Operator::with_options(&server.operators, &token, &options)?;
    /// assert!(!operator.send(&GetKeyStatus {}).await?.rotating);
    /// # Ok(()) }
    /// ```
    pub fn with_options(base: &str, token: &str, options: &Options) -> Result<Operator, Error> {
        let mut token = HeaderValue::try_from(format!("Bearer {token}"))
            .map_err(|_| Error::InvalidInput("the token has an invalid character".to_owned()))?;
        token.set_sensitive(true);
        let headers = HeaderMap::from_iter([(AUTHORIZATION, token)]);
        Ok(Operator { exchange: HttpExchange::new(base, options)?, headers })
    }

    /// Returns a client that sends a further header with each request, such as the community of an emulator.
    ///
    /// ```
    /// # use guanxi_client::Operator;
    /// let operator = Operator::new("http://127.0.0.1:8091", "token")?;
    /// let operator = operator.with_header("x-guanxi-community", "worker-1")?;
    /// # Ok::<(), guanxi_client::Error>(())
    /// ```
    pub fn with_header(mut self, name: &'static str, value: &str) -> Result<Operator, Error> {
        let value = HeaderValue::try_from(value)
            .map_err(|_| Error::InvalidInput(format!("{name} has an invalid character")))?;
        self.headers.insert(name, value);
        Ok(self)
    }

    /// Sends a request and returns the response data.
    ///
    /// ```
    /// use guanxi_api::operator::members::adjust_coins::AdjustCoins;
    /// use guanxi_types::{Coins, Mid};
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let server = guanxi_test_server::TestServer::start().await;
    /// # let operator = server.admin().await;
    /// let mid = Mid::try_from(1)?;
    /// let credit = AdjustCoins { mid, delta: Coins::from_whole(10), reason: "开张".to_owned(), id: None };
    /// assert_eq!(operator.send(&credit).await?.coins, Coins::from_whole(10));
    /// # Ok(()) }
    /// ```
    pub async fn send<E: Endpoint<Auth: OperatorAuth>>(&self, request: &E) -> Result<E::Data, Error> {
        let headers = self.headers.clone();
        let params = request.encode().map_err(|error| Error::InvalidInput(error.to_string()))?;
        let request = OutgoingRequest::new(RequestLine::of::<E>(), params, None, headers, REJECTION_STATUSES);
        self.exchange.send(&request).await?.decode()
    }
}
