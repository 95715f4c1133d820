//! Endpoints for monitoring. They need no token, and contain no data of members.

use crate::app::App;
use crate::http::response::ApiError;
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use guanxi_storage::Store;
use guanxi_storage::commands::ProbeWrites;
use guanxi_types::HttpError;
use http::header::CONTENT_TYPE;
use std::time::Duration;
use tokio::sync::Mutex;
use tokio::time::{Instant, timeout};

/// The longest duration of a write of a ready service.
const PROBE_TIMEOUT: Duration = Duration::from_secs(1);

/// The time for which a result is cached, so that frequent requests cause no further writes.
const CACHE_DURATION: Duration = Duration::from_secs(1);

/// The time and the result of the last probe. The lock is held during a probe, so that concurrent requests share
/// it.
pub type Readiness = Mutex<Option<(Instant, bool)>>;

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
    if is_ready(&app).await {
        "ok".into_response()
    } else {
        ApiError::from(HttpError::Unavailable).into_response()
    }
}

/// Returns true if a write would be durable, as of at most one second ago. The probe is a write without effect,
/// which takes the path of all writes.
pub async fn is_ready(app: &App) -> bool {
    let mut last_probe = app.readiness.lock().await;
    if let Some((at, ready)) = *last_probe
        && at.elapsed() < CACHE_DURATION
    {
        return ready;
    }
    // Set before the probe: a caller that disconnects during it must not cause a further write.
    *last_probe = Some((Instant::now(), last_probe.is_some_and(|(_, ready)| ready)));
    let ready = match timeout(PROBE_TIMEOUT, app.store.run(ProbeWrites)).await {
        Ok(Ok(())) => true,
        Ok(Err(error)) => {
            tracing::warn!(%error, "not ready: a write would not be durable");
            false
        }
        Err(_) => {
            tracing::warn!(timeout = ?PROBE_TIMEOUT, "not ready: a write takes too long");
            false
        }
    };
    *last_probe = Some((Instant::now(), ready));
    ready
}
