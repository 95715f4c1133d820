//! Form posts. A form is a write of the API, sent to the endpoint's path under `/form`.
//!
//! The field `back` is the page to redirect to on success. A rejected form redisplays its own page with the error
//! and the submitted fields. The field `at` is that page's path if it is not `back`.

use super::flash::{self, Flash};
use super::operator;
use crate::app::App;
use crate::extract::{self, ApiRequest};
use crate::http::params;
use crate::http::response::{ApiError, ApiResponse};
use crate::http::security_headers::with_security_headers;
use crate::local_path;
use crate::net::route_table::{RouteTable, Router};
use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use futures_util::FutureExt;
use guanxi_api::Endpoint;
use guanxi_api::auth::{Auth, AuthRequirement};
use guanxi_api::params::{Params, encode_form};
use guanxi_types::ErrorCode;
use http::header::{HeaderValue, LOCATION, SET_COOKIE};
use http::request::Parts;
use http::uri::PathAndQuery;
use http::{Extensions, HeaderMap, Method, StatusCode, Uri};

/// Returns the routes of the form post of an endpoint.
pub fn routes<H, F>(endpoint: &str, handler: H) -> RouteTable
where
    H: Fn(App, Request) -> F + Send + Sync + 'static,
    F: Future<Output = Response> + Send + 'static,
{
    let path = format!("/form{endpoint}");
    let serve = move |app: App, request| {
        let images = app.image_origins.clone();
        handler(app, request).map(move |response| with_security_headers(response, &images))
    };
    RouteTable::default()
        // A GET of the form's path is a reload after a rejected post; the submitted fields are lost.
        .route(Method::GET, &path, |_, _| async { redirect("/", Vec::new()) })
        .route(Method::POST, &path, serve)
}

/// Handles a form post with the endpoint's handler, and responds with a redirect or a page of `pages`.
pub async fn handle_form<E, H, F, D>(
    app: App,
    pages: fn() -> RouteTable,
    request: Request,
    handler: H,
) -> (Result<(), i32>, Response)
where
    E: Endpoint,
    H: Fn(App, ApiRequest<E>) -> F,
    F: Future<Output = Result<D, ApiError>>,
    D: Into<ApiResponse<E::Data>>,
{
    let (parts, body) = request.into_parts();
    let redisplay = RedisplayRequest::from_parts(&parts);
    let mut form = match params::read_params(&parts, body, &app.limits).await {
        Ok(form) => form,
        Err(error) => {
            return redisplay.show_error(pages().with_state(app), &error.into(), Params::default()).await;
        }
    };
    form.params = form.params.with_lists();
    let submitted = form.params.clone();
    let request = match E::Auth::REQUIREMENT {
        AuthRequirement::Operator(_) => operator::forms::authenticate_form(&app, parts, form).await,
        _ => extract::authenticate_member(&app, parts, form).await,
    };
    let result = match request {
        Ok(request) => handler(app.clone(), request).await.map(|response| response.into().into_cookies()),
        Err(error) => Err(error),
    };
    match result {
        Ok(cookies) => {
            let mut response = redirect(&back_path(&submitted), cookies);
            flash::set_cookie(&mut response, E::PATH, &submitted);
            (Ok(()), response)
        }
        Err(error) => redisplay.show_error(pages().with_state(app), &error, submitted).await,
    }
}

/// Headers and extensions of a form post, for the request that redisplays its page.
pub struct RedisplayRequest {
    headers: HeaderMap,
    extensions: Extensions,
}

impl RedisplayRequest {
    /// Copies headers and extensions from the form post.
    pub fn from_parts(parts: &Parts) -> RedisplayRequest {
        RedisplayRequest { headers: parts.headers.clone(), extensions: parts.extensions.clone() }
    }

    async fn show_error(
        self,
        pages: Router,
        error: &ApiError,
        submitted: Params,
    ) -> (Result<(), i32>, Response) {
        let path = form_path(&submitted);
        let response = if matches!(error, ApiError::Code(ErrorCode::NotLoggedIn)) {
            redirect_to_login(&path)
        } else {
            self.show(pages, &path, Flash::from_error(error, submitted)).await
        };
        (Err(error.code()), response)
    }

    /// Renders the page at `path` with a flash message.
    pub async fn show(self, pages: Router, path: &str, flash: Flash) -> Response {
        pages.respond(self.into_request(path, flash)).await
    }

    /// Builds the request for the page at `path` with a flash message.
    pub fn into_request(self, path: &str, flash: Flash) -> Request {
        let mut request = Request::new(Body::empty());
        *request.method_mut() = Method::GET;
        *request.uri_mut() = path.parse().unwrap_or_default();
        *request.headers_mut() = self.headers;
        *request.extensions_mut() = self.extensions;
        request.extensions_mut().insert(flash);
        request
    }
}

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
pub(super) fn is_page_path(path: &str) -> bool {
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
pub(super) fn redirect_to_login(back: &str) -> Response {
    if back == "/" {
        return redirect("/login", Vec::new());
    }
    redirect(&format!("/login?{}", encode_form([("back", back)])), Vec::new())
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
