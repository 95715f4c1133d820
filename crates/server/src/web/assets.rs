//! Routes of the static assets: style sheet, script, logo and default avatar.

use crate::app::App;
use crate::default_avatar;
use crate::net::route_table::RouteTable;
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderName, Method};
use sha2::{Digest, Sha256};
use std::sync::LazyLock;

const STYLE: &str = include_str!("../../assets/guanxi.css");
const SCRIPT: &str = include_str!("../../assets/guanxi.js");
const LOGO: &str = include_str!("../../assets/guanxi.svg");

/// Returns the routes of the assets.
pub fn routes() -> RouteTable {
    let asset = |content_type: &'static str, text: &'static str| {
        move |_, _| async move {
            let headers = [
                (CONTENT_TYPE, content_type),
                // The URLs in pages contain the version.
                (CACHE_CONTROL, "public, max-age=31536000, immutable"),
            ];
            (headers, text).into_response()
        }
    };
    RouteTable::default()
        .route(Method::GET, "/assets/guanxi.css", asset("text/css; charset=utf-8", STYLE))
        .route(Method::GET, "/assets/guanxi.js", asset("text/javascript; charset=utf-8", SCRIPT))
        .route(Method::GET, "/assets/guanxi.svg", asset("image/svg+xml", LOGO))
        .route(Method::GET, default_avatar::PATH, default_avatar_image)
}

/// Serves the default avatar. Its URL has no version. Pages of any site may embed it, as they embed members' own
/// pictures.
async fn default_avatar_image(_: App, _: Request) -> Response {
    let headers = [
        (CONTENT_TYPE, "image/gif"),
        (CACHE_CONTROL, "public, max-age=86400"),
        (HeaderName::from_static("cross-origin-resource-policy"), "cross-origin"),
    ];
    (headers, default_avatar::PICTURE).into_response()
}

/// Returns the hash of the assets, which changes with each of them.
pub fn version() -> &'static str {
    static VERSION: LazyLock<String> = LazyLock::new(|| {
        let hash = [STYLE, SCRIPT, LOGO].iter().fold(Sha256::new(), Sha256::chain_update);
        crate::session_token::to_hex(&hash.finalize()[..6])
    });
    &VERSION
}
