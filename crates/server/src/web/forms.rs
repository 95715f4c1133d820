//! Form posts. A form is a write of the API, sent to the endpoint's path under `/form`.
//!
//! The field `back` is the page to redirect to on success. A rejected form redisplays its own page with the error
//! and the submitted fields. The field `at` is that page's path if it is not `back`. An operation of operators may
//! ask first ([`confirmation`](crate::web::operator::confirmation)).

use super::flash::{self, Flash};
use super::member::recovery_codes;
use super::operator;
use super::pending_follow;
use super::preferences::Preferences;
use super::redirect::{back_path, form_path, path_with_back, redirect, redirect_to_login};
use crate::app::App;
use crate::extract;
use crate::http::response::ApiError;
use crate::http::security_headers::with_security_headers;
use crate::net::route_table::{RouteTable, Router};
use crate::served_endpoint::ServedEndpoint;
use axum::body::Body;
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt;
use guanxi_api::params::Params;
use guanxi_types::ErrorCode;
use http::header::SET_COOKIE;
use http::request::Parts;
use http::{Extensions, HeaderMap, Method};

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

/// Handles a form post with the endpoint's handler, and responds with a redirect or a page of `pages`. Also returns the
/// code of the endpoint; `None` if the response only asks for a confirmation.
pub(crate) async fn handle_form(
    app: App,
    pages: fn() -> RouteTable,
    request: Request,
    endpoint: &ServedEndpoint,
) -> (Option<i32>, Response) {
    let (parts, body) = request.into_parts();
    let redisplay = RedisplayRequest::from_parts(&parts);
    // A body that was not read names no page.
    let query = Params::parse(parts.uri.query().unwrap_or_default().as_bytes());
    let mut form = match extract::read_params(&app, &parts, body, endpoint.param_location).await {
        Ok(form) => form,
        Err(error) => {
            return redisplay.show_error(app, pages, endpoint.path, &error, query).await;
        }
    };
    form.params = form.params.with_lists();
    let submitted = form.params.clone();
    let language = Preferences::of(&redisplay.headers, &app).language;
    let identified = if endpoint.is_operator() {
        operator::forms::identify_form(&app, parts, form).await
    } else {
        extract::identify_member(&app, parts, form).await
    };
    let result = match identified {
        Ok(request) if endpoint.is_operator() => {
            match operator::confirmation::question(&app, endpoint.path, &request, &submitted, language).await
            {
                Ok(Some(question)) => {
                    let page = redisplay.into_request(&form_path(&submitted), None);
                    let page = operator::confirmation::page(app, page, question, endpoint.path, &submitted);
                    return (None, page.await.unwrap_or_else(IntoResponse::into_response));
                }
                Ok(None) => endpoint.call(app.clone(), request).await,
                Err(error) => Err(error),
            }
        }
        Ok(request) => endpoint.call(app.clone(), request).await,
        Err(error) => Err(error),
    };
    match result {
        Ok(response) => {
            let response =
                match recovery_codes::show(&app, &redisplay, endpoint.path, response, &submitted).await {
                    Ok(response) => response,
                    Err(page) => return (Some(0), page),
                };
            let cookies = response.headers().get_all(SET_COOKIE).iter().cloned().collect();
            // The place of the message is the row of a list, which may be far down.
            let place = if flash::submitted_rows(&submitted).is_empty() { "" } else { "#flash" };
            let mut response = redirect(&format!("{}{place}", back_path(&submitted)), cookies);
            if !flash::has_cookie(&response) {
                flash::set_cookie(&mut response, endpoint.path, &submitted);
            }
            (Some(0), response)
        }
        Err(error) => redisplay.show_error(app, pages, endpoint.path, &error, submitted).await,
    }
}

/// Headers and extensions of a form post, for the request that redisplays its page.
pub struct RedisplayRequest {
    pub(super) headers: HeaderMap,
    extensions: Extensions,
}

impl RedisplayRequest {
    /// Copies headers and extensions from the form post.
    pub fn from_parts(parts: &Parts) -> RedisplayRequest {
        RedisplayRequest { headers: parts.headers.clone(), extensions: parts.extensions.clone() }
    }

    async fn show_error(
        self,
        app: App,
        pages: fn() -> RouteTable,
        form: &'static str,
        error: &ApiError,
        submitted: Params,
    ) -> (Option<i32>, Response) {
        let path = form_path(&submitted);
        let response = match error {
            ApiError::Code(ErrorCode::NotLoggedIn) => {
                let mut response = redirect_to_login(&path);
                pending_follow::keep(&mut response, &self.headers, &path, form, &submitted);
                response
            }
            ApiError::WithCookies(ErrorCode::SecondFactorRequired, cookies) => {
                redirect(&path_with_back("/login/factor", &back_path(&submitted)), cookies.clone())
            }
            ApiError::Code(ErrorCode::ProofRequired) => {
                redirect(&path_with_back("/prove", &path), Vec::new())
            }
            ApiError::Code(ErrorCode::FactorSetupRequired) => redirect("/security/factors", Vec::new()),
            error => {
                let language = Preferences::of(&self.headers, &app).language;
                let flash = Flash::from_error(error, form, submitted, language);
                self.show(pages().with_state(app), &path, flash).await
            }
        };
        (Some(error.code()), response)
    }

    /// Renders the page at `path` with a flash message.
    pub async fn show(self, pages: Router, path: &str, flash: Flash) -> Response {
        pages.respond(self.into_request(path, Some(flash))).await
    }

    /// Builds the request for the page at `path`, with a flash message if there is one.
    pub fn into_request(self, path: &str, flash: Option<Flash>) -> Request {
        self.to_request(path, flash)
    }

    /// Does the same as [`into_request`](RedisplayRequest::into_request) for a form that may need another page later.
    pub fn to_request(&self, path: &str, flash: Option<Flash>) -> Request {
        let mut request = Request::new(Body::empty());
        *request.method_mut() = Method::GET;
        *request.uri_mut() = path.parse().unwrap_or_default();
        *request.headers_mut() = self.headers.clone();
        *request.extensions_mut() = self.extensions.clone();
        if let Some(flash) = flash {
            request.extensions_mut().insert(flash);
        }
        request
    }
}
