//! `/login`: exchanges an operator's token for a cookie. `/logout`: expires the cookie.

use super::context::Layout;
use super::cookie::{COOKIE, OperatorCookie};
use crate::app::App;
use crate::auth::operator_token;
use crate::http::client_info::ClientInfo;
use crate::http::params;
use crate::http::security_headers::with_security_headers;
use crate::web::page_context;
use crate::web::preferences::Preferences;
use crate::web::redirect::redirect;
use askama::Template;
use axum::extract::Request;
use axum::response::Response;
use guanxi_types::{HttpError, Secret};
use http::{HeaderValue, StatusCode};

#[derive(Template)]
#[template(path = "operator/login.html")]
struct LoginPage {
    layout: Layout,
    is_token_invalid: bool,
}

/// Shows the login page.
pub async fn login(app: App, request: Request) -> Response {
    let preferences = Preferences::of(request.headers(), &app);
    with_security_headers(login_page(preferences, false), &app.image_origins)
}

fn login_page(preferences: Preferences, is_token_invalid: bool) -> Response {
    let status = if is_token_invalid { StatusCode::UNAUTHORIZED } else { StatusCode::OK };
    let (language, title) = (preferences.language, preferences.language.text("operator-login"));
    let page = LoginPage {
        layout: Layout { path_and_query: "/login".to_owned(), ..Layout::minimal(title, preferences) },
        is_token_invalid,
    };
    page_context::html_response(language, status, &page).unwrap_or_default()
}

/// Verifies a token and sets the cookie.
pub async fn create_session(app: App, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let client = ClientInfo::new(parts.headers.clone(), parts.extensions.get());
    let token = params::read_params(&parts, body, &app.limits)
        .await
        .ok()
        .and_then(|form| form.params.get::<Secret>("token").ok());
    let token = token.map(|token| token.0.trim().to_owned()).unwrap_or_default();
    let row = if client.is_cross_site() { None } else { operator_token::find_token(&app, &token).await.ok() };
    // Operators connect over loopback or a tunnel, possibly without HTTPS.
    let secure = if client.is_https(&app.trusted_proxies) { "; Secure" } else { "" };
    let operator_cookie =
        row.map(|token| OperatorCookie::new(&app.operator_cookie_key, &token.hash, app.now()));
    let response = match operator_cookie {
        Some(cookie) => redirect("/", set_cookie(cookie.text(), secure)),
        None => login_page(Preferences::of(&client.headers, &app), true),
    };
    with_security_headers(response, &app.image_origins)
}

/// Expires the cookie, unless the request is cross-site.
pub async fn logout(app: App, request: Request) -> Response {
    let client = ClientInfo::new(request.headers().clone(), None);
    let expired = if client.is_cross_site() { Vec::new() } else { set_cookie("", "; Max-Age=0") };
    with_security_headers(redirect("/login", expired), &app.image_origins)
}

fn set_cookie(value: &str, attributes: &str) -> Vec<HeaderValue> {
    let cookie = format!("{COOKIE}={value}; Path=/; HttpOnly; SameSite=Strict{attributes}");
    HeaderValue::try_from(cookie).into_iter().collect()
}
