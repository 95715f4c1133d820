//! Redirects of browsers, and the paths of pages to which they lead.

use crate::local_path;
use axum::body::Body;
use axum::response::Response;
use guanxi_api::params::{Params, encode_form};
use http::header::{HeaderValue, LOCATION, SET_COOKIE};
use http::uri::PathAndQuery;
use http::{StatusCode, Uri};

/// Returns the path that a successful form redirects to: a local path, or `/`.
pub fn back_path(params: &Params) -> String {
    path_param(params, "back").unwrap_or("/").to_owned()
}

/// Returns the path of the page that contains the form.
pub fn form_path(params: &Params) -> String {
    path_param(params, "at").map_or_else(|| back_path(params), str::to_owned)
}

fn path_param<'p>(params: &'p Params, name: &str) -> Option<&'p str> {
    let path = params.get_raw(name).and_then(|path| std::str::from_utf8(path).ok());
    path.filter(|path| is_page_path(path))
}

/// Returns the requested path with its query. The query is dropped if it is not valid as a redirect target. Every
/// form of a page repeats this path, so a long query would multiply the size of the page.
pub fn path_and_query(uri: &Uri) -> String {
    let full = uri.path_and_query().map(PathAndQuery::as_str);
    full.into_iter().chain([uri.path()]).find(|path| is_page_path(path)).unwrap_or("/").to_owned()
}

/// Returns true if a browser can be redirected there and remains on this service (open-redirect guard).
pub fn is_page_path(path: &str) -> bool {
    local_path::is_local_path(path)
        && path.len() <= 2048
        && path.parse::<Uri>().is_ok()
        && HeaderValue::from_str(path).is_ok()
}

/// Redirects the browser to a page (303).
pub fn redirect(path: &str, cookies: Vec<HeaderValue>) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::SEE_OTHER;
    let location = HeaderValue::from_str(path).unwrap_or(HeaderValue::from_static("/"));
    response.headers_mut().insert(LOCATION, location);
    response.headers_mut().extend(cookies.into_iter().map(|cookie| (SET_COOKIE, cookie)));
    response
}

/// Redirects to the login page, which leads back to `back` afterwards.
pub fn redirect_to_login(back: &str) -> Response {
    redirect(&path_with_back("/login", back), Vec::new())
}

/// Returns the path of a page that leads back to `back` afterwards.
pub fn path_with_back(page: &str, back: &str) -> String {
    if back == "/" { page.to_owned() } else { format!("{page}?{}", encode_form([("back", back)])) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn redirect_targets_are_local_paths_only() {
        let cases = [
            ("/", true),
            ("/fans?pn=2&q=%E7%94%B2", true),
            ("", false),
            ("fans", false),
            ("//b.cn/", false),
            ("/\\b.cn/", false),
            ("https://b.cn/", false),
            ("/a\r\nSet-Cookie: x", false),
            ("/ a", false),
        ];
        for (path, expected) in cases {
            assert_eq!(is_page_path(path), expected, "{path}");
        }
        assert!(!is_page_path(&format!("/{}", "a".repeat(2048))));
    }
}
