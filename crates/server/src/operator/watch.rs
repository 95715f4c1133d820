//! What watches the service: no token, and nothing of anybody.

use super::denied::Denied;
use crate::app::App;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use guanxi_store::Store;
use guanxi_store::command::Ping;
use guanxi_wire::Fault;
use http::header::CONTENT_TYPE;
use std::time::Duration;

/// How long the store may take to say that it is there.
const PATIENCE: Duration = Duration::from_secs(1);

/// `GET /metrics`: what the service counts of itself, for Prometheus.
pub async fn metrics(State(app): State<App>) -> Response {
    match app.meter.text() {
        Ok(text) => {
            let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
            ([(CONTENT_TYPE, kind)], text).into_response()
        }
        Err(_) => Denied::from(Fault::Broken).into_response(),
    }
}

/// `GET /healthz`: the program runs.
pub async fn healthz() -> &'static str {
    "ok"
}

/// `GET /readyz`: the store answers, and its writer gets to what it is given.
pub async fn readyz(State(app): State<App>) -> Response {
    if is_ready(&app).await { "ok".into_response() } else { Denied::from(Fault::Unavailable).into_response() }
}

/// Whether the store answers, and its writer gets to what it is given.
pub async fn is_ready(app: &App) -> bool {
    matches!(tokio::time::timeout(PATIENCE, app.store.run(Ping)).await, Ok(Ok(())))
}
