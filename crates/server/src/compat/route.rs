//! Answers of a route: a constant, or what an endpoint answers, under other names.

use super::names::{self, Pair, ParamNames};
use super::path_pattern::PathPattern;
use super::template::{RenderError, Template};
use crate::app::App;
use crate::http::params;
use crate::http::response::{ApiError, HINT_HEADER, json_response};
use crate::log_throttle::LogThrottle;
use crate::net::route_table::Router;
use crate::request_log;
use axum::body::Body;
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use guanxi_api::params::Params;
use guanxi_types::{ErrorCode, HttpError};
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, EXPECT, TRANSFER_ENCODING};
use http::request::Parts;
use http::uri::PathAndQuery;
use http::{HeaderValue, Method, StatusCode, Uri};
use http_body_util::BodyExt;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// A path that a compatibility file adds.
#[derive(Debug)]
pub(super) struct Route {
    pub(super) method: Method,
    pub(super) path: PathPattern,
    pub(super) reply: Reply,
}

/// The answers of a route.
#[derive(Debug)]
pub(super) enum Reply {
    /// A fixed JSON text.
    Constant(Vec<u8>),
    /// The answer of an endpoint.
    Call(Box<Call>),
}

/// The call of an endpoint.
#[derive(Debug)]
pub(super) struct Call {
    pub(super) method: Method,
    pub(super) path: &'static str,
    pub(super) names: ParamNames,
    pub(super) template: Option<PlacedTemplate>,
}

/// A template with its place in the file.
#[derive(Debug)]
pub(super) struct PlacedTemplate {
    pub(super) template: Template,
    pub(super) first_line: usize,
}

/// The parameters of a request under the names of the route.
struct OuterParams {
    path: Vec<Pair>,
    body: Params,
    query: Params,
}

/// The variables of a template.
#[derive(Serialize)]
struct Context {
    #[serde(flatten)]
    envelope: Answer,
    status: u16,
    params: BTreeMap<String, String>,
    now: i64,
}

/// The envelope of an endpoint's answer.
#[derive(Serialize, Deserialize)]
struct Answer {
    code: i64,
    message: String,
    #[serde(default)]
    data: Value,
}

impl Route {
    /// Answers a request.
    pub(super) async fn respond(&self, app: App, endpoints: &Router, request: Request) -> Response {
        match &self.reply {
            Reply::Constant(json) => json_response(StatusCode::OK, json.clone()),
            Reply::Call(call) => {
                self.call(call, &app, endpoints, request).await.unwrap_or_else(ApiError::into_response)
            }
        }
    }

    async fn call(
        &self,
        call: &Call,
        app: &App,
        endpoints: &Router,
        request: Request,
    ) -> Result<Response, ApiError> {
        let (parts, body) = request.into_parts();
        let outer = self.read_params(app, &parts, body).await?;
        let texts = call.template.as_ref().map(|_| outer.texts());
        let response = endpoints.respond(call.request(parts, &outer)?).await;
        let Some((template, params)) = call.template.as_ref().zip(texts) else { return Ok(response) };
        let (mut parts, body) = response.into_parts();
        let body = body.collect().await.map_err(|_| HttpError::InternalError)?.to_bytes();
        let envelope = serde_json::from_slice(&body).map_err(|_| HttpError::InternalError)?;
        let context = Context { envelope, status: parts.status.as_u16(), params, now: app.now() };
        match template.template.render(&context) {
            Ok(json) => {
                parts.headers.remove(CONTENT_LENGTH);
                Ok(Response::from_parts(parts, json.into()))
            }
            Err(error) => Ok(self.template_failed(template, &error)),
        }
    }

