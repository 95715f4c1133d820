//! A request on its way to a service, and its answer on the way back.

use crate::retry::Rests;
use crate::{Error, Options, Why};
use guanxi_api::Envelope;
use guanxi_types::ErrorCode;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue, RETRY_AFTER};
use reqwest::{Method, Response, StatusCode, Url};
use serde::de::DeserializeOwned;
use std::error::Error as _;
use std::sync::Arc;
use std::time::Duration;

/// Where the service tells people which parameter is malformed.
const HINT: HeaderName = HeaderName::from_static("guanxi-hint");

/// The way to a service. Its clones share their connections.
#[derive(Clone)]
pub(crate) struct Exchange {
    http: reqwest::Client,
    base: Arc<str>,
    options: Arc<Options>,
}

/// A request as HTTP has it.
pub(crate) struct Ask {
    pub(crate) method: Method,
    /// Its path, and its query.
    pub(crate) path: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
    /// Whether it may change something.
    pub(crate) changes: bool,
    /// With which statuses a code of the contract comes; with any other it is a fault.
    pub(crate) refusals: &'static [StatusCode],
}

/// What was told: the data, and the headers that came with them.
pub(crate) struct Told<T> {
    pub(crate) data: T,
    pub(crate) headers: HeaderMap,
}

impl Exchange {
    /// The way to an address, such as `https://example.cn/guanxi`.
    pub(crate) fn new(base: &str, options: &Options) -> Result<Exchange, Error> {
        let url = address(base)?;
        let http = http(&url, options)?;
        let base = url.as_str().trim_end_matches('/').into();
        Ok(Exchange { http, base, options: Arc::new(options.clone()) })
    }

    /// The address.
    pub(crate) fn base(&self) -> &str {
        &self.base
    }

    /// Sends a request, again where that does no harm, and reads its answer.
    pub(crate) async fn ask<T: DeserializeOwned>(&self, ask: &Ask) -> Result<Told<T>, Error> {
        let mut rests = Rests::of(self.options.retries);
        loop {
            match self.once(ask).await {
                Ok(told) => return Ok(told),
                Err(error) => rests.rest(error).await?,
            }
        }
    }

    async fn once<T: DeserializeOwned>(&self, ask: &Ask) -> Result<Told<T>, Error> {
        let changes = ask.changes;
        let lost = |error: reqwest::Error| lost(&error, changes);
        let request = self
            .http
            .request(ask.method.clone(), format!("{}{}", self.base, ask.path))
            .headers(ask.headers.clone())
            .timeout(self.options.patience);
        let request = if ask.body.is_empty() { request } else { request.body(ask.body.clone()) };
        let mut response = request.send().await.map_err(lost)?;
        let (status, headers) = (response.status(), std::mem::take(response.headers_mut()));
        let most = self.options.most_bytes;
        let body = body(response, most).await.map_err(lost)?;
        let body = body.ok_or(Error::Unanswered { why: Why::TooLarge(most), changes })?;
        let data = read(status, &headers, &body, ask)?;
        Ok(Told { data, headers })
    }
}

/// What an answer tells.
fn read<T: DeserializeOwned>(
    status: StatusCode,
    headers: &HeaderMap,
    body: &[u8],
    &Ask { changes, refusals, .. }: &Ask,
) -> Result<T, Error> {
    let text = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    let retry_after = text(RETRY_AFTER).and_then(|seconds| seconds.parse().ok()).map(Duration::from_secs);
    let shape = |error: serde_json::Error| Error::Unanswered { why: Why::Shape(error.to_string()), changes };
    let envelope: Result<Envelope<serde_json::Value>, _> = serde_json::from_slice(body);
    match envelope {
        Ok(Envelope { code: 0, data, .. }) if status == StatusCode::OK => {
            serde_json::from_value(data.unwrap_or_default()).map_err(shape)
        }
        Ok(Envelope { code: number, message, .. }) if refusals.contains(&status) => {
            let (code, hint) = (ErrorCode::of(number), text(HINT).map(str::to_owned));
            Err(Error::Refused { code, number, message: message.into_owned(), hint, retry_after })
        }
        Err(error) if status == StatusCode::OK => Err(shape(error)),
        told => {
            let usual = || status.canonical_reason().unwrap_or("no status that HTTP knows").to_owned();
            let message = told.map_or_else(|_| usual(), |envelope| envelope.message.into_owned());
            Err(Error::Fault { status, message, retry_after, changes })
        }
    }
}

