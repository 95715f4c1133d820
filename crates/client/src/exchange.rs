//! HTTP requests and responses.

use crate::retry::Backoff;
use crate::{Error, Options, UnknownOutcome};
use bytes::Bytes;
use guanxi_api::auth::{Auth, AuthRequirement};
use guanxi_api::endpoint::ParamLocation;
use guanxi_api::params::{Multipart, Params};
use guanxi_api::{Endpoint, Envelope};
use guanxi_types::ErrorCode;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, RETRY_AFTER};
use reqwest::{Method, Response, StatusCode, Url};
use serde::de::DeserializeOwned;
use std::error::Error as _;
use std::sync::Arc;
use std::time::Duration;

/// The header with the invalid parameter and its error.
const HINT_HEADER: HeaderName = HeaderName::from_static("guanxi-hint");

/// A connection pool to one service. Clones share the connections.
#[derive(Clone)]
pub(crate) struct HttpExchange {
    http: reqwest::Client,
    base_url: Arc<str>,
    options: Arc<Options>,
}

/// A request in the form of HTTP.
pub(crate) struct OutgoingRequest {
    pub(crate) method: Method,
    /// The path with the query.
    pub(crate) path: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
    /// True if the request may change something.
    pub(crate) is_write: bool,
    /// The statuses of rejections by code. Any other status is an error of HTTP or of the service.
    pub(crate) rejection_statuses: &'static [StatusCode],
}

/// The part of a request that its endpoint states.
#[derive(Clone, Copy)]
pub(crate) struct RequestLine {
    method: &'static Method,
    pub(crate) path: &'static str,
    param_location: ParamLocation,
    pub(crate) requirement: AuthRequirement,
}

impl RequestLine {
    pub(crate) fn of<E: Endpoint>() -> RequestLine {
        RequestLine {
            method: const { &E::METHOD },
            path: E::PATH,
            param_location: E::param_location(),
            requirement: E::Auth::REQUIREMENT,
        }
    }

    /// Returns true if the endpoint may change something. Polling a QR code may log in, and scanning one is recorded,
    /// so these GETs count as writes.
    fn is_write(self) -> bool {
        *self.method != Method::GET || self.path.starts_with("/passport/qrcode")
    }
}

// The endpoint is a value here, as code for each of many types takes long to compile.
impl OutgoingRequest {
    /// Returns the request of an endpoint. `params` are its encoded parameters, and `file` is the file among them.
    pub(crate) fn new(
        line: RequestLine,
        params: String,
        file: Option<(&'static str, &Bytes)>,
        mut headers: HeaderMap,
        rejection_statuses: &'static [StatusCode],
    ) -> OutgoingRequest {
        let content_type = match line.param_location {
            ParamLocation::Query => None,
            ParamLocation::Form | ParamLocation::Multipart => Some("application/x-www-form-urlencoded"),
            ParamLocation::Json => Some("application/json"),
        };
        headers.extend(content_type.map(|value| (CONTENT_TYPE, HeaderValue::from_static(value))));
        let (path, mut body) = match content_type {
            Some(_) => (line.path.to_owned(), params.into_bytes()),
            None if params.is_empty() => (line.path.to_owned(), Vec::new()),
            None => (format!("{}?{params}", line.path), Vec::new()),
        };
        if let Some((name, bytes)) = file {
            let multipart = Multipart::new(Params::parse(&body).iter(), name, bytes);
            if let Ok(content_type) = HeaderValue::try_from(multipart.content_type) {
                headers.insert(CONTENT_TYPE, content_type);
            }
            body = multipart.body;
        }
        let (method, is_write) = (line.method.clone(), line.is_write());
        OutgoingRequest { method, path, headers, body, is_write, rejection_statuses }
    }
}

/// A response with code 0.
pub(crate) struct IncomingResponse {
    data: serde_json::Value,
    pub(crate) headers: HeaderMap,
    is_write: bool,
}

impl IncomingResponse {
    /// Decodes the response data.
    pub(crate) fn decode<T: DeserializeOwned>(&mut self) -> Result<T, Error> {
        let decoded = serde_json::from_value(std::mem::take(&mut self.data));
        decoded.map_err(|error| invalid_response(&error, self.is_write))
    }
}

fn invalid_response(error: &serde_json::Error, is_write: bool) -> Error {
    Error::OutcomeUnknown { reason: UnknownOutcome::InvalidResponse(error.to_string()), is_write }
}

impl HttpExchange {
    /// Returns a connection pool to a base URL, such as `https://example.cn/guanxi`.
    pub(crate) fn new(base: &str, options: &Options) -> Result<HttpExchange, Error> {
        let url = parse_base_url(base)?;
        let http = http_client(&url, options)?;
        let base_url = url.as_str().trim_end_matches('/').into();
        Ok(HttpExchange { http, base_url, options: Arc::new(options.clone()) })
    }

