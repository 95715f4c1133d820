//! An endpoint with its handler, without the types of its request and its data. What all endpoints have in common
//! is therefore compiled once.

use crate::app::App;
use crate::extract::{ApiRequest, IdentifiedRequest};
use crate::http::response::{ApiError, Success};
use crate::metrics::EndpointMetrics;
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use guanxi_api::Endpoint;
use guanxi_api::auth::{Auth, AuthRequirement};
use guanxi_api::endpoint::ParamLocation;
use http::Method;
use std::fmt;
use tokio::time::Instant;

type Call = dyn Fn(App, IdentifiedRequest) -> BoxFuture<'static, Result<Response, ApiError>> + Send + Sync;

/// An endpoint with its handler.
pub(crate) struct ServedEndpoint {
    pub(crate) path: &'static str,
    pub(crate) auth: AuthRequirement,
    pub(crate) param_location: ParamLocation,
    /// True if members call the endpoint, and it writes nothing.
    pub(crate) is_members_read: bool,
    /// `None` if the endpoint is only documented.
    metrics: Option<EndpointMetrics>,
    call: Box<Call>,
}

impl fmt::Debug for ServedEndpoint {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_tuple("ServedEndpoint").field(&self.path).finish()
    }
}

impl ServedEndpoint {
    /// Creates the endpoint of a handler.
    pub(crate) fn new<E, H, F, D>(handler: H, metrics: Option<EndpointMetrics>) -> ServedEndpoint
    where
        E: Endpoint + 'static,
        H: Fn(App, ApiRequest<E>) -> F + Send + Sync + 'static,
        F: Future<Output = Result<D, ApiError>> + Send + 'static,
        D: Into<Success<E::Data>> + 'static,
    {
        let call = move |app, request| match ApiRequest::decode(request) {
            Ok(request) => handler(app, request).map(|result| Ok(result?.into().into_response())).boxed(),
            Err(error) => std::future::ready(Err(error)).boxed(),
        };
        ServedEndpoint {
            path: E::PATH,
            auth: E::Auth::REQUIREMENT,
            param_location: E::param_location(),
            is_members_read: E::METHOD == Method::GET
                && !matches!(E::Auth::REQUIREMENT, AuthRequirement::Operator(_)),
            metrics,
            call: Box::new(call),
        }
    }

    /// Checks the access rule and the parameters of a request, and handles it.
    pub(crate) async fn call(&self, app: App, request: IdentifiedRequest) -> Result<Response, ApiError> {
        (self.call)(app, request).await
    }

    /// Counts a request that ended with a code.
    pub(crate) fn record(&self, code: i32, started: Instant) {
        if let Some(metrics) = &self.metrics {
            metrics.record(code, started);
        }
    }

    /// True if operators call the endpoint.
    pub(crate) fn is_operator(&self) -> bool {
        matches!(self.auth, AuthRequirement::Operator(_))
    }
}
