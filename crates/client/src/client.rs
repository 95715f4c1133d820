//! Client of the members' endpoints.

use crate::exchange::{HttpExchange, OutgoingRequest, RequestLine};
use crate::session::{CookieJar, Cookies};
use crate::{Error, Options};
use bytes::Bytes;
use guanxi_api::Endpoint;
use guanxi_api::auth::{AuthRequirement, MemberAuth};
use guanxi_api::params::encode_form;
use reqwest::StatusCode;
use reqwest::header::{COOKIE, HeaderMap, HeaderValue};

/// A client of the members' endpoints, with an optional login. Clones share the login and the connections.
#[derive(Clone)]
pub struct Client {
    exchange: HttpExchange,
    jar: CookieJar,
}

// Tokens must not end up in logs.
impl std::fmt::Debug for Client {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Client of {}", self.exchange.base_url())
    }
}

impl Client {
    /// Returns a client without a login. `base` is the base URL of the service, including a path prefix:
    /// `http://127.0.0.1:8080`, `https://example.cn/guanxi`.
    ///
    /// ```
    /// use guanxi_client::Client;
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let server = guanxi_test_server::TestServer::start().await;
    /// let client = Client::new(&server.address)?;
    /// assert_eq!(client.cookies(), None);
    /// assert!(Client::new("example.cn").is_err(), "the URL has no scheme");
    /// # Ok(()) }
    /// ```
    pub fn new(base: &str) -> Result<Client, Error> {
        Client::with_options(base, &Options::default())
    }

    /// Returns a client with options other than the default.
    ///
    /// ```
    /// use guanxi_client::{Client, Options, RetryPolicy};
    /// use guanxi_api::relations::get_relation_counters::GetRelationCounters;
    /// use guanxi_types::Mid;
    /// use std::time::Duration;
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let server = guanxi_test_server::TestServer::start().await;
    /// let request_timeout = Duration::from_secs(2);
    /// let options = Options { request_timeout, retries: RetryPolicy::NONE, ..Options::default() };
    /// let client = Client::with_options(&server.address, &options)?;
    /// assert_eq!(client.send(&GetRelationCounters { vmid: Mid::try_from(1)? }).await?.following, 2);
    /// # Ok(()) }
    /// ```
    pub fn with_options(base: &str, options: &Options) -> Result<Client, Error> {
        Ok(Client { exchange: HttpExchange::new(base, options)?, jar: CookieJar::default() })
    }

    /// Returns a client of the same service with a different login. The login of earlier clones does not change.
    ///
    /// ```
    /// use guanxi_client::{Client, Cookies};
    /// use guanxi_api::account::get_account::GetAccount;
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let server = guanxi_test_server::TestServer::start().await;
    /// # let client = server.member(7).await;
    /// # let saved = serde_json::to_string(&client.cookies())?;
    /// // Saved earlier: {"SESSDATA":"…","bili_jct":"…","DedeUserID":"7","buvid3":"…"}
    /// let cookies: Cookies = serde_json::from_str(&saved)?;
    /// let client = Client::new(&server.address)?.with_cookies(cookies);
    /// assert_eq!(client.send(&GetAccount {}).await?.uname, "成员7");
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn with_cookies(self, cookies: Cookies) -> Client {
        Client { jar: CookieJar::from_cookies(cookies), ..self }
    }

    /// Returns the cookies of the login: the given ones, or those that the service has set since.
    ///
    /// ```
    /// use guanxi_client::Client;
    /// use guanxi_api::login::sign_up::SignUp;
    /// use guanxi_types::Secret;
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let server = guanxi_test_server::TestServer::start().await;
    /// let client = Client::new(&server.address)?;
    /// let (uname, password) = ("小甲".to_owned(), Secret("chang-an-yi-pian-yue".to_owned()));
    /// let me = client.send(&SignUp { uname, password, tel: None, mail: None }).await?.mid;
    /// let cookies = client.cookies().expect("signing up logs in");
    /// assert_eq!(cookies.dede_user_id, me.to_string());
    /// # Ok(()) }
    /// ```
    pub fn cookies(&self) -> Option<Cookies> {
        self.jar.cookies()
    }

    /// Sends a request and returns the response data. The cookies are sent along, and a write also sends `csrf`.
    /// Cookies of the response are stored.
    ///
    /// ```
    /// use guanxi_api::relations::{get_relation::GetRelation, modify_relation::ModifyRelation};
    /// use guanxi_types::{ErrorCode, Mid, RelationAction, RelationSource};
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let server = guanxi_test_server::TestServer::start().await;
    /// # let client = server.member(7).await;
    /// let fid = Mid::try_from(2)?;
    /// client.send(&ModifyRelation { fid, act: RelationAction::Follow, re_src: RelationSource::DEFAULT }).await?;
    /// assert_eq!(client.send(&GetRelation { fid }).await?.attribute, 2);
    /// let fid = Mid::MAX;
    /// let unknown = ModifyRelation { fid, act: RelationAction::Follow, re_src: RelationSource::DEFAULT };
    /// assert_eq!(client.send(&unknown).await.unwrap_err().code(), Some(ErrorCode::MemberNeverExisted));
    /// # Ok(()) }
    /// ```
    ///
    /// An operators' endpoint does not compile:
    ///
    /// ```compile_fail,E0277
    /// # async fn send(client: guanxi_client::Client) {
    /// client.send(&guanxi_api::operator::keys::get_key_status::GetKeyStatus {}).await;
    /// # }
    /// ```
    pub async fn send<E: Endpoint<Auth: MemberAuth>>(&self, request: &E) -> Result<E::Data, Error> {
        let request = self.prepare(RequestLine::of::<E>(), request.encode(), request.file())?;
        let mut response = self.exchange.send(&request).await?;
        let data = response.decode()?;
        self.jar.store(&response.headers);
        Ok(data)
    }

    /// Returns a request with its encoded parameters, the cookies and `csrf`.
    fn prepare(
        &self,
        line: RequestLine,
        params: serde_json::Result<String>,
        file: Option<(&'static str, &Bytes)>,
    ) -> Result<OutgoingRequest, Error> {
        let (cookies, csrf) = self.jar.request_cookies(line.path);
        let mut params = params.map_err(|error| Error::InvalidInput(error.to_string()))?;
        if matches!(line.requirement, AuthRequirement::SessionWithCsrf | AuthRequirement::AnonymousWrite)
            && !csrf.is_empty()
        {
            let separator = if params.is_empty() { "" } else { "&" };
            params = format!("{params}{separator}{}", encode_form([("csrf", csrf.as_str())]));
        }
        let mut headers = HeaderMap::new();
        if !cookies.is_empty() {
            let mut cookies = HeaderValue::try_from(cookies)
                .map_err(|_| Error::InvalidInput("a cookie has an invalid character".to_owned()))?;
            cookies.set_sensitive(true);
            headers.insert(COOKIE, cookies);
        }
        Ok(OutgoingRequest::new(line, params, file, headers, &[StatusCode::OK]))
    }
}
