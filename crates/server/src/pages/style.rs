//! The style sheet, the script, the mark and the picture of who has none, as they are served.

use crate::app::App;
use crate::noface;
use axum::Router;
use axum::response::IntoResponse;
use axum::routing::get;
use http::HeaderName;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use sha2::{Digest, Sha256};
use std::sync::LazyLock;

const STYLE: &str = include_str!("../../assets/guanxi.css");
const SCRIPT: &str = include_str!("../../assets/guanxi.js");
const MARK: &str = include_str!("../../assets/guanxi.svg");

/// Their routes.
pub fn routes() -> Router<App> {
    let asset = |kind: &'static str, text: &'static str| {
        get(move || async move {
            let headers = [
                (CONTENT_TYPE, kind),
                // Pages name them with their version.
                (CACHE_CONTROL, "public, max-age=31536000, immutable"),
            ];
            (headers, text).into_response()
        })
    };
    Router::new()
        .route("/assets/guanxi.css", asset("text/css; charset=utf-8", STYLE))
        .route("/assets/guanxi.js", asset("text/javascript; charset=utf-8", SCRIPT))
        .route("/assets/guanxi.svg", asset("image/svg+xml", MARK))
        .route(noface::PATH, get(picture))
}

/// The picture of who has none. Its address has no version, and pages of any site may show it, as they show members' own.
async fn picture() -> impl IntoResponse {
    let headers = [
        (CONTENT_TYPE, "image/gif"),
        (CACHE_CONTROL, "public, max-age=86400"),
        (HeaderName::from_static("cross-origin-resource-policy"), "cross-origin"),
    ];
    (headers, noface::PICTURE)
}

/// What tells these from those of another version.
pub fn version() -> &'static str {
    static VERSION: LazyLock<String> = LazyLock::new(|| {
        let hash = [STYLE, SCRIPT, MARK].iter().fold(Sha256::new(), Sha256::chain_update);
        crate::session::hex(&hash.finalize()[..6])
    });
    &VERSION
}
