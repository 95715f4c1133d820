//! Endpoints for monitoring. They need no token, and contain no data of members.

use crate::app::App;
use crate::http::response::ApiError;
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use guanxi_types::HttpError;
use http::HeaderValue;
use http::header::CONTENT_TYPE;

/// `GET /metrics`: the metrics of the service, for Prometheus.
pub async fn metrics(app: App, _: Request) -> Response {
    match app.metrics.encode_text() {
        Ok(text) => {
            let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
            ([(CONTENT_TYPE, kind)], text).into_response()
        }
        Err(_) => ApiError::from(HttpError::InternalError).into_response(),
    }
}

/// `GET /healthz`: the process is alive.
pub async fn healthz(_: App, _: Request) -> Response {
    "ok".into_response()
}

/// `GET /readyz`: writes are durable. The answer names the reason if they are not.
pub async fn readyz(app: App, _: Request) -> Response {
    match app.readiness.probe(&app.store).await {
        Ok(()) => "ok".into_response(),
        Err(reason) => {
            let mut response = ApiError::from(HttpError::Unavailable).into_response();
            response
                .headers_mut()
                .insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
            *response.body_mut() = format!("not ready: {reason}").into();
            response
        }
    }
}
