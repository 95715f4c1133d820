//! Forms. A form is a write of the API, sent to its path behind `/do`, with `back`: the page that it leads to once it is done.
//! What is refused shows the page that the form stands on again, with why, and with what was typed: `at`, or `back` if that
//! is the same.

use super::said::{self, Flash};
use crate::answer::{ApiError, ApiResponse};
use crate::app::App;
use crate::call::{self, ApiRequest};
use crate::form;
use crate::path;
use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use guanxi_api::Endpoint;
use guanxi_api::params::Params;
use guanxi_types::ErrorCode;
use http::header::{HeaderValue, LOCATION, SET_COOKIE};
use http::request::Parts;
use http::uri::PathAndQuery;
use http::{Extensions, HeaderMap, Method, StatusCode, Uri};
use tower::ServiceExt;

/// Does what a form of some pages asks, and tells it as one of them.
pub async fn act<E, H, F, D>(
    app: App,
    pages: fn() -> Router<App>,
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
    let again = RedisplayRequest::of(&parts);
    let mut form = match form::read(&parts, body, &app.limits).await {
        Ok(form) => form,
        Err(fault) => return again.refused(pages().with_state(app), &fault.into(), Params::default()).await,
    };
    form.params = form.params.with_lists();
    let typed = form.params.clone();
    let done = match call::admit_form::<E>(&app, parts, form).await {
        Ok(call) => handler(app.clone(), call).await.map(|told| told.into().into_cookies()),
        Err(reject) => Err(reject),
    };
    match done {
        Ok(cookies) => {
            let mut response = see(&back(&typed), cookies);
            said::remember(&mut response, E::PATH, &typed);
            (Ok(()), response)
        }
        Err(reject) => again.refused(pages().with_state(app), &reject, typed).await,
    }
}

/// What the page of a form is asked for again with.
pub struct RedisplayRequest {
    headers: HeaderMap,
    extensions: Extensions,
}

impl RedisplayRequest {
    /// What a form came with.
    pub fn of(parts: &Parts) -> RedisplayRequest {
        RedisplayRequest { headers: parts.headers.clone(), extensions: parts.extensions.clone() }
    }

    async fn refused(self, pages: Router, reject: &ApiError, typed: Params) -> (Result<(), i32>, Response) {
        let at = at(&typed);
        let response = if matches!(reject, ApiError::Code(ErrorCode::NotLoggedIn)) {
            to_login(&at)
        } else {
            self.said(pages, &at, Flash::refused(reject, typed)).await
        };
        (Err(reject.number()), response)
    }

    /// The page at a path of some pages, and what is said on it.
    pub async fn said(self, pages: Router, path: &str, said: Flash) -> Response {
        pages.oneshot(self.request(path, said)).await.unwrap_or_else(|never| match never {})
    }

    /// What asks for the page at a path, and tells what is to be said on it.
    pub fn request(self, path: &str, said: Flash) -> Request {
        let mut request = Request::new(Body::empty());
        *request.method_mut() = Method::GET;
        *request.uri_mut() = path.parse().unwrap_or_default();
        *request.headers_mut() = self.headers;
        *request.extensions_mut() = self.extensions;
        request.extensions_mut().insert(said);
        request
    }
}

/// The page that a form leads to: a path of ours, and of nobody else's. The first page if it is none.
pub fn back(params: &Params) -> String {
    page(params, "back").unwrap_or("/").to_owned()
}

/// The page that a form stands on.
pub fn at(params: &Params) -> String {
    page(params, "at").map_or_else(|| back(params), str::to_owned)
}

fn page<'p>(params: &'p Params, name: &str) -> Option<&'p str> {
    let said = params.first(name).and_then(|page| std::str::from_utf8(page).ok());
    said.filter(|page| is_ours(page))
}

/// Returns the page that a request asks for, with its query unless no form may lead back to that. Every form of a page repeats
/// it, so an address of a megabyte would make pages of many.
pub fn here(uri: &Uri) -> String {
    let whole = uri.path_and_query().map(PathAndQuery::as_str);
    whole.into_iter().chain([uri.path()]).find(|here| is_ours(here)).unwrap_or("/").to_owned()
}

/// Whether a browser can be sent there, and comes to a page of the service.
pub(super) fn is_ours(path: &str) -> bool {
    path::is_own(path)
        && path.len() <= 2048
        && path.parse::<Uri>().is_ok()
        && HeaderValue::from_str(path).is_ok()
}

/// Sends the browser to a page.
pub fn see(path: &str, cookies: Vec<HeaderValue>) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::SEE_OTHER;
    let place = HeaderValue::from_str(path).unwrap_or(HeaderValue::from_static("/"));
    response.headers_mut().insert(LOCATION, place);
    response.headers_mut().extend(cookies.into_iter().map(|cookie| (SET_COOKIE, cookie)));
    response
}

/// Sends somebody who is not logged in to where they can, and from there back.
pub(super) fn to_login(back: &str) -> Response {
    if back == "/" {
        return see("/login", Vec::new());
    }
    see(&format!("/login?{}", guanxi_api::params::encode([("back", back)])), Vec::new())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_leads_to_pages_of_ours_alone() {
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
        for (path, ours) in cases {
            assert_eq!(is_ours(path), ours, "{path}");
        }
        assert!(!is_ours(&format!("/{}", "a".repeat(2048))));
    }
}
