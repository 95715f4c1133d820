//! `/login`: by password, or with a QR code beside it; `/login/confirm`: where who has scanned one says yes.

use super::act::{self, RedisplayRequest, is_ours, see};
use super::figures;
use super::frame::{Layout, Section};
use super::guard::secured;
use super::said::Flash;
use super::visit::PageContext;
use crate::answer::ApiError;
use crate::api::passport::qrcode;
use crate::api::passport::qrcode::confirm as asked;
use crate::app::App;
use crate::call;
use crate::form;
use crate::settings::Signup;
use askama::Template;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use guanxi_api::api::passport::qrcode::confirm::{Asked, ScanQr};
use guanxi_api::api::passport::qrcode::{DrawQr, PollQr, Status};
use guanxi_api::params::{Params, encode};
use std::sync::Arc;

#[derive(Template)]
#[template(path = "login.html")]
struct Login {
    frame: Layout,
    account: String,
    /// Where to go once one is logged in.
    back: String,
    signup: bool,
    code: Option<Code>,
}

impl Login {
    /// Whether a code is shown that can be scanned.
    fn is_shown(&self) -> bool {
        self.code.as_ref().is_some_and(Code::is_alive)
    }
}

/// A code, and how far it is.
struct Code {
    status: Status,
    svg: String,
    url: String,
}

impl Code {
    fn is_alive(&self) -> bool {
        matches!(self.status, Status::Waiting | Status::Scanned)
    }

    fn is_scanned(&self) -> bool {
        self.status == Status::Scanned
    }
}

/// Shows it, or where one wanted to go, if one is logged in.
pub async fn login(visit: Arc<PageContext>) -> Result<Response, ApiError> {
    match visit.me {
        Some(_) => Ok(see(&back(&visit), Vec::new())),
        None => door(&visit, None).await,
    }
}

/// Shows a code; once it is confirmed, where one wanted to go.
pub async fn code(visit: Arc<PageContext>) -> Result<Response, ApiError> {
    if visit.me.is_some() {
        return Ok(see(&back(&visit), Vec::new()));
    }
    let key: String = visit.asked("key").unwrap_or_default();
    let (polled, cookies) = visit.ask_told(qrcode::poll, PollQr { key: key.clone() }).await?.apart()?;
    if polled.status == Status::Confirmed {
        return Ok(see(&back(&visit), cookies));
    }
    // What is alive is a key that was drawn; another may be any text.
    let alive = polled.status != Status::Expired;
    let (url, svg) = if alive { qrcode::picture(&visit.app, &key)? } else { Default::default() };
    door(&visit, Some(Code { status: polled.status, svg, url })).await
}

async fn door(visit: &PageContext, code: Option<Code>) -> Result<Response, ApiError> {
    visit.show(&Login {
        frame: visit.frame("登录", Section::Door).await?,
        account: visit.typed("account"),
        back: back(visit),
        signup: visit.app.signup == Signup::Open,
        code,
    })
}

fn back(visit: &PageContext) -> String {
    let back: Option<String> = visit.asked("back");
    back.filter(|back| is_ours(back)).unwrap_or_else(|| "/".to_owned())
}

/// Draws a code, and leads to where it is shown.
pub async fn draw(State(app): State<App>, request: Request) -> Response {
    let images = app.images.clone();
    let (parts, body) = request.into_parts();
    let again = RedisplayRequest::of(&parts);
    let drawn = async {
        let form = form::read(&parts, body, &app.limits).await?;
        let back = act::back(&form.params);
        let call = call::admit_form::<DrawQr>(&app, parts, form).await?;
        Ok::<_, ApiError>((back, qrcode::draw_code(app.clone(), call).await?.apart()?))
    };
    let response = match drawn.await {
        Ok((back, (drawn, cookies))) => {
            see(&format!("/login/qr?{}", encode([("key", drawn.key.as_str()), ("back", &back)])), cookies)
        }
        Err(reject) => not_drawn(app, again, &reject).await.unwrap_or_else(IntoResponse::into_response),
    };
    secured(response, &images)
}

/// The door again, and why there is no code.
async fn not_drawn(app: App, again: RedisplayRequest, reject: &ApiError) -> Result<Response, ApiError> {
    let said = Flash::refused(reject, Params::default());
    door(&PageContext::new(app, again.request("/login", said)).await?, None).await
}

#[derive(Template)]
#[template(path = "confirm.html")]
struct Confirm {
    frame: Layout,
    key: String,
    asked: Asked,
    time: String,
}

/// Shows who asks to be logged in.
pub async fn confirm(visit: Arc<PageContext>) -> Result<Response, ApiError> {
    visit.member()?;
    let key: String = visit.asked("key").unwrap_or_default();
    let asked = visit.ask(asked::scan, ScanQr { key: key.clone() }).await?;
    let time = figures::minute(asked.time);
    visit.show(&Confirm { frame: visit.frame("确认登录", Section::Door).await?, key, asked, time })
}