    /// Returns the base URL, without a slash at its end.
    pub(crate) fn base_url(&self) -> &str {
        &self.base_url
    }

    /// Sends a request and parses its response. Retries where the policy and the kind of request allow it.
    pub(crate) async fn send(&self, request: &OutgoingRequest) -> Result<IncomingResponse, Error> {
        let mut backoff = Backoff::new(self.options.retries);
        loop {
            match self.send_once(request).await {
                Ok(response) => return Ok(response),
                Err(error) => backoff.wait_before_retry(error).await?,
            }
        }
    }

    async fn send_once(&self, request: &OutgoingRequest) -> Result<IncomingResponse, Error> {
        let is_write = request.is_write;
        let failed = |error: reqwest::Error| transport_error(&error, is_write);
        let builder = self
            .http
            .request(request.method.clone(), format!("{}{}", self.base_url, request.path))
            .headers(request.headers.clone())
            .timeout(self.options.request_timeout);
        let builder = if request.body.is_empty() { builder } else { builder.body(request.body.clone()) };
        let mut response = builder.send().await.map_err(failed)?;
        let (status, headers) = (response.status(), std::mem::take(response.headers_mut()));
        let max = self.options.max_response_bytes;
        let body = read_body(response, max).await.map_err(failed)?;
        let body = body.ok_or(Error::OutcomeUnknown { reason: UnknownOutcome::TooLarge(max), is_write })?;
        let data = parse_response(status, &headers, &body, request)?;
        Ok(IncomingResponse { data, headers, is_write })
    }
}

/// Parses the response of a request. Returns its data.
fn parse_response(
    status: StatusCode,
    headers: &HeaderMap,
    body: &[u8],
    &OutgoingRequest { is_write, rejection_statuses, .. }: &OutgoingRequest,
) -> Result<serde_json::Value, Error> {
    let header = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    let retry_after = header(RETRY_AFTER).and_then(|seconds| seconds.parse().ok()).map(Duration::from_secs);
    let envelope: Result<Envelope<serde_json::Value>, _> = serde_json::from_slice(body);
    match envelope {
        Ok(Envelope { code: 0, data, .. }) if status == StatusCode::OK => Ok(data.unwrap_or_default()),
        Ok(Envelope { code: number, message, .. }) if rejection_statuses.contains(&status) => {
            let (code, hint) = (ErrorCode::from_number(number), header(HINT_HEADER).map(str::to_owned));
            Err(Error::Rejected { code, number, message: message.into_owned(), hint, retry_after })
        }
        Err(error) if status == StatusCode::OK => Err(invalid_response(&error, is_write)),
        envelope => {
            let reason = || status.canonical_reason().unwrap_or("unknown status").to_owned();
            let message = envelope.map_or_else(|_| reason(), |envelope| envelope.message.into_owned());
            Err(Error::Http { status, message, retry_after, is_write })
        }
    }
}

/// Reads the body of a response. `None` if it has more than `max` bytes.
#[cfg(not(target_family = "wasm"))]
async fn read_body(mut response: Response, max: usize) -> Result<Option<Vec<u8>>, reqwest::Error> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        if body.len() + chunk.len() > max {
            return Ok(None);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Some(body))
}

