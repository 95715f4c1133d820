//! Members' side of a service.

use crate::exchange::{Ask, Exchange};
use crate::session::{Cookies, Jar};
use crate::{Error, Options};
use guanxi_api::Endpoint;
use guanxi_api::auth::{Auth, AuthRequirement};
use guanxi_api::params::encode;
use reqwest::header::{CONTENT_TYPE, COOKIE, HeaderMap, HeaderValue};
use reqwest::{Method, StatusCode};

/// A guanxi, and perhaps a login there. Clones share the login and the connections.
#[derive(Clone)]
pub struct Client {
    exchange: Exchange,
    jar: Jar,
}

// A token must not come into a log by chance.
impl std::fmt::Debug for Client {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Client of {}", self.exchange.base())
    }
}

impl Client {
    /// A client of the guanxi at an address, without a login. What comes before its paths belongs to the address:
    /// `http://127.0.0.1:8080`, `https://example.cn/guanxi`.
    ///
    /// ```
    /// use guanxi_client::Client;
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sample = guanxi_test_server::Sample::serve().await;
    /// let client = Client::new(&sample.address)?;
    /// assert_eq!(client.cookies(), None);
    /// assert!(Client::new("example.cn").is_err(), "an address says whether it is http or https");
    /// # Ok(()) }
    /// ```
    pub fn new(base: &str) -> Result<Client, Error> {
        Client::with(base, &Options::default())
    }

    /// A client that works otherwise than the default.
    ///
    /// ```
    /// use guanxi_client::{Client, Options, Retries};
    /// use guanxi_api::{Mid, api::relation::stat::RelationStat};
    /// use std::time::Duration;
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sample = guanxi_test_server::Sample::serve().await;
    /// let patience = Duration::from_secs(2);
    /// let options = Options { patience, retries: Retries::NONE, ..Options::default() };
    /// let client = Client::with(&sample.address, &options)?;
    /// assert_eq!(client.send(&RelationStat { vmid: Mid::try_from(1)? }).await?.following, 2);
    /// # Ok(()) }
    /// ```
    pub fn with(base: &str, options: &Options) -> Result<Client, Error> {
        Ok(Client { exchange: Exchange::new(base, options)?, jar: Jar::default() })
    }

    /// The same service with another login. It is not that of the clones this had.
    ///
    /// ```
    /// use guanxi_client::{Client, Cookies};
    /// use guanxi_api::api::member::web::account::Account;
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sample = guanxi_test_server::Sample::serve().await;
    /// # let client = sample.member(7).await;
    /// # let kept = serde_json::to_string(&client.cookies())?;
    /// // From where they were kept: {"SESSDATA":"…","bili_jct":"…","DedeUserID":"7","buvid3":"…"}
    /// let cookies: Cookies = serde_json::from_str(&kept)?;
    /// let client = Client::new(&sample.address)?.logged_in(cookies);
    /// assert_eq!(client.send(&Account {}).await?.uname, "成员7");
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn logged_in(self, cookies: Cookies) -> Client {
        Client { jar: Jar::with(cookies), ..self }
    }

    /// The cookies of the login, if there is one: given, or set by the service since.
    ///
    /// ```
    /// use guanxi_client::Client;
    /// use guanxi_api::api::passport::signup::SignUp;
    /// use guanxi_api::param::Secret;
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sample = guanxi_test_server::Sample::serve().await;
    /// let client = Client::new(&sample.address)?;
    /// let (uname, password) = ("小甲".to_owned(), Secret("chang-an-yi-pian-yue".to_owned()));
    /// let me = client.send(&SignUp { uname, password, tel: None, mail: None }).await?.mid;
    /// let cookies = client.cookies().expect("who has signed up is logged in");
    /// assert_eq!(cookies.dede_user_id, me.to_string());
    /// # Ok(()) }
    /// ```
    pub fn cookies(&self) -> Option<Cookies> {
        self.jar.cookies()
    }

    /// Sends a request and tells its answer. Cookies go with it, `csrf` goes with a write, and cookies that the answer sets are
    /// remembered.
    ///
    /// ```
    /// use guanxi_api::api::relation::{Relation, modify::{Act, Modify, Source}};
    /// use guanxi_api::{ErrorCode, Mid};
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sample = guanxi_test_server::Sample::serve().await;
    /// # let client = sample.member(7).await;
    /// let fid = Mid::try_from(2)?;
    /// client.send(&Modify { fid, act: Act::Follow, re_src: Source::USUAL }).await?;
    /// assert_eq!(client.send(&Relation { fid }).await?.attribute, 2);
    /// let nobody = Modify { fid: Mid::MAX, act: Act::Follow, re_src: Source::USUAL };
    /// assert_eq!(client.send(&nobody).await.unwrap_err().code(), Some(ErrorCode::NeverMember));
    /// # Ok(()) }
    /// ```
    pub async fn send<E: Endpoint>(&self, request: &E) -> Result<E::Data, Error> {
        let told = self.exchange.ask(&self.ask(request)?).await?;
        self.jar.remember(&told.headers);
        Ok(told.data)
    }

    fn ask<E: Endpoint>(&self, request: &E) -> Result<Ask, Error> {
        let (cookies, csrf) = self.jar.told(E::PATH);
        let written = request.write();
        let mut pairs: Vec<(&str, &str)> =
            written.iter().map(|(name, value)| (*name, value.as_str())).collect();
        if matches!(E::Auth::NEEDS, AuthRequirement::SessionAndCsrf | AuthRequirement::CsrfIfSession)
            && !csrf.is_empty()
        {
            pairs.push(("csrf", &csrf));
        }
        let mut headers = HeaderMap::new();
        if !cookies.is_empty() {
            let mut told = HeaderValue::try_from(cookies)
                .map_err(|_| Error::Wrong("a cookie has a character that none has".to_owned()))?;
            told.set_sensitive(true);
            headers.insert(COOKIE, told);
        }
        let text = encode(pairs);
        let (path, body) = if E::METHOD == Method::GET {
            (if text.is_empty() { E::PATH.to_owned() } else { format!("{}?{text}", E::PATH) }, String::new())
        } else {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
            (E::PATH.to_owned(), text)
        };
        Ok(Ask {
            method: E::METHOD,
            path,
            headers,
            body,
            changes: changes::<E>(),
            refusals: &[StatusCode::OK],
        })
    }
}

/// Whether an endpoint may change something. Who asks for a QR code's state may be logged in by that, and who scans one is
/// noted, so those two are no mere reads.
fn changes<E: Endpoint>() -> bool {
    E::METHOD != Method::GET || E::PATH.starts_with("/passport/qrcode")
}
