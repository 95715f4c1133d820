//! `/login`: an operator brings their token, and is given a pass; `/logout`: the browser forgets that.

use super::pass::{COOKIE, OperatorCookie};
use super::seat::Frame;
use crate::app::App;
use crate::form;
use crate::operator::duty;
use crate::pages::act::see;
use crate::pages::guard::secured;
use crate::pages::visit;
use crate::sender::ClientInfo;
use askama::Template;
use axum::extract::{Request, State};
use axum::response::Response;
use guanxi_api::param::Secret;
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

/// Takes a token, and gives a pass for it.
pub async fn enter(State(app): State<App>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let sender = ClientInfo::new(parts.headers.clone(), parts.extensions.get());
    let token = form::read(&parts, body, &app.limits)
        .await
        .ok()
        .and_then(|form| form.params.read::<Secret>("token").ok());
    let token = token.map(|token| token.0.trim().to_owned()).unwrap_or_default();
    let known = if sender.is_cross_site() { None } else { duty::named(&app, &token).await.ok() };
    // Operators come over loopback or a tunnel, where there need be no https.
    let secure = if sender.is_secure(&app.trusted_proxies) { "; Secure" } else { "" };
    let pass = known.map(|token| OperatorCookie::new(&app.passes, &token.hash, app.now()));
    let response = pass.map_or_else(|| page(true), |pass| see("/", given(pass.text(), secure)));
    secured(response, &app.images)
}

/// Forgets the pass, unless another site's page asks for it.
pub async fn leave(State(app): State<App>, request: Request) -> Response {
    let sender = ClientInfo::new(request.headers().clone(), None);
    let gone = if sender.is_cross_site() { Vec::new() } else { given("", "; Max-Age=0") };
    secured(see("/login", gone), &app.images)
}

fn given(pass: &str, more: &str) -> Vec<HeaderValue> {
    let cookie = format!("{COOKIE}={pass}; Path=/; HttpOnly; SameSite=Strict{more}");
    HeaderValue::try_from(cookie).into_iter().collect()
}