/// The bytes of an answer; none if they are too many.
#[cfg(not(target_family = "wasm"))]
async fn body(mut response: Response, most: usize) -> Result<Option<Vec<u8>>, reqwest::Error> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        if body.len() + chunk.len() > most {
            return Ok(None);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Some(body))
}

/// The bytes of an answer, which a browser tells at once; none if they are too many.
#[cfg(target_family = "wasm")]
async fn body(response: Response, most: usize) -> Result<Option<Vec<u8>>, reqwest::Error> {
    let body = response.bytes().await?;
    Ok((body.len() <= most).then(|| body.into()))
}

/// Why no answer came. The address of a request may have secrets in it, so it is not told.
fn lost(error: &reqwest::Error, changes: bool) -> Error {
    let mut deepest: &dyn std::error::Error = error;
    while let Some(cause) = deepest.source() {
        deepest = cause;
    }
    // One without a cause tells its address.
    let cause = || error.source().map_or("nothing more is known".to_owned(), |_| deepest.to_string());
    if error.is_builder() {
        Error::Wrong(cause())
    } else if is_connect(error) {
        Error::Unreachable(if error.is_timeout() { "no connection in time".to_owned() } else { cause() })
    } else {
        let why = if error.is_timeout() { Why::Slow } else { Why::Broken(cause()) };
        Error::Unanswered { why, changes }
    }
}

#[cfg(not(target_family = "wasm"))]
fn is_connect(error: &reqwest::Error) -> bool {
    error.is_connect()
}

/// A browser does not tell whether it had a connection.
#[cfg(target_family = "wasm")]
fn is_connect(_: &reqwest::Error) -> bool {
    false
}

/// The address of a service.
fn address(text: &str) -> Result<Url, Error> {
    let wrong = |why: &str| Error::Wrong(format!("{text:?} is no address of a service: {why}"));
    let url =
        Url::parse(text).map_err(|_| wrong("it has to begin with http:// or https://, and name a host"))?;
    let more = url.query().is_some() || url.fragment().is_some();
    let named = !url.username().is_empty() || url.password().is_some();
    match url.scheme() {
        _ if named => {
            Err(Error::Wrong("an address of a service has no name and no password in it".to_owned()))
        }
        _ if more => Err(wrong("it ends before the first ? or #")),
        "http" => Ok(url),
        "https" if cfg!(any(feature = "tls", target_family = "wasm")) => Ok(url),
        "https" => Err(wrong("this program was built without TLS")),
        _ => Err(wrong("it has to begin with http:// or https://")),
    }
}

#[cfg(not(target_family = "wasm"))]
fn http(url: &Url, options: &Options) -> Result<reqwest::Client, Error> {
    // A connection that the service is about to close for its idleness would lose the next request.
    const IDLE: Duration = Duration::from_secs(30);
    let builder = reqwest::Client::builder()
        .connect_timeout(options.connect)
        .pool_idle_timeout(IDLE)
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .user_agent(options.agent.as_str());
    #[cfg(feature = "tls")]
    let builder = builder.tls_backend_preconfigured(crate::tls::config(
        url.scheme() == "https",
        options.authorities.as_deref(),
    )?);
    #[cfg(not(feature = "tls"))]
    let _ = url;
    builder.build().map_err(|error| lost(&error, false))
}

/// In a browser, which has its own ways.
#[cfg(target_family = "wasm")]
fn http(_: &Url, _: &Options) -> Result<reqwest::Client, Error> {
    reqwest::Client::builder().build().map_err(|error| lost(&error, false))
}
