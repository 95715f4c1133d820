//! Endpoints for monitoring. They need no token, and contain no data of members.

use crate::app::App;
use crate::http::response::ApiError;
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use guanxi_types::HttpError;
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

/// `GET /readyz`: writes are durable.
pub async fn readyz(app: App, _: Request) -> Response {
    if app.readiness.probe(&app.store).await {
        "ok".into_response()
    } else {
        ApiError::from(HttpError::Unavailable).into_response()
    }
}