    /// Reads the parameters of a request. A malformed body, or one with too many parameters, is -400.
    async fn read_params(&self, app: &App, parts: &Parts, body: Body) -> Result<OuterParams, ApiError> {
        let query = Params::parse(parts.uri.query().unwrap_or_default().as_bytes());
        let form = match parts.method {
            Method::GET | Method::HEAD => Params::default(),
            _ => {
                let form = Box::pin(params::read_form(&parts.headers, body, &app.limits)).await?;
                if form.is_malformed() {
                    return Err(ErrorCode::BadRequest.into());
                }
                form.params
            }
        };
        if query.is_truncated() {
            return Err(ErrorCode::BadRequest.into());
        }
        let path = self.path.values(parts.uri.path()).into_iter();
        let path = path.map(|(name, value)| (name.as_bytes().to_vec(), value)).collect();
        Ok(OuterParams { path, body: form, query })
    }

    /// Logs the failure of the template, and answers with 500 and a hint.
    fn template_failed(&self, template: &PlacedTemplate, error: &RenderError) -> Response {
        static THROTTLE: LogThrottle = LogThrottle::new();
        let (route, line) = (self.path.as_str(), template.first_line + error.line() - 1);
        if let Some(occurrences) = THROTTLE.count() {
            let reason = error.kind();
            tracing::error!(route, line, reason, occurrences, "template failed, request answered with 500");
        }
        let failure = ApiError::Http(HttpError::InternalError);
        request_log::record_code(failure.code());
        let mut response = failure.into_response();
        let hint =
            format!("{} {route}: template, line {line}: {error}", self.method).replace(char::is_control, " ");
        response.headers_mut().extend(HeaderValue::try_from(hint).map(|hint| (HINT_HEADER, hint)));
        response
    }
}

impl OuterParams {
    /// Returns the parameters as texts. The first of several of a name counts.
    fn texts(&self) -> BTreeMap<String, String> {
        let path = self.path.iter().map(|(name, value)| (name.as_slice(), value.as_slice()));
        let mut texts = BTreeMap::new();
        let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
        for (name, value) in path.chain(self.body.iter()).chain(self.query.iter()) {
            texts.entry(text(name)).or_insert_with(|| text(value));
        }
        texts
    }
}

impl Call {
    /// Returns the request of the endpoint, with the headers and extensions of the route's request.
    ///
    /// Parameters of the body stay in the body, since an endpoint reads secrets from nowhere else. The path is part
    /// of the query, and takes precedence.
    fn request(&self, mut parts: Parts, outer: &OuterParams) -> Result<Request, ApiError> {
        let path =
            self.names.rename(outer.path.iter().map(|(name, value)| (name.as_slice(), value.as_slice())));
        let without_path = |mut pairs: Vec<Pair>| {
            pairs.retain(|(name, _)| path.iter().all(|(known, _)| known != name));
            pairs
        };
        let mut body = without_path(self.names.rename(outer.body.iter()));
        let query = without_path(self.names.rename(outer.query.iter()));
        let mut pairs = path.clone();
        if self.method == Method::GET {
            pairs.append(&mut body);
        }
        pairs.extend(query);
        pairs.extend(self.names.defaults());
        parts.uri = with_path_and_query(parts.uri, &format!("{}?{}", self.path, names::encode(&pairs)))?;
        for header in [CONTENT_LENGTH, CONTENT_ENCODING, CONTENT_TYPE, TRANSFER_ENCODING, EXPECT] {
            parts.headers.remove(header);
        }
        parts.method = self.method.clone();
        Ok(Request::from_parts(parts, Body::from(names::encode(&body))))
    }
}

/// Returns a URI with another path and query. A query that no URI can hold is -400.
fn with_path_and_query(uri: Uri, path_and_query: &str) -> Result<Uri, ApiError> {
    let invalid = |_| ApiError::from(ErrorCode::BadRequest);
    let mut parts = uri.into_parts();
    parts.path_and_query = Some(PathAndQuery::try_from(path_and_query).map_err(invalid)?);
    Uri::from_parts(parts).map_err(|_| ErrorCode::BadRequest.into())
}