/// Reads the body of a response, which a browser buffers. `None` if it has more than `max` bytes.
#[cfg(target_family = "wasm")]
async fn read_body(response: Response, max: usize) -> Result<Option<Vec<u8>>, reqwest::Error> {
    let body = response.bytes().await?;
    Ok((body.len() <= max).then(|| body.into()))
}

/// Maps an error of the connection. The URL of a request may contain secrets, so the error omits it.
fn transport_error(error: &reqwest::Error, is_write: bool) -> Error {
    let mut deepest: &dyn std::error::Error = error;
    while let Some(cause) = deepest.source() {
        deepest = cause;
    }
    // An error without a source prints the URL.
    let cause = || error.source().map_or("unknown cause".to_owned(), |_| deepest.to_string());
    if error.is_builder() {
        Error::InvalidInput(cause())
    } else if is_connect(error) {
        Error::Unreachable(if error.is_timeout() { "no connection in time".to_owned() } else { cause() })
    } else {
        let reason = if error.is_timeout() {
            UnknownOutcome::Timeout
        } else {
            UnknownOutcome::ConnectionLost(cause())
        };
        Error::OutcomeUnknown { reason, is_write }
    }
}

#[cfg(not(target_family = "wasm"))]
fn is_connect(error: &reqwest::Error) -> bool {
    error.is_connect()
}

/// A browser does not report whether it had a connection.
#[cfg(target_family = "wasm")]
fn is_connect(_: &reqwest::Error) -> bool {
    false
}

/// Parses the base URL of a service.
fn parse_base_url(text: &str) -> Result<Url, Error> {
    let invalid = |why: &str| Error::InvalidInput(format!("{text:?} is not the URL of a service: {why}"));
    let url =
        Url::parse(text).map_err(|_| invalid("it must begin with http:// or https://, and name a host"))?;
    let has_suffix = url.query().is_some() || url.fragment().is_some();
    let has_credentials = !url.username().is_empty() || url.password().is_some();
    match url.scheme() {
        // The text contains a password, so the error omits it.
        _ if has_credentials => {
            Err(Error::InvalidInput("the URL of a service must have no user name and no password".to_owned()))
        }
        _ if has_suffix => Err(invalid("it must end before the first ? or #")),
        "http" => Ok(url),
        "https" if cfg!(any(feature = "tls", target_family = "wasm")) => Ok(url),
        "https" => Err(invalid("this program was built without TLS")),
        _ => Err(invalid("it must begin with http:// or https://")),
    }
}

#[cfg(not(target_family = "wasm"))]
fn http_client(url: &Url, options: &Options) -> Result<reqwest::Client, Error> {
    // Shorter than the idle timeout of the service, which would otherwise close the connection under the next
    // request.
    const IDLE_TIMEOUT: Duration = Duration::from_secs(30);
    let builder = reqwest::Client::builder()
        .connect_timeout(options.connect_timeout)
        .pool_idle_timeout(IDLE_TIMEOUT)
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .user_agent(options.user_agent.as_str());
    #[cfg(feature = "tls")]
    let builder = builder.tls_backend_preconfigured(crate::tls::config(
        url.scheme() == "https",
        options.root_certificates.as_deref(),
    )?);
    #[cfg(not(feature = "tls"))]
    let _ = url;
    builder.build().map_err(|error| transport_error(&error, false))
}

/// Returns the HTTP client of a browser, which has no options.
#[cfg(target_family = "wasm")]
fn http_client(_: &Url, _: &Options) -> Result<reqwest::Client, Error> {
    reqwest::Client::builder().build().map_err(|error| transport_error(&error, false))
}
