//! `/login`: an operator brings their token; `/logout`: the browser forgets it.

use super::seat::{COOKIE, Frame};
use crate::app::App;
use crate::form;
use crate::operator::duty;
use crate::pages::act::see;
use crate::pages::guard::secured;
use crate::pages::visit;
use crate::sender::Sender;
use askama::Template;
use axum::extract::{Request, State};
use axum::response::Response;
use guanxi_wire::param::Secret;
use http::{HeaderValue, StatusCode};

#[derive(Template)]
#[template(path = "desk/login.html")]
struct Door {
    frame: Frame,
    wrong: bool,
}

/// Shows where the token is typed.
pub async fn door(State(app): State<App>) -> Response {
    secured(page(false), &app.images)
}

fn page(wrong: bool) -> Response {
    let status = if wrong { StatusCode::UNAUTHORIZED } else { StatusCode::OK };
    visit::html(status, &Door { frame: Frame::bare("运营登录"), wrong }).unwrap_or_default()
}

/// Takes a token, for as long as the browser is open.
pub async fn enter(State(app): State<App>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let sender = Sender::new(parts.headers.clone(), parts.extensions.get());
    let token = form::read(&parts, body, &app.limits)
        .await
        .ok()
        .and_then(|form| form.params.read::<Secret>("token").ok());
    let token = token.map(|token| token.0.trim().to_owned()).unwrap_or_default();
    let known = !sender.is_cross_site() && duty::named(&app, &token).await.is_ok();
    let secure = if sender.is_secure(&app.trusted_proxies) { "; Secure" } else { "" };
    let response = if known { see("/", held(&token, secure)) } else { page(true) };
    secured(response, &app.images)
}

/// Forgets the token.
pub async fn leave(State(app): State<App>) -> Response {
    secured(see("/login", held("", "; Max-Age=0")), &app.images)
}

/// Operators come over loopback or a tunnel, where there need be no https; a token that is known is digits alone.
fn held(token: &str, more: &str) -> Vec<HeaderValue> {
    let cookie = format!("{COOKIE}={token}; Path=/; HttpOnly; SameSite=Strict{more}");
    HeaderValue::try_from(cookie).into_iter().collect()
}
