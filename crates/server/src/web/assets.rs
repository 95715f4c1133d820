//! Routes of files: style sheet, script, logo, default picture, and the pictures of members.

use crate::app::App;
use crate::face_url;
use crate::http::response::ApiError;
use crate::http::security_headers::with_no_compression;
use crate::net::route_table::RouteTable;
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use guanxi_domain::picture::PicturePath;
use guanxi_storage::Store;
use guanxi_storage::model::Picture;
use guanxi_types::HttpError;
use http::header::{
    CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, IF_NONE_MATCH,
};
use http::{HeaderName, HeaderValue, Method, StatusCode};
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
        .route(Method::GET, face_url::DEFAULT_PATH, default_picture)
        .route(Method::GET, "/face/{mid}/{hash}/{file}", picture)
}

const CORP: HeaderName = HeaderName::from_static("cross-origin-resource-policy");
const NO_STORE: [(HeaderName, &str); 1] = [(CACHE_CONTROL, "no-store")];

/// Serves the default picture. Its URL has no version. Pages of any site may embed it, as they embed members' own
/// pictures.
async fn default_picture(_: App, _: Request) -> Response {
    let headers =
        [(CONTENT_TYPE, "image/gif"), (CACHE_CONTROL, "public, max-age=86400"), (CORP, "cross-origin")];
    (headers, face_url::DEFAULT_PICTURE).into_response()
}

/// Serves a size of the picture of a member. Its URL contains a hash of the picture, so it never changes. The bytes
/// come from a member, and no page that embeds them runs anything of them.
async fn picture(app: App, request: Request) -> Response {
    let not_found = || (NO_STORE, ApiError::Http(HttpError::NotFound)).into_response();
    let Some(path) = PicturePath::parse(request.uri().path()) else { return not_found() };
    let picture = match app.store.get::<Picture>((path.mid, path.size)).await {
        Ok(picture) => picture,
        Err(error) => return (NO_STORE, ApiError::from(error)).into_response(),
    };
    let Some(picture) = picture.filter(|picture| picture.hash == path.hash) else { return not_found() };
    let etag = format!("\"{:016x}-{}\"", path.hash, path.size);
    let has_copy = request.headers().get(IF_NONE_MATCH).is_some_and(|tags| is_in_tags(tags, &etag));
    let headers = [
        (CONTENT_TYPE, "image/jpeg"),
        (CACHE_CONTROL, "public, max-age=31536000, immutable"),
        (ETAG, etag.as_str()),
        (CONTENT_DISPOSITION, "inline; filename=\"face.jpg\""),
        (CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox"),
        (CORP, "cross-origin"),
    ];
    if has_copy {
        return (StatusCode::NOT_MODIFIED, headers).into_response();
    }
    with_no_compression((headers, picture.jpeg.0).into_response())
}

/// Returns true if a list of tags names a file.
fn is_in_tags(tags: &HeaderValue, etag: &str) -> bool {
    let tags = tags.to_str().unwrap_or_default().split(',').map(str::trim);
    tags.map(|tag| tag.strip_prefix("W/").unwrap_or(tag)).any(|tag| tag == etag || tag == "*")
}

/// Returns the hash of the assets, which changes with each of them.
pub fn version() -> &'static str {
    static VERSION: LazyLock<String> = LazyLock::new(|| {
        let hash = [STYLE, SCRIPT, LOGO].iter().fold(Sha256::new(), Sha256::chain_update);
        crate::session_token::to_hex(&hash.finalize()[..6])
    });
    &VERSION
}
